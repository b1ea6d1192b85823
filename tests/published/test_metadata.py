# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What Galaxy, Ansible's documentation and REUSE ask of a collection before others may have it."""

from __future__ import annotations

from pathlib import Path

from .conftest import PROGRAMS, REPOSITORY, Command


def test_galaxy_takes_the_artifact(run: Command, artifact: Path, tmp_path: Path) -> None:
    # ansible-lint has looked already: `make lint`.
    settings = tmp_path / "galaxy-importer.cfg"
    settings.write_text(
        "[galaxy-importer]\nCHECK_REQUIRED_TAGS = True\nREQUIRE_V1_OR_GREATER = True\n"
        "RUN_ANSIBLE_LINT = False\n"
    )
    said = run(
        *(PROGRAMS / "python", "-m", "galaxy_importer.main", artifact),
        cwd=tmp_path,
        GALAXY_IMPORTER_CONFIG=str(settings),
    )
    assert "Importer processing completed successfully" in said
    assert "ERROR" not in said
    assert "WARNING" not in said


def test_the_documentation_of_modules_plugins_and_the_role_holds_together(
    run: Command, checkout: Path
) -> None:
    said = run(
        *("antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck"),
        *("--validate-collection-refs=all", "--disallow-unknown-collection-refs", "."),
        cwd=checkout,
    )
    assert said == ""


def test_every_file_says_its_licence(run: Command) -> None:
    assert run("reuse", "lint", "--quiet", cwd=REPOSITORY) == ""


def test_an_execution_environment_is_told_what_the_collection_needs(
    run: Command, checkout: Path, tmp_path: Path
) -> None:
    root = checkout.parents[2]
    said = run("ansible-builder", "introspect", root, cwd=tmp_path)
    assert "pyasn1" in said
    assert "openssh-client" in said
