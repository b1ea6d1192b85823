# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Real hosts and what a person does with them: run a playbook, run a module, look at a host."""

from __future__ import annotations

import atexit
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from preloaded.commands import Preloaded

from .resident import Resident

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LAB = REPOSITORY / "tests" / "lab" / "lab"

#: Longest time for one command, in seconds; an installation on both hosts takes under a minute.
DEADLINE = 300

# A directory that exercises what a person writes: names in several alphabets, quotes, semicolons.
DIRECTORY: dict[str, Any] = {
    "pbx_connection_ports": [{"name": "Masa telefonları"}],
    "pbx_extension_groups": [{"name": "Satış"}, {"name": "Destek"}],
    "pbx_extensions": [
        {
            "number": "1001",
            "name": 'Ayşe "Ay" Yılmaz; $5',
            "password": "correct-horse-1",
            "connection_port": "Masa telefonları",
            "groups": ["Satış"],
        },
        {"number": "1002", "name": "محمد", "password": "correct-horse-2", "groups": ["Satış", "Destek"]},
        {"number": 1003, "name": "Depo kapısı"},
    ],
    # The lab's phones try as many wrong passwords as they like.
    "pbx_fail2ban_ignore": ["198.18.0.0/15"],
}


@dataclass(frozen=True)
class Run:
    """How a playbook ended."""

    status: int
    text: str

    def recap(self, host: str) -> dict[str, int]:
        """Return the numbers of the host's line in the recap."""
        line = re.search(rf"^{re.escape(host)} +: (.*)$", self.text, re.MULTILINE)
        assert line, f"{host} is not in the recap of\n{self.text}"
        return {key: int(value) for key, value in re.findall(r"(\w+)=(\d+)", line.group(1))}


def surroundings() -> dict[str, str]:
    """Return the environment of a command of this checkout."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
    }


def command(
    *words: str, environment: dict[str, str] | None = None, given: str = "", deadline: float = DEADLINE
) -> subprocess.CompletedProcess[str]:
    """Run a command of this checkout, with ``given`` as its standard input; return how it ended."""
    return subprocess.run(
        [str(word) for word in words],
        check=False,
        capture_output=True,
        text=True,
        timeout=deadline,
        input=given,
        cwd=REPOSITORY,
        env={**surroundings(), **(environment or {})},
    )


def as_read(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a result under the names by which a playbook reads them."""
    return {name.removeprefix("ansible_"): value for name, value in facts.items()}


@functools.cache
def preloaded() -> Preloaded:
    """`ansible` and `ansible-playbook`, ready to run."""
    return Preloaded(surroundings())


