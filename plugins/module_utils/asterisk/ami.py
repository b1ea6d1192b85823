# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Asterisk Manager Interface: ask one question, get the complete answer or an error.

Protocol: docs.asterisk.org, "AMI v2 Specification". A message is lines of
``Key: value`` up to an empty line; a list is a response, one event for each
entry, and a closing event that counts them.
"""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import re
import socket
import time
import typing as t

from ..host import beneath

Message = dict[str, str]

#: Where the role puts the account's secret, readable by root and Asterisk alone.
DEFAULT_SECRET_FILE = "/etc/asterisk/voiceops-ami-secret.conf"
DEFAULT_PORT = 5038
USERNAME = "voiceops"

#: Longest message that is believed, in bytes; a channel with many variables stays far below.
MESSAGE_MAX_BYTES = 1 << 20
READ_BYTES = 1 << 16
#: After how long a place is asked for again, in seconds.
_NEXT_TRY = 0.05
_NO_ANSWER = "Asterisk did not answer in time on its manager interface"
_NO_PLACE = (
    "Asterisk takes no more connections on its manager interface, because others on this host hold all those"
    " that may be open without a login. To see whose they are: ss -tnp state established '( dport = :5038 )'"
)


class AmiError(Exception):
    """Asterisk could not be asked, or did not answer completely."""


class AmiRefusedError(AmiError):
    """Asterisk has answered, and the answer is an error."""


class AsteriskStoppedError(AmiError):
    """Nothing listens: Asterisk is stopped."""


class NoSecretError(AmiError):
    """There is no file with the account's secret: this host's Asterisk has not been set up yet."""


def read_secret(path: str) -> str:
    """Return the account's secret from a file with a line ``secret = …``. Raises AmiError."""
    try:
        text = beneath.read(path).decode("utf-8", "replace")
    except OSError as error:
        kind = NoSecretError if isinstance(error, FileNotFoundError) else AmiError
        raise kind(f"AMI secret {path}: {error.strerror or error}") from error
    match = re.search(r"^secret *= *(\S+)", text, re.MULTILINE)
    if match is None:
        raise AmiError(f"AMI secret {path}: there is no line `secret = …` in it")
    return match.group(1)


class Listing(t.NamedTuple):
    """A list action: its name, the event of each entry, and the one that comes at the end.

    ``empty`` is the error by which Asterisk says that there is nothing to list.
    """

    action: str
    entry: str
    complete: str
    empty: str = ""
    #: What is sent along.
    fields: t.Mapping[str, str] = {}

    def is_empty(self, response: Message) -> bool:
        """Tell whether nothing will follow this response. Raises AmiError where it is another error."""
        if response.get("Response") == "Success":
            return False
        message = response.get("Message", "no reason given")
        if self.empty and message == self.empty:
            return True
        raise AmiError(f"AMI {self.action}: {message}")

    def check_count(self, end: Message, came: int) -> None:
        """Raise AmiError unless as many entries came as Asterisk says it sent (``ListItems``)."""
        announced = end.get("ListItems")
        if announced != str(came):
            raise AmiError(f"AMI {self.action}: {came} entries came and {announced} were announced")


