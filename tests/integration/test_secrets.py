# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A password is where it has to be, and nowhere else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from phones.phone import Phone

from .fleet import DIRECTORY, LAB, REPOSITORY, Host, Run, command, site

PASSWORDS = {e["number"]: e["password"] for e in DIRECTORY["pbx_extensions"] if "password" in e}


def digest(number: str, password: str) -> str:
    return hashlib.md5(f"{number}:asterisk:{password}".encode()).hexdigest()  # noqa: S324


SECRETS = [*PASSWORDS.values(), *(digest(*item) for item in PASSWORDS.items())]


@contextlib.contextmanager
def watched_processes(host: Host, noted: Path) -> Iterator[None]:
    """Note every process of the host with its arguments and environment, some ten times a second."""
    watch = "for i in $(seq 600); do ps -eww -o args e; sleep 0.1; done"
    with (
        noted.open("w", encoding="utf-8") as output,
        subprocess.Popen(
            [LAB, "ssh", host.name, watch], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.DEVNULL
        ) as ps,
    ):
        try:
            yield
        finally:
            ps.terminate()


def secrets_in(text: str, more: list[str] | None = None) -> list[str]:
    return [secret for secret in [*SECRETS, *(more or [])] if secret in text]


def marks(host: Host) -> list[str]:
    """Return by what Asterisk knows a contact that it has rewritten: a phone that knew it could forge one."""
    found = host.python(
        "import sqlite3; c = sqlite3.connect('/var/lib/voiceops/directory.sqlite3');"
        "print(*(mark for (mark,) in c.execute(\"SELECT mark FROM connection_port WHERE mark != ''\")))"
    ).split()
    assert found
    assert {len(mark) for mark in found} == {32}
    return found


def test_not_in_the_most_verbose_output_of_a_first_run(host: Host, first_run: Run) -> None:
    assert "Make the directory what the inventory says" in first_run.text
    manager = host.shell("cat /etc/asterisk/voiceops-ami-secret.conf").partition("= ")[2].strip()
    assert len(manager) > 60
    assert secrets_in(first_run.text, [manager, *marks(host)]) == []


def test_not_in_the_most_verbose_output_of_a_change_or_of_a_refusal(directory: Host, tmp_path: Path) -> None:
    host = directory
    new, moved_in = "a-third-horse-3", digest("anna", "a-fifth-horse-5")
    extensions: list[Any] = [
        {"number": "1001", "password": new},
        {"number": "1002", "password": "correct-horse-2"},
        {"number": "1009", "username": "anna", "password_digest": moved_in},
    ]
    change = {**DIRECTORY, "pbx_extensions": extensions}
    changed = site([host], tmp_path, change, "-vvvv", "--diff", "--tags", "directory")
    assert changed.recap(host.name)["changed"] == 1
    assert secrets_in(changed.text, [new, digest("1001", new), moved_in]) == []
    extensions += [
        {"number": "1010", "password_digest": f"{moved_in}0"},
        {"number": "oops", "password": "a-fourth-horse-4"},
    ]
    refused = site([host], tmp_path, change, "-vvvv", "--diff", "--tags", "directory")
    assert refused.recap(host.name)["failed"] == 1
    assert "pbx_extensions[3].password_digest (1010): is not 32 hexadecimal digits" in refused.text
    assert secrets_in(refused.text, [new, "a-fourth-horse-4", moved_in]) == []
    extensions[-1] = "1005 a-fourth-horse-4"
    malformed = site([host], tmp_path, change, "-vvvv", "--diff", "--tags", "directory")
    assert malformed.recap(host.name)["failed"] == 1
    assert secrets_in(malformed.text, [new, "a-fourth-horse-4", moved_in]) == []


