# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The Python library, installed by pip where there is no Ansible, used as its page says."""

from __future__ import annotations

import re
import subprocess
import venv
from pathlib import Path

import pytest
from pages.manual import blocks

from .conftest import REPOSITORY, Command

PASSWORD = "correct-horse-1"


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory, checkout: Path, run: Command) -> Path:
    """A Python with the library and what it depends on, and nothing else."""
    place = tmp_path_factory.mktemp("library")
    venv.create(place)
    python = place / "bin" / "python"
    # With a copy to build in, for setuptools leaves its files there.
    source = tmp_path_factory.mktemp("source") / "asterisk"
    run("cp", "-r", checkout, source, cwd=place)
    run("pip", "--python", python, "install", "--quiet", source, cwd=place)
    return python


def script(place: Path) -> Path:
    """Return the script that the page shows."""
    (shown,) = (block.text for block in blocks("docs/python-library.md") if block.language == "python")
    file = place / "extensions.py"
    file.write_text(shown, encoding="utf-8")
    return file


def test_pyasn1_is_all_it_brings_along(python: Path, run: Command, tmp_path: Path) -> None:
    frozen = run("pip", "--python", python, "freeze", cwd=tmp_path).splitlines()
    assert {re.split(r"[=@ ]", line)[0] for line in frozen} == {"pyasn1", "voiceops-asterisk"}


def test_the_script_of_its_page_does_what_the_page_says(python: Path, run: Command, tmp_path: Path) -> None:
    database = tmp_path / "directory.sqlite3"
    create = (
        "import os, sys; from voiceops_asterisk import directory; directory.create(sys.argv[1], os.getgid())"
    )
    run(python, "-c", create, database, cwd=tmp_path)

    def call() -> str:
        done = subprocess.run(
            [python, script(tmp_path), database],
            input=PASSWORD + "\n",
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first, second = call(), call()
    assert '"Satış"' in first
    assert "nothing to do" in second
    for said in (first, second):
        assert "1001 Ayşe Yılmaz can register" in said
        assert "1002 Depo kapısı has no password" in said
        assert PASSWORD not in said


def test_every_module_of_it_can_be_imported_but_those_that_are_modules_of_ansible(
    python: Path, run: Command, tmp_path: Path
) -> None:
    library = REPOSITORY / "plugins" / "module_utils"
    files = sorted(file.relative_to(library).with_suffix("") for file in library.rglob("[!_]*.py"))
    names = [".".join(file.parts) for file in files if file.parts[0] != "module"]
    # The status board is rendered with jinja2, which the extra `page` brings.
    lines = [f"import voiceops_asterisk.{name}" for name in names if name != "status.board"]
    run(python, "-c", "\n".join(lines), cwd=tmp_path)


def test_a_type_checker_finds_its_types(python: Path, run: Command, tmp_path: Path) -> None:
    checked = script(tmp_path)
    said = run("mypy", "--strict", "--python-executable", python, checked, cwd=tmp_path)
    assert "no issues found" in said
