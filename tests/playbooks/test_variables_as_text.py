# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A boolean or a number of the role means the same as text; -e, INI inventories and surveys give no other.

Looked at is all that the role makes of its variables, wherever it does so: each file, each variable, and each
text and condition of a task.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from playbooks.playing import rendered

REPOSITORY = Path(__file__).resolve().parents[2]
ROLE = REPOSITORY / "roles" / "pbx"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))[
    "argument_specs"
]["main"]["options"]
FLAGS = sorted(name for name, option in OPTIONS.items() if option["type"] == "bool")
NUMBERS = sorted(name for name, option in OPTIONS.items() if option["type"] == "int")

#: Some of all that Ansible takes for true and for false.
TRUE = ["true", "yes", "on", "1", "True", "y", "t", "YES"]
FALSE = ["false", "no", "off", "0", "False", "n", "f", "No"]
#: With which there is something to be seen of each flag and number.
BESIDES = {
    "pbx_recording_device": "/dev/sdb1",
    "pbx_metrics_password": "0123456789abcdef0",
    "pbx_connection_ports": [{"name": "A"}, {"name": "B", "protocol": "tls"}],
    "pbx_firewall_networks": ["192.0.2.0/24"],
    "pbx_pull_repository": "https://git.example.com/telephones.git",
    "pbx_pull_signers": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBSlHPxL1WqZSjpmQX9DiJ7gFZvoBpMTtMYXGmlVnHhV"],
}
#: Numbers other than the defaults, and fit for each other.
OTHER = {
    "pbx_confirm_within": 600,
    "pbx_connections_per_address": 77,
    "pbx_emergency_calls": 5,
    "pbx_fail2ban_ban_time": 60,
    "pbx_fail2ban_find_time": 61,
    "pbx_fail2ban_max_retry": 9,
    "pbx_history_changes": 50,
    "pbx_history_days": 30,
    "pbx_log_megabytes": 200,
    "pbx_log_weeks": 7,
    "pbx_max_lamps": 99,
    "pbx_max_phones": 500,
    "pbx_media_timeout": 90,
    "pbx_media_timeout_hold": 0,
    "pbx_metrics_port": 9999,
    "pbx_pull_interval": 600,
    "pbx_pull_jitter": 60,
    "pbx_purge_limit": 50,
    "pbx_recording_keep_days": 30,
    "pbx_rtp_end": 16999,
    "pbx_rtp_start": 16000,
    "pbx_source_keep": 3,
}


def as_texts(flags: dict[str, bool], turn: int) -> dict[str, str]:
    """Write each flag in one of the ways there are, each in another one."""
    return {
        name: (TRUE if flag else FALSE)[(place + turn) % len(TRUE)]
        for place, (name, flag) in enumerate(flags.items())
    }


ALL_ON, ALL_OFF = dict.fromkeys(FLAGS, True), dict.fromkeys(FLAGS, False)
#: What is written, and what it means.
CASES: dict[str, tuple[dict[str, object], dict[str, object]]] = {
    "on": (as_texts(ALL_ON, 0), ALL_ON),
    "off": (as_texts(ALL_OFF, 0), ALL_OFF),
    "off, otherwise": (as_texts(ALL_OFF, 3), ALL_OFF),
    "numbers": ({name: str(number) for name, number in OTHER.items()}, OTHER),
    "numbers with blanks": ({name: f" {number} " for name, number in OTHER.items()}, OTHER),
}


@pytest.fixture(scope="module")
def made() -> dict[str, dict[str, str]]:
    """What the role makes of each set of variables, by the set."""
    sets = [given for case in CASES.values() for given in case]
    unique = list({json.dumps(given): {**BESIDES, **given} for given in sets}.items())
    answers = rendered([variables for _key, variables in unique])
    return dict(zip([key for key, _variables in unique], answers, strict=True))


def meant(place: str, text: str) -> object:
    """Return what matters: a refusal shows what was written."""
    # A module reads a text by the type of its option.
    if place.startswith("directory_make.yml"):
        return None
    value = json.loads(text) if not text.startswith("error: ") else text
    if isinstance(value, list):
        return [{**each, "say": ""} if isinstance(each, dict) and "say" in each else each for each in value]
    return value


def test_there_are_numbers_for_all_of_them():
    assert OTHER.keys() == set(NUMBERS)


@pytest.mark.parametrize("case", CASES)
def test_a_text_means_what_it_says(made, case):
    texts, values = (made[json.dumps(given)] for given in CASES[case])
    wrong = {
        place: (texts[place], values[place])
        for place in values
        if meant(place, texts[place]) != meant(place, values[place])
    }
    assert wrong == {}


def test_the_rendering_sees_a_difference_where_there_is_one(made):
    on, off = (made[json.dumps(flags)] for flags in (ALL_ON, ALL_OFF))
    seen = {place for place in on if on[place] != off[place]}
    assert {
        "extensions.conf.j2",
        "recording_unit.conf.j2",
        "__pbx_hardening_packages",
    } <= seen
    assert any(place.startswith("preflight.yml") for place in seen), "pbx_adopt"
    broken = [place for place, text in on.items() if text.startswith("error: ")]
    assert len(broken) < 10, broken
