# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: wrong_types
short_description: Variables of a role that are of another type than its argument specification says
version_added: "1.0.0"
description:
  - Says in one line what is wrong with a variable, and where. Ansible's own validation shows the whole specification beside it.
  - Text is taken for a boolean or a number where it is one, for inventories in INI, surveys and C(-e) give nothing else.
positional: _input, options
options:
  _input:
    description: The variables by their names. One that is V(none) is taken as left out.
    type: dict
    required: true
  options:
    description: The options of an entry point in C(meta/argument_specs.yml).
    type: dict
    required: true
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Show what is wrong
  ansible.builtin.debug:
    msg: "{{ {'pbx_purge': pbx_purge} | voiceops.asterisk.wrong_types({'pbx_purge': {'type': 'bool'}}) }}"
"""

RETURN = r"""
_value:
  description: For each C(variable) that is wrong its place as C(path), C(wrong), which is true, and what to C(say) of it. Whether
    the items of a list are options with valid values is not checked here.
  type: list
  elements: dict
"""

import typing as t
from collections import abc

from ansible.module_utils.common.validation import check_type_bool, check_type_int
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import quoted
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import misread

Rule = dict[str, t.Any]


def wrong_types(variables: t.Mapping[str, t.Any], options: t.Mapping[str, t.Any]) -> list[Rule]:
    """Return what is to be said of each variable that is of another type."""
    rules = []
    for name, option in options.items():
        value = variables.get(name)
        if value is not None:
            rules += _OF.get(option["type"], _one)(name, value, option)
    return rules


def _mapping(place: str, value: t.Any, _option: t.Mapping[str, t.Any]) -> list[Rule]:
    wanted = "has to be a mapping; write its options as `key: value`"
    return [] if isinstance(value, abc.Mapping) else _rule(place, f"is {_called(value)}, and {wanted}")


def _one(place: str, value: t.Any, option: t.Mapping[str, t.Any]) -> list[Rule]:
    kind, choices = option["type"], option.get("choices")
    if isinstance(value, (abc.Mapping, list)):
        wanted = {"bool": "true or false", "int": "a number"}.get(kind, "a text")
        return _rule(place, f"is {_called(value)}, and has to be {wanted}")
    if kind == "bool" and not _reads(check_type_bool, value):
        return _rule(place, f"{quoted(value)} is neither true nor false")
    if kind == "int" and (isinstance(value, bool) or not _reads(check_type_int, value)):
        return _rule(place, f"{quoted(value)} is not a whole number")
    if where := misread(place, value, is_number=kind == "int"):
        return _rule(
            place, f"YAML does not read it as it is written; put it in quotes ({where})", stops=False
        )
    if choices and value not in choices:
        return _rule(place, f"{quoted(value)} is not one of {', '.join(choices)}")
    return []


def _list(place: str, value: t.Any, option: t.Mapping[str, t.Any]) -> list[Rule]:
    choices = option.get("choices")
    if choices and isinstance(value, str):
        # There are few words, and none of them is part of another.
        value = value.split(",")
    if not isinstance(value, list):
        return _rule(place, f"is {_called(value)}, and has to be a list, whose items each begin with a dash")
    if choices:
        odd = [index for index, each in enumerate(value) if each not in choices]
        wanted = f"has to be one of {', '.join(choices)}"
    elif option.get("elements") == "dict":
        return []
    else:
        odd = [index for index, each in enumerate(value) if isinstance(each, (abc.Mapping, list))]
        wanted = "has to be a text"
    if not odd:
        return []
    first = value[odd[0]]
    shown = "" if isinstance(first, (abc.Mapping, list)) else f"{quoted(first)} "
    more = f"; so have {len(odd) - 1:,} more items of this list" if len(odd) > 1 else ""
    return _rule(f"{place}[{odd[0]}]", f"{shown}is {_called(first)}, and {wanted}{more}")


#: What looks at a variable of a type that holds others.
_OF: dict[str, t.Callable[[str, t.Any, t.Mapping[str, t.Any]], list[Rule]]] = {
    "list": _list,
    "dict": _mapping,
}


def _rule(place: str, say: str) -> list[Rule]:
    return [{"path": place, "variable": place.partition("[")[0], "wrong": True, "say": say}]


def _reads(check: t.Callable[[t.Any], t.Any], value: t.Any) -> bool:
    try:
        check(value)
    except (TypeError, ValueError):
        return False
    return True


def _called(value: t.Any) -> str:
    if isinstance(value, abc.Mapping):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "empty"
    return "a text" if isinstance(value, str) else "a number or true or false"


class FilterModule:
    """Says which variables are of another type."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """Return the filter by its name."""
        return {"wrong_types": wrong_types}
