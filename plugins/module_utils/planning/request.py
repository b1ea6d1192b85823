# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked of a directory: the options that a user has given for each thing, read.

An option that is not given is not there, and means: leave it as it is.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections import abc
from dataclasses import dataclass, field

from ..definition import credential_form, network_form
from ..definition.model import CODECS
from ..definition.outbound import read_inbound_numbers, read_rules
from ..definition.problem import Problem, quoted
from ..definition.protocol import PROTOCOLS
from ..definition.reading import Item, Options, Reader, ReadOption, integer, joined, list_of, one_of
from .plan import EMERGENCY_NUMBERS, EXTENSIONS, GROUPS, PORTS, PROFILES, TRUNKS, Kind

#: How each option of a thing is read; the key that names it, and its secrets, come too.
CONNECTION_PORT_OPTIONS: Options = {
    "protocol": one_of(PROTOCOLS),
    "address": network_form.address,
    "port": integer(1, 65535, "a port"),
    "certificate": network_form.file,
    "private_key": network_form.file,
    "external_address": network_form.host_or_none,
    "local_networks": list_of(network_form.network, "a network"),
}
TRUNK_OPTIONS: Options = {
    "host": network_form.host,
    "port": integer(1, 65535, "a port"),
    "connection_port": Reader.reference,
    "register": Reader.flag,
    "username": network_form.username,
    "realm": network_form.realm,
    "codecs": list_of(one_of(CODECS), "a codec", least=1),
    "caller_id": Reader.outside_number,
    "inbound_addresses": list_of(network_form.network_or_host, "an address"),
    "inbound_numbers": read_inbound_numbers,
    "country_code": Reader.country_code,
    "area_code": Reader.area_code,
    "called_number_header": network_form.header,
    "trust_identity": Reader.flag,
    "qualify": Reader.flag,
    "emergency": Reader.flag,
}
OUTBOUND_PROFILE_OPTIONS: Options = {
    "rules": read_rules,
    "max_concurrent_calls": integer(0, 10000, "a number of calls"),
    "max_call_time": integer(0, 86400, "a number of seconds"),
}
EXTENSION_GROUP_OPTIONS: Options = {}
EXTENSION_OPTIONS: Options = {
    "name": Reader.text,
    "connection_port": Reader.reference,
    "outbound_profile": Reader.reference,
    "outbound_caller_id": Reader.outside_number,
    "groups": Reader.group_names,
    "callable_groups": Reader.callable_groups,
    "record": Reader.flag,
    "enabled": Reader.flag,
    "max_devices": integer(1, 20, "a number of phones"),
    "max_calls": integer(1, 1000, "a number of calls"),
    "ring_timeout": integer(5, 300, "a number of seconds"),
    "forward_to": Reader.number_or_none,
    "language": Reader.language,
    "email": Reader.email,
    "labels": Reader.labels,
    "username": credential_form.username,
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
    #: The password of an extension or a trunk; empty takes it away.
    password: str | None = field(default=None, repr=False)
    #: The HA1 of the password of an extension, in place of it; empty takes it away.
    password_digest: str | None = field(default=None, repr=False)
    #: Where the options are written that the item itself leaves out, by their names.
    defaults: t.Mapping[str, str] = field(default_factory=dict)

    def place(self, option: str) -> str:
        """Return where an option is written, for messages; it may go on: ``groups[0]``."""
        return joined(self.defaults.get(option.partition("[")[0], self.path), option)


@dataclass(frozen=True)
class Asked:
    """What was asked for, and what is wrong with it.

    The requests are those of the sound items, so that a plan can go on to find what only it sees.
    """

    requests: tuple[Request, ...] = ()
    problems: tuple[Problem, ...] = ()
    #: The keys of the items that something is wrong with: others may name them without a mistake.
    unsound: frozenset[str] = frozenset()


Ask = t.Callable[[t.Sequence[Item], str], Asked]


_PASSWORD: Options = {"password": Reader.password}
_PASSWORD_OR_DIGEST: Options = {**_PASSWORD, "password_digest": credential_form.password_digest}


def _asking(key: str, read_key: ReadOption, options: Options, secrets: Options | None = None) -> Ask:
    """Return the function that reads a list of things of one kind."""

    secrets = secrets or {}
    known_options = {key, "state", *options, *secrets}

    def read_one(reader: Reader) -> Request:
        reader.refuse_unknown(known_options)
        name = reader.required(key, read_key)
        given_secrets = reader.given(secrets)
        if len(given_secrets) > 1:
            reader.problem("password_digest", "is given in addition to password; give one of them")
        return Request(name, reader.path, reader.present(), reader.given(options), **given_secrets)

    def ask(items: t.Sequence[Item], option: str = "") -> Asked:
        problems: list[Problem] = []
        requests: list[Request] = []
        unsound: set[str] = set()
        first: dict[str, int] = {}

        def the_first(index: int) -> str:
            name = items[index].get("name") if key != "name" else None
            called = f" ({quoted(name)})" if isinstance(name, str) and name else ""
            return f"{option}[{index}]{called}" if option else "another item"

        for index, item in enumerate(items):
            path = f"{option}[{index}]" if option else ""
            known = len(problems)
            if not isinstance(item, abc.Mapping):
                problems.append(Problem(path, "is not a mapping; write its options as `key: value`"))
                continue
            request = read_one(Reader(item, path, problems))
            sound = len(problems) == known
            if not request.key:
                continue
            if request.key in first:
                message = f"{request.key} is also given by {the_first(first[request.key])}; name it once"
                problems.append(Problem(joined(path, key), message))
            elif sound:
                requests.append(request)
            else:
                unsound.add(request.key)
            first.setdefault(request.key, index)
        return Asked(tuple(requests), tuple(problems), frozenset(unsound))

    return ask


ask_connection_ports = _asking("name", Reader.text, CONNECTION_PORT_OPTIONS)
ask_trunks = _asking("name", Reader.text, TRUNK_OPTIONS, _PASSWORD)
ask_outbound_profiles = _asking("name", Reader.text, OUTBOUND_PROFILE_OPTIONS)
ask_extension_groups = _asking("name", Reader.group_name, EXTENSION_GROUP_OPTIONS)
ask_extensions = _asking("number", Reader.number, EXTENSION_OPTIONS, _PASSWORD_OR_DIGEST)
_ask_numbers = _asking("number", Reader.number, {})


def ask_emergency_numbers(numbers: t.Sequence[t.Any], option: str = "") -> Asked:
    """Read the emergency numbers, of which there is nothing to know but the digits."""
    asked = _ask_numbers([{"number": number} for number in numbers], option)
    # The place of the number is that of the entry: emergency_numbers[1].
    problems = [Problem(p.path.removesuffix(".number"), p.message) for p in asked.problems]
    return dataclasses.replace(asked, problems=tuple(problems))


#: How things of each kind are read as a user writes them, with what is wrong. The second argument is
#: the name of the list for messages; empty for a single item.
ASK: dict[Kind, Ask] = {
    EMERGENCY_NUMBERS: ask_emergency_numbers,
    PORTS: ask_connection_ports,
    TRUNKS: ask_trunks,
    PROFILES: ask_outbound_profiles,
    GROUPS: ask_extension_groups,
    EXTENSIONS: ask_extensions,
}
