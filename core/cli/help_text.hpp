#pragma once

namespace resourcelock::cli {

/// No line is longer than 80 columns.
constexpr auto help_text =
    R"(usage: resourcelock [-h] [-V] [-v] [-t SEC] [-m TEXT] [-a SEC] [-u SEC]
                    LockName {get,unget,state,trace,doctor}
       resourcelock [-v] LockName {reap,remove,stats}
       resourcelock LockName run [-n | -w SEC] [-E CODE] -- COMMAND...
       resourcelock LockName run [-n | -w SEC] [-E CODE] -c 'SHELL'
       resourcelock LockName timeline LOG... [-o FILE] [--from SEC] [--to SEC]
       resourcelock list [-J] [-n] [-o COLUMNS]

Inter-process lock mechanism: named locks shared by the programs of this
machine, also with Python programs that use cjnfuncs.resourcelock

commands:
  get:    Get/set the lock named LockName.  It stays set when this program ends,
          until 'unget'.  '-a' specifies an automatic timed unget (only applied
          if the get was successful).
  unget:  Force-release LockName.  '--if-dead': only if its holder has died.
  state:  Print the current state of LockName.
  trace:  Continuously print the state of LockName.  '-u' specifies update
          interval.  '--changes': one line for each change.  Ctrl-C to exit.
  doctor: Explain LockName: who holds it and whether that lives, which processes
          have it open, what is wrong and the command that mends it.  Changes
          nothing; as root it sees all processes.
  run:    Hold LockName while a program runs that knows nothing of it.
  list:   Print all locks on this machine.  (A lock of that name is '/list'.)
  reap:   Free LockName if its holder has died.
  remove: Remove the files of LockName, unless it is held.
  stats:  Print how often LockName was taken, by C++ programs.
  timeline: Draw who waited for and held LockName when, as a picture (SVG), from
          log files of programs ('man 1 resourcelock' tells how to make them).

positional arguments:
  LockName              Name of the system-wide lock to access

options:
  -h, --help            show this help message and exit
  -t SEC, --get-timeout SEC
                        Timeout value for a get call (default 0.5 sec, -1 for no
                        timeout)
  -m TEXT, --message TEXT
                        Lock get/unget debug message text (default 'cli', of run
                        the command)
  -a SEC, --auto-unget SEC
                        After a successful get, unget the lock in (float) sec,
                        or earlier on SIGINT or SIGTERM
  -u SEC, --update SEC  Trace update interval (default 0.5 sec; 0.01 sec with
                        --changes)
  -v, --verbose         Print log messages too, and who holds the lock (-vv for
                        debug level logging)
  -V, --version         show program's version number and exit

options of run:
  -n, --nb, --nonblock  Fail at once if the lock is held (default: wait for it)
  -w SEC, --wait SEC, --timeout SEC
                        Wait for it so long, then fail
  -E CODE, --conflict-exit-code CODE
                        Exit code of such a failure (default 1)
  -c SHELL, --command SHELL
                        Let a shell run this command

options of list, state, trace --changes and stats:
  -J, --json            Print JSON
  -n, --noheadings      list: print no headings
  -o COLUMNS, --output COLUMNS
                        list: print these columns, of NAME,STATE,OWNER,PID,
                        COMMAND,SINCE,HELD,WAITERS,MODE,INFO

options of timeline:
  -o FILE, --output FILE
                        Write the picture there (default: standard output)
  --from SEC, --to SEC  Show this time only, counted from the first event

exit codes:
  0                     done; also a trace ended, or a '-a' cut short, by SIGINT
                        or SIGTERM
  1                     get: timed out, or interrupted while waiting; unget,
                        reap: there was nothing to release; run: the lock is
                        held; remove: the lock is held, or does not exist;
                        stats: it does not exist; doctor: something is wrong
  64                    wrong usage
  69                    run: the command cannot be executed
  71                    anything else, such as no permission; one line on
                        standard error says what to do
  other                 run: the command's own, or 128 + the number of the
                        signal that ended it

examples:
  resourcelock modem run -w 5 -- mmcli -m 0
  resourcelock i2c-1 get -m wiring && { solder; resourcelock i2c-1 unget; }
  sudo resourcelock list -o NAME,STATE,PID,COMMAND

More: man 1 resourcelock, man 7 resourcelock
)";

} // namespace resourcelock::cli
