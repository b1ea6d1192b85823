# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Whatever is there and whatever is asked: read, decided, stored and told, by the real parts together."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import status, store
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import (
    Policy,
    plan_connection_ports,
    plan_extension_groups,
    plan_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
    ask_connection_ports,
    ask_extension_groups,
    ask_extensions,
    read_connection_ports,
    read_extension_groups,
    read_extensions,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.plan import (
    Changes,
    Directory,
    Plan,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.problem import InvalidInputError
from hypothesis import given
from hypothesis import strategies as st

SECRET = "Kx7#mQ2p-old"
OTHER_SECRET = "Vw3!nR8t-new"

# --- any directory, and any list -------------------------------------------------------------

NUMBERS = ["1", "01", "10", "1001", "905321234567890"]
GROUPS = ["A", "a", "Satış", "x'); --"]
PORTS = ["desk", "wan", "Ofis 🏢"]
NAMES = ["", "Ayşe", 'O"Hara\\ $;']
PASSWORDS = ["", "1", SECRET, OTHER_SECRET]
LANGUAGES = ["", "tr", "en_GB"]
EMAILS = ["", "a@example.org", "ş'@example.org"]
LABELS = [{}, {"room": "1"}, {"room": 'B "1"', "a.b": "ğ; 🏢"}]
DEVICES = [1, 2, 20]
SECONDS = [5, 30, 300]
LISTENERS = [(p, a, n) for p in ("udp", "tcp") for a in ("0.0.0.0", "::1") for n in (5060, 5061)]


def some_of(values):
    return st.sets(st.sampled_from(sorted(values)), max_size=3) if values else st.just(set())


def one_or_none(values):
    return st.sampled_from([None, *sorted(values)])


@st.composite
def directories(draw, dangling=True):
    """Any directory over a few names; ``dangling``: with forwards to extensions that are gone."""
    listeners = draw(st.lists(st.sampled_from(LISTENERS), unique=True, max_size=len(PORTS)))
    ports = dict(zip(draw(st.permutations(PORTS)), listeners))
    groups = draw(some_of(GROUPS))
    numbers = draw(some_of(NUMBERS))
    extensions = []
    for number in numbers:
        password = draw(st.sampled_from([None, *PASSWORDS[1:]]))
        extensions.append(
            Extension(
                number,
                draw(st.sampled_from(NAMES)),
                connection_port=draw(one_or_none(ports)),
                groups=frozenset(draw(some_of(groups))),
                callable_groups=draw(st.one_of(st.none(), some_of(groups).map(frozenset))),
                enabled=draw(st.booleans()),
                max_devices=draw(st.sampled_from(DEVICES)),
                ring_timeout=draw(st.sampled_from(SECONDS)),
                forward_to=draw(one_or_none({*(NUMBERS if dangling else numbers)} - {number})),
                language=draw(st.sampled_from(LANGUAGES)) or None,
                email=draw(st.sampled_from(EMAILS)) or None,
                labels=tuple(sorted(draw(st.sampled_from(LABELS)).items())),
                digest=password and ha1(number, REALM, password),
            )
        )
    return Directory(
        REALM,
        {name: ConnectionPort(name, *listener) for name, listener in ports.items()},
        {name: ExtensionGroup(name) for name in groups},
        {extension.number: extension for extension in extensions},
    )


@st.composite
def lists_of(draw, key, keys, **options):
    """Any list of items, each with its own key, a state, and some of the options."""
    items = []
    for each in draw(st.lists(st.sampled_from(keys), unique=True, max_size=5)):
        optional = {name: st.one_of(st.none(), values) for name, values in options.items()}
        state = st.sampled_from(["present", "present", "absent"])
        item = draw(st.fixed_dictionaries({key: st.just(each)}, optional={"state": state, **optional}))
        items.append(item)
    return items


POLICIES = st.builds(
    Policy,
    create_groups=st.booleans(),
    update_password=st.booleans(),
    allow_weak_password=st.booleans(),
    purge=st.booleans(),
    purge_limit=st.just(100),
    force=st.booleans(),
)


@st.composite
def extension_lists(draw, have, policy):
    """Any list of extensions; every other one names only what there is, or else most would be refused."""
    careful = draw(st.booleans())
    groups = sorted(have.groups) if careful and not policy.create_groups else GROUPS
    numbers = sorted(have.extensions) if careful else NUMBERS
    items = draw(
        lists_of(
            "number",
            NUMBERS,
            name=st.sampled_from(NAMES),
            password=st.sampled_from(PASSWORDS),
            connection_port=st.sampled_from(["", *sorted(have.ports)] if careful else ["", *PORTS]),
            groups=some_of(groups).map(sorted),
            callable_groups=st.one_of(st.just(["*"]), some_of(groups).map(sorted)),
            enabled=st.booleans(),
            max_devices=st.sampled_from(DEVICES),
            ring_timeout=st.sampled_from(SECONDS),
            forward_to=st.sampled_from(["", *numbers]),
            language=st.sampled_from(LANGUAGES),
            email=st.sampled_from(EMAILS),
            labels=st.sampled_from(LABELS),
        )
    )
    for item in items:
        if careful and item.get("forward_to") == item["number"]:
            item["forward_to"] = ""
    return items


@st.composite
def extension_cases(draw):
    """A directory, a list of extensions, and a policy."""
    have, policy = draw(directories()), draw(POLICIES)
    return have, draw(extension_lists(have, policy)), policy


PORT_LISTS = lists_of(
    "name",
    PORTS,
    protocol=st.sampled_from(["udp", "tcp"]),
    address=st.sampled_from(["0.0.0.0", "::1"]),
    port=st.sampled_from([5060, 5061]),
)
GROUP_LISTS = lists_of("name", GROUPS)


# --- what it ought to be, said without the planner -------------------------------------------


def left_out(have, key, items, policy):
    """The keys of what a purge deletes."""
    return set(have) - {item[key] for item in items} if policy.purge else set()


def absent(key, items):
    return {item[key] for item in items if item.get("state") == "absent"}


def wanted_extensions(have, items, policy):
    """What the extensions ought to be; None where they are refused."""
    deleted = absent("number", items) | left_out(have.extensions, "number", items, policy)
    numbers = (have.extensions.keys() | {item["number"] for item in items}) - deleted
    groups = dict(have.groups)
    extensions = {number: e for number, e in have.extensions.items() if number not in deleted}
    for item in items:
        number, old = item["number"], have.extensions.get(item["number"])
        if number in deleted:
            continue
        given = {name: value for name, value in item.items() if value is not None}
        password = given.pop("password", None)
        if given.get("connection_port") and given["connection_port"] not in have.ports:
            return None
        if given.get("forward_to") and given["forward_to"] not in numbers - {number}:
            return None
        for group in {*given.get("groups", ()), *given.get("callable_groups", ())} - {"*"}:
            if group not in have.groups and not policy.create_groups:
                return None
            groups[group] = ExtensionGroup(group)
        digest = old.digest if old else None
        if password is not None and (old is None or policy.update_password):
            digest = ha1(number, REALM, password) if password else None
            if password == "1" and not policy.allow_weak_password and digest != (old and old.digest):
                return None
        shown = {**(old or Extension(number)).shown(), **given}
        extensions[number] = Extension(
            number,
            shown["name"],
            connection_port=shown["connection_port"] or None,
            groups=frozenset(shown["groups"]),
            callable_groups=None
            if shown["callable_groups"] == ["*"]
            else frozenset(shown["callable_groups"]),
            enabled=shown["enabled"],
            max_devices=shown["max_devices"],
            ring_timeout=shown["ring_timeout"],
            forward_to=shown["forward_to"] or None,
            language=shown["language"] or None,
            email=shown["email"] or None,
            labels=tuple(sorted(shown["labels"].items())),
            digest=digest,
        )
    return Directory(have.realm, have.ports, groups, extensions)


def wanted_groups(have, items, policy):
    """What the groups and their users ought to be; None where that is refused."""
    gone = absent("name", items) | left_out(have.groups, "name", items, policy)
    extensions = {}
    for number, extension in have.extensions.items():
        may_call = extension.callable_groups
        if gone & (extension.groups | (may_call or set())) and not policy.force:
            return None
        extensions[number] = dataclasses.replace(
            extension,
            groups=extension.groups - gone,
            callable_groups=None if may_call is None else may_call - gone,
        )
    groups = (have.groups.keys() | {item["name"] for item in items}) - gone
    return Directory(have.realm, have.ports, {name: ExtensionGroup(name) for name in groups}, extensions)


def wanted_ports(have, items, policy):
    """What the ports ought to be; None where they are refused."""
    gone = absent("name", items) | left_out(have.ports, "name", items, policy)
    if any(extension.connection_port in gone for extension in have.extensions.values()):
        return None
    ports = {name: port for name, port in have.ports.items() if name not in gone}
    for item in items:
        name = item["name"]
        if name not in gone:
            given = {option: item[option] for option in ("protocol", "address", "port") if item.get(option)}
            base = ports.get(name, ConnectionPort(name)).shown()
            ports[name] = ConnectionPort(name=name, **{**base, **given})
    if len({tuple(port.shown().values()) for port in ports.values()}) < len(ports):
        return None
    return Directory(have.realm, ports, have.groups, have.extensions)


# --- the real store --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory):
    path = tmp_path_factory.mktemp("round_trip") / "empty.sqlite3"
    store.create(str(path), os.getgid())
    return path


@contextlib.contextmanager
def stored(empty_database, content):
    """A database that holds this content."""
    with tempfile.TemporaryDirectory(dir=empty_database.parent) as folder:
        path = str(Path(folder) / "directory.sqlite3")
        shutil.copy(empty_database, path)
        everything = Plan(
            Changes(create=tuple(content.ports.values())),
            Changes(create=tuple(content.groups.values())),
            Changes(create=tuple(content.extensions.values())),
        )
        apply(path, everything)
        assert read(path) == content
        yield path


def read(path):
    with store.reading(path) as database:
        return database.read()


def apply(path, plan):
    with store.writing(path) as database:
        database.apply(plan)


def shown(content):
    """All that a user may see of a directory, in the form of a diff."""
    kinds = {
        "connection_ports": content.ports,
        "extension_groups": content.groups,
        "extensions": content.extensions,
    }
    return {kind: {key: thing.shown() for key, thing in things.items()} for kind, things in kinds.items()}


def without_password_note(fields):
    return {name: value for name, value in fields.items() if name != "password"}


def assert_diff_tells_the_truth(diff, had, has):
    """Before and after agree with what the store held and holds, and nothing else changed."""
    before, after = shown(had), shown(has)
    for kind in before:
        old, new = diff["before"].get(kind, {}), diff["after"].get(kind, {})
        for key in before[kind].keys() | after[kind].keys() | old.keys() | new.keys():
            if key not in old and key not in new:
                assert before[kind].get(key) == after[kind].get(key)
            elif key not in old:
                assert key not in before[kind]
                assert new[key] == after[kind][key]
            elif key not in new:
                assert key not in after[kind]
                assert old[key] == before[kind][key]
            else:
                assert before[kind][key] | without_password_note(old[key]) == before[kind][key]
                assert before[kind][key] | without_password_note(new[key]) == after[kind][key]
                assert not any(value == old[key][name] for name, value in new[key].items())


def assert_carried_out(path, decide, wanted):
    """Plan from the store, apply, and compare: with what is wanted, with the diff, with a second plan.

    ``wanted`` is None where the plan ought to be refused; then nothing changes.
    """
    bytes_before = Path(path).read_bytes()
    had = read(path)
    try:
        plan = decide(had)
    except InvalidInputError:
        assert wanted is None
        assert Path(path).read_bytes() == bytes_before
        return
    assert wanted is not None
    assert Path(path).read_bytes() == bytes_before
    apply(path, plan)
    bytes_after = Path(path).read_bytes()
    has = read(path)
    assert has == wanted
    assert bool(plan) is (had != has)
    assert_diff_tells_the_truth(plan.diff(), had, has)
    for again in (decide(wanted), decide(has)):
        assert not again
        assert again.diff() == {"before": {}, "after": {}}
    assert {port.name: port.id for port in has.ports.values() if port.name in had.ports}.items() <= {
        port.name: port.id for port in had.ports.values()
    }.items()
    assert Path(path).read_bytes() == bytes_after


# --- any plan is carried out -----------------------------------------------------------------


@given(case=extension_cases())
def test_any_plan_of_extensions_is_carried_out_exactly(empty_database, case):
    have, items, policy = case
    requests = read_extensions(items, "extensions")
    with stored(empty_database, have) as path:
        wanted = wanted_extensions(have, items, policy)
        assert_carried_out(path, lambda directory: plan_extensions(directory, requests, policy), wanted)


@given(have=directories(), items=GROUP_LISTS, policy=POLICIES)
def test_any_plan_of_groups_is_carried_out_exactly(empty_database, have, items, policy):
    requests = read_extension_groups(items, "extension_groups")
    with stored(empty_database, have) as path:
        wanted = wanted_groups(have, items, policy)
        assert_carried_out(path, lambda directory: plan_extension_groups(directory, requests, policy), wanted)


@given(have=directories(), items=PORT_LISTS, policy=POLICIES)
def test_any_plan_of_ports_is_carried_out_exactly(empty_database, have, items, policy):
    requests = read_connection_ports(items, "connection_ports")
    with stored(empty_database, have) as path:
        wanted = wanted_ports(have, items, policy)
        assert_carried_out(path, lambda directory: plan_connection_ports(directory, requests, policy), wanted)


@given(case=extension_cases())
def test_every_forward_to_a_deleted_extension_is_told(case):
    have, items, policy = case
    wanted = wanted_extensions(have, items, policy)
    if wanted is None:
        return
    asked = absent("number", items) | left_out(have.extensions, "number", items, policy)
    deleted = asked & have.extensions.keys()
    told = [
        f"extension {number} forwards to {extension.forward_to}, which is deleted"
        for number, extension in sorted(wanted.extensions.items())
        if extension.forward_to in deleted
    ]
    warnings = plan_extensions(have, read_extensions(items, "extensions"), policy).warnings
    assert [warning for warning in warnings if "forwards to" in warning] == told


@given(case=extension_cases())
def test_no_plan_of_extensions_shows_a_secret(case):
    have, items, policy = case
    try:
        plan = plan_extensions(have, read_extensions(items, "extensions"), policy)
        told = json.dumps([plan.diff(), plan.diff_text()]) + repr(plan) + " ".join(plan.warnings)
    except InvalidInputError as error:
        told = str(error)
    assert not [password for password in (SECRET, OTHER_SECRET) if password in told]
    assert not [n for n in NUMBERS for password in PASSWORDS if ha1(n, REALM, password) in told]


@given(case=extension_cases())
def test_the_order_of_a_list_does_not_matter(case):
    have, items, policy = case

    def outcome(some):
        try:
            plan = plan_extensions(have, read_extensions(some, "extensions"), policy)
            return plan.groups, plan.extensions, sorted(plan.warnings)
        except InvalidInputError as error:
            return sorted(problem.message for problem in error.problems)

    assert outcome(items) == outcome(items[::-1])


# --- what is faulty is planned all the same, so that everything wrong is told at once ---------

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70000), st.text(max_size=3), st.just([]), st.just({})
)
ODD_OPTIONS = ["number", "name", "state", "password", "protocol", "address", "port"]
ODD_OPTIONS += ["connection_port", "groups", "callable_groups", "forward_to", "labels", "max_devices"]
ODD_ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(ODD_OPTIONS),
        st.one_of(
            ODD, st.sampled_from([*NUMBERS, *GROUPS, *PORTS]), st.lists(st.sampled_from([*GROUPS, "*", ""]))
        ),
    ),
    max_size=4,
)


