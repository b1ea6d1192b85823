# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Ansible loads little on the controller in a run that has nothing to do.

Most of the library is for the host. When all of it was loaded here too, that was a tenth of the processor
time of such a run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

COLLECTION = FOLDER.parent
NAME = "ansible_collections.voiceops.asterisk."
#: Ansible loads all callback plugins beside a playbook, and all filters of a collection with the first.
ALWAYS = (
    *sorted((COLLECTION / "playbooks" / "callback_plugins").glob("*.py")),
    *sorted((FOLDER / "filter").glob("*.py")),
    FOLDER / "action" / "pbx_look.py",
    FOLDER / "action" / "pbx_directory.py",
)
#: The files of the library that these need.
NEEDED = {
    "definition/plain_text.py",
    "definition/problem.py",
    "definition/protocol.py",
    "definition/redaction.py",
    "host/carried.py",
    "module/wire.py",
    "recording/retention.py",
    "settled/said.py",
    "status/columns.py",
}


def at_load(node: ast.AST) -> Iterator[ast.AST]:
    """Give what of a file is run when it is loaded: no bodies of functions, and nothing for mypy alone."""
    for child in ast.iter_child_nodes(node):
        is_for_types = isinstance(child, ast.If) and ast.unparse(child.test) == "t.TYPE_CHECKING"
        if not is_for_types and not isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield child
            yield from at_load(child)


def imported(path: Path) -> Iterator[Path]:
    """Give the files of the collection that a file loads when it is loaded."""
    for node in at_load(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            package = path.parents[node.level - 1].relative_to(COLLECTION).parts
            module = ".".join([NAME[:-1], *package, *filter(None, [node.module])])
            names = [module, *(f"{module}.{name.name}" for name in node.names)]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or "", *(f"{node.module}.{name.name}" for name in node.names)]
        for name in names:
            if name.startswith(NAME):
                file = COLLECTION.joinpath(*name[len(NAME) :].split(".")).with_suffix(".py")
                if file.is_file():
                    yield file


def loaded(paths: tuple[Path, ...]) -> set[Path]:
    found: set[Path] = set()
    waiting = list(paths)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(path)
    return found


def test_of_the_library_only_what_a_run_with_nothing_to_do_needs_is_loaded():
    library = FOLDER / "module_utils"
    found = {str(path.relative_to(library)) for path in loaded(ALWAYS) if library in path.parents}
    assert found == NEEDED