def ansible_playbook(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command as somebody types it in this checkout; return how it ended."""
    return preloaded().run("ansible-playbook", list(words), cwd=REPOSITORY, deadline=DEADLINE)


@functools.cache
def resident(name: str) -> Resident:
    """The modules on a host, ready to run."""
    return Resident([*_connection(), name])


def said_of(result: dict[str, Any]) -> str:
    """Return what a user would read of a result: its values, and warnings as Ansible words them."""
    warnings = [f"[WARNING]: {warning}" for warning in result.get("warnings", [])]
    return "\n".join([json.dumps(result, ensure_ascii=False, indent=4), *warnings])


def lab(*words: str) -> str:
    """Run a command of the lab and return what it printed; a failure fails the test."""
    run = command(str(LAB), *words)
    assert run.returncode == 0, f"lab {' '.join(words)}: {run.stderr}"
    return run.stdout


@functools.cache
def lab_inventory() -> str:
    """Return the path of an inventory of the lab's hosts."""
    return lab("inventory").strip()


@functools.cache
def _connection() -> tuple[str, ...]:
    """`ssh` to the lab's hosts, with one connection to each that goes on to be used.

    Most of what a short command on a host costs is the way there: 0.25 s of processor time by `lab ssh`,
    0.02 s so. The tests give over a thousand.
    """
    folder = tempfile.TemporaryDirectory(prefix="connections-")
    atexit.register(folder.cleanup)
    return (
        *("ssh", "-F", lab("ssh-config").strip()),
        *("-o", "ControlMaster=auto", "-o", f"ControlPath={folder.name}/%C", "-o", "ControlPersist=60"),
        # A host may disappear silently, and come back.
        *("-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"),
    )


@dataclass(frozen=True)
class Host:
    """One real host of the lab."""

    name: str
    address: str

    def shell(self, script: str, given: str = "") -> str:
        """Run a script of the shell, with ``given`` as its standard input; return what it printed."""
        run = command(*_connection(), self.name, script, given=given)
        assert run.returncode == 0, f"{self.name}: {script}: {run.stdout}{run.stderr}"
        return run.stdout

    def put_library(self, folder: str) -> None:
        """Put the Python library on the host, as `pip install` would."""
        source = REPOSITORY / "plugins" / "module_utils"
        files = {
            str(path.relative_to(source)): path.read_text(encoding="utf-8") for path in source.rglob("*.py")
        }
        script = (
            "import json, pathlib, sys\n"
            "for name, text in json.load(sys.stdin).items():\n"
            "    path = pathlib.Path(sys.argv[1], name)\n"
            "    path.parent.mkdir(parents=True, exist_ok=True)\n"
            "    path.write_text(text)"
        )
        self.shell(f'python3 -c "{script}" {folder}', json.dumps(files))

    def python(self, script: str, *arguments: str) -> str:
        """Run a Python script on the host; return what it printed."""
        return self.shell(f"python3 - {' '.join(arguments)}", script)

    def module_with_file(self, module: str, **options: Any) -> dict[str, Any]:
        """Run a module with more options than fit on a command line."""
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump({"given": options}, file)
            file.flush()
            by_name = json.dumps({option: f"{{{{ given.{option} }}}}" for option in options})
            return self._module(module, "-e", f"@{file.name}", "-a", by_name)

    def module(self, module: str, /, **options: Any) -> dict[str, Any]:
        """Run a module of the collection; return its result, if it ``failed`` and what was ``said``."""
        result = resident(self.name).run(module, options)
        result.pop("invocation", None)
        if "ansible_facts" in result:
            result["ansible_facts"] = as_read(result["ansible_facts"])
        return {**result, "failed": bool(result.get("failed")), "said": said_of(result)}

    def module_by_ansible(self, module: str, /, *more: str, **options: Any) -> dict[str, Any]:
        """Run a module as a user does, with ``more`` arguments of the command `ansible`."""
        return self._module(module, *more, *(["-a", json.dumps(options)] if options else []))

    def _module(self, module: str, *arguments: str) -> dict[str, Any]:
        words = [self.name, "-i", lab_inventory(), "-m", f"voiceops.asterisk.{module}", *arguments]
        run = preloaded().run("ansible", words, cwd=REPOSITORY, deadline=DEADLINE)
        answer = re.search(r"\| (SUCCESS|CHANGED|FAILED!) => (\{.*\})", run.stdout, re.DOTALL)
        assert answer, run.stdout + run.stderr
        result: dict[str, Any] = json.loads(answer.group(2))
        if "ansible_facts" in result:
            result["ansible_facts"] = as_read(result["ansible_facts"])
        return {**result, "failed": answer.group(1) == "FAILED!", "said": run.stdout + run.stderr}

    def whole_directory(self, **variables: Any) -> dict[str, Any]:
        """Make the directory what variables of the role say, and nothing else."""
        lists = ("connection_ports", "trunks", "outbound_profiles", "extension_groups", "extensions")
        options = {name: variables.get(f"pbx_{name}", []) for name in (*lists, "emergency_numbers")}
        exactly = {"purge": True, "purge_limit": 100, "restart": "if_needed"}
        return self.module("pbx_directory", **options, **exactly)

    def reboot(self, seconds: float, how: str = "systemctl reboot") -> None:
        """Boot it again; return once ssh answers, which it has to within so many seconds."""
        look = "cat /proc/sys/kernel/random/boot_id /proc/1/stat | cut -d' ' -f1,22"
        before = self.shell(look)
        self.shell(f"systemd-run --quiet --on-active=0.2 {how}")
        give_up = time.monotonic() + seconds
        while True:
            try:
                if self.shell(look) != before:
                    return
            except AssertionError:  # ssh does not answer
                pass
            assert time.monotonic() < give_up, f"{self.name} is not back after {seconds} s"
            time.sleep(0.1)

    def facts(self) -> dict[str, Any]:
        result = self.module("pbx_extension_facts")
        assert not result["failed"], result
        return dict(result["ansible_facts"])

    def content(self) -> str:
        """Return everything that is in the directory, as SQL."""
        return self.shell(
            "python3 -c 'import sqlite3;"
            ' print("\\n".join(sqlite3.connect("/var/lib/voiceops/directory.sqlite3").iterdump()))\''
        )

    def database(self) -> tuple[str, str]:
        """Return the directory as it is: its content, and a fingerprint of its file's bytes."""
        return self.content(), self.shell("sha256sum /var/lib/voiceops/directory.sqlite3")


@contextmanager
def booted(name: str, release: str, kind: str = "--bare") -> Iterator[Host]:
    """Boot a bare host of the lab, a ``--virtual`` one, or one with Asterisk (no kind); take it down."""
    try:
        lab("up", *([kind] if kind else []), f"{name}={release}")
        (address,) = (row["address"] for row in json.loads(lab("list", "--json")) if row["name"] == name)
        yield Host(name, address)
    finally:
        lab("down", name)


def site(
    hosts: list[Host],
    folder: Path,
    variables: dict[str, Any],
    *more: str,
    then: str = "",
    programs: Path | None = None,
    environment: dict[str, str] | None = None,
    deadline: float = DEADLINE,
) -> Run:
    """Run playbooks/site.yml against these hosts with these variables, as a person would.

    ``then`` is another playbook to run next in the same run; ``programs`` is where the
    ansible-playbook is that is to be used, where not this checkout's; ``deadline`` is in seconds.
    """
    given = folder / "variables.yml"
    given.write_text(yaml.safe_dump(variables, allow_unicode=True), encoding="utf-8")
    words = [
        *("-i", lab_inventory(), "--limit", ",".join(host.name for host in hosts)),
        *("-e", f"@{given}", *more, "playbooks/site.yml", *([then] if then else [])),
    ]
    if programs or environment:
        program = (programs or Path(sys.executable).parent) / "ansible-playbook"
        run = command(str(program), *words, environment=environment, deadline=deadline)
    else:
        run = preloaded().run("ansible-playbook", words, cwd=REPOSITORY, deadline=deadline)
    return Run(run.returncode, run.stdout + run.stderr)
