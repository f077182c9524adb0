#!/usr/bin/env python3
"""Nothing in the pages may be without a test: ends with 1 and says which code, command or test's name that is.

    covered.py BUILD
"""

import fnmatch
import re
import sys

import pages
import shell

HERE = pages.ROOT / "tests/docs"


def not_run():
    for line in (HERE / "not_run").read_text().split("\n\n", 1)[1].splitlines():
        pattern, _, why = line.rpartition(": ")
        yield pattern if why.strip() else "[without a reason]"


def code_without_a_test():
    includes = "".join(source.read_text() for source in HERE.glob("*.cpp"))
    complete = [pages.the_block("README.md", language) for language in ("cpp", "cmake")]  # program.py
    complete.append(pages.the_block("docs/python.md", "python"))  # python_page.py
    for block in pages.blocks():
        if block.language == "sh" or block in complete:
            continue
        if block.language != "cpp":
            yield f"{block.place}: no test takes this code (language '{block.language}')"
        elif f'#include "{block.include}"' not in includes:
            yield f'{block.place}: no test in tests/docs includes "{block.include}"'


def commands_without_a_test(build):
    patterns = set(not_run())
    unused = set(patterns)
    for block in pages.blocks("sh"):
        if error := shell.syntax_error(block):
            yield f"{block.place}: {error}"
    for command in shell.commands():
        if command.is_ours:
            continue
        fitting = {pattern for pattern in patterns if fnmatch.fnmatchcase(command.text.split(" #")[0].rstrip(), pattern)}
        unused -= fitting
        if not fitting:
            yield f"{command.place}: neither run, nor in tests/docs/not_run: {command.text}"
        for mistake in shell.mistakes(command, build):
            yield f"{command.place}: {mistake}"
    for pattern in sorted(unused):
        yield f"tests/docs/not_run: no page has {pattern}"


def tests_that_do_not_exist():
    sources = "".join(source.read_text() for source in (pages.ROOT / "tests").rglob("*.cpp"))
    exist = {".".join(name) for name in re.findall(r"^TEST(?:_F|_P)?\((\w+),\s*(\w+)\)", sources, re.M)}
    named = re.findall(r"`(\w+\.\w+)`", (pages.ROOT / "docs/faults.md").read_text())
    if not named:
        yield "docs/faults.md names no test"
    for name in named:
        if name not in exist:
            yield f"docs/faults.md: there is no test {name}"


def main():
    found = [*code_without_a_test(), *commands_without_a_test(sys.argv[1]), *tests_that_do_not_exist()]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
