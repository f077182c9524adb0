#!/usr/bin/env python3
"""Runs every command of the pages that is ours, with the programs in a folder, and ends with 1 if one does not end as it should.

    commands.py FOLDER
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import own_names
import shell

# The answer may be no: there is nothing to release (but behind a get), no line to recover on a simulated bus.
ANSWER = re.compile(r" (unget|reap|recover)\b")
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)
DEADLINE = 30


def stand_ins(folder):
    """sudo, and the programs of others in our examples, which say how they were called."""
    for name, script in {"sudo": 'exec "$@"', "mmcli": 'echo "$@"', "i2cdetect": 'echo "$@"'}.items():
        program = pathlib.Path(folder, name)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)


def make_a_log(environment, folder):
    """Of a program that used the bus, for those commands that read logs."""
    reader = ["two_programs", "--bus", own_names.BUS, "--input", "0", "--seconds", "0.1", "--log", "."]
    subprocess.run(reader, cwd=folder, env=environment, stdin=subprocess.DEVNULL, timeout=DEADLINE, check=True, capture_output=True)


def run(command, environment, folder):
    """What it said and its status, in a folder. In the foreground: the shell does not tell how others end."""
    text = re.sub(r"&\s*(#.*)?$", "", own_names.in_place_of_the_pages(command.text))
    process = subprocess.Popen(
        ["bash", "-c", "exec " + text],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if not command.ends_by_ctrl_c:
            return process.communicate(timeout=DEADLINE)[0], process.returncode
        first_line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        return first_line + process.communicate(timeout=DEADLINE)[0], process.returncode
    finally:
        process.kill()


def ends_as_it_should(command, status, previous):
    if command.ends_by_kill:
        return status in KILLED
    releases = " get " in previous and " unget " in command.text
    return status == 0 or (status == 1 and ANSWER.search(command.text) and not releases)


def main():
    signal.signal(signal.SIGINT, signal.default_int_handler)  # else a script's background programs ignore it, and so would ours
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        stand_ins(folder)
        pathlib.Path(folder, "docs").mkdir()
        environment = os.environ | {"PATH": f"{folder}:{sys.argv[1]}:{os.environ['PATH']}", "LC_ALL": "C"}
        make_a_log(environment, folder)
        previous = ""
        for command in shell.commands():
            if not command.is_ours:
                continue
            output, status = run(command, environment, folder)
            print(f"{command.place}: {command.text}\n{output}[ends with {status}]")
            if not ends_as_it_should(command, status, previous):
                print(f"{command.place}: this must not end so: {command.text}", file=sys.stderr)
                failed = 1
            previous = command.text
    return failed


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        own_names.remove()
