# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Ansible's own tests, with the oldest ansible-core that is supported and the newest; nothing is ignored."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

from .conftest import PROGRAMS, REPOSITORY, Command, copied

OLDEST, NEWEST = "2.19.14", "newest"
#: The unit tests that know Ansible. What the others are about does not import it (tests/unit/test_wings.py):
#: no ansible-core makes a difference to them, and `make unit` has run them with this same Python.
OF_ANSIBLE = ("tests/unit/controller/", "tests/unit/module/", "tests/unit/rollout/")
#: What ansible-test makes for itself, environments for its tools, for all checkouts: it takes minutes.
HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "voiceops-asterisk" / "ansible-test"
#: The names under which ansible-test of either release looks for what gets it a pip.
BOOTSTRAPS = ("get_pip_24_2.py", "get_pip_25_2.py")
#: Python runs this before pylint. pylint ends after a minute and frees little before that. Garbage collection
#: is a sixth of its time (pylint 4.0, 165 files: 23.3 s with it, 19.3 s without).
NO_GARBAGE_COLLECTION = "import gc\n\ngc.disable()\n"


def other_pythons() -> list[str]:
    """Return folders with this machine's Pythons; pyenv's own starters fail in ansible-test's environment."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = [folder for folder in os.environ["PATH"].split(":") if not folder.endswith("/shims")]
    return [*(str(folder) for folder in sorted(root.glob("versions/3.*/bin"))), *on_path]


def home(core: str) -> Path:
    """Return a home for ansible-test, in which it finds pip's configuration and need not download pip."""
    place = HOME / core
    cache = place / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for name in BOOTSTRAPS:
        shutil.copy(Path(__file__).with_name("bootstrap_pip.py"), cache / name)
    (place / ".config").mkdir(exist_ok=True)
    configuration = place / ".config" / "pip"
    configuration.unlink(missing_ok=True)
    configuration.symlink_to(Path.home() / ".config" / "pip")
    return place


# By one process for each release: what ansible-test keeps in its home knows no two at once.
@pytest.fixture(
    params=[pytest.param(release, marks=pytest.mark.xdist_group(release)) for release in (NEWEST, OLDEST)]
)
def core(request: pytest.FixtureRequest, run: Command) -> tuple[str, Path]:
    """A release of ansible-core, and where its programs are."""
    if request.param == NEWEST:
        return NEWEST, PROGRAMS
    folder = REPOSITORY / ".venv" / f"ansible-test-{request.param}"
    run(
        *("tests/commands/prepare", "core", request.param, folder, "tests/unit/requirements.txt"),
        cwd=REPOSITORY,
    )
    return request.param, folder / "bin"


@pytest.fixture(scope="module")
def tried_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which unit tests are run: what Python compiles of it serves each time."""
    return copied(tmp_path_factory.mktemp("tried"))


def ansible_test(run: Command, core: tuple[str, Path], checkout: Path, *words: str) -> str:
    version, programs = core
    # The one that the environment is made with: the newest here that its ansible-core knows.
    python = next((programs.parent / "lib").glob("python3.*")).name.removeprefix("python")
    # pylint and pytest have a process for each processor that they may use, and each reads everything
    # again. So it is one processor, and another for the other release.
    processors = sorted(os.sched_getaffinity(0))
    one = processors[0] if version == NEWEST else processors[-1]
    return run(
        *("taskset", "--cpu-list", str(one), programs / "ansible-test", *words),
        *("--local", "--color", "no", "--python", python),
        cwd=checkout,
        HOME=str(home(version)),
        PATH=":".join([str(programs), *other_pythons()]),
    )


def test_sanity_finds_nothing(run: Command, core: tuple[str, Path], own_checkout: Path) -> None:
    assert not list((own_checkout / "tests" / "sanity").glob("ignore-*")), "nothing is to be ignored"
    # pylint finds collections in this folder, by PYTHONPATH.
    (own_checkout.parents[2] / "sitecustomize.py").write_text(NO_GARBAGE_COLLECTION, encoding="utf-8")
    said = ansible_test(run, core, own_checkout, "sanity")
    assert "Running sanity test" in said
    assert "ERROR" not in said


def test_the_unit_tests_pass(run: Command, core: tuple[str, Path], tried_checkout: Path) -> None:
    said = ansible_test(run, core, tried_checkout, "units", *OF_ANSIBLE)
    assert " passed in " in said


def test_all_unit_tests_are_found(run: Command, core: tuple[str, Path], tried_checkout: Path) -> None:
    said = ansible_test(run, core, tried_checkout, "units", "--collect-only")
    assert " tests collected in " in said


def test_no_other_unit_test_knows_ansible() -> None:
    """So it makes no difference to the others which ansible-core there is."""
    folder = REPOSITORY / "tests" / "unit"
    knowing = {
        f"tests/unit/{path.relative_to(folder).parts[0]}/"
        for path in folder.glob("*/**/*.py")
        if re.search(r"^\s*(from|import) ansible[. ]", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    assert knowing == set(OF_ANSIBLE)
