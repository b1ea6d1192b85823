# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which file of variables Ansible cannot read, and why.

Ansible (2.19 to 2.22) names no file when it cannot decrypt or parse one of group_vars or host_vars.
"""

from __future__ import annotations

import os
import typing as t

_VAULT = b"$ANSIBLE_VAULT"
_FOLDERS = ("group_vars", "host_vars")
#: Those that Ansible reads there (the plugin host_group_vars).
_ENDINGS = ("", ".yml", ".yaml", ".json")
#: What Ansible says where the line of a mistake has a tab, and what YAML says if the tab is the mistake.
_TAB = "Tabs are usually invalid"
_NO_TOKEN = "that cannot start any token"
#: What to do, by the words of Ansible or YAML for what is wrong.
_CURES = {
    _NO_TOKEN: "is it a tab? Indent with spaces; put a value that begins with @, % or ` in quotes",
    "mapping values are not allowed": "put a value with ': ' in quotes",
    "no vault secrets were found that could decrypt": (
        "is the vault password wrong? ansible.cfg names its file: vault_password_file"
    ),
}


class Unreadable(t.NamedTuple):
    """A file of variables that cannot be read."""

    file: str
    #: The host or group whose variables it has.
    name: str
    cause: str

    def __str__(self) -> str:
        return f"{self.file}: {self.cause}"

    @property
    def is_vault(self) -> bool:
        """Whether it is encrypted as a whole."""
        try:
            with open(self.file, "rb") as file:
                return file.read(len(_VAULT)) == _VAULT
        except OSError:
            return False


def unreadable(folders: t.Iterable[str], load: t.Callable[[str], t.Any]) -> list[str]:
    """Return a line for each file of variables beside an inventory or a playbook that ``load`` refuses.

    ``load`` raises an exception whose text is the cause.
    """
    return [str(each) for each in unreadable_files(folders, load)]


def unreadable_files(
    folders: t.Iterable[str], load: t.Callable[[str], t.Any], names: t.Container[str] | None = None
) -> list[Unreadable]:
    """Return the files that ``load`` refuses; with ``names`` only those of these hosts and groups."""
    found = []
    for file, name in _files(folders):
        if names is None or name in names:
            try:
                load(file)
            except Exception as error:  # whatever a parser or a vault raises
                found.append(Unreadable(file, name, cause_of(error)))
    return found


def _files(folders: t.Iterable[str]) -> t.Iterator[tuple[str, str]]:
    """Give each file with the host or group whose variables it has."""
    for folder in dict.fromkeys(folders):
        for kind in _FOLDERS:
            top = os.path.join(folder, kind)
            for path, below, names in os.walk(top):
                below[:] = sorted(name for name in below if not name.startswith("."))
                for name in sorted(names):
                    if os.path.splitext(name)[1] in _ENDINGS and not name.startswith("."):
                        file = os.path.join(path, name)
                        first = os.path.relpath(file, top).split(os.sep, maxsplit=1)[0]
                        ending = os.path.splitext(first)[1]
                        is_file = path == top and ending in _ENDINGS
                        yield file, first.removesuffix(ending) if is_file else first


def cause_of(error: BaseException) -> str:
    """Return the innermost cause of an error in one line: what is around it blames the reader."""
    has_tab = False
    while error.__cause__ is not None:
        has_tab = has_tab or _TAB in str(error)
        error = error.__cause__
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        # The whole text of a YAML error may quote the file, which may be a decrypted vault.
        problem = str(getattr(error, "problem", ""))
        where = f"line {mark.line + 1}, column {mark.column + 1}"
        if has_tab and _NO_TOKEN in problem:
            return f"{where}: a tab; indent with spaces"
        return f"{where}: {_with_cure(problem)}"
    return _with_cure(" ".join(str(error).split()))


def _with_cure(cause: str) -> str:
    for words, cure in _CURES.items():
        if words in cause:
            return f"{cause.rstrip('.')}; {cure}"
    return cause
