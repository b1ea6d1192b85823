# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What may be asked of the lab: names, releases, places."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostlab import settings as settings_module
from hostlab.cli import main
from hostlab.errors import LabError
from hostlab.settings import FIRST_HOST, LAST_HOST, LINK_NAME_MAX
from hostlab.specs import HostSpec, check_name, parse_specs


@pytest.mark.parametrize("name", ["a", "pbx-istanbul", "0", "pbx1", "a" * 40])
def test_host_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "-a", "a-", "a_b", "a.b", "a/b", "..", "a b", "a\n", "é", "a" * 41, "phones", "localhost"],
)
def test_what_is_no_host_name(name: str) -> None:
    with pytest.raises(LabError):
        check_name(name)


def test_each_name_may_have_a_release_of_its_own() -> None:
    assert parse_specs(["a", "b=bullseye", "a"], "forky", True) == [
        HostSpec("a", "forky", True),
        HostSpec("b", "bullseye", True),
    ]


@pytest.mark.parametrize("words", [["a=trixie"], ["a="], ["a", "a=bullseye"], ["=forky"]])
def test_what_cannot_be_asked(words: list[str]) -> None:
    with pytest.raises(LabError):
        parse_specs(words, "forky", False)


def test_an_unknown_release_names_the_known_ones() -> None:
    with pytest.raises(LabError, match=r"potato.*forky.*bullseye"):
        parse_specs(["a"], "potato", False)


def test_two_labs_share_no_name() -> None:
    first, second = (settings_module.from_environment({"VOICEOPS_LAB_INSTANCE": n}) for n in "05")
    for what in ("bridge", "subnet", "gateway", "phones_netns", "phones_link", "state", "inventory"):
        assert getattr(first, what) != getattr(second, what)
    assert (first.bridge, first.subnet, first.address(11)) == ("voiceops0", "198.18.77.0/24", "198.18.77.11")
    assert (second.bridge, second.subnet, second.gateway) == ("voiceops5", "198.18.82.0/24", "198.18.82.1")


def test_link_names_are_short_enough() -> None:
    settings = settings_module.from_environment({"VOICEOPS_LAB_INSTANCE": "9"})
    names = [settings.link(index) for index in range(FIRST_HOST, LAST_HOST + 1)] + [settings.phones_link]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= LINK_NAME_MAX


@pytest.mark.parametrize(
    "environment",
    [
        {"VOICEOPS_LAB_INSTANCE": "100"},
        {"VOICEOPS_LAB_INSTANCE": "x"},
        {"VOICEOPS_LAB_CACHE": "relative"},
        {"VOICEOPS_LAB_CACHE": "/with:colon"},
        {"VOICEOPS_LAB_STATE": "/with space"},
    ],
)
def test_settings_that_cannot_work(environment: dict[str, str]) -> None:
    with pytest.raises(LabError):
        settings_module.from_environment(environment)


def test_settings_from_the_environment() -> None:
    settings = settings_module.from_environment({"VOICEOPS_LAB_STATE": "/srv/lab", "VOICEOPS_LAB_CACHE": ""})
    assert settings.state == Path("/srv/lab/0")
    assert settings.cache == Path("/var/cache/voiceops-lab")


def test_errors_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "Not_A_Name"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("lab: 'Not_A_Name' is not a host name")
    assert captured.err.count("\n") == 1


def test_requirements(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["requirements"]) == 0
    assert {"debootstrap", "systemd-container", "nftables"} <= set(capsys.readouterr().out.split())
