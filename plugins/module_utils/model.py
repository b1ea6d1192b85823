# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection port, an extension group and an extension are.

Each thing has two forms: as it stands in a directory (``Extension``) and as it
is asked for (``ExtensionRequest``), where ``None`` means: leave as it is.
This module knows what a valid value looks like; whether a port or group that
is named exists is known to the plan.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
import unicodedata
from dataclasses import dataclass, field

from .problem import InvalidInputError, Problem

#: Longest number of an extension, in digits: that of a telephone number (ITU-T E.164, 6).
NUMBER_MAX_DIGITS = 15
#: Longest name of anything, in characters.
NAME_MAX_CHARACTERS = 80
#: Longest password, in characters; longer ones are a paste gone wrong.
PASSWORD_MAX_CHARACTERS = 128

PROTOCOLS = ("udp", "tcp")
STATES = ("present", "absent")

_NUMBER = re.compile(rf"[0-9]{{1,{NUMBER_MAX_DIGITS}}}\Z")

Item = t.Mapping[str, t.Any]


@dataclass(frozen=True)
class ConnectionPort:
    """A SIP transport that phones connect through."""

    name: str
    protocol: str = "udp"
    address: str = "0.0.0.0"
    port: int = 5060
    #: The store's identifier, part of the transport's name in Asterisk; 0 = not stored yet.
    id: int = field(default=0, compare=False)

    def shown(self) -> dict[str, t.Any]:
        return {"protocol": self.protocol, "address": self.address, "port": self.port}


@dataclass(frozen=True)
class ConnectionPortRequest:
    name: str
    path: str
    present: bool = True
    protocol: str | None = None
    address: str | None = None
    port: int | None = None


@dataclass(frozen=True)
class ExtensionGroup:
    """A group of extensions: a name, and nothing else."""

    name: str

    def shown(self) -> dict[str, t.Any]:
        return {}


@dataclass(frozen=True)
class ExtensionGroupRequest:
    name: str
    path: str
    present: bool = True


@dataclass(frozen=True)
class Extension:
    """One person's (or room's, or machine's) telephone line."""

    number: str
    name: str = ""
    connection_port: str | None = None
    groups: frozenset[str] = frozenset()
    #: SIP digest HA1 (RFC 2617, 3.2.2.2): as good as the password to a SIP client, so never shown.
    digest: str | None = field(default=None, repr=False)

    def shown(self) -> dict[str, t.Any]:
        """The definition as a user may see it; of the password only whether there is one."""
        return {
            "name": self.name,
            "connection_port": self.connection_port,
            "groups": sorted(self.groups),
            "has_password": self.digest is not None,
        }


@dataclass(frozen=True)
class ExtensionRequest:
    number: str
    path: str
    present: bool = True
    name: str | None = None
    #: An empty password takes the phone's right to register away.
    password: str | None = field(default=None, repr=False)
    #: An empty port means any of the host's ports.
    connection_port: str | None = None
    groups: frozenset[str] | None = None


def joined(path: str, option: str) -> str:
    """Return the place of an option of the item at ``path``, which is empty for a single item."""
    return ".".join(part for part in (path, option) if part)


def quoted(value: t.Any) -> str:
    """Return a wrong value for a message, cut to what helps to find it."""
    try:
        text = repr(value)
    except ValueError:  # an integer of more than 4300 digits
        text = "an enormous number"
    return text if len(text) <= 60 else text[:60] + "…"


class Reader:
    """Reads the options of one item, collecting what is wrong with each."""

    def __init__(self, item: Item, path: str, problems: list[Problem]) -> None:
        self._item = item
        self.path = path
        self._problems = problems

    def problem(self, option: str, message: str) -> None:
        self._problems.append(Problem(joined(self.path, option), message))

    def present(self) -> bool:
        state = self._item.get("state") or "present"
        if state not in STATES:
            self.problem("state", f"{quoted(state)} is neither present nor absent")
        return bool(state != "absent")

    def name(self, option: str = "name", required: bool = False) -> str | None:
        """Free text on one line; None where it is not given."""
        value = self._item.get(option)
        if value is None:
            if required:
                self.problem(option, "is missing; give it a name")
            return None
        return self.text(option, value, allow_empty=not required)

    def text(self, option: str, value: t.Any, allow_empty: bool = False) -> str:
        text, error = normalise_name(value)
        if error is None and not text and not allow_empty:
            error = "is empty; give it a name"
        if error is not None:
            self.problem(option, error)
        return text

    def names(self, option: str) -> frozenset[str] | None:
        """A list of names; None where it is not given."""
        values = self._item.get(option)
        if values is None:
            return None
        if isinstance(values, (str, bytes)) or not isinstance(values, t.Sequence):
            self.problem(option, f"{quoted(values)} is not a list; put it in brackets")
            return None
        return frozenset(self.text(f"{option}[{i}]", value) for i, value in enumerate(values))

    def number(self) -> str:
        value = self._item.get("number")
        if value is None:
            self.problem("number", "is missing; give the digits that reach this extension")
            return ""
        # YAML reads 1001 as an integer; that loses nothing, so it is taken.
        text = value if isinstance(value, str) else str(value) if _is_integer(value) else ""
        if not _NUMBER.match(text):
            wanted = f"a number of 1 to {NUMBER_MAX_DIGITS} digits; write digits only, in quotes"
            self.problem("number", f"{quoted(value)} is not {wanted}")
        return text

    def password(self) -> str | None:
        value = self._item.get("password")
        if value is None:
            return None
        if not isinstance(value, str) and not _is_integer(value):
            self.problem("password", "is not text; put it in quotes")
            return None
        text = str(value)
        if len(text) > PASSWORD_MAX_CHARACTERS:
            self.problem("password", f"is longer than {PASSWORD_MAX_CHARACTERS} characters")
        elif _unusable_character(text):
            self.problem("password", "holds a control character or invalid text; type it anew")
        return text

    def choice(self, option: str, choices: t.Sequence[str]) -> str | None:
        value = self._item.get(option)
        if value is not None and value not in choices:
            self.problem(option, f"{quoted(value)} is not one of {', '.join(choices)}")
        return t.cast("str | None", value)

    def address(self, option: str) -> str | None:
        value = self._item.get(option)
        if value is None:
            return None
        try:
            # A scope (fe80::1%eth0) is refused too: Python takes any text for one, line breaks included.
            if not isinstance(value, str) or "%" in value:
                raise ValueError
            return str(ipaddress.ip_address(value))
        except ValueError:
            self.problem(
                option, f"{quoted(value)} is not an IP address; 0.0.0.0 means every address of the host"
            )
            return None

    def port(self, option: str) -> int | None:
        value = self._item.get(option)
        if value is None:
            return None
        if _is_integer(value) and 1 <= value <= 65535:
            return t.cast(int, value)
        self.problem(option, f"{quoted(value)} is not a port from 1 to 65535")
        return None


