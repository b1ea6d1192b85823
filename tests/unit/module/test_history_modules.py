# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The history as modules write and tell it, and the way back, on a host whose Asterisk does not run."""

from __future__ import annotations

import json

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import occupied
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.tests.unit.module.test_modules import Host

PASSWORD, OTHER_PASSWORD = "correct-horse-1", "correct-horse-2"
PHONE = {"number": "1001", "name": "Ayşe", "password": PASSWORD}


class HostWithHistory(Host):
    """A host whose history is looked at."""

    def call(self, module, /, **options):
        if module == "pbx_rollback":
            options = {**self._configuration, "ami_secret_file": str(self.secret), **options}
        return super().call(module, **options)

    def history(self, **options):
        return self.facts(gather=["history"], **options)["pbx_history"]

    def goes_back(self, **options):
        told = self.call("pbx_rollback", **options)
        assert not told.get("failed"), told
        return told

    def defined(self):
        with store.reading(str(self.database)) as directory:
            return directory.read()


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    warned: list[str] = []
    return HostWithHistory(tmp_path, monkeypatch, capsys, warned)


def handed_over(**origin):
    return json.dumps({"origin": wire.packed(origin)})


# --- what is kept ----------------------------------------------------------------------------


def test_a_run_is_kept_with_what_the_controller_has_told(host):
    told = handed_over(user="ayse", controller="ansible.example.com", comment="4c1d2e7a90b3")
    host.call("pbx_directory", extensions=[PHONE], handed_over=told)
    (change,) = host.history()
    assert (change["user"], change["controller"]) == ("ayse", "ansible.example.com")
    assert change["comment"] == "4c1d2e7a90b3"
    assert change["changes"] == {"extensions": {"created": ["1001"], "updated": [], "deleted": []}}
    assert change["line"].endswith("  ayse@ansible.example.com  4c1d2e7a90b3  extensions: created 1001")


def test_a_comment_of_the_user_takes_the_place_of_the_commit(host):
    host.has()
    for module, item in (
        ("pbx_extension_group", {"name": "Satış"}),
        ("pbx_trunk", {"name": "Telco", "host": "192.0.2.1"}),
    ):
        told = handed_over(user="a", controller="b", comment="4c1d2e7a90b3")
        host.call(module, **item, change_comment="ticket 4711", handed_over=told)
    assert [change["comment"] for change in host.history()] == ["ticket 4711", "ticket 4711"]


@pytest.mark.parametrize(("by_role", "name"), [(False, "change_comment"), (True, "pbx_change_comment")])
def test_a_comment_that_would_be_cut_is_refused(host, by_role, name):
    refused = host.call("pbx_directory", change_comment="x" * 501, by_role=by_role, check_mode=True)
    assert refused["msg"] == f"{name}: it has 501 characters, and 500 are kept; say it in fewer"


def test_neither_a_check_nor_a_run_that_changes_nothing_leaves_anything(host):
    host.has(extensions=[PHONE])
    host.has(extensions=[PHONE])
    host.call("pbx_directory", check_mode=True, extensions=[{"number": "1002"}])
    assert [change["number"] for change in host.history()] == [1]


def test_how_much_is_kept_is_noted_once(host):
    host.has(history_changes=1000, history_days=400)
    kept = {"history_changes": 2, "history_days": 30}
    assert host.call("pbx_directory", check_mode=True, **kept)["changed"]
    assert [host.has(**kept)["changed"] for _run in range(2)] == [True, False]
    assert not host.has()["changed"]
    for name in "ABC":
        host.call("pbx_extension_group", name=name)
    assert [change["number"] for change in host.history()] == [3, 2]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"history_changes": -1}, "history_changes: -1 is not a number from 0 to 100000"),
        ({"history_days": 0}, "history_days: 0 is not a number from 1 to 100000"),
        ({"history_days": 100_001}, "history_days: 100001 is not a number from 1 to 100000"),
    ],
)
def test_what_cannot_be_kept_is_refused(host, given, said):
    assert host.call("pbx_directory", **given)["msg"] == said


def test_facts_tell_the_newest_changes_and_no_secret(host):
    host.has(extensions=[PHONE])
    host.has(extensions=[{**PHONE, "password": OTHER_PASSWORD}])
    told = host.facts(gather=["history"], history_limit=1, compare=[2])
    assert [change["number"] for change in told["pbx_history"]] == [2]
    assert told["pbx_history_diff"] == [
        "  extensions:",
        '    "1001":',
        '-     password: "(the one before)"',
        '+     password: "(a new one)"',
    ]
    (phone,) = host.defined().extensions.values()
    assert phone.digest not in json.dumps(told)
    assert "pbx_history" not in host.facts(gather=["directory"])


def test_changes_are_compared_from_one_to_another(host):
    for name in ("A", "B", "C"):
        host.has(extensions=[{**PHONE, "name": name}])
    diff = host.facts(gather=["history"], compare=[3, 2])["pbx_history_diff"]
    assert diff == ["  extensions:", '    "1001":', '-     name: "A"', '+     name: "C"']
    refused = host.call("pbx_extension_facts", gather=["history"], compare=[4])
    assert refused["msg"] == "there is no change 4; the newest is 3"


# --- the way back ----------------------------------------------------------------------------


