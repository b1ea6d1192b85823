# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection port, an extension group and an extension are.

A thing as it stands in a directory is one of these classes; a thing as it is asked for is a
``Request``, in which an option that is not given is not there and means: leave it as it is.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from .problem import InvalidInputError, Problem, ProblemOfTheList
from .reading import EVERY_GROUP, Item, Options, Reader, integer, joined, one_of

PROTOCOLS = ("udp", "tcp")


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
class ExtensionGroup:
    """A group of extensions: a name, and nothing else."""

    name: str

    def shown(self) -> dict[str, t.Any]:
        return {}


@dataclass(frozen=True)
class Extension:
    """One person's (or room's, or machine's) telephone line."""

    number: str
    name: str = ""
    connection_port: str | None = None
    groups: frozenset[str] = frozenset()
    #: The groups that it may call; None = no restriction.
    callable_groups: frozenset[str] | None = None
    #: Whether its phones may register and it can call and be called.
    enabled: bool = True
    #: How many phones may be registered at the same time.
    max_devices: int = 1
    #: How long its phones ring before the call is forwarded or ends, in seconds.
    ring_timeout: int = 30
    #: The extension that is called where no phone of this one answers.
    forward_to: str | None = None
    #: The language of the prompts that it hears; None = the host's.
    language: str | None = None
    email: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    #: SIP digest HA1 (RFC 2617, 3.2.2.2): as good as the password to a SIP client, so never shown.
    digest: str | None = field(default=None, repr=False)

    @property
    def can_register(self) -> bool:
        """Whether Asterisk has an endpoint for it: never without a password, for anybody could be it."""
        return self.enabled and self.digest is not None

    def shown(self) -> dict[str, t.Any]:
        """The definition as it would be written, but for the password: only whether there is one."""
        return {
            "name": self.name,
            "connection_port": self.connection_port or "",
            "groups": sorted(self.groups),
            "callable_groups": [EVERY_GROUP]
            if self.callable_groups is None
            else sorted(self.callable_groups),
            "enabled": self.enabled,
            "max_devices": self.max_devices,
            "ring_timeout": self.ring_timeout,
            "forward_to": self.forward_to or "",
            "language": self.language or "",
            "email": self.email or "",
            "labels": dict(self.labels),
            "has_password": self.digest is not None,
        }


#: How each option of a thing is read; the key that names it comes besides.
CONNECTION_PORT_OPTIONS: Options = {
    "protocol": one_of(PROTOCOLS),
    "address": Reader.address,
    "port": integer(1, 65535, "a port"),
}
EXTENSION_GROUP_OPTIONS: Options = {}
EXTENSION_OPTIONS: Options = {
    "name": Reader.text,
    "connection_port": Reader.reference,
    "groups": Reader.group_names,
    "callable_groups": Reader.callable_groups,
    "enabled": Reader.flag,
    "max_devices": integer(1, 20, "a number of phones"),
    "ring_timeout": integer(5, 300, "a number of seconds"),
    "forward_to": Reader.number_or_none,
    "language": Reader.language,
    "email": Reader.email,
    "labels": Reader.labels,
}


@dataclass(frozen=True)
class Request:
    """What is asked of one thing."""

    #: Its name or number.
    key: str
    #: Where it is asked, for messages: ``extensions[57]``, or empty for a single item.
    path: str = ""
    present: bool = True
    #: The options that are given, read.
    given: t.Mapping[str, t.Any] = field(default_factory=dict)
    #: An extension's password; empty takes the phone's right to register away.
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Asked:
    """What was asked for, and what is wrong with it.

    The requests are those of the sound items, so that a plan can go on to find what only it sees.
    """

    requests: tuple[Request, ...]
    problems: tuple[Problem, ...] = ()

    def is_consequence(self, problem: Problem) -> bool:
        """Tell whether a problem that a plan finds may follow from the items that are left out."""
        return bool(self.problems) and isinstance(problem, ProblemOfTheList)


def _ask(items: t.Sequence[Item], option: str, read_one: t.Callable[[Reader], Request], key: str) -> Asked:
    problems: list[Problem] = []
    requests: list[Request] = []
    first_path: dict[str, str] = {}
    for index, item in enumerate(items):
        path = f"{option}[{index}]" if option else ""
        known = len(problems)
        if not isinstance(item, t.Mapping):
            problems.append(Problem(path, "is not a mapping; write its options as `key: value`"))
            continue
        request = read_one(Reader(item, path, problems))
        sound = len(problems) == known
        if not request.key:
            continue
        if request.key in first_path:
            other = first_path[request.key] or "another item"
            message = f"{request.key} is also given by {other}; name it once"
            problems.append(Problem(joined(path, key), message))
        elif sound:
            requests.append(request)
        first_path.setdefault(request.key, path)
    return Asked(tuple(requests), tuple(problems))


def _checked(asked: Asked) -> list[Request]:
    if asked.problems:
        raise InvalidInputError(asked.problems)
    return list(asked.requests)


def ask_connection_ports(items: t.Sequence[Item], option: str = "") -> Asked:
    """Read connection ports as a user writes them, with what is wrong.

    ``option`` is the name of the list for messages; empty for a single item.
    """

    def one(reader: Reader) -> Request:
        name = reader.required("name", Reader.text)
        return Request(name, reader.path, reader.present(), reader.given(CONNECTION_PORT_OPTIONS))

    return _ask(items, option, one, key="name")


def ask_extension_groups(items: t.Sequence[Item], option: str = "") -> Asked:
    """Read extension groups as a user writes them; see ask_connection_ports."""

    def one(reader: Reader) -> Request:
        name = reader.required("name", Reader.group_name)
        return Request(name, reader.path, reader.present(), reader.given(EXTENSION_GROUP_OPTIONS))

    return _ask(items, option, one, key="name")


def ask_extensions(items: t.Sequence[Item], option: str = "") -> Asked:
    """Read extensions as a user writes them; see ask_connection_ports."""

    def one(reader: Reader) -> Request:
        number = reader.required("number", Reader.number)
        password = reader.given({"password": Reader.password}).get("password")
        given = reader.given(EXTENSION_OPTIONS)
        return Request(number, reader.path, reader.present(), given, password)

    return _ask(items, option, one, key="number")


def read_connection_ports(items: t.Sequence[Item], option: str = "") -> list[Request]:
    """Read connection ports as a user writes them. Raises InvalidInputError with all that is wrong."""
    return _checked(ask_connection_ports(items, option))


def read_extension_groups(items: t.Sequence[Item], option: str = "") -> list[Request]:
    """Read extension groups as a user writes them. Raises InvalidInputError with all that is wrong."""
    return _checked(ask_extension_groups(items, option))


def read_extensions(items: t.Sequence[Item], option: str = "") -> list[Request]:
    """Read extensions as a user writes them. Raises InvalidInputError with all that is wrong."""
    return _checked(ask_extensions(items, option))
