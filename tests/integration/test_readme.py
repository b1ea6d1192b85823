# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The README, followed to the letter by somebody who has only the built collection."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from .fleet import REPOSITORY, command, lab, lab_inventory

HOSTS = {"pbx-istanbul": "forky", "pbx-ankara": "bullseye"}


def commands_to_use_it() -> list[str]:
    """Return every command of the section "Use it", in its order."""
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    section = readme.partition("\n## Use it\n")[2].partition("\n### ")[0]
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```", section, re.MULTILINE | re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines()]


@pytest.fixture
def two_hosts() -> Iterator[None]:
    try:
        lab("up", *(f"{name}={release}" for name, release in HOSTS.items()))
        yield
    finally:
        lab("down", *HOSTS)


@pytest.mark.usefixtures("two_hosts")
def test_every_command_of_the_readme_does_what_it_says(tmp_path: Path) -> None:
    place = REPOSITORY
    home = {"HOME": str(tmp_path)}
    said: dict[str, str] = {}
    for line in commands_to_use_it():
        if line.startswith("cd "):
            place = Path(line[3:].replace("~", str(tmp_path)))
            # "Give each its ansible_host": where the hosts are is what a README cannot know.
            shutil.copy(lab_inventory(), place / "inventory" / "in-the-lab.yml")
            continue
        run = command("bash", "-c", f"unset ANSIBLE_CONFIG; cd '{place}' && {line}", environment=home)
        assert run.returncode == 0, f"$ {line}\n{run.stdout}{run.stderr}"
        said[line.rpartition("voiceops.asterisk.")[2]] = run.stdout
    assert set(said) >= {"site --check --diff", "site", "site --tags directory", "status"}
    assert (tmp_path / ".ansible/collections/ansible_collections/voiceops/asterisk/MANIFEST.json").exists()
    for host in HOSTS:
        assert re.search(rf"^{host} .* changed=[1-9].*failed=0", said["site"], re.MULTILINE), said["site"]
        assert re.search(rf"^{host} .* changed=0 .*failed=0", said["site --tags directory"], re.MULTILINE)
    assert "pbx-istanbul: Asterisk running, 0 of 4 extensions registered" in said["status"]


def test_the_artifact_holds_the_collection_and_nothing_else(tmp_path: Path) -> None:
    built = command("ansible-galaxy", "collection", "build", "--output-path", str(tmp_path))
    assert built.returncode == 0, built.stderr
    listed = command("tar", "-tf", str(next(tmp_path.glob("*.tar.gz")))).stdout.splitlines()
    roots = {name.removeprefix("./").split("/")[0] for name in listed}
    assert {"plugins", "roles", "playbooks", "meta", "README.md", "MANIFEST.json"} <= roots
    assert not roots & {".venv", ".git", ".ansible", ".mypy_cache", ".pytest_cache", "build", "collections"}
    assert not [name for name in listed if "__pycache__" in name or name.endswith(".pyc")]
