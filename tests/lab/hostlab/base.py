# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The system trees: layers that are built once and that many hosts share.

A host's file system is an overlay of its own folder over one of these stacks:

    asterisk host:    asterisk over base
    bare host:        packages over base, or base alone for a release without Asterisk
    virtual machine:  kernel over what a bare host stands on

`base` is what debootstrap makes, `packages` holds the downloaded packages of
Asterisk (a bare host installs them without a download), `asterisk` is their
installation, `kernel` a kernel and what starts it. A layer's folder is named after
its recipe, so a changed recipe makes a new folder and never touches one that a
running host stands on.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from . import mirror, recipes
from .errors import Interrupted, LabError
from .mounts import delete_tree
from .processes import Jobs
from .settings import Settings
from .specs import RELEASES, WITHOUT_ASTERISK, HostSpec

# Room for one release's layers, with some to spare.
BYTES_A_RELEASE = 1_500_000_000
# Less than this left after a build that failed: that was why.
BYTES_FULL = 20_000_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Layer:
    """One folder of a system tree, and the layers that it is made over."""

    release: str
    kind: str
    below: tuple[Layer, ...] = ()

    @property
    def recipe(self) -> str:
        return recipes.RECIPES[self.kind]

    @property
    def digest(self) -> str:
        text = "\n".join(
            [self.release + recipes.FORMAT, self.recipe, *(layer.digest for layer in self.below)]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:10]

    @property
    def folder(self) -> str:
        return f"{self.release}-{self.kind}-{self.digest}"


def layers_of(release: str) -> dict[str, Layer]:
    """All layers of a release by their kinds, each after those that it is made over."""
    base = Layer(release, "base")
    if release in WITHOUT_ASTERISK:
        return {"base": base, "kernel": Layer(release, "kernel", (base,))}
    packages = Layer(release, "packages", (base,))
    return {
        "base": base,
        "packages": packages,
        "asterisk": Layer(release, "asterisk", (packages, base)),
        "kernel": Layer(release, "kernel", (packages, base)),
    }


def stack(spec: HostSpec) -> tuple[Layer, ...]:
    """The layers under a host, the uppermost first."""
    layers = layers_of(spec.release)
    if spec.virtual:
        return (layers["kernel"], *layers["kernel"].below)
    # One with Asterisk does not need the packages that it came in.
    upper = layers.get("packages" if spec.bare else "asterisk")
    return (upper, layers["base"]) if upper else (layers["base"],)


def missing(settings: Settings, release: str, specs: Iterable[HostSpec]) -> list[Layer]:
    """What has to be built first for these hosts of a release, in order."""
    uppermost = [stack(spec)[0] for spec in specs]
    needed = {layer for upper in uppermost for layer in (upper, *upper.below)}
    return [
        layer
        for layer in layers_of(release).values()
        if layer in needed and not (settings.cache / layer.folder).is_dir()
    ]


def check_space(settings: Settings, releases: int) -> None:
    settings.cache.mkdir(parents=True, exist_ok=True)
    status = os.statvfs(settings.cache)
    free, needed = status.f_bavail * status.f_frsize, releases * BYTES_A_RELEASE
    if free < needed:
        raise LabError(
            f"no disk space: {settings.cache} has {free / 1e9:.1f} GB free, "
            f"{needed / 1e9:.1f} GB are needed for {releases} system tree{'s' if releases > 1 else ''}"
        )


def build(settings: Settings, jobs: Jobs, source: mirror.Mirror, layers: list[Layer], say: Say) -> None:
    """Builds a release's missing layers, one after the other."""
    mirror.check_suite(source, layers[0].release)
    for layer in layers:
        # Labs of other instances share the cache: the first one builds, the others wait.
        with (settings.cache / f"{layer.folder}.lock").open("w") as lock:
            _lock(lock.fileno(), jobs)
            if not (settings.cache / layer.folder).is_dir():
                started = time.monotonic()
                _build_one(settings, jobs, source, layer)
                say(f"{layer.release}  {layer.kind:8}  built in {time.monotonic() - started:.1f} s")


def _lock(descriptor: int, jobs: Jobs) -> None:
    while not jobs.cancelled.wait(0.05):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            continue
    raise Interrupted(0)


def _build_one(settings: Settings, jobs: Jobs, source: mirror.Mirror, layer: Layer) -> None:
    final = settings.cache / layer.folder
    partial = settings.cache / f"{layer.folder}.partial"
    # Left by a build that was interrupted.
    delete_tree(partial)
    for part in ("tree", "work", "root"):
        (partial / part).mkdir(parents=True)
    settings.logs.mkdir(parents=True, exist_ok=True)
    log = settings.logs / f"{layer.release}-{layer.kind}.log"
    environment = {
        "RELEASE": layer.release,
        "MIRROR": source.url,
        "APT_CONF": source.apt_conf,
        "PARTIAL": str(partial),
        "LOWER": ":".join(str(settings.cache / other.folder) for other in layer.below),
    }
    if source.proxy not in ("", "DIRECT"):
        # For debootstrap, which does not read apt's settings.
        environment |= {"http_proxy": source.proxy, "https_proxy": source.proxy}
    status = jobs.run_script(recipes.PROLOGUE + layer.recipe, environment, log)
    if jobs.cancelled.is_set():
        delete_tree(partial)
        raise Interrupted(0)
    if status:
        # Asked before the deletion; programs name a full disk in many ways, or not at all.
        full = shutil.disk_usage(settings.cache).free < BYTES_FULL
        delete_tree(partial)
        raise _failure(layer, log, full)
    # Complete on the disk before it gets the name that says so.
    os.sync()
    (partial / "tree").rename(final)
    delete_tree(partial)


def _failure(layer: Layer, log: Path, full: bool) -> LabError:
    text = log.read_text(encoding="utf-8", errors="replace")
    if full or os.strerror(errno.ENOSPC) in text:
        return LabError(f"no disk space while building {layer.release} {layer.kind} (log: {log})")
    mirror_words = (
        "Failed getting release file",
        "Couldn't download",
        "Failed to fetch",
        "Couldn't retrieve",
    )
    if any(words in text for words in mirror_words):
        return LabError(f"the package mirror failed while building {layer.release} {layer.kind} (log: {log})")
    last = (text.strip().splitlines() or ["no output"])[-1]
    return LabError(f"building {layer.release} {layer.kind} failed: {last} (log: {log})")


def prune(settings: Settings, in_use: set[Path]) -> None:
    """Deletes complete layers of old recipes, except those under a host of any lab."""
    current = {settings.cache / layer.folder for release in RELEASES for layer in layers_of(release).values()}
    for path in settings.cache.iterdir():
        if path.is_dir() and path.suffix != ".partial" and path not in current | in_use:
            delete_tree(path)
            (settings.cache / f"{path.name}.lock").unlink(missing_ok=True)
