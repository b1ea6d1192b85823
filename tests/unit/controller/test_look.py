# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The first task of the role: what it asks a host, and that no wrong variable gets there."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.voiceops.asterisk.plugins.action import pbx_look
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import declared

SETTLED = {"settled": True, "directory": {}, "warnings": ["x"], "phones": {"registered": 1}}
LOOKED = {"rc": 0, "stdout": "has asterisk\n", "stdout_lines": ["has asterisk"], "stderr": ""}
SCRIPT = trust_as_template("look {{ pbx_timezone }}")


class Look(pbx_look.ActionModule):
    """The action, on a host that answers as the test wants."""

    def __init__(self, answer="", rc=0, pipelining=True, **variables):
        self.variables = {
            "inventory_hostname": "pbx",
            "pbx_metrics": False,
            "pbx_timezone": "UTC",
            "look": SCRIPT,
            "wrong": [],
            **variables,
        }
        self._templar = Templar(DataLoader(), self.variables)
        self._answer_of_host, self._rc, self._pipelining = answer, rc, pipelining
        self._task = SimpleNamespace(args={})
        self.asked = []

    def validate_argument_spec(self, argument_spec):
        assert argument_spec == pbx_look.SPEC
        return None, {"script": "look", "wrong": "wrong"}

    def _is_pipelining_enabled(self, _style):
        return self._pipelining

    def _low_level_execute_command(self, cmd, in_data=None, executable=None):
        self.asked.append((cmd, in_data))
        if in_data is None:
            assert executable is False
            return LOOKED
        return {"rc": self._rc, "stdout": self._answer_of_host, "stderr": ""}

    def result(self):
        return self.run(task_vars=self.variables)


@pytest.fixture(autouse=True)
def _no_connection(monkeypatch):
    # What ActionBase does at first is about its connection.
    monkeypatch.setattr(pbx_look.ActionBase, "run", lambda _self, _tmp, _task_vars: {})


def answer(**said):
    return f"Welcome!\nvoiceops-look {json.dumps(said)}\n"


def test_where_nothing_is_different_one_question_is_all():
    look = Look(answer(**SETTLED))
    result = look.result()
    assert {name: result[name] for name in SETTLED} == SETTLED
    ((command, given),) = look.asked
    asked = json.loads(given.splitlines()[1])
    assert asked == {"key": declared.settled_key(look.variables)}
    # What is in the arguments of a process everybody on the host can read.
    assert asked["key"] not in command


@pytest.mark.parametrize(
    "host",
    [
        {"answer": answer(settled=False)},
        {"answer": "Welcome!\n"},
        {"answer": "python3: not found", "rc": 127},
        {"answer": answer(**SETTLED), "rc": 1},
    ],
)
def test_otherwise_it_looks_as_the_role_wants(host):
    look = Look(**host)
    result = look.result()
    assert not result["settled"]
    assert {name: result[name] for name in LOOKED} == LOOKED
    assert [command for command, given in look.asked if given is None] == ["look UTC"]
    assert (result["script"], len(result["said"])) == ("look UTC", 64)
    assert declared.settled_key(look.variables) not in json.dumps(result)


@pytest.mark.parametrize(
    "without", [{"pipelining": False}, {"pbx_metrics": True}, {"pbx_x": "{{ lookup('file', 'x') }}"}]
)
def test_where_no_record_can_count_none_is_asked_for(without):
    look = Look(answer(**SETTLED), **without)
    result = look.result()
    assert [given for _command, given in look.asked] == [None]
    assert not result["settled"]
    assert "said" not in result


def test_what_is_wrong_in_the_variables_does_not_get_to_the_host():
    look = Look(answer(settled=False), wrong=[{"path": "pbx_timezone"}], pbx_timezone="$(reboot)")
    result = look.result()
    assert result["wrong"]
    assert [command for command, given in look.asked if given is None] == []
    # Not even its template is filled, which may fail in Ansible's words.
    assert Look(wrong=[1], look=trust_as_template("{{ no_such_variable }}")).result()["wrong"]


def test_a_changed_result_is_none():
    assert Look(answer(**SETTLED)).result()["changed"] is False
