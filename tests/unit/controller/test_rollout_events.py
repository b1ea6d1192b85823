# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the results of a rollout's tasks mean, and what is kept of it on the disk."""

from __future__ import annotations

import contextlib
import json
import os
import stat

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import story
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout.look import Look, Phone
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import rollout_files
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_digest import digest
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.planned import plan_of
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_events import Events
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rollout_files import Keeper

BEGUN = {
    "digest": "d",
    "salt": "00",
    "batches": [["a"], ["b", "c"]],
    "settings": {"settle": 60},
    "language": "en",
}
MARK = wire.packed(Look(1, 7, True, True, {"1001": Phone(9, True)}).written())
DIRECTORY = "voiceops.asterisk.pbx_directory"
DONE = {"extensions": {"created": ["1", "2"], "updated": [], "deleted": [], "unchanged": 3}}
PASSED = {"passed": True, "reasons": [], "registered": 1, "expected": 1}
NOT_PASSED = {**PASSED, "passed": False, "registered": 0}


class Rollout:
    """A rollout of three hosts, of which the first is to be changed."""

    def __init__(self, folder, goes_on=False):
        self.keeper = Keeper(str(folder), goes_on)
        self.events = Events(self.keeper, lambda: 100.0)
        self.events.begin(BEGUN)

    def planned(self):
        plan = {"trouble": "", "unreachable": False}
        self.ok("a", "preflight", plans=dict.fromkeys("abc", plan), refusal="")
        return self

    def ok(self, host, step="", action="", **result):
        self.events.ok(host, step, action, result)
        return self

    def failed(self, host, step="", **result):
        self.events.failed(host, step, {"msg": "because", **result})
        return self

    def marked(self, host="a"):
        return self.ok(host, "mark", mark=MARK, newest_change=7)

    def of(self, host):
        return self.keeper.story.hosts[host]


@pytest.fixture
def rollout(tmp_path):
    made = Rollout(tmp_path)
    yield made
    with contextlib.suppress(OSError):
        made.keeper.close()


def test_a_host_that_is_changed_and_well(rollout):
    rollout.planned().marked().ok("a", action=DIRECTORY, changed=True, directory=DONE)
    rollout.ok("a", "gate", gate=PASSED, changes=1)
    host = rollout.of("a")
    assert (host.state, host.before, host.directory) == (
        story.DONE,
        1,
        {"created": 2, "updated": 0, "deleted": 0},
    )


@pytest.mark.parametrize(("changed", "state"), [(False, story.SAME), (True, story.DONE)])
def test_a_file_that_was_written_is_a_change_too(rollout, changed, state):
    rollout.planned().marked().ok("a", action="voiceops.asterisk.pbx_files", changed=changed)
    rollout.ok("a", "gate", gate=PASSED, changes=0)
    assert rollout.of("a").state == state


def test_what_the_preflight_would_change_is_no_change(rollout):
    rollout.ok("a", action=DIRECTORY, changed=True, directory=DONE).planned().marked()
    rollout.ok("a", "gate", gate=PASSED, changes=0)
    assert rollout.of("a").state == story.SAME


def test_a_host_that_fails_the_gate_and_is_put_back(rollout):
    rollout.planned().marked().failed("a", "gate", gate=NOT_PASSED)
    rollout.ok("a", "back", directory=DONE).ok("a", "gate_after_back", gate=PASSED, newest_change=9)
    rollout.failed("a")
    host = rollout.of("a")
    assert (host.state, host.gate, host.gate_after_back, host.why) == (
        story.BACK,
        NOT_PASSED,
        PASSED,
        "because",
    )


def test_a_host_that_cannot_be_put_back(rollout):
    rollout.planned().marked().failed("a", msg="the role says why")
    rollout.failed("a", "back", msg="the disk is full")
    rollout.failed("a", "gate_after_back", newest_change=8)
    host = rollout.of("a")
    assert (host.state, host.why, host.why_not_back) == (story.STUCK, "the role says why", "the disk is full")


