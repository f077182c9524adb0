#!/usr/bin/env python3
"""A program that shares a lock the way cjnfuncs.resourcelock 3.1 to 3.2.1 does, from the standard library alone.

    python_peer.py NAME [SHARED_MEM_SIZE]

Opens the lock and says "ready". Then every line on standard input is a command and gets one line as its answer:
what the call returned, or the name and text of the exception it raised. Texts are UTF-8.

    get SECONDS [INFO]     get_lock(timeout, lock_info=INFO); SECONDS may be "none"
    wait SECONDS [INFO]    the same, but says "waiting" first: two lines
    get19 SECONDS [INFO]   the same at a full second, when Python's time has no microseconds
    take SECONDS           get_lock up to the decrement: a program stalled, or about to die, before it writes its text
    write [INFO]           what comes after: the text
    unget, force           unget_lock(), unget_lock(force=True)
    post                   the post alone: a forced unget that looked before another one's post, and posts after it
    mine                   I_have_the_lock
    value, info            the semaphore's count; get_lock_info()
    setinfo TEXT           set_lock_info(TEXT)
    setinfo_unget TEXT     set_lock_info(TEXT), unget_lock() with nothing in between
    quit                   ends the program
    bench COUNT            gets and ungets so often; answers the nanoseconds of each
    exercise PATH ID       gets and ungets until told to stop, see exercise(); answers "ENTRIES ROBBED TIMEOUTS"
"""

import ctypes
import datetime
import errno
import mmap
import os
import random
import signal
import sys
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.sem_open.restype = ctypes.c_void_p
libc.sem_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint, ctypes.c_uint]
for function in (libc.sem_wait, libc.sem_trywait, libc.sem_post):
    function.argtypes = [ctypes.c_void_p]
libc.sem_getvalue.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)]
libc.shm_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.c_uint]


PR_SET_PDEATHSIG = 1  # linux/prctl.h


