# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a contact counts, and how contacts are told apart, also after their registration has been ended.

Without any other part of the library but ami.py, because it is carried to hosts (host/carried.py).
"""

from __future__ import annotations

import hashlib
import re
import typing as t

from . import ami

#: The host of a contact whose registration has been ended. There is none of that name (RFC 6761, 6.4).
_NOWHERE = "expired.invalid"
_ENDED = re.compile(rf"sip:([0-9a-f]{{16}})@{re.escape(_NOWHERE)}")


def told_apart(uri: str) -> str:
    """Return what a contact is told apart from others by: 16 hexadecimal digits, the same after its end.

    A digest: somebody who knows the whole contact could be called in its place (x-ast-txp, line).
    """
    ended = _ENDED.fullmatch(uri)
    return ended[1] if ended else hashlib.sha256(uri.encode("utf-8", "replace")).hexdigest()[:16]


def ended(uri: str) -> str:
    """Return the URI that takes the place of a contact's when its registration is ended.

    Asterisk tells that it has thrown a contact out by its URI alone: whoever follows its events has to find
    in it which one that was.
    """
    return f"sip:{told_apart(uri)}@{_NOWHERE}"


def has_been_ended(uri: str) -> bool:
    """Tell whether the registration of a contact with this URI has been ended."""
    return _ENDED.fullmatch(uri) is not None


def expires_at(contact: t.Mapping[str, str]) -> int:
    """Return until when a contact in a list counts, in seconds since 1970; 0 where it does not say.

    It stays in the list for up to 30 s more (res_pjsip_registrar.c, check_expiration_thread).
    """
    seconds = contact.get("ExpirationTime", "")
    return int(seconds) if len(seconds) < 20 and seconds.isascii() and seconds.isdigit() else 0


def listed(client: ami.Client) -> list[ami.Message]:
    """Return all contacts, also those that have expired. Raises AmiError."""
    return client.list("PJSIPShowContacts", "ContactList", "ContactListComplete", "No Contacts found")


def counted(client: ami.Client, numbers: t.Collection[str], now: float) -> dict[str, t.Any]:
    """Return how many of these extensions have a phone, as in pbx_extension_summary. Raises AmiError."""
    there = registered_numbers(client, now).intersection(numbers)
    return {"asterisk": "running", "extensions": len(numbers), "registered": len(there)}


def registered_numbers(client: ami.Client, now: float) -> frozenset[str]:
    """Return the names of the AORs with a contact that has not expired at ``now``, in seconds since 1970.

    Raises AmiError.
    """
    return frozenset(
        contact.get("ObjectName", "").partition(";@")[0]
        for contact in listed(client)
        if expires_at(contact) > now
    )