def test_where_there_was_nothing_and_is_nothing_a_host_is_as_it_was(rollout):
    rollout.planned().marked().failed("a").failed("a", "back", msg="there is no history")
    rollout.ok("a", "gate_after_back", gate=PASSED, newest_change=0)
    assert rollout.of("a").state == story.BACK


def test_a_host_that_dies_in_the_middle(rollout):
    rollout.planned().marked()
    rollout.events.unreachable("a", {"msg": "timed out"})
    assert (rollout.of("a").state, rollout.of("a").why, rollout.of("a").mark) == (
        "unreachable",
        "timed out",
        MARK,
    )


def test_a_host_that_cannot_be_looked_at_was_not_changed(rollout):
    rollout.planned().failed("a", "mark")
    assert rollout.of("a").state == story.FAILED


@pytest.mark.parametrize(
    ("happens", "state", "why"),
    [
        (
            lambda rollout: rollout.ok("a", "preflight", plans={}, refusal="it would stop"),
            "refused",
            "it would stop",
        ),
        (
            lambda rollout: rollout.events.unreachable("a", {"msg": "off"}),
            "refused",
            "no host could be reached",
        ),
        (lambda rollout: rollout.planned().marked(), "stopped", "batch 1: all of it failed (a)"),
        (
            lambda rollout: rollout.planned().ok("a", "batch", stop=True, why="too many"),
            "stopped",
            "too many",
        ),
    ],
)
def test_how_it_ends(rollout, happens, state, why):
    happens(rollout)
    rollout.events.end()
    assert (rollout.keeper.story.state, rollout.keeper.story.why) == (state, why)


def test_a_batch_of_which_all_have_failed_is_no_end_that_is_well(rollout):
    rollout.planned().marked("a").ok("a", "gate", gate=PASSED, changes=1)
    for host in "bc":
        rollout.marked(host).failed(host)
    rollout.events.end()
    assert (rollout.keeper.story.state, rollout.keeper.story.why) == (
        story.STOPPED,
        "batch 2: all of it failed (b, c)",
    )


def test_a_rollout_with_nothing_left_to_do_is_done(rollout, tmp_path):
    rollout.planned()
    for host in "abc":
        rollout.marked(host).ok(host, "gate", gate=PASSED, changes=0)
    rollout.keeper.close()
    # All hosts are skipped, so there is no preflight.
    again = Rollout(tmp_path, goes_on=True)
    again.events.end()
    assert again.keeper.story.state == story.FINISHED
    again.keeper.close()


def test_a_rollout_of_which_every_host_was_begun_is_done(rollout):
    rollout.planned()
    for host in "abc":
        rollout.marked(host).ok(host, "gate", gate=PASSED, changes=0).ok(host, "batch", stop=False)
    rollout.events.end()
    assert rollout.keeper.story.state == story.FINISHED


# --- the disk --------------------------------------------------------------------------------


def test_it_goes_on_where_it_was_killed_and_remembers_how_a_host_was(tmp_path):
    killed = Rollout(tmp_path)
    killed.planned().marked("a").ok("a", "gate", gate=PASSED, changes=1).marked("b")
    killed.keeper.close()
    state = tmp_path / rollout_files.STATE
    state.write_text(state.read_text() + '{"event":"do', encoding="utf-8")
    again = Rollout(tmp_path, goes_on=True)
    newer = wire.packed(Look(5, 8, True, True).written())
    again.planned().ok("b", "mark", mark=newer, newest_change=8)
    assert (again.of("a").state, again.of("b").mark, again.of("b").before) == (story.DONE, MARK, 1)
    assert story.told(state.read_text()) == again.keeper.story
    again.keeper.close()


def test_its_files_are_nobody_elses_and_hold_what_there_is(rollout, tmp_path):
    rollout.planned().events.end()
    rollout.keeper.report("tr")
    files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert files == dict.fromkeys([rollout_files.STATE, rollout_files.REPORT, rollout_files.PAGE], 0o600)
    assert json.loads((tmp_path / rollout_files.REPORT).read_text())["batches"] == [["a"], ["b", "c"]]


