# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The objects of res_pjsip, whether they come from pjsip.conf, from pjsip_wizard.conf or from tables."""

from __future__ import annotations

import functools
import typing as t
from dataclasses import dataclass, field

from .asterisk_line import folded, shown
from .asterisk_sections import Option
from .asterisk_text import Section
from .findings import Findings

AUTH_OPTIONS = frozenset(
    """
    type username password refresh_token oauth_clientid oauth_secret md5_cred realm nonce_lifetime auth_type
    password_digest supported_algorithms_uac supported_algorithms_uas
    """.split()
)
AOR_OPTIONS = frozenset(
    """
    type minimum_expiration maximum_expiration default_expiration qualify_frequency qualify_timeout
    qualify_2xx_only authenticate_qualify max_contacts remove_existing remove_unavailable contact mailboxes
    voicemail_extension outbound_proxy support_path
    """.split()
)
#: What an endpoint has no option for, though its aor or auth of the same name has.
_NOT_AN_ENDPOINTS = (AUTH_OPTIONS | AOR_OPTIONS) - {
    *("type", "mailboxes", "voicemail_extension", "outbound_proxy")
}


@dataclass(frozen=True)
class PjsipObject:
    """An object of res_pjsip: of which type, what it is called, and its options in their order."""

    type: str
    name: str
    #: Where it begins, for a person.
    place: str
    options: tuple[Option, ...]

    @functools.cached_property
    def _values(self) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for each in self.options:
            values.setdefault(folded(each.name), []).append(each.value)
        return values

    def all(self, option: str) -> t.Sequence[str]:
        """Return all values of an option, whose name is given in small letters."""
        return self._values.get(option, ())

    def last(self, option: str) -> str:
        """Return the value that counts where there is one only; empty where the option is not there."""
        return self._values.get(option, [""])[-1]


@dataclass(frozen=True)
class Objects:
    """The objects by type, and of each type by name."""

    by_type: t.Mapping[str, t.Mapping[str, PjsipObject]] = field(default_factory=dict)

    def of(self, type_: str) -> t.Mapping[str, PjsipObject]:
        """Return the objects of a type by name."""
        return self.by_type.get(type_, {})


def plain_objects(sections: t.Iterable[Section], findings: Findings) -> list[PjsipObject]:
    """Return the objects of pjsip.conf. The first ``type`` of a section counts (sorcery_is_criteria_met)."""
    objects = []
    for section in sections:
        type_ = next((each.value for each in section.options if folded(each.name) == "type"), "")
        if type_:
            objects.append(PjsipObject(type_, section.name, str(section), section.options))
        else:
            findings.not_carried(section, "has no type, so Asterisk makes nothing of it")
    return objects


def taken(objects: t.Iterable[PjsipObject], findings: Findings) -> Objects:
    """Return the objects that Asterisk has, and note those that it refuses."""
    by_type: dict[str, dict[str, PjsipObject]] = {}
    for each in objects:
        same = by_type.setdefault(each.type, {})
        if each.name in same:
            findings.problem(
                each.place,
                f"is a second {shown(each.type)} of this name beside {same[each.name].place}: Asterisk then"
                " has none of this type; take one out",
            )
        elif _has_only_its_options(each, findings):
            same[each.name] = each
    return Objects(by_type)


def _has_only_its_options(each: PjsipObject, findings: Findings) -> bool:
    """Asterisk drops an object with an option that it does not know (ast_sorcery_objectset_apply)."""
    for option in each.options:
        name = folded(option.name)
        if not _is_foreign(each.type, name):
            continue
        message = (
            f"has {shown(name)}, which a section of type {each.type} cannot have: Asterisk drops all of it"
        )
        where = "aor" if name in AOR_OPTIONS else "auth" if name in AUTH_OPTIONS else ""
        if option.added and where:
            message += (
                f". {option.place} adds to the first section of this name, which is its {each.type}; write"
                f" [{shown(each.name)}](+type={where})"
            )
        else:
            message += "; take the option out, or write it into the section where it belongs"
        findings.problem(each.place, message)
        return False
    return True


def _is_foreign(type_: str, option: str) -> bool:
    if option.startswith("@"):
        return False
    if type_ == "auth":
        return option not in AUTH_OPTIONS
    if type_ == "aor":
        return option not in AOR_OPTIONS
    return type_ == "endpoint" and option in _NOT_AN_ENDPOINTS