@pytest.mark.parametrize(
    "version",
    [
        pytest.param("2.19.14", marks=pytest.mark.shown_on("asterisk16")),
        pytest.param("2.21.5", marks=pytest.mark.shown_on("asterisk22")),
        pytest.param("2.22.0rc1", marks=pytest.mark.shown_on("asterisk16")),
    ],
)
def test_not_with_any_ansible_core_in_output_or_fact_cache_or_process_list(
    directory: Host, tmp_path: Path, version: str
) -> None:
    host = directory
    environment = f".venv/core-{version}"
    prepared = command("tests/commands/prepare", "core", version, environment)
    if prepared.returncode == 3:
        pytest.skip(f"no Python here runs ansible-core {version}")
    assert prepared.returncode == 0, prepared.stderr
    password = f"horse-of-core-{version}"
    change = {
        **DIRECTORY,
        "pbx_extensions": [
            *DIRECTORY["pbx_extensions"][1:],
            {"number": "1001", "password": password, "labels": {"core": version}},
            {"number": "1008", "password": f"new-{password}"},
            {"number": "1009", "username": version, "password_digest": digest(version, password)},
        ],
    }
    secrets = [password, digest("1001", password), f"new-{password}", digest("1008", f"new-{password}")]
    secrets.append(digest(version, password))
    cache = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(tmp_path / "cache")}
    noted = tmp_path / "processes"
    with watched_processes(host, noted):
        run = site(
            [host],
            tmp_path,
            change,
            *("-vvvv", "--diff", "--tags", "directory,untagged"),
            then="playbooks/status.yml",
            programs=REPOSITORY / environment / "bin",
            environment=cache,
        )
    assert run.status == 0, run.text[-3000:]
    assert f"core {version}]" in run.text
    assert run.recap(host.name)["changed"] == 1
    assert secrets_in(run.text, secrets) == []
    cached = "".join(unpacked(path) for path in (tmp_path / "cache").iterdir())
    assert "1008" in cached
    assert secrets_in(cached, secrets) == []
    processes = noted.read_text(encoding="utf-8", errors="replace")
    assert "sshd" in processes
    assert secrets_in(processes, secrets) == []
    assert secrets_in(host.shell("journalctl --no-pager"), secrets) == []
    # Nor where it stands in a wrong option too, nor where all is taken away.
    wrong = {**change, "pbx_extensions": [{"number": "1001", "password": password, "forward_to": password}]}
    manager = host.shell("cat /etc/asterisk/voiceops-ami-secret.conf").partition("= ")[2].strip()
    for variables, more in (
        (wrong, ["--tags", "directory"]),
        ({**change, "pbx_state": "absent"}, ["--check"]),
    ):
        shown = site(
            *([host], tmp_path, variables, "-vvvv", "--diff", *more),
            programs=REPOSITORY / environment / "bin",
            environment={"ANSIBLE_DISPLAY_TRACEBACK": "always"},
        )
        assert shown.recap(host.name)["failed"] == (variables is wrong)
        assert secrets_in(shown.text, [*secrets, manager]) == []
    # And the password that went through all this is the one that works.
    assert Phone("1001", password, host.address).register() == 200


def unpacked(cache: Path) -> str:
    """Return what is in a file of the fact cache, also what the status playbook has left packed."""
    facts = json.loads(cache.read_text(encoding="utf-8"))
    facts = json.loads(facts.get("__payload__", "null")) or facts
    packed = base64.b64decode(facts.pop("pbx_packed_facts"))
    return json.dumps(facts) + zlib.decompress(packed).decode()


def test_not_in_results_or_facts(directory: Host) -> None:
    host = directory
    result = host.module_by_ansible(
        "pbx_extension", "-vvvv", "--diff", extensions=DIRECTORY["pbx_extensions"]
    )
    assert secrets_in(str(result) + str(host.facts())) == []


def test_not_on_the_host_in_the_clear(directory: Host) -> None:
    host = directory
    assert Phone("1001", PASSWORDS["1001"], host.address).register() == 200
    for password in PASSWORDS.values():
        # Everything that is a file on this host, its journal and its process list.
        found = host.shell(
            f"grep -rlF --exclude-dir=proc --exclude-dir=sys --exclude-dir=dev -- '{password}'"
            " /etc /var /root /tmp /home /run /opt /srv 2>/dev/null || true;"
            f"journalctl --no-pager | grep -F -- '{password}' | grep -v 'grep' || true"
        )
        assert found == ""


def test_the_digest_is_readable_by_root_and_asterisk_alone(directory: Host) -> None:
    host = directory
    files = "/var/lib/voiceops/directory.sqlite3* /etc/asterisk/voiceops-ami-secret.conf"
    for line in host.shell(f"stat -c '%U %G %a %n' {files}").splitlines():
        owner, group, mode, name = line.split()
        assert (owner, group) == ("root", "asterisk"), name
        assert mode == "640", name
    assert host.shell("stat -c '%U %G %a' /var/lib/voiceops").split() == ["root", "asterisk", "750"]
    found = host.shell(
        f"grep -rlF -- '{digest('1001', PASSWORDS['1001'])}' /etc /var /root /tmp /run 2>/dev/null || true"
    )
    assert set(found.split()) <= {
        "/var/lib/voiceops/directory.sqlite3",
        "/var/lib/voiceops/directory.sqlite3-wal",
    }


def test_asterisk_does_not_give_it_away(directory: Host) -> None:
    host = directory
    shown = host.shell(
        "for command in 'pjsip show endpoint 1001' 'pjsip show endpoints' 'dialplan show' 'database show';"
        ' do asterisk -rx "$command"; done; cat /var/log/asterisk/*.log'
    )
    assert "1001" in shown
    assert secrets_in(shown) == []
