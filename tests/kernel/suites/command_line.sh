# The program resourcelock, by hand.

command_line_works() {
    exits_with 0 resourcelock lab get -m "on the board" || return
    exits_with 1 resourcelock lab get -t 0.1 || return
    prints "Currently locked: <True>" resourcelock lab state || return
    prints "on the board" resourcelock lab state || return
    exits_with 0 resourcelock lab unget || return
    exits_with 1 resourcelock lab unget || return
    prints "Currently locked: <False>" resourcelock lab state || return
    exits_with 64 resourcelock lab
}

# Runs a function with the pid of a holder, which it may kill.
with_lock_holder() {
    local holder code=0
    resourcelock lab get -a 100 -m "the holder" &
    holder=$!
    soon prints "Holder: <alive>" resourcelock lab state -v && "$@" $holder || code=1
    kill $holder 2>/dev/null
    wait $holder
    [ $code = 0 ] && exits_with 0 resourcelock lab get -t 2 && exits_with 0 resourcelock lab unget
}

killed_holder_frees_the_lock() {
    exits_with 1 resourcelock lab get -t 0.1 || return
    kill -9 "$1"
    exits_with 0 resourcelock lab get -t 2 || return
    exits_with 0 resourcelock lab unget
}

run_holds_the_lock() {
    exits_with 7 resourcelock lab run -- sh -c 'resourcelock lab get -t 0.1; [ $? = 1 ] && exit 7' || return
    prints "Currently locked: <False>" resourcelock lab state || return
    resourcelock lab get || return
    exits_with 9 resourcelock lab run -w 0.1 -E 9 -- true || return
    exits_with 0 resourcelock lab unget
}

listed() { resourcelock list -n -o NAME,STATE,PID,INFO | tr -s ' '; }

holder_is_explained() {
    prints "lab held $1 the holder" listed || return
    exits_with 0 resourcelock lab doctor || return
    prints "is held by resourcelock (pid $1, " resourcelock lab doctor || return
    exits_with 1 resourcelock lab reap # it lives
}

dead_holder_is_explained_and_reaped() {
    kill -9 "$1"
    soon prints "lab dead $1 the holder" listed || return
    exits_with 1 resourcelock lab doctor || return
    prints "to mend it: resourcelock lab reap" resourcelock lab doctor || return
    exits_with 0 resourcelock lab reap || return
    prints "lab free" listed || return
    exits_with 1 resourcelock lab reap
}

changes_are_traced() {
    resourcelock lab trace --changes >/tmp/changes &
    local tracer=$!
    soon grep -q " free" /tmp/changes || return
    exits_with 0 resourcelock lab get -m "for the trace" || return
    soon grep -q "for the trace" /tmp/changes || return
    exits_with 0 resourcelock lab unget || return
    soon sh -c 'tail -n 1 /tmp/changes | grep -q " free"' || return
    kill $tracer
    wait $tracer
}

acquisitions_are_counted() {
    resourcelock counted run -- true || return
    resourcelock counted run -- true || return
    prints "<counted> Acquisitions: <2>, Contended: <0>" resourcelock counted stats || return
    exits_with 0 resourcelock counted remove
}

suite_command_line() {
    check "get, state, unget and their exit codes" command_line_works
    check "a killed holder frees the lock" with_lock_holder killed_holder_frees_the_lock
    check "run holds the lock for a command" run_holds_the_lock
    check "list and doctor say who holds a lock" with_lock_holder holder_is_explained
    check "list and doctor know a dead holder, and reap frees its lock" with_lock_holder dead_holder_is_explained_and_reaped
    check "trace --changes shows each" changes_are_traced
    check "stats counts" acquisitions_are_counted
}