def furnished(host):
    """Have a directory with something of each kind, and another after it; return the first."""
    host.has(
        connection_ports=[{"name": "SIP", "port": 5070}],
        trunks=[
            {
                "name": "Telco",
                "host": "192.0.2.1",
                "connection_port": "SIP",
                "password": "of-the-line",
                "username": "line",
                "inbound_numbers": [{"number": "*", "extension": "1001"}],
            }
        ],
        outbound_profiles=[{"name": "all", "rules": [{"pattern": "0X.", "trunks": ["Telco"]}]}],
        extension_groups=[{"name": "Satış"}],
        extensions=[{**PHONE, "groups": ["Satış"], "outbound_profile": "all"}, {"number": "1002"}],
        emergency_numbers=["112"],
    )
    first = host.defined(), texts(host)
    host.has(
        connection_ports=[{"name": "SIP", "port": 5080}, {"name": "TCP", "protocol": "tcp", "port": 5090}],
        trunks=[{"name": "Telco", "host": "192.0.2.2"}],
        extensions=[
            {"number": "1001", "state": "absent"},
            {"number": "1002", "forward_to": "1003"},
            {"number": "1003"},
        ],
        emergency_numbers=["110"],
        media_timeout=30,
    )
    return first


def texts(host):
    return {path.name: path.read_text() for path in (host.folder / "etc").iterdir()}


def test_a_host_goes_back_to_what_it_was_with_its_text_files(host):
    directory, before = furnished(host)
    assert texts(host) != before
    told = host.goes_back(before=2, change_comment="rang nobody")
    assert told["changed"]
    assert told["before"] == 2
    assert told["directory"]["extensions"] == {
        "created": ["1001"],
        "updated": ["1002"],
        "deleted": ["1003"],
        "unchanged": 0,
    }
    assert "these extensions have the password again that they had: 1001" in told["warnings"]
    assert host.defined() == directory
    assert texts(host) == before
    change = host.history()[0]
    assert (change["back_to"], change["comment"]) == (2, "rang nobody")
    assert "  rang nobody  back to before 2  " in change["line"]


def test_a_second_time_changes_nothing_and_a_rollback_is_taken_back_like_any_change(host):
    furnished(host)
    there = host.defined()
    host.goes_back(before=2)
    assert not host.goes_back(before=2)["changed"]
    assert host.goes_back(before=-1)["before"] == 3
    assert host.defined() == there


def test_check_mode_tells_what_a_run_does_and_does_nothing(host):
    furnished(host)
    there = host.defined(), texts(host)
    checked = host.goes_back(before=2, check_mode=True, diff=True)
    assert (host.defined(), texts(host)) == there
    done = host.goes_back(before=2, diff=True)
    for part in ("changed", "before", "directory", "diff", "restarted", "restart_required"):
        assert checked[part] == done[part], part


def test_a_time_is_as_good_as_a_number(host, monkeypatch):
    directory, _before = furnished(host)
    for number, at in ((1, 1_800_000_000), (2, 1_800_000_100)):
        with store.writing(str(host.database)) as database:
            database._connection.execute("UPDATE history SET at = ? WHERE number = ?", (at, number))
    told = host.goes_back(at="2027-01-15T08:01:00Z", check_mode=True)
    assert told["before"] == 2
    assert host.goes_back(at="2027-01-15T11:01:00+03:00", check_mode=True)["before"] == 2
    assert host.goes_back(at="2027-01-15 08:01:00")["before"] == 2
    assert host.defined() == directory
    refused = host.call("pbx_rollback", at="2027-01-15T07:59:00Z")
    assert refused["msg"] == (
        "the history does not go back to 2027-01-15T07:59:00Z:"
        " it begins with change 1, at 2027-01-15T08:00:00Z"
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "give either before, which is the number of a change, or at, which is a time"),
        ({"before": 1, "at": "2027-01-15"}, "give either before, which is the number of a change, or at"),
        ({"at": "yesterday"}, "at: 'yesterday' is not a time such as 2026-03-31T17:00:00Z"),
        ({"before": 7}, "the history does not go back to change 7: it has the changes 1 to 2"),
        ({"before": -3}, "the history does not go back to change 0: it has the changes 1 to 2"),
    ],
)
@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_what_cannot_be_is_refused(host, given, said, check_mode):
    furnished(host)
    assert host.call("pbx_rollback", check_mode=check_mode, **given)["msg"].startswith(said)


@pytest.mark.parametrize("check_mode", [False, True], ids=["run", "check mode"])
def test_without_a_directory_there_is_nothing_to_go_back_to(host, check_mode):
    assert (
        "no directory database" in host.call("pbx_rollback", before=1, check_mode=check_mode)["msg"]
        or check_mode
    )
    assert "no history" in host.call("pbx_rollback", before=1, check_mode=True)["msg"]


def test_a_port_that_another_program_has_taken_since_is_refused(host, monkeypatch):
    furnished(host)
    there = host.defined(), texts(host)
    monkeypatch.setattr(occupied, "wrong_with", lambda port: [f"port {port.port} is taken"])
    refused = host.call("pbx_rollback", before=2)
    assert refused["msg"].startswith("nothing was changed, because ports are taken:\nport 5070 is taken")
    assert (host.defined(), texts(host)) == there


def test_what_leads_nowhere_again_is_told(host):
    host.has(extensions=[{"number": "1001", "forward_to": "1002"}, {"number": "1002"}])
    host.call("pbx_extension", number="1002", state="absent")
    host.has(
        trunks=[{"name": "T", "host": "192.0.2.1", "inbound_numbers": [{"number": "*", "extension": "1001"}]}]
    )
    host.call("pbx_extension", number="1001", state="absent")
    host.has(trunks=[{"name": "T", "inbound_numbers": []}])
    told = host.goes_back(before=5)
    assert "trunk 'T' sends calls to extensions that are not there: 1001" in told["warnings"]
    told = host.goes_back(before=3)
    assert "extension 1001 forwards to 1002, which is not there" in told["warnings"]
