# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""SIP digest credentials."""

from __future__ import annotations

import hashlib
import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1, weakness
from hypothesis import given
from hypothesis import strategies as st


def test_the_example_of_rfc_2617_gives_its_ha1():
    assert ha1("Mufasa", "testrealm@host.com", "Circle Of Life") == "939e7578ed9e3c518a452acee763bce9"


def test_a_password_is_hashed_as_utf_8():
    expected = hashlib.md5("1001:asterisk:şifre-ğüç".encode()).hexdigest()  # noqa: S324
    assert ha1("1001", REALM, "şifre-ğüç") == expected


@given(password=st.text(st.characters(exclude_categories=["Cs"])))
def test_an_ha1_is_32_hexadecimal_digits_without_the_password(password):
    digest = ha1("1001", REALM, password)
    assert re.fullmatch("[0-9a-f]{32}", digest)
    assert len(password) < 8 or password not in digest


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("1001", "one-password"), ("1002", "one-password"), id="another number"),
        pytest.param(("1001", "one-password"), ("1001", "One-password"), id="another case"),
        pytest.param(("1001", "one-password"), ("1001", "one-password "), id="a blank at the end"),
    ],
)
def test_another_credential_has_another_ha1(first, second):
    assert ha1(first[0], REALM, first[1]) != ha1(second[0], REALM, second[1])


@pytest.mark.parametrize(
    ("password", "number", "why"),
    [
        pytest.param("Kx7#mQ2p", "1001", None, id="eight good characters"),
        pytest.param("korrekt pferd batterie", "1001", None, id="a sentence"),
        pytest.param("şğüöçıİĞ", "1001", None, id="eight Turkish letters"),
        pytest.param("Kx7#mQ2", "1001", "shorter than 8", id="seven characters"),
        pytest.param("1001", "1001", "shorter than 8", id="the number itself"),
        pytest.param("password", "1001", "first that an attacker tries", id="a common one"),
        pytest.param("PassWord1", "1001", "first that an attacker tries", id="a common one in capitals"),
        pytest.param("zzzzzzzzz", "1001", "one character repeated", id="one character"),
        pytest.param("        ", "1001", "one character repeated", id="blanks"),
        pytest.param("Kx7#1001mQ", "1001", "contains the extension's number", id="the number inside"),
        pytest.param("123456789012345", "123456789012345", "contains the extension's", id="a long number"),
        pytest.param("Kx7#mQ27", "27", None, id="a number of two digits inside by chance"),
        pytest.param("Kx7#mQ271", "271", "contains the extension's number", id="a number of three digits"),
    ],
)
def test_how_weak_a_password_is(password, number, why):
    found = weakness(password, number, number)
    assert found is None if why is None else why in found


@pytest.mark.parametrize(
    ("password", "username", "why"),
    [
        ("Kx7#anna.mQ", "anna", "contains the extension's user name"),
        ("ANNA-Kx7#mQ", "anna", "contains the extension's user name"),
        ("Kx7#ab-mQ2p", "ab", None),
        ("Kx7#mQ2p-old", "anna", None),
    ],
)
def test_a_password_must_not_contain_the_user_name(password, username, why):
    assert weakness(password, "1001", username) == why


@given(
    password=st.text(max_size=20),
    number=st.from_regex(r"[0-9]{1,15}", fullmatch=True),
    username=st.text("ab1", min_size=1, max_size=4),
)
def test_the_reason_is_one_of_five_sentences_and_never_tells_the_password(password, number, username):
    assert weakness(password, number, username) in {
        None,
        "is shorter than 8 characters",
        "is one of the first that an attacker tries",
        "is one character repeated",
        "contains the extension's number",
        "contains the extension's user name",
    }
