# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What `make source-release` takes of upstream and what it refuses, with upstream played here."""

from __future__ import annotations

import hashlib
import http.server
import io
import shutil
import socket
import tarfile
import threading
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.commands import source_release
from ansible_collections.voiceops.asterisk.tests.commands.source_release import SourceError, Upstream
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

REPOSITORY = FOLDER.parent
NAMED_IN = (
    source_release.RELEASES,
    source_release.DEFAULTS,
    source_release.SPECS,
    source_release.PAGE,
)
PJPROJECT = b"pjproject, as far as anybody looks into it"
NEWER = "22.98.0"


def listing(*files: str) -> str:
    """Return a folder as upstream's Apache lists it."""
    rows = [f'<tr><td><a href="{file}">{file}</a></td><td align="right">25M</td></tr>' for file in files]
    return f"<html><body><table>{''.join(rows)}</table></body></html>"


def tarball(version: str, **changes: str) -> bytes:
    """Return a tarball of Asterisk, as far as it is looked into; an empty text leaves a file out."""
    md5 = hashlib.md5(PJPROJECT, usedforsecurity=False).hexdigest()
    texts = {
        ".version": f"{version}\n",
        "third-party/versions.mak": "JANSSON_VERSION=2.15.1\nPJPROJECT_VERSION=2.99\n",
        "third-party/pjproject/pjproject-2.99.tar.bz2.md5": f"{md5}  pjproject-2.99.tar.bz2\n",
        **changes,
    }
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, text in texts.items():
            if text:
                member = tarfile.TarInfo(f"asterisk-{version}/{name}")
                member.size = len(text)
                archive.addfile(member, io.BytesIO(text.encode()))
    return file.getvalue()


def published(content: bytes, version: str) -> bytes:
    return f"{hashlib.sha256(content).hexdigest()}  asterisk-{version}.tar.gz\n".encode()


class Served:
    """What the played server has, by path, and what it was asked for."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []

    def offer(self, version: str, content: bytes | None = None) -> None:
        """Have a release as upstream has it, among others."""
        content = tarball(version) if content is None else content
        self.files |= {
            "/asterisk/": listing(
                "asterisk-20-current.tar.gz",
                "asterisk-20.99.0.tar.gz",
                f"asterisk-{version}.sha256",
                f"asterisk-{version}.tar.gz",
                f"asterisk-{version}.tar.gz.asc",
                "asterisk-22.99.0-rc1.tar.gz",
                "asterisk-22-current.tar.gz",
                "asterisk-23.5.0.tar.gz",
            ).encode(),
            f"/asterisk/asterisk-{version}.tar.gz": content,
            f"/asterisk/asterisk-{version}.sha256": published(content, version),
            "/pjproject/2.99/pjproject-2.99.tar.bz2": PJPROJECT,
        }


@pytest.fixture
def served():
    """What the server has."""
    return Served()


@pytest.fixture
def upstream(served):
    """Upstream, played on this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            served.asked.append(self.path)
            content = served.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_said):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    yield Upstream(f"{address}/asterisk", f"{address}/pjproject")
    server.shutdown()
    server.server_close()


@pytest.fixture
def repository(tmp_path):
    """The files that name the release, as they are here."""
    for path in NAMED_IN:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / path, tmp_path / path)
    return tmp_path


def texts(repository: Path) -> dict[Path, str]:
    return {path: (repository / path).read_text(encoding="utf-8") for path in NAMED_IN}


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (["22.9.0", "22.10.0"], "22.10.0"),
        (["22.10.1", "22.10.0", "22.9.3"], "22.10.1"),
        (["22.11.0-rc1", "22.10.0", "22.11.0-rc2"], "22.10.0"),
        (["22-current", "22.1.0", "23.0.0", "20.15.0"], "22.1.0"),
        (["certified-22.8-cert1", "22.8.0"], "22.8.0"),
    ],
)
def test_the_newest_release_of_the_branch_is_taken_by_its_numbers(offered, taken):
    assert source_release.newest(listing(*(f"asterisk-{each}.tar.gz" for each in offered))) == taken


def test_a_list_without_a_release_of_the_branch_is_refused():
    with pytest.raises(SourceError, match="no release of Asterisk 22"):
        source_release.newest(listing("asterisk-23.0.0.tar.gz", "asterisk-22.12.0-rc1.tar.gz"))


def test_a_newer_release_is_written_wherever_the_role_names_it(repository, served, upstream):
    served.offer(NEWER)
    before = source_release.known(repository)
    said = source_release.update(repository, upstream)
    assert f"Asterisk {NEWER} with pjproject 2.99" in said
    content = served.files[f"/asterisk/asterisk-{NEWER}.tar.gz"]
    release = source_release.Release(
        NEWER, hashlib.sha256(content).hexdigest(), "2.99", hashlib.sha256(PJPROJECT).hexdigest()
    )
    # Those from before stay known: somebody may have asked for one, or goes back to it.
    assert source_release.known(repository) == [release, *before]
    default = yaml.safe_load((repository / source_release.DEFAULTS).read_text(encoding="utf-8"))
    assert default["pbx_source_version"] == NEWER
    specs = yaml.safe_load((repository / source_release.SPECS).read_text(encoding="utf-8"))["argument_specs"]
    assert specs["main"]["options"]["pbx_source_version"]["default"] == NEWER
    page = (repository / source_release.PAGE).read_text(encoding="utf-8")
    assert all(digest in page for digest in (release.sha256, release.pjproject_sha256))
    assert f"asterisk-{before[0].version}.tar.gz" not in page
    # Nothing else is another one: what is written again is the same.
    changed = [
        line
        for path, text in texts(repository).items()
        for line in set((REPOSITORY / path).read_text(encoding="utf-8").splitlines()) - set(text.splitlines())
    ]
    assert all(before[0].version in line or before[0].pjproject in line for line in changed)
    assert "nothing is newer" in source_release.update(repository, upstream)


