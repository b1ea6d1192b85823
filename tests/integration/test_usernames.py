# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones with a user name of their own: they get in by it, and are nobody else by it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from phones.exchange import Room
from phones.phone import Phone, phones_addresses

from .company import PORTS
from .fleet import Host
from .test_outsider import register


def password(number: str) -> str:
    return f"a-strong-horse-{int(number) * 7919}"


#: What they authenticate as. That of 4002 is the number of another; 4004 has none of its own.
USERNAMES = {"4001": "0004f2a1b2c3", "4002": "4003", "4003": "qzkfhwpa", "4004": "4004"}


def moved_in(number: str, username: str = "") -> dict[str, Any]:
    """An extension of whose password only the HA1 is known."""
    written = f"{username or USERNAMES[number]}:asterisk:{password(number)}"
    return {"number": number, "password_digest": hashlib.md5(written.encode()).hexdigest().upper()}  # noqa: S324


PEOPLE: list[dict[str, Any]] = [
    {"number": "4001", "username": USERNAMES["4001"], "password": password("4001")},
    {**moved_in("4002"), "username": USERNAMES["4002"]},
    {"number": "4003", "username": USERNAMES["4003"], "password": password("4003")},
    moved_in("4004"),
]


@pytest.fixture(scope="module")
def town(host: Host) -> Iterator[Host]:
    made = host.whole_directory(pbx_connection_ports=PORTS, pbx_extensions=PEOPLE)
    assert not made["failed"], made
    yield host
    host.whole_directory(pbx_connection_ports=PORTS)


def phone(host: Host, number: str) -> Phone:
    return Phone(number, password(number), host.address, username=USERNAMES[number])


def registered(host: Host) -> dict[str, int]:
    """How many phones each extension has."""
    facts = host.facts()["pbx_extensions"]
    return {number: len(facts[number]["contacts"]) for number in USERNAMES if facts[number]["contacts"]}


@pytest.mark.parametrize("number", USERNAMES)
def test_a_phone_registers_and_calls_with_its_user_name(town: Host, number: str) -> None:
    other = "4001" if number != "4001" else "4004"
    with phone(town, other).on_the_desk() as desk, phone(town, number).on_the_desk():
        assert phone(town, number).call(other) == 200
        assert registered(town) == dict.fromkeys((number, other), 1)
        # To the called party it is its number.
        (caller,) = desk.callers()
        assert f"<sip:{number}@" in caller


def test_the_same_digests_again_and_the_passwords_behind_them_are_no_change(town: Host) -> None:
    again = town.module("pbx_extension", extensions=PEOPLE)
    assert (again["failed"], again["changed"]) == (False, False), again
    known = [{"number": number, "password": password(number)} for number in USERNAMES]
    again = town.module("pbx_extension", extensions=known)
    assert (again["failed"], again["changed"]) == (False, False), again


#: The identity it claims, where it registers, and by whose credentials; and the answer.
REGISTRATIONS = [
    # Right but for the user name.
    ({"number": "4001", "password": "4001"}, 401),
    ({"number": "4003", "username": "QZKFHWPA", "password": "4003"}, 401),
    ({"number": "4004", "username": "0004f2a1b2c3", "password": "4004"}, 401),
    # By credentials that are good for another, whose number or user name is in them.
    ({"number": "4003", "username": "0004f2a1b2c3", "password": "4001"}, 401),
    ({"number": "4003", "username": "4003", "password": "4002"}, 401),
    ({"number": "4003", "username": "4003", "password": "4003"}, 401),
    ({"number": "4004", "username": "4003", "password": "4002"}, 401),
    # Let in, and for another's calls.
    ({"number": "4001", "as": "4003", "username": "0004f2a1b2c3", "password": "4001"}, 404),
    ({"number": "4002", "as": "4003", "username": "4003", "password": "4002"}, 404),
    ({"number": "4001", "as": "0004f2a1b2c3", "username": "0004f2a1b2c3", "password": "4001"}, 404),
    # A user name is nobody.
    ({"number": "0004f2a1b2c3", "username": "0004f2a1b2c3", "password": "4001"}, 401),
    ({"number": "qzkfhwpa", "as": "4003", "username": "qzkfhwpa", "password": "4003"}, 401),
    ({"number": "anonymous", "as": "4001", "username": "0004f2a1b2c3", "password": "4001"}, 401),
    ({"number": "anonymous", "as": "4003", "username": "4003", "password": "4002"}, 401),
    ({"number": "anonymous", "as": "4002", "username": "4003", "password": "4002"}, 401),
    ({"number": "anonymous", "as": "4003", "username": "4003", "password": "4003"}, 401),
]


