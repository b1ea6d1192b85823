# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Several hosts at once: bringing them up, taking them down."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

from . import base, inventory, kernel, mirror, network, ssh
from .errors import Interrupted, LabError
from .host import Host
from .interruption import held_off
from .mounts import delete_tree
from .processes import Jobs
from .settings import Settings
from .specs import HostSpec
from .state import Record, State, layers_in_use

T = TypeVar("T")


def say(line: str) -> None:
    print(line, flush=True)


@dataclass
class Fleet:
    """The hosts of one lab. Its methods are called with the lab's lock held."""

    settings: Settings
    state: State
    jobs: Jobs = field(default_factory=Jobs)

    def host(self, record: Record) -> Host:
        return Host(self.settings, self.state, record)

    def up(self, specs: Sequence[HostSpec]) -> None:
        self.tidy()
        records = {record.name: record for record in self.state.records()}
        wanted: list[HostSpec] = []
        for spec in specs:
            record = records.get(spec.name)
            if record is None:
                wanted.append(spec)
            elif record.spec != spec:
                raise LabError(
                    f"{spec.name} is up with {record.release} ({record.spec.kind}), "
                    f"not {spec.release} ({spec.kind}): take it down first"
                )
            else:
                say(f"{spec.name}  {spec.release}  {self.settings.address(record.index)}  is up already")
        try:
            if wanted:
                kernel.make_room(len(layers_in_use(self.settings)) + len(wanted))
                self._build(wanted)
                self._boot(wanted)
        except BaseException:
            self.jobs.cancel()
            # Also one that became ready meanwhile: on a quick machine sshd answers the
            # question that was under way as the signal came.
            made = {spec.name for spec in wanted}
            self._remove([record for record in self.state.records() if record.name in made])
            raise
        finally:
            self._settle()

    def down(self, names: Sequence[str]) -> None:
        records = {record.name: record for record in self.state.records()}
        unknown = [name for name in names if name not in records]
        chosen = [records[name] for name in names if name in records] if names else list(records.values())
        self._remove(chosen, told=True)
        self.tidy()
        self._settle()
        if unknown:
            raise LabError(f"not up: {', '.join(unknown)}")

    def clean(self) -> None:
        """Takes all down, then deletes the shared system trees and the state of every lab."""
        others = [
            host for host in layers_in_use(self.settings) if not host.startswith(f"{self.settings.instance}/")
        ]
        if others:
            raise LabError(f"another lab has hosts up: {', '.join(others)}; take them down first")
        self.down([])
        delete_tree(self.settings.cache)
        delete_tree(self.settings.state_root)
        # Unless a lab with its state elsewhere has hosts up, and its note of ip_forward here.
        if not (self.settings.run / "ip_forward").exists():
            delete_tree(self.settings.run)
        say("the system trees and the lab's state are deleted")

    def tidy(self) -> None:
        """Removes what is left of hosts that were cut short, or that ended by themselves."""
        left = [record for record in self.state.records() if not (record.ready and self.state.alive(record))]
        for record in left:
            say(f"{record.name}  {record.release}  is left over from an earlier run: removing it")
        self._remove(left)
        # A folder without a record is one whose record was never, or just, written.
        for path in self.settings.hosts.glob("*"):
            if not (path / "host.json").exists():
                delete_tree(path)

    def _build(self, specs: Iterable[HostSpec]) -> None:
        by_release: dict[str, list[HostSpec]] = {}
        for spec in specs:
            by_release.setdefault(spec.release, []).append(spec)
        missing = {
            release: layers
            for release, wanted in by_release.items()
            if (layers := base.missing(self.settings, release, wanted))
        }
        if not missing:
            return
        base.check_space(self.settings, len(missing))
        source = mirror.find()
        say(f"{' and '.join(missing)}: building the system tree{'s' if len(missing) > 1 else ''} (once)")
        self._parallel(
            missing.values(), lambda layers: base.build(self.settings, self.jobs, source, layers, say)
        )
        base.prune(self.settings, set().union(*layers_in_use(self.settings).values()))

    def _boot(self, specs: Iterable[HostSpec]) -> None:
        public_key = ssh.make_key(self.settings)
        records = [
            self.state.add(
                spec,
                [str(self.settings.cache / layer.folder) for layer in base.stack(spec)],
            )
            for spec in specs
        ]
        network.up(self.settings)
        ssh.write(self.settings, self.state.records())

        def boot(record: Record) -> None:
            started = time.monotonic()
            host = self.host(record)
            host.start(public_key)
            host.wait(self.jobs)
            self.state.mark_ready(record)
            seconds = time.monotonic() - started
            address = self.settings.address(record.index)
            say(f"{record.name}  {record.release}  {address}  answers ssh after {seconds:.1f} s")

        self._parallel(records, boot)

    def _remove(self, records: Iterable[Record], told: bool = False) -> None:
        def remove(record: Record) -> None:
            started = time.monotonic()
            self.host(record).remove()
            if told:
                say(f"{record.name}  {record.release}  is down after {time.monotonic() - started:.1f} s")

        self._parallel(records, remove)

    def _settle(self) -> None:
        """Makes the files and the network fit the hosts that are there."""
        records = [record for record in self.state.records() if record.ready]
        if not self.state.records():
            network.down(self.settings)
        ssh.write(self.settings, records)
        inventory.write(self.settings, records)

    def _parallel(self, items: Iterable[T], work: Callable[[T], None]) -> None:
        """Does all of them, then raises the failures as one."""
        todo = list(items)
        if not todo:
            return
        with ThreadPoolExecutor(len(todo)) as pool:
            try:
                # A signal in the middle of submit, or of the locks of a wait, would leave a
                # thread that nobody joins, or a lock that nobody gives back.
                with held_off() as asked_to_stop:
                    futures: list[Future[None]] = [pool.submit(work, item) for item in todo]
                    while not (asked_to_stop() or all(future.done() for future in futures)):
                        time.sleep(0.01)
            except BaseException:
                # Before the pool waits for its threads: they end soon after.
                self.jobs.cancel()
                raise
        errors = [error for future in futures if (error := future.exception())]
        told = [error for error in errors if not isinstance(error, Interrupted)]
        if len(told) > 1 and all(isinstance(error, (LabError, OSError)) for error in told):
            raise LabError("\n".join(dict.fromkeys(str(error) for error in told)))
        if told:
            raise told[0]
