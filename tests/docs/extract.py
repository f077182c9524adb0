#!/usr/bin/env python3
"""Writes the pages' blocks of C++ where tests include them, with the page's lines in the compiler's messages.

    extract.py FOLDER
"""

import pathlib
import shutil
import sys

import pages

folder = pathlib.Path(sys.argv[1])
shutil.rmtree(folder, ignore_errors=True)
folder.mkdir(parents=True)
for block in pages.blocks("cpp"):
    (folder / block.include).write_text(f'#line {block.line} "{block.page}"\n{block.text}')
