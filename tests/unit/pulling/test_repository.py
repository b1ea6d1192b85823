# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which commits a host trusts, with real repositories and real signatures."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.pulling.repository import (
    Repository,
    RepositoryError,
)

pytestmark = pytest.mark.skipif(
    not shutil.which("git") or not shutil.which("ssh-keygen"), reason="needs git and ssh-keygen"
)


class Company:
    """Where the inventory is kept, and a host that follows it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "source"
        for who in ("ayse", "stranger"):
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{who}@example.com"]
            subprocess.run([*words, "-f", str(folder / who)], check=True)
        self.git("init", "--quiet", "--initial-branch=main", str(self.source), cwd=folder)
        (folder / "scratch").mkdir()
        self.repository = self.follows()

    def git(self, *words: str, cwd: Path | None = None) -> str:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            **{f"GIT_{who}_NAME": "Ayşe" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ayse@example.com" for who in ("AUTHOR", "COMMITTER")},
        }
        where = cwd or self.source
        return subprocess.run(
            ["git", *words], cwd=where, env=environment, check=True, capture_output=True, text=True
        ).stdout.strip()

    def commits(self, text: str, by: str = "ayse") -> str:
        """Make a commit, signed by somebody or by nobody; return its name."""
        (self.source / "hosts.yml").write_text(text, encoding="utf-8")
        self.git("add", "--all")
        signing = ["-c", "gpg.format=ssh", "-c", f"user.signingkey={self.folder / by}"] if by else []
        self.git(*signing, "commit", "--quiet", *(["-S"] if by else []), "-m", text)
        return self.git("rev-parse", "HEAD")

    def follows(self, url: str = "", branch: str = "main") -> Repository:
        repository = Repository(
            self.folder / "repository.git",
            url or f"file://{self.source}",
            branch,
            self.folder / "scratch",
        )
        repository.trust([(self.folder / "ayse.pub").read_text(encoding="ascii").strip()], [])
        return repository


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_a_commit_that_was_signed_is_believed_and_written_out(company: Company):
    first = company.commits("one")
    assert company.repository.fetch() == first
    place = company.folder / "checkout"
    company.repository.check_out(first, place)
    (place / "hosts.yml").write_text("changed by hand", encoding="utf-8")
    (place / "left behind").touch()
    second = company.commits("two")
    assert company.repository.fetch() == second
    company.repository.check_out(second, place)
    assert {path.name for path in place.iterdir()} == {".git", "hosts.yml"}
    assert (place / "hosts.yml").read_text(encoding="utf-8") == "two"
    assert company.git("status", "--porcelain", cwd=place) == ""
    # A commit that was begun before.
    company.repository.check_out(first, place)
    assert (place / "hosts.yml").read_text(encoding="utf-8") == "one"


@pytest.mark.parametrize("by", ["", "stranger"])
def test_a_commit_of_somebody_else_is_not_believed_and_nothing_of_it_is_written(company: Company, by: str):
    first = company.commits("one")
    company.repository.fetch()
    company.repository.check_out(first, company.folder / "checkout")
    bad = company.commits("two", by)
    for _again in range(2):
        with pytest.raises(RepositoryError, match=f"{bad[:12]} of main is not trusted"):
            company.repository.fetch()
    assert (company.folder / "checkout" / "hosts.yml").read_text(encoding="utf-8") == "one"


def test_a_key_ring_of_the_users_is_not_asked(company: Company, monkeypatch: pytest.MonkeyPatch):
    programs = company.folder / "programs"
    programs.mkdir()
    gpg = programs / "gpg"
    gpg.write_text("#!/bin/sh\necho '[GNUPG:] GOODSIG 1 me'; echo '[GNUPG:] TRUST_ULTIMATE'; exit 0\n")
    gpg.chmod(0o755)
    commit = company.commits("one", by="")
    raw = company.git("cat-file", "commit", commit)
    head, _blank, message = raw.partition("\n\n")
    signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=company.source,
        input=f"{head}\n{signature}\n\n{message}",
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    company.git("reset", "--quiet", "--hard", made)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    with pytest.raises(RepositoryError, match="is not trusted"):
        company.repository.fetch()


def test_what_was_signed_long_ago_does_not_come_back(company: Company):
    first = company.commits("one")
    second = company.commits("two")
    assert company.repository.fetch() == second
    company.git("reset", "--quiet", "--hard", first)
    with pytest.raises(RepositoryError, match=f"{first[:12]} of main does not come after {second[:12]}"):
        company.repository.fetch()
    company.git("reset", "--quiet", "--hard", second)
    assert company.repository.fetch() == second


def test_a_run_that_was_killed_leaves_no_lock_behind(company: Company):
    company.commits("one")
    company.repository.fetch()
    second = company.commits("two")
    folder = company.folder / "repository.git"
    for name in (
        "refs/voiceops/fetched.lock",
        "refs/voiceops/believed.lock",
        "packed-refs.lock",
        "config.lock",
    ):
        (folder / name).touch()
    assert company.repository.fetch() == second


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///nowhere/at/all.git", "git cannot fetch main of file:///nowhere/at/all.git: "),
        ("ext::sh -c id", "transport 'ext' not allowed"),
        ("http://127.0.0.1:1/a.git", "transport 'http' not allowed"),
        ("git://127.0.0.1:1/a.git", "transport 'git' not allowed"),
    ],
)
def test_what_cannot_be_had_is_said(company: Company, url: str, said: str):
    company.commits("one")
    with pytest.raises(RepositoryError) as raised:
        company.follows(url).fetch()
    assert said in str(raised.value)


def test_a_branch_that_is_not_there_is_said(company: Company):
    company.commits("one")
    with pytest.raises(RepositoryError, match="git cannot fetch canary"):
        company.follows(branch="canary").fetch()


def test_nothing_that_a_repository_names_is_run(company: Company):
    (company.source / ".gitattributes").write_text("* filter=evil\n", encoding="utf-8")
    mark = company.folder / "was run"
    (company.source / ".gitconfig").write_text(f"[filter \"evil\"]\n\tsmudge = touch '{mark}'\n")
    commit = company.commits("one")
    assert company.repository.fetch() == commit
    hook = company.folder / "repository.git" / "hooks"
    hook.mkdir(exist_ok=True)
    (hook / "post-checkout").write_text(f"#!/bin/sh\ntouch '{mark}'\n", encoding="utf-8")
    (hook / "post-checkout").chmod(0o755)
    company.repository.check_out(commit, company.folder / "checkout")
    assert not mark.exists()
