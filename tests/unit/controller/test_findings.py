# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What was found in a fleet is said once: of all hosts that have it, and with its other places."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import Finding, gathered
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(*findings):
    return [str(said) for said in gathered(findings)]


def test_a_finding_is_said_with_file_line_host_option_and_number(somewhere):
    place = Place(str(somewhere / "host_vars" / "a.yml"), 12)
    assert told(Finding("pbx-a", "pbx_extensions[3].groups", "is wrong", place, "1004 Ayşe")) == [
        "host_vars/a.yml:12, pbx-a, pbx_extensions[3].groups (1004 Ayşe): is wrong"
    ]


def test_a_file_elsewhere_is_named_as_it_is():
    assert told(Finding("pbx-a", "pbx_purge", "is wrong", Place("/srv/all.yml", 2))) == [
        "/srv/all.yml:2, pbx-a, pbx_purge: is wrong"
    ]


def test_what_has_no_place_is_said_of_its_hosts():
    assert told(*(Finding(host, "", "has no trunk") for host in "abcde")) == [
        "a b c and 2 more: has no trunk"
    ]


def test_a_value_of_a_group_is_wrong_once():
    place = Place("/srv/group_vars/pbx.yml", 2)
    findings = [Finding(f"pbx-{n}", "pbx_trunks[0].host", "is missing", place, "Telco") for n in range(500)]
    assert told(*findings) == [
        "/srv/group_vars/pbx.yml:2, pbx-0 pbx-1 pbx-2 and 497 more, pbx_trunks[0].host (Telco): is missing"
    ]


def test_the_same_mistake_again_and_again_is_said_once_with_its_places():
    findings = [
        Finding(
            f"pbx-{n}",
            f"pbx_extensions[{n}].email",
            f"'{n}' is not an address",
            Place(f"/srv/{n}.yml", n),
            str(n),
        )
        for n in range(1, 31)
    ]
    (said,) = told(*findings)
    first, _line, more = said.partition("\n")
    assert first == "/srv/1.yml:1, pbx-1, pbx_extensions[1].email (1): '1' is not an address"
    assert more.startswith("  the same 29 times more: /srv/10.yml:10 (pbx-10 10), ")
    assert more.endswith(", and 9 more")


def test_three_of_a_kind_are_said_one_by_one_in_the_order_of_files_and_lines():
    findings = [
        Finding("a", f"pbx_extensions[{n}].number", "is wrong", Place("/srv/a.yml", n)) for n in (30, 4, 5)
    ]
    assert [said.place.line for said in gathered(findings)] == [4, 5, 30]


def test_another_place_that_a_message_names_is_said_behind_it(somewhere):
    place, also = Place(str(somewhere / "a.yml"), 12), Place(str(somewhere / "a.yml"), 7)
    assert told(Finding("pbx-a", "pbx_extensions[1].number", "is also given", place, "", also)) == [
        "a.yml:12, pbx-a, pbx_extensions[1].number: is also given (the first: a.yml:7)"
    ]
