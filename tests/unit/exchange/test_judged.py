# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is read of objects and sections is judged by the rules of the inventory before it is written."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import (
    Imported,
    ImportedExtension,
    ImportedTrunk,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.judged import judged

STRONG = {"password": "kavun-tramvay-62"}


def one(number, credentials=None, **options):
    given = STRONG if credentials is None else credentials
    return ImportedExtension(f"pjsip.conf:{number}", {"number": number, **options}, given)


def said(*extensions, trunks=()):
    """What is wrong with these, and what somebody has to check, by their places."""
    outcome = judged(Imported(extensions=extensions, trunks=tuple(trunks)))
    return dict(outcome.problems), dict(outcome.attention)


def test_what_the_role_takes_is_left_as_it_is():
    read = Imported(extensions=(one("1001", name="Anna Kurt", max_devices=2), one("1002", username="desk")))
    assert judged(read) == read


@pytest.mark.parametrize(
    ("options", "place", "message"),
    [
        ({"number": "12 34"}, ", number", "is not a number of 1 to 15 digits"),
        ({"number": "1001", "max_devices": "40"}, ", max_devices", "is not a number of phones from 1 to 20"),
        ({"number": "1001", "username": "a b"}, ", username", "'a b' is not a user name"),
        ({"number": "1001", "forward_to": "1009"}, ", forward_to", "there is no extension 1009"),
        ({"number": "1001", "name": "A" * 200}, ", name", "at most 80 fit"),
    ],
)
def test_a_value_that_the_role_refuses_is_a_mistake_at_its_place(options, place, message):
    read = ImportedExtension("pbx.sql, line 7", options, STRONG)
    ((where, what),) = said(read)[0].items()
    assert where == f"pbx.sql, line 7{place}"
    assert message in what


def test_two_phones_do_not_register_by_one_user_name():
    problems, _attention = said(one("1001", username="desk"), one("1002", username="desk"), one("1003"))
    assert problems == {
        "pjsip.conf:1002, username": "'desk' is the user name of pjsip.conf:1001 too; each phone needs"
        " one of its own"
    }


def test_a_user_name_that_is_the_number_of_another_is_a_mistake():
    problems, _attention = said(one("1001"), one("1002", username="1001"))
    assert list(problems) == ["pjsip.conf:1002, username"]


def test_a_trunk_is_judged_too():
    trunk = ImportedTrunk("pjsip.conf:80", {"name": "Provider", "host": "no host"})
    problems, _attention = said(trunks=[trunk])
    assert list(problems) == ["pjsip.conf:80, host"]


def test_a_weak_password_and_none_at_all_are_told_and_taken():
    problems, attention = said(one("1001", {"password": "1001"}), one("1002", {}), one("1003"))
    assert problems == {}
    assert attention == {
        "pjsip.conf:1001": "the password is shorter than 8 characters: give the phone another, or the role"
        " refuses it unless pbx_allow_weak_passwords is true",
        "pjsip.conf:1002": "1002 has no password, so no phone of it can register",
    }


def test_a_digest_is_a_credential_whose_strength_nobody_knows():
    assert said(one("1001", {"password_digest": "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"})) == ({}, {})
