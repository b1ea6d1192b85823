# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Facts leave the host as one text and are the same facts on the controller."""

from __future__ import annotations

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.voiceops.asterisk.plugins.action import pbx_extension_facts
from ansible_collections.voiceops.asterisk.plugins.filter import unpacked_facts
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import Extension
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import facts as module_facts
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit.directories import directory
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER
from hypothesis import given
from hypothesis import strategies as st

FACTS = {"pbx_extensions": {"1001": {"name": "Ayşe {{ x }}", "registered": None, "contacts": []}}}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(facts=st.dictionaries(st.text(), JSON, max_size=4))
def test_what_is_unpacked_is_what_was_packed(facts):
    unpacked = wire.unpacked(wire.packed(facts))
    # Also the order, which is that of the numbers.
    assert json.dumps(unpacked) == json.dumps(facts)


def test_the_text_is_one_that_passes_everywhere():
    assert wire.packed(FACTS).isascii()
    assert "\n" not in wire.packed(FACTS)


@pytest.mark.parametrize("cut", [1, 8, -8, -1], ids=repr)
def test_a_text_that_is_not_whole_is_an_error(cut):
    text = wire.packed(FACTS)
    with pytest.raises(wire.NotPackedError):
        wire.unpacked(text[cut:] if cut > 0 else text[:cut])


# --- the action ------------------------------------------------------------------------------


class Task(pbx_extension_facts.ActionModule):
    """A task whose module is not run, but answers this."""

    def __init__(self, answer, asynchronous=0, **arguments):
        self._task = SimpleNamespace(args=arguments, async_val=asynchronous)
        self._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp/x"))  # noqa: S108
        self.answer = answer
        self.executed = []
        self.removed = []

    def _execute_module(self, **options):
        self.executed.append(options)
        return dict(self.answer)

    def _remove_tmp_path(self, path, **_options):
        self.removed.append(path)


@pytest.fixture(autouse=True)
def no_connection(monkeypatch):
    # What ActionBase does at first is about its connection.
    monkeypatch.setattr(pbx_extension_facts.ActionBase, "run", lambda _self, _tmp, _task_vars: {})


def test_the_action_unpacks_the_facts():
    task = Task({"changed": False, "ansible_facts": {wire.FACT: wire.packed(FACTS)}}, numbers=["1001"])
    assert task.run(task_vars={"a": 1}) == {"changed": False, "ansible_facts": wire.named(FACTS)}
    assert task.executed == [
        {
            "module_args": {"numbers": ["1001"], "packed": True},
            "task_vars": {"a": 1},
            "wrap_async": 0,
        }
    ]
    assert task.removed == ["/tmp/x"]  # noqa: S108


@pytest.mark.parametrize("packed", [True, False, "maybe"])
def test_a_task_that_says_how_it_wants_them_has_the_answer_of_the_module(packed):
    answer = {"changed": False, "ansible_facts": {wire.FACT: "text"}}
    task = Task(answer, packed=packed)
    assert task.run() == answer
    assert task.executed[0]["module_args"] == {"packed": packed}


def test_facts_that_ansible_adds_stay_beside_them():
    python = {"discovered_interpreter_python": "/usr/bin/python3"}
    task = Task({"ansible_facts": {wire.FACT: wire.packed(FACTS), **python}})
    assert task.run() == {"ansible_facts": {**wire.named(FACTS), **python}}


FAILED = {"failed": True, "msg": "no"}
#: With the Python that Ansible has looked for on the host.
FAILED_AND_FOUND = {**FAILED, "ansible_facts": {"discovered_interpreter_python": "/usr/bin/python3"}}


@pytest.mark.parametrize("answer", [FAILED, FAILED_AND_FOUND, {"unreachable": True}], ids=str)
def test_what_has_gone_wrong_is_told_as_it_is(answer):
    assert Task(answer).run() == answer


