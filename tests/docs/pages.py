"""The pages of this project, and the code in them."""

import dataclasses
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pages():
    yield from (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "examples/systemd/README.md")
    yield from sorted((ROOT / "docs").glob("*.md"))


@dataclasses.dataclass
class Block:
    page: pathlib.Path
    line: int  # of its first line of code
    language: str
    text: str
    number: int = 0  # among those of the page in its language

    @property
    def place(self):
        return f"{self.page.relative_to(ROOT)}:{self.line}"

    @property
    def include(self):
        """The file that holds it where tests are compiled."""
        return f"{self.page.stem}.{self.number}.inc"


def width(line):
    return len(line) - len(line.lstrip(" "))


def raw_blocks(page):
    """Fenced blocks, and those that Markdown takes for code by their indentation: commands of a shell."""
    lines = page.read_text().splitlines()
    item = 0  # where the text of the list's item begins
    index = 0
    while index < len(lines):
        line = lines[index]
        fence = re.match(r" *```(.*)", line)
        follows_a_blank = index == 0 or not lines[index - 1].strip()
        first = index + bool(fence)
        if fence:
            index = first
            while lines[index].strip() != "```":
                index += 1
            yield Block(page, first + 1, fence[1], "\n".join(lines[first:index]) + "\n")
        elif line.strip() and follows_a_blank and width(line) >= item + 4:
            while index < len(lines) and (not lines[index].strip() or width(lines[index]) >= width(line)):
                index += 1
            code = "\n".join(text[width(line):] for text in lines[first:index])
            yield Block(page, first + 1, "sh", code.rstrip() + "\n")
            continue
        elif marker := re.match(r" *(?:[-*]|\d+\.) +", line):
            item = marker.end()
        elif line.strip() and follows_a_blank and width(line) < item:
            item = 0
        index += 1


def blocks(language=None):
    for page in pages():
        counts = {}
        for block in raw_blocks(page):
            counts[block.language] = block.number = counts.get(block.language, 0) + 1
            if language in (None, block.language):
                yield block


def the_block(page, language):
    """The first one of a page in a language."""
    return next(block for block in blocks(language) if block.page == ROOT / page)
