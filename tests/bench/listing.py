# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The least that has to be done to know who is registered: one AMI listing, read to its end.

It is what pbx_extension_facts is measured against, so it uses nothing of the collection and takes nothing
of the answer apart. Runs on the host, by its Python; prints {"seconds", "bytes", "contacts"}.
"""

from __future__ import annotations

import json
import re
import socket
import time

SECRET_FILE = "/etc/asterisk/voiceops-ami-secret.conf"
#: Longest wait for the next piece of the answer, in seconds.
TIMEOUT = 60
END = b"Event: ContactListComplete\r\n"


def listing() -> dict[str, float]:
    """Log in and read a PJSIPShowContacts; the time is from connecting to the last byte."""
    with open(SECRET_FILE, encoding="ascii") as file:
        found = re.search(r"^secret *= *(\S+)", file.read(), re.MULTILINE)
    assert found
    login = f"Action: Login\r\nUsername: voiceops\r\nSecret: {found.group(1)}\r\nEvents: off\r\n\r\n"
    began = time.perf_counter()
    pieces = []
    with socket.create_connection(("127.0.0.1", 5038), TIMEOUT) as asterisk:
        asterisk.sendall(f"{login}Action: PJSIPShowContacts\r\n\r\n".encode())
        last = b""
        while END not in last or not last.endswith(b"\r\n\r\n"):
            piece = asterisk.recv(1 << 16)
            assert piece, "Asterisk has closed its manager interface"
            pieces.append(piece)
            # The end may come in two pieces.
            last = (last + piece)[-1000:]
    seconds = time.perf_counter() - began
    answer = b"".join(pieces)
    return {"seconds": seconds, "bytes": len(answer), "contacts": answer.count(b"Event: ContactList\r\n")}


if __name__ == "__main__":
    print(json.dumps(listing()))
