# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Tarballs to build Asterisk from: those that Debian has taken from upstream, and some that are not good."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from integration.fleet import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "tests" / "lab"))

from hostlab import mirror

#: Kept from run to run, as the lab's system trees are.
FOLDER = Path("/var/cache/voiceops-source")
#: The release of Debian whose source package is taken.
RELEASE = "forky"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


@dataclass(frozen=True)
class Tarball:
    """A file, and the SHA-256 that is declared for it."""

    path: str
    sha256: str

    @classmethod
    def of(cls, path: Path) -> Tarball:
        return cls(str(path), hashlib.sha256(path.read_bytes()).hexdigest())


@dataclass(frozen=True)
class Source:
    """What a release is built from."""

    version: str
    asterisk: Tarball
    pjproject: Tarball
    #: Whether the host fetches it by the role's defaults, all but the SHA-256, which is not upstream's.
    by_default: bool = False

    def variables(self) -> dict[str, Any]:
        """Return the variables of the role."""
        if self.by_default:
            return {
                "pbx_install_method": "source",
                "pbx_source_sha256": self.asterisk.sha256,
                "pbx_source_pjproject_sha256": self.pjproject.sha256,
            }
        return {
            "pbx_install_method": "source",
            "pbx_source_version": self.version,
            "pbx_source_archive": self.asterisk.path,
            "pbx_source_sha256": self.asterisk.sha256,
            "pbx_source_pjproject_archive": self.pjproject.path,
            "pbx_source_pjproject_sha256": self.pjproject.sha256,
        }

    def with_asterisk(self, tarball: Tarball) -> Source:
        return replace(self, asterisk=tarball)


def debian() -> Source:
    """Fetch Debian's source package, unless it is here."""
    fetched = FOLDER / "fetched"
    if not (fetched / "complete").exists():
        _fetch(fetched)
    (asterisk,) = fetched.glob("asterisk_*.orig.tar.xz")
    (pjproject,) = fetched.glob("asterisk_*.orig-Xpjproject.tar.xz")
    version = re.search(r"asterisk_([\d.]+)", asterisk.name)
    assert version, asterisk
    return Source(version[1], Tarball.of(asterisk), Tarball.of(_without_bdimad(pjproject)))


def known() -> list[dict[str, str]]:
    """Return the releases that the role knows, its default first."""
    text = (REPOSITORY / "roles/pbx/vars/main/source_releases.yml").read_text(encoding="utf-8")
    releases: list[dict[str, str]] = yaml.safe_load(text)["__pbx_source_releases"]
    return releases


def as_default(source: Source) -> Source:
    """Return these sources as the release that the role builds by default."""
    version = known()[0]["version"]
    return replace(source if source.version == version else relabelled(source, version), by_default=True)


def relabelled(source: Source, version: str) -> Source:
    """Return the same sources as another release, as one with a correction would be."""
    path = FOLDER / f"asterisk-{version}-of-{source.version}.tar.gz"
    if not path.exists():
        _repack(Path(source.asterisk.path), path, {".version": lambda _text: f"{version}\n"})
    return replace(source, version=version, asterisk=Tarball.of(path), by_default=False)


def that_does_not_compile(source: Source) -> Source:
    path = FOLDER / "asterisk-that-does-not-compile.tar.gz"
    _repack(
        Path(source.asterisk.path), path, {"menuselect/strcompat.c": lambda text: text + "\nthis is not C\n"}
    )
    return source.with_asterisk(Tarball.of(path))


def cut_short(source: Source) -> Source:
    """Return a tarball of which only half has arrived, with a SHA-256 that fits."""
    path = FOLDER / "asterisk-cut-short.tar.xz"
    content = Path(source.asterisk.path).read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return source.with_asterisk(Tarball.of(path))


def _fetch(folder: Path) -> None:
    """Ask apt, with this machine's settings, for the source package of another release."""
    shutil.rmtree(folder, ignore_errors=True)
    lists = folder / "lists"
    lists.mkdir(parents=True)
    sources = folder / "sources.list"
    sources.write_text(
        f"deb-src [signed-by={KEYRING}] {mirror.find().url} {RELEASE} main\n", encoding="utf-8"
    )
    apt = [
        "apt-get",
        "-q",
        *("-o", f"Dir::Etc::SourceList={sources}", "-o", "Dir::Etc::SourceParts=-"),
        *("-o", f"Dir::State::Lists={lists}", "-o", "Acquire::Check-Valid-Until=false"),
        # Without a cache of the packages that are installed here.
        *("-o", "Dir::Cache::pkgcache=", "-o", "Dir::Cache::srcpkgcache="),
    ]
    for words in (["update"], ["source", "--download-only", "asterisk"]):
        subprocess.run([*apt, *words], check=True, cwd=folder, capture_output=True, timeout=300)
    (folder / "complete").touch()


def _without_bdimad(original: Path) -> Path:
    """Leave out the sound driver that Debian has taken out, as Debian's own patch does."""
    path = FOLDER / "pjproject.tar.gz"
    if not path.exists():
        _repack(original, path, {"pjmedia/build/Makefile": lambda text: text.replace(" bdimad_dev.o", "")})
    return path


def _repack(original: Path, path: Path, changes: dict[str, Callable[[str], str]]) -> None:
    """Write a tarball like another one, with some of its files changed."""
    missing = set(changes)
    partial = path.with_suffix(".partial")
    with tarfile.open(original) as old, tarfile.open(partial, "w:gz", compresslevel=1) as new:
        for member in old:
            content = old.extractfile(member) if member.isreg() else None
            name = member.name.partition("/")[2]
            if content and name in changes:
                missing.discard(name)
                changed = changes[name](content.read().decode()).encode()
                member.size = len(changed)
                content = io.BytesIO(changed)
            new.addfile(member, content)
    assert not missing, f"{original.name} has no {missing}"
    partial.rename(path)
