# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a task says is handed over to its module: lists as one text, all else as it is."""

from __future__ import annotations

import importlib
import json
from types import SimpleNamespace

import pytest
from ansible.errors import AnsibleError, AnsibleTemplateError, AnsibleUndefinedVariable
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options as module_options
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import KINDS
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import changing, handing_over
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


def taken_over(given):
    """Return the lists that a module finds in what it is given."""
    return {option: wire.unpacked_list(text) for option, text in json.loads(given["handed_over"]).items()}


# --- what is handed over ---------------------------------------------------------------------


def test_lists_are_handed_over_as_one_text(run):
    given = run(extensions=EXTENSIONS, emergency_numbers=["112"], purge=True)
    assert sorted(given) == ["handed_over", "purge"]
    assert taken_over(given) == {"extensions": EXTENSIONS, "emergency_numbers": ["112"]}
    assert isinstance(given["handed_over"], str)
    assert EXTENSIONS[0]["password"] not in given["handed_over"]


@pytest.mark.parametrize("option", handing_over.LISTS)
def test_each_of_the_lists_is_handed_over_also_an_empty_one(run, option):
    given = run(**{option: []})
    assert sorted(given) == ["handed_over"]
    assert taken_over(given) == {option: []}


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


def test_ten_thousand_extensions_are_a_short_text(run):
    many = [{"number": str(20000 + n), "name": f"Ayşe Yılmaz {n}"} for n in range(10_000)]
    given = run(extensions=many)
    assert taken_over(given) == {"extensions": many}
    assert len(given["handed_over"]) < len(json.dumps(many)) / 4


def test_a_value_that_ansible_has_decrypted_is_handed_over_as_its_text(run):
    class Decrypted:
        def __str__(self):
            return "Kx7#mQ2p"

    given = run(extensions=[{"number": "1001", "password": Decrypted()}])
    assert taken_over(given)["extensions"][0]["password"] == "Kx7#mQ2p"


# --- how the values of templates get into it -------------------------------------------------


