# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a message of Asterisk's: a few of its fields, and none that is a secret.

Pure. A record is one flat dictionary of texts, and one line of JSON on the way from the host. What is not
named here does not leave the host: challenges, responses, and the mark in a contact by which a phone could
be called in another's place.
"""

from __future__ import annotations

import hashlib
import re
import typing as t

from ..asterisk import registration

Record = dict[str, str]
Message = t.Mapping[str, str]

#: What can be asked for, and the class of Asterisk's events that it needs (manager.c).
REGISTRATIONS, CALLS, SECURITY = KINDS = ("registrations", "calls", "security")
CLASSES = {REGISTRATIONS: "system", CALLS: "call", SECURITY: "security"}

#: The fields of each record besides ``record``.
FIELDS: dict[str, tuple[str, ...]] = {
    # What there is when a connection has been made: between these two come records of the same kinds.
    "begin": (),
    "ready": (),
    "contact": ("number", "contact", "address", "user_agent", "state"),
    "call": ("call", "caller", "called"),
    # A call that is in progress already.
    "going_on": ("call",),
    "answer": ("call", "by"),
    "emergency": ("call",),
    "hangup": ("call", "cause"),
    "attempts": ("problem", "address", "account", "count"),
    "alive": (),
    "trouble": ("why",),
}
#: What the values of fields look like; the others are texts of people and machines: user_agent, account, why.
FORMS: dict[str, re.Pattern[str]] = {
    "number": re.compile(r"[0-9]{1,15}"),
    "contact": re.compile(r"[0-9a-f]{16}"),
    "address": re.compile(r"(?:[0-9A-Za-z.:[\]-]{1,262})?"),
    "state": re.compile(r"there|reachable|unreachable|gone"),
    "call": re.compile(r"[A-Za-z0-9._-]{1,150}"),
    "caller": re.compile(r"(?:\+?[0-9*#]{1,32})?"),
    "called": re.compile(r"(?:\+?[0-9*#]{1,32})?"),
    "by": re.compile(r"(?:\+?[0-9*#]{1,32})?"),
    "cause": re.compile(r"[0-9]{1,3}"),
    "count": re.compile(r"[0-9]{1,9}"),
    "problem": re.compile(r"[a-z_]{1,40}"),
}
#: What a contact can be.
THERE, REACHABLE, UNREACHABLE, GONE = ("there", "reachable", "unreachable", "gone")
_STATES = {"Removed": GONE, "Reachable": REACHABLE, "Unreachable": UNREACHABLE}
#: Security events that report an attempt that has failed (res_security_log.c). The others are everyday.
PROBLEMS = {
    "FailedACL": "address_refused",
    "InvalidAccountID": "no_such_account",
    "InvalidPassword": "wrong_password",
    "ChallengeResponseFailed": "wrong_password",
    "InvalidTransport": "wrong_transport",
    "UnexpectedAddress": "unexpected_address",
    "RequestNotAllowed": "not_allowed",
    "RequestNotSupported": "not_supported",
    "RequestBadFormat": "bad_request",
    "AuthMethodNotAllowed": "not_allowed",
    "SessionLimit": "too_many_sessions",
    "LoadAverageLimit": "too_much_load",
    "MemoryLimit": "too_little_memory",
}

_NUMBER, _DIALLED, _UNIQUE, _CAUSE = (FORMS[name] for name in ("number", "called", "call", "cause"))
_AT = re.compile(
    r"sips?:(?:[^@;>]*@)?(?P<host>\[[0-9A-Fa-f:.]{2,45}\]|[0-9A-Za-z.-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
)
_REMOTE = re.compile(r"IPV[46]/[A-Z]{2,4}/(?P<host>[0-9A-Fa-f:.]{2,45})/[0-9]{1,5}")
#: Longest text of others that is told.
LONGEST = 200


def of(message: Message) -> Record | None:
    """Return the record of an event, or None where there is nothing to tell."""
    make = _OF.get(message.get("Event", ""))
    return make(message) if make else None


def _contact_status(message: Message) -> Record | None:
    state, uri = _STATES.get(message.get("ContactStatus", ""), THERE), message.get("URI", "")
    if state != GONE and registration.has_been_ended(uri):
        return None  # in place of a phone's, until Asterisk has thrown it out
    return _contact(message.get("AOR", ""), uri, "", state)


def _contact_in_list(message: Message) -> Record | None:
    state = _STATES.get(message.get("Status", ""), THERE)
    number = message.get("ObjectName", "").partition(";@")[0]
    return _contact(number, message.get("Uri", ""), message.get("UserAgent", ""), state)


def _contact(number: str, uri: str, user_agent: str, state: str) -> Record | None:
    # The contacts of trunks are not those of phones.
    if not _NUMBER.fullmatch(number):
        return None
    at = _AT.match(uri)
    address = "" if at is None else at["host"] + (f":{at['port']}" if at["port"] else "")
    return _record("contact", number, registration.told_apart(uri), address, user_agent[:LONGEST], state)


def contact_id(message: Message) -> str:
    """Return the name of a contact in Asterisk (location.c), or nothing where it has none to be asked by."""
    number, uri = message.get("AOR", ""), message.get("URI", "")
    if not _NUMBER.fullmatch(number):
        return ""
    return f"{number};@{hashlib.md5(uri.encode('utf-8', 'replace'), usedforsecurity=False).hexdigest()}"


def _channel(message: Message, prefix: str = "") -> str:
    """Return the endpoint of a channel such as PJSIP/1001-0000002a."""
    technology, _slash, rest = message.get(f"{prefix}Channel", "").partition("/")
    return rest.rpartition("-")[0] if technology == "PJSIP" else ""


def _who(message: Message, prefix: str = "") -> str:
    """Return the number of an extension, or that by which the outside world calls itself."""
    endpoint = _channel(message, prefix)
    if _NUMBER.fullmatch(endpoint):
        return endpoint
    return _dialled(message.get(f"{prefix}CallerIDNum", ""))


def _dialled(text: str) -> str:
    return text if _DIALLED.fullmatch(text) else ""


def _call(message: Message) -> Record | None:
    call = message.get("Uniqueid", "")
    # A channel that Asterisk has made for a call has that call's as its Linkedid.
    if not _channel(message) or call != message.get("Linkedid") or not _UNIQUE.fullmatch(call):
        return None
    return _record("call", call, _who(message), _dialled(message.get("Exten", "")))


def _going_on(message: Message) -> Record | None:
    call = message.get("Uniqueid", "")
    return _record("going_on", call) if _UNIQUE.fullmatch(call) else None


def _answer(message: Message) -> Record | None:
    call = message.get("Uniqueid", "")
    if message.get("DialStatus") != "ANSWER" or not _UNIQUE.fullmatch(call):
        return None
    return _record("answer", call, _who(message, "Dest"))


def _hangup(message: Message) -> Record | None:
    call, cause = message.get("Uniqueid", ""), message.get("Cause", "")
    if not _channel(message) or not _UNIQUE.fullmatch(call):
        return None
    return _record("hangup", call, cause if _CAUSE.fullmatch(cause) else "0")


_OF: dict[str, t.Callable[[Message], Record | None]] = {
    "ContactStatus": _contact_status,
    "ContactList": _contact_in_list,
    "Newchannel": _call,
    "Status": _going_on,
    "DialEnd": _answer,
    "Hangup": _hangup,
}


class Attempt(t.NamedTuple):
    """What has failed, from where, and for which account."""

    problem: str
    address: str
    account: str


def attempt(message: Message) -> Attempt | None:
    """Return the attempt that a security event reports."""
    problem = PROBLEMS.get(message.get("Event", ""))
    if problem is None:
        return None
    remote = _REMOTE.fullmatch(message.get("RemoteAddress", ""))
    account = message.get("AccountID", "")
    return Attempt(
        problem, remote["host"] if remote else "", "" if account == "<unknown>" else account[:LONGEST]
    )


def _record(name: str, *values: str) -> Record:
    return {"record": name, **dict(zip(FIELDS[name], values))}


def kind(made: Record) -> str:
    """Return what a record belongs to, of KINDS."""
    return REGISTRATIONS if made["record"] == "contact" else CALLS


def begin() -> Record:
    """Say that what there is follows."""
    return _record("begin")


def ready() -> Record:
    """Say that all that there is has been told."""
    return _record("ready")


def alive() -> Record:
    """Say that Asterisk answers."""
    return _record("alive")


def emergency(call: str) -> Record:
    """Say that a call is one to an emergency number."""
    return _record("emergency", call)


def attempts(what: Attempt, count: int) -> Record:
    """Say how often something has been tried."""
    return _record("attempts", *what, str(count))


def trouble(why: str) -> Record:
    """Say why nothing more comes."""
    return _record("trouble", why[:LONGEST])
