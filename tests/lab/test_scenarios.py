# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""SIPp's telephones tell an answer to their last request from one to a request that they have repeated."""

from __future__ import annotations

import re
import socket
import subprocess
import threading
from pathlib import Path

import pytest

SCENARIOS = Path(__file__).resolve().parents[1] / "phones" / "scenarios"
CHALLENGE = 'WWW-Authenticate: Digest realm="asterisk",nonce="{nonce}",algorithm=MD5,qop="auth"\r\n'
#: How long a telephone may take for all of it, in seconds.
PATIENCE = 20


def answer(request: str, status: str, more: str = "") -> bytes:
    """Return an answer to a request, as Asterisk would give it."""
    copied = re.findall(r"^(?:Via|From|To|Call-ID|CSeq): .*\r\n", request, re.MULTILINE)
    return f"SIP/2.0 {status}\r\n{''.join(copied)}{more}Content-Length: 0\r\n\r\n".encode()


def challenges_twice(server: socket.socket, last: str) -> None:
    """Answer the first request twice, the second time when the next is there; then that one."""
    data, phone = server.recvfrom(65_536)
    first = data.decode()
    server.sendto(answer(first, "401 Unauthorized", CHALLENGE.format(nonce="a")), phone)
    while "Authorization:" not in (second := server.recv(65_536).decode()):
        pass
    server.sendto(answer(first, "401 Unauthorized", CHALLENGE.format(nonce="b")), phone)
    server.sendto(answer(second, last, CHALLENGE.format(nonce="c") if last.startswith("401") else ""), phone)
    if second.startswith("INVITE") and last == "200 OK":
        while not (request := server.recv(65_536).decode()).startswith("BYE"):
            pass
        server.sendto(answer(request, last), phone)


@pytest.mark.parametrize("last", ["200 OK", "401 Unauthorized"])
@pytest.mark.parametrize("scenario", ["register", "call"])
def test_a_challenge_that_comes_late_is_not_taken_for_a_refusal(
    tmp_path: Path, scenario: str, last: str
) -> None:
    fields = tmp_path / "fields.csv"
    fields.write_text("SEQUENTIAL\n1001;[authentication username=1001 password=secret];1002;1001\n")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(PATIENCE)
        answering = threading.Thread(target=challenges_twice, args=(server, last))
        answering.start()
        subprocess.run(
            [
                *("sipp", f"127.0.0.1:{server.getsockname()[1]}", "-sf", str(SCENARIOS / f"{scenario}.xml")),
                *("-inf", str(fields), "-i", "127.0.0.1", "-m", "1", "-d", "1", "-nostdin", "-timeout", "3"),
                *("-trace_logs", "-log_file", str(tmp_path / "log")),
            ],
            check=False,
            stdout=subprocess.DEVNULL,
            timeout=PATIENCE,
        )
        answering.join()
    assert re.findall("final ([0-9]+)", (tmp_path / "log").read_text()) == [last[:3]]
