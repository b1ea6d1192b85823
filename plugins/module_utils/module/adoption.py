# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that looks at an Asterisk which somebody else has set up, and changes nothing.

Its answer holds the passwords of that Asterisk in one text; the action plugin takes it out of the result.

Private to this collection's modules.
"""

from __future__ import annotations

import re
import shutil
import time
import typing as t

from ..asterisk import contact, hostfile
from ..asterisk.console import Console, ConsoleError
from ..definition.problem import InvalidInputError
from ..exchange.adopted import FILES
from ..exchange.asterisk_line import folded
from ..exchange.asterisk_text import ConfigurationError, Section, read_files
from . import options, wire
from .ansible_module import end, failed, refused, start
from .host_files import HostFiles

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

#: The file in which Asterisk is told where all others are.
MAIN_FILE = "asterisk.conf"
#: A line of `database show`: the name of a section of sip.conf whose phone chan_sip knows.
_PEER = re.compile(r"/SIP/Registry/(.+?) *: .*")
_CALLS = re.compile(r"^([0-9]+) active calls?$", re.MULTILINE)


class Live(t.NamedTuple):
    """What the Asterisk that runs knows."""

    #: Each endpoint or section with which a phone is registered, and how many are.
    phones: dict[str, int]
    #: Of these the names that chan_sip knows, of which nothing is carried over.
    of_chan_sip: list[str]
    #: Of these the names of those of whose phones Asterisk forgets one when it restarts.
    connected: list[str]
    calls: int


def run() -> None:
    """Run the module."""
    module = start(options.ADOPTION)
    main = HostFiles(module.params["configuration_folder"])
    directory = directory_of(main)
    files = _files(module, main, directory)
    try:
        # Where there is no Asterisk, what is missing is said of its files.
        live = look(Console(), time.time()) if shutil.which("asterisk") else None
    except ConsoleError as error:
        raise failed(module, str(error)) from error
    # Without an inventory that is to be written, nobody needs the passwords.
    packed = wire.packed({"directory": directory, "files": files.texts}) if module.params["dest"] else ""
    text = files.texts.get("pjsip.conf", "")
    end(
        module,
        changed=False,
        packed=packed,
        directory=directory,
        is_ours=hostfile.origin(text, lambda: False) == hostfile.OURS,
        running=live is not None,
        registered=live.phones if live else {},
        of_chan_sip=live.of_chan_sip if live else [],
        connected=live.connected if live else [],
        calls=live.calls if live else 0,
    )


def look(console: Console, now: float) -> Live | None:
    """Ask the Asterisk that runs; None where none does. ``now`` is in seconds since 1970.

    Raises ConsoleError.
    """
    if console.running() is None:
        return None
    phones: dict[str, int] = {}
    connected: dict[str, None] = {}
    for each in contact.kept(console):
        name = each.endpoint or each.aor
        if each.expires_at > now:
            phones[name] = phones.get(name, 0) + 1
            if each.ends_with_its_connection:
                connected[name] = None
    lines = map(_PEER.fullmatch, console.ask("database show SIP/Registry").splitlines())
    peers = [line[1] for line in lines if line]
    for name in peers:
        phones[name] = phones.get(name, 0) + 1
    calls = _CALLS.search(console.ask("core show channels count"))
    return Live(phones, peers, list(connected), int(calls[1]) if calls else 0)


def fetched(main: HostFiles, directory: str) -> HostFiles:
    """Return the files that are read of Asterisk's directory, and its main file, which has been read.

    Which they are Asterisk's own reader says. Where it stops reading, so does this, and whoever reads the
    texts afterwards is told the same mistake.
    """
    files = main if directory == main.directory else HostFiles(directory)
    for name in FILES:
        _read(files, name)
    if files is not main:
        files.problems[:0] = main.problems
        files.texts.update({name: text for name, text in main.texts.items() if name == MAIN_FILE})
    return files


def directory_of(main: HostFiles) -> str:
    """Return where the main file says that Asterisk's other files are."""
    directory = main.directory
    for section in _read(main, MAIN_FILE):
        if folded(section.name) == "directories":
            for option in section.options:
                if folded(option.name) == "astetcdir" and option.value.startswith("/"):
                    directory = option.value
    return directory


def _read(files: HostFiles, name: str) -> t.Sequence[Section]:
    try:
        return read_files(files, name, files.directory).effective()
    except ConfigurationError:
        return ()


def _files(module: AnsibleModule, main: HostFiles, directory: str) -> HostFiles:
    """Return the files that the module needs; ends it where one of them cannot be read."""
    if not module.params["dest"]:
        files = HostFiles(directory)
        files.matching("pjsip.conf")
        return files
    files = fetched(main, directory)
    if files.problems:
        raise refused(module, InvalidInputError(files.problems), "nothing was read")
    return files
