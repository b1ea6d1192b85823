# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How contacts are told apart, also after their registration has been ended."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import registration
from hypothesis import given
from hypothesis import strategies as st

URIS = st.text(max_size=80)


@given(URIS)
def test_a_contact_is_told_apart_by_the_same_after_its_registration_has_been_ended(uri):
    ended = registration.ended(uri)
    assert registration.told_apart(ended) == registration.told_apart(uri)
    assert registration.has_been_ended(ended)
    assert registration.ended(ended) == ended
    assert re.fullmatch("[0-9a-f]{16}", registration.told_apart(uri))


@given(URIS, URIS)
def test_two_contacts_are_two(one, other):
    assert (registration.told_apart(one) == registration.told_apart(other)) is (one == other)


@pytest.mark.parametrize(
    "uri",
    [
        "sip:1001@10.0.0.7",
        "sip:expired.invalid",
        "sip:0123456789abcdef@expired.invalid;x-ast-txp=port-1",
        "sip:0123456789abcdef@expiredXinvalid",
        "sip:0123456789ABCDEF@expired.invalid",
        "",
    ],
)
def test_other_contacts_have_not_been_ended(uri):
    assert not registration.has_been_ended(uri)
    assert uri not in registration.told_apart(uri) or not uri


@pytest.mark.parametrize(
    ("said", "until"),
    [("200", 200), ("", 0), ("soon", 0), ("-5", 0), ("\u0662", 0), ("9" * 20, 0), ("9" * 5000, 0)],
)
def test_until_when_a_contact_counts(said, until):
    assert registration.expires_at({"ExpirationTime": said}) == until


def test_one_that_does_not_say_has_expired():
    assert registration.expires_at({}) == 0
