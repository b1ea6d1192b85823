# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Writes the JSON Schema of the role's variables: ``.venv/bin/python tests/commands/variables_schema.py``.

It is made of what the role tells Ansible of its variables, of what the modules say about the options of
items, and of the library's own rules about a value's form, so that an editor says what a run would say. It is
of draft 7, the newest that the YAML language server of editors knows well.
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".venv" / "collections"))

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import reading  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.module_utils.module.options import ITEM  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning import (  # noqa: E402
    number_ranges,
    request,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.defaults import NEVER  # noqa: E402
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (  # noqa: E402
    EXTENSIONS,
    GROUPS,
    PORTS,
    PROFILES,
    TRUNKS,
)

SCHEMA = REPOSITORY / "docs" / "schema" / "pbx-variables.schema.json"
ROLE = REPOSITORY / "roles" / "pbx"
Schema = dict[str, Any]

#: What Ansible puts a value in the place of, of whatever type.
TEMPLATE: Schema = {"type": "string", "pattern": r"\{[{%]"}
_FLAG = r"^([Tt]rue|TRUE|[Ff]alse|FALSE|[Yy]es|YES|[Nn]o|NO|[Oo]n|ON|[Oo]ff|OFF)$"
_FORMS = {
    "number": reading._NUMBER,
    "language": reading._LANGUAGE,
    "email": reading._EMAIL,
    "outbound_caller_id": reading._OUTSIDE_NUMBER,
    "caller_id": reading._OUTSIDE_NUMBER,
    "forward_to": reading._NUMBER,
    "country_code": reading._COUNTRY_CODE,
    "area_code": reading._AREA_CODE,
}
#: Where an empty text means none.
_MAY_BE_EMPTY = _FORMS.keys() - {"number"}
_READ = {
    PORTS: request.CONNECTION_PORT_OPTIONS,
    TRUNKS: request.TRUNK_OPTIONS,
    PROFILES: request.OUTBOUND_PROFILE_OPTIONS,
    GROUPS: request.EXTENSION_GROUP_OPTIONS,
    EXTENSIONS: request.EXTENSION_OPTIONS,
}
_MARKUP = re.compile(r"\b[A-Z]{1,2}\(([^()#]+)(?:#\w+)?\)")


def schema() -> Schema:
    """Return the schema of a file of group_vars or host_vars."""
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    variables = specs["argument_specs"]["main"]["options"]
    internal = yaml.safe_load((ROLE / "vars" / "main" / "preflight.yml").read_text(encoding="utf-8"))
    known = [*variables, *internal["__pbx_variables_of_playbooks"]]
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Variables of the role voiceops.asterisk.pbx",
        "description": "A file of group_vars or host_vars. Written by tests/commands/variables_schema.py.",
        "type": ["object", "null"],
        "properties": {name: _variable(name, about) for name, about in variables.items()},
        # Others are somebody else's; what begins like ours is misspelt.
        "propertyNames": {"anyOf": [{"not": {"pattern": "^pbx_"}}, {"enum": known}]},
    }


def _variable(name: str, about: Schema) -> Schema:
    option = name.removeprefix("pbx_")
    for kind, options in ITEM.items():
        if kind.option == option:
            item = _item(options, kind.key, _documented(f"{option[:-1]}_list", option), _READ[kind])
            return _described({"type": "array", "items": _or_template(item)}, about)
    if option == "extension_defaults":
        options = {name: each for name, each in ITEM[EXTENSIONS].items() if name not in NEVER}
        documented = _documented("extension_list", "extensions")
        return _described(_item(options, "", documented, _READ[EXTENSIONS]), about)
    if option == "emergency_numbers":
        numbers = {"type": "array", "items": _or_template(_text(_FORMS["number"].pattern))}
        return _described(numbers, about)
    if option == "number_ranges":
        return _described(
            {"type": "array", "items": _or_template(_text(number_ranges._RANGE.pattern))}, about
        )
    return _described(_value(option, about, None), about)


