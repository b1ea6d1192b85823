# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The form of what a phone authenticates with, besides a password in the clear.

Each reads the value of an option as the methods of ``Reader`` do.
"""

from __future__ import annotations

import re
import typing as t

from .reading import Reader, plain

# A token of SIP (RFC 3261, 25.1) without its quotes, and the @ of an address: nothing that a phone, a header
# or Asterisk's realtime engine would have to escape.
_USERNAME = re.compile(r"[A-Za-z0-9.!%*_+~@-]{1,64}\Z")
_DIGEST = re.compile(r"[0-9A-Fa-f]{32}\Z")


def username(reader: Reader, option: str, value: t.Any) -> str | None:
    """The user name in a phone's credentials; empty means none of its own."""
    wanted = "a user name of 1 to 64 letters of ASCII, digits and . ! % * _ + ~ @ -"
    return reader.matching(option, plain(value) or value, _USERNAME, wanted)


def password_digest(reader: Reader, option: str, value: t.Any) -> str | None:
    """The HA1 of a password, in lower case; empty takes the password away, and None is one that is wrong."""
    if not isinstance(value, str):
        reader.problem(option, "is not text; put it in quotes")
        return None
    if value and not _DIGEST.match(value):
        # It is as good as a password, so it is not repeated.
        reader.problem(option, "is not 32 hexadecimal digits, the MD5 of username:realm:password")
        return None
    return value.lower()
