# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Whatever a stranger calls himself and his call, only his own address is read out of the line about him."""

from __future__ import annotations

import configparser
import re

from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER
from hypothesis import example, given
from hypothesis import strategies as st

TEMPLATE = FOLDER.parent / "roles" / "pbx" / "templates" / "fail2ban_filter.conf.j2"
OWN, ANOTHER = "198.51.100.1", "203.0.113.9"
WORDS = " failed for '"
FEIGNED = f"'{WORDS}{ANOTHER}:5060' (callid: a) - Failed to authenticate"

#: What stands in a request's header: anything but the end of its line (sip_parser.c).
anything = st.text(st.characters(codec="iso-8859-1", exclude_characters="\r\n\0")) | st.lists(
    st.sampled_from([*FEIGNED.split(" "), " ", "'", '"', "\\", WORDS, FEIGNED, "(callid: ", ") - "])
).map("".join)


def read(line: str) -> str | None:
    """Return the address that fail2ban would find."""
    # As fail2ban reads it, of which only the tag for an address has to be said in other words.
    filters = configparser.ConfigParser()
    filters.read_string(TEMPLATE.read_text(encoding="utf-8"))
    expression = filters["Definition"]["failregex"].replace("<ADDR>", r"\[?(?P<address>[0-9a-fA-F:.]+)\]?")
    found = re.search(expression, line)
    return found["address"] if found else None


def line(caller: str, call: str, why: str = "Failed to authenticate") -> str:
    """Return the line as it is without its time (pjsip_distributor.c, log_failed_request)."""
    return (
        f" NOTICE[2337] res_pjsip/pjsip_distributor.c: Request 'REGISTER' from '{caller}' failed for"
        f" '{OWN}:42466' (callid: {call}) - {why}"
    )


@given(anything, anything)
@example(f'"{FEIGNED}" <sip:1@a>', "a")
@example("<sip:1@a>", FEIGNED)
@example(FEIGNED, FEIGNED)
def test_no_other_address_is_ever_read(caller: str, call: str) -> None:
    assert read(line(caller, call)) in (OWN, None)


@given(anything, anything)
def test_whoever_does_not_feign_the_line_itself_is_read(caller: str, call: str) -> None:
    feigned = WORDS in caller or WORDS in call or WORDS in f"{call}) - Failed to authenticate"
    assert read(line(caller, call)) == (None if feigned else OWN)


@given(anything, anything)
def test_what_proves_no_address_does_not_count(caller: str, call: str) -> None:
    assert read(line(caller, call, "No matching endpoint found")) is None
