# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Lamps that can be watched: the dialplan's patterns, and how a running Asterisk is told of them."""

from __future__ import annotations

import itertools

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami, lamps
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.tests.unit.databases import rows, write_extensions
from hypothesis import given
from hypothesis import strategies as st

DONE = "Response: Success\r\nActionID: {id}\r\n\r\n"
NO_CONTEXT = "Response: Error\r\nActionID: {id}\r\nMessage: Did not find context lamps\r\n\r\n"


def watchable(pattern):
    """Return the numbers that a pattern of the dialplan matches."""
    assert pattern.startswith("_")
    begins, _bracket, ends = pattern[1:].rstrip("]").partition("[")
    # Nobody can ask for the semicolon.
    assert ends.endswith(";")
    return {begins + end for end in ends[:-1]}


def dialplan(*names):
    """Asterisk's answer to ShowDialPlan."""
    entries = "".join(
        f"Event: ListDialplan\r\nActionID: {{id}}\r\nExtension: {n}\r\nPriority: hint\r\n\r\n" for n in names
    )
    end = f"Event: ShowDialPlanComplete\r\nActionID: {{id}}\r\nListItems: {len(names)}\r\n\r\n"
    return DONE + entries + end


def told(scripted_asterisk, path, answer, *actions):
    """Tell an Asterisk that answers so to ShowDialPlan, and OK to these actions; return what it was told."""
    exchanges = [("ShowDialPlan", answer), *((action, DONE) for action in actions)]
    with scripted_asterisk(*exchanges) as asterisk:
        lamps.tell(path, lambda: ami.Client("s3cret", asterisk.port, 5.0))
    return [
        (action["Action"].removeprefix("DialplanExtension"), action["Extension"])
        for action in asterisk.received
        if "Extension" in action
    ]


def nobody():
    raise AssertionError("Asterisk was asked")


@given(numbers=st.sets(st.from_regex(r"[0-9]{1,5}", fullmatch=True), max_size=30))
def test_exactly_the_extensions_that_there_are_can_be_watched(shared_database, numbers):
    with store.writing(shared_database) as directory:
        directory._connection.execute("DELETE FROM extension")
    write_extensions(shared_database, *({"number": number} for number in sorted(numbers)))
    with store.reading(shared_database) as directory:
        patterns = directory.lamps()
    found = list(itertools.chain.from_iterable(watchable(pattern) for pattern in patterns))
    assert sorted(found) == sorted(numbers)


def test_asterisk_reads_them_as_lines_of_the_dialplan(path):
    write_extensions(path, *({"number": number} for number in ("1003", "1001", "7", "1010", "1007")))
    lines = rows(
        path,
        "SELECT category, var_name, var_val FROM pbx_lamps WHERE filename = 'lamps.conf' AND commented = 0"
        " ORDER BY cat_metric DESC, var_metric ASC, category, var_name, var_val, id",
    )
    assert {(line["category"], line["var_name"]) for line in lines} == {("lamps", "exten")}
    assert {line["var_val"] for line in lines} == {
        f"{pattern},hint,{lamps.DEVICE}" for pattern in ("_100[137;]", "_101[0;]", "_[7;]")
    }


@pytest.mark.parametrize(
    ("there", "told_of"),
    [
        pytest.param(["_100[12;]"], [], id="nothing that it does not know"),
        pytest.param([], [("Add", "_100[12;]")], id="all"),
        pytest.param(["_100[1;]"], [("Add", "_100[12;]"), ("Remove", "_100[1;]")], id="another in these ten"),
        pytest.param(["_100[12;]", "_101[3;]"], [("Remove", "_101[3;]")], id="all of ten have gone"),
        pytest.param(["_100[12;]", "1001", "1009"], [], id="what was made of a pattern is left alone"),
    ],
)
def test_of_what_a_running_asterisk_is_told(scripted_asterisk, path, there, told_of):
    write_extensions(path, {"number": "1001"}, {"number": "1002"})
    actions = [f"DialplanExtension{action}" for action, _pattern in told_of]
    assert told(scripted_asterisk, path, dialplan(*there), *actions) == told_of
    # It has been told.
    lamps.tell(path, nobody)


def test_an_asterisk_that_knows_of_no_lamps_yet_is_told_of_all(scripted_asterisk, path):
    write_extensions(path, {"number": "1001"})
    assert told(scripted_asterisk, path, NO_CONTEXT, "DialplanExtensionAdd") == [("Add", "_100[1;]")]


def test_where_asterisk_is_stopped_there_is_nobody_to_tell_and_nothing_due(path):
    def stopped():
        raise ami.AsteriskStoppedError("nothing listens")

    lamps.tell(path, stopped)
    lamps.tell(path, nobody)


def test_what_asterisk_could_not_be_told_it_is_told_the_next_time(scripted_asterisk, path):
    write_extensions(path, {"number": "1001"})
    refused = "Response: Error\r\nActionID: {id}\r\nMessage: Permission denied\r\n\r\n"
    with pytest.raises(ami.AmiError, match="Permission denied"):
        told(scripted_asterisk, path, refused)
    assert told(scripted_asterisk, path, dialplan(), "DialplanExtensionAdd") == [("Add", "_100[1;]")]


@pytest.mark.parametrize(
    ("change", "due"),
    [
        pytest.param({"number": "1001", "name": "Ayşe"}, False, id="renamed"),
        pytest.param({"number": "1001"}, False, id="unchanged"),
        pytest.param({"number": "1002"}, True, id="created"),
        pytest.param({"number": "1001", "state": "absent"}, True, id="deleted"),
    ],
)
def test_only_who_comes_or_goes_is_told(path, change, due):
    write_extensions(path, {"number": "1001"})
    with store.writing(path) as directory:
        directory.note(store.LAMPS_DUE, None)
    write_extensions(path, change)
    with store.reading(path) as directory:
        assert (directory.setting(store.LAMPS_DUE) is not None) is due