def _is_integer(value: t.Any) -> bool:
    """Tell whether YAML has read a plain integer, and not one that is a mistake by its sheer size."""
    return isinstance(value, int) and not isinstance(value, bool) and value.bit_length() <= 64


def _unusable_character(text: str) -> bool:
    """Control characters, lone surrogates (invalid UTF-8 on the way here) and line separators."""
    return any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in text)


def normalise_name(value: t.Any) -> tuple[str, str | None]:
    """Return a name in the form in which it is stored and compared, and what is wrong with it.

    The form is Unicode NFC without blanks at the ends (Unicode Standard Annex 15), so that
    the same name typed on two keyboards is one name.
    """
    if not isinstance(value, (str, float)) and not _is_integer(value):
        return "", f"{quoted(value)} is not text; put it in quotes"
    text = str(value)
    if _unusable_character(text):
        return "", "holds a control character, a line break or invalid text; a name is one line"
    text = unicodedata.normalize("NFC", text).strip()
    if len(text) > NAME_MAX_CHARACTERS:
        return text, f"is {len(text)} characters long; at most {NAME_MAX_CHARACTERS} fit"
    return text, None


Request = t.TypeVar("Request", ConnectionPortRequest, ExtensionGroupRequest, ExtensionRequest)


def _read_list(
    items: t.Sequence[Item],
    option: str,
    read_one: t.Callable[[Reader], Request],
    key: str,
) -> list[Request]:
    """Read every item; raise InvalidInputError with all that is wrong in any of them."""
    problems: list[Problem] = []
    requests: list[Request] = []
    first_path: dict[str, str] = {}
    for index, item in enumerate(items):
        path = f"{option}[{index}]" if option else ""
        if not isinstance(item, t.Mapping):
            problems.append(Problem(path, "is not a mapping; write its options as `key: value`"))
            continue
        request = read_one(Reader(item, path, problems))
        requests.append(request)
        identity = getattr(request, key)
        if not identity:
            continue
        if identity in first_path:
            message = f"{identity} is also given by {first_path[identity] or 'another item'}; name it once"
            problems.append(Problem(joined(path, key), message))
        first_path.setdefault(identity, path)
    if problems:
        raise InvalidInputError(problems)
    return requests


def read_connection_ports(items: t.Sequence[Item], option: str = "") -> list[ConnectionPortRequest]:
    """Read connection ports as a user writes them.

    ``option`` is the name of the list for messages; empty for a single item.
    Raises InvalidInputError.
    """

    def one(reader: Reader) -> ConnectionPortRequest:
        return ConnectionPortRequest(
            name=reader.name(required=True) or "",
            path=reader.path,
            present=reader.present(),
            protocol=reader.choice("protocol", PROTOCOLS),
            address=reader.address("address"),
            port=reader.port("port"),
        )

    return _read_list(items, option, one, key="name")


def read_extension_groups(items: t.Sequence[Item], option: str = "") -> list[ExtensionGroupRequest]:
    """Read extension groups as a user writes them; see read_connection_ports."""

    def one(reader: Reader) -> ExtensionGroupRequest:
        return ExtensionGroupRequest(
            name=reader.name(required=True) or "", path=reader.path, present=reader.present()
        )

    return _read_list(items, option, one, key="name")


def read_extensions(items: t.Sequence[Item], option: str = "") -> list[ExtensionRequest]:
    """Read extensions as a user writes them; see read_connection_ports."""

    def one(reader: Reader) -> ExtensionRequest:
        return ExtensionRequest(
            number=reader.number(),
            path=reader.path,
            present=reader.present(),
            name=reader.name(),
            password=reader.password(),
            connection_port=reader.name("connection_port"),
            groups=reader.names("groups"),
        )

    return _read_list(items, option, one, key="number")
