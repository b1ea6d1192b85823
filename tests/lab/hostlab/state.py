# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the lab has made: one folder a host, with a record that is written first.

A host's resources all have names that follow from its record, so a lab that was
killed at any moment leaves behind enough to find and remove every one of them.
`ready` is set at the very end: a record without it is of a start cut short.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TextIO

from .errors import LabError
from .processes import ProcessId, parse_stat
from .settings import FIRST_HOST, LAST_HOST, Settings
from .specs import HostSpec


@dataclass(frozen=True)
class Record:
    """One host, as noted on the disk."""

    name: str
    release: str
    bare: bool
    # The last number of its address, and of its link's name.
    index: int
    # The system trees that it stands on, the uppermost first: they stay while it is there.
    layers: tuple[str, ...]
    # Tells a process of before a reboot from one of now.
    boot_id: str
    since: float
    ready: bool = False
    virtual: bool = False

    @property
    def spec(self) -> HostSpec:
        return HostSpec(self.name, self.release, self.bare, self.virtual)


def read_record(text: str) -> Record:
    values = json.loads(text)
    return Record(**{**values, "layers": tuple(values["layers"])})


def boot_id() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


@dataclass(frozen=True)
class State:
    """The lab's records on the disk."""

    settings: Settings

    def folder(self, name: str) -> Path:
        return self.settings.hosts / name

    def records(self) -> list[Record]:
        """Every host there is, by name."""
        return [
            read_record(path.read_text(encoding="utf-8"))
            for path in sorted(self.settings.hosts.glob("*/host.json"))
        ]

    def write(self, record: Record) -> None:
        """Replaces the record in one step: a reader never sees half of it."""
        path = self.folder(record.name) / "host.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_suffix(".new")
        new.write_text(json.dumps(asdict(record), indent=2) + "\n", encoding="utf-8")
        new.rename(path)

    def add(self, spec: HostSpec, layers: Iterable[str]) -> Record:
        index = self._next_index()
        record = Record(
            *(spec.name, spec.release, spec.bare, index, tuple(layers), boot_id(), time.time()),
            virtual=spec.virtual,
        )
        self.write(record)
        return record

    def mark_ready(self, record: Record) -> Record:
        record = replace(record, ready=True, since=time.time())
        self.write(record)
        return record

    def process(self, record: Record) -> ProcessId | None:
        """The host's supervisor, as it noted itself before it became one."""
        if record.boot_id != boot_id():
            return None
        try:
            text = (self.folder(record.name) / "pid").read_text(encoding="utf-8")
        except OSError:
            return None
        return parse_stat(text)

    def alive(self, record: Record) -> bool:
        process = self.process(record)
        return process is not None and process.alive()

    def _next_index(self) -> int:
        path = self.settings.state / "last-index"
        last = int(path.read_text(encoding="ascii")) if path.exists() else LAST_HOST
        index = next_index(last, {record.index for record in self.records()})
        path.write_text(str(index), encoding="ascii")
        return index

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One lab command at a time makes or removes hosts."""
        with self._lock_file() as lock:
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield
            lock.truncate(0)

    def _lock_file(self) -> TextIO:
        """The lock, held, in the folder as it is now: `clean` deletes both while others wait."""
        while True:
            self.settings.state.mkdir(parents=True, exist_ok=True)
            # It holds a private key.
            self.settings.state.chmod(0o700)
            lock = (self.settings.state / "lock").open("a+", encoding="ascii")
            self._wait_for(lock)
            if os.fstat(lock.fileno()).st_nlink > 0:
                return lock
            lock.close()

    @staticmethod
    def _wait_for(lock: TextIO) -> None:
        waiting = False
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if not waiting:
                    lock.seek(0)
                    print(f"waiting for another lab command (pid {lock.read().strip()})", flush=True)
                waiting = True
                time.sleep(0.1)
            else:
                return


def next_index(last: int, taken: set[int]) -> int:
    """The next free number, starting after the last one that was given out.

    A number is used again as late as possible: ssh keeps connections to an address
    open for a minute, and one to a host that is gone must not meet its successor.
    """
    count = LAST_HOST - FIRST_HOST + 1
    for step in range(1, count + 1):
        index = FIRST_HOST + (last - FIRST_HOST + step) % count
        if index not in taken:
            return index
    raise LabError(f"the lab is full: {count} hosts are up")


def layers_in_use(settings: Settings) -> dict[str, set[Path]]:
    """The layers under the hosts of all labs in this state folder, by lab and host."""
    found = {}
    for path in sorted(settings.state_root.glob("[0-9]*/hosts/*/host.json")):
        record = read_record(path.read_text(encoding="utf-8"))
        found[f"{path.parents[2].name}/{record.name}"] = {settings.cache / layer for layer in record.layers}
    return found
