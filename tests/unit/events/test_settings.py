# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a rulebook can say of the source, and what it is told where that is wrong."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.events import settings
from hypothesis import given
from hypothesis import strategies as st


def test_a_host_is_all_that_is_needed():
    read = settings.read({"hosts": "pbx-istanbul", "eda_feedback_queue": object()})
    assert read == settings.Settings(hosts=("pbx-istanbul",))
    assert read.before("pbx-istanbul")[-2:] == ["--", "pbx-istanbul"]


def test_all_can_be_said():
    given = {
        "hosts": ["root@pbx", "root@pbx", "[2001:db8::7]"],
        "events": ["security", "calls"],
        "ssh_options": ["-F", "config"],
        "become": "yes",
        "python_interpreter": "/usr/bin/python3.11",
        "settle": "60",
        "interval": 2.5,
        "rollout_report": "rollout-report.json",
    }
    read = settings.read(given)
    assert read.hosts == ("root@pbx", "[2001:db8::7]")
    assert (read.events, read.become, read.settle, read.interval) == (("calls", "security"), True, 60.0, 2.5)
    assert read.before("root@pbx")[-4:] == ["-F", "config", "--", "root@pbx"]


def test_on_the_host_itself_there_is_no_ssh():
    assert settings.read({"hosts": ["pbx"], "connection": "local"}).before("pbx") == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "hosts: is missing: list the telephone systems"),
        ({"hosts": ["-oProxyCommand=x"]}, "hosts[0]: '-oProxyCommand=x' is not the name of a host"),
        ({"hosts": ["a b"]}, "hosts[0]: 'a b' is not the name of a host"),
        ({"hosts": [7]}, "hosts: has to be a list of texts"),
        (
            {"hosts": ["a"], "events": ["call"]},
            "events[0]: 'call' is not one of registrations, calls, security",
        ),
        ({"hosts": ["a"], "host": "b"}, "host: there is no such option"),
        ({"hosts": ["a"], "connection": "telnet"}, "connection: 'telnet' is neither"),
        ({"hosts": ["a", "b"], "connection": "local"}, "hosts: with connection: local there is one host"),
        ({"hosts": ["a"], "become": "maybe"}, "become: 'maybe' is neither true nor false"),
        ({"hosts": ["a"], "settle": 0}, "settle: 0 is not a number of seconds"),
        ({"hosts": ["a"], "settle": True}, "settle: True is not a number of seconds"),
        ({"hosts": ["a"], "interval": "nan"}, "interval: 'nan' is not a number of seconds"),
        ({"hosts": ["a"], "interval": []}, "interval: [] is not a number of seconds"),
        ({"hosts": ["a"], "python_interpreter": 3}, "python_interpreter: has to be a text"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(given, said):
    with pytest.raises(InvalidInputError) as raised:
        settings.read(given)
    assert any(str(problem).startswith(said) for problem in raised.value.problems)


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_the_waits_grow_to_a_minute_and_no_further(tries, chance):
    wait = settings.wait(tries, chance)
    assert settings.FIRST_WAIT / 2 <= wait <= settings.LONGEST_WAIT
    assert settings.wait(tries + 1, chance) >= wait
