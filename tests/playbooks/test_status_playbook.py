# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The playbook: a host that is down and one that cannot answer are on the page, and hinder nothing."""

from __future__ import annotations

import json
import re
import stat
import sys
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.tests.browser.example import answer, extension

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
#: Nobody listens on port 1; and the machine of the tests has no directory.
HOSTS = {
    "pbx-down": {"ansible_host": "127.0.0.1", "ansible_port": 1},
    "pbx-odd": {"ansible_connection": "local", "ansible_python_interpreter": sys.executable},
}


def status(place: Path, *options: str, hosts: tuple[str, ...] = tuple(HOSTS), **variables: object) -> str:
    """Run the playbook in a directory and return what it said."""
    inventory = place / "inventory.json"
    inventory.write_text(
        json.dumps({"pbx": {"hosts": {name: HOSTS[name] for name in hosts}}}), encoding="utf-8"
    )
    variables.setdefault("ansible_python_interpreter", sys.executable)
    playbook = str(REPOSITORY / "playbooks" / "status.yml")
    return run("-i", str(inventory), playbook, "-e", json.dumps(variables), *options, place=place)


def run(*words: str, place: Path) -> str:
    done = ansible_playbook(*words, cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def embedded(page: Path) -> dict[str, object]:
    return json.loads(re.search(r'id="facts">(.*?)</script>', page.read_text(encoding="utf-8"))[1])


def test_hosts_that_do_not_answer_are_on_the_page(tmp_path):
    said = status(tmp_path)
    # With ssh's reason, or Ansible's where ssh was gone before it had been told what to do.
    assert re.search(r"^pbx-down: UNREACHABLE: .*(port 1|127\.0\.0\.1)", said, re.MULTILINE), said
    assert re.search(r"^pbx-odd: NO ANSWER: there is no directory database", said, re.MULTILINE), said
    assert "0 of 2 hosts running" in said
    page = tmp_path / "pbx-status.html"
    assert f"Page: {page.as_uri()}" in said
    assert [host["name"] for host in embedded(page)["hosts"]] == ["pbx-down", "pbx-odd"]
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


def test_the_page_tells_the_next_run_who_was_registered(tmp_path):
    def board(state: str, *options: str, hosts: tuple[str, ...] = ("pbx-a", "pbx-b")) -> str:
        one = extension("1001", "Ayşe", state)
        answers = {host: {"answer": answer(one)} for host in hosts}
        (tmp_path / "hosts.json").write_text(json.dumps({"pbx": {"hosts": answers}}), encoding="utf-8")
        options = ("-i", str(tmp_path / "hosts.json"), str(tmp_path / "play.yml"), *options)
        return run(*options, place=tmp_path)

    page = tmp_path / "pbx-status.html"
    task = {"voiceops.asterisk.pbx_status_board": {"answers": "answer", "page": str(page)}, "run_once": True}
    play = [{"hosts": "pbx", "gather_facts": False, "tasks": [task]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    assert "no longer registered" not in board("unregistered"), "it was never seen"
    board("idle")
    before = page.read_bytes()
    assert "pbx-b: no longer registered (1): 1001" in board("unregistered", "--check")
    assert page.read_bytes() == before
    said = board("unregistered", "--limit", "pbx-a")
    assert "pbx-a: no longer registered (1): 1001" in said
    assert "pbx-b: no longer registered (1): 1001" in board("unregistered"), (
        "a run without it has not lost it"
    )
    assert "no longer registered" not in board("idle")
    board("unregistered", hosts=("pbx-a",))
    assert "pbx-b" not in page.read_text(encoding="utf-8"), "what the inventory has lost is forgotten"
    page.unlink()
    assert "no longer registered" not in board("unregistered")


def test_an_answer_that_is_not_whole_is_that_of_its_host_alone(tmp_path):
    summary = {"asterisk": "running", "extensions": 1, "registered": 0}
    facts = {"pbx_extensions": {"1001": {"number": "1001"}}, "pbx_extension_summary": summary}
    answers = {
        "packed": {wire.FACT: wire.packed(facts)},
        "as variables": wire.named(facts),
        "cut off": {wire.FACT: wire.packed(facts)[:-9]},
    }
    hosts = {name: {"answer": {"ansible_facts": told}} for name, told in answers.items()}
    (tmp_path / "hosts.json").write_text(json.dumps({"pbx": {"hosts": hosts}}), encoding="utf-8")
    board = {"voiceops.asterisk.pbx_status_board": {"answers": "answer"}, "run_once": True}
    play = [{"hosts": "pbx", "gather_facts": False, "tasks": [board]}]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    said = run("-i", str(tmp_path / "hosts.json"), str(tmp_path / "play.yml"), place=tmp_path)
    assert "cut off: NO ANSWER: its answer is not a text into which facts were packed" in said
    assert "2 of 3 hosts running" in said


def test_rounds_follow_each_other_and_the_last_page_is_at_rest(tmp_path):
    page = tmp_path / "p.html"
    page.write_text("before", encoding="utf-8")
    page.chmod(0o644)
    said = status(
        *(tmp_path, "--limit", "pbx-down"),
        pbx_status_refresh=1,
        pbx_status_rounds=2,
        pbx_status_language="tr",
        pbx_status_page=str(page),
    )
    assert said.count("1 santralden 0 çalışıyor") == 2
    assert embedded(page)["refresh"] == 0
    assert stat.S_IMODE(page.stat().st_mode) == 0o644, "it stays readable for the same users"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".html"] == ["p.html"], "no remnant"


@pytest.mark.parametrize(("options", "page"), [(["--check"], "pbx-status.html"), ([], "")])
def test_no_page_in_check_mode_or_where_none_is_wanted(tmp_path, options, page):
    assert "UNREACHABLE" in status(tmp_path, *options, hosts=("pbx-down",), pbx_status_page=page)
    assert not list(tmp_path.glob("*.html"))