def _item(options: Schema, key: str, documented: Schema, read: reading.Options) -> Schema:
    """Return the schema of an item of a list, which its key names."""
    properties = {
        name: _described(_value(name, about, read.get(name)), documented.get(name, {}), about)
        for name, about in options.items()
    }
    return {
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        **({"required": [key]} if key else {}),
    }


def _value(name: str, about: Schema, read: Any) -> Schema:
    """Return the schema of a value that is not a template."""
    kind, choices = about["type"], about.get("choices")
    if "options" in about:
        needed = [each for each, option in about["options"].items() if option.get("required")]
        inner = {
            each: _described(_value("", option, None), option) for each, option in about["options"].items()
        }
        item = {"type": "object", "properties": inner, "additionalProperties": False}
        return {"type": "array", "items": _or_template({**item, **({"required": needed} if needed else {})})}
    if kind == "list":
        element = (
            {"enum": choices} if choices else _text() if about["elements"] == "str" else {"type": "object"}
        )
        return {"type": "array", "items": _or_template(element)}
    if choices:
        return {"enum": choices}
    if kind == "int":
        return _number(read, name)
    form = _FORMS.get(name) if read is not None or name == "number" else None
    text = _text(form.pattern if form else None, may_be_empty=name in _MAY_BE_EMPTY)
    flag = {"anyOf": [{"type": "boolean"}, {"type": "string", "pattern": _FLAG}]}
    return {"bool": flag, "dict": {"type": "object"}}.get(kind, text)


def _number(read: Any, name: str) -> Schema:
    """Return the schema of a whole number, with the bounds that the library has for it."""
    problems: list[Any] = []
    if read is not None:
        read(reading.Reader({}, "", problems), name, -1)
    bounds = re.search(r"from (\d+) to (\d+)$", problems[0].message) if problems else None
    limits = {"minimum": int(bounds[1]), "maximum": int(bounds[2])} if bounds else {}
    return {"anyOf": [{"type": "integer", **limits}, {"type": "string", "pattern": "^[0-9]+$"}]}


def _text(pattern: str | None = None, *, may_be_empty: bool = False) -> Schema:
    """Return the schema of a text, which YAML may have read as a number."""
    if pattern is None:
        return {"type": ["string", "number"]}
    # In the words of ECMA 262, which has no \Z and escapes nothing without need.
    whole = pattern.replace(r"\Z", "").replace(r"\"", '"')
    forms = [{"type": "string", "pattern": f"^(?:{whole}){'?' if may_be_empty else ''}$"}]
    return {"anyOf": [*forms, {"type": "integer", "minimum": 0}]}


def _or_template(value: Schema) -> Schema:
    return {"anyOf": [value, TEMPLATE]}


def _described(value: Schema, *about: Schema) -> Schema:
    """Return the schema of a value or a template or nothing, with what the documentation says of it."""
    result: Schema = {}
    for each in about:
        if "description" in each and "description" not in result:
            text = each["description"]
            result["description"] = _MARKUP.sub(r"\1", " ".join(text) if isinstance(text, list) else text)
        if "default" in each:
            result["default"] = each["default"]
    # What is null is left out.
    return {**result, "anyOf": [*value.pop("anyOf", [value]), TEMPLATE, {"type": "null"}]}


def _documented(fragment: str, option: str) -> Schema:
    """Return what the modules' documentation says of the options of an item."""
    module = importlib.import_module(
        f"ansible_collections.voiceops.asterisk.plugins.doc_fragments.{fragment}"
    )
    options: Schema = yaml.safe_load(module.ModuleDocFragment.DOCUMENTATION)["options"][option]["suboptions"]
    return options


def text() -> str:
    """Return the schema as it is kept."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    SCHEMA.parent.mkdir(exist_ok=True)
    SCHEMA.write_text(text(), encoding="utf-8")
