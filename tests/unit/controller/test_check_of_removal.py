# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A check of taking the role away ends with what would go: files, folders and packages."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible import context
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

CALLBACK = FOLDER.parent / "playbooks" / "callback_plugins" / "pbx_rollout.py"
APT = [
    "NOTE: This is only a simulation!",
    "Remv asterisk [1:22.10.1]",
    "Purg fail2ban [1.1.0-9]",
    "Conf something",
]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """A function: what is said after tasks that are given as names of callbacks, tasks and results."""
    spec = importlib.util.spec_from_file_location("pbx_rollout_callback", CALLBACK)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def after(*told: tuple[str, dict[str, Any], dict[str, Any]], check: bool = True) -> list[str]:
        monkeypatch.setattr(context, "CLIARGS", {"check": check})
        callback = module.CallbackModule()
        callback._rollout.expect(["a"])
        for name, task, result in told:
            known = {"action": "ansible.builtin.script", "register": None, "args": {}, "check_mode": check}
            event = SimpleNamespace(
                host=SimpleNamespace(name="a"), task=SimpleNamespace(**{**known, **task}), result=result
            )
            getattr(callback, name)(event)
        return [line.text for line in callback._rollout.lines(check)]

    return after


FILES = (
    "v2_runner_on_ok",
    {"action": "voiceops.asterisk.pbx_files"},
    {"removed": ["/etc/asterisk/pjsip.conf"]},
)


@pytest.mark.parametrize("register", [str, lambda name: {name: "all of it"}], ids=["2.19", "2.21"])
def test_files_packages_and_folders_are_named(said, register):
    told = said(
        FILES,
        ("v2_runner_on_ok", {"register": register("__pbx_packages_to_remove")}, {"stdout_lines": APT}),
        ("v2_runner_on_ok", {"register": register("__pbx_empty")}, {"stdout_lines": ["/var/spool/voiceops"]}),
        ("v2_runner_item_on_ok", {"args": {"state": "absent"}}, {"item": "/etc/voiceops", "changed": True}),
        ("v2_runner_item_on_ok", {"args": {"state": "absent"}}, {"item": "/etc/none", "changed": False}),
        ("v2_runner_item_on_ok", {"args": {"removes": "x"}}, {"item": {"path": "/var/db"}, "changed": True}),
        ("v2_runner_item_on_ok", {"args": {"state": "stopped"}}, {"item": {"unit": "x"}, "changed": True}),
        ("v2_runner_on_ok", {"register": register("other")}, {"stdout_lines": ["Remv other"]}),
    )
    assert told == [
        "a: would be taken away:",
        "  /etc/asterisk/pjsip.conf",
        "  /etc/voiceops",
        "  /var/db",
        "  /var/spool/voiceops",
        "  package asterisk",
        "  package fail2ban",
        "  packages that came with these, and that nothing needs any more",
        "nothing was changed: this is what a run would do",
    ]


def test_a_run_says_that_it_is_done(said):
    assert said(FILES, check=False) == ["a: what the role had made is taken away"]
