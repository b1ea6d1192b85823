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
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import REALM, ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import (
    ConnectionPort,
    Extension,
    ExtensionGroup,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import InvalidInputError
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.decide import (
    plan_directory,
    plan_kind,
    what_extensions_need,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSIONS,
    GROUPS,
    KINDS,
    PORTS,
    PROFILES,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts as status
from ansible_collections.voiceops.asterisk.tests.unit import strategies as any_
from ansible_collections.voiceops.asterisk.tests.unit.databases import apply, read
from ansible_collections.voiceops.asterisk.tests.unit.directories import (
    ASK,
    KINDS_OF_MODULES,
    OTHER_SECRET,
    SECRET,
    all_of,
    ask,
)
from ansible_collections.voiceops.asterisk.tests.unit.strategies import (
    POLICIES,
    directories,
    lists_of,
    some_of,
)
from hypothesis import given, settings
from hypothesis import strategies as st

#: Each example draws one directory or two, and most write a database.
few = settings(max_examples=15)

# --- any list --------------------------------------------------------------------------------


@st.composite
def extension_lists(draw, have, policy):
    """Any list of extensions; every other one names only what there is, or else most would be refused."""
    careful = draw(st.booleans())
    groups = sorted(have.groups) if careful and not policy.create_groups else any_.GROUPS
    numbers = sorted(have.extensions) if careful else any_.NUMBERS
    items = draw(
        lists_of(
            "number",
            any_.NUMBERS,
            name=st.sampled_from(any_.NAMES),
            password=st.sampled_from(any_.PASSWORDS),
            password_digest=st.sampled_from(any_.DIGESTS),
            username=st.sampled_from(any_.PHONE_USERNAMES),
            connection_port=st.sampled_from(["", *sorted(have.ports)] if careful else ["", *any_.PORTS]),
            outbound_profile=st.sampled_from(
                ["", *sorted(have.profiles)] if careful else ["", *any_.PROFILES]
            ),
            outbound_caller_id=st.sampled_from(any_.CALLERS),
            record=st.booleans(),
            groups=some_of(groups).map(sorted),
            callable_groups=st.one_of(st.just(["*"]), some_of(groups).map(sorted)),
            enabled=st.booleans(),
            max_devices=st.sampled_from(any_.DEVICES),
            max_calls=st.sampled_from(any_.CALLS),
            ring_timeout=st.sampled_from(any_.SECONDS),
            forward_to=st.sampled_from(["", *numbers]),
            language=st.sampled_from(any_.LANGUAGES),
            email=st.sampled_from(any_.EMAILS),
            labels=st.sampled_from(any_.LABELS),
        )
    )
    for item in items:
        if careful and item.get("forward_to") == item["number"]:
            item["forward_to"] = ""
        if careful and item.get("password") is not None:
            item.pop("password_digest", None)
    return items


@st.composite
def extension_cases(draw):
    """A directory, a list of extensions, and a policy."""
    have, policy = draw(directories()), draw(POLICIES)
    return have, draw(extension_lists(have, policy)), policy


PORT_LISTS = lists_of(
    "name",
    any_.PORTS,
    protocol=st.sampled_from(["udp", "tcp"]),
    address=st.sampled_from(["0.0.0.0", "::1"]),
    port=st.sampled_from([5060, 5061]),
)
GROUP_LISTS = lists_of("name", any_.GROUPS)


# --- what it ought to be, said without the planner -------------------------------------------


class RefusedError(Exception):
    """What is asked ought to be refused."""


def wanted_digest(old, name, password, digest, policy):
    """The digest of an extension whose phones are to authenticate as ``name``."""
    if password is not None and digest is not None:
        raise RefusedError
    as_given = {
        user: ha1(user, REALM, password) if password else digest or None
        for user in (name, old.authenticates_as if old else name)
    }
    is_given = password is not None or digest is not None
    is_there = old is not None and old.digest is not None
    is_that_one = is_given and is_there and old.digest == as_given[old.authenticates_as]
    is_weak = password == "1" and not policy.allow_weak_password
    if is_given and (old is None or policy.update_password or is_that_one):
        if is_weak and not is_that_one:
            raise RefusedError
        return as_given[name]
    if old is not None and old.digest is not None and old.authenticates_as != name:
        raise RefusedError
    return old and old.digest


def wanted_extensions(have, items, policy):
    """What the extensions ought to be; None where they are refused."""
    try:
        return _wanted_extensions(have, items, policy)
    except RefusedError:
        return None


def left_out(have, key, items, policy):
    """The keys of what a purge deletes."""
    return set(have) - {item[key] for item in items} if policy.purge else set()


def absent(key, items):
    return {item[key] for item in items if item.get("state") == "absent"}


def _wanted_extensions(have, items, policy):
    deleted = absent("number", items) | left_out(have.extensions, "number", items, policy)
    numbers = (have.extensions.keys() | {item["number"] for item in items}) - deleted
    groups = dict(have.groups)
    extensions = {number: e for number, e in have.extensions.items() if number not in deleted}
    for item in items:
        number, old = item["number"], have.extensions.get(item["number"])
        if item.get("password") is not None and item.get("password_digest") is not None:
            raise RefusedError
        if number in deleted:
            continue
        given = {name: value for name, value in item.items() if value is not None}
        secrets = given.pop("password", None), given.pop("password_digest", None)
        if given.get("connection_port") and given["connection_port"] not in have.ports:
            raise RefusedError
        if given.get("outbound_profile") and given["outbound_profile"] not in have.profiles:
            raise RefusedError
        stays = old is not None and old.forward_to == given.get(
            "forward_to"
        )  # which is warned of, not refused
        if given.get("forward_to") and given["forward_to"] not in numbers - {number} and not stays:
            raise RefusedError
        for group in {*given.get("groups", ()), *given.get("callable_groups", ())} - {"*"}:
            if group not in have.groups and not policy.create_groups:
                raise RefusedError
            groups[group] = ExtensionGroup(group)
        shown = {**(old or Extension(number)).shown(), **given}
        username = None if shown["username"] in ("", number) else shown["username"]
        extensions[number] = Extension(
            number,
            shown["name"],
            connection_port=shown["connection_port"] or None,
            outbound_profile=shown["outbound_profile"] or None,
            outbound_caller_id=shown["outbound_caller_id"] or None,
            record=shown["record"],
            groups=frozenset(shown["groups"]),
            callable_groups=None
            if shown["callable_groups"] == ["*"]
            else frozenset(shown["callable_groups"]),
            enabled=shown["enabled"],
            max_devices=shown["max_devices"],
            max_calls=shown["max_calls"],
            ring_timeout=shown["ring_timeout"],
            forward_to=shown["forward_to"] or None,
            language=shown["language"] or None,
            email=shown["email"] or None,
            labels=tuple(sorted(shown["labels"].items())),
            username=username,
            digest=wanted_digest(old, username or number, *secrets, policy),
        )
    if len({e.authenticates_as for e in extensions.values()}) < len(extensions):
        raise RefusedError
    return dataclasses.replace(have, groups=groups, extensions=extensions)


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
    return dataclasses.replace(
        have, groups={name: ExtensionGroup(name) for name in groups}, extensions=extensions
    )


def wanted_ports(have, items, policy):
    """What the ports ought to be; None where they are refused."""
    gone = absent("name", items) | left_out(have.ports, "name", items, policy)
    if any(user.connection_port in gone for user in (*have.extensions.values(), *have.trunks.values())):
        return None
    ports = {name: port for name, port in have.ports.items() if name not in gone}
    for item in items:
        name = item["name"]
        if name not in gone:
            given = {option: item[option] for option in ("protocol", "address", "port") if item.get(option)}
            base = ports.get(name, ConnectionPort(name))
            if given.get("protocol", base.protocol) not in any_.ENCRYPTED:
                given.update(certificate=None, private_key=None)
            ports[name] = dataclasses.replace(base, **given)
    # None of the addresses here has another one of them, and each port keeps its protocol for browsers.
    if len({port.listener for port in ports.values()}) < len(ports):
        return None
    return dataclasses.replace(have, ports=ports)


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
        apply(path, all_of(content))
        assert read(path) == content
        yield path


def shown(content):
    """All that a user may see of a directory, in the form of a diff."""
    return {
        kind.option: {key: thing.shown() for key, thing in getattr(content, kind.attribute).items()}
        for kind in KINDS
    }


# --- a part of it ----------------------------------------------------------------------------


def outcome(have, asked, policy):
    """The plan of a list of extensions, or what is wrong with it."""
    try:
        return plan_kind(EXTENSIONS, have, asked, policy)
    except InvalidInputError as error:
        return error.problems


@few
@given(case=extension_cases(), check_mode=st.booleans())
def test_the_part_of_a_directory_that_a_list_needs_makes_the_same_plan_as_all_of_it(
    case, check_mode, empty_database
):
    have, items, policy = case
    policy = dataclasses.replace(policy, check_mode=check_mode)
    asked = ask(EXTENSIONS, *items)
    part = what_extensions_need(asked, policy)
    with stored(empty_database, have) as path, store.reading(path) as database:
        some = database.read(part)
    assert some.extensions.items() <= have.extensions.items()
    assert dataclasses.replace(some, extensions=have.extensions) == have
    assert outcome(some, asked, policy) == outcome(have, asked, policy)


def test_a_purge_and_a_long_list_need_all_of_a_directory():
    one = ask(EXTENSIONS, {"number": "1001"})
    assert what_extensions_need(one, Policy(purge=True)) is None
    many = ask(EXTENSIONS, *({"number": str(1000 + n)} for n in range(1000)))
    assert what_extensions_need(many) is None


def test_one_extension_needs_itself_and_those_that_it_has_to_do_with():
    item = {"number": "1001", "forward_to": "1002"}
    named = {"number": "1004", "username": "anna"}
    part = what_extensions_need(ask(EXTENSIONS, item, {"number": "1003", "state": "absent"}, named))
    assert part.numbers == {"1001", "1002", "1003", "1004"}
    assert part.usernames == {"1001", "1003", "1004", "anna"}
    assert part.forwarding_to == {"1003"}


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
    for had_some, has_some in ((had.ports, has.ports), (had.trunks, has.trunks)):
        assert all(has_some[name].id == thing.id for name, thing in had_some.items() if name in has_some)
    assert Path(path).read_bytes() == bytes_after


# --- any plan is carried out -----------------------------------------------------------------


def plan_list(kind, have, items, policy):
    return plan_kind(kind, have, ask(kind, *items), policy)


@few
@given(case=extension_cases())
def test_any_plan_of_extensions_is_carried_out_exactly(empty_database, case):
    have, items, policy = case
    with stored(empty_database, have) as path:
        wanted = wanted_extensions(have, items, policy)
        assert_carried_out(path, lambda now: plan_list(EXTENSIONS, now, items, policy), wanted)


@few
@given(have=directories(), items=GROUP_LISTS, policy=POLICIES)
def test_any_plan_of_groups_is_carried_out_exactly(empty_database, have, items, policy):
    with stored(empty_database, have) as path:
        wanted = wanted_groups(have, items, policy)
        assert_carried_out(path, lambda now: plan_list(GROUPS, now, items, policy), wanted)


@few
@given(have=directories(), items=PORT_LISTS, policy=POLICIES)
def test_any_plan_of_ports_is_carried_out_exactly(empty_database, have, items, policy):
    with stored(empty_database, have) as path:
        wanted = wanted_ports(have, items, policy)
        assert_carried_out(path, lambda now: plan_list(PORTS, now, items, policy), wanted)


@few
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
    warnings = plan_list(EXTENSIONS, have, items, policy).warnings
    assert [warning for warning in warnings if "forwards to" in warning] == told


@few
@given(case=extension_cases())
def test_no_plan_of_extensions_shows_a_secret(case):
    have, items, policy = case
    try:
        plan = plan_list(EXTENSIONS, have, items, policy)
        told = json.dumps([plan.diff(), plan.diff_text()]) + repr(plan) + " ".join(plan.warnings)
    except InvalidInputError as error:
        told = str(error)
    assert not [password for password in (SECRET, OTHER_SECRET) if password in told]
    users = [*any_.NUMBERS, *any_.PHONE_USERNAMES]
    assert not [user for user in users for password in any_.PASSWORDS if ha1(user, REALM, password) in told]
    assert not [digest for digest in any_.DIGESTS if digest and digest in told]


@few
@given(case=extension_cases())
def test_the_order_of_a_list_does_not_matter(case):
    have, items, policy = case

    def outcome(some):
        try:
            plan = plan_list(EXTENSIONS, have, some, policy)
            return plan.groups, plan.extensions, sorted(plan.warnings)
        except InvalidInputError as error:
            return sorted(problem.message for problem in error.problems)

    assert outcome(items) == outcome(items[::-1])


# --- what is faulty is planned anyway, so that everything wrong is told at once ---------

ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70000), st.text(max_size=3), st.just([]), st.just({})
)
ODD_OPTIONS = [
    "number",
    "name",
    "state",
    "password",
    "password_digest",
    "username",
    "protocol",
    "address",
    "port",
]
ODD_OPTIONS += [
    "connection_port",
    "groups",
    "callable_groups",
    "forward_to",
    "labels",
    "max_devices",
    "max_calls",
]
ODD_ITEMS = st.lists(
    st.dictionaries(
        st.sampled_from(ODD_OPTIONS),
        st.one_of(
            ODD,
            st.sampled_from([*any_.NUMBERS, *any_.GROUPS, *any_.PORTS]),
            st.lists(st.sampled_from([*any_.GROUPS, "*", ""])),
        ),
    ),
    max_size=4,
)


