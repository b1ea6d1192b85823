# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of variables Ansible cannot read, and why.

Ansible (2.19 to 2.22) names no file when it cannot decrypt or parse one of group_vars or host_vars.
"""

from __future__ import annotations

import os
import typing as t

_FOLDERS = ("group_vars", "host_vars")
#: Those that Ansible reads there (the plugin host_group_vars).
_ENDINGS = ("", ".yml", ".yaml", ".json")


def unreadable(folders: t.Iterable[str], load: t.Callable[[str], t.Any]) -> list[str]:
    """Return a line for each file of variables beside an inventory or a playbook that ``load`` refuses.

    ``load`` raises an exception whose text is the cause.
    """
    lines = []
    for file in _files(folders):
        try:
            load(file)
        except Exception as error:  # whatever a parser or a vault raises
            lines.append(f"{file}: {_cause(error)}")
    return lines


def _files(folders: t.Iterable[str]) -> t.Iterator[str]:
    for folder in dict.fromkeys(folders):
        for kind in _FOLDERS:
            for path, below, names in os.walk(os.path.join(folder, kind)):
                below[:] = sorted(name for name in below if not name.startswith("."))
                for name in sorted(names):
                    if os.path.splitext(name)[1] in _ENDINGS and not name.startswith("."):
                        yield os.path.join(path, name)


def _cause(error: BaseException) -> str:
    """Return the innermost cause in one line: what is around it blames the reader."""
    while error.__cause__ is not None:
        error = error.__cause__
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        # The whole text of a YAML error may quote the file, which may be a decrypted vault.
        return f"line {mark.line + 1}, column {mark.column + 1}: {getattr(error, 'problem', '')}"
    return " ".join(str(error).split())
