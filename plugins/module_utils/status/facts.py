# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Joins what the directory defines with what Asterisk sees into one answer for each extension."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ..asterisk import ami, registration, trunk
from ..definition.model import Extension
from ..definition.problem import Problem
from ..planning.plan import KINDS, Directory
from ..recording import storage

Facts = dict[str, t.Any]

#: What can be gathered.
DEFINITION, REGISTRATION, CALLS, CERTIFICATES, RECORDING, CONFIRMATION, BLOCKED, DIRECTORY, HISTORY = (
    GATHERED
) = (
    "definition",
    "registration",
    "calls",
    "certificates",
    "recording",
    "confirmation",
    "blocked",
    "directory",
    "history",
)
#: What is gathered unless told otherwise.
GATHERED_BY_DEFAULT = (DEFINITION, REGISTRATION, CALLS, CERTIFICATES, RECORDING, CONFIRMATION, BLOCKED)

#: AMI's words for the state of a device (main/devicestate.c), in those of the user's page.
_STATES = {
    "NOT_INUSE": "idle",
    "INUSE": "in use",
    "BUSY": "busy",
    "RINGING": "ringing",
    "RINGINUSE": "ringing in use",
    "ONHOLD": "on hold",
}
#: The same for the state of a channel (main/channel.c, ast_state2str).
_CALL_STATES = {"Ring": "calling", "Ringing": "ringing", "Up": "connected"}
#: What a channel does that Asterisk has made to call a phone (app_dial.c, app_queue.c, dial.c).
_CALLED = ("AppDial", "AppDial2", "AppQueue")
#: A number of the world outside, at most as long as E.164 and an international prefix make it.
_NUMBER = re.compile(r"\+?[0-9]{1,32}")
#: By this another Asterisk that registers here tells our calls from others': as good as a password to it
#: (res_pjsip_outbound_registration.c, option line).
#: And by x-ast-txp the dialplan tells a contact that was rewritten to where it came from: to know it would be
#: to be able to have another one called. Nothing that Asterisk adds is the phone's.
_LINE = re.compile(r";(line=|x-ast-)[^;?>]*", re.IGNORECASE)


#: The dialplan's global variables of calls that it has refused: which extension had as many as it may have,
#: and when (1001-1795422556); and when there was no room but for emergency calls, in seconds since 1970.
LIMIT_REACHED, NO_ROOM = REFUSALS = ("call_limit_reached", "no_room")

#: The variable in which MixMonitor leaves the name of its file.
_RECORDED_TO = "MIXMONITOR_FILENAME"

#: What Asterisk is asked for each part of a ``Live``.
_LISTINGS = {
    "contacts": ami.Listing(
        "PJSIPShowContacts", "ContactList", "ContactListComplete", empty="No Contacts found"
    ),
    "device_states": ami.Listing("DeviceStateList", "DeviceStateChange", "DeviceStateListComplete"),
    # CoreShowChannels tells a variable only if manager.conf names it (channelvars), and then each
    # variable that is set has Asterisk copy the whole channel again (ast_channel_publish_varset).
    "channels": ami.Listing("Status", "Status", "StatusComplete", fields={"Variables": _RECORDED_TO}),
}
#: What has to be gathered for it to be asked.
_GATHERED_WITH = {"contacts": REGISTRATION, "device_states": REGISTRATION, "channels": CALLS}


@dataclass(frozen=True)
class Question:
    """What a user wants to know."""

    #: Which extensions: those with these numbers and those in these groups; None twice is all of them.
    numbers: t.Sequence[str] | None = None
    groups: t.Sequence[str] | None = None
    gather: t.Collection[str] = GATHERED_BY_DEFAULT


@dataclass(frozen=True)
class Live:
    """What Asterisk answered, as AMI messages; None is what it was not asked."""

    contacts: t.Sequence[ami.Message] | None = None
    device_states: t.Sequence[ami.Message] = ()
    channels: t.Sequence[ami.Message] | None = None
    #: The states of the trunks' registrations by the names that trunks have in Asterisk.
    registrations: t.Mapping[str, str] | None = None
    #: What it says of the calls that it has refused: REFUSALS.
    refusals: t.Mapping[str, str] | None = None
    #: What it says of the storage of recordings: storage.VARIABLES.
    storage: t.Mapping[str, str] | None = None
    #: The extensions that it gives no more lamps.
    refused_lamps: t.Collection[str] = ()


def asks_asterisk(gather: t.Collection[str]) -> bool:
    """Tell whether Asterisk is asked for anything, at least whether it runs: not for what the host keeps."""
    return not set(gather) <= {CONFIRMATION, BLOCKED, DIRECTORY, HISTORY} or not gather


