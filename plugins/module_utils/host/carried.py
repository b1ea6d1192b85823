# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Parts of the library as one text for the standard input of Python on a host: nothing has to be there.

Pure but for reading the library's own files.
"""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

_LIBRARY = Path(__file__).resolve().parents[1]
_ROOT = "voiceops_carried"
#: What Python is told to do: the first line of its standard input is the program. The rest is for that.
BEGIN = "import json,sys;exec(json.loads(sys.stdin.buffer.readline()))"
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
from {root}.{module} import run
run(*{arguments!r})
"""


def program(files: t.Sequence[str], *arguments: t.Any) -> bytes:
    """Return a line for BEGIN, which calls ``run`` of the last of these files with these arguments.

    ``files`` are paths in the library such as ``host/beneath.py``, all that is imported among them; of an
    argument its ``repr`` is what arrives.
    """
    texts = {_ROOT: ""}
    for path in files:
        wing, name = path.split("/")
        texts[f"{_ROOT}.{wing}"] = ""
        texts[f"{_ROOT}.{wing}.{name[:-3]}"] = (_LIBRARY / path).read_text(encoding="utf-8")
    module = files[-1][:-3].replace("/", ".")
    text = _PROGRAM.format(texts=json.dumps(texts), root=_ROOT, module=module, arguments=arguments)
    return json.dumps(text).encode("ascii") + b"\n"
