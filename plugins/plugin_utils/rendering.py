# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts the values of templates into a list as it stands in the inventory.

Ansible makes a lazy copy of each value, then one with its tags: 1.2 s of processor time for 10,000
extensions, in place of 0.1 s. And for each template it copies the variables that the template names: 10,000
extensions with ``{{ vault_pbx_passwords['1001'] }}`` took 95 s, because there are 10,000 passwords in it, and
take 5 s. So only what may be a template is given to Ansible; all else is what it is already, and five forms
are read here, with the same outcome: a variable, a sum of variables, a variable or an empty list, an entry of
a mapping, and a file of this collection. The role has fifty of these, and for each Ansible would compile one
template more, which does nothing but name the file.
"""

from __future__ import annotations

import re
import typing as t

from ansible.errors import AnsibleUndefinedVariable, AnsibleValueOmittedError
from ansible.template import Templar, is_trusted_as_template, trust_as_template
from ansible_collections.voiceops.asterisk.plugins.lookup import filled_template, program
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.misread import numbers_misread

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
#: A variable and nothing else, whose value stays what it is.
_VARIABLE = re.compile(rf"\{{\{{\s*({_NAME})\s*\}}\}}\Z")
_TERM = rf"\s*{_NAME}(?:\s*\|\s*default\(\[\]\))?\s*"
#: Lists that are joined; one may be missing.
_SUM = re.compile(rf"\{{\{{{_TERM}(?:\+{_TERM})+\}}\}}\Z")
#: A list, or none.
_CHOICE = re.compile(rf"\{{\{{\s*({_NAME}) if ((?:(?! if | else )[^{{}}])+) else \[\]\s*\}}\}}\Z")
_NAME_IN_SUM = re.compile(rf"({_NAME})(\s*\|\s*default)?")
#: An entry of a mapping by a key in quotes that needs no escape.
_ENTRY = re.compile(rf"""\{{\{{\s*({_NAME})\[\s*(?:'([^'"\\{{}}]*)'|"([^'"\\{{}}]*)")\s*\]\s*\}}\}}\Z""")
#: A file of this collection.
_FILE = re.compile(
    r"""\{\{\s*lookup\('voiceops\.asterisk\.(filled_template|program)', '([A-Za-z0-9_./-]+)'\)\s*\}\}\Z"""
)
_LOOKUPS = {"filled_template": filled_template.LookupModule, "program": program.LookupModule}
#: How many variables may stand for one another, as Ansible has a limit too.
_LONGEST_CHAIN = 20
#: With what a text begins that changes what marks a template in it.
_MARKS = "#jinja2:"


def as_written(value: t.Any, templar: t.Any, chain: int = _LONGEST_CHAIN) -> t.Any:
    """Return the value of a variable that an argument consists of, as it stands in the inventory.

    The value of a sum of such variables is the joined list. Anything else is returned as it is.
    """
    variables = templar.available_variables
    while chain and isinstance(value, str) and is_trusted_as_template(value):
        chain -= 1
        if (found := _VARIABLE.match(value)) and found.group(1) in variables:
            value = variables[found.group(1)]
        elif (found := _CHOICE.match(value)) and found.group(1) in variables:
            is_chosen = templar.evaluate_expression(trust_as_template(found.group(2)))
            value = variables[found.group(1)] if is_chosen else []
        elif _SUM.match(value):
            joined = _joined(value, templar, chain)
            return value if joined is None else joined
        else:
            break
    return value


def _joined(value: str, templar: t.Any, chain: int) -> list[t.Any] | None:
    """Return the items of the lists of a sum; None where that is not what they are."""
    variables, items = templar.available_variables, []
    for name, has_default in _NAME_IN_SUM.findall(value.replace("default([])", "default")):
        if name not in variables and has_default:
            continue
        part = as_written(variables.get(name), templar, chain)
        if not isinstance(part, list):
            return None
        items += part
    return items


def rendered(value: t.Any, templar: t.Any, option: str, found: list[str]) -> t.Any:
    """Put the values of templates into the value of an option; what is omitted is not in it.

    What YAML has misread in it is added to ``found``. A template that leads nowhere is Ansible's error.
    """
    if isinstance(value, str):
        if "{" not in value and not value.startswith(_MARKS):
            return value
        value = _entry(value, templar)
    elif isinstance(value, list):
        return [one for each in value for one in _unless_omitted(each, templar, option, found)]
    elif isinstance(value, dict):
        return {key: one for key, each in value.items() for one in _unless_omitted(each, templar, key, found)}
    elif value is not None and not isinstance(value, (bool, int, float)):
        value = templar.template(value)
    found += numbers_misread(option, value)
    return value


def _entry(value: str, templar: t.Any) -> t.Any:
    """Return the value of a template. A file, or an untemplated entry of a mapping, is looked up."""
    is_trusted = is_trusted_as_template(value)
    if is_trusted and (found := _FILE.match(value)):
        variables = templar.available_variables
        loader = getattr(templar, "_engine", templar)._loader
        lookup = _LOOKUPS[found.group(1)](loader=loader, templar=Templar(loader, variables))
        return lookup.run([found.group(2)], variables)[0]
    if is_trusted and (found := _ENTRY.match(value)):
        mapping = templar.available_variables.get(found.group(1))
        entry = mapping.get(found.group(2) or found.group(3) or "") if isinstance(mapping, dict) else None
        if isinstance(entry, (bool, int, float)) or (
            isinstance(entry, str) and "{" not in entry and not entry.startswith(_MARKS)
        ):
            return entry
        if isinstance(mapping, dict):
            return _given_entry(value, found, mapping, templar)
    return templar.template(value)


def _given_entry(value: str, found: re.Match[str], mapping: dict[t.Any, t.Any], templar: t.Any) -> t.Any:
    """Return the value of an entry; Ansible says of one that is not there neither of what nor where."""
    try:
        return templar.template(value)
    except AnsibleUndefinedVariable:
        name, key = found.group(1), found.group(2) or found.group(3) or ""
        if key in mapping:
            raise
    # Not before something is wrong: it needs more than rendering does.
    from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import shown  # noqa: PLC0415
    from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import written_at  # noqa: PLC0415

    place = written_at(templar.available_variables, name)
    where = f" ({shown(place)})" if place.file else ""
    raise AnsibleUndefinedVariable(f"{name}{where} has no entry {key!r}", obj=value)


def _unless_omitted(value: t.Any, templar: t.Any, option: str, found: list[str]) -> tuple[t.Any, ...]:
    try:
        return (rendered(value, templar, option, found),)
    except AnsibleValueOmittedError:
        return ()
