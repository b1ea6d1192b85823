# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SIP digest credentials: a password is stored only as its HA1, and judged before that."""

from __future__ import annotations

import hashlib

#: The protection realm of every extension. It is also Asterisk's default for callers that it
#: does not know, so that a challenge does not tell which extensions exist.
REALM = "asterisk"

#: Shortest password that is taken without ``allow_weak_password``, in characters.
PASSWORD_MIN_CHARACTERS = 8

# The head of every list that a SIP scanner tries, as far as it is long enough to get here.
_COMMON = frozenset(
    """
    12345678 123456789 1234567890 87654321 11111111 00000000 12341234 11223344 password password1
    passw0rd qwertyui qwerty123 1q2w3e4r asterisk asterisk1 freepbx1 sip12345 secret123 changeme
    changeme1 letmein1 welcome1 telephone administrator voip1234 extension iloveyou abcd1234
    """.split()
)


def ha1(username: str, realm: str, password: str) -> str:
    """Return the MD5 HA1 of a credential as 32 hexadecimal digits (RFC 2617, 3.2.2.2)."""
    material = ":".join((username, realm, password)).encode("utf-8")
    return hashlib.md5(material).hexdigest()  # noqa: S324 - the algorithm that SIP phones speak


def weakness(password: str, number: str, username: str) -> str | None:
    """Return why a password is too weak for a phone that the whole network can reach, or None."""
    if len(password) < PASSWORD_MIN_CHARACTERS:
        return f"is shorter than {PASSWORD_MIN_CHARACTERS} characters"
    if password.lower() in _COMMON:
        return "is one of the first that an attacker tries"
    if len(set(password)) == 1:
        return "is one character repeated"
    # A number of one or two digits is in many good passwords by chance.
    if len(number) > 2 and number in password:
        return "contains the extension's number"
    if len(username) > 2 and username.lower() in password.lower():
        return "contains the extension's user name"
    return None