@pytest.mark.parametrize(
    ("ask", "decide"),
    [
        (ask_connection_ports, plan_connection_ports),
        (ask_extension_groups, plan_extension_groups),
        (ask_extensions, plan_extensions),
    ],
)
@given(have=directories(), items=ODD_ITEMS, policy=POLICIES)
def test_whatever_is_asked_is_planned_or_refused_with_its_place(ask, decide, have, items, policy):
    found = ()
    try:
        decide(have, ask(items, "list").requests, policy)
    except InvalidInputError as error:
        found = error.problems
    places = (*(f"list[{index}]" for index in range(len(items))), "purge")
    assert all(problem.path.startswith(places) for problem in found)


# --- what is told can be written -------------------------------------------------------------


def plans(written, policy):
    """How to plan a directory as it is written: its ports, its groups, and then its extensions."""
    yield lambda have: plan_connection_ports(
        have, read_connection_ports(written["connection_ports"], "connection_ports"), policy
    )
    yield lambda have: plan_extension_groups(
        have, read_extension_groups(written["extension_groups"], "extension_groups"), policy
    )
    yield lambda have: plan_extensions(have, read_extensions(written["extensions"], "extensions"), policy)


# Sent as JSON, as Ansible sends it.
def as_written(directory):
    return json.loads(json.dumps(status.directory_as_written(directory)))


@given(have=directories(dangling=False), policy=POLICIES)
def test_a_directory_as_it_is_told_changes_nothing_when_it_is_written(empty_database, have, policy):
    with stored(empty_database, have) as path:
        found = read(path)
        for decide in plans(as_written(found), policy):
            plan = decide(found)
            assert not plan
            assert plan.warnings == ()


@given(have=directories(dangling=False), other=directories(), policy=POLICIES)
def test_a_directory_as_it_is_told_can_be_written_elsewhere(empty_database, have, other, policy):
    """Whatever was there before, then it is the same directory, but for the passwords."""
    policy = dataclasses.replace(policy, purge=True, force=True)
    # A port in use is never purged.
    portless = {n: dataclasses.replace(e, connection_port=None) for n, e in other.extensions.items()}
    with stored(empty_database, dataclasses.replace(other, extensions=portless)) as path:
        for decide in plans(as_written(have), policy):
            apply(path, decide(read(path)))
        has = read(path)
        assert as_written(has) == as_written(have)
        assert {n: e.digest for n, e in has.extensions.items()} == {
            n: other.extensions[n].digest if n in other.extensions else None for n in have.extensions
        }
