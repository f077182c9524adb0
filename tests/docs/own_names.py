"""Locks and buses of a test instead of those that the pages name, which programs of this machine may use."""

import os
import pathlib
import re

TAG = f"docs-{os.getpid()}-test"
BUS = f"sim:{TAG}"
LOCK = f"i2c-sim-{TAG}"  # of that bus


def in_place_of_the_pages(text):
    text = re.sub(r"\bi2c-1\b", LOCK, text)
    text = re.sub(r"(i2cbus \w+) 1\b", rf"\1 {BUS}", text)
    text = text.replace("sim:demo", BUS).replace("i2c-sim-demo", LOCK)
    text = text.replace('i2c_bus bus{"1"}', f'i2c_bus bus{{"{BUS}"}}')
    return re.sub(r"\bmodem\b", f"{TAG}-modem", text)


def remove():
    for file in pathlib.Path("/dev/shm").glob(f"*{TAG}*"):
        file.unlink()
