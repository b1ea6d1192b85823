# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Takes upstream's newest release of Asterisk into the role: ``make source-release``.

It reads which releases of the branch upstream offers. If one is newer than those that the role knows, it
fetches it and its pjproject, compares each with the digest that upstream publishes, and writes version and
SHA-256 into the role and its documents. It writes nothing unless all of it is right. It does not check the
signature: docs/installing.md has the commands.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
#: The long-term branch that the role is made for.
BRANCH = 22
RELEASES = Path("roles/pbx/vars/main/source_releases.yml")
DEFAULTS = Path("roles/pbx/defaults/main/install.yml")
SPECS = Path("roles/pbx/meta/argument_specs.yml")
PAGE = Path("docs/installing.md")
BEGIN = "<!-- downloads: written by make source-release -->\n"
END = "<!-- end of downloads -->\n"
#: What is made of these files.
MADE_OF_THEM = ("role_readme.py", "variables_schema.py")
#: Longest wait for an answer, in seconds.
_PATIENCE = 60.0
_PIECE = 1 << 20


class SourceError(Exception):
    """Why nothing was written."""


@dataclass(frozen=True)
class Upstream:
    """Where upstream has its tarballs. Both are the defaults of the role."""

    asterisk: str = "https://downloads.asterisk.org/pub/telephony/asterisk"
    third_party: str = "https://raw.githubusercontent.com/asterisk/third-party/master/pjproject"

    def of_asterisk(self, version: str) -> str:
        return f"{self.asterisk}/asterisk-{version}.tar.gz"

    def of_pjproject(self, version: str) -> str:
        return f"{self.third_party}/{version}/pjproject-{version}.tar.bz2"


@dataclass(frozen=True)
class Release:
    """A release of Asterisk, and the pjproject that it is built with."""

    version: str
    sha256: str
    pjproject: str
    pjproject_sha256: str


def number(version: str) -> tuple[int, ...]:
    """Return a release as what it is compared by: 22.9.0 is older than 22.10.0."""
    return tuple(int(part) for part in version.split("."))


def newest(listing: str, branch: int = BRANCH) -> str:
    """Return the newest release of a branch in upstream's list; a candidate is none."""
    found = re.findall(rf'href="(?:[^"]*/)?asterisk-({branch}(?:\.[0-9]+)+)\.tar\.gz"', listing)
    if not found:
        raise SourceError(f"there is no release of Asterisk {branch} in what upstream lists")
    return max(found, key=number)


def known(repository: Path) -> list[Release]:
    """Return the releases that the role knows, the newest first."""
    text = (repository / RELEASES).read_text(encoding="utf-8")
    return [Release(**each) for each in yaml.safe_load(text)["__pbx_source_releases"]]


@contextmanager
def _answer(url: str) -> Iterator[Any]:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as answer:  # noqa: S310 - one of Upstream's
            if answer.url.partition(":")[0] != url.partition(":")[0]:
                raise SourceError(f"{url} leads to {answer.url}")
            yield answer
    except (urllib.error.URLError, OSError) as problem:
        raise SourceError(f"{url}: {problem}") from problem


def _text(url: str) -> str:
    with _answer(url) as answer:
        content: bytes = answer.read()
    return content.decode("utf-8", "replace")


def _fetch(url: str, path: Path, *kinds: str) -> list[str]:
    """Fetch a file; return its digests of these kinds."""
    digests = [hashlib.new(kind, usedforsecurity=kind != "md5") for kind in kinds]
    with _answer(url) as answer, path.open("wb") as file:
        while piece := answer.read(_PIECE):
            file.write(piece)
            for digest in digests:
                digest.update(piece)
    return [digest.hexdigest() for digest in digests]


def _published(text: str, file: str, digits: int, where: str) -> str:
    """Return the digest of a file in what md5sum or sha256sum has written."""
    found = re.search(rf"^([0-9a-f]{{{digits}}})[ *]+(?:\S*/)?{re.escape(file)}\s*$", text, re.MULTILINE)
    if not found:
        raise SourceError(f"{where} has no digest of {file}")
    return found[1]


def _member(tarball: tarfile.TarFile, name: str) -> str:
    """Return the text of a file of a tarball."""
    try:
        file = tarball.extractfile(name)
    except KeyError:
        file = None
    if file is None:
        raise SourceError(f"there is no {name} in the tarball of Asterisk")
    return file.read().decode("utf-8", "replace")


def taken(version: str, upstream: Upstream) -> Release:
    """Fetch a release and its pjproject; return what is to be written of them."""
    with tempfile.TemporaryDirectory(prefix="source-release-") as folder:
        url, path = upstream.of_asterisk(version), Path(folder, "asterisk")
        (sha256,) = _fetch(url, path, "sha256")
        where = f"{upstream.asterisk}/asterisk-{version}.sha256"
        published = _published(_text(where), f"asterisk-{version}.tar.gz", 64, where)
        if sha256 != published:
            raise SourceError(f"{url} has the SHA-256 {sha256}, and {where} says {published}")
        pjproject, md5 = _bundled(path, version)
        url = upstream.of_pjproject(pjproject)
        found, pjproject_sha256 = _fetch(url, Path(folder, "pjproject"), "md5", "sha256")
        if found != md5:
            raise SourceError(f"{url} has the MD5 {found}, and the tarball of Asterisk {version} says {md5}")
    return Release(version, sha256, pjproject, pjproject_sha256)


