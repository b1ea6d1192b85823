# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""No secret is said, and what is said stays readable."""

from __future__ import annotations

import json
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.filter.without_secrets import FilterModule
from ansible_collections.voiceops.asterisk.plugins.module_utils import directory
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import (
    InvalidInputError,
    quoted,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.redaction import (
    MASK,
    Redaction,
    secrets_of,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("secret", "text", "said"),
    [
        ("correct-horse-1", "'correct-horse-1' is not a number", f"'{MASK}' is not a number"),
        ("correct-horse-1", "'xcorrect-horse-12' is not a number", f"'x{MASK}2' is not a number"),
        ("Correct.Horse", "'correct.horse' does not exist", f"'{MASK}' does not exist"),
        # Of eight characters and more anywhere, of four and more beside what is not of its kind.
        ("tiger", "'tiger' or 'tigers', tiger: ", f"'{MASK}' or 'tigers', {MASK}: "),
        ("tiger7", "'tiger77'", f"'{MASK}7'"),
        ("4711", "extensions[4711]: '4711' or 14711", f"extensions[4711]: '{MASK}' or 14711"),
        # Of fewer only as a whole value.
        ("12", "extensions[12]: '12' is longer than 12", f"extensions[12]: '{MASK}' is longer than 12"),
        ("p", 'password: "p" is short', f'password: "{MASK}" is short'),
        ("", "nothing: ''", "nothing: ''"),
        ("*", "'*' is every group", "'*' is every group"),
        ("********", "'********'", "'********'"),
        # The longer one first.
        ("ho-ho-ho-ho-ho", "'ho-ho-ho-ho-ho'", f"'{MASK}'"),
    ],
)
def test_what_is_masked_in_a_text(secret, text, said):
    assert Redaction([secret]).text(text) == said


def test_a_secret_that_is_part_of_another_leaves_nothing_of_it():
    assert Redaction(["horse-horse", "correct-horse-horse"]).text("correct-horse-horse") == MASK


def test_names_in_a_result_are_masked_as_a_whole_or_where_a_long_secret_stands_in_them():
    redaction = Redaction(["correct-horse-1", "Depo"])
    names = ["correct-horse-1", "not-correct-horse-1", "Depo", "Depo 2"]
    result = {"created": names, "unchanged": 3, "more": None}
    assert redaction.names(result) == {**result, "created": [MASK, f"not-{MASK}", MASK, "Depo 2"]}


def test_values_are_masked_at_any_depth_with_their_keys():
    redaction = Redaction(["correct-horse-1"])
    assert redaction.value({"correct-horse-1": ["a", ("correct-horse-1", 1, None)]}) == {
        MASK: ["a", [MASK, 1, None]]
    }


@pytest.mark.parametrize(
    ("items", "secrets"),
    [
        ([{"number": "1001", "password": "a-secret"}], ["a-secret"]),
        ([{"password": 12345678}, {"password": True}, {"password": None}], ["12345678"]),
        ([{"password": ["a", {"b": 1.5}]}], ["a", "b", "1.5"]),
        ([{"password_digest": "a"}, {"md5_cred": "b"}, {"ha1": "c"}], ["a", "b", "c"]),
        ([{"passwort": "a"}, {"sip_secret": "b"}, {"Kennwort": "c"}, {1: "d"}], ["a", "b", "c"]),
        # A number that is there is no secret, and to mask it would tell whose password it is.
        ([{"number": "1001", "password": 1001}, {"number": "1002", "password": "1001"}], []),
        ([{"number": "1001x", "password": "1001x"}], ["1001x"]),
        ([{"password": 10**5000}], [""]),
        (["no mapping", None], []),
        ("no list", []),
        (None, []),
    ],
)
def test_what_the_secrets_of_a_list_are(items, secrets):
    assert list(secrets_of(items)) == secrets


without_secrets = FilterModule().filters()["without_secrets"]
SECRETS = st.text(st.characters(codec="utf-8"), min_size=4, max_size=140).filter(
    lambda text: text.strip("* ") and len(text.strip()) >= 4
)


@given(secret=SECRETS, before=st.text(max_size=70), after=st.text(max_size=10))
def test_no_way_of_quoting_a_value_shows_it(secret, before, after):
    mask = Redaction([secret]).text
    if len(secret) >= 8:
        value = before + secret + after
        for shown in (
            quoted(value),
            quoted([value]),
            json.dumps(value),
            json.dumps(value, ensure_ascii=False),
        ):
            assert secret not in mask(shown)
    for shown in (quoted(secret), quoted([before, secret]), quoted({secret: before})):
        told = mask(shown)
        assert secret not in told
        # Nor most of it, where a long value is cut off.
        assert repr(secret)[1:-1][:8] not in told or len(secret) < 8


def test_ten_thousand_secrets_are_looked_for_in_a_moment():
    secrets = [f"correct-horse-{number:05}" for number in range(10_000)]
    text = json.dumps([{"number": str(number), "name": f"Extension {number}"} for number in range(10_000)])
    began = time.perf_counter()
    redaction = Redaction(secrets)
    assert redaction.text(text) == text
    assert redaction.names({"created": [str(number) for number in range(10_000)]})
    assert time.perf_counter() - began < 2


def test_a_script_that_uses_the_library_is_told_no_password_either(tmp_path):
    path = str(tmp_path / "directory.sqlite3")
    directory.create(path, -1)
    wrong = {"number": "1001", "password": "correct-horse-1", "forward_to": "correct-horse-1"}
    unknown = {"number": "1002", "password": "correct-horse-2", "groups": ["correct-horse-2"]}
    with pytest.raises(InvalidInputError) as refused:
        directory.plan({"extensions": [wrong, unknown]}, path)
    assert len(refused.value.problems) == 2
    assert "horse" not in str(refused.value)


def test_the_filter_masks_the_passwords_of_all_lists():
    lists = [[{"number": "1001", "password": "a-horse-1"}], [{"password": "b-horse-1"}], None]
    assert without_secrets("'a-horse-1', 'b-horse-1'", lists) == f"'{MASK}', '{MASK}'"