def trusted(value):
    """Return a value as it is read from a playbook or an inventory: its texts may be templates."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, list):
        return [trusted(each) for each in value]
    if isinstance(value, dict):
        return {key: trusted(each) for key, each in value.items()}
    return value


@pytest.fixture
def templated(run):
    """A function: what a module finds for ``extensions``, and what Ansible alone would have made of it."""

    def rendered(argument, **variables):
        templar = Templar(DataLoader(), variables)
        ours = handing_over.ActionModule.finalize_task_arg("extensions", argument, templar, None)
        theirs = templar.template(argument)
        return taken_over(run(extensions=ours))["extensions"], theirs

    return rendered


INVENTORY = trusted(
    [
        {"number": "1001", "name": "Ayşe", "password": "{{ secrets['1001'] }}", "groups": ["{{ floor }}"]},
        {"number": 1002, "name": "a {b} c", "record": True, "labels": {"room": "{{ floor }}-1"}},
        {"number": "1003", "email": "{{ nothing | default(omit) }}", "forward_to": None},
        "{{ nothing | default(omit) }}",
        "{{ another }}",
        "{# nobody #}",
    ]
)
VARIABLES = {
    "secrets": {"1001": "Kx7#mQ2p"},
    "floor": trusted("{{ 'Kat' }} {{ 2 }}"),
    "entries": {
        "text": "Ayşe",
        "number": 7,
        "flag": True,
        "list": ["a"],
        "nothing": None,
        "braces": "a {{ b",
        "template": trusted("{{ floor }}"),
    },
    "another": trusted({"number": "{{ 1004 }}"}),
    "inventory": INVENTORY,
    "by_another_name": trusted("{{inventory}}"),
    "either": trusted("{{ inventory if 1 == 1 else [] }}"),
    "ground_floor": trusted([{"number": "1005", "password": '{{secrets[ "1001" ]}}'}]),
    "upper_floor": trusted("{{ ground_floor }}"),
}


@pytest.mark.parametrize(
    "argument",
    [
        pytest.param(INVENTORY, id="a list in the task"),
        pytest.param(trusted("{{ inventory }}"), id="a variable"),
        pytest.param(trusted("{{ by_another_name }}"), id="a variable that stands for another"),
        pytest.param(trusted("{{ inventory[:2] + [another] }}"), id="an expression"),
        pytest.param([], id="nothing"),
        pytest.param(trusted("{{ inventory + ground_floor }}"), id="a sum"),
        pytest.param(
            trusted("{{ ground_floor+upper_floor|default([]) + no_floor | default([]) }}"), id="parts"
        ),
        pytest.param(trusted("{{ ground_floor + (inventory | list) }}"), id="a sum of expressions"),
        pytest.param(trusted("{{ [another] + ground_floor }}"), id="a sum with a list"),
        pytest.param(
            trusted("{{ inventory if floor is match('Kat') else [] }}"), id="a list where it counts"
        ),
        pytest.param(trusted("{{ inventory if floor == 'x' else [] }}"), id="a list that does not count"),
        pytest.param(trusted("{{ inventory if 0 else upper_floor if 1 else [] }}"), id="one of two lists"),
        pytest.param(trusted("{{ nothing if 0 else [] }}"), id="a list that is not there and does not count"),
        pytest.param(trusted("{{ either + ground_floor }}"), id="a sum with a list that may not count"),
        *(
            pytest.param(trusted([{"number": "1001", "name": text}]), id=text)
            for text in (
                "{{ entries['text'] }}",
                "{{ entries['number'] }}",
                "{{ entries['flag'] }}",
                "{{ entries['template'] }}",
                "{{ entries['list'] }}",
                "{{ entries['braces'] }}",
                "{{ entries['nothing'] }}",
                "{{ entries['missing'] | default('x') }}",
                "{{ entries['text'] }} and more",
                "{{ entries[floor] | default('x') }}",
                "{{ floor['text'] | default('x') }}",
            )
        ),
    ],
)
def test_every_value_is_what_ansible_would_have_made_of_it(templated, argument):
    ours, theirs = templated(argument, **VARIABLES)
    assert ours == theirs


def test_a_file_of_this_collection_is_read_without_a_template_that_names_it(run, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "one.j2").write_text("{{ floor }}\n{{ said }}\n")
    variables = {**VARIABLES, "said": "{{ floor }}", "ansible_search_path": [str(tmp_path)]}
    templar = Templar(DataLoader(), variables)

    def content(text):
        files = handing_over.ActionModule.finalize_task_arg("files", [{"content": text}], templar, None)
        return taken_over(run(files=files))["files"][0]["content"]

    one = "{{ lookup('voiceops.asterisk.filled_template', 'one.j2') }}"
    assert content(trusted(one)) == "Kat 2\n{{ floor }}\n"
    program = content(trusted("{{ lookup('voiceops.asterisk.program', 'definition/problem.py') }}"))
    mark, _line_feed, text = program.partition("\n")
    assert mark == "# Written by the role voiceops.asterisk.pbx: changes made here are lost."
    assert text == (FOLDER / "module_utils" / "definition" / "problem.py").read_text(encoding="utf-8")
    # Somebody else's text is a text.
    assert content(one) == one
    with pytest.raises(AnsibleError, match=r"no\.py: No such file"):
        content(trusted("{{ lookup('voiceops.asterisk.program', 'no.py') }}"))


def test_a_text_that_comes_from_elsewhere_is_never_taken_for_a_template(templated):
    said = [{"number": "1001", "name": "{{ secrets['1001'] }}"}]
    for argument in (said, trusted("{{ from_elsewhere }}"), trusted("{{ from_elsewhere | list }}")):
        ours, theirs = templated(argument, from_elsewhere=said, **VARIABLES)
        assert ours == said
        assert theirs == said


def test_a_template_that_leads_nowhere_is_an_error_as_in_any_task(templated):
    with pytest.raises(AnsibleUndefinedVariable, match="nowhere"):
        templated(trusted([{"number": "1001", "name": "{{ nowhere }}"}]))
    with pytest.raises(AnsibleUndefinedVariable, match="nowhere"):
        templated(trusted("{{ nowhere }}"))
    with pytest.raises(AnsibleTemplateError, match="Undefined"):
        templated(trusted("{{ inventory + nowhere }}"), **VARIABLES)
    with pytest.raises(AnsibleUndefinedVariable, match=r"^secrets has no entry '1002'$"):
        templated(trusted([{"number": "1001", "name": "{{ secrets['1002'] }}"}]), **VARIABLES)


def test_variables_that_stand_for_each_other_in_a_circle_are_an_error_as_in_any_task(templated):
    with pytest.raises(Exception, match=r"[Rr]ecurs"):
        templated(trusted("{{ one }}"), one=trusted("{{ other }}"), other=trusted("{{ one }}"))
    with pytest.raises(Exception, match=r"[Rr]ecurs"):
        templated(trusted("{{ one }}"), one=trusted("{{ one + one }}"))


def test_what_is_no_list_of_things_is_left_to_ansible(templated):
    templar = Templar(DataLoader(), VARIABLES)
    finalize = handing_over.ActionModule.finalize_task_arg
    assert finalize("name", trusted("{{ floor }}"), templar, None) == "Kat 2"
    assert finalize("extensions", trusted("{{ floor }}"), templar, None) == "Kat 2"
    assert finalize("groups", trusted(["{{ floor }}"]), templar, None) == ["Kat 2"]


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
                assert spec["elements"] in ("str", "path", "int")
                assert not spec.get("no_log")


def actions_that_are(kind):
    """The names of the actions that are of a class."""
    return {
        path.stem
        for path in (FOLDER / "action").glob("*.py")
        if issubclass(importlib.import_module(f"{PLUGINS}.action.{path.stem}").ActionModule, kind)
    }


def test_every_module_that_takes_what_is_handed_over_has_an_action_of_its_name_and_no_other():
    with_lists = {name for name, options in modules_with_lists() if options.keys() & set(handing_over.LISTS)}
    taking = {name for name in MODULES if "handed_over" in told(name)}
    assert with_lists <= taking
    assert actions_that_are(handing_over.ActionModule) == taking


def test_every_module_that_changes_a_directory_has_an_action_that_tells_who_does():
    commented = {name for name in MODULES if "change_comment" in told(name)}
    assert "pbx_directory" in commented
    assert actions_that_are(changing.ActionModule) == commented


def test_what_is_handed_over_is_a_secret_of_the_module():
    assert module_options.HANDED_OVER["handed_over"] == {"type": "json", "no_log": True}
