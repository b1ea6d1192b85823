# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A directory as a whole: lists of every kind in one call, whose things name each other in any order."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    EmergencyNumber,
    Extension,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.decide import (
    plan_directory,
    unlisted,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import GROUPS, KINDS, Plan
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    BROWSERS,
    DESK,
    IT,
    SALES,
    SATIS,
    SECRET,
    WAN,
    all_of,
    allow,
    ask,
    directory,
    ext,
    line,
    plan_ext,
    plan_whole,
    problems,
    profile,
    refusal,
)

HOST = "sip.example.net"
NUMBER = "there is no extension {} on this host, and the list makes none"

#: A company: what is written, and what it is.
WRITTEN = {
    "extensions": [
        {"number": "1001", "connection_port": "desk", "outbound_profile": "office", "groups": ["Sales"]},
        {"number": "1002", "forward_to": "1001", "callable_groups": ["Sales"]},
    ],
    "extension_groups": [{"name": "Sales"}],
    "outbound_profiles": [{"name": "office", "rules": [{"pattern": "0X.", "trunks": ["line"]}]}],
    "trunks": [
        {
            "name": "line",
            "host": HOST,
            "connection_port": "desk",
            "inbound_numbers": [{"number": "*", "extension": "1001"}],
        }
    ],
    "connection_ports": [{"name": "desk"}],
    "emergency_numbers": ["112", "110"],
}
COMPANY = directory(
    DESK,
    line(connection_port="desk", inbound=[("*", "1001")]),
    profile("office", allow("0X.", "line")),
    SALES,
    ext("1001", connection_port="desk", outbound_profile="office", groups=["Sales"]),
    ext("1002", forward_to="1001", callable_groups=["Sales"]),
    EmergencyNumber("110"),
    EmergencyNumber("112"),
)
EMPTY = dict.fromkeys(WRITTEN, ())


# --- things that name each other -------------------------------------------------------------


def test_things_that_name_each_other_are_made_in_one_call():
    plan = plan_whole(directory(), WRITTEN)
    assert directory().after(plan) == COMPANY
    assert plan.warnings == ()
    assert not plan_whole(COMPANY, WRITTEN)


@pytest.mark.parametrize("first", WRITTEN)
def test_it_does_not_matter_in_which_order_the_lists_are_given(first):
    turned = {first: WRITTEN[first], **WRITTEN}
    assert plan_whole(directory(), turned) == plan_whole(directory(), WRITTEN)


@pytest.mark.parametrize("option", WRITTEN)
def test_what_is_not_among_the_lists_stays(option):
    without = {name: items for name, items in WRITTEN.items() if name != option}
    assert not plan_whole(COMPANY, without, purge=True)
    only = plan_whole(COMPANY, {option: WRITTEN[option]}, purge=True)
    assert not only


def test_nothing_asked_is_nothing_done():
    assert plan_whole(COMPANY, {}, purge=True) == Plan()


def test_everything_is_purged_in_one_go():
    plan = plan_whole(COMPANY, EMPTY, purge=True)
    assert COMPANY.after(plan) == directory()
    assert plan.diff()["after"] == {option: {} for option in plan.diff()["before"]}
    assert plan.warnings == ()


def test_everything_is_deleted_in_one_go_where_each_is_named_as_absent():
    gone = {
        option: [
            {**{key: item[key] for key in ("name", "number") if key in item}, "state": "absent"}
            for item in items
        ]
        for option, items in WRITTEN.items()
        if option != "emergency_numbers"
    }
    plan = plan_whole(COMPANY, {**gone, "emergency_numbers": []})
    assert COMPANY.after(plan) == directory()


