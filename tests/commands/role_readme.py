# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Writes the tables of variables in the role's README: ``.venv/bin/python tests/commands/role_readme.py``.

They are made of what the role tells Ansible of its variables (meta/argument_specs.yml) and of its defaults.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROLE = Path(__file__).resolve().parents[2] / "roles" / "pbx"
README = ROLE / "README.md"
BEGIN = "<!-- variables: written by tests/commands/role_readme.py -->\n"
END = "<!-- end of variables -->\n"
#: Entry points in the order of a run, and what their tables are called. The rest of `main` comes first.
HEADINGS = {
    "main": "General",
    "install": "Installation",
    "configure": "Configuration",
    "recording": "Recordings",
    "directory": "Directory",
}
_MARKUP = re.compile(r"\b[CVO]\(([^()]+)\)")


def tables() -> str:
    """Return a heading and a table for each entry point, with what `main` alone has first."""
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    options = {entry: specs["argument_specs"][entry]["options"] for entry in HEADINGS}
    inherited = {name for entry in HEADINGS if entry != "main" for name in options[entry]}
    options["main"] = {name: about for name, about in options["main"].items() if name not in inherited}
    return "\n".join(_table(heading, options[entry]) for entry, heading in HEADINGS.items())


def _table(heading: str, options: dict[str, Any]) -> str:
    rows = [_row(name, about) for name, about in options.items()]
    head = ["| variable | type | default | meaning |", "| --- | --- | --- | --- |"]
    return "\n".join([f"### {heading}\n", *head, *rows, ""])


def _row(name: str, about: dict[str, Any]) -> str:
    described = about["description"]
    text = " ".join(described) if isinstance(described, list) else described
    cells = [f"`{name}`", _type(about), _default(name, about), _MARKUP.sub(r"`\1`", " ".join(text.split()))]
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _type(about: dict[str, Any]) -> str:
    kind = f"list of {about['elements']}" if about["type"] == "list" else about["type"]
    choices = ", ".join(f"`{choice}`" for choice in about.get("choices", ()))
    return f"{kind}: {choices}" if choices else kind


def _default(name: str, about: dict[str, Any]) -> str:
    """Return a default as one writes it; one that Ansible has to work out is told by the meaning."""
    default = about.get("default", _defaults().get(name))
    if default is None or (isinstance(default, str) and "{{" in default):
        return "see meaning"
    written = yaml.safe_dump(
        default, default_flow_style=True, allow_unicode=True, width=1000, sort_keys=False
    )
    return "`" + written.removesuffix("\n").removesuffix("\n...") + "`"


def _defaults() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for file in sorted((ROLE / "defaults" / "main").glob("*.yml")):
        found.update(yaml.safe_load(file.read_text(encoding="utf-8")))
    return found


def text(readme: str) -> str:
    """Return a README with its tables as they have to be."""
    before, _begin, rest = readme.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(text(README.read_text(encoding="utf-8")), encoding="utf-8")
