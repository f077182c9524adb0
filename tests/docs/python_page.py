#!/usr/bin/env python3
"""Runs the Python code of docs/python.md, while the lock is free and while a program of ours holds it.

    python_page.py PROGRAM

It uses cjnfuncs where that is installed, and else what stands in for it in tests/interop.
"""

import subprocess
import sys

import own_names
import pages

STAND_IN = """
import sys, types
try:
    import cjnfuncs.resourcelock
except ImportError:
    sys.path.append({interop!r})
    import python_peer

    class resource_lock(python_peer.Lock):
        def __init__(self, lockname, shared_mem_size=4096):
            super().__init__(lockname, shared_mem_size)

        def get_lock(self, timeout=1.0, same_process_ok=False, lock_info=""):
            return super().get_lock(timeout, lock_info)

    module = types.ModuleType("cjnfuncs.resourcelock")
    module.resource_lock = resource_lock
    sys.modules["cjnfuncs"] = types.ModuleType("cjnfuncs")
    sys.modules["cjnfuncs.resourcelock"] = module
"""


def run_the_code():
    code = own_names.in_place_of_the_pages(pages.the_block("docs/python.md", "python").text)
    code = STAND_IN.format(interop=str(pages.ROOT / "tests/interop")) + code
    return subprocess.run([sys.executable, "-c", code], timeout=30, check=True, capture_output=True, text=True).stdout


def main():
    while_free = run_the_code()
    subprocess.run([sys.argv[1], "-m", "a C++ program", own_names.LOCK, "get"], timeout=30, check=True)
    while_held = run_the_code()
    subprocess.run([sys.argv[1], own_names.LOCK, "unget"], timeout=30, check=True)
    print(while_free, while_held)
    return 0 if while_free == "the bus is ours\n" and while_held.endswith(" - a C++ program\n") else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        own_names.remove()