@pytest.mark.parametrize("kind", KINDS_OF_MODULES, ids=lambda kind: kind.option)
@few
@given(have=directories(), items=ODD_ITEMS, policy=POLICIES)
def test_whatever_is_asked_is_planned_or_refused_with_its_place(kind, have, items, policy):
    # What is wrong with an item is told with it; here, what is found when the sound ones are planned.
    asked = dataclasses.replace(ask(kind, *items), problems=())
    found = ()
    try:
        plan_kind(kind, have, asked, policy)
    except InvalidInputError as error:
        found = error.problems
    places = (*(f"{kind.option}[{index}]" for index in range(len(items))), "purge")
    assert all(problem.path.startswith(places) for problem in found)


# --- a directory as a whole ------------------------------------------------------------------


def as_written(content):
    """The directory as it is told, sent as JSON, as Ansible sends it."""
    return json.loads(json.dumps(status.directory_as_written(content)))


def password_of(thing, user):
    """The password of an extension or a trunk, found again by its digest."""
    realm = getattr(thing, "realm", REALM)
    return next((p for p in any_.PASSWORDS if p and ha1(user, realm, p) == thing.digest), "")


def with_passwords(content):
    """The directory as a user writes it who knows the passwords."""
    written = as_written(content)
    for item in written["extensions"]:
        extension = content.extensions[item["number"]]
        item["password"] = password_of(extension, extension.authenticates_as)
    for item in written["trunks"]:
        item["password"] = password_of(content.trunks[item["name"]], item["username"])
    return written


