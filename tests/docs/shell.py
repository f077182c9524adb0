"""Commands in the pages: which of them are run, and which only looked at."""

import dataclasses
import json
import os
import re
import shlex
import subprocess

import pages

OURS = re.compile(r"(sudo |timeout -s KILL \S+ )?(resourcelock|i2cbus|two_programs) ")


@dataclasses.dataclass
class Command:
    block: pages.Block
    line: int
    text: str  # with its comment

    @property
    def place(self):
        return f"{self.block.page.relative_to(pages.ROOT)}:{self.line}"

    @property
    def is_ours(self):
        return OURS.match(self.text)

    @property
    def ends_by_ctrl_c(self):
        """Its comment says so."""
        return "until Ctrl-C" in self.text

    @property
    def ends_by_kill(self):
        return self.text.startswith("timeout -s KILL ")

    def words(self):
        return shlex.split(self.text, comments=True)


def commands():
    """One a line."""
    for block in pages.blocks("sh"):
        for number, text in enumerate(block.text.splitlines()):
            if text.strip():
                yield Command(block, block.line + number, text)


def syntax_error(block):
    shell = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, timeout=30)
    return shell.stderr.strip()


def presets():
    known = json.loads((pages.ROOT / "CMakePresets.json").read_text())
    return {preset["name"] for preset in known["configurePresets"] if not preset.get("hidden")}


def targets(build):
    shown = subprocess.run(["cmake", "--build", build, "--target", "help"], capture_output=True, text=True, timeout=60, check=True)
    return set(re.findall(r"[\w.+-]+", shown.stdout))


def mistakes(command, build):
    """What cannot be right in a command that is not run: files of ours, options of our scripts, presets and targets."""
    words = command.words()
    of_the_sources = {path.name for path in pages.ROOT.iterdir() if path.is_dir()} - {"build", "b"}
    for word in words:
        if "/" in word and os.path.normpath(word).split("/")[0] in of_the_sources and not (pages.ROOT / word).exists():
            yield f"there is no {word}"
    for option, value in zip(words, words[1:]):
        if option == "--preset" and value not in presets():
            yield f"there is no preset {value}"
        if option == "--target" and value not in targets(build):
            yield f"there is no target {value}"
    script = pages.ROOT / words[0]
    if "/" in words[0] and script.is_file():
        if not os.access(script, os.X_OK):
            yield f"{words[0]} cannot be executed"
        for word in words[1:]:
            if word.startswith("-") and word not in script.read_text():
                yield f"{words[0]} has no option {word}"