def ask(client: ami.Client, gather: t.Collection[str] = GATHERED_BY_DEFAULT) -> Live:
    """Ask Asterisk permanentlyything at once. Raises AmiError."""
    asked = [name for name in _LISTINGS if _GATHERED_WITH[name] in gather]
    answers: dict[str, t.Any] = dict(zip(asked, client.lists([_LISTINGS[name] for name in asked])))
    for name, part, variables in (
        ("refusals", CALLS, REFUSALS),
        ("storage", RECORDING, storage.VARIABLES),
    ):
        if part in gather:
            answers[name] = {
                variable: client.action("Getvar", Variable=variable).get("Value", "")
                for variable in variables
            }
    return Live(**answers)


def contacts_by_number(messages: t.Iterable[ami.Message], now: float) -> dict[str, list[Facts]]:
    """Return the contacts that have not expired at ``now`` (seconds since 1970), newest last."""
    contacts: dict[str, list[Facts]] = {}
    for message in messages:
        expires = registration.expires_at(message)
        if expires <= now:
            continue
        microseconds = _integer(message.get("RoundtripUsec"))
        status = message.get("Status", "")
        contacts.setdefault(message.get("ObjectName", "").partition(";@")[0], []).append(
            {
                "address": "{}:{}".format(message.get("ViaAddr", ""), message.get("ViaPort", "")),
                "uri": _LINE.sub("", message.get("Uri", "")),
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


def calls_by_number(messages: t.Iterable[ami.Message]) -> dict[str, list[Facts]]:
    """Return the calls of each extension, the longest first: one for each of its channels."""
    calls: dict[str, list[Facts]] = {}
    for message in messages:
        # PJSIP/1001-0000002a
        technology, _slash, channel = message.get("Channel", "").partition("/")
        if technology != "PJSIP":
            continue
        called = message.get("Application") in _CALLED
        calls.setdefault(channel.rpartition("-")[0], []).append(
            {
                "direction": "incoming" if called else "outgoing",
                # Until the other side is there, what was dialled; a called phone has dialled nothing.
                "other": _number(message.get("ConnectedLineNum"))
                or ("" if called else _number(message.get("Exten"))),
                "state": _CALL_STATES.get(message.get("ChannelStateDesc", ""), "setting up"),
                "seconds": _integer(message.get("Seconds")),
                "recorded": _recorded(message),
            }
        )
    for same_number in calls.values():
        same_number.sort(key=lambda call: -(call["seconds"] or 0))
    return calls


def _number(text: str | None) -> str:
    # What comes from outside may call itself anything.
    return text if text and _NUMBER.fullmatch(text) else ""


def _recorded(message: ami.Message) -> bool | None:
    variable, _sign, value = message.get("Variable", "").partition("=")
    # C's word for a variable that the channel does not have (generate_status).
    return value not in ("", "(null)") if variable == _RECORDED_TO else None


# --- the facts of a host ---------------------------------------------------------------------


def selected(directory: Directory, question: Question) -> dict[str, Extension]:
    """Return the extensions that are asked for and are there, ordered."""
    if question.numbers is None and question.groups is None:
        return dict(sorted(directory.extensions.items()))
    numbers, of_any = frozenset(question.numbers or ()), frozenset(_names(question.groups))
    return {
        number: extension
        for number, extension in sorted(directory.extensions.items())
        if number in numbers or extension.groups & of_any
    }


def not_here(directory: Directory, question: Question) -> list[Problem]:
    """Return what is asked for and is not on this host, which is not an error: a fleet is asked as one."""
    problems = [
        Problem(f"numbers[{index}]", f"there is no extension {number!r} on this host")
        for index, number in enumerate(question.numbers or ())
        if number not in directory.extensions
    ]
    for index, group in enumerate(_names(question.groups)):
        if group not in directory.groups:
            from ..definition.nearest import nearest  # noqa: PLC0415 - seldom needed, and what it needs is large

            near = nearest(group, directory.groups)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            problems.append(Problem(f"groups[{index}]", f"there is no group {group!r} on this host{hint}"))
    return problems


def _names(groups: t.Sequence[str] | None) -> list[str]:
    if not groups:
        return []
    from ..definition.reading import normalise_name  # noqa: PLC0415 - seldom needed, and large

    return [normalise_name(group)[0] for group in groups]


def facts(
    directory: Directory,
    live: Live | None,
    now: float,
    question: Question = Question(),
    *,
    certificates: t.Mapping[str, Facts] | None = None,
    recording_storage: Facts | None = None,
) -> Facts:
    """Return the facts of a host; ``live`` is None where Asterisk does not run, or is not to be asked.

    Then what Asterisk would tell is None (unknown), and the definitions stand. What is not to be
    gathered is left out. ``certificates`` are those of port_certificate.look_at, and ``recording_storage``
    is that of storage.look_at.
    """
    its_selected = selected(directory, question)
    seen = _seen(directory, live, now, question.gather)
    registered = [number for number, facts in seen.items() if facts.get("registered")]
    known = live is not None and REGISTRATION in question.gather
    is_asked = asks_asterisk(question.gather)
    result: Facts = {
        "pbx_extensions": {
            number: {**_definition(extension, question), **seen[number]}
            for number, extension in its_selected.items()
        },
        "pbx_connection_ports": _shown(directory.ports),
        "pbx_trunks": _shown(directory.trunks),
        "pbx_outbound_profiles": _shown(directory.profiles),
        "pbx_emergency_numbers": sorted(directory.emergency_numbers),
        "pbx_extension_summary": {
            "asterisk": ("running" if live else "stopped") if is_asked else None,
            "extensions": len(directory.extensions),
            "registered": len(registered) if known else None,
        },
    }
    if CALLS in question.gather:
        result["pbx_extension_summary"].update(_refusals((live and live.refusals) or {}))
    if DEFINITION in question.gather:
        members = sorted(_members(directory).items())
        result["pbx_extension_groups"] = {group: {"members": sorted(numbers)} for group, numbers in members}
    for name, told in (certificates or {}).items():
        result["pbx_connection_ports"][name]["certificate_facts"] = told
    if REGISTRATION in question.gather:
        states = (live and live.registrations) or {}
        for name, each in directory.trunks.items():
            state = states.get(trunk.name(each)) if each.register else None
            result["pbx_trunks"][name]["registration"] = state
    if RECORDING in question.gather:
        result["pbx_recording_storage"] = recording_storage
    if DIRECTORY in question.gather:
        result["pbx_directory"] = directory_as_written(directory)
    return result


def _definition(extension: Extension, question: Question) -> Facts:
    # Most of what there is to tell of a large host, and the same each time.
    if DEFINITION in question.gather:
        return {**extension.shown(), "number": extension.number}
    # What the directory in the shape of an inventory has no place for.
    return {"has_password": extension.digest is not None} if DIRECTORY in question.gather else {}


def _seen(directory: Directory, live: Live | None, now: float, gather: t.Collection[str]) -> dict[str, Facts]:
    """Return what Asterisk sees of each extension."""
    contacts = contacts_by_number((live and live.contacts) or (), now)
    calls = calls_by_number((live and live.channels) or ())
    states = {}
    for message in live.device_states if live else ():
        technology, _slash, endpoint = message.get("Device", "").partition("/")
        if technology == "PJSIP":
            states[endpoint] = message.get("State", "")
    seen: dict[str, Facts] = {}
    for number, extension in directory.extensions.items():
        seen[number] = {}
        if REGISTRATION in gather:
            its_contacts = contacts.get(number, []) if extension.can_register else []
            seen[number] = {
                "contacts": its_contacts if live else None,
                "registered": bool(its_contacts) if live else None,
                "state": _state(extension, its_contacts, states.get(number)) if live else None,
                "at_lamp_limit": number in live.refused_lamps if live else None,
            }
        if CALLS in gather:
            # Also those of an extension that has been disabled meanwhile.
            its_calls = calls.get(number, [])
            placed = sum(1 for call in its_calls if call["direction"] == "outgoing")
            seen[number]["calls"] = its_calls if live else None
            seen[number]["at_call_limit"] = placed >= extension.max_calls if live else None
    return seen


def _refusals(told: t.Mapping[str, str]) -> Facts:
    """Return when calls were refused last, since Asterisk was started; None where none was."""
    number, _dash, at = told.get(LIMIT_REACHED, "").partition("-")
    reached = {"number": number, "at": storage.moment(int(at))} if at.isdecimal() else None
    no_room = told.get(NO_ROOM, "")
    return {
        "call_limit_reached": reached,
        "no_room_at": storage.moment(int(no_room)) if no_room.isdecimal() else None,
    }


def _members(directory: Directory) -> dict[str, list[str]]:
    """Return the numbers of each group's members."""
    members: dict[str, list[str]] = {group: [] for group in directory.groups}
    for number, extension in directory.extensions.items():
        for group in extension.groups:
            members[group].append(number)
    return members


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