def plan_lists(have, written, policy):
    return plan_directory(have, {kind.option: ask(kind, *written[kind.option]) for kind in KINDS}, policy)


def every_secret(*contents):
    """Each digest that is stored, and each password behind one."""
    things = [thing for c in contents for thing in (*c.extensions.values(), *c.trunks.values())]
    return {SECRET, OTHER_SECRET, *(thing.digest for thing in things if thing.digest)}


EXACTLY = Policy(purge=True, purge_limit=100, allow_weak_password=True)


@few
@given(have=directories(), want=directories(dangling=False), create_groups=st.booleans())
def test_any_directory_becomes_any_other_in_one_call(empty_database, have, want, create_groups):
    policy = dataclasses.replace(EXACTLY, create_groups=create_groups)
    written = with_passwords(want)
    with stored(empty_database, have) as path:
        assert_carried_out(path, lambda now: plan_lists(now, written, policy), want)
        has = read(path)
        for purge in (False, True):
            again = plan_lists(has, as_written(has), dataclasses.replace(policy, purge=purge))
            assert not again
            assert again.warnings == ()


@few
@given(have=directories(), want=directories(dangling=False))
def test_check_mode_writes_nothing_and_tells_what_the_run_does(empty_database, have, want):
    written = with_passwords(want)
    with stored(empty_database, have) as path:
        before = Path(path).read_bytes()
        with store.reading(path) as database:
            checked = plan_lists(database.read(), written, dataclasses.replace(EXACTLY, check_mode=True))
        assert Path(path).read_bytes() == before
        with store.writing(path) as database:
            run = plan_lists(database.read(), written, EXACTLY)
            database.apply(run)
        assert checked == run
        assert checked.diff_text() == run.diff_text()
        assert read(path) == want


