# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones that are asked to fetch their settings, as the module of the directory asks them."""

from __future__ import annotations

import contextlib

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import check_sync, contact
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import phone_settings
from ansible_collections.voiceops.asterisk.tests.unit.module.test_history_modules import HostWithHistory

EVENT = "check-sync;reboot=false"
BEFORE = {"extensions": [{"number": "1001", "password": "correct-horse-1"}]}
OTHER_PASSWORD = {"extensions": [{"number": "1001", "password": "another-horse-2"}]}


@pytest.fixture
def asked(monkeypatch):
    """What phones are asked."""
    sent: list[tuple[list[str], str]] = []

    def send(_console, _client, numbers, event):
        sent.append((list(numbers), event))
        return ""

    monkeypatch.setattr(check_sync, "send", send)
    monkeypatch.setattr(phone_settings, "log_in", lambda _module: contextlib.nullcontext())
    monkeypatch.setattr(contact, "seen", lambda _client: frozenset())
    return sent


@pytest.fixture
def host(tmp_path, monkeypatch, capsys):
    warned: list[str] = []
    monkeypatch.setattr(AnsibleModule, "warn", lambda _module, text: warned.append(text))
    host = HostWithHistory(tmp_path, monkeypatch, capsys, warned)
    host.has(**BEFORE)
    return host


def test_the_phone_of_another_password_is_asked_once(host, asked):
    host.has(notify_event=EVENT, **OTHER_PASSWORD)
    host.has(notify_event=EVENT, **OTHER_PASSWORD)
    assert asked == [(["1001"], EVENT)]


def test_no_phone_is_asked_by_default(host, asked):
    host.has(**OTHER_PASSWORD)
    host.has(notify_event="", **BEFORE)
    assert asked == []


def test_check_mode_asks_none(host, asked):
    told = host.call("pbx_directory", check_mode=True, notify_event=EVENT, **OTHER_PASSWORD)
    assert told["changed"]
    assert asked == []


def test_why_phones_were_not_asked_is_a_warning(host, monkeypatch, asked):
    monkeypatch.setattr(check_sync, "send", lambda *_given: "Asterisk could not load it")
    told = host.has(notify_event=EVENT, **OTHER_PASSWORD)
    assert told["changed"]
    assert (
        "phones were not asked to fetch their settings (1001): Asterisk could not load it" in told["warnings"]
    )


@pytest.mark.parametrize(("by_role", "name"), [(False, "notify_event"), (True, "pbx_notify_event")])
def test_what_is_no_event_is_refused_before_anything_is_changed(host, asked, by_role, name):
    refused = host.call("pbx_directory", notify_event="check sync", by_role=by_role, **OTHER_PASSWORD)
    assert refused["msg"] == (
        f"{name}: 'check sync' is not an event of a NOTIFY, such as check-sync or check-sync;reboot=false"
    )
    assert asked == []
