# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""SIP as far as a phone needs it (RFC 3261): messages, dialogs, calls."""

from __future__ import annotations

import hashlib
import re
import secrets
import typing as t
from dataclasses import dataclass, field

if t.TYPE_CHECKING:
    from .line import Line


@dataclass
class Message:
    """A SIP request or response."""

    start: str
    headers: list[tuple[str, str]]
    body: str = ""

    @classmethod
    def parse(cls, data: bytes) -> Message | None:
        head, _blank, body = data.decode("utf-8", "replace").partition("\r\n\r\n")
        start, *lines = head.split("\r\n")
        if "SIP/2.0" not in start:
            return None
        pairs = (line.partition(":") for line in lines if ":" in line)
        return cls(start, [(name.strip().lower(), value.strip()) for name, _colon, value in pairs], body)

    def __getitem__(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name.lower()), "")

    @property
    def status(self) -> int:
        """The status of a response; 0 for a request."""
        return int(self.start.split()[1]) if self.start.startswith("SIP/2.0") else 0

    @property
    def method(self) -> str:
        return self["cseq"].split()[-1] if self.status else self.start.split()[0]

    @property
    def uri(self) -> str:
        return self.start.split()[1]

    @property
    def sequence(self) -> int:
        return int(self["cseq"].split()[0])


def user_of(text: str) -> str:
    """Return the user part of the first SIP URI in a header."""
    found = re.search(r"sips?:([^@>;]*)@", text)
    return found.group(1) if found else ""


def uri_of(text: str) -> str:
    found = re.search(r"<([^>]*)>", text)
    return found.group(1) if found else text.split(";", maxsplit=1)[0].strip()


def tag_of(text: str) -> str:
    found = re.search(r";tag=([^;>\s]+)", text)
    return found.group(1) if found else ""


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of


@dataclass
class Dialog:
    """One side of a SIP dialog: a call, or a subscription."""

    line: Line
    call_id: str
    local: str
    remote: str
    target: str
    local_tag: str = field(default_factory=lambda: secrets.token_hex(4))
    sequence: int = 1
    #: Final status of the request that began it; 0 = none yet.
    status: int = 0
    #: What the other side says of itself.
    ended: bool = False
    #: NOTIFY bodies of a subscription or a transfer, oldest first.
    notices: list[str] = field(default_factory=list)

    def local_header(self) -> str:
        return f"{self.local};tag={self.local_tag}"


@dataclass
class Call(Dialog):
    """A telephone call as one phone sees it."""

    incoming: bool = False
    ringing: bool = False
    #: The other side's tag while it rings.
    early_tag: str = ""
    up: bool = False
    talking: bool = True
    #: Says nothing, and reports that it is there (RTCP).
    muted: bool = False
    invite: Message | None = None
    answer: Message | None = None
    branch: str = ""
    #: Where its sound goes to.
    sound_to: tuple[str, int] | None = None
    heard: bytearray = field(default_factory=bytearray)
    up_since: float = 0.0
    #: The other party as the network says (RFC 3325), each time that it said so: name and number.
    identities: list[tuple[str, str]] = field(default_factory=list)

    def shown(self) -> dict[str, t.Any]:
        """What the phone's display shows of it."""
        first = self.invite
        return {
            "status": self.status,
            "ringing": self.ringing,
            "up": self.up,
            "ended": self.ended,
            "dialled": user_of(first.start) if first else "",
            "from": user_of(first["from"]) if first else "",
            "name": first["from"].split("<")[0].strip().strip('"') if first else "",
            "identity": user_of(first["p-asserted-identity"]) if first else "",
            "privacy": first["privacy"] if first else "",
            "to": user_of(first["to"]) if first else "",
            "speaks_with": list(self.identities[-1]) if self.identities else [],
        }

    def is_told(self, message: Message) -> None:
        """Take from a message who the other side is."""
        if identity := message["p-asserted-identity"]:
            name = identity.split("<")[0].strip().strip('"')
            self.identities.append((name, user_of(identity)))
