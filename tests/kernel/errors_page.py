#!/usr/bin/env python3
"""Writes docs/errors.md from what the emulated boards answered when tests/kernel/run-all last ran them.

    errors_page.py            writes the page
    errors_page.py --check    says where the page differs from it, and ends with 1
"""

import difflib
import json
import os
import pathlib
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
root = here.parents[1]
page = root / "docs" / "errors.md"
lab = pathlib.Path(os.environ.get("RESOURCELOCK_LAB", root / "build" / "kernel-lab"))

intro = """\
# What adapters answer, and what the library makes of it

Written by `tests/kernel/errors_page.py` from runs on emulated boards with real kernels and drivers (`tests/kernel/run-all`, which
fails on a PC when a board answers otherwise). A cell is the kernel's answer to the bare ioctl, then the library's to the same transaction:
its condition (`i2c_errc`), or **ok**. Where the kernel says ok and the library does not, it refuses before anything is sent, because the
kernel would have dropped a flag silently or have answered with bytes that mean nothing; because a device gets no register from a write of
0 bytes; or because the address belongs to a driver of the kernel. (But for the block of i2c-imx: there the device told a length of 0,
which this driver lets pass.)

Some answers are not what hardware says. The emulated i2c-imx never tells its driver of a missing acknowledge, so the driver times out
(it has ENXIO for that); its address 0x80 is 0 on the wires, where the emulated devices answer. The emulated i2c-bcm2835 makes no repeated
start between two writes (EIO). The emulated i2c-i801 checks no checksum. i2c-stub, which has no wires, says ENODEV where no chip is.
"""

injected_intro = """\
## Each errno of a driver

From adapters that fail on demand (`tests/kernel/faulty_adapter.cpp`). The third column is what error texts say; the last ones how
often the library asked before it gave up, an adapter that takes messages and one that takes SMBus calls only. More tries are for the
caller to ask for (`i2c_retry`).
"""


def answers():
    lines = []
    for board, *suites in (line.split() for line in subprocess.check_output([here / "run", "--list"], text=True).splitlines()):
        file = lab / board / "errno.jsonl"
        if "errno_table" not in suites:
            continue
        if not file.exists():
            sys.exit(f"{file} is missing: run tests/kernel/run {board}")
        lines += [json.loads(line) for line in file.read_text().splitlines()]
    return lines


def table(head, rows):
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *rows]) + "\n"


def cell(answer):
    if answer is None:
        return ""
    if answer["kernel"] == answer["library"] == "ok":
        return "ok"
    return f"{answer['kernel']} → {answer['library']}"


def injected_rows(found):
    """A row for each errno and meaning: one for both adapters if they agree."""
    tries = {}
    for line in found:
        if "injected" in line:
            key = line["injected"], line["library"], line.get("says", "(the errno's own)")
            tries.setdefault(key, {})[line["as"]] = str(line["tries"])
    return [[*key, times.get("messages", ""), times.get("SMBus", "")] for key, times in tries.items()]


def text():
    found = answers()
    by_adapter = [line for line in found if "adapter" in line]
    adapters = sorted({line["adapter"] for line in by_adapter})
    cases = list(dict.fromkeys(line["case"] for line in by_adapter))
    at = {(line["case"], line["adapter"]): line for line in by_adapter}
    rows = [[case, *(cell(at.get((case, adapter))) for adapter in adapters)] for case in cases]
    says = {line["library"]: line["says"] for line in found if "says" in line}
    return "\n".join([
        intro,
        table(["case", *adapters], rows),
        "Error texts call these conditions: " + "; ".join(f"`{name}` \"{words}\"" for name, words in sorted(says.items())) + ".\n",
        injected_intro,
        table(["errno", "condition", "text", "tries: messages", "SMBus"], injected_rows(found)),
    ])


def main():
    if sys.argv[1:] == ["--check"]:
        differences = list(difflib.unified_diff(page.read_text().splitlines(), text().splitlines(),
                                                "docs/errors.md", "as the boards answered", lineterm=""))
        print("\n".join(differences))
        sys.exit("docs/errors.md: run tests/kernel/errors_page.py, and look at the difference" if differences else 0)
    if sys.argv[1:]:
        sys.exit(__doc__)
    page.write_text(text())


main()
