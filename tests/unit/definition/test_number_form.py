# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A number is known in every form in which a provider may write it."""

from __future__ import annotations

import re

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.number_form import by_form, same
from hypothesis import given
from hypothesis import strategies as st

#: What is declared, and where: the number, country code, area code; and each form that is this number.
FORMS = [
    ("+902121112201", None, None, ["+902121112201", "902121112201", "00902121112201"]),
    ("00902121112201", None, None, ["+902121112201", "902121112201", "00902121112201"]),
    ("902121112201", None, None, ["902121112201", "+902121112201"]),
    ("02121112201", None, None, ["02121112201"]),
    ("*", "90", "212", ["*"]),
    (
        *("+902121112201", "90", "212"),
        ["+902121112201", "902121112201", "00902121112201", "02121112201", "2121112201", "1112201"],
    ),
    (
        *("02121112201", "90", None),
        ["+902121112201", "902121112201", "00902121112201", "02121112201", "2121112201"],
    ),
    # Another area, another country.
    (
        *("+903121112201", "90", "212"),
        ["+903121112201", "903121112201", "00903121112201", "03121112201", "3121112201"],
    ),
    ("+442071234567", "90", "212", ["+442071234567", "442071234567", "00442071234567"]),
    # Where the prefixes are others: North America, Russia.
    (
        *("+12125551234", "1", "212"),
        ["+12125551234", "12125551234", "0012125551234", "01112125551234", "2125551234", "5551234"],
    ),
    (
        *("84951112233", "7", None),
        ["84951112233", "+74951112233", "74951112233", "0074951112233", "81074951112233", "4951112233"],
    ),
]


@pytest.mark.parametrize(("number", "country", "area", "forms"), FORMS)
def test_the_forms_of_a_number(number: str, country: str | None, area: str | None, forms: list[str]) -> None:
    assert set(by_form([number], country, area)) == set(forms)


def test_a_number_that_is_declared_is_never_the_form_of_another() -> None:
    found = by_form(["+902121112201", "1112201", "902121112201"], "90", "212")
    assert found["1112201"] == "1112201"
    assert found["902121112201"] == "902121112201"
    assert found["02121112201"] == "+902121112201"


def test_one_number_in_two_forms_is_found() -> None:
    assert list(same(["+902121112201", "02121112201", "*", "1001"], "90")) == [
        ("+902121112201", "02121112201")
    ]
    assert list(same(["+902121112201", "02121112201"], None)) == []


def as_the_dialplan_reads(user: str) -> str:
    """What extensions.conf makes of the user part of a URI ([inbound-number])."""
    return re.sub(r"[^0-9+]", "", user.split(";", maxsplit=1)[0])


@st.composite
def written(draw: st.DrawFn) -> tuple[str, str]:
    """A number of Istanbul, and a form of it as RFC 3966 lets it be written, with RFC 4694's parameters."""
    local = "".join(draw(st.lists(st.sampled_from("0123456789"), min_size=7, max_size=7)))
    begins = draw(st.sampled_from(["+90212", "90212", "0090212", "0212", "212", ""]))
    separated = "".join(digit + draw(st.sampled_from(["", "-", ".", "(", ")"])) for digit in begins + local)
    parameters = draw(
        st.lists(
            st.sampled_from(
                [
                    "npdi",
                    "rn=+19725551212",
                    "cic=+16789",
                    "isub=1411",
                    "ext=22",
                    "phone-context=+90",
                    "tgrp=a1",
                ]
            ),
            unique=True,
        )
    )
    return f"+90212{local}", ";".join([separated, *parameters])


@given(some=written())
def test_a_number_is_found_however_it_is_written(some: tuple[str, str]) -> None:
    number, user = some
    assert by_form([number, "*"], "90", "212").get(as_the_dialplan_reads(user)) == number