@few
@given(have=directories(), want=directories(dangling=False), policy=POLICIES)
def test_without_purge_everything_else_stays(empty_database, have, want, policy):
    policy = dataclasses.replace(policy, purge=False, update_password=True, allow_weak_password=True)
    try:
        plan = plan_lists(have, with_passwords(want), policy)
    except InvalidInputError as error:
        refused = error.problems
    else:
        refused = ()
    # Ports can be in each other's way, and in that of a trunk that stays; and so can user names.
    ways = ("is already", "which only browsers connect to", "is the user name of extension")
    assert all(any(way in problem.message for way in ways) for problem in refused)
    if refused:
        return
    after = have.after(plan)
    for kind in KINDS:
        old, new, now = (getattr(each, kind.attribute) for each in (have, want, after))
        # Only an empty list takes emergency numbers away.
        assert now == ({} if kind.option == "emergency_numbers" and not new else {**old, **new})


@few
@given(have=directories(), want=directories(), policy=POLICIES, data=st.data())
def test_no_directory_plan_shows_a_secret(have, want, policy, data):
    written = with_passwords(want)
    option = data.draw(st.sampled_from(["trunks", "extensions", "outbound_profiles"]))
    for item in written[option]:
        item.update(data.draw(st.dictionaries(st.sampled_from(["port", "realm", "name", "rules"]), ODD)))
    told = repr(have) + repr(want) + json.dumps([as_written(have), status.facts(want, None, 0)])
    try:
        plan = plan_lists(have, written, policy)
        told += json.dumps([plan.diff(), plan.diff_text()]) + repr(plan) + " ".join(plan.warnings)
        told += json.dumps(as_written(have.after(plan)))
    except InvalidInputError as error:
        told += str(error) + repr(error) + repr(error.problems)
    assert [secret for secret in every_secret(have, want) if secret in told] == []


