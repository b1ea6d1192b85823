# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The author of a change and why, as the controller tells it: user, its name, the inventory's commit."""

from __future__ import annotations

import os
import pwd
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest
from ansible import constants
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import changing, inventory_commit

COMMIT = r"[0-9a-f]{12}"


@pytest.fixture(autouse=True)
def _run_of_its_own(tmp_path, monkeypatch):
    folder = tmp_path / "ansible-local"
    folder.mkdir()
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(folder))


def git(folder, *arguments):
    settings = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    told = subprocess.run(
        ["git", *settings, *arguments], cwd=folder, check=True, capture_output=True, text=True
    )
    return told.stdout.strip()


@pytest.fixture
def repository(tmp_path):
    """A repository with an inventory, and something else."""
    folder = tmp_path / "site"
    inventory = folder / "inventory"
    inventory.mkdir(parents=True)
    (inventory / "hosts.yml").write_text("pbx: {}\n", encoding="utf-8")
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def commit(repository):
    return git(repository, "rev-parse", "HEAD")[:12]


def ask_anew(folder):
    for noted in Path(constants.DEFAULT_LOCAL_TMP).iterdir():
        noted.unlink()
    return inventory_commit.commit_of(str(folder))


def test_an_inventory_in_git_is_known_by_its_commit(repository):
    assert ask_anew(repository / "inventory") == commit(repository)


@pytest.mark.parametrize(
    ("file", "dirty"),
    [("inventory/hosts.yml", True), ("inventory/host_vars.yml", True), ("README.md", False)],
    ids=["changed", "new", "elsewhere"],
)
def test_what_differs_in_its_folder_is_told_and_nothing_else(repository, file, dirty):
    (repository / file).write_text("other: {}\n", encoding="utf-8")
    assert ask_anew(repository / "inventory") == commit(repository) + ("-dirty" if dirty else "")


def test_a_second_working_tree_is_known_too(repository, tmp_path):
    git(repository, "worktree", "add", "-q", str(tmp_path / "second"))
    assert ask_anew(tmp_path / "second" / "inventory") == commit(repository)


def test_it_is_asked_once_in_a_run(repository, monkeypatch):
    first = inventory_commit.commit_of(str(repository / "inventory"))
    monkeypatch.setattr(inventory_commit, "_ask", lambda _folder: pytest.fail("asked again"))
    assert inventory_commit.commit_of(str(repository / "inventory")) == first


def test_where_it_cannot_be_noted_it_is_told_all_the_same(repository, monkeypatch, tmp_path):
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path / "missing"))
    assert inventory_commit.commit_of(str(repository / "inventory")) == commit(repository)


def test_neither_a_hook_nor_a_monitor_is_run(repository, tmp_path):
    ran = tmp_path / "ran"
    script = f"#!/bin/sh\ntouch {ran}\n"
    for place in ("fsmonitor", "hooks/post-index-change"):
        program = repository / ".git" / place
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(repository / ".git" / "fsmonitor"))
    (repository / "inventory" / "hosts.yml").touch()
    assert ask_anew(repository / "inventory") == commit(repository)
    assert not ran.exists()


def test_a_repository_of_another_user_is_not_asked(repository, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert ask_anew(repository / "inventory") == ""


def test_somebody_elses_environment_does_not_lead_elsewhere(repository, monkeypatch, tmp_path):
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert ask_anew(repository / "inventory") == inventory_commit._ask(str(repository / "inventory")) != ""


def test_without_a_repository_or_commit_or_git_there_is_none(tmp_path, repository, monkeypatch):
    assert inventory_commit.commit_of(None) == ""
    assert inventory_commit.commit_of(str(tmp_path / "missing")) == ""
    assert inventory_commit._is_of_this_user(Path("/")) is (Path("/.git").exists())
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    assert ask_anew(tmp_path / "empty") == ""
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    (damaged / ".git").write_text("gitdir: missing\n", encoding="utf-8")
    assert ask_anew(damaged) == ""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert ask_anew(repository) == ""


# --- what a module is told -------------------------------------------------------------------


def told(check_mode=False, task_vars=None, **arguments):
    action = changing.ActionModule.__new__(changing.ActionModule)
    action._task = SimpleNamespace(args=arguments, check_mode=check_mode)
    packed = action.besides(task_vars or {})
    return wire.unpacked(packed["origin"]) if packed else None


def test_a_module_is_told_the_user_and_the_controller_and_the_commit(repository):
    origin = told(task_vars={"inventory_dir": str(repository / "inventory")})
    assert origin["user"] == pwd.getpwuid(os.geteuid()).pw_name
    assert origin["controller"]
    assert origin["comment"] == commit(repository)


def test_git_is_not_asked_where_the_comment_is_given_or_nothing_is_changed(repository, monkeypatch):
    monkeypatch.setattr(changing, "commit_of", lambda _folder: pytest.fail("asked"))
    there = {"inventory_dir": str(repository)}
    assert told(task_vars=there, change_comment="ticket 4711")["comment"] == ""
    assert told(check_mode=True, task_vars=there) is None


def test_a_user_without_a_name_is_told_by_number(monkeypatch):
    monkeypatch.setattr(changing.os, "geteuid", lambda: 4_000_000)
    assert told()["user"] == "4000000"
