# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""No secret is in what a run shows: going, coming, given back, refused, or written into a wrong option."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .fleet import DIRECTORY, Host, Run, site
from .test_secrets import marks, secrets_in

SHOWING = ("-vvv", "--diff")
METRICS = "metrics-horse-0123456789"

#: What somebody else has configured, each with a secret.
THEIRS = {
    "pjsip.conf": "[line]\ntype = auth\nauth_type = userpass\nusername = u\npassword = foreign-horse-1\n",
    "extensions.conf": "[foreign-horse-2]\nexten => 1,1,Dial(PJSIP/u:foreign-horse-3@host)\n",
    "manager.conf": "[general]\nenabled = yes\n[boss]\nsecret = foreign-horse-4\n",
}
#: What somebody has added to one of our files.
ADDED = "; foreign-horse-5\n"
FOREIGN = [f"foreign-horse-{place}" for place in range(1, 6)]
KEPT = "/var/backups/voiceops-pbx"
KEYS = "/etc/asterisk/keys"


def manager_secret(host: Host) -> str:
    secret = host.shell("cat /etc/asterisk/voiceops-ami-secret.conf").partition("= ")[2].strip()
    assert len(secret) > 60
    return secret


def declared(host: Host) -> dict[str, object]:
    """Return the variables of a host on which everything has a secret; 16 has no module for metrics."""
    metrics = {"pbx_metrics": True, "pbx_metrics_password": METRICS} if host.name == "asterisk22" else {}
    port = {"name": "TLS", "protocol": "tls", "certificate": f"{KEYS}/a.pem", "private_key": f"{KEYS}/a.key"}
    ports = {"pbx_connection_ports": [*DIRECTORY["pbx_connection_ports"], port]}
    return {**DIRECTORY, **metrics, **ports}


@pytest.fixture
def shown(directory: Host, tmp_path: Path) -> Iterator[list[Run]]:
    """Runs in which no secret may stand, of a host that is as it was in the end."""
    runs: list[Run] = []
    directory.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -keyout a.key -out a.pem"
        " -days 30 -subj /CN=a.example 2>/dev/null && chgrp asterisk a.key && chmod 640 a.key"
    )
    key = directory.shell(f"cat {KEYS}/a.key").splitlines()[1:-1]
    assert len(key) > 20
    yield runs
    assert all(run.text for run in runs)
    back = {**DIRECTORY, "pbx_adopt": True, "pbx_purge": True, "pbx_restart": "if_needed"}
    restored = site([directory], tmp_path, back, *SHOWING)
    hidden = [manager_secret(directory), METRICS, *FOREIGN, *marks(directory), *key]
    directory.shell(f"rm -r {KEYS}")
    assert restored.status == 0, restored.text[-3000:]
    for run in [*runs, restored]:
        assert secrets_in(run.text, hidden) == []


