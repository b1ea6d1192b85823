# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The built collection where nothing else is: only the folders that may be used at run time."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from .conftest import REPOSITORY, Command

#: What may be used when it runs (Ansible's requirements for collections); the rest may be taken away.
KEPT = {"meta", "plugins", "roles", "playbooks"}
#: Without these two Ansible would not know the collection's version.
ABOUT = {"MANIFEST.json", "FILES.json"}


@pytest.fixture(scope="module")
def installed(artifact: Path, tmp_path_factory: pytest.TempPathFactory, run: Command) -> Path:
    """A folder of collections with this one in it, reduced to what may be used."""
    place = tmp_path_factory.mktemp("installed")
    run("ansible-galaxy", "collection", "install", "--offline", "-p", place, artifact, cwd=place)
    collection = place / "ansible_collections" / "voiceops" / "asterisk"
    for entry in collection.iterdir():
        if entry.is_dir() and entry.name not in KEPT:
            shutil.rmtree(entry)
        elif entry.is_file() and entry.name not in ABOUT:
            entry.unlink()
    return place


def ansible(run: Command, installed: Path, place: Path, *words: str | Path) -> str:
    settings = place / "ansible.cfg"
    settings.write_text(f"[defaults]\ncollections_path = {installed}\nhome = {place}/home\n")
    return run(*words, cwd=place, ANSIBLE_CONFIG=str(settings))


def test_it_asks_for_no_other_collection(artifact: Path, installed: Path) -> None:
    manifest = json.loads(
        (installed / "ansible_collections/voiceops/asterisk/MANIFEST.json").read_text(encoding="utf-8")
    )
    assert manifest["collection_info"]["dependencies"] == {}


def test_every_word_of_it_that_ansible_documents_can_be_looked_up(
    run: Command, installed: Path, tmp_path: Path
) -> None:
    listed = ansible(run, installed, tmp_path, "ansible-doc", "--metadata-dump", "voiceops.asterisk")
    found = json.loads(listed[listed.index("{") :])["all"]
    modules = {path.stem for path in (REPOSITORY / "plugins" / "modules").glob("*.py")}
    assert {name.rpartition(".")[2] for name in found["module"]} == modules
    assert "error" not in json.dumps({name: one for name, one in found["module"].items() if "error" in one})
    assert "voiceops.asterisk.pbx" in found["role"]


@pytest.mark.parametrize("playbook", ["export", "site", "status"])
def test_its_playbooks_are_found_by_name_and_all_that_they_name_is_there(
    run: Command, installed: Path, tmp_path: Path, playbook: str
) -> None:
    shutil.copytree(REPOSITORY / "playbooks" / "inventory", tmp_path / "inventory")
    said = ansible(
        *(run, installed, tmp_path, "ansible-playbook", "--syntax-check", "-i", "inventory"),
        *("--vault-password-file", "inventory/demo-vault-password.txt", f"voiceops.asterisk.{playbook}"),
    )
    assert f"{installed}/ansible_collections/voiceops/asterisk/playbooks/{playbook}.yml" in said


def test_the_site_playbook_gets_as_far_as_to_refuse_a_variable(
    run: Command, installed: Path, tmp_path: Path
) -> None:
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "pbx_recording_folder": "not a folder",
    }
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"pbx": {"hosts": {"here": {}}, "vars": variables}}), encoding="utf-8")
    with pytest.raises(AssertionError) as failed:
        ansible(run, installed, tmp_path, "ansible-playbook", "-i", inventory, "voiceops.asterisk.site")
    assert re.search(
        r"here: failed: nothing was changed, because 1 thing is wrong: pbx_recording_folder: ",
        str(failed.value),
    )


def test_the_status_playbook_writes_its_page_with_what_came_along(
    run: Command, installed: Path, tmp_path: Path
) -> None:
    variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
    inventory = tmp_path / "inventory.json"
    inventory.write_text(json.dumps({"pbx": {"hosts": {"here": {}}, "vars": variables}}), encoding="utf-8")
    ansible(
        *(run, installed, tmp_path, "ansible-playbook", "-i", inventory, "-e", "pbx_status_page=page.html"),
        "voiceops.asterisk.status",
        "voiceops.asterisk.validate",
    )
    assert "here" in (tmp_path / "page.html").read_text(encoding="utf-8")
