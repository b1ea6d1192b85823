# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What hosts have answered, or have not, is one overview of the fleet."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import notices
from ansible_collections.voiceops.asterisk.plugins.module_utils.status.answers import MOST_BLOCKED, read
from ansible_collections.voiceops.asterisk.tests.browser.example import (
    answer,
    blocked,
    certificate,
    extension,
    unreachable,
)
from hypothesis import given
from hypothesis import strategies as st

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
#: Anything at all where the facts' own keys stand.
ODD_FACTS = st.fixed_dictionaries(
    {
        "pbx_extensions": ANYTHING
        | st.dictionaries(
            st.text(max_size=3),
            st.dictionaries(st.sampled_from(["name", "state", "groups", "contacts", "calls"]), ANYTHING),
            max_size=2,
        ),
        "pbx_connection_ports": ANYTHING
        | st.dictionaries(st.text(), st.fixed_dictionaries({"certificate_facts": ANYTHING})),
        "pbx_trunks": ANYTHING
        | st.dictionaries(st.text(), st.fixed_dictionaries({"registration": ANYTHING})),
        "pbx_extension_summary": ANYTHING,
        "pbx_blocked_addresses": ANYTHING
        | st.lists(st.fixed_dictionaries({"address": ANYTHING, "tried": ANYTHING, "registered": ANYTHING})),
    }
)


def only(answers):
    return read({"a": answers}).hosts[0]


def words(answers):
    return [notice.word for notice in notices.of(read({"a": answers}))]


def test_a_host_that_answered():
    host = only(answer(extension("1001", "Ayşe", groups=["Satış"]), extension("1002", "", "no phone")))
    assert (host.state, host.registered, len(host.extensions)) == ("running", 1, 2)
    first = host.extensions[0]
    assert (first.number, first.name, first.state, first.groups) == ("1001", "Ayşe", "idle", ("Satış",))
    assert (first.contacts[0].address, first.contacts[0].round_trip_ms) == ("198.51.100.7:5060", 3.1)


@pytest.mark.parametrize(
    ("given_answer", "state", "message"),
    [
        (unreachable("Task failed: no route"), "unreachable", "no route"),
        ({"failed": True, "msg": "Task failed: Module failed: no database"}, "failed", "no database"),
        ({"skipped": True}, "failed", ""),
        (None, "failed", ""),
        ("nonsense", "failed", ""),
        (answer(asterisk="stopped"), "stopped", ""),
    ],
)
def test_a_host_that_did_not(given_answer, state, message):
    host = only(given_answer)
    assert (host.state, host.message) == (state, message)
    assert words(given_answer) == [f"notice {state}"]


def test_where_asterisk_is_stopped_the_states_are_not_known():
    assert only(answer(extension("1", "", None), asterisk="stopped")).extensions[0].state == "unknown"


def test_the_newest_phone_comes_first():
    older, newer = {"address": "10.0.0.1:5060"}, {"address": "10.0.0.2:5060"}
    contacts = only(answer(extension("1", "", contacts=[older, newer]))).extensions[0].contacts
    assert [contact.address for contact in contacts] == ["10.0.0.2:5060", "10.0.0.1:5060"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (certificate(60), []),
        (certificate(30), []),
        (certificate(29), [("notice certificate", False)]),
        # The host says it too, in English.
        (
            certificate(9, "certificate /x.pem: expires in 9 days, at 2026-12-02T00:00:00Z"),
            [("notice certificate", False)],
        ),
        (
            certificate(-1, "certificate /x.pem: has expired at 2026-11-22T00:00:00Z; renew it"),
            [("notice certificate expired", True)],
        ),
        (certificate(0), [("notice certificate", False)]),
        (certificate(-1), [("notice certificate expired", True)]),
        (certificate(60, "the key is of another one"), [("notice certificate problem", True)]),
    ],
)
def test_certificates(facts, expected):
    ports = {"Tarayıcı": {"protocol": "wss", "certificate_facts": facts}}
    found = notices.of(read({"a": answer(pbx_connection_ports=ports)}))
    assert [(notice.word, notice.serious) for notice in found] == expected


@pytest.mark.parametrize(
    ("registration", "lost"),
    [
        ("Registered", False),
        ("", False),
        (None, False),
        ("Rejected", True),
        ({"state": "Unregistered"}, True),
    ],
)
def test_trunks(registration, lost):
    trunks = {"Telco": {"host": "sip.example", "registration": registration}}
    assert words(answer(pbx_trunks=trunks)) == (["notice trunk"] if lost else [])


