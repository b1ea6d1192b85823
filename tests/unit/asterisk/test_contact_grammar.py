# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Whatever a phone registers as its contact: Dial gets one destination and our options, or nothing."""

from __future__ import annotations

import random
import re

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

ROLE = FOLDER.parent / "roles" / "pbx"
GRAMMAR = yaml.safe_load((ROLE / "vars" / "main" / "contact.yml").read_text(encoding="utf-8"))
# What an extended regular expression of POSIX says and Python's wants written otherwise.
HARMLESS, ASTRAY = (
    re.compile(
        GRAMMAR[f"__pbx_contact_{name}"].replace("[[]", r"\[").replace("[]]", r"\]").replace("$", r"\Z")
    )
    for name in ("harmless", "astray")
)
MARK = ";x-ast-txp=port-3-" + "0123456789abcdef" * 2
PROOF = re.compile(f"^sip:.*{MARK}(;x-ast-orig-host=[^;]*)?\\Z")
OPTIONS = "ib(ringing^s^1)U(answered)"


def called(uri: str) -> bool:
    """Tell whether the dialplan calls a contact over UDP (extensions.conf, phones)."""
    return bool(
        not re.search(r"[()]", uri)
        and HARMLESS.search(uri)
        and not ASTRAY.search(uri.lower())
        and ";transport=" not in uri.lower()
        and PROOF.search(uri)
    )


def separated(text: str, size: int) -> list[str]:
    """Separate the arguments of an application as Asterisk does (app.c, __ast_app_separate_args)."""
    found, at = [], 0
    deep = {"(": 0, "[": 0}
    quoted = False
    while at < len(text) and len(found) < size - 1:
        argument = ""
        ended = False
        while at < len(text) and not ended:
            letter = text[at]
            at += 1
            if letter in "([":
                deep[letter] += 1
            elif letter in ")]":
                opening = {")": "(", "]": "["}[letter]
                deep[opening] = max(0, deep[opening] - 1)
            elif letter == '"':
                quoted = not quoted
                continue
            elif letter == "\\":
                argument += text[at : at + 1]
                at += 1
                continue
            elif letter == "," and not any(deep.values()) and not quoted:
                ended = True
                continue
            argument += letter
        found.append(argument)
    return [*found, text[at:]] if at < len(text) else found


FRAGMENTS = [
    *"()&,^${}\"\\;'`%@/:?=<>[]| \t\n#!-_.~*+",
    *("sip:", "sips:", "PJSIP/", "&PJSIP/1003/sip:0090@203.0.113.9:5060", "1003", "@192.0.2.1:5060", ":5060"),
    *(
        ";maddr=203.0.113.9",
        ";MADDR=203.0.113.9",
        ";transport=tcp",
        ";lr",
        ";method=INVITE",
        ";ttl=1",
        ";user=phone",
    ),
    *(
        MARK,
        ";X-AST-TXP=port-3",
        ";x-ast-txp=port-3",
        ";x-ast-orig-host=10.0.0.1:5060",
        "%28",
        "%26",
        "%2C",
        ")b:0",
    ),
    *("[2001:db8::1]:5060", "[203.0.113.9", "${EXTEN}", "$[1]", "?Replaces=a", ';a="', "^s^1"),
]
GOOD = f"sip:1003@192.0.2.1:5060{MARK}"
anything = st.text() | st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=3)).map("".join)
near = st.tuples(st.just(GOOD), st.integers(0, len(GOOD)), anything | st.sampled_from(FRAGMENTS)).map(
    lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]
)
built = st.tuples(
    st.sampled_from(["sip:", "sips:", "sip:1003@", "sip:a-b_c.d~e+f*@"]),
    st.sampled_from(["192.0.2.1:5060", "[2001:db8::1]:5060", "provider.example:5060", "192.0.2.1"]),
    st.lists(
        st.sampled_from([";ob", ";line=8x", ";user=phone", ";rinstance=1f", *FRAGMENTS]), max_size=4
    ).map("".join),
    st.sampled_from([MARK, "", ";x-ast-txp=port-3"]),
    st.sampled_from(["", ";x-ast-orig-host=10.0.0.1:5060", ";x-ast-orig-host=fe80::1:5060"]),
).map("".join)


@pytest.mark.no_cover
@settings(max_examples=1_000, deadline=None)
@given(near | built | anything)
@example(GOOD + ")b:0")
@example(f'sip:x@192.0.2.1:5060;a="&PJSIP/1003/sip:0090@203.0.113.9:5060{MARK}')
def test_dial_gets_one_destination_at_an_address_and_our_options(uri: str) -> None:
    if called(uri):
        is_one_destination(uri)


def test_so_it_does_of_fifty_thousand_contacts_put_together_by_chance() -> None:
    dice, passed = random.Random(7), 0
    for _turn in range(50_000):
        uri = GOOD
        for _change in range(dice.choice([1, 1, 1, 2, 3])):
            at, gone = dice.randint(0, len(uri)), dice.choice([0, 0, 1, 8])
            uri = uri[:at] + dice.choice(FRAGMENTS) + uri[at + gone :]
        if called(uri):
            passed += 1
            is_one_destination(uri)
    assert passed > 100


def is_one_destination(uri: str) -> None:
    destinations, timeout, options = separated(f"PJSIP/1003/{uri},30,{OPTIONS}", 4)
    assert (timeout, options) == ("30", OPTIONS)
    assert destinations == f"PJSIP/1003/{uri}"
    # What Dial (app_dial.c) and the channel (chan_pjsip.c, request) take apart.
    assert "&" not in destinations
    assert destinations.count("/") == 2
    assert re.fullmatch(r"[-A-Za-z0-9_.~+*@:\[\];=/]+", destinations)
    # And PJSIP: where the request goes to.
    address, *parameters = uri.removeprefix("sip:").rpartition("@")[2].split(";")
    assert re.fullmatch(r"(\d+\.\d+\.\d+\.\d+|\[[0-9A-Fa-f:.]+\]):\d+", address)
    names = [parameter.partition("=")[0].lower() for parameter in parameters]
    assert not {"maddr", "method", "ttl", "lr", "transport"} & set(names)
    assert names.count("x-ast-txp") == 1
    # No reference to a variable is in all that was read, and a second reading finds the same.
    assert uri.encode("ascii").decode() == uri


@given(st.data())
def test_whatever_character_is_put_into_a_contact_it_is_one_destination_or_none(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(GOOD)))
    added = data.draw(st.characters())
    assume(added not in "-_.~+*:;=@/[]" and not (added.isascii() and added.isalnum()))
    assert not called(GOOD[:at] + added + GOOD[at:])


def test_contacts_of_real_phones_are_called() -> None:
    for user in ("", "1003@", "q8h5kk1h@", "a-b_c.d~e+f*@"):
        for address in ("192.0.2.1:5060", "[2001:db8::1]:5062", "[::ffff:192.0.2.1]:1024"):
            for parameters in ("", ";ob", ";line=8x4k2j", ";user=phone", ";rinstance=3f6b;uniq=A1"):
                for origin in ("", ";x-ast-orig-host=10.0.0.1:5060", ";x-ast-orig-host=fe80::1:0"):
                    assert called(f"sip:{user}{address}{parameters}{MARK}{origin}")