def test_nobody_registers_for_another_whatever_the_credentials(town: Host) -> None:
    attempts = [{**who, "password": password(who["password"])} for who, _status in REGISTRATIONS]
    statuses, _times = register(town, phones_addresses()[1], attempts)
    assert list(zip(attempts, statuses)) == list(zip(attempts, (status for _who, status in REGISTRATIONS)))
    assert registered(town) == {}


#: The user in From, by whose credentials, and the answer.
CALLS = [
    ("4003", "0004f2a1b2c3", "4001", 401),
    ("4003", "4003", "4002", 401),
    ("4001", "4001", "4001", 401),
    ("0004f2a1b2c3", "0004f2a1b2c3", "4001", 401),
    ("anonymous", "0004f2a1b2c3", "4001", 401),
    ("anonymous", "4003", "4002", 401),
    ("anonymous", "4003", "4003", 401),
    # By its number it is known.
    ("anonymous", "4004", "4004", 480),
    ("4002", "4003", "4002", 480),
]


def test_nobody_calls_as_another_whatever_the_credentials(town: Host) -> None:
    told = {}
    with Room(town.address) as room:
        for who, username, whose, _status in CALLS:
            line = room.line(2, number=who, username=username, password=password(whose))
            told[who, username, whose] = line.call("4001")
            line.unplug()
    assert told == {(who, username, whose): status for who, username, whose, status in CALLS}


def test_a_phone_with_another_user_name_withholds_its_number_by_privacy(town: Host) -> None:
    with Room(town.address) as room:
        called = room.phone("4004", password("4004"))
        caller = room.line(2, number="4001", username=USERNAMES["4001"], password=password("4001"))
        for headers, shown in (({}, "4001"), ({"Privacy": "id"}, "anonymous")):
            before = len(called.received())
            assert caller.call("4004", headers=headers) == 200
            assert called.received()[before]["from"] == shown
        called.register(expires=0)


@pytest.mark.parametrize("dialled", ["0004f2a1b2c3", "qzkfhwpa"])
def test_a_user_name_is_no_number(town: Host, dialled: str) -> None:
    with phone(town, "4003").on_the_desk():
        assert phone(town, "4004").call(dialled) == 404


def test_another_user_name_needs_the_password_and_ends_the_registration(town: Host) -> None:
    renamed = {"number": "4003", "username": "anna@example.net"}
    with phone(town, "4003").on_the_desk():
        alone = town.module("pbx_extension", **renamed)
        assert alone["failed"]
        assert "username: the password is stored for the user name 'qzkfhwpa' only" in alone["msg"]
        assert registered(town) == {"4003": 1}
        done = town.module("pbx_extension", **renamed, password=password("4003"))
        assert (done["failed"], done["updated"]) == (False, ["4003"]), done
        assert registered(town) == {}
    anna = {"number": "4003", "username": "anna@example.net", "password": password("4003")}
    old = {**anna, "username": "qzkfhwpa"}
    assert register(town, phones_addresses()[1], [anna, old])[0] == [200, 401]
    # And back, by a digest.
    back = town.module("pbx_extension", **moved_in("4003"), username="qzkfhwpa")
    assert not back["failed"], back
    assert registered(town) == {}
    assert register(town, phones_addresses()[1], [anna, old])[0] == [401, 200]


def test_two_swap_their_user_names_in_one_run(town: Host) -> None:
    swapped = [
        {"number": "4001", "username": USERNAMES["4002"], "password": password("4001")},
        {"number": "4002", "username": USERNAMES["4001"], "password": password("4002")},
    ]
    assert not town.module("pbx_extension", extensions=swapped)["failed"]
    assert register(town, phones_addresses()[1], swapped)[0] == [200, 200]
    # What was theirs is the other's now.
    before = [{**each, "username": USERNAMES[each["number"]]} for each in swapped]
    assert register(town, phones_addresses()[1], before)[0] == [401, 401]
    assert not town.module("pbx_extension", extensions=PEOPLE)["failed"]


def test_no_credential_is_in_a_log_or_an_answer(town: Host) -> None:
    secrets = [password(number) for number in USERNAMES]
    secrets += [moved_in(number)["password_digest"].lower() for number in USERNAMES]
    said = town.shell("cat /var/log/asterisk/*.log; journalctl -o cat --no-pager")
    said += str(town.module("pbx_extension_facts", gather=["definition", "directory"]))
    assert [secret for secret in secrets if secret in said.lower()] == []