def _bundled(path: Path, version: str) -> tuple[str, str]:
    """Return the release of pjproject that a tarball of Asterisk wants, and its MD5."""
    folder = f"asterisk-{version}"
    try:
        with tarfile.open(path) as tarball:
            said = _member(tarball, f"{folder}/.version").strip()
            if said != version:
                raise SourceError(f"the tarball of Asterisk {version} holds {said}")
            versions = _member(tarball, f"{folder}/third-party/versions.mak")
            wanted = re.search(r"^PJPROJECT_VERSION *= *([0-9][0-9.]*)\s*$", versions, re.MULTILINE)
            if not wanted:
                raise SourceError("third-party/versions.mak names no release of pjproject")
            file = f"pjproject-{wanted[1]}.tar.bz2"
            where = f"{folder}/third-party/pjproject/{file}.md5"
            return wanted[1], _published(_member(tarball, where), file, 32, where)
    except (tarfile.TarError, EOFError, OSError) as problem:
        raise SourceError(f"the tarball of Asterisk {version} cannot be read: {problem}") from problem


def held_against(release: Release, before: list[Release]) -> None:
    """Refuse a pjproject that the role knows under the same number and that is another one: MD5 is weak."""
    for each in before:
        if each.pjproject == release.pjproject and each.pjproject_sha256 != release.pjproject_sha256:
            raise SourceError(
                f"pjproject {release.pjproject} has the SHA-256 {release.pjproject_sha256}, and had"
                f" {each.pjproject_sha256} with Asterisk {each.version}"
            )


def downloads(release: Release, upstream: Upstream) -> str:
    """Return the table of what a host fetches."""
    files = [
        (f"asterisk-{release.version}.tar.gz", f"{upstream.asterisk}/", release.sha256),
        (
            f"pjproject-{release.pjproject}.tar.bz2",
            f"{upstream.third_party}/{release.pjproject}/",
            release.pjproject_sha256,
        ),
    ]
    rows = [f"| `{name}` | `{place}` | `{sha256}` |" for name, place, sha256 in files]
    return "\n".join(["| file | from | SHA-256 |", "| --- | --- | --- |", *rows, ""])


def page(text: str, release: Release, upstream: Upstream) -> str:
    """Return the manual's page with its table as it has to be."""
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    table = f"{before}{BEGIN}\n{downloads(release, upstream)}\n{END}{after}"
    # The commands that check the signature name it too.
    return re.sub(rf"asterisk-{BRANCH}(\.[0-9]+)+(?=\.tar\.gz)", f"asterisk-{release.version}", table)


def _item(release: Release) -> str:
    return (
        f"  - version: {release.version}\n    sha256: {release.sha256}\n"
        f'    pjproject: "{release.pjproject}"\n    pjproject_sha256: {release.pjproject_sha256}\n'
    )


def written(release: Release, repository: Path, upstream: Upstream) -> dict[Path, str]:
    """Return the files that name the newest release, as they have to be with this one."""
    texts = {path: (repository / path).read_text(encoding="utf-8") for path in (RELEASES, DEFAULTS, SPECS)}
    first = "__pbx_source_releases:\n"
    texts[RELEASES] = texts[RELEASES].replace(first, first + _item(release))
    texts[DEFAULTS] = re.sub(
        r"^(pbx_source_version: ).*$", rf"\g<1>{release.version}", texts[DEFAULTS], flags=re.MULTILINE
    )
    texts[SPECS] = re.sub(
        r"(^      pbx_source_version:\n(?:        .*\n)*?        default: ).*$",
        rf"\g<1>{release.version}",
        texts[SPECS],
        flags=re.MULTILINE,
    )
    texts[PAGE] = page((repository / PAGE).read_text(encoding="utf-8"), release, upstream)
    for path, text in texts.items():
        if release.version not in text:
            raise SourceError(f"{path} has no place for the release")
    return texts


def update(repository: Path, upstream: Upstream) -> str:
    """Take what is newer into the role; return what is to be said of it."""
    before = known(repository)
    version = newest(_text(f"{upstream.asterisk}/"))
    if number(version) <= number(before[0].version):
        return f"nothing is newer: upstream has {version}, and the role builds {before[0].version}"
    release = taken(version, upstream)
    held_against(release, before)
    for path, text in written(release, repository, upstream).items():
        (repository / path).write_text(text, encoding="utf-8")
    return (
        f"the role builds Asterisk {version} with pjproject {release.pjproject}.\n"
        f"Check the signature ({PAGE}), run make source-proof, and add a changelog fragment"
    )


def main() -> int:
    """Do it for this checkout."""
    try:
        print(update(REPOSITORY, Upstream()))
    except SourceError as problem:
        print(f"{problem}. Nothing was written.", file=sys.stderr)
        return 1
    for program in MADE_OF_THEM:
        subprocess.run([sys.executable, str(Path(__file__).with_name(program))], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