def test_two_rollouts_do_not_share_a_folder(rollout, tmp_path):
    before = (tmp_path / rollout_files.STATE).read_bytes()
    with pytest.raises(rollout_files.RolloutFileError, match="another rollout is running"):
        Keeper(str(tmp_path), goes_on=False)
    assert (tmp_path / rollout_files.STATE).read_bytes() == before


def test_a_link_in_the_place_of_the_state_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").write_text("x", encoding="utf-8")
    (tmp_path / rollout_files.STATE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OSError, match="symbolic"):
        Keeper(str(tmp_path), goes_on=False)
    assert (tmp_path / "elsewhere").read_text() == "x"


@pytest.mark.parametrize("read", [rollout_files.told, lambda folder: Keeper(folder, goes_on=True)])
def test_a_state_that_is_not_of_this_user_alone_is_not_believed(tmp_path, read):
    state = tmp_path / rollout_files.STATE
    state.write_text("x\n", encoding="utf-8")
    with pytest.raises(
        rollout_files.RolloutFileError, match="line 1 is not an event of a rollout: move it away"
    ):
        read(str(tmp_path))
    (tmp_path / "another name").hardlink_to(state)
    with pytest.raises(rollout_files.RolloutFileError, match="is not a file of this user alone"):
        read(str(tmp_path))
    state.unlink()
    os.mkfifo(state)
    with pytest.raises(rollout_files.RolloutFileError, match="is not a file of this user alone"):
        read(str(tmp_path))


def test_where_there_was_no_rollout_nothing_is_told(tmp_path):
    assert rollout_files.told(str(tmp_path)) is None


# --- the preflight and the inventory ---------------------------------------------------------


def test_what_a_preflight_has_found_of_a_host():
    found = plan_of(
        {
            "__pbx_rollout_look": {"registered": ["1001", "1002"]},
            "__pbx_directory": {"directory": DONE, "register_anew": ["1002", "1003"], "restarted": True},
            "__pbx_written": {"written": ["/etc/asterisk/rtp.conf"]},
        },
        is_active=True,
    )
    assert (found.created, found.files, found.anew, found.registered, found.restart) == (2, 1, 1, 2, "yes")


@pytest.mark.parametrize(
    ("registered", "is_active", "trouble", "unreachable"),
    [
        ({"__pbx_rollout_trouble": "no\nPython"}, True, "no Python", False),
        ({"__pbx_look": {"unreachable": True, "msg": "timed out"}}, False, "timed out", True),
        ({}, False, "it could not be reached", True),
        ({"__pbx_directory": {"skipped": True}, "__pbx_written": {"skipped": True}}, True, "", False),
    ],
)
def test_why_a_host_cannot_be_changed(registered, is_active, trouble, unreachable):
    found = plan_of(registered, is_active)
    assert (found.trouble, found.unreachable) == (trouble, unreachable)


INVENTORY = {
    "a": {"pbx_extensions": [{"number": "1001", "password": "x", 7: 8}], "staff": ["{{ people }}"]},
    "b": {"pbx_purge": True},
}


def made(changed=None, hosts="ab", salt="00ff"):
    inventory = {host: {**INVENTORY[host], **(changed or {}).get(host, {})} for host in INVENTORY}
    return digest(inventory.__getitem__, hosts, salt)


def test_an_inventory_is_the_same_however_it_is_rolled_out():
    same = {
        "a": {
            "ansible_check_mode": True,
            "pbx_rollout_resume": True,
            "groups": {},
            "pbx_change_comment": "why",
        },
        "b": {"__pbx_rollout_begun": {}, "inventory_hostname": "b"},
    }
    assert made() == made(same)


@pytest.mark.parametrize(
    "other",
    [
        {"changed": {"a": {"staff": ["{{ others }}"]}}},
        {"changed": {"a": {"pbx_extensions": [{"number": "1001", "password": "y", 7: 8}]}}},
        {"changed": {"b": {"pbx_trunks": []}}},
        {"hosts": "ba"},
        {"hosts": "a"},
        {"salt": "0000"},
    ],
)
def test_another_inventory_is_another(other):
    assert made() != made(**other)