def test_a_task_that_runs_on_by_itself_is_not_asked_to_pack_them():
    started = {"started": 1, "ansible_job_id": "j1"}
    task = Task(started, asynchronous=60)
    assert task.run() == started
    assert task.executed[0]["module_args"] == {}
    assert task.removed == []


# --- the filter ------------------------------------------------------------------------------


def test_the_filter_unpacks_the_facts():
    filters = unpacked_facts.FilterModule().filters()
    assert filters["unpacked_facts"](wire.packed(FACTS)) == FACTS


@pytest.mark.parametrize("text", ["", "eAGrVi", "ä", wire.packed(FACTS)[:-6], FACTS, None], ids=repr)
def test_the_filter_says_that_a_text_is_not_one(text):
    with pytest.raises(AnsibleFilterError, match="packed"):
        unpacked_facts.unpacked_facts(text)


# --- the module ------------------------------------------------------------------------------


class LeftError(Exception):
    """Raised in the place of the module's end."""


@pytest.mark.parametrize("packed", [False, True])
def test_the_module_tells_the_same_either_way(monkeypatch, packed):
    have = directory(Extension("1001", "Ayşe", digest="d" * 32))
    facts = status.facts(have, None, 1_700_000_000.0)

    def end(_module, **result):
        raise LeftError(result)

    module = SimpleNamespace(params={"packed": packed})
    monkeypatch.setattr(module_facts, "start", lambda _spec: module)
    monkeypatch.setattr(module_facts, "_gather", lambda _module: facts)
    monkeypatch.setattr(module_facts, "end", end)
    with pytest.raises(LeftError) as left:
        module_facts.run()
    (result,) = left.value.args
    told = result["ansible_facts"]
    assert (wire.unpacked(told[wire.FACT]) if packed else wire.bare(told)) == facts
    assert result["changed"] is False


def test_no_fact_has_the_name_of_a_variable_of_the_role():
    """A variable outranked by a fact would be what the host is, and not what the inventory says."""
    have = directory(Extension("1001", "Ayşe", digest="d" * 32))
    told = {*wire.named(status.facts(have, None, 1_700_000_000.0)), wire.FACT}
    role = FOLDER.parent / "roles" / "pbx" / "meta" / "argument_specs.yml"
    spec = yaml.safe_load(role.read_text(encoding="utf-8"))["argument_specs"]["main"]
    assert told & set(spec["options"]) == set()
    assert {"pbx_extensions", "pbx_trunks"} <= set(wire.bare(dict.fromkeys(told))) & set(spec["options"])


#: What changes a host, and what reads certificates: not one of them is needed to tell who is there.
NOT_NEEDED = {
    *("planning.decide", "planning.request", "definition.reading", "asterisk.configuration"),
    *("asterisk.certificate", "asterisk.console", "database.writing", "module.population"),
}


#: Of what a single extension needs: Asterisk's configuration and what it says of ports and trunks.
NOT_NEEDED_FOR_ONE = {
    *("asterisk.configuration", "asterisk.certificate", "asterisk.transport", "asterisk.trunk"),
    *("host.listener", "status.facts", "recording.storage", "database.writing"),
}


@pytest.mark.parametrize(
    ("module", "needed", "not_needed"),
    [
        ("pbx_extension_facts", "status.facts", NOT_NEEDED),
        ("pbx_extension", "planning.decide", NOT_NEEDED_FOR_ONE),
    ],
)
def test_a_module_imports_no_more_than_it_needs(module, needed, not_needed):
    collections = FOLDER.parents[3]
    script = (
        f"import sys; sys.path.insert(0, {str(collections)!r})\n"
        f"from ansible_collections.voiceops.asterisk.plugins.modules import {module}\n"
        "print(*(name.partition('.module_utils.')[2] for name in sys.modules if '.module_utils.' in name))"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert needed in run.stdout.split()
    assert not not_needed & set(run.stdout.split())