@pytest.mark.parametrize(
    ("lists", "then"),
    [
        pytest.param(
            {
                "connection_ports": [
                    {"name": "wan", "protocol": "tcp", "port": 5061},
                    {"name": "desk", "state": "absent"},
                ],
                "trunks": [{"name": "line", "connection_port": "wan"}],
                "extensions": [{"number": "1001", "connection_port": ""}],
            },
            {"ports": ["wan"]},
            id="a port is replaced",
        ),
        pytest.param(
            {
                "trunks": [{"name": "line", "state": "absent"}, {"name": "new", "host": HOST}],
                "outbound_profiles": [{"name": "office", "rules": [{"pattern": "0X.", "trunks": ["new"]}]}],
            },
            {"trunks": ["new"]},
            id="a trunk is replaced",
        ),
        pytest.param(
            {
                "outbound_profiles": [{"name": "office", "state": "absent"}],
                "extensions": [{"number": "1001", "outbound_profile": ""}],
            },
            {"profiles": []},
            id="a profile goes",
        ),
        pytest.param(
            {
                "extension_groups": [{"name": "Sales", "state": "absent"}, {"name": "IT"}],
                "extensions": [
                    {"number": "1001", "groups": ["IT"]},
                    {"number": "1002", "callable_groups": ["IT"]},
                ],
            },
            {"groups": ["IT"]},
            id="a group is replaced",
        ),
        pytest.param(
            {
                "extensions": [{"number": "1001", "state": "absent"}, {"number": "1002", "forward_to": ""}],
                "trunks": [{"name": "line", "inbound_numbers": []}],
                "emergency_numbers": ["1001"],
            },
            {"extensions": ["1002"], "emergency_numbers": ["1001", "110", "112"]},
            id="an extension becomes an emergency number",
        ),
        pytest.param(
            {"extensions": [{"number": "112"}], "emergency_numbers": []},
            {"extensions": ["1001", "1002", "112"], "emergency_numbers": []},
            id="an emergency number becomes an extension",
        ),
    ],
)
def test_what_named_a_thing_may_cease_to_in_the_call_that_deletes_it(lists, then):
    plan = plan_whole(COMPANY, lists)
    assert plan.warnings == ()
    after = COMPANY.after(plan)
    assert {attribute: sorted(getattr(after, attribute)) for attribute in then} == then


