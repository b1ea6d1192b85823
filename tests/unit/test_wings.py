# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The library is a house: wings on floors of their own, and an import goes down, never up."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

LIBRARY = FOLDER / "module_utils"
#: Each wing, and those that it may import: docs/architecture.md ("The house").
MAY_IMPORT: dict[str, set[str]] = {
    "definition": set(),
    "host": {"definition"},
    "planning": {"definition"},
    "exchange": {"planning", "definition"},
    "database": {"planning", "host", "definition"},
    "asterisk": {"database", "planning", "host", "definition"},
    "recording": {"asterisk", "host", "definition"},
    "limits": {"asterisk", "database", "host", "definition"},
    "confirming": {"asterisk", "database", "planning", "host", "definition"},
    "pulling": {"host", "definition"},
    "status": {"recording", "asterisk", "database", "planning", "host", "definition"},
    "rollout": {"status", "asterisk", "planning", "definition"},
    "events": {"asterisk", "host", "definition"},
    "settled": {"asterisk", "host", "definition"},
    "module": {
        *("rollout", "status", "recording", "confirming", "settled", "asterisk", "database"),
        *("exchange", "planning", "host", "definition"),
    },
}
#: The library's face for scripts: it stands above all wings but the edge.
FACE = "directory.py"


def imports(text: str, at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Give what a file of the library imports, from the library's top; ``at`` is its own place there."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (("", *name.name.split(".")) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield ("", *(node.module or "").split("."))
        elif isinstance(node, ast.ImportFrom):
            start = at[: len(at) - node.level]
            module = tuple((node.module or "").split(".")) if node.module else ()
            for name in node.names:
                yield (*start, *module, name.name)


def complaints(files: dict[str, str]) -> list[str]:
    """Return what is wrong with files that are named by their paths from the library's top."""
    found = []
    for path, text in files.items():
        at = Path(path).with_suffix("").parts
        wing = at[0] if len(at) > 1 else ""
        if wing not in MAY_IMPORT and path not in ("__init__.py", FACE):
            found.append(f"{path} is in no wing")
            continue
        for target in imports(text, at):
            if target[0] == "":
                is_ansible = target[1] in ("ansible", "ansible_collections")
                if is_ansible and wing != "module":
                    found.append(f"{path} imports Ansible")
            elif target[0] != wing and target[0] not in MAY_IMPORT.get(wing, MAY_IMPORT["module"]):
                found.append(f"{path} imports {'.'.join(target)}")
    return found


def library() -> dict[str, str]:
    return {
        str(path.relative_to(LIBRARY)): path.read_text(encoding="utf-8") for path in LIBRARY.rglob("*.py")
    }


def test_every_import_goes_down():
    files = library()
    assert len(files) > 40
    assert complaints(files) == []


def test_every_wing_is_there_and_says_what_it_is_for():
    for wing in MAY_IMPORT:
        text = (LIBRARY / wing / "__init__.py").read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), wing


def test_no_wing_imports_another_in_a_circle():
    above: dict[str, set[str]] = {
        wing: {each for each in MAY_IMPORT if wing in MAY_IMPORT[each]} for wing in MAY_IMPORT
    }
    floors = list(MAY_IMPORT)
    assert all(floors.index(wing) < floors.index(each) for wing in above for each in above[wing])


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("definition/model.py", "from ..planning import plan", "definition/model.py imports planning.plan"),
        (
            "planning/plan.py",
            "from ..database.store import Store",
            "planning/plan.py imports database.store.Store",
        ),
        (
            "planning/plan.py",
            "def late():\n    from .. import directory",
            "planning/plan.py imports directory",
        ),
        ("status/facts.py", "import ansible.module_utils.basic", "status/facts.py imports Ansible"),
        ("status/facts.py", "from ansible.module_utils import basic", "status/facts.py imports Ansible"),
        ("status/page/a.py", "from ...module import wire", "status/page/a.py imports module.wire"),
        ("directory.py", "from .module import wire", "directory.py imports module.wire"),
        ("words.py", "", "words.py is in no wing"),
        ("voicemail/greeting.py", "", "voicemail/greeting.py is in no wing"),
    ],
)
def test_an_arrow_upwards_is_seen(path: str, text: str, said: str):
    assert complaints({path: text}) == [said]
