# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The collection's modules on a host, without Ansible to bring them there each time.

A call by Ansible costs the controller a process, and the host an archive to unpack and Python to read it all
again: about a second of processor time for a hundredth of that in work. The tests make over a thousand calls
on each host, most of them to put something there that is then tried. So a process on the host has read the
modules once, and a fork of it is the module, with the same options, output and rights. What Ansible itself
does to a call (check mode, what it prints, what YAML has misread) is for Host.module_by_ansible.

Its other half is on_host/modules.py.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import ansible
from ansible.release import __version__
from preloaded.waiting import Waiting

HERE = Path(__file__).resolve().parent
PLUGINS = HERE.parents[1] / "plugins"
sys.path.insert(0, str(HERE.parents[1] / ".venv" / "collections"))

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.handing_over import LISTS  # noqa: E402

FOLDER = "/opt/voiceops-resident"


class Resident:
    """The modules on one host. ``connection`` is how a command is run there."""

    def __init__(self, connection: list[str]) -> None:
        self._connection = connection
        self._is_there = False
        self._processes = Waiting(self._start)

    def run(self, module: str, options: dict[str, Any]) -> dict[str, Any]:
        """Run a module with these options; return its result. Any thread may."""
        asked = json.dumps({"module": module, "options": handed_over(options)})
        result: dict[str, Any] = json.loads(self._processes.ask(asked))
        return result

    def _start(self) -> subprocess.Popen[str]:
        if not self._is_there:
            put = f"rm -rf {FOLDER} && mkdir -p {FOLDER} && tar -xzf - -C {FOLDER}"
            subprocess.run([*self._connection, put], input=_archive(), check=True)
            self._is_there = True
        return subprocess.Popen(
            [*self._connection, f"exec python3 -IB {FOLDER}/modules.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Its own: ssh has what it is given not block, and the next `ansible` would refuse that.
            stderr=subprocess.DEVNULL,
            text=True,
        )


def handed_over(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options as the collection's plugins give them to a module: lists as one text."""
    lists = {name: value for name, value in options.items() if name in LISTS and isinstance(value, list)}
    if not lists:
        return options
    others = {name: value for name, value in options.items() if name not in lists}
    return {**others, "handed_over": json.dumps({name: wire.packed_list(lists[name]) for name in lists})}


def _archive() -> bytes:
    """Return what has to be on the host: Ansible's half of a module, the collection's, and the caller."""
    file = io.BytesIO()
    collections = "ansible_collections/voiceops/asterisk/plugins"
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=1) as archive:
        archive.add(HERE / "on_host" / "modules.py", "modules.py")
        archive.add(Path(ansible.__file__).parent / "module_utils", "ansible/module_utils", filter=_source)
        for name in ("modules", "module_utils"):
            archive.add(PLUGINS / name, f"{collections}/{name}", filter=_source)
        version = f"__version__ = {__version__!r}\n".encode()
        entry = tarfile.TarInfo("ansible/__init__.py")
        entry.size = len(version)
        archive.addfile(entry, io.BytesIO(version))
    return file.getvalue()


def _source(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith(("__pycache__", ".ps1", ".psm1", ".cs")) else entry