def test_a_blocked_address_needs_attention_where_phones_are():
    stranger, office = blocked("203.0.113.9", tried=["1001"]), blocked("198.51.100.7", registered=["1001"])
    assert words(answer(pbx_blocked_addresses=[stranger])) == []
    found = answer(pbx_blocked_addresses=[stranger, office])
    (notice,) = notices.of(read({"a": found}))
    values = {"address": "198.51.100.7", "count": 1, "numbers": "1001"}
    assert (notice.word, notice.serious, dict(notice.values)) == ("notice blocked", True, values)
    assert [one.address for one in only(found).blocked] == ["198.51.100.7", "203.0.113.9"]


def test_of_many_blocked_addresses_some_are_shown_and_all_are_counted():
    many = [blocked(f"203.0.113.{number}") for number in range(100)]
    summary = {"asterisk": "running", "blocked_addresses": 3000}
    host = only(answer(pbx_blocked_addresses=many, pbx_extension_summary=summary))
    assert (len(host.blocked), host.blocked_count) == (MOST_BLOCKED, 3000)
    assert (only(answer()).blocked, only(answer(pbx_blocked_addresses=None)).blocked_count) == ((), 0)


def test_what_is_wrong_with_the_storage_of_recordings_needs_attention():
    found = answer(pbx_recording_storage={"problems": ["it is full", "it is read-only"]})
    assert words(found) == ["notice storage", "notice storage"]
    assert words(answer(pbx_recording_storage=None)) == []
    late = {"problems": [], "retention_problems": ["retention has not run"]}
    assert words(answer(pbx_recording_storage=late)) == ["notice storage"]


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"days_left": 13, "makes_room": False}, ["notice storage days"]),
        ({"days_left": 14, "makes_room": False}, []),
        ({"days_left": 0, "makes_room": True}, []),
        ({"days_left": None, "makes_room": False}, []),
        ({"days_left": "many"}, []),
    ],
)
def test_a_storage_of_recordings_that_is_full_soon_is_named_unless_room_is_made_in_it(told, said):
    assert words(answer(pbx_recording_storage=told)) == said


def test_who_has_as_many_calls_or_lamps_as_it_may_have_and_a_host_without_room_are_named():
    busy = extension("1001", "", at_call_limit=True, at_lamp_limit=True)
    found = notices.of(read({"a": answer(busy, extension("1002", "", at_call_limit=False))}))
    assert [(n.word, n.serious, dict(n.values)) for n in found] == [
        ("notice call limit", False, {"number": "1001"}),
        ("notice lamp limit", False, {"number": "1001"}),
    ]
    summary = {"asterisk": "running", "no_room_at": "2026-11-23T11:00:04Z"}
    (notice,) = notices.of(read({"a": answer(pbx_extension_summary=summary)}))
    assert (notice.word, notice.serious) == ("notice no room", True)
    assert notice.values == {"at": "2026-11-23T11:00:04Z"}


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"waiting": None, "taken_back": None}, []),
        ("odd", []),
        (
            {"waiting": {"until": "2026-11-23T11:10:00Z", "problem": ""}, "taken_back": None},
            [("notice unconfirmed", False, {"at": "2026-11-23T11:10:00Z"})],
        ),
        (
            {"waiting": {"until": "2026-11-23T11:10:00Z", "problem": "ports are taken"}},
            [("notice not taken back", True, {"problem": "ports are taken"})],
        ),
        (
            {"waiting": None, "taken_back": {"at": "2026-11-23T11:10:02Z"}},
            [("notice taken back", True, {"at": "2026-11-23T11:10:02Z"})],
        ),
    ],
)
def test_a_change_that_waits_to_be_confirmed_is_named_and_one_that_was_taken_back(told, said):
    found = notices.of(read({"a": answer(pbx_confirmation=told)}))
    assert [(notice.word, notice.serious, dict(notice.values)) for notice in found] == said


def test_hosts_that_need_attention_come_first_the_others_by_their_number():
    answers = {"pbx-10": answer(), "pbx-2": answer(), "z": unreachable(""), "y": answer(asterisk="stopped")}
    assert [host.name for host in read(answers).hosts] == ["z", "y", "pbx-2", "pbx-10"]


def test_extensions_are_ordered_by_number():
    numbers = [
        one.number for one in only(answer(*(extension(n, "") for n in ("10", "007", "7", "9")))).extensions
    ]
    assert numbers == ["7", "007", "9", "10"]