def put(host: Host, folder: str, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        host.shell(f"mkdir -p {folder} && cat > {folder}/{name} && chmod 640 {folder}/{name}", text)


def test_not_when_it_is_taken_away(directory: Host, tmp_path: Path, shown: list[Run]) -> None:
    host = directory
    switched_on = site([host], tmp_path, declared(host), *SHOWING)
    assert switched_on.status == 0, switched_on.text[-3000:]
    away = site([host], tmp_path, {**declared(host), "pbx_state": "absent"}, "--check", *SHOWING)
    assert away.recap(host.name)["changed"] > 0
    assert "+++ after: /etc/asterisk/voiceops-ami-secret.conf" in away.text
    # What is known to hold no secret is shown.
    assert "-rtpstart=" in away.text.replace(" ", "")
    shown += [switched_on, away]


def test_not_when_text_of_others_is_replaced_or_comes_back_or_is_refused(
    directory: Host, tmp_path: Path, shown: list[Run]
) -> None:
    host = directory
    put(host, "/etc/asterisk", THEIRS)
    host.shell("cat >> /etc/asterisk/rtp.conf", ADDED)
    adopting = {**DIRECTORY, "pbx_adopt": True}
    for more in (["--check"], []):
        run = site([host], tmp_path, adopting, *SHOWING, *more)
        assert run.status == 0, run.text[-3000:]
        assert "may hold a secret: not shown" in run.text
        shown.append(run)
    # As on a host where these were there before this role came.
    put(host, f"{KEPT}/etc/asterisk", THEIRS)
    shown.append(site([host], tmp_path, {**DIRECTORY, "pbx_state": "absent"}, "--check", *SHOWING))
    assert "what was there before, and was kept as" in shown[-1].text
    back = host.module_by_ansible("pbx_files", *SHOWING, absent=[f"/etc/asterisk/{name}" for name in THEIRS])
    assert len(back["removed"]) == len(THEIRS)
    assert host.shell("cat /etc/asterisk/pjsip.conf") == THEIRS["pjsip.conf"]
    assert secrets_in(back["said"], FOREIGN) == []
    # And as on one where nobody has said that it may be replaced.
    refused = site([host], tmp_path, DIRECTORY, *SHOWING)
    assert "/etc/asterisk/pjsip.conf (5 lines: 1 auth)" in refused.text
    shown += [refused, site([host], tmp_path, adopting, *SHOWING)]
    assert host.shell(f"stat -c '%a %U %n' {KEPT} {KEPT}/shown").split("\n")[:2] == [
        f"700 root {KEPT}",
        f"600 root {KEPT}/shown",
    ]
    # Nobody but root gets at what is kept, and what has come back is readable by nobody new.
    assert host.shell(f"setpriv --reuid nobody --clear-groups ls {KEPT} 2>&1 || true").endswith(
        "Permission denied\n"
    )


WRONG = "wrong-horse-77"
#: Lists in which the password of an item stands in another option too.
MISTAKEN = {
    "refused": [
        {"number": "1001", "password": WRONG, "forward_to": WRONG},
        {"number": WRONG, "password": WRONG},
        {"number": "1004", "password": WRONG, "labels": {WRONG: [WRONG]}},
        {"number": "1005", "password": WRONG, "labels": WRONG},
        {"number": "1006", "password": WRONG, "email": WRONG, "language": WRONG, "state": WRONG},
        {"number": "1007", "password": WRONG, "callable_groups": WRONG, "groups": {WRONG: 1}},
        {"number": "1008", "password": WRONG, WRONG: 1, "pasword": WRONG},
        {"number": "1009", "password": [WRONG], "max_devices": WRONG, "record": WRONG},
        {"number": "1010", "password": WRONG, "outbound_profile": WRONG, "connection_port": WRONG},
        {"number": "1010", "password": WRONG},
    ],
    # What any text fits is kept as it was written, and shown nowhere.
    "taken": [{"number": "1002", "password": WRONG, "labels": {"note": WRONG}, "name": WRONG}],
}


@pytest.mark.parametrize("case", MISTAKEN)
def test_not_when_it_stands_in_a_wrong_option(
    directory: Host, tmp_path: Path, shown: list[Run], case: str
) -> None:
    host = directory
    for more in (["--check"], []):
        change = {**DIRECTORY, "pbx_extensions": MISTAKEN[case]}
        run = site([host], tmp_path, change, *SHOWING, *more, "--tags", "directory")
        assert run.recap(host.name)["failed"] == (case == "refused")
        assert "********" in run.text
        assert secrets_in(run.text, [WRONG]) == []
        shown.append(run)


def test_not_in_what_ansible_says_of_wrong_options(directory: Host) -> None:
    host = directory
    # In lists: of an option of its own that stands on the command line Ansible shows the whole task.
    for module, options in (
        ("pbx_extension", {"extensions": [{"number": "1001", "password": WRONG}], "purge_limit": WRONG}),
        ("pbx_directory", {"extensions": [{"number": "1001", "password": WRONG}], "restart": WRONG}),
        ("pbx_directory", {"extensions": [{"number": "1001", "password": WRONG}, WRONG]}),
    ):
        result = host.module_by_ansible(module, *SHOWING, **options)
        assert result["failed"]
        assert secrets_in(result["said"], [WRONG]) == []
