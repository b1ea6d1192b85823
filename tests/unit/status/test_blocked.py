# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Of what fail2ban keeps, only what is certain is told; of what callers call themselves, only digits."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import fail2ban
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import blocked
from hypothesis import given
from hypothesis import strategies as st

SINCE = 1_700_000_000
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def line(sender="<sip:1002@198.51.100.1>", call_id="20d45372", address="192.0.2.7:48055", method="REGISTER"):
    return (
        "[2026-12-01 00:52:31.317 +0000] NOTICE[643] res_pjsip/pjsip_distributor.c: "
        f"Request '{method}' from '{sender}' failed for '{address}' (callid: {call_id})"
        " - Failed to authenticate"
    )


def one(address="192.0.2.7", since=SINCE, seconds=3600, data=None, **kept):
    """What is told of one row."""
    kept = json.dumps(kept).encode() if kept else b"{}"
    return blocked.told([(address, since, seconds, kept if data is None else data)])


# --- rows ------------------------------------------------------------------------------------


def test_a_block_is_told_with_its_times_and_what_was_tried():
    # The first line as fail2ban keeps it: cut around its time.
    cut = ["", "[2026-12-01 00:52:31.317 +0000]", line()[32:]]
    assert one(matches=[cut, line()], failures=30, ip4="192.0.2.7") == [
        {
            "address": "192.0.2.7",
            "since": "2023-11-14T22:13:20Z",
            "until": "2023-11-14T23:13:20Z",
            "failures": 30,
            "tried": ["1002"],
            "registered": None,
            "jail": "voiceops-asterisk",
        }
    ]


def test_an_address_that_stays_blocked_has_no_end():
    assert one(seconds=-1)[0]["until"] is None


@pytest.mark.parametrize("address", ["2001:db8::5", "192.0.2.0/24", "::ffff:192.0.2.7"])
def test_addresses_and_networks(address):
    assert one(address)[0]["address"] == address


@pytest.mark.parametrize(
    "row",
    [
        {"address": "evil\n192.0.2.7"},
        {"address": "pbx.example.com"},
        {"address": "192.0.2.7\n"},
        {"address": None},
        {"address": b"192.0.2.7"},
        {"since": "yesterday"},
        {"seconds": None},
    ],
)
def test_a_row_of_another_shape_is_left_out(row):
    assert one(**row) == []


@pytest.mark.parametrize(
    "data",
    [
        None,
        b"",
        b"\xff\xfe",
        b"[]",
        b"3",
        "text",
        7,
        b'{"matches": 3, "failures": 30}',
        b'{"matches": [[3]]}',
        b"[" * 100000,
    ],
)
def test_data_of_another_shape_tells_nothing(data):
    told = blocked.told([("192.0.2.7", SINCE, 3600, data)])
    assert [(each["failures"], each["tried"]) for each in told] == [(None, [])]


@given(st.lists(st.tuples(ANYTHING, ANYTHING, ANYTHING, ANYTHING), max_size=4))
def test_no_row_can_stop_the_others_from_being_told(rows):
    told = blocked.told([*rows, ("192.0.2.7", SINCE, 3600, b"{}")])
    assert told[-1]["address"] == "192.0.2.7"
    json.dumps(told)


def test_a_time_that_no_clock_can_show_is_told_all_the_same():
    assert one(since=10**15)[0]["since"] == "1000000000000000 s after 1970"


# --- what callers call themselves ------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "tried"),
    [
        ("<sip:1002@198.51.100.1>", ["1002"]),
        ("sip:1002@198.51.100.1", ["1002"]),
        ('"Can Aydın" <sip:1002@pbx.example.com:5060;transport=tcp>', ["1002"]),
        ("<sips:1002@[2001:db8::1]>", ["1002"]),
        # A password in the URI (RFC 3261, 19.1.1).
        ("<sip:1002:correct-horse-1@198.51.100.1>", ["1002"]),
        ('"<sip:1001@a>" <sip:1002@b>', ["1002"]),
        ('"1001@" <sip:mallory@198.51.100.1>', []),
        ('"<sip:1001@a>" <sip:mallory@b>', []),
        ("<sip:1002>", []),
        ("<sip:1002abc@198.51.100.1>", []),
        ("<sip:abc1002@198.51.100.1>", []),
        ("<sip:1234567890123456@198.51.100.1>", []),
        ("<sip:١٠٠٢@198.51.100.1>", []),
        ("<sip:<b>1002</b>@198.51.100.1>", []),
        ("<tel:1002>", []),
        ("", []),
        # It ends the field itself: two ways to read the line.
        ("<sip:1001@x>' failed for '203.0.113.9:5060' (callid: 1) - Failed to authenticate", []),
    ],
)
def test_of_what_a_caller_calls_itself_only_a_number_is_told(sender, tried):
    assert blocked.tried([line(sender)]) == tried


@pytest.mark.parametrize(
    "field", [{"call_id": "' from '<sip:1001@x>' failed for '"}, {"method": "A' from '<sip:1001@x>"}]
)
def test_no_other_field_can_pass_for_the_sender(field):
    assert "1001" not in blocked.tried([line(**field)])


def test_the_newest_are_told_first_each_once_and_not_all():
    numbers = [1001, 1002, 1003, 1001, 1004, 1005, 1006, 1006]
    lines = [line(f"<sip:{number}@x>") for number in numbers]
    assert blocked.tried(lines) == ["1006", "1005", "1004", "1001", "1003"]


@given(st.lists(st.text() | st.builds(line, st.text(), st.text(), st.text())))
def test_whatever_is_in_the_log_nothing_but_digits_comes_out(lines):
    assert all(re.fullmatch("[0-9]{1,15}", number) for number in blocked.tried(lines))


def test_nothing_secret_in_the_log_is_told():
    log = (
        line("<sip:1002:hunter22@x>")
        + ' Challenge="1796086351/492",Response="829b16fcd93761938b578d73aa5be743"'
    )
    assert not re.search("hunter|829b|1796086351/", json.dumps(one(matches=[log], failures=1)))


# --- whose phones are there ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "is_there"),
    [
        ("sip:1001@192.0.2.7:5060", True),
        ("sip:1001@192.0.2.7", True),
        ("sip:1001@192.0.2.7;transport=ws", True),
        ("sip:1001@192.0.2.70:5060", False),
        ("sip:192.0.2.7@198.51.100.1:5060;ob=192.0.2.7", False),
        ("192.0.2.7", False),
        ("", False),
    ],
)
def test_whose_phone_has_registered_from_a_blocked_address(uri, is_there):
    (told,) = blocked.with_phones(one(), {"1001": [{"uri": uri}]})
    assert told["registered"] == (["1001"] if is_there else [])


def test_a_phone_with_an_ipv6_address_is_found_too():
    (told,) = blocked.with_phones(one("2001:db8::5"), {"1001": [{"uri": "sip:1001@[2001:db8::5]:5060"}]})
    assert told["registered"] == ["1001"]


def test_whose_phones_are_in_a_network_that_was_blocked_by_hand_is_not_known():
    (told,) = blocked.with_phones(one("192.0.2.0/24"), {"1001": [{"uri": "sip:1001@192.0.2.7"}]})
    assert told["registered"] is None


def test_the_jail_is_that_of_the_roles_template():
    template = (blocked.__file__.partition("plugins")[0]) + "roles/pbx/templates/fail2ban_jail.conf.j2"
    with open(template, encoding="utf-8") as file:
        assert f"\n[{fail2ban.JAIL}]\n" in file.read()
