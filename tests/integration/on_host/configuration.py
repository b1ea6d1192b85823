# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Runs on a host: asks its Asterisk what it reads of configuration files, and prints that as JSON.

Standard input is a JSON list of configurations, each the text of its files by name; ``main.conf`` is the one
that is loaded. Of each it prints the sections as [name, whether it is a template, ["option=value", …]], or
null where Asterisk refuses the file.
"""

from __future__ import annotations

import json
import pathlib
import shutil
import socket
import sys

FOLDER = pathlib.Path("/etc/asterisk/asked")


def answer(stream, **headers):
    """Send an action of the manager interface; return the lines of its answer."""
    stream.write("".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode() + b"\r\n")
    stream.flush()
    lines = []
    while True:
        line = stream.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
        if line:
            lines.append(line)
        elif lines and lines[0].startswith("Response: "):
            return lines
        else:
            lines = []


def sections(lines):
    """Return the sections of an answer to GetConfig."""
    if lines[0] != "Response: Success":
        return None
    found = {}
    for line in lines[1:]:
        header, _colon, value = line.partition(": ")
        kind, *numbers = header.split("-")
        if kind == "Category":
            found[numbers[0]] = [value, False, []]
        elif kind == "IsTemplate":
            found[numbers[0]][1] = True
        elif kind == "Line":
            found[numbers[0]][2].append(value)
    return [found[number] for number in sorted(found)]


def main():
    with socket.create_connection(("127.0.0.1", 5038), timeout=30) as connection:
        stream = connection.makefile("rwb")
        stream.readline()
        answer(stream, Action="Login", Username="lab", Secret="lab", Events="off")
        read = []
        for files in json.load(sys.stdin):
            shutil.rmtree(FOLDER, ignore_errors=True)
            for name, text in files.items():
                path = FOLDER / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(text.encode())
            said = answer(stream, Action="GetConfig", Filename="asked/main.conf", Filter="TEMPLATES=include")
            read.append(sections(said))
    json.dump(read, sys.stdout)


main()
