# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Asterisk's channel drivers have in common: caller IDs, and passwords as digests."""

from __future__ import annotations

import re
import typing as t

from ..definition.digest import REALM, ha1
from .asterisk_line import stripped
from .findings import Findings

#: A number of an extension, as ``definition.reading`` takes it.
_NUMBER = re.compile(r"[0-9]{1,15}\Z")
_DIGEST = re.compile(r"[0-9a-f]{32}\Z")
_PHONE_NUMBER = re.compile(r"[0-9*#+]+\Z")
_TRUE = ("yes", "true", "y", "t", "1", "on")


def is_number(name: str) -> bool:
    """Tell whether a name can be the number of an extension."""
    return _NUMBER.match(name) is not None


def is_true(value: str) -> bool:
    """Tell whether Asterisk takes a value for yes (ast_true)."""
    return value.lower() in _TRUE


def listed(value: str, separator: str = ",") -> list[str]:
    """Return the parts of a value that are not empty, without blanks."""
    return [part for part in map(stripped, value.split(separator)) if part]


def caller(value: str) -> tuple[str, str]:
    """Return name and number of a caller ID such as ``"Anna Kurt" <1001>`` (ast_callerid_parse)."""
    text = _unquoted(value)
    name, bracket, number = text.rpartition("<")
    if bracket:
        return _unescaped(_unquoted(name)), stripped(number.partition(">")[0])
    bare = re.sub(r"[() .-]", "", text)
    if text == stripped(value) and _PHONE_NUMBER.match(bare):
        return "", bare
    return _unescaped(text), ""


def _unquoted(text: str) -> str:
    text = stripped(text)
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _unescaped(text: str) -> str:
    return stripped(re.sub(r"\\(.)", r"\1", text))


class Secret(t.NamedTuple):
    """What a phone proves itself with, as another configuration has it."""

    username: str
    password: str
    #: HA1 of user name, realm and password; empty = none.
    digest: str
    realm: str

    def __repr__(self) -> str:
        return f"Secret({self.username!r}, realm={self.realm!r})"


def credentials(secret: Secret, place: t.Any, findings: Findings) -> dict[str, str]:
    """Return ``password`` or ``password_digest`` as an inventory has it; empty where neither can be taken."""
    username, password, digest, realm = secret
    if digest and password and digest != ha1(username, realm, password):
        findings.problem(
            place, "has a password and a digest that is not of this password; take the wrong one out"
        )
        return {}
    if password:
        if realm != REALM:
            findings.changed(
                place, f"phones are asked for their password in the realm {REALM}, no longer in {realm}"
            )
        return {"password": password}
    if not digest:
        findings.changed(place, "has no password; without one its phone cannot register here")
        return {}
    if not _DIGEST.match(digest):
        findings.problem(place, "has a digest that is not of 32 digits 0 to 9 and a to f; write its password")
        return {}
    if realm != REALM:
        findings.problem(
            place,
            f"has a digest of the realm {realm}, which says nothing about {REALM}, the realm of this"
            " collection; write its password instead of the digest, or give the phone a new one",
        )
        return {}
    return {"password_digest": digest}
