# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change says what it will do, does nothing else, and disturbs no other phone."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from phones.phone import Phone

from .company import until
from .fleet import DIRECTORY, Host, site


def diffs(text: str) -> list[str]:
    """Return what --diff printed, run of lines by run of lines."""
    return re.findall(r"^--- before\n(?:.*\n)*?(?=\n)", text, re.MULTILINE)


def test_check_mode_tells_exactly_what_the_run_will_do_and_writes_nothing(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    before = host.database()
    changed = {
        **DIRECTORY,
        "pbx_extensions": [
            {"number": "1001", "name": "Ayşe Demir"},
            {"number": "1002", "password": "another-horse-2"},
            {"number": "1003", "state": "absent"},
            {"number": "1004", "name": "Yeni", "groups": ["Destek"]},
        ],
    }
    checked = site([host], tmp_path, changed, "--check", "--diff", "--tags", "directory")
    assert checked.recap(host.name)["changed"] == 1, checked.text
    assert host.database() == before
    done = site([host], tmp_path, changed, "--diff", "--tags", "directory")
    assert diffs(checked.text) == diffs(done.text)
    # The trial before other changes is not needed where the directory is all that changes.
    assert "a trial, nothing is changed" not in done.text
    (diff,) = diffs(done.text)
    assert '+    name: "Ayşe Demir"' in diff
    assert "another-horse-2" not in done.text
    again = site([host], tmp_path, changed, "--tags", "directory")
    assert again.recap(host.name)["changed"] == 0, again.text


@pytest.mark.shown_on("asterisk22")
def test_an_inventory_that_is_silent_takes_no_emergency_number_away_and_leaves_nobody_unseen(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    given = {**DIRECTORY, "pbx_emergency_numbers": ["112"]}
    assert site([host], tmp_path, given, "--tags", "directory").status == 0
    leaver, *others = DIRECTORY["pbx_extensions"]
    silent = {**DIRECTORY, "pbx_extensions": others}
    run = site([host], tmp_path, silent, "--tags", "directory")
    assert run.recap(host.name)["changed"] == 0, run.text
    assert host.facts()["pbx_emergency_numbers"] == ["112"]
    left = f"pbx_extensions: 1 on this host and not in the list, left as they are: {leaver['number']}"
    assert left in " ".join(run.text.split()), run.text
    assert re.search(rf"^host .* not listed .*\n{host.name} .* 1  ", run.text, re.MULTILINE), run.text
    emptied = site([host], tmp_path, {**given, "pbx_emergency_numbers": []}, "--tags", "directory")
    assert emptied.recap(host.name)["changed"] == 1, emptied.text
    assert host.facts()["pbx_emergency_numbers"] == []


@pytest.mark.shown_on("asterisk22")
def test_a_purge_says_exactly_what_it_will_delete_and_deletes_just_that(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    before = host.database()
    less = {
        **DIRECTORY,
        "pbx_extension_groups": [{"name": "Satış"}],
        "pbx_extensions": [{"number": "1001", "groups": ["Satış"]}],
        "pbx_purge": True,
    }
    checked = site([host], tmp_path, less, "--check", "--diff", "--tags", "directory")
    assert host.database() == before
    assert checked.status == 0, checked.text
    done = site([host], tmp_path, less, "--diff", "--tags", "directory")
    assert done.status == 0, done.text
    assert len(diffs(done.text)) == 1
    assert diffs(checked.text) == diffs(done.text)
    directory_now = host.module("pbx_extension_facts", gather=["directory"])["ansible_facts"]["pbx_directory"]
    assert [e["number"] for e in directory_now["extensions"]] == ["1001"]
    assert directory_now["extension_groups"] == [{"name": "Satış"}]


def test_what_the_facts_say_changes_nothing_when_it_is_written_down(directory: Host) -> None:
    host = directory
    extension = {
        "number": "1007",
        "name": "Çok şey",
        "password": "everything-horse",
        "connection_port": "Masa telefonları",
        "outbound_profile": "Yurt içi",
        "outbound_caller_id": "+902121112207",
        "groups": ["Destek"],
        "callable_groups": ["Satış"],
        "record": True,
        "enabled": False,
        "max_devices": 3,
        "ring_timeout": 20,
        "max_calls": 4,
        "forward_to": "1001",
        "language": "tr",
        "email": "cok@example.org",
        "labels": {"oda": "Z-01", "kat": 0},
        "username": "cok.sey@example.org",
    }
    trunk = {
        "name": "Santral; [x]",
        "host": "192.0.2.10",
        "port": 5070,
        "connection_port": "Masa telefonları",
        "username": "900",
        "password": "trunk-horse-9",
        "codecs": ["g722", "alaw"],
        "caller_id": "+902121112200",
        "inbound_addresses": ["192.0.2.0/28", "2001:db8::/32"],
        "inbound_numbers": [{"number": "*", "extension": "1001"}, {"number": "212", "extension": "1007"}],
        "emergency": False,
        "country_code": "90",
        "area_code": "212",
        "called_number_header": "P-Called-Party-ID",
        "trust_identity": True,
        "qualify": False,
    }
    rules = [
        {"prefix": "00", "action": "deny"},
        {"pattern": "_0[2-5]XXXXXXXXX", "trunks": ["Santral; [x]"], "strip": 1, "prepend": "+90"},
    ]
    profile = {"name": "Yurt içi", "rules": rules, "max_concurrent_calls": 3, "max_call_time": 600}
    everything = {
        **DIRECTORY,
        "pbx_extensions": [*DIRECTORY["pbx_extensions"], extension],
        "pbx_trunks": [trunk],
        "pbx_outbound_profiles": [profile],
        "pbx_emergency_numbers": [112, "155"],
    }
    done = host.whole_directory(**everything)
    assert not done["failed"], done
    assert done["directory"]["extensions"]["created"] == ["1007"]
    written = host.module("pbx_extension_facts", gather=["directory"])["ansible_facts"]["pbx_directory"]
    shown = next(each for each in written["extensions"] if each["number"] == "1007")
    assert shown == {
        **{k: v for k, v in extension.items() if k != "password"},
        "labels": {"oda": "Z-01", "kat": "0"},
    }
    assert written["trunks"] == [
        {
            **{k: v for k, v in trunk.items() if k != "password"},
            "register": False,
            "realm": "192.0.2.10",
        }
    ]
    assert written["outbound_profiles"][0]["rules"][1] == {
        **rules[1],
        "action": "allow",
        "pattern": "0[2-5]XXXXXXXXX",
    }
    assert written["emergency_numbers"] == ["112", "155"]
    again = host.module("pbx_directory", **written, purge=True, purge_limit=100)
    assert again["changed"] is False, again
    # The modules for one kind each say the same.
    kinds = {
        "connection_port": "connection_ports",
        "trunk": "trunks",
        "outbound_profile": "outbound_profiles",
    }
    kinds |= {"extension_group": "extension_groups", "extension": "extensions"}
    for kind, option in kinds.items():
        result = host.module(f"pbx_{kind}", **{option: written[option]}, purge=True, purge_limit=100)
        assert result["changed"] is False, result


def test_two_runs_at_once_lose_nothing(directory: Host) -> None:
    host = directory
    before = len(host.facts()["pbx_extensions"])
    lists = [[{"number": str(first + i)} for i in range(50)] for first in (4000, 5000, 6000)]
    with ThreadPoolExecutor() as runs:
        results = list(
            runs.map(lambda extensions: host.module("pbx_extension", extensions=extensions), lists)
        )
    assert [len(result["created"]) for result in results] == [50, 50, 50]
    assert len(host.facts()["pbx_extensions"]) == before + 150


def test_a_call_goes_on_and_phones_stay_while_others_change(directory: Host) -> None:
    host = directory
    ayse = Phone("1001", "correct-horse-1", host.address)
    mehmet = Phone("1002", "correct-horse-2", host.address)
    with ayse.on_the_desk(), mehmet.on_the_desk(), ThreadPoolExecutor() as talking:
        contacts = {n: host.facts()["pbx_extensions"][n]["contacts"][0]["address"] for n in ("1001", "1002")}
        call = talking.submit(ayse.call, "1002", 25.0)
        until(lambda: host.facts()["pbx_extensions"]["1002"]["state"] == "in use")
        host.module("pbx_extension", extensions=[{"number": str(n)} for n in range(4000, 4100)])
        busy = host.facts()["pbx_extensions"]
        assert (busy["1001"]["state"], busy["1002"]["state"]) == ("in use", "in use")
        host.module("pbx_extension", number="1001", name="Ayşe Demir", groups=["Destek"])
        gone = [{"number": str(n), "state": "absent"} for n in range(4000, 4100)]
        host.module("pbx_extension", extensions=gone)
        assert not call.done()
        # 200, and SIPp has seen the whole call through to the answer to its BYE.
        assert call.result() == 200
        after = host.facts()["pbx_extensions"]
        assert {n: after[n]["contacts"][0]["address"] for n in ("1001", "1002")} == contacts


@pytest.mark.shown_on("asterisk16")
def test_every_mistake_is_named_with_its_place_and_nothing_is_changed(directory: Host) -> None:
    host = directory
    before = host.database()
    extensions = [{"number": str(2000 + i), "password": f"long-enough-{i:03}x"} for i in range(100)]
    extensions[57] = {"number": "20 57"}
    extensions[81]["password"] = "2081"
    extensions[90]["groups"] = ["Satis"]  # type: ignore[assignment]
    extensions[93] = {"number": "2093", "nmae": "Ayşe", "ring_timeout": "soon"}
    result = host.module("pbx_extension", extensions=extensions)
    assert result["failed"]
    # Malformed in itself, too weak, of a group that does not exist here, misspelt, no number at all.
    assert [problem["path"] for problem in result["problems"]] == [
        "extensions[57].number",
        "extensions[81].password",
        "extensions[90].groups",
        "extensions[93]",
        "extensions[93].ring_timeout",
    ]
    assert "'Satis' does not exist on this host; did you mean 'Satış'?" in result["msg"]
    assert host.database() == before


def test_a_deleted_extension_loses_its_phone_and_a_new_one_does_not_get_it_back(directory: Host) -> None:
    host = directory
    phone = Phone("1002", "correct-horse-2", host.address)
    other = Phone("1001", "correct-horse-1", host.address)
    assert (phone.register(), other.register()) == (200, 200)
    host.module("pbx_extension", number="1002", state="absent")
    assert phone.register() == 401
    host.module("pbx_extension", number="1002", name="Somebody new", password="someone-elses-1")
    extensions = host.facts()["pbx_extensions"]
    assert extensions["1002"]["registered"] is False
    assert extensions["1001"]["registered"] is True
    assert phone.register() == 401


def test_a_new_password_ends_the_old_phones_registration_and_a_rename_does_not(directory: Host) -> None:
    host = directory
    phone = Phone("1001", "correct-horse-1", host.address)
    assert phone.register() == 200
    assert host.module("pbx_extension", number="1001", name="Ayşe Demir")["updated"] == ["1001"]
    assert host.facts()["pbx_extensions"]["1001"]["registered"] is True
    assert host.module("pbx_extension", number="1001", password="correct-horse-1")["changed"] is False
    assert host.module("pbx_extension", number="1001", password="another-horse-1")["changed"] is True
    assert host.facts()["pbx_extensions"]["1001"]["registered"] is False
    assert phone.register() == 401
    assert Phone("1001", "another-horse-1", host.address).register() == 200


def test_a_change_counts_from_the_next_call_on_and_reloads_nothing(directory: Host) -> None:
    host = directory
    uptime = host.shell("asterisk -rx 'core show uptime seconds'").splitlines()
    caller = Phone("1001", "correct-horse-1", host.address)
    assert caller.call("1005") == 404
    host.module("pbx_extension", number="1005", name="New here", password="brand-new-horse")
    assert caller.call("1005") == 480
    with Phone("1005", "brand-new-horse", host.address).on_the_desk():
        assert caller.call("1005") == 200
    after = host.shell("asterisk -rx 'core show uptime seconds'").splitlines()
    started, reloaded = ([int(re.sub(r"\D", "", line)) for line in lines] for lines in (uptime, after))
    # Seconds since the start, and since the last reload: both have only grown.
    assert all(later >= earlier for earlier, later in zip(started, reloaded, strict=True))


def test_ports_are_listened_on_after_a_run_and_let_go_by_the_next(directory: Host, tmp_path: Path) -> None:
    host = directory
    second = {"name": "İkinci", "protocol": "tcp", "port": 5070}
    more = {**DIRECTORY, "pbx_connection_ports": [*DIRECTORY["pbx_connection_ports"], second]}
    added = site([host], tmp_path, more, "--tags", "configure")
    assert added.status == 0, added.text
    assert "0.0.0.0:5070" in host.shell("ss -H -lnt")
    shown = host.facts()["pbx_connection_ports"]["İkinci"]
    assert (shown["protocol"], shown["address"], shown["port"]) == ("tcp", "0.0.0.0", 5070)
    second["state"] = "absent"
    removed = site([host], tmp_path, more, "--tags", "configure")
    assert removed.status == 0, removed.text
    assert "0.0.0.0:5070" not in host.shell("ss -H -lnt")
