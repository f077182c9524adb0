#!/usr/bin/env python3
"""Builds the program of README.md with the lines for CMake beside it, against the installed library, and runs it.

    program.py PREFIX CXX
"""

import pathlib
import subprocess
import sys
import tempfile

import own_names
import pages


def main():
    prefix, compiler = sys.argv[1:]
    program = pages.the_block("README.md", "cpp").text
    lines = pages.the_block("README.md", "cmake").text
    find, rest = lines.split("\n", 1)  # the target is to be linked after it was added
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "tempmon.cpp").write_text(own_names.in_place_of_the_pages(program))
        (folder / "CMakeLists.txt").write_text(
            f"cmake_minimum_required(VERSION 3.25)\nproject(tempmon LANGUAGES CXX)\n{find}\nadd_executable(tempmon tempmon.cpp)\n{rest}"
        )
        options = [f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={compiler}"]
        for command in (["cmake", "-S", folder, "-B", folder / "b", *options], ["cmake", "--build", folder / "b"]):
            subprocess.run(command, check=True, timeout=300)
        said = subprocess.run([folder / "b/tempmon"], check=True, timeout=30, capture_output=True, text=True).stdout
    print(said)
    return 0 if said == "25.00 C\n" else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    finally:
        own_names.remove()