def test_states_are_counted_the_lively_ones_first():
    seen = read(
        {"a": answer(*(extension(str(n), "", s) for n, s in enumerate(("idle", "new", "ringing", "idle"))))}
    )
    assert seen.states() == [("ringing", 1), ("idle", 2), ("new", 1)]


def seen_before(*extensions, before=("1",), asterisk="running"):
    """Return how a host is seen by somebody who has seen these numbers registered at 1000 s."""
    answers = {"a": answer(*extensions, asterisk=asterisk)}
    return read(answers, {"a": dict.fromkeys(before, 1000.0)}).hosts[0]


@pytest.mark.parametrize(
    ("now", "state", "last_seen"),
    [
        (extension("1", "", "unregistered"), "gone", 1000.0),
        (extension("1", "", "idle"), "idle", None),
        (extension("1", "", "unreachable"), "unreachable", None),
        # Somebody has decided that there is to be no phone.
        (extension("1", "", "disabled"), "disabled", None),
        (extension("1", "", "no phone"), "no phone", None),
        (extension("1", "", None), "unknown", None),
        # Nobody has ever seen a phone there.
        (extension("2", "", "unregistered"), "unregistered", None),
    ],
    ids=lambda value: value["state"] if isinstance(value, dict) else None,
)
def test_a_phone_that_was_there_before_and_is_not_is_gone(now, state, last_seen):
    seen = seen_before(now).extensions[0]
    assert (seen.state, seen.last_seen) == (state, last_seen)


@pytest.mark.parametrize(
    ("extensions", "registered", "can_register", "well"),
    [
        # Those that only forward and those that are disabled are not missed.
        ([extension("1", ""), extension("3", "", "no phone"), extension("4", "", "disabled")], 1, 1, True),
        ([], 0, 0, True),
        ([extension("1", "", "unregistered")], 0, 1, False),
        ([extension("2", "", "unregistered"), extension("3", "")], 1, 2, False),
        ([extension("1", "", "unreachable")], 1, 1, False),
    ],
)
def test_all_is_well_where_everybody_is_registered_who_can_be(extensions, registered, can_register, well):
    host = seen_before(*extensions)
    assert (host.registered, host.can_register, host.well) == (registered, can_register, well)


def test_where_asterisk_is_stopped_what_can_register_is_known_by_its_definition():
    ones = [extension("1", "", None), extension("2", "", None, enabled=False)]
    ones.append(extension("3", "", None, has_password=False))
    host = only(answer(*ones, asterisk="stopped"))
    assert (host.can_register, host.well) == (1, False)


def test_phones_that_are_missing_need_attention_by_their_numbers():
    many = [extension(str(number), "", "unregistered") for number in range(1, 12)]
    seen = read(
        {
            "a": answer(*many, extension("90", "", "unreachable")),
            "b": answer(extension("1", "", "unregistered")),
        },
        {"a": dict.fromkeys(map(str, range(1, 11)), 1.0)},
    )
    assert [(notice.host, notice.word, dict(notice.values)) for notice in notices.of(seen)] == [
        ("a", "notice phones unreachable", {"count": 1, "numbers": "90"}),
        ("a", "notice phones gone", {"count": 10, "numbers": "1, 2, 3, 4, 5, 6, 7, 8 …"}),
    ]


def test_a_host_with_missing_phones_comes_before_those_without():
    answers = {name: answer(extension("1", "", "unregistered")) for name in ("a", "b", "c")}
    seen = read({**answers, "z": unreachable("")}, {"b": {"1": 1.0}})
    assert [host.name for host in seen.hosts] == ["z", "b", "a", "c"]


def test_what_was_seen_is_kept_for_hosts_that_do_not_tell_now():
    before = {
        "down": {"1": 1.0},
        "stopped": {"1": 2.0, "deleted": 2.0},
        "not in this run": {"1": 3.0},
        "running": {"1": 4.0, "deleted": 4.0},
    }
    answers = {
        "down": unreachable(""),
        "stopped": answer(extension("1", "", None), asterisk="stopped"),
        "running": answer(extension("1", "", "unregistered")),
    }
    assert read(answers, before).not_asked == {
        "down": {"1": 1.0},
        "stopped": {"1": 2.0},
        "not in this run": {"1": 3.0},
    }


@given(ODD_FACTS)
def test_one_odd_host_does_not_hide_the_others(facts):
    seen = read({"odd": {"ansible_facts": facts}, "sound": answer(extension("1", "Ayşe"))})
    assert {host.name for host in seen.hosts} == {"odd", "sound"}
    notices.of(seen)
