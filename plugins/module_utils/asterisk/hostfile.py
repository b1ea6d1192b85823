# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files of configuration that take the place of what somebody else has written, and give it back.

What stands in a file before this collection first writes it is kept as it was, once and permanently, and
comes back when the file is given up. A later run finds its own text there and keeps nothing; where it finds
what somebody has put there since, it keeps that too, beside the first.

On Debian such a file is the package's too (a conffile), and dpkg asks whose text is to stay as soon as a
newer package brings another one: an upgrade with nobody there to answer ends half done. So as long as it
is ours, what is kept is the package's file (dpkg-divert), and an upgrade replaces that.
"""

from __future__ import annotations

# This library does without Ansible, so there is no run_command.  pylint: disable=ansible-bad-function
import contextlib
import functools
import hashlib
import os
import re
import shutil
import stat
import subprocess
import typing as t
from dataclasses import dataclass

from ..host import beneath
from . import textfile

#: The author of the text in a file: this collection's, that of the package which brought the file,
#: or somebody's.
OURS, OF_A_PACKAGE, FOREIGN = "ours", "of a package", "foreign"

#: Where the files of others are kept, each with its whole path below it; readable by root alone.
KEPT = "/var/backups/voiceops-pbx"

_MARK = re.compile(r"Written by (the role )?voiceops\.asterisk\.")
#: It stands in the first lines; a text that only mentions it further below is somebody else's.
_MARKED_LINES = 5

#: What the sections of a file are counted by, where it is one whose loss would hurt.
_SECTION = re.compile(r"^\[([^\]]+)\]", re.MULTILINE)
_KINDS = frozenset(
    """
    acl aor auth contact domain_alias endpoint friend global identify outbound-publish peer phoneprov
    registration resource_list system transport user
    """.split()
)
_KIND = re.compile(r"^\s*type\s*=>?\s*([a-z_-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Wanted:
    """A file as it has to be; ``text`` is None where it has to go."""

    path: str
    text: str | None
    mode: int = 0o640
    gid: int = -1
    #: Whether its text must be shown nowhere.
    secret: bool = False


class Found(t.NamedTuple):
    """A file as it is."""

    text: str
    mode: int
    gid: int
    origin: str


#: What is kept of one file, the oldest first; None where it cannot be read as a text.
Kept = t.Sequence[t.Optional[str]]


class Step(t.NamedTuple):
    """What has to happen to one file.

    ``place`` says where its present text is kept: 1 is the first of those that are kept, 0 that it is not.
    ``give_back`` the first.
    """

    wanted: Wanted
    found: Found | None
    place: int = 0
    give_back: bool = False


def steps(wanted: t.Iterable[Wanted], found: t.Mapping[str, Found], kept: t.Mapping[str, Kept]) -> list[Step]:
    """Tell what has to happen so that all is as wanted; nothing where it is already.

    ``found`` and ``kept`` are by path. The first text of others is kept, whatever it is, and each later one
    that somebody has written. A file that has to go and holds the text of others is not ours to take away.
    """
    return [step for each in wanted if (step := _step(each, found.get(each.path), kept.get(each.path, ())))]


def _step(wanted: Wanted, found: Found | None, kept: Kept) -> Step | None:
    if wanted.text is None:
        gives_way = bool(kept) if found is None else found.origin == OURS
        return Step(wanted, found, give_back=bool(kept)) if gives_way else None
    if found is None:
        return Step(wanted, None)
    # gid -1 leaves the group as it is.
    if (found.text, found.mode) == (wanted.text, wanted.mode) and wanted.gid in (-1, found.gid):
        return None
    return Step(wanted, found, _place(found, kept))


def _place(found: Found, kept: Kept) -> int:
    """Return where to keep a text that is to be replaced, 0 where nothing is lost with it."""
    if found.origin == OURS:
        return 0
    if not kept:
        return 1
    # A package's text comes again with the package, and a file that was emptied holds nothing.
    if found.origin == OF_A_PACKAGE or not found.text.strip():
        return 0
    return (kept.index(found.text) if found.text in kept else len(kept)) + 1


def origin(text: str, pristine: t.Callable[[], bool]) -> str:
    """Tell whose text it is; ``pristine`` is asked only where it is not ours."""
    if _MARK.search("\n".join(text.splitlines()[:_MARKED_LINES])):
        return OURS
    return OF_A_PACKAGE if pristine() else FOREIGN


def described(path: str, text: str) -> str:
    """Say in a few words what somebody has written in a file, and nothing of what stands in it.

    >>> described("/etc/asterisk/pjsip.conf", "[1001]\\ntype = endpoint\\n[1001]\\ntype = auth\\n")
    '/etc/asterisk/pjsip.conf (4 lines: 1 auth, 1 endpoint)'
    """
    lines = len(text.splitlines())
    kinds = [kind if kind in _KINDS else "other" for kind in _KIND.findall(text)]
    if kinds:
        told = ", ".join(f"{kinds.count(kind)} {kind}" for kind in sorted(set(kinds)))
    else:
        sections = [name for name in _SECTION.findall(text) if name not in ("general", "globals")]
        told = f"{len(sections) or 'no'} section{'s' if len(sections) > 1 else ''}"
    return f"{path} ({lines} lines: {told})"


# --- edges -----------------------------------------------------------------------------------


def look_at(path: str) -> Found | None:
    """Return the file as it is; None where there is none. Raises OSError."""
    found = textfile.look_at(path)
    if found is None:
        return None
    text, status = found
    return Found(
        text, stat.S_IMODE(status.st_mode), status.st_gid, origin(text, lambda: is_pristine(path, text))
    )


def look_at_for(wanted: Wanted) -> Found | None:
    """Return the file as it is; None where there is none, or none that has to go. Raises OSError."""
    try:
        return look_at(wanted.path)
    except (beneath.NotOrdinaryError, IsADirectoryError):
        # Never ours, so not ours to take away: a unit that was masked is a link to /dev/null.
        if wanted.text is None:
            return None
        raise


def is_pristine(path: str, text: str) -> bool:
    """Tell whether the file is as its package has brought it; False where no package is known."""
    md5 = hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    if f" {path} {md5}" in _conffiles():
        return True
    # S.5....T.  c /etc/asterisk/pjsip.conf: one line for each file of the package that has been changed.
    owner = _told("rpm", "--query", "--file", "--queryformat=%{NAME}\n", path).strip()
    if not owner or " " in owner:
        return False
    return not any(line.endswith(f" {path}") for line in _told("rpm", "--verify", owner).splitlines())


def _conffiles() -> str:
    return _told("dpkg-query", "--show", "--showformat=${Conffiles}\n", "*asterisk*")


@functools.cache
def _told(*command: str) -> str:
    try:
        run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        return ""
    return run.stdout


def kept_at(path: str, kept: str = KEPT, place: int = 1) -> str:
    """Return where the text of others in this file is kept."""
    return kept + os.path.abspath(path) + (f".{place}" if place > 1 else "")


def look_at_kept(path: str, kept: str = KEPT) -> list[str | None]:
    """Return what is kept of this file, the oldest first. Raises OSError."""
    texts: list[str | None] = []
    while os.path.lexists(place := kept_at(path, kept, len(texts) + 1)):
        try:
            texts.append(textfile.current(place))
        except beneath.NotOrdinaryError:
            texts.append(None)
    return texts


def take(step: Step, kept: str = KEPT) -> None:
    """Carry the step out. Raises OSError."""
    path = step.wanted.path
    place = kept_at(path, kept, step.place)
    if step.place and not os.path.lexists(place):
        # In them is what was in files that not everybody could read.
        os.makedirs(kept, mode=0o700, exist_ok=True)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        _copy(path, place)
    with beneath.parent(path, make=True):
        pass
    _divert(path, kept, away=step.wanted.text is not None and os.path.lexists(kept_at(path, kept)))
    if step.wanted.text is not None:
        textfile.write(path, step.wanted.text, step.wanted.gid, step.wanted.mode)
    elif step.give_back:
        _copy(kept_at(path, kept), path)
        _forget(kept_at(path, kept), kept)
    else:
        # Its folder stays, also an empty one: other programs count on theirs, such as /usr/local/sbin.
        beneath.remove(path)


def _divert(path: str, kept: str, *, away: bool) -> None:
    """Have dpkg put its file, if it has one of this name, where it is kept; or where it belongs.

    Raises OSError.
    """
    diverted = kept_at(path, kept) in _told("dpkg-divert", "--list", f"{kept}/*").split()
    if away == diverted or (away and f" {path} " not in _conffiles()):
        return
    words = ["--divert", kept_at(path, kept), "--add"] if away else ["--remove"]
    command = ["dpkg-divert", "--quiet", "--local", "--no-rename", *words, path]
    run = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    if run.returncode != 0:
        raise OSError(0, f"{run.stderr.strip()} ({' '.join(command)})", path)


def _forget(path: str, kept: str) -> None:
    """Remove what was kept, and those of the folders it was kept in that hold nothing without it."""
    os.unlink(path)
    folder = os.path.dirname(path)
    with contextlib.suppress(OSError):
        while folder.startswith(kept):
            os.rmdir(folder)
            folder = os.path.dirname(folder)


def _copy(source: str, destination: str) -> None:
    """Copy a file, or the link in its place, with owner, mode and time, as a whole or not at all."""
    with beneath.parent(source) as (folder, name):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            with contextlib.suppress(OSError):  # another thing by now, which is looked at as a file
                target = os.readlink(name, dir_fd=folder)
                beneath.link(destination, target, status.st_uid, status.st_gid)
                return
    with beneath.opened(source) as file:
        status = os.fstat(file.fileno())
        mode = stat.S_IMODE(status.st_mode) & 0o777
        with beneath.new(destination, status.st_uid, status.st_gid, mode) as copy:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.utime(copy.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
