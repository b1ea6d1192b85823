# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The repository that a host follows: fetched, believed by its signature, and only then written out.

Anybody who controls the server, or the network path to it, can serve what they like. So a commit counts only
where one of the keys has signed it that the role has written down, and only where it comes after the one that
was believed before: an old inventory is signed too, and would bring back who has left. No file of a commit is
written before that. Ansible's own git module writes it out first and looks at the signature
afterwards (ansible/ansible#75609), and git takes any PGP key of root's key ring; so this is not ansible-pull.
"""

from __future__ import annotations

# Part of a program of the host, not of a module: it runs others.  pylint: disable=ansible-bad-function
import contextlib
import os
import shlex
import shutil
import subprocess
import typing as t
from pathlib import Path

from ..definition.plain_text import clean

_FETCHED, _BELIEVED = "refs/voiceops/fetched", "refs/voiceops/believed"
#: How long a server may take, in seconds.
_TIMEOUT = 900.0
_MOST_SAID = 300
#: What is taken of the environment: how to get out of the network.
_ENVIRONMENT = ("HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy")
#: Nothing that a repository names is run, and nobody but the keys of the role is believed: gpg and gpgsm,
#: which git would ask for other forms of signatures, say no.
_SETTINGS = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "fetch.fsckObjects": "true",
    "gc.autoDetach": "false",
    "gpg.program": "/bin/false",
    "gpg.x509.program": "/bin/false",
    "gpg.minTrustLevel": "fully",
    "http.lowSpeedLimit": "100",
    "http.lowSpeedTime": "60",
    "init.defaultBranch": "main",
    "submodule.recurse": "false",
}


class RepositoryError(Exception):
    """There is nothing that could be believed, or it is not available."""


class Repository:
    """A bare repository of the host's own, and what it is to be like."""

    def __init__(self, folder: Path, url: str, branch: str, scratch: Path, key: Path | None = None) -> None:
        """Take ``scratch``, a folder of this process alone, and the key for ssh where there is one."""
        self._folder, self._url, self._branch, self._scratch, self._key = folder, url, branch, scratch, key
        self._signers, self._known = scratch / "signers", scratch / "known_hosts"

    def trust(self, signers: t.Sequence[str], known_hosts: t.Sequence[str]) -> None:
        """Write down whose commits are believed, and which servers are. Raises OSError."""
        lines = [f'* namespaces="git" {" ".join(key.split()[:2])}\n' for key in signers]
        self._signers.write_text("".join(lines), encoding="ascii")
        self._known.write_text("".join(f"{line}\n" for line in known_hosts), encoding="utf-8")

    def fetch(self) -> str:
        """Return the newest commit, which may be believed. Raises RepositoryError."""
        if not (self._folder / "HEAD").exists():
            self._git("init", "--quiet", "--bare", "--template=", str(self._folder), told="make a repository")
        self._forget_locks()
        self._git(
            *("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--force"),
            *("--", self._url, f"+refs/heads/{self._branch}:{_FETCHED}"),
            told=f"fetch {self._branch} of {self._url}",
        )
        commit = self._commit(_FETCHED)
        if commit is None:
            raise RepositoryError(f"{self._branch} of {self._url} is not a commit")
        self._believe(commit)
        return commit

    def _believe(self, commit: str) -> None:
        ok, said = self._asked("verify-commit", commit)
        if not ok:
            raise RepositoryError(
                f"{commit[:12]} of {self._branch} is not trusted: none of pbx_pull_signers has signed it"
                + (f" (git said: {said})" if said else "")
            )
        before = self._commit(_BELIEVED)
        if before is not None and not self._asked("merge-base", "--is-ancestor", before, commit)[0]:
            raise RepositoryError(
                f"{commit[:12]} of {self._branch} does not come after {before[:12]}, which was trusted"
                " before: somebody has gone back or rewritten history. Commit on top of that one, or"
                f" remove {self._folder} to begin again"
            )
        self._git("update-ref", _BELIEVED, commit, told="note what is believed")

    def check_out(self, commit: str, place: Path) -> None:
        """Write a commit out into a folder, in the place of what is there. Raises RepositoryError, OSError.

        It is made again: what was left there in the middle of something says nothing.
        """
        if place.exists():
            shutil.rmtree(place)
        self._git("worktree", "prune", "--expire=now", told="forget the former files")
        self._git(
            *("worktree", "add", "--quiet", "--force", "--detach", str(place), commit),
            told=f"write out {commit[:12]}",
        )

    def _commit(self, ref: str) -> str | None:
        found, said = self._asked("rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
        return said if found else None

    def _forget_locks(self) -> None:
        """Remove the locks of a process that was killed: systemd runs one at a time."""
        for lock in (*self._folder.glob("*.lock"), *(self._folder / "refs").rglob("*.lock")):
            with contextlib.suppress(FileNotFoundError):
                lock.unlink()

    def _git(self, *words: str, told: str) -> None:
        ok, said = self._asked(*words)
        if not ok:
            raise RepositoryError(f"git cannot {told}: {said or 'it does not say why'}")

    def _asked(self, *words: str) -> tuple[bool, str]:
        """Run git; return whether it is content, and what it has said."""
        settings = {**_SETTINGS, "gpg.ssh.allowedSignersFile": str(self._signers)}
        options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
        folder = [] if words[0] == "init" else [f"--git-dir={self._folder}"]
        try:
            done = subprocess.run(
                ["git", *options, *folder, *words],
                env=self._environment(),
                cwd=self._scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=_TIMEOUT,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, f"it took longer than {_TIMEOUT:.0f} s"
        except OSError as error:
            raise RepositoryError(f"git cannot be run: {error.strerror}") from error
        text = "; ".join(done.stdout.decode("utf-8", "replace").splitlines())
        return done.returncode == 0, clean(text)[:_MOST_SAID]

    def _environment(self) -> dict[str, str]:
        ssh = [
            *("ssh", "-F", "/dev/null", "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes"),
            *("-o", f"UserKnownHostsFile={self._known}", "-o", "GlobalKnownHostsFile=/dev/null"),
            *("-o", "ConnectTimeout=30", "-o", "IdentityAgent=none", "-o", "IdentitiesOnly=yes"),
            *(("-i", str(self._key)) if self._key else ()),
        ]
        return {
            **{name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self._scratch),
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_TERMINAL_PROMPT": "0",
            # No protocol in clear, and none that runs a program (ext).
            "GIT_ALLOW_PROTOCOL": "https:ssh:file",
            "GIT_SSH_COMMAND": shlex.join(ssh),
        }