class Client:
    """A logged-in connection. ``timeout`` is for the whole conversation, in seconds."""

    #: Which events Asterisk is to send: classes of ``read`` in manager.conf, with commas between them.
    events = "off"

    def __init__(self, secret: str, port: int = DEFAULT_PORT, timeout: float = 30.0) -> None:
        self.go_on_for(timeout)
        # The challenge is the zeroth.
        self._actions = -1
        while not self._connected(port):
            time.sleep(_NEXT_TRY)
            self._remaining(_NO_PLACE)
        with self._closing_on_error():
            banner = self._until(b"\r\n")
            if not banner.startswith(b"Asterisk Call Manager/"):
                raise AmiError(f"port {port} is not Asterisk's manager interface")
            # While Asterisk is stopped any user of the host can listen there: the secret is never sent.
            challenge = self.action("Challenge", AuthType="MD5").get("Challenge", "")
            key = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
            self.action("Login", AuthType="MD5", Username=USERNAME, Key=key, Events=self.events)

    def _connected(self, port: int) -> bool:
        """Connect, and tell whether there is a place: Asterisk ends a connection at once where there is none.

        It has room for 50 without a login (manager.c, authlimit), which any user of the host can take.
        """
        self._buffer = b""
        #: How much of the buffer has been read.
        self._read = 0
        try:
            self._socket = socket.create_connection(("127.0.0.1", port), self._remaining())
            self._buffer = self._socket.recv(READ_BYTES)
        except ConnectionRefusedError as error:
            raise AsteriskStoppedError(
                f"nothing listens on AMI port {port}: Asterisk is not running"
            ) from error
        except ConnectionResetError:
            pass
        except socket.timeout as error:
            self.close()
            raise AmiError(_NO_ANSWER) from error
        except OSError as error:
            raise AmiError(f"AMI port {port}: {error}") from error
        if not self._buffer:
            self.close()
        return bool(self._buffer)

    @contextlib.contextmanager
    def _closing_on_error(self) -> t.Iterator[None]:
        try:
            yield
        except BaseException:
            self.close()
            raise

    def go_on_for(self, seconds: float) -> None:
        """Begin another conversation, on the same connection, with a time of its own."""
        self._deadline = time.monotonic() + seconds

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def action(self, name: str, **fields: str) -> Message:
        """Send one action and return its response. Raises AmiError unless it is a success."""
        response = self._ask(name, fields)
        if response.get("Response") != "Success":
            raise AmiRefusedError(f"AMI {name}: {response.get('Message', 'no reason given')}")
        return response

    def list(self, action: str, entry: str, complete: str, empty: str = "") -> builtins.list[Message]:
        """Return every entry of one list; see ``Listing`` and ``lists``."""
        return self.lists([Listing(action, entry, complete, empty)])[0]

    def lists(self, listings: t.Sequence[Listing]) -> builtins.list[builtins.list[Message]]:
        """Ask for lists all at once, so that Asterisk makes one while another is read; return their entries.

        Raises AmiError where the count of one does not agree: half a list is not an answer.
        """
        entries: builtins.list[builtins.list[Message]] = [[] for _listing in listings]
        for which, entry in self._entries(listings):
            entries[which].append(entry)
        return entries

    def each(self, listing: Listing) -> t.Iterator[Message]:
        """Give the entries of a list one by one, for one that is too long to be kept.

        They count only if all have come: AmiError is raised at the end as well.
        """
        for _which, entry in self._entries([listing]):
            yield entry

    def _entries(self, listings: t.Sequence[Listing]) -> t.Iterator[tuple[int, Message]]:
        """Give each entry as it comes, with the place of its list."""
        asked = {self._send(listing.action, listing.fields): at for at, listing in enumerate(listings)}
        came = [0] * len(listings)
        begun: set[str] = set()
        unfinished = set(asked)
        while unfinished:
            message = self._message()
            action_id = message.get("ActionID", "")
            if action_id not in unfinished:
                continue
            which = asked[action_id]
            listing = listings[which]
            event = message.get("Event")
            if action_id not in begun:
                if "Response" in message:
                    begun.add(action_id)
                    if listing.is_empty(message):
                        unfinished.remove(action_id)
            elif event == listing.entry:
                came[which] += 1
                yield which, message
            elif event == listing.complete:
                listing.check_count(message, came[which])
                unfinished.remove(action_id)

    def _ask(self, name: str, fields: t.Mapping[str, str]) -> Message:
        action_id = self._send(name, fields)
        while True:
            message = self._message()
            if "Response" in message and message.get("ActionID") == action_id:
                return message

    def _send(self, name: str, fields: t.Mapping[str, str]) -> str:
        """Send one action; return the identifier that its answers will have."""
        self._actions += 1
        action_id = f"voiceops-{self._actions}"
        lines = ["Action: " + name, "ActionID: " + action_id]
        for key, value in fields.items():
            if "\r" in value or "\n" in value:
                raise ValueError(f"a line break in {key}")
            lines.append(f"{key}: {value}")
        try:
            self._socket.settimeout(self._remaining())
            self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("utf-8"))
        except OSError as error:
            raise AmiError(f"AMI {name}: {error}") from error
        return action_id

    def _remaining(self, otherwise: str = _NO_ANSWER) -> float:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise AmiError(otherwise)
        return remaining

    def _until(self, end: bytes) -> bytes:
        searched = self._read
        while True:
            at = self._buffer.find(end, searched)
            if at >= 0:
                found, self._read = self._buffer[self._read : at], at + len(end)
                return found
            # Kept is what has not been read yet; only here, for to cut it off each message takes long.
            self._buffer, self._read = self._buffer[self._read :], 0
            if len(self._buffer) > MESSAGE_MAX_BYTES:
                raise AmiError("Asterisk's manager interface sent a message without end")
            searched = max(0, len(self._buffer) - len(end))
            try:
                self._socket.settimeout(self._remaining())
                data = self._socket.recv(READ_BYTES)
            except socket.timeout:
                continue
            except OSError as error:
                raise AmiError(f"AMI: {error}") from error
            if not data:
                raise AmiError("Asterisk closed its manager interface in the middle of an answer")
            self._buffer += data

    def _message(self) -> Message:
        return read_message(self._until(b"\r\n\r\n"))


def read_message(text: bytes) -> Message:
    """Read what is before the empty line that ends a message."""
    lines = text.decode("utf-8", "replace").split("\r\n")
    return {key: value.strip() for key, _colon, value in [line.partition(":") for line in lines]}
