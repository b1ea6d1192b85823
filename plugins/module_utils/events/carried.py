# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The reader as one text for the standard input of Python on a host: nothing has to be installed there.

Pure but for reading the library's own files.
"""

from __future__ import annotations

import json
import shlex
import typing as t
from pathlib import Path

_LIBRARY = Path(__file__).resolve().parents[1]
#: What the reader imports, and nothing else: a unit test runs it with these alone.
_FILES = (
    "host/beneath.py",
    "asterisk/ami.py",
    "asterisk/listening.py",
    "asterisk/registration.py",
    "events/record.py",
    "events/attempts.py",
    "events/reader.py",
)
_ROOT = "voiceops_events"
#: The whole program is in the first line; what follows on standard input is nothing, until it ends.
_BEGIN = "import json,sys;exec(json.loads(sys.stdin.buffer.readline()))"
_PROGRAM = """
import importlib.abc, importlib.util, json, sys
class Carried(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    texts = json.loads({texts!r})
    def find_spec(self, name, path=None, target=None):
        if name not in self.texts:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=not self.texts[name])
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        exec(compile(self.texts[module.__name__], module.__name__, "exec"), module.__dict__)
sys.meta_path.insert(0, Carried())
from {root}.events.reader import run
run({kinds!r}, {interval!r})
"""


def command(before: t.Sequence[str], python: str, *, become: bool) -> list[str]:
    """Return the command that waits for the program; ``before`` are the words of ssh, or none for here."""
    words = [*(["sudo", "-n"] if become else []), python, "-IBc", _BEGIN]
    return [*before, shlex.join(words)] if before else words


def program(kinds: t.Sequence[str], interval: float) -> bytes:
    """Return what is written to its standard input."""
    texts = {_ROOT: ""}
    for path in _FILES:
        wing, name = path.split("/")
        texts[f"{_ROOT}.{wing}"] = ""
        texts[f"{_ROOT}.{wing}.{name[:-3]}"] = (_LIBRARY / path).read_text(encoding="utf-8")
    text = _PROGRAM.format(texts=json.dumps(texts), root=_ROOT, kinds=tuple(kinds), interval=float(interval))
    return json.dumps(text).encode("ascii") + b"\n"
