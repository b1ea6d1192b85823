# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Joins what the directory defines with what Asterisk sees into one answer for each extension."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from . import ami
from .model import Extension
from .plan import KINDS, Directory

Facts = dict[str, t.Any]

#: AMI's words for the state of a device (main/devicestate.c), in those of the user's page.
_STATES = {
    "NOT_INUSE": "idle",
    "INUSE": "in use",
    "BUSY": "busy",
    "RINGING": "ringing",
    "RINGINUSE": "ringing in use",
    "ONHOLD": "on hold",
}


@dataclass(frozen=True)
class Live:
    """What Asterisk answered: contacts and device states as AMI messages."""

    contacts: t.Sequence[ami.Message]
    device_states: t.Sequence[ami.Message]


def ask(client: ami.Client) -> Live:
    """Ask Asterisk for everything at once. Raises AmiError."""
    return Live(
        contacts=client.list("PJSIPShowContacts", "ContactList", "ContactListComplete", "No Contacts found"),
        device_states=client.list("DeviceStateList", "DeviceStateChange", "DeviceStateListComplete"),
    )


def contacts_by_number(messages: t.Iterable[ami.Message], now: float) -> dict[str, list[Facts]]:
    """Return the contacts that have not expired at ``now`` (seconds since 1970), newest last.

    Asterisk prunes expired ones only every 30 s (res_pjsip_registrar.c, check_expiration_thread).
    """
    contacts: dict[str, list[Facts]] = {}
    for message in messages:
        expires = _integer(message.get("ExpirationTime"))
        if expires is None or expires <= now:
            continue
        microseconds = _integer(message.get("RoundtripUsec"))
        status = message.get("Status", "")
        contacts.setdefault(message.get("ObjectName", "").partition(";@")[0], []).append(
            {
                "address": "{}:{}".format(message.get("ViaAddr", ""), message.get("ViaPort", "")),
                "uri": message.get("Uri", ""),
                "user_agent": message.get("UserAgent", ""),
                "expires_in": expires - int(now),
                "reachable": {"Reachable": True, "Unreachable": False}.get(status),
                "round_trip_ms": None if not microseconds else round(microseconds / 1000, 1),
            }
        )
    for same_number in contacts.values():
        same_number.sort(key=lambda contact: t.cast(int, contact["expires_in"]))
    return contacts


def _integer(text: str | None) -> int | None:
    try:
        return int(text or "")
    except ValueError:
        return None


def facts(directory: Directory, live: Live | None, now: float) -> Facts:
    """Return the facts of a host; ``live`` is None where Asterisk does not run.

    Then ``registered`` and ``state`` are None (unknown), and the definitions stand.
    """
    contacts = contacts_by_number(live.contacts, now) if live else {}
    states = {}
    for message in live.device_states if live else ():
        technology, _slash, endpoint = message.get("Device", "").partition("/")
        if technology == "PJSIP":
            states[endpoint] = message.get("State", "")
    extensions = {}
    for number, extension in sorted(directory.extensions.items()):
        its_contacts = contacts.get(number, []) if extension.can_register else []
        extensions[number] = dict(
            extension.shown(),
            number=number,
            contacts=its_contacts,
            registered=bool(its_contacts) if live else None,
            state=_state(extension, its_contacts, states.get(number)) if live else None,
        )
    registered = sum(1 for extension in extensions.values() if extension["registered"])
    return {
        "pbx_extensions": extensions,
        "pbx_extension_groups": {
            group: {"members": sorted(e.number for e in directory.extensions.values() if group in e.groups)}
            for group in sorted(directory.groups)
        },
        "pbx_connection_ports": _shown(directory.ports),
        "pbx_trunks": _shown(directory.trunks),
        "pbx_outbound_profiles": _shown(directory.profiles),
        "pbx_emergency_numbers": sorted(directory.emergency_numbers),
        "pbx_extension_summary": {
            "asterisk": "running" if live else "stopped",
            "extensions": len(extensions),
            "registered": registered if live else None,
        },
    }


def _shown(things: t.Mapping[str, t.Any]) -> Facts:
    return {name: thing.shown() for name, thing in sorted(things.items())}


def directory_as_written(directory: Directory) -> Facts:
    """Return the directory in the shape in which a user writes it, without passwords."""
    written: Facts = {}
    for kind in KINDS:
        items = []
        for key, thing in sorted(getattr(directory, kind.attribute).items()):
            options = {kind.key: key, **thing.shown()}
            options.pop("has_password", None)
            items.append(options)
        written[kind.option] = items
    written["emergency_numbers"] = sorted(directory.emergency_numbers)
    return written


def _state(extension: Extension, contacts: t.Sequence[Facts], device_state: str | None) -> str:
    if not extension.enabled:
        return "disabled"
    if extension.digest is None:
        return "no phone"
    if not contacts:
        return "unregistered"
    if all(contact["reachable"] is False for contact in contacts):
        return "unreachable"
    # Asterisk's list lacks an endpoint that has not changed its state since it started, and calls
    # one unavailable whose phone it has not asked yet (NonQualified, right after the start).
    return _STATES.get(device_state or "", "idle")