@pytest.mark.parametrize(
    ("lists", "place", "message"),
    [
        pytest.param(
            {"connection_ports": [{"name": "desk", "state": "absent"}]},
            "connection_ports[0]",
            "port 'desk' is used by 2: extension 1001, trunk 'line'; change these first",
            id="a port",
        ),
        pytest.param(
            {"trunks": [{"name": "line", "state": "absent"}]},
            "trunks[0]",
            "trunk 'line' is used by 1: profile 'office'; change these first",
            id="a trunk",
        ),
        pytest.param(
            {"outbound_profiles": [{"name": "office", "state": "absent"}]},
            "outbound_profiles[0]",
            "profile 'office' is used by 1: 1001; change these extensions first",
            id="a profile",
        ),
        pytest.param(
            {"extension_groups": [{"name": "Sales", "state": "absent"}]},
            "extension_groups[0]",
            "group 'Sales' is used by 2: 1001, 1002; change these extensions first,"
            " or set force, which takes it from them",
            id="a group",
        ),
        pytest.param(
            {
                "connection_ports": [{"name": "desk", "state": "absent"}],
                "extensions": [{"number": "1001", "state": "absent"}],
            },
            "connection_ports[0]",
            "port 'desk' is used by 1: trunk 'line'; change these first",
            id="a port of which one user goes and one stays",
        ),
        pytest.param(
            {
                "connection_ports": [{"name": "wan", "state": "absent"}],
                "trunks": [{"name": "new", "host": HOST, "connection_port": "wan"}],
            },
            "connection_ports[0]",
            "port 'wan' is used by 1: trunk 'new'; change these first",
            id="a port that a new trunk names",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_what_is_in_use_in_the_end_is_not_deleted(lists, place, message, check_mode):
    have = COMPANY.after(all_of(directory(WAN)))
    assert refusal(plan_whole, have, lists, check_mode=check_mode) == {place: message}


# --- everything that is wrong, at once -------------------------------------------------------


def test_what_is_wrong_in_one_list_hides_nothing_of_another():
    lists = {
        "connection_ports": [{"name": "one"}, {"name": "two"}],
        "extensions": [{"number": "1001", "enabled": "perhaps"}],
    }
    assert list(refusal(plan_whole, directory(), lists)) == ["connection_ports[1]", "extensions[0].enabled"]


def test_everything_wrong_in_any_list_is_told_at_once_and_ordered_by_place():
    lists = {
        "extensions": [
            {"number": "1001", "outbound_profile": "ofice"},
            {"number": "12a"},
            {"number": "1003", "password": "1003"},
        ],
        "extension_groups": [{"name": "*"}],
        "outbound_profiles": [
            {"name": "office", "rules": [{"pattern": "0X.", "trunks": ["lien", "line"]}]},
            {"name": "all", "max_call_time": -1},
        ],
        "trunks": [{"name": "line", "register": True}],
        "connection_ports": [{"name": "wan", "protocol": "tls"}, {"name": "desk", "port": "sip"}],
        "emergency_numbers": ["112", "11O"],
    }
    assert [path for path, _message in problems(plan_whole, directory(), lists)] == [
        "connection_ports[0].certificate",
        "connection_ports[0].private_key",
        "connection_ports[1].port",
        "emergency_numbers[1]",
        "extension_groups[0].name",
        "extensions[0].outbound_profile",
        "extensions[1].number",
        "extensions[2].password",
        "outbound_profiles[0].rules[0].trunks[0]",
        "outbound_profiles[1].max_call_time",
        "trunks[0].host",
        "trunks[0].register",
    ]


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
@pytest.mark.parametrize(
    ("lists", "place", "message"),
    [
        pytest.param(
            {"extensions": [{"number": "1", "connection_port": "dekt"}]},
            "extensions[0].connection_port",
            "'dekt' does not exist on this host; did you mean 'desk'?"
            " The system administrator defines ports in pbx_connection_ports",
            id="the port of an extension",
        ),
        pytest.param(
            {"trunks": [{"name": "new", "host": HOST, "connection_port": "dekt"}]},
            "trunks[0].connection_port",
            "'dekt' does not exist on this host; did you mean 'desk'?"
            " The system administrator defines ports in pbx_connection_ports",
            id="the port of a trunk",
        ),
        pytest.param(
            {
                "outbound_profiles": [
                    {"name": "office", "rules": [{"prefix": "0", "trunks": ["line", "lime"]}]}
                ]
            },
            "outbound_profiles[0].rules[0].trunks[1]",
            "'lime' does not exist on this host; did you mean 'line'?"
            " The system administrator defines trunks in pbx_trunks",
            id="the trunk of a rule",
        ),
        pytest.param(
            {"extensions": [{"number": "1", "outbound_profile": "Office"}]},
            "extensions[0].outbound_profile",
            "'Office' does not exist on this host; did you mean 'office'?",
            id="the profile of an extension, spelt differently",
        ),
        pytest.param(
            {"extensions": [{"number": "1", "outbound_profile": "home"}]},
            "extensions[0].outbound_profile",
            "'home' does not exist on this host; there are: 'office';"
            " the system administrator defines profiles in pbx_outbound_profiles",
            id="the profile of an extension",
        ),
        pytest.param(
            {"extensions": [{"number": "1", "groups": ["Slaes"]}]},
            "extensions[0].groups",
            "'Slaes' does not exist on this host; did you mean 'Sales'?"
            " If it is a new group, define it in pbx_extension_groups, or set create_groups",
            id="the group of an extension",
        ),
        pytest.param(
            {"extensions": [{"number": "1", "forward_to": "9"}]},
            "extensions[0].forward_to",
            NUMBER.format(9),
            id="a forward",
        ),
        pytest.param(
            {"trunks": [{"name": "line", "inbound_numbers": [{"number": "030", "extension": "9"}]}]},
            "trunks[0].inbound_numbers",
            NUMBER.format(9),
            id="calls from outside",
        ),
        pytest.param(
            {
                "trunks": [{"name": "line", "inbound_numbers": [{"number": "030", "extension": "1002"}]}],
                "extensions": [{"number": "1002", "state": "absent"}],
            },
            "trunks[0].inbound_numbers",
            NUMBER.format(1002),
            id="calls from outside to one that the same call deletes",
        ),
        pytest.param(
            {
                "connection_ports": [{"name": "b", "protocol": "ws"}],
                "trunks": [{"name": "line", "connection_port": "b"}],
            },
            "trunks[0].connection_port",
            "'b' is a port of ws, which only browsers connect to",
            id="a trunk through a port for browsers of the same call",
        ),
        pytest.param(
            {"connection_ports": [{"name": "new", "address": "192.0.2.1"}]},
            "connection_ports[0]",
            "udp 192.0.2.1:5060 is already the port 'desk'",
            id="a listener that is taken",
        ),
    ],
)
def test_check_mode_is_as_strict_as_a_run(lists, place, message, check_mode):
    assert refusal(plan_whole, COMPANY, lists, check_mode=check_mode) == {place: message}


@pytest.mark.parametrize(
    ("lists", "place"),
    [
        pytest.param(
            {
                "connection_ports": [{"name": "wan", "port": "x"}],
                "trunks": [{"name": "line", "host": HOST, "connection_port": "wan"}],
                "extensions": [{"number": "1", "connection_port": "wan"}],
            },
            "connection_ports[0].port",
            id="a port",
        ),
        pytest.param(
            {
                "trunks": [{"name": "line", "host": ""}],
                "outbound_profiles": [{"name": "office", "rules": [{"prefix": "0", "trunks": ["line"]}]}],
            },
            "trunks[0].host",
            id="a trunk",
        ),
        pytest.param(
            {
                "outbound_profiles": [{"name": "office", "max_call_time": "long"}],
                "extensions": [{"number": "1", "outbound_profile": "office"}],
            },
            "outbound_profiles[0].max_call_time",
            id="a profile",
        ),
        pytest.param(
            {
                "extension_groups": [{"name": "Sales", "state": "gone"}],
                "extensions": [{"number": "1", "groups": ["Sales"], "callable_groups": ["Sales"]}],
            },
            "extension_groups[0].state",
            id="a group",
        ),
        pytest.param(
            {
                "extensions": [{"number": "1", "enabled": "perhaps"}, {"number": "2", "forward_to": "1"}],
                "trunks": [
                    {"name": "a", "host": HOST, "inbound_numbers": [{"number": "*", "extension": "1"}]}
                ],
            },
            "extensions[0].enabled",
            id="an extension",
        ),
    ],
)
def test_to_name_what_is_wrong_itself_is_no_second_mistake(lists, place):
    assert list(refusal(plan_whole, directory(), lists)) == [place]


@pytest.mark.parametrize(
    ("lists", "place"),
    [
        ({"connection_ports": [{"name": "desk", "port": "x"}]}, "connection_ports[0].port"),
        ({"trunks": [{"name": "line", "port": "x"}]}, "trunks[0].port"),
        (
            {"outbound_profiles": [{"name": "office", "max_call_time": "x"}]},
            "outbound_profiles[0].max_call_time",
        ),
        ({"extension_groups": [{"name": "Sales", "state": "x"}]}, "extension_groups[0].state"),
        ({"connection_ports": [{"name": "\0"}]}, "connection_ports[0].name"),
    ],
    ids=["a port", "a trunk", "a profile", "a group", "nobody knows which port"],
)
def test_a_purge_does_not_take_what_is_wrong_itself_for_left_out(lists, place):
    assert list(refusal(plan_whole, COMPANY, lists, purge=True)) == [place]


def test_a_purge_that_is_too_much_is_told_for_each_list():
    have = directory(*(ext(str(n)) for n in range(100, 110)), *(profile(str(n)) for n in range(100, 107)))
    lists = {"extensions": [], "outbound_profiles": []}
    found = problems(plan_whole, have, lists, purge=True)
    assert [(path, message.split(" (")[0]) for path, message in found] == [
        ("purge", "the list leaves out 7 of the 7 outbound_profiles there are"),
        ("purge", "the list leaves out 10 of the 10 extensions there are"),
    ]


# --- purge -----------------------------------------------------------------------------------


@pytest.mark.parametrize("purge", [False, True], ids=["without purge", "with purge"])
def test_what_is_left_out_together_goes_together(purge):
    """The last user of a profile, a trunk and a port goes, and so do they; all others stay."""
    have = COMPANY.after(
        all_of(
            directory(
                WAN,
                line("old", connection_port="wan", inbound=[("030", "1009")]),
                profile("old", allow(".", "old")),
                IT,
                ext("1009", connection_port="wan", outbound_profile="old", groups=["IT"], forward_to="1001"),
            )
        )
    )
    plan = plan_whole(have, WRITTEN, purge=purge)
    assert have.after(plan) == (COMPANY if purge else have)
    assert plan.warnings == ()


def test_a_purge_of_what_stays_in_use_is_refused():
    lists = {"connection_ports": [], "trunks": [], "outbound_profiles": [], "extension_groups": []}
    found = problems(plan_whole, COMPANY, lists, purge=True)
    assert {path for path, _message in found} == {"purge"}
    assert [message.split(";")[0] for _path, message in found] == [
        "group 'Sales' is used by 2: 1001, 1002",
        "profile 'office' is used by 1: 1001",
        # of the others, only what would be in use if these went
        "port 'desk' is used by 1: extension 1001",
    ]


@pytest.mark.parametrize(
    ("create_groups", "extensions", "groups"),
    [
        pytest.param(True, [{"number": "1", "groups": ["IT"]}], ["IT"], id="a group that is used stays"),
        pytest.param(
            True, [{"number": "1", "callable_groups": ["IT"]}], ["IT", "Sales"], id="so does one to call"
        ),
        pytest.param(True, [{"number": "1", "groups": []}], [], id="one that nobody uses goes"),
        pytest.param(True, [{"number": "1"}], ["Sales"], id="one that is left alone stays"),
        pytest.param(True, [{"number": "1", "groups": ["Lab"]}], ["Lab"], id="a new one comes"),
        pytest.param(True, [], [], id="its only user goes"),
        pytest.param(False, [{"number": "1", "groups": []}], [], id="without create_groups it goes as well"),
    ],
)
def test_groups_that_extensions_bring_along_are_purged_when_nobody_uses_them(
    create_groups, extensions, groups
):
    have = directory(SALES, IT, ext("1", groups=["Sales"]))
    lists = {"extension_groups": [], "extensions": extensions}
    plan = plan_whole(have, lists, purge=True, create_groups=create_groups)
    assert sorted(have.after(plan).groups) == groups
    assert not plan_whole(have.after(plan), lists, purge=True, create_groups=create_groups)


def test_a_group_that_is_named_as_absent_is_not_kept_by_who_uses_it():
    have = directory(SALES, ext("1", groups=["Sales"]))
    lists = {"extension_groups": [{"name": "Sales", "state": "absent"}], "extensions": [{"number": "1"}]}
    found = refusal(plan_whole, have, lists, purge=True, create_groups=True)
    assert list(found) == ["extension_groups[0]"]


def test_without_create_groups_a_group_in_use_that_is_left_out_is_told():
    have = directory(SALES, ext("1", groups=["Sales"]))
    found = refusal(plan_whole, have, {"extension_groups": []}, purge=True)
    assert found["purge"].startswith("group 'Sales' is used by 1: 1;")


def test_a_group_that_takes_the_place_of_a_purged_one_resembles_nothing():
    lists = {"extension_groups": [{"name": "satis"}]}
    assert plan_whole(directory(SATIS), lists, purge=True).warnings == ()
    (warning,) = plan_whole(directory(SATIS), lists).warnings
    assert warning.startswith("the new group 'satis' differs from 'Satış' only in spelling")


# --- emergency numbers -----------------------------------------------------------------------


def numbers(*digits):
    return tuple(EmergencyNumber(number) for number in digits)


@pytest.mark.parametrize(
    ("lists", "purge", "left"),
    [
        ({"extensions": []}, False, ["110", "112"]),
        ({"extensions": []}, True, ["110", "112"]),
        ({"emergency_numbers": ["911", 112]}, False, ["110", "112", "911"]),
        ({"emergency_numbers": ["911", 112]}, True, ["112", "911"]),
        ({"emergency_numbers": []}, False, []),
        ({"emergency_numbers": []}, True, []),
    ],
)
def test_an_emergency_number_goes_by_a_purge_or_an_empty_list_only(lists, purge, left):
    have = directory(*numbers("110", "112"))
    after = have.after(plan_whole(have, lists, purge=purge))
    assert list(after.emergency_numbers) == left


def test_what_is_on_the_host_and_in_no_list_is_told_and_left():
    have = directory(SATIS, *numbers("112"), ext("1001", groups=["Satış"]), ext("1002"), ext("1003"))
    lists = {
        "emergency_numbers": ["110"],
        "extensions": [{"number": "1001"}, {"number": "1003", "state": "absent"}, {"number": "1004"}],
        "extension_groups": [],
    }
    asked = {kind.option: ask(kind, *lists[kind.option]) for kind in KINDS if kind.option in lists}
    after = have.after(plan_directory(have, asked))
    told = {kind.option: names for kind, names in unlisted(after, asked, Policy()).items()}
    assert told == {"emergency_numbers": ["112"], "extension_groups": ["Satış"], "extensions": ["1002"]}
    # A group that an extension brings along need not be in the list.
    assert unlisted(after, asked, Policy(create_groups=True))[GROUPS] == []


TAKEN = "112 is an emergency number (pbx_emergency_numbers) and cannot be an extension's"


@pytest.mark.parametrize(
    ("have", "lists", "place"),
    [
        pytest.param(
            [*numbers("112")],
            {"extensions": [{"number": "1"}, {"number": "112"}]},
            "extensions[1].number",
            id="an extension for one that is there",
        ),
        pytest.param(
            [],
            {"extensions": [{"number": "112"}], "emergency_numbers": ["112"]},
            "extensions[0].number",
            id="both in one call",
        ),
        pytest.param(
            [ext("112")],
            {"emergency_numbers": ["110", "112"]},
            "emergency_numbers",
            id="one for an extension there",
        ),
        pytest.param(
            [ext("112")],
            {"emergency_numbers": ["112"], "extensions": [{"number": "112", "name": "Fire"}]},
            "extensions[0].number",
            id="one for an extension that is changed",
        ),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_an_emergency_number_is_no_extension(have, lists, place, check_mode):
    assert refusal(plan_whole, directory(*have), lists, check_mode=check_mode) == {place: TAKEN}


def test_the_module_for_extensions_makes_none_with_an_emergency_number():
    have = directory(*numbers("112"))
    assert refusal(plan_ext, have, {"number": "112"}) == {"extensions[0].number": TAKEN}
    assert plan_ext(have, {"number": "1120"}).extensions.create == (Extension("1120"),)


def test_an_extension_is_not_left_behind_under_an_emergency_number():
    have = directory(ext("112"))
    plan = plan_whole(have, {"emergency_numbers": ["112"], "extensions": []}, purge=True)
    assert have.after(plan) == directory(*numbers("112"))


# --- warnings --------------------------------------------------------------------------------


def test_who_sends_calls_to_a_deleted_extension_is_told():
    have = directory(ext("1"), ext("2", forward_to="1"), line(inbound=[("030", "1")]))
    plan = plan_whole(
        have, {"extensions": [{"number": "1", "state": "absent"}], "trunks": [{"name": "line"}]}
    )
    assert plan.warnings == (
        "extension 2 forwards to 1, which is deleted",
        "trunk 'line' sends calls to 030 to extension 1, which is deleted",
    )
    assert have.after(plan) == directory(ext("2", forward_to="1"), line(inbound=[("030", "1")]))


@pytest.mark.parametrize(
    "trunks",
    [
        [{"name": "line", "inbound_numbers": []}],
        [{"name": "line", "inbound_numbers": [{"number": "030", "extension": "2"}]}],
        [{"name": "line", "state": "absent"}],
    ],
    ids=["to nobody", "to another", "it goes too"],
)
def test_a_trunk_that_is_mended_in_the_same_call_is_not_told(trunks):
    have = directory(ext("1"), ext("2"), line(inbound=[("030", "1")]))
    lists = {"extensions": [{"number": "1", "state": "absent"}], "trunks": trunks}
    assert plan_whole(have, lists).warnings == ()


def test_each_warning_is_told_once():
    lists = {
        "extension_groups": [{"name": "satis"}],
        "extensions": [{"number": number, "groups": ["satis", "SATIS"]} for number in ("1", "2")],
    }
    warnings = plan_whole(directory(SATIS), lists, create_groups=True).warnings
    assert len(warnings) == len(set(warnings)) == 3


# --- secrets ---------------------------------------------------------------------------------


def test_no_secret_is_told_whatever_is_wrong():
    lists = {
        "trunks": [{"name": "line", "host": HOST, "password": SECRET, "connection_port": "x"}],
        "extensions": [
            {"number": "1", "password": SECRET, "name": "\0"},
            {"number": "1", "password": SECRET},
        ],
    }
    assert SECRET not in repr(problems(plan_whole, directory(), lists))


@pytest.mark.parametrize(("one", "other"), [("trunks", "extensions"), ("extensions", "trunks")])
def test_a_password_in_one_list_belongs_to_its_own_realm(one, other):
    lists = {
        "trunks": [{"name": "line", "host": HOST, "username": "4930", "password": SECRET}],
        "extensions": [{"number": "1001", "password": SECRET}],
    }
    plan = plan_whole(directory(BROWSERS), {one: lists[one], other: lists[other]})
    assert plan.trunks.create == (line(username="4930", password=SECRET),)
    assert plan.extensions.create == (ext("1001", password=SECRET),)
