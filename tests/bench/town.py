# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host with as many extensions as are wanted, each of them somebody's, and what its facts have to say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from integration.fleet import Host

#: They are on every host from the beginning to the end: pairs of telephones that register and call.
RESIDENTS = [str(10000 + index) for index in range(40)]
GROUPS = [f"Kat {floor}" for floor in range(20)]
PORT = "Masa telefonları"
#: Letters for the digits of a hexadecimal number: a password must not hold the extension's number.
_LETTERS = str.maketrans("0123456789", "ghijklmnop")

Facts = dict[str, Any]


def numbers(size: int) -> list[str]:
    return [str(20000 + index) for index in range(size)]


def password(number: str) -> str:
    return hashlib.sha256(number.encode()).hexdigest()[:16].translate(_LETTERS)


def phones(size: int) -> list[tuple[str, str]]:
    """Return every phone: its number and password."""
    return [(number, password(number)) for number in numbers(size)]


def extensions(of: Sequence[str]) -> list[Facts]:
    """Return these numbers as a user writes extensions."""
    return [
        {
            "number": number,
            "name": f"Ayşe Yılmaz {number}",
            "password": password(number),
            "connection_port": PORT,
            "groups": [GROUPS[int(number) % len(GROUPS)]],
        }
        for number in of
    ]


def variables(of: Sequence[str]) -> Facts:
    """Return the variables of a host with these extensions, by the names of the role."""
    return {
        "pbx_connection_ports": [{"name": PORT}],
        "pbx_extension_groups": [{"name": name} for name in GROUPS],
        "pbx_extensions": extensions(of),
    }


def settle(host: Host, size: int) -> None:
    """Make the directory exactly this, and start Asterisk again.

    One that has started with the directory in place is quick to register its phones: otherwise each that
    it has never seen makes it look at all of them (res_pjsip/pjsip_options.c).
    """
    given = variables(numbers(size))
    lists = {name.removeprefix("pbx_"): things for name, things in given.items()}
    result = host.module_with_file("pbx_directory", **lists, purge=True, purge_limit=100)
    assert not result["failed"], result["msg"]
    host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")


def check(facts: Facts, size: int) -> None:
    """Fail unless the facts are those of a host whose phones are all registered and idle."""
    summary = facts["pbx_extension_summary"]
    assert (summary["asterisk"], summary["extensions"], summary["registered"]) == ("running", size, size)
    extensions = facts["pbx_extensions"]
    assert list(extensions) == numbers(size)
    for number, extension in extensions.items():
        (contact,) = extension["contacts"]
        seen = (extension["number"], extension["registered"], extension["state"], extension.get("calls", []))
        assert seen == (number, True, "idle", []), (number, extension)
        assert contact["uri"] == f"sip:{number}@{contact['address']}", contact
    members = [number for group in facts["pbx_extension_groups"].values() for number in group["members"]]
    assert sorted(members) == numbers(size)


def answer_of(text: str) -> Facts:
    """Return what `ansible -m` has printed as a module's result."""
    assert "| SUCCESS => " in text, text[-2000:]
    return dict(json.loads(text.partition(" => ")[2]))
