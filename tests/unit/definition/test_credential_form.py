# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a phone's user name and the digest of its password look like."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import credential_form
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.reading import Reader
from hypothesis import given
from hypothesis import strategies as st

HA1 = "939e7578ed9e3c518a452acee763bce9"


def attempt(read_one, value):
    """Read a value; return it as it is kept, and what is said of it."""
    found = []
    kept = read_one(Reader({}, "", found), "option", value)
    return kept, [problem.message for problem in found]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("anna", "anna"),
        ("Anna.Muster", "Anna.Muster"),
        ("anna@example.net", "anna@example.net"),
        ("0004f2a1b2c3", "0004f2a1b2c3"),
        ("qzkfhwpa", "qzkfhwpa"),
        ("1001", "1001"),
        (1001, "1001"),
        ("a" * 64, "a" * 64),
        ("", None),
    ],
)
def test_a_user_name_is_kept_as_it_is_written(written, kept):
    assert attempt(credential_form.username, written) == (kept, [])


@pytest.mark.parametrize(
    "written",
    [
        *(
            "anna muster",
            " anna",
            "anna\n",
            "a:b",
            'a"b',
            "a'b",
            "a\\b",
            "a;b",
            "a,b",
            "<anna>",
            "a^b",
            "a/b",
        ),
        *("müller", "a\x00", "a" * 65, 1.5, True, ["anna"]),
    ],
    ids=repr,
)
def test_what_credentials_would_have_to_escape_is_no_user_name(written):
    (said,) = attempt(credential_form.username, written)[1]
    assert said.endswith("is not a user name of 1 to 64 letters of ASCII, digits and . ! % * _ + ~ @ -")


@pytest.mark.parametrize(("written", "kept"), [(HA1, HA1), (HA1.upper(), HA1), ("", "")])
def test_a_digest_is_kept_in_lower_case(written, kept):
    assert attempt(credential_form.password_digest, written) == (kept, [])


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (HA1[:-1], "is not 32 hexadecimal digits, the MD5 of username:realm:password"),
        (HA1 + "0", "is not 32 hexadecimal digits, the MD5 of username:realm:password"),
        (HA1 + "\n", "is not 32 hexadecimal digits, the MD5 of username:realm:password"),
        ("MD5:" + HA1[4:], "is not 32 hexadecimal digits, the MD5 of username:realm:password"),
        ("٣" * 32, "is not 32 hexadecimal digits, the MD5 of username:realm:password"),
        (int("1" * 32), "is not text; put it in quotes"),
        (None, "is not text; put it in quotes"),
        ([HA1], "is not text; put it in quotes"),
    ],
)
def test_what_is_no_digest_is_refused(written, said):
    assert attempt(credential_form.password_digest, written) == (None, [said])


@given(value=st.one_of(st.text(), st.integers(), st.floats(), st.lists(st.text()), st.booleans()))
def test_no_digest_is_repeated_whatever_is_written(value):
    kept, said = attempt(credential_form.password_digest, value)
    assert not said or len(str(value)) < 5 or str(value) not in said[0]
    assert said or kept == "" or re.fullmatch("[0-9a-f]{32}", kept)
