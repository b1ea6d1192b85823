# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a task says is handed over to its module: lists as one text, all else as it is."""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import _options
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import KINDS
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import handing_over
from ansible_collections.voiceops.asterisk.tests.unit.specs import (
    FOLDER,
    MODULES,
    PLUGINS,
    told,
)

EXTENSIONS = [{"number": "1001", "name": "Ayşe", "password": "Kx7#mQ2p", "groups": ["Satış"]}]


class Task(handing_over.ActionModule):
    """A task whose module is not run, but tells what it was given."""

    def __init__(self, arguments, asynchronous=0):
        self._task = SimpleNamespace(
            args=arguments, async_val=asynchronous, check_mode=False, diff=False, action="x", environment=None
        )
        self._connection = SimpleNamespace(_shell=SimpleNamespace(tmpdir="/tmp/x"), has_pipelining=True)  # noqa: S108
        self.executed = []
        self.removed = []

    def _execute_module(self, **options):
        self.executed.append(options)
        return {"changed": True, "created": ["1001"]}

    def _remove_tmp_path(self, path, **_options):
        self.removed.append(path)


@pytest.fixture
def run(monkeypatch):
    """A function: run a task with these arguments; return what its module is given."""
    # What ActionBase does at first is about its connection.
    monkeypatch.setattr(handing_over.ActionBase, "run", lambda _self, _tmp, _task_vars: {})

    def given(**arguments):
        task = Task(arguments)
        task.run(task_vars={"a": 1})
        (executed,) = task.executed
        return executed["module_args"]

    return given


# --- what is handed over ---------------------------------------------------------------------


def test_lists_are_handed_over_as_one_text(run):
    given = run(extensions=EXTENSIONS, emergency_numbers=["112"], purge=True)
    assert sorted(given) == ["handed_over", "purge"]
    assert json.loads(given["handed_over"]) == {"extensions": EXTENSIONS, "emergency_numbers": ["112"]}
    assert isinstance(given["handed_over"], str)


@pytest.mark.parametrize("option", handing_over.LISTS)
def test_each_of_the_lists_is_handed_over_also_an_empty_one(run, option):
    assert run(**{option: []}) == {"handed_over": json.dumps({option: []})}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"number": "1001", "groups": ["Satış"], "labels": {"a": "b"}}, id="a single extension"),
        pytest.param({"extensions": "{{ pbx_extensions }}"}, id="text in the place of a list"),
        pytest.param({"extensions": None}, id="nothing in the place of a list"),
        pytest.param({"extensions": {"number": "1001"}}, id="an item in the place of a list"),
    ],
)
def test_all_else_is_left_as_it_is(run, arguments):
    assert run(**arguments) == arguments


def test_the_arguments_of_the_task_stay_for_its_next_host(run):
    arguments = {"extensions": EXTENSIONS, "purge": True}
    task = Task(arguments)
    task.run()
    assert task._task.args == {"extensions": EXTENSIONS, "purge": True}
    assert arguments["extensions"] is EXTENSIONS


def test_names_in_any_language_are_as_long_as_they_are(run):
    assert "Ayşe" in run(extensions=EXTENSIONS)["handed_over"]


def test_a_value_that_ansible_has_decrypted_is_handed_over_as_its_text(run):
    class Decrypted:
        def __str__(self):
            return "Kx7#mQ2p"

    handed_over = run(extensions=[{"number": "1001", "password": Decrypted()}])["handed_over"]
    assert json.loads(handed_over)["extensions"][0]["password"] == "Kx7#mQ2p"


# --- how the module is run -------------------------------------------------------------------


def test_the_result_is_that_of_the_module_and_nothing_stays_on_the_host(run):
    task = Task({"extensions": EXTENSIONS})
    assert task.run(task_vars={"a": 1}) == {"changed": True, "created": ["1001"]}
    assert task.executed[0]["task_vars"] == {"a": 1}
    assert not task.executed[0]["wrap_async"]
    assert task.removed == ["/tmp/x"]  # noqa: S108


def test_a_module_that_goes_on_in_the_background_keeps_its_files(run):
    task = Task({"extensions": EXTENSIONS}, asynchronous=60)
    task.run()
    assert task.executed[0]["wrap_async"]
    assert task.removed == []


# --- what there is to hand over --------------------------------------------------------------


def modules_with_lists():
    """Give each module with the options of it that take a list, by what it says to Ansible."""
    assert MODULES
    for name in MODULES:
        yield name, {option: spec for option, spec in told(name).items() if spec["type"] == "list"}


def test_every_list_of_things_is_handed_over():
    # Plain texts are left to Ansible: what is wrong with one of them is told by the name of the option.
    lists = {
        option
        for _name, options in modules_with_lists()
        for option, spec in options.items()
        if spec["elements"] == "dict"
    }
    assert lists | {"emergency_numbers"} == set(handing_over.LISTS)
    assert {kind.option for kind in KINDS} <= set(handing_over.LISTS)


def test_no_list_that_is_left_to_ansible_holds_a_secret():
    for _name, options in modules_with_lists():
        for option, spec in options.items():
            if option not in handing_over.LISTS:
                assert spec["elements"] in ("str", "path")
                assert not spec.get("no_log")


def test_every_module_that_takes_what_is_handed_over_has_an_action_of_its_name_and_no_other():
    with_lists = {name for name, options in modules_with_lists() if options.keys() & set(handing_over.LISTS)}
    assert {
        path.stem
        for path in (FOLDER / "action").glob("*.py")
        if importlib.import_module(f"{PLUGINS}.action.{path.stem}").ActionModule is handing_over.ActionModule
    } == with_lists


def test_what_is_handed_over_is_a_secret_of_the_module():
    assert _options.HANDED_OVER["handed_over"] == {"type": "json", "no_log": True}