ODD_LISTS = st.fixed_dictionaries(
    {},
    optional={
        kind.option: ODD_ITEMS
        if kind in KINDS_OF_MODULES
        else st.lists(st.one_of(ODD, st.just("1001")), max_size=3)
        for kind in KINDS
    },
)


@few
@given(have=directories(), lists=ODD_LISTS, policy=POLICIES)
def test_whatever_lists_are_asked_are_planned_or_refused_with_their_places(have, lists, policy):
    asked = {
        kind.option: ASK[kind](lists[kind.option], kind.option) for kind in KINDS if kind.option in lists
    }
    places = {f"{option}[{index}]" for option, items in lists.items() for index in range(len(items))}
    told = set()
    try:
        plan = plan_directory(have, asked, policy)
    except InvalidInputError as error:
        told = {problem.path.partition(".")[0] for problem in error.problems}
    else:
        assert not any(each.problems for each in asked.values())
        assert bool(plan) is (have.after(plan) != have)
    assert told <= places | {"purge", "emergency_numbers"}


# --- what is told can be written -------------------------------------------------------------


def plans(written, policy):
    """How to plan a directory as it is written, kind by kind, so that each names what there is."""
    for kind in (PORTS, TRUNKS, PROFILES, GROUPS, EXTENSIONS):
        yield lambda have, kind=kind: plan_list(kind, have, written[kind.option], policy)


@few
@given(have=directories(dangling=False), policy=POLICIES)
def test_a_directory_as_it_is_told_changes_nothing_when_it_is_written(empty_database, have, policy):
    with stored(empty_database, have) as path:
        found = read(path)
        for decide in plans(as_written(found), policy):
            plan = decide(found)
            assert not plan
            assert plan.warnings == ()


@few
@given(have=directories(dangling=False), other=directories(), policy=POLICIES)
def test_a_directory_as_it_is_told_can_be_written_elsewhere(empty_database, have, other, policy):
    """Whatever was there before, then it is the same directory, but for the passwords."""
    policy = dataclasses.replace(policy, purge=True)
    # What a trunk registers with is told to nobody, and so has to be there.
    lines = {n: dataclasses.replace(e, register=False, digest=None) for n, e in have.trunks.items()}
    have = dataclasses.replace(have, trunks=lines)
    other = dataclasses.replace(other, trunks={})
    # And a password is good for one user name only.
    usernames = {(n, e.username) for n, e in have.extensions.items()}
    extensions = {
        n: dataclasses.replace(
            e, outbound_profile=None, digest=e.digest if (n, e.username) in usernames else None
        )
        for n, e in other.extensions.items()
    }
    other = dataclasses.replace(other, profiles={}, extensions=extensions)
    with stored(empty_database, other) as path:
        apply(path, plan_lists(read(path), as_written(have), policy))
        has = read(path)
        assert as_written(has) == as_written(have)
        assert {n: e.digest for n, e in has.extensions.items()} == {
            n: other.extensions[n].digest if n in other.extensions else None for n in have.extensions
        }
