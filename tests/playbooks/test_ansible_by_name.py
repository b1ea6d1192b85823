# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A program that starts `ansible-playbook` by its name gets the same run from a loaded process."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
#: What a program does that is given as an argument, with `ansible-playbook` as by_name.py has it.
BY_NAME = "import sys; from preloaded.by_name import run; sys.exit(run(sys.argv[1:]))"
PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - name: Say
      ansible.builtin.debug:
        msg: "{{ lookup('env', 'MOLECULE_SAID') }} {{ lookup('ansible.builtin.pipe', 'pwd') }}"
    - name: Note who runs it
      ansible.builtin.copy:
        # The parent of the worker that asks.
        content: "{{ lookup('ansible.builtin.pipe', 'ps -o ppid= -p $PPID') | trim }}"
        dest: "{{ playbook_dir }}/{{ note | default('note') }}"
        mode: "0644"
    - name: Wait
      ansible.builtin.shell: sleep {{ seconds | default(0) }}; seq {{ lines | default(0) }}
      changed_when: false
    - name: Fail where that is wanted
      ansible.builtin.assert:
        that: not (fail | default(false) | bool)
"""
Started = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "play.yml").write_text(PLAYBOOK, encoding="utf-8")
    return tmp_path


@pytest.fixture
def for_a_while() -> Iterator[Path]:
    """All that is made for a while has to be here, and to be gone in the end. Short, for sockets."""
    with tempfile.TemporaryDirectory(prefix="for a while ", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def environment(for_a_while: Path) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_LOCAL_TEMP": str(for_a_while / "ansible"),
        "TMPDIR": str(for_a_while),
    }


@pytest.fixture
def start(place: Path, environment: dict[str, str]) -> Started:
    """Starts a script with `ansible-playbook` by name; ``by_name=False``: with ansible's own."""

    def started(script: str, by_name: bool = True) -> subprocess.Popen[str]:
        words = [sys.executable, "-c", BY_NAME] if by_name else []
        return subprocess.Popen(
            [*words, "sh", "-c", script],
            cwd=place,
            env={**environment, "PYTHONPATH": str(REPOSITORY / "tests")} if by_name else environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return started


def _ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    said, wrong = process.communicate(timeout=120)
    return process.returncode, said, wrong


def _left(folder: Path) -> list[str]:
    return [str(each.relative_to(folder)) for each in folder.glob("**/*") if each.name != "ansible"]


def _wait_for(file: Path) -> int:
    for _look in range(300):
        if file.exists() and file.stat().st_size:
            return int(file.read_text(encoding="utf-8"))
        time.sleep(0.1)
    raise AssertionError(f"{file} is not there after 30 s")


def _processes_of(folder: Path) -> list[str]:
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(file.read_bytes().replace(b"\0", b" ").decode())
    return [each for each in found if str(folder) in each]


def _is_gone(process: int) -> bool:
    for _look in range(150):
        if not Path(f"/proc/{process}").exists():
            return True
        time.sleep(0.1)
    return False


def test_it_says_and_ends_as_ansible_does(start: Started, place: Path, for_a_while: Path) -> None:
    script = """
        ansible-playbook --version; echo $?
        ansible-playbook play.yml --extra-vars fail=true; echo $?
        ansible-playbook --no-such-option; echo $?
        ANSIBLE_FORCE_COLOR=1 ansible-playbook --check play.yml; echo $?
        cd / && MOLECULE_SAID='hello there' ansible-playbook $OLDPWD/play.yml; echo $?
        env -u ANSIBLE_CONFIG ansible-playbook --version
        """
    ansible = _ended(start(script, by_name=False))
    (place / "note").unlink()
    assert _ended(start(script)) == ansible
    assert _left(for_a_while) == []


def test_what_it_says_is_there_as_it_is_said(start: Started, place: Path) -> None:
    process = start("ansible-playbook play.yml --extra-vars seconds=60")
    assert process.stdout
    lines = iter(process.stdout)
    assert any("TASK [Say]" in line for line in lines)
    process.terminate()
    _ended(process)


def test_a_variable_that_ansible_reads_when_it_is_loaded_is_that_of_each_run(start: Started) -> None:
    script = "for forks in 3 4; do ANSIBLE_FORKS=$forks ansible-playbook forks.yml; done"
    say = "- {hosts: localhost, gather_facts: false, tasks: [{debug: {msg: 'forks {{ ansible_forks }}'}}]}"
    _status, said, _wrong = _ended(start(f'echo "{say}" > forks.yml; {script}'))
    assert re.findall(r"forks (\d)", said) == ["3", "4"]


def test_a_changed_configuration_is_read_again(start: Started) -> None:
    say = "- {hosts: localhost, gather_facts: false, tasks: [{debug: {msg: 'forks {{ ansible_forks }}'}}]}"
    script = (
        f'echo "{say}" > forks.yml; at={REPOSITORY}/.venv/collections; export ANSIBLE_CONFIG=$PWD/own.cfg;'
        "for forks in 3 4; do "
        "printf '[defaults]\\nforks = %s\\ncollections_path = %s\\n' $forks $at > own.cfg; "
        "ansible-playbook forks.yml; done"
    )
    _status, said, _wrong = _ended(start(script))
    assert re.findall(r"forks (\d)", said) == ["3", "4"]


def test_two_run_side_by_side(start: Started, place: Path) -> None:
    started = time.monotonic()
    both = "for note in a b; do ansible-playbook play.yml -e seconds=5 -e note=$note & done; wait"
    status, said, _wrong = _ended(start(both))
    assert status == 0
    assert said.count("failed=0") == 2
    assert time.monotonic() - started < 10


def test_nothing_is_left_of_a_run_that_was_killed(start: Started, place: Path, for_a_while: Path) -> None:
    """Its worker would never end: it writes more than a pipe holds, and nobody reads it any more."""
    process = start("ansible-playbook play.yml --extra-vars 'seconds=1 lines=99999'")
    os.kill(_wait_for(place / "note"), signal.SIGKILL)
    assert _ended(process)[0] != 0
    time.sleep(2)
    assert _processes_of(for_a_while) == []


def test_a_run_ends_whose_caller_is_killed(start: Started, place: Path) -> None:
    process = start(
        "ansible-playbook play.yml --extra-vars seconds=60 & echo $! > caller; wait; exec sleep 20"
    )
    command = _wait_for(place / "note")
    os.kill(_wait_for(place / "caller"), signal.SIGKILL)
    assert _is_gone(command)
    assert process.poll() is None
    process.terminate()
    _ended(process)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_told_to_end_it_ends_what_it_runs_and_leaves_nothing(
    start: Started, place: Path, for_a_while: Path, number: int
) -> None:
    process = start("exec ansible-playbook play.yml --extra-vars seconds=60")
    command = _wait_for(place / "note")
    process.send_signal(number)
    assert _ended(process)[0] == 128 + number
    assert _is_gone(command)
    # Ansible itself, interrupted, leaves what a module had unpacked.
    assert not [name for name in _left(for_a_while) if name.startswith("by-name-")]


def test_what_a_run_ends_by_is_what_its_caller_ends_by(start: Started, place: Path) -> None:
    process = start("ansible-playbook play.yml --extra-vars seconds=60; echo status $?")
    command = _wait_for(place / "note")
    os.kill(command, signal.SIGKILL)
    assert "status 137" in _ended(process)[1]


def test_the_folder_is_for_its_owner_alone(start: Started) -> None:
    _status, said, _wrong = _ended(start('stat --format %a "${PATH%%:*}"'))
    assert said == "700\n"
