# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Puts ports and trunks into force: writes their text, has Asterisk read it, and looks whether it did.

Asterisk answers every reload with success, also where it has refused an object
(res/res_pjsip.c, reload_module). So each object is read back; where one is not what was written,
the text that was there before is put back and read again.
"""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import time
import typing as t
from dataclasses import dataclass

from ..database.store import Store
from ..definition.problem import DirectoryError
from ..definition.protocol import WEBSOCKETS
from ..host import beneath, listener
from ..planning.plan import Directory, Plan
from . import sorcery_cache, textfile, transport, trunk
from .console import Console, ConsoleError, Start, Table
from .section import Section

#: Where the role has Asterisk write what it complains of.
LOG_FILE = "/var/log/asterisk/messages.log"

#: All that is written for ports and trunks, in the folder of the configuration.
FILES = (transport.FILE, transport.HTTP_FILE, trunk.FILE)

#: The secret in a transport's name.
_MARK = re.compile(r"(port-\d+)-[0-9a-f]{32}")

#: Ports by name, with their identifiers: another one may have got the name since.
Held = dict[str, int]


class RefusedError(DirectoryError):
    """Asterisk did not take what was written; what was there before is in force again."""


def texts(directory: Directory) -> dict[str, str]:
    """Return the text of each file, by its name."""
    ports = directory.ports.values()
    return {
        transport.FILE: transport.render(ports),
        transport.HTTP_FILE: transport.render_http(ports),
        trunk.FILE: trunk.render(directory.trunks.values(), directory.ports, directory.media_timeouts),
    }


def held_on_to(plan: Plan) -> Held:
    """Return the ports that a running Asterisk holds on to until it restarts."""
    changed = [was for was, becomes in plan.ports.change if was.read_at_start != becomes.read_at_start]
    renamed = {was.name for was, _becomes in plan.renamed_ports()}
    deleted = [port for port in plan.ports.delete if port.name not in renamed]
    # The HTTP server lets go of its ports at once.
    return {port.name: port.id for port in (*deleted, *changed) if port.protocol not in WEBSOCKETS}


class Outcome(t.NamedTuple):
    """What became of the configuration."""

    #: Whether a file was written or Asterisk restarted.
    changed: bool
    #: Why Asterisk has to be restarted still.
    restart_due: tuple[str, ...] = ()
    #: Whether Asterisk was restarted.
    restarted: bool = False


class _Change(t.NamedTuple):
    """What is to be taken by Asterisk."""

    directory: Directory
    plan: Plan
    held: Held
    #: Whether an Asterisk runs that is to take it.
    running: bool
    restart: bool


@dataclass
class Configuration:
    """The folder of Asterisk's configuration on this host. ``gid`` is Asterisk's group."""

    folder: str
    gid: int
    console: Console
    #: Files that Asterisk reads only when it starts.
    read_at_start: t.Sequence[str] = ()
    #: Those that are not written yet because this is check mode.
    to_be_written: t.Container[str] = ()
    #: Whether Asterisk may be restarted where that is due.
    may_restart: bool = False
    #: What the option is called that lets it be.
    restart_option: str = "restart"
    log_file: str = LOG_FILE

    def outdated(self, directory: Directory) -> dict[str, str]:
        """Return the texts that the files do not hold. Raises OSError."""
        return {
            name: text
            for name, text in texts(directory).items()
            if textfile.current(self._path(name)) != text
        }

    def put_in_force(self, notes: Store, directory: Directory, plan: Plan) -> Outcome:
        """Write what is outdated, and have Asterisk take it if it is running.

        In the open transaction of ``notes`` it is kept from run to run which ports are still held on
        to. Raises RefusedError, with everything as it was before; ConsoleError, OSError.
        """
        start = self.console.running()
        held = _held_on_to(notes, start, plan)
        due = self._restart_due(start, held, directory)
        restart = bool(due) and self.may_restart
        if (restart or start is None) and _unmarked(directory):
            notes.mark_ports()
            directory = notes.read()
        outdated = self.outdated(directory)
        if restart:
            self._set_times_right()
        if outdated:
            takes = start is not None and (restart or not self._is_of_others(notes, start, due))
            self._replace(outdated, _Change(directory, plan, held, takes, restart))
        elif restart:
            self.console.restart()
        if restart or start is None or not held:
            notes.note("held_on_to", None)
        else:
            notes.note("held_on_to", json.dumps({"start": start.identity, "ports": held}))
        return Outcome(bool(outdated) or restart, () if restart else due, restart)

    def foretell(self, notes: Store, have: Directory, plan: Plan) -> Outcome:
        """Tell what put_in_force would do, and do nothing. Raises ConsoleError, OSError."""
        start = self.console.running()
        due = self._restart_due(start, _held_on_to(notes, start, plan), have)
        restart = bool(due) and self.may_restart
        # The text of a new port or trunk is not known yet, because it has its identifier in it.
        outdated = bool(plan.ports or plan.trunks) or bool(self.outdated(have))
        outdated = outdated or (start is None and bool(_unmarked(have)))
        return Outcome(outdated or restart, () if restart else due, restart)

    def _restart_due(
        self, start: Start | None, held: t.Iterable[str], directory: Directory
    ) -> tuple[str, ...]:
        if start is None:
            return ()
        reasons = [f"it holds on to the connection port {name!r} as it was" for name in sorted(held)]
        reasons += [
            f"its connection port {name!r} does not tell yet from where a phone has registered"
            for name in _unmarked(directory)
        ]
        for path in self.read_at_start:
            with contextlib.suppress(FileNotFoundError):
                if path in self.to_be_written or os.stat(path).st_mtime_ns > start.at:
                    reasons.append(f"it has not read {path} since that was written")
        return tuple(reasons)

    def _is_of_others(self, notes: Store, start: Start, due: t.Sequence[str]) -> bool:
        """Tell whether the Asterisk that runs has been set up by others, and waits for a restart to be ours.

        A reload would have it read our pjsip.conf in place of its own, and it would know none of its phones.
        """
        if due and textfile.current(self._path(transport.FILE)) is None:
            notes.note("of_others", start.identity)
        return notes.setting("of_others") == start.identity

    def _set_times_right(self) -> None:
        """Let no file be written in the future, as one is after the clock was set back.

        Each run would find it written since the start, and restart Asterisk again.
        """
        now = time.time_ns()
        for path in self.read_at_start:
            with contextlib.suppress(FileNotFoundError):
                if os.stat(path).st_mtime_ns > now:
                    os.utime(path, ns=(now, now))

    def _replace(self, outdated: t.Mapping[str, str], change: _Change) -> None:
        """Write what is outdated, and have a running Asterisk take it, or leave all as it was before."""
        before = {name: textfile.current(self._path(name)) for name in outdated}
        mark = self._log_size()
        parted: list[str] = []
        what = "Asterisk did not take what was written"
        try:
            if change.running:
                parted += self._take_leave(change.plan)
            self._write(outdated)
            refused = self._take(outdated, change) if change.running else []
        except ConsoleError as error:
            refused = [str(error)]
        except OSError as error:
            what = "the configuration could not be written"
            refused = [str(error)]
        if not refused:
            return
        refused += self._complaints_since(mark)
        if change.held and change.running and not change.restart:
            names = ", ".join(repr(name) for name in sorted(change.held))
            cure = f"set {self.restart_option}: if_needed"
            refused.append(f"perhaps because it holds on to {names} until it restarts: {cure}")
        try:
            self._write(before)
            if change.running:
                self._read_anew(before, change.restart)
                self._register(parted)
        except (ConsoleError, OSError) as error:
            refused.append(f"and what was there before could not be put back: {error}")
        told = _MARK.sub(r"\1", "\n".join(refused))
        raise RefusedError(f"{what}, so everything is as it was before:\n{told}")

    def _take(self, outdated: t.Container[str], change: _Change) -> list[str]:
        """Have Asterisk read the files; return what it has not taken."""
        self._read_anew(outdated, change.restart)
        refused = self._refused(change.directory, outdated, {} if change.restart else change.held)
        if not refused:
            # A registration that stands goes on with the old credentials until it is refreshed.
            self._register(
                trunk.name(becomes)
                for was, becomes in change.plan.trunks.change
                if was.register and becomes.register and was.digest != becomes.digest
            )
        return refused

    def _path(self, name: str) -> str:
        return os.path.join(self.folder, name)

    def _write(self, files: t.Mapping[str, str | None]) -> None:
        for name, text in files.items():
            if text is None:
                with contextlib.suppress(FileNotFoundError):  # it was not written yet
                    beneath.remove(self._path(name))
            else:
                textfile.write(self._path(name), text, self.gid)

    def _read_anew(self, files: t.Container[str], restart: bool) -> None:
        if restart:
            self.console.restart()
            return
        if transport.HTTP_FILE in files:
            self.console.ask("module reload http")
        if transport.FILE in files or trunk.FILE in files:
            self.console.ask("module reload res_pjsip.so")
            # It empties them before it reads the file: a call may have filled them with what was before.
            for cache in sorcery_cache.CACHES:
                self.console.ask(f"sorcery memory cache expire {cache}")

    def _take_leave(self, plan: Plan) -> list[str]:
        """Unregister the trunks that are to go, and return them.

        Once its credentials are gone Asterisk cannot say goodbye any more.
        """
        ended = [was for was, becomes in plan.trunks.change if was.register and not becomes.register]
        names = [trunk.name(was) for was in (*ended, *plan.trunks.delete) if was.register]
        for name in names:
            self.console.ask(f"pjsip send unregister {name}")
        return names

    def _register(self, names: t.Iterable[str]) -> None:
        for name in names:
            self.console.ask(f"pjsip send register {name}")

    def _refused(self, directory: Directory, files: t.Container[str], held: Held) -> list[str]:
        """Return what is not in force, by the name that a user knows it by."""
        refused = []
        ports = [port for port in directory.ports.values() if held.get(port.name) != port.id]
        if transport.FILE in files:
            refused += [
                f"port {port.name!r}: {what}"
                for port in ports
                for what in self._differences([transport.section(port)])
            ]
        if transport.HTTP_FILE in files or transport.FILE in files:
            refused += [f"port {port.name!r}: {what}" for port in ports for what in listener.wrong_with(port)]
        if trunk.FILE in files:
            refused += [
                f"trunk {each.name!r}: {what}"
                for each in directory.trunks.values()
                for what in self._differences(trunk.needed(each, directory.ports, directory.media_timeouts))
            ]
        return refused

    def _differences(self, sections: t.Iterable[Section]) -> t.Iterator[str]:
        for section in sections:
            # Its answer would hold the digest.
            if section.type != "auth":
                yield from differences(section, self.console.show(section.type, section.name))

    def _log_size(self) -> int:
        try:
            return os.stat(self.log_file).st_size
        except OSError:
            return 0

    def _complaints_since(self, mark: int) -> list[str]:
        try:
            with beneath.opened(self.log_file) as log:
                log.seek(mark)
                lines = log.read(1 << 16).decode("utf-8", "replace").splitlines()
        except OSError:
            return []
        return [f"Asterisk's log: {line}" for line in lines if "ERROR" in line][:20]


def _unmarked(directory: Directory) -> list[str]:
    """Return the ports that an older release has made, by name."""
    return sorted(port.name for port in directory.ports.values() if port.id and port.lacks_mark)


def _held_on_to(notes: Store, start: Start | None, plan: Plan) -> Held:
    """Return the ports that are held on to after the plan, those from earlier runs among them."""
    if start is None:
        return {}
    noted = json.loads(notes.setting("held_on_to") or "{}")
    # Asterisk may have been started since.
    earlier = noted["ports"] if noted.get("start") == start.identity else {}
    return {**earlier, **held_on_to(plan)}


def differences(section: Section, shown: Table | None) -> t.Iterator[str]:
    """Tell what of a section Asterisk does not show; it shows an option in its own words."""
    if shown is None:
        yield f"there is no {section.type} {section.name}"
        return
    for option, value in section.options:
        words = _in_its_words(option, value)
        if words is not None and words not in shown.get(option, ()):
            yield f"{section.type} {section.name} has no {option} = {value}"


#: The options that Asterisk shows as they were written, or in a form that is known.
_READ_BACK = frozenset(
    """protocol bind cert_file priv_key_file external_media_address local_net context from_user
    outbound_auth transport contact rtp_timeout rtp_timeout_hold
    server_uri client_uri match endpoint""".split()
)


def _in_its_words(option: str, value: str) -> str | None:
    """Return how Asterisk shows the value of an option; None where that cannot be told."""
    if option not in _READ_BACK:
        return None
    if option in ("local_net", "match"):
        try:
            network = ipaddress.ip_network(value)
        except ValueError:
            return None  # the name of a host, which is shown as its addresses
        return f"{network.network_address}/{network.netmask}"
    return value
