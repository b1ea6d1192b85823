# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the configuration of a host that somebody else has set up, into the words of an inventory.

It is handed the text of the files below /etc/asterisk, whichever of pjsip.conf, pjsip_wizard.conf, sip.conf,
users.conf and extensions.conf there are, with all that they include.
"""

from __future__ import annotations

import typing as t

from .asterisk_identity import is_true
from .asterisk_include import CONFIG_DIRECTORY, located
from .asterisk_line import folded, shown
from .asterisk_text import Configuration, ConfigurationError, read_configuration
from .dialplan_numbers import Rule, dialplan_of, is_plain, rules_of
from .findings import Findings
from .imported import Imported
from .pjsip_extensions import Surroundings, is_phone, read_phone
from .pjsip_objects import Objects, PjsipObject, plain_objects, taken
from .pjsip_trunks import Trunks
from .pjsip_wizard import WizardHint, wizard_objects
from .sip_peers import read_sip, read_users

#: The files that are read, each with what it includes.
FILES = ("pjsip.conf", "pjsip_wizard.conf", "sip.conf", "users.conf", "extensions.conf")
#: What an object of res_pjsip is that belongs neither to a phone nor to a trunk nor to Asterisk as a whole.
_PARTS = ("endpoint", "aor", "auth", "identify", "registration")


def adopted(
    files: t.Mapping[str, str],
    connection_ports: t.Mapping[str, str] | None = None,
    directory: str = CONFIG_DIRECTORY,
) -> Imported:
    """Return the extensions and trunks of a host.

    ``files`` has the text of each file by its path, relative to ``directory`` if it is below it. In
    ``connection_ports`` stands which connection port a transport is, by its name (``udp`` for sip.conf). It
    raises nothing: what Asterisk does not take is among the problems.
    """
    findings = Findings()
    names = {located(name, directory) for name in files}
    read = {name: _configuration(files, name, directory, findings) for name in FILES if name in names}
    if not read:
        findings.problem(directory, f"there is none of {', '.join(FILES)}; nothing can be read")
    objects = plain_objects(read["pjsip.conf"].effective(), findings) if "pjsip.conf" in read else []
    hints: list[WizardHint] = []
    if "pjsip_wizard.conf" in read:
        made, hints = wizard_objects(read["pjsip_wizard.conf"].effective(), findings)
        objects += made
    rules = rules_of(read["extensions.conf"].effective(), findings) if "extensions.conf" in read else []
    dialplan = dialplan_of([*rules, *_rules_of(hints, findings)], findings)
    around = Surroundings(connection_ports or {}, dialplan)
    read_objects(objects, around, findings)
    if "sip.conf" in read:
        read_sip(read["sip.conf"].effective(), around, findings)
    if "users.conf" in read:
        read_users(read["users.conf"].effective(), around, findings)
    refuse_twice(findings)
    return findings.outcome()


def _configuration(
    files: t.Mapping[str, str], name: str, directory: str, findings: Findings
) -> Configuration:
    try:
        read = read_configuration(files, name, directory)
    except ConfigurationError as error:
        for problem in error.problems:
            findings.problem(*problem)
        return Configuration()
    for remark in read.misleading:
        findings.changed(*remark)
    for remark in read.passed_over:
        findings.not_carried(*remark)
    runs = _runs_programs(files, directory)
    for place in read.programs:
        if runs:
            findings.problem(
                place,
                "runs a program for its text (#exec), which nothing here does: write what it prints into a"
                " file, and #include that",
            )
        else:
            findings.not_carried(
                place, "#exec is not obeyed by Asterisk either, because execincludes is not set"
            )
    return read


def _runs_programs(files: t.Mapping[str, str], directory: str) -> bool:
    """Tell whether Asterisk runs programs for their text; where asterisk.conf is not known, it may."""
    try:
        options = read_configuration(files, "asterisk.conf", directory).effective()
    except ConfigurationError:
        return True
    values = [
        option.value
        for section in options
        if folded(section.name) == "options"
        for option in section.options
        if folded(option.name) == "execincludes"
    ]
    return any(map(is_true, values))


def _rules_of(hints: t.Iterable[WizardHint], findings: Findings) -> list[Rule]:
    rules = []
    for hint in hints:
        device = f"PJSIP/{hint.endpoint}"
        rules.append(Rule(hint.number, "hint", device, hint.place))
        rule = Rule(hint.number, "1", hint.application.replace("${HINT}", device, 1), hint.place)
        if hint.application and is_plain(rule):
            rules.append(rule)
        elif hint.application:
            findings.not_carried(
                hint.place, "hint_application is not carried: it is more than a Dial of its phone"
            )
    return [rule for rule in rules if is_plain(rule)]


def read_objects(objects: t.Iterable[PjsipObject], around: Surroundings, findings: Findings) -> None:
    """Note the extensions and trunks that objects of res_pjsip are."""
    known = taken(objects, findings)
    trunks = Trunks(known)
    for endpoint in known.of("endpoint").values():
        if is_phone(endpoint, known):
            read_phone(endpoint, known, around, findings)
        elif trunks.is_trunk(endpoint):
            trunks.read(endpoint, around, findings)
        else:
            findings.not_carried(endpoint.place, "is neither a phone nor a line to the outside world")
    trunks.note_unused(findings)
    _note_other_types(known, around, findings)


def _note_other_types(known: Objects, around: Surroundings, findings: Findings) -> None:
    for transport in known.of("transport").values():
        if transport.name not in around.connection_ports:
            findings.not_carried(
                transport.place, "is a transport: write a connection port for it, if it is needed"
            )
    for type_, objects in known.by_type.items():
        if type_ in (*_PARTS, "transport"):
            continue
        for each in objects.values():
            findings.not_carried(each.place, f"a section of type {shown(type_)} is not carried")


def refuse_twice(findings: Findings) -> None:
    """A number can be there for both channel drivers; which of them its phone uses only the host knows."""
    first: dict[str, str] = {}
    for extension in findings.extensions:
        number = extension.options["number"]
        if number in first:
            findings.problem(
                extension.place, f"{number} is also at {first[number]}: leave the one that its phone uses"
            )
        first.setdefault(number, extension.place)
