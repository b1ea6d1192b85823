# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Phones by TCP that stay registered: each connects again whenever its connection ends, as desk phones do.

One that has ``settings``, a file of JSON with its password, reads that when a NOTIFY asks it to (check-sync),
and connects again, as a provisioned phone does.

A module for ``process.Telephones``: it reads lines of JSON, {"do": "plug", "phones": [...]} with the fields
of a StreamPhone for each, or {"do": "registered"}, and answers each with the numbers that are registered by
now, by their server. It goes when its standard input is closed. ``plugged`` is its other half.
"""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import time
import typing as t
from collections.abc import Iterator
from pathlib import Path

from .process import Telephones
from .sip import Message
from .streams import OK, StreamPhone

#: Seconds between two tries to connect, and until all have to be registered at first.
AGAIN_AFTER, DEADLINE = 0.5, 30.0


class ConnectedPhone(threading.Thread):
    """A phone that wants to be registered."""

    def __init__(self, settings: str | None = None, **options: t.Any) -> None:
        super().__init__(daemon=True)
        self.phone = StreamPhone(**options)
        self.settings = settings
        self.is_registered = False

    def run(self) -> None:
        while True:
            with contextlib.suppress(OSError):
                if self.phone.connect():
                    asked = self.phone.ask("REGISTER", f"sip:{self.phone.server}", self.phone.number)
                    self.is_registered = asked == OK
                    if self.is_registered:
                        self._stay()
                    self.phone.stream.close()
            self.is_registered = False
            time.sleep(AGAIN_AFTER)

    def _stay(self) -> None:
        """Say that it is there when it is asked, until the connection ends."""
        heard = b""
        self.phone.stream.settimeout(None)
        while more := self.phone.stream.recv(65535):
            heard += more
            while b"\r\n\r\n" in heard:
                head, _blank, heard = heard.partition(b"\r\n\r\n")
                request = Message.parse(head + b"\r\n\r\n")
                if request and not request.status:
                    self._answer(request)
                    if self.settings and request["event"].startswith("check-sync"):
                        told = json.loads(Path(self.settings).read_text(encoding="utf-8"))
                        self.phone.password = told["password"]
                        return

    def _answer(self, request: Message) -> None:
        vias = "".join(f"Via: {value}\r\n" for name, value in request.headers if name == "via")
        self.phone.stream.sendall(
            (
                f"SIP/2.0 200 OK\r\n{vias}From: {request['from']}\r\nTo: {request['to']};tag=there\r\n"
                f"Call-ID: {request['call-id']}\r\nCSeq: {request['cseq']}\r\nContent-Length: 0\r\n\r\n"
            ).encode()
        )


class Plugged:
    """Phones of this kind, as a test has them."""

    def __init__(self, telephones: Telephones) -> None:
        self._telephones = telephones

    def registered(self) -> dict[str, list[str]]:
        """Return the numbers that are registered now, by the address of their telephone system."""
        self._telephones.say({"do": "registered"})
        return dict(self._telephones.hear())


@contextlib.contextmanager
def plugged(phones: list[dict[str, t.Any]]) -> Iterator[Plugged]:
    """Have these phones registered, and keep them so during the block."""
    telephones = Telephones("phones.connected")
    try:
        telephones.say({"do": "plug", "phones": phones})
        telephones.hear()
        plugged_in = Plugged(telephones)
        give_up = time.monotonic() + DEADLINE
        while sum(map(len, plugged_in.registered().values())) < len(phones):
            assert time.monotonic() < give_up, f"registered are only {plugged_in.registered()}"
            time.sleep(AGAIN_AFTER)
        yield plugged_in
    finally:
        telephones.leave()


def main() -> None:
    phones: list[ConnectedPhone] = []
    for text in sys.stdin:
        asked = json.loads(text)
        for options in asked.get("phones", ()):
            phones.append(ConnectedPhone(**options))
            phones[-1].start()
        registered: dict[str, list[str]] = {}
        for each in phones:
            if each.is_registered:
                registered.setdefault(each.phone.server, []).append(each.phone.number)
        print(json.dumps(registered), flush=True)


if __name__ == "__main__":
    main()