@pytest.mark.parametrize("offered", ["22.1.0", None])
def test_where_nothing_is_newer_nothing_else_is_fetched_or_written(repository, served, upstream, offered):
    before = texts(repository)
    newest = source_release.known(repository)[0].version
    served.offer(offered or newest)
    said = source_release.update(repository, upstream)
    assert said == f"nothing is newer: upstream has {offered or newest}, and the role builds {newest}"
    assert served.asked == ["/asterisk/"]
    assert texts(repository) == before


def spoil(served: Served, path: str, content: bytes | None) -> None:
    if content is None:
        del served.files[path]
    else:
        served.files[path] = content


TARBALL, SHA256 = f"/asterisk/asterisk-{NEWER}.tar.gz", f"/asterisk/asterisk-{NEWER}.sha256"
#: A release of which something is wrong, and what is said of it.
WRONG = {
    "another tarball than upstream says": (
        lambda served: spoil(served, TARBALL, tarball(NEWER, more="another file")),
        r"has the SHA-256 \w{64}, and .*\.sha256 says \w{64}",
    ),
    "the digest of another file": (
        lambda served: spoil(served, SHA256, published(b"", "22.97.0")),
        f"has no digest of asterisk-{NEWER}.tar.gz",
    ),
    "no digest": (lambda served: spoil(served, SHA256, None), r"\.sha256: HTTP Error 404"),
    "no tarball": (lambda served: spoil(served, TARBALL, None), r"\.tar\.gz: HTTP Error 404"),
    "another pjproject than Asterisk says": (
        lambda served: spoil(served, "/pjproject/2.99/pjproject-2.99.tar.bz2", b"another"),
        r"has the MD5 \w{32}, and the tarball of Asterisk 22.98.0 says \w{32}",
    ),
    "no pjproject": (
        lambda served: spoil(served, "/pjproject/2.99/pjproject-2.99.tar.bz2", None),
        r"pjproject-2.99.tar.bz2: HTTP Error 404",
    ),
    "a tarball that holds another release": (
        lambda served: served.offer(NEWER, tarball(NEWER, **{".version": "22.97.0\n"})),
        "holds 22.97.0",
    ),
    "a tarball that names no pjproject": (
        lambda served: served.offer(NEWER, tarball(NEWER, **{"third-party/versions.mak": "\n"})),
        "names no release of pjproject",
    ),
    "a pjproject that would be elsewhere": (
        lambda served: served.offer(
            NEWER, tarball(NEWER, **{"third-party/versions.mak": "PJPROJECT_VERSION=../../2.99\n"})
        ),
        "names no release of pjproject",
    ),
    "a tarball without the digest of pjproject": (
        lambda served: served.offer(
            NEWER, tarball(NEWER, **{"third-party/pjproject/pjproject-2.99.tar.bz2.md5": ""})
        ),
        "there is no .*pjproject-2.99.tar.bz2.md5",
    ),
    "not a tarball": (
        lambda served: served.offer(NEWER, b"<html>try again later</html>"),
        "cannot be read",
    ),
    "half a tarball": (lambda served: served.offer(NEWER, tarball(NEWER)[:90]), "cannot be read"),
    "no list": (lambda served: spoil(served, "/asterisk/", None), r"/asterisk/: HTTP Error 404"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused_and_nothing_is_written(repository, served, upstream, case):
    change, said = WRONG[case]
    served.offer(NEWER)
    change(served)
    before = texts(repository)
    with pytest.raises(SourceError, match=said):
        source_release.update(repository, upstream)
    assert texts(repository) == before


def test_a_pjproject_that_was_another_one_before_is_refused(repository, served, upstream):
    path = repository / source_release.RELEASES
    text = path.read_text(encoding="utf-8").replace(
        f'"{source_release.known(repository)[0].pjproject}"', '"2.99"'
    )
    path.write_text(text, encoding="utf-8")
    served.offer(NEWER)
    with pytest.raises(SourceError, match=r"pjproject 2\.99 has the SHA-256"):
        source_release.update(repository, upstream)
    assert path.read_text(encoding="utf-8") == text


def test_an_upstream_that_cannot_be_reached_is_named(repository):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(SourceError, match=f"^{address}/: .*refused"):
            source_release.update(repository, Upstream(address, address))


def test_the_command_says_what_is_wrong_and_fails(monkeypatch, capsys):
    def unreachable(*_arguments):
        raise SourceError("https://downloads.example: no answer")

    monkeypatch.setattr(source_release, "update", unreachable)
    assert source_release.main() == 1
    assert capsys.readouterr().err == "https://downloads.example: no answer. Nothing was written.\n"


def test_the_manual_says_what_the_role_downloads():
    page = (REPOSITORY / source_release.PAGE).read_text(encoding="utf-8")
    newest = source_release.known(REPOSITORY)[0]
    assert source_release.page(page, newest, Upstream()) == page


def test_everything_is_fetched_by_https_from_where_the_role_looks():
    upstream = Upstream()
    assert upstream.asterisk.startswith("https://")
    assert upstream.third_party.startswith("https://")
    role = yaml.safe_load((REPOSITORY / "roles/pbx/vars/main/install.yml").read_text(encoding="utf-8"))
    assert upstream.asterisk == role["__pbx_source_upstream"]
    assert upstream.third_party == role["__pbx_source_third_party"]
