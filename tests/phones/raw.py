# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sends datagrams as they are, and tells what comes back.

Reads from standard input {"server": address, "address": ours, "messages": [text, ...]}, a character for each
byte. In a text `{server}`, `{ours}` (address and port) and `{id}` (of this message alone) are filled in.
With "number" and "password" a challenge is answered once; with "tcp_port" each message is sent by a
connection of its own. Prints as JSON for each message the answers to it, but for provisional ones; with
"rounds" it sends all messages in turn so many times, and prints for each the median time until it was
answered, in milliseconds. Runs where the phones are.
"""

from __future__ import annotations

import hashlib
import json
import re
import socket
import statistics
import sys
import time
import typing as t

#: How long an answer may take, in seconds; none at all is an answer too.
PATIENCE = 0.4


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()  # noqa: S324 - what SIP digest is made of


class Sender:
    """One UDP socket at one of our addresses, or a connection for each message."""

    def __init__(
        self, server: str, address: str, number: str = "", password: str = "", tcp_port: int = 0
    ) -> None:
        self.number, self.password, self.server = number, password, server
        self.address, self.tcp_port = address, tcp_port
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        if not tcp_port:
            self.socket.bind((address, 0))
            self.socket.connect((server, 5060))
        self._know_ours()

    def _know_ours(self) -> None:
        self.ours = "{}:{}".format(*self.socket.getsockname()[:2])

    def _connect(self) -> bool:
        """Connect again; return whether anybody is there."""
        self.socket.close()
        try:
            self.socket = socket.create_connection((self.server, self.tcp_port), 5, (self.address, 0))
        except OSError:
            return False
        self._know_ours()
        return True

    def send(self, text: str, place: int) -> list[str]:
        """Send a message; return the final answers to it."""
        if self.tcp_port and not self._connect():
            return []
        filled = (
            text.replace("{server}", self.server).replace("{ours}", self.ours).replace("{id}", f"raw-{place}")
        )
        answers = self._answers(filled)
        challenges = [
            given for answer in answers if (given := re.findall(r'(realm|nonce)="([^"]*)"', answer))
        ]
        if not self.password or not challenges:
            return answers
        return self._answers(self._with_password(filled, dict(challenges[0])))

    def _with_password(self, text: str, given: t.Mapping[str, str]) -> str:
        method, uri, *_rest = text.split()
        ha1 = md5(f"{self.number}:{given['realm']}:{self.password}")
        response = md5(f"{ha1}:{given['nonce']}:00000001:a:auth:{md5(f'{method}:{uri}')}")
        head, blank, body = text.partition("\r\n\r\n")
        head = re.sub(r"(?m)^CSeq: 1 ", "CSeq: 2 ", head).replace("branch=z9hG4bK", "branch=z9hG4bK2", 1)
        return (
            f'{head}\r\nAuthorization: Digest username="{self.number}", realm="{given["realm"]}",'
            f' nonce="{given["nonce"]}", uri="{uri}", response="{response}", qop=auth, nc=00000001,'
            f' cnonce="a", algorithm=MD5{blank}{body}'
        )

    def _answers(self, text: str) -> list[str]:
        self.socket.sendall(text.encode("latin-1"))
        answers: list[str] = []
        give_up = time.monotonic() + PATIENCE
        while (left := give_up - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                answer = self.socket.recv(65535).decode("latin-1")
            except OSError:
                break
            if re.match(r"SIP/2.0 [2-6]", answer):
                answers.append(answer)
                break
        return answers


def medians(sender: Sender, messages: t.Sequence[str], rounds: int) -> list[float]:
    """Send each message so many times, in turn; return the median times to an answer, in milliseconds."""
    took: list[list[float]] = [[] for _message in messages]
    for turn in range(rounds):
        for place, message in enumerate(messages):
            began = time.perf_counter()
            assert sender.send(message, turn * len(messages) + place), message
            took[place].append((time.perf_counter() - began) * 1000)
    return [statistics.median(times) for times in took]


def main() -> None:
    given = json.load(sys.stdin)
    messages = given.pop("messages")
    rounds = given.pop("rounds", 0)
    sender = Sender(**given)
    if rounds:
        print(json.dumps(medians(sender, messages, rounds)))
        return
    print(json.dumps([sender.send(message, place) for place, message in enumerate(messages)]))


if __name__ == "__main__":
    main()
