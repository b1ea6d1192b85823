# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The playbooks of the built artifact under ansible-runner, as AWX runs them. Hosts are files."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pages.manual import Kind, blocks
from playbooks.test_rollout_playbook import CHANGED, LOOKED_AT, MODULES, PLAYED, PUT_BACK, ROLE, USUAL

from .conftest import PROGRAMS, REPOSITORY, Command

IMAGE = ("ansible-builder", "create", "--output-filename", "Containerfile", "--context")


@pytest.fixture(scope="module")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory, run: Command) -> Path:
    """A folder of collections with the artifact in it, in which what asks a host is played."""
    place = tmp_path_factory.mktemp("collections")
    run("ansible-galaxy", "collection", "install", "--offline", "-p", place, artifact, cwd=place)
    collection = place / "ansible_collections" / "voiceops" / "asterisk"
    for module in MODULES:
        text = PLAYED.read_text(encoding="utf-8") + f'\n\nmain("{module.removeprefix("pbx_")}")\n'
        (collection / "plugins" / "modules" / f"{module}.py").write_text(text, encoding="utf-8")
    (collection / "roles" / "pbx" / "tasks" / "main.yml").write_text(ROLE, encoding="utf-8")
    return place


class Project:
    """A private data directory of ansible-runner, as AWX makes one for a job."""

    def __init__(self, place: Path, installed: Path) -> None:
        self.place, self.data = place, place / "job"
        for made in ("project", "inventory", "env", "hosts", "kept"):
            (self.data / made if made in ("project", "inventory", "env") else place / made).mkdir(
                parents=True
            )
        # What AWX finds in the project is what its page has one write there.
        files = {block.file: block.text for block in blocks("docs/awx.md") if block.kind is Kind.FILE}
        files["site.yml"] = files["rollout.yml"].replace("asterisk.rollout", "asterisk.site")
        for name, text in files.items():
            (self.data / "project" / name).parent.mkdir(exist_ok=True)
            (self.data / "project" / name).write_text(text, encoding="utf-8")
        variables = {
            "ANSIBLE_COLLECTIONS_PATH": str(installed),
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_HOME": str(place / "home"),
        }
        (self.data / "env" / "envvars").write_text(json.dumps(variables), encoding="utf-8")
        self.hosts: dict[str, dict[str, Any]] = {}

    def has(self, name: str, **about: Any) -> None:
        file = self.place / "hosts" / f"{name}.json"
        file.write_text(json.dumps({**USUAL, **about}), encoding="utf-8")
        python = self.place / "hosts" / f"python-of-{name}"
        python.write_text(
            f"#!/bin/sh\nPLAYED_HOST='{file}' exec '{sys.executable}' \"$@\"\n", encoding="utf-8"
        )
        python.chmod(0o755)
        self.hosts[name] = {"ansible_connection": "local", "ansible_python_interpreter": str(python)}
        inventory = json.dumps({"pbx": {"hosts": self.hosts}})
        (self.data / "inventory" / "hosts.json").write_text(inventory, encoding="utf-8")

    def calls(self, name: str) -> list[str]:
        """Return what was done to a host since this was asked last."""
        file = self.place / "hosts" / f"{name}.json"
        known = json.loads(file.read_text(encoding="utf-8"))
        calls: list[str] = known["calls"]
        file.write_text(json.dumps({**known, "calls": []}), encoding="utf-8")
        return calls

    def given(self, **variables: Any) -> None:
        """What a survey asks for, or a job template has."""
        (self.data / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")

    def runs(self, command: str, ends: int = 0) -> str:
        """Type a command of ansible-runner where its data is; return what it has said."""
        environment = {**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}"}
        for name in ("ANSIBLE_CONFIG", "ANSIBLE_COLLECTIONS_PATH"):
            environment.pop(name, None)
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", command],
            cwd=self.place,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == ends, done.stdout
        assert "Callback dispatch" not in done.stdout
        return done.stdout

    def events(self, job: str) -> Iterator[dict[str, Any]]:
        """Give what AWX shows of a job."""
        for file in (self.data / "artifacts" / job / "job_events").glob("*.json"):
            yield json.loads(file.read_text(encoding="utf-8"))

    def report(self) -> dict[str, Any]:
        file = self.place / "kept" / "rollout-report.json"
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return report


@pytest.fixture
def project(tmp_path: Path, installed: Path) -> Project:
    project = Project(tmp_path, installed)
    for name in "ab":
        project.has(name)
    project.given(pbx_rollout_folder=str(tmp_path / "kept"))
    return project


def test_a_job_rolls_out_and_its_report_is_where_it_is_kept(project: Project) -> None:
    checked = project.runs("ansible-runner run job -p rollout.yml --cmdline=--check -i preflight")
    # ansible-runner keeps it there for the next job of the same folder; AWX has a folder for each.
    (project.data / "env" / "cmdline").unlink()
    assert "2 hosts: 2 to be changed" in checked
    assert [project.calls(name) for name in "ab"] == [["check directory", "check gate"]] * 2
    said = project.runs("ansible-runner run job -p rollout.yml -i rollout")
    assert "batch 2 of 2: changed: 1" in said
    assert [project.calls(name) for name in "ab"] == [CHANGED] * 2
    report = project.report()
    assert (report["state"], report["hosts"]["b"]["state"]) == ("finished", "done")
    kinds = {event["event"] for event in project.events("rollout")}
    assert {"playbook_on_stats", "runner_on_ok"} <= kinds
    assert "runner_on_failed" not in kinds


def test_a_job_on_another_machine_ends_there_and_is_told_here(project: Project) -> None:
    """As with receptor: nothing of the job's own folder outlives it, so the report is kept elsewhere."""
    project.has("b", loses_phones=True)
    said = project.runs(
        "ansible-runner transmit job -p rollout.yml | ansible-runner worker |"
        "  ansible-runner process job -i far",
        ends=2,
    )
    assert "b: 0 of 2 phones are registered that were before" in said
    assert [project.calls(name) for name in "ab"] == [CHANGED, PUT_BACK]
    assert project.report()["hosts"]["b"]["state"] == "back"
    assert (project.data / "artifacts" / "far" / "status").read_text(encoding="ascii") == "failed"
    # The next job repairs it, and has nothing to do with the first one's folder.
    project.has("b")
    project.given(pbx_rollout_folder=str(project.place / "kept"), pbx_rollout_resume=True)
    said = project.runs("ansible-runner run job -p rollout.yml -i again")
    assert "done before, and left alone: 1" in said
    assert [project.calls(name) for name in "ab"] == [[], CHANGED]


def test_site_runs_as_a_job_too(project: Project) -> None:
    said = project.runs("ansible-runner run job -p site.yml -i site")
    assert [project.calls(name) for name in "ab"] == [["directory"]] * 2
    assert "host" in said
    (stats,) = (event for event in project.events("site") if event["event"] == "playbook_on_stats")
    assert stats["event_data"]["changed"] == {"a": 1, "b": 1}
    assert stats["event_data"]["failures"] == {}


def test_the_project_asks_for_this_collection_and_confirms_by_it(project: Project) -> None:
    asked = yaml.safe_load((project.data / "project/collections/requirements.yml").read_text("utf-8"))
    about = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))
    name = f"{about['namespace']}.{about['name']}"
    assert asked == {"collections": [{"name": name, "version": about["version"]}]}
    project.runs("ansible-runner run job -p confirm.yml -i confirm")
    assert [project.calls(name) for name in "ab"] == [["confirm"]] * 2


def test_an_image_can_be_described_as_the_page_has_it(project: Project, run: Command) -> None:
    place = project.data / "project"
    run(*IMAGE, project.place / "image", cwd=place)
    described = (project.place / "image" / "Containerfile").read_text(encoding="utf-8")
    assert "quay.io/centos/centos:stream10" in described
    asked = (project.place / "image" / "_build" / "requirements.yml").read_text(encoding="utf-8")
    assert yaml.safe_load(asked)["collections"][0]["name"] == "voiceops.asterisk"


def test_what_a_survey_has_asked_for_is_text(project: Project) -> None:
    project.has("a", to_do=False)
    project.given(
        pbx_rollout_folder=str(project.place / "kept"),
        pbx_rollout_settle="0",
        pbx_rollout_wait="false",
        pbx_rollout_min_registered="90",
        pbx_rollout_max_fail_percentage="50",
    )
    project.runs(f"ansible-runner run job -p rollout.yml --limit {shlex.quote('a')} -i one")
    assert project.calls("a") == [*LOOKED_AT, "gate", "directory", "gate"]
    assert project.calls("b") == []
    assert project.report()["hosts"]["a"]["state"] == "same"