class timespec(ctypes.Structure):
    # time_t is a long in the default ABI of every Linux this runs on
    _fields_ = [("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long)]


libc.sem_timedwait.argtypes = [ctypes.c_void_p, ctypes.POINTER(timespec)]


class BusyError(Exception):
    """The wait timed out."""


def fail(what):
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


class Lock:
    def __init__(self, name, shared_mem_size):
        path = b"/" + os.fsencode(name)
        self.I_have_the_lock = False
        self.semaphore = libc.sem_open(path, os.O_CREAT, 0o600, 1)
        if not self.semaphore:
            fail("sem_open")
        created = False
        segment = libc.shm_open(path, os.O_RDWR, 0o600)
        if segment < 0 and ctypes.get_errno() == errno.ENOENT:
            created = True
            segment = libc.shm_open(path, os.O_RDWR | os.O_CREAT, 0o600)
            if segment >= 0:
                os.ftruncate(segment, shared_mem_size)
        if segment < 0:
            fail("shm_open")
        self.map = mmap.mmap(segment, os.fstat(segment).st_size)
        os.close(segment)
        if created:
            self.set_lock_info("")

    def decrement(self, timeout):
        if timeout is None:
            result = libc.sem_wait(self.semaphore)
        elif timeout == 0:
            result = libc.sem_trywait(self.semaphore)
        else:
            end = time.time() + timeout  # CLOCK_REALTIME, as sem_timedwait has it
            result = libc.sem_timedwait(
                self.semaphore, ctypes.byref(timespec(int(end), int(end % 1 * 1_000_000_000)))
            )
        if result != 0:
            if ctypes.get_errno() in (errno.EAGAIN, errno.ETIMEDOUT):
                raise BusyError
            fail("sem_timedwait")

    def write_text(self, info, now=None):
        self.set_lock_info(f"{now or datetime.datetime.now()} - {info}")  # a raise here leaves the lock taken
        self.I_have_the_lock = True

    def get_lock(self, timeout, info, now=None):
        try:
            self.decrement(timeout)
        except BusyError:
            return False
        self.write_text(info, now)
        return True

    def unget_lock(self, force=False):
        if self.value() != 0:
            return False
        if not self.I_have_the_lock and not force:
            return False
        libc.sem_post(self.semaphore)
        self.I_have_the_lock = False
        return True

    def value(self):
        count = ctypes.c_int()
        libc.sem_getvalue(self.semaphore, ctypes.byref(count))
        return count.value

    def set_lock_info(self, text):
        self.map.seek(0)
        self.map.write((text + "\0").encode())

    def get_lock_info(self):
        self.map.seek(0)
        characters = []
        while (byte := self.map.read_byte()) != 0:
            characters.append(chr(byte))
        return "".join(characters)


def exercise(lock, path, identity):
    """Holds the lock again and again, and looks whether it is alone.

    The file holds words of 8 bytes: whoever entered last, whether to stop, when somebody entered last, the longest
    time without an entry. Every holder writes its own identity into the first when it enters, so it finds another
    one there when somebody entered during its hold. A hold that somebody else released shows in the unget, which then
    finds the lock free, or another one's text.
    """
    with open(path, "r+b", buffering=0) as file:
        words = memoryview(mmap.mmap(file.fileno(), 4096)).cast("Q")
    inside, stop, last_entry, longest_gap = range(4)
    entries = robbed = timeouts = 0
    while not words[stop]:
        if not lock.get_lock(1.0, f"exercise {identity}"):
            timeouts += 1
            continue
        words[inside] = identity
        text = lock.get_lock_info()
        now = time.monotonic_ns()
        words[longest_gap] = max(words[longest_gap], now - words[last_entry])
        words[last_entry] = now
        entries += 1
        end = time.monotonic() + random.uniform(0, 0.0002)
        while words[inside] == identity and time.monotonic() < end:
            pass
        alone = words[inside] == identity and lock.get_lock_info() == text
        released = lock.unget_lock()
        if not alone or not released:
            robbed += 1
            lock.I_have_the_lock = False
    return f"{entries} {robbed} {timeouts}"


def run(lock, command, rest):
    def timed():
        seconds, _, info = rest.partition(" ")
        return (None if seconds == "none" else float(seconds)), info

    if command == "get":
        return lock.get_lock(*timed())
    if command == "wait":
        print("waiting", flush=True)
        return lock.get_lock(*timed())
    if command == "get19":
        return lock.get_lock(*timed(), datetime.datetime.now().replace(microsecond=0))
    if command == "take":
        try:
            lock.decrement(timed()[0])
        except BusyError:
            return False
        return True
    if command == "write":
        return lock.write_text(rest)
    if command == "unget":
        return lock.unget_lock()
    if command == "force":
        return lock.unget_lock(force=True)
    if command == "post":
        return libc.sem_post(lock.semaphore)
    if command == "mine":
        return lock.I_have_the_lock
    if command == "value":
        return lock.value()
    if command == "info":
        return lock.get_lock_info().encode("latin-1").decode(errors="replace")  # it reads UTF-8 as Latin-1
    if command == "setinfo":
        return lock.set_lock_info(rest)
    if command == "setinfo_unget":
        lock.set_lock_info(rest)
        return lock.unget_lock()
    if command == "bench":
        start = time.monotonic_ns()
        for _ in range(int(rest)):
            lock.get_lock(1.0, "i" * 23)
            lock.unget_lock()
        return (time.monotonic_ns() - start) // int(rest)
    if command == "exercise":
        path, identity = rest.split()
        return exercise(lock, path, int(identity))
    raise ValueError(f"no command {command}")


def main():
    sys.stdin.reconfigure(encoding="utf-8")
    sys.stdout.reconfigure(encoding="utf-8")
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the end of a killed test, also of its busy peers
    name = sys.argv[1]
    size = int(sys.argv[2]) if len(sys.argv) > 2 else 4096
    try:
        lock = Lock(name, size)
    except (OSError, ValueError) as error:
        print(f"{type(error).__name__}: {error}", flush=True)
        return 1
    print("ready", flush=True)
    for line in sys.stdin:
        command, _, rest = line.rstrip("\n").partition(" ")
        if command == "quit":
            break
        try:
            answer = str(run(lock, command, rest))
        except Exception as error:  # whatever it is, the test wants to see it
            answer = f"{type(error).__name__}: {error}"
        print(answer, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
