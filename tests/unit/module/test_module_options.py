# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the modules say of their options, what Ansible is told of them, and what the library reads."""

from __future__ import annotations

import importlib
import re

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import OutboundRule
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options as module_options
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.request import ASK
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER, MODULES, PLUGINS, told

FRAGMENTS = sorted(path.stem for path in (FOLDER / "doc_fragments").glob("*.py"))

#: What is said of an option both in the documentation and to Ansible.
SAID = ("type", "elements", "choices", "default", "required")


def documentation(module):
    """The documentation of a module, and the names of the fragments that belong to it."""
    text = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").DOCUMENTATION)
    fragments = text.get("extends_documentation_fragment", [])
    assert all(name.startswith("voiceops.asterisk.") for name in fragments)
    return text, [name.rpartition(".")[2] for name in fragments]


def documented(module):
    """The options of a module as its documentation has them, those of its fragments among them."""
    text, fragments = documentation(module)
    options = dict(text["options"])
    for name in fragments:
        fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.{name}").ModuleDocFragment
        more = yaml.safe_load(fragment.DOCUMENTATION)["options"]
        assert not options.keys() & more.keys(), f"{name} documents again what {module} has"
        options.update(more)
    return options


def said(options, nested):
    """What is said of options, by name, and of those within them."""
    return {
        name: {
            **{key: option[key] for key in SAID if key in option},
            **({"options": said(option[nested], nested)} if nested in option else {}),
        }
        for name, option in options.items()
    }


def every(options, nested, place=""):
    """Give every option with its place, those within others too."""
    for name, option in options.items():
        yield f"{place}{name}", option
        yield from every(option.get(nested, {}), nested, f"{place}{name}.")


# --- the documentation and Ansible -----------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_the_whole_documentation_can_be_read(module):
    plugin = importlib.import_module(f"{PLUGINS}.modules.{module}")
    assert isinstance(yaml.safe_load(plugin.EXAMPLES), list)
    for name, returned in yaml.safe_load(plugin.RETURN).items():
        assert {"description", "returned", "type"} <= returned.keys(), name


@pytest.mark.parametrize("module", MODULES)
def test_the_documentation_has_the_options_that_ansible_is_told_of(module):
    assert said(documented(module), "suboptions") == said(told(module), "options")


@pytest.mark.parametrize("module", MODULES)
def test_every_option_is_described(module):
    for place, option in every(documented(module), "suboptions"):
        assert option.get("description"), place
        assert option.keys() <= {"description", "suboptions", *SAID}, place


@pytest.mark.parametrize("module", MODULES)
def test_where_an_option_refers_to_another_that_one_is_there(module):
    options = documented(module)
    places = {place.replace(".", "[].") for place, _option in every(options, "suboptions")}
    named = re.findall(r"\bO\(([^)=]+)", str(options) + str(documentation(module)[0]))
    assert set(named) <= places


@pytest.mark.parametrize("module", MODULES)
def test_ansible_is_told_of_every_secret_and_of_what_only_looks_like_one(module):
    for place, option in every(told(module), "options"):
        name = place.rpartition(".")[2]
        if name in ("password", "password_digest", "handed_over"):
            assert option["no_log"] is True, place
        elif re.search(r"pass|secret|key|token", name) and option["type"] != "path":
            # Otherwise Ansible warns; and paths are known to be none.
            assert option["no_log"] is False, place


def test_every_fragment_is_used():
    used = {fragment for module in MODULES for fragment in documentation(module)[1]}
    assert used == set(FRAGMENTS)


# --- Ansible and the library -----------------------------------------------------------------


def readable(problems):
    """The options that a refusal of an unknown one names."""
    (text,) = [p.message for p in problems if "has no option 'unheard-of'" in p.message]
    return set(text.rpartition("it has: ")[2].split(", "))


def asked(kind, **item):
    return ASK[kind]([item], kind.option).problems


@pytest.mark.parametrize("kind", module_options.ITEM, ids=lambda kind: kind.option)
def test_every_option_of_an_item_is_read_and_the_other_way_round(kind):
    assert readable(asked(kind, **{"unheard-of": 1})) == set(module_options.ITEM[kind])


@pytest.mark.parametrize(("kind", "option"), [(PROFILES, "rules"), (TRUNKS, "inbound_numbers")])
def test_every_option_within_an_option_is_read_and_the_other_way_round(kind, option):
    read = readable(asked(kind, **{option: [{"unheard-of": 1}]}))
    assert read == set(module_options.ITEM[kind][option]["options"])


@pytest.mark.parametrize("kind", module_options.ITEM, ids=lambda kind: kind.option)
def test_an_option_of_an_item_that_is_left_out_stays_as_it_is(kind):
    # A default would be one given in every run.
    assert {name for name, option in module_options.ITEM[kind].items() if "default" in option} == {"state"}
    assert not any(option.get("required") for option in module_options.ITEM[kind].values())


def test_a_rule_has_the_same_defaults_whether_ansible_takes_it_apart_or_not():
    options = module_options.ITEM[PROFILES]["rules"]["options"]
    defaults = {name: option["default"] for name, option in options.items() if "default" in option}
    rule = OutboundRule()
    assert defaults == {name: getattr(rule, name) for name in defaults}


def test_the_facts_that_can_be_gathered_have_the_words_by_which_they_are_known():
    gather = module_options.FACTS["gather"]
    assert gather["choices"] == list(status.GATHERED)
    assert gather["default"] == list(status.GATHERED_BY_DEFAULT)


# --- the manual ------------------------------------------------------------------------------


def table(page, heading):
    """The names in the first column of a table."""
    text = (FOLDER.parent / "docs" / page).read_text(encoding="utf-8")
    rows = text.partition(f"\n| {heading} |")[2].split("\n\n")[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.parametrize(
    ("kind", "page", "heading"),
    [
        (EXTENSIONS, "inventory.md", "of an extension"),
        (PORTS, "ports.md", "of a connection port"),
        (TRUNKS, "outbound.md", "of a trunk"),
        (PROFILES, "outbound.md", "of an outbound profile"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_table_of_the_manual_has_every_option_and_no_other(kind, page, heading):
    # What state means is said once.
    assert table(page, heading) | {"state"} == set(module_options.ITEM[kind])
