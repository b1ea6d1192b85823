# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sends sound that nobody has asked for to ports of a telephone system, and tells what comes back.

Reads from standard input {"server": address, "address": ours, "ports": [number, ...], "tone": Hertz,
"seconds": number}. Prints as JSON the tones that it has heard in the second half of its time. Runs where the
phones are.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import sys
import time

from .sound import LINEAR, PACKET_SAMPLES, PACKET_SECONDS, PCMA, SAMPLES_PER_SECOND, tone, tones_in


def main() -> None:
    given = json.load(sys.stdin)
    sound, heard = tone(given["tone"]), bytearray()
    selector = selectors.DefaultSelector()
    sockets = []
    for port in given["ports"]:
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((given["address"], 0))
        selector.register(one, selectors.EVENT_READ)
        sockets.append((one, port))
    began = due = time.monotonic()
    for tick in range(int(given["seconds"] / PACKET_SECONDS)):
        at = tick * PACKET_SAMPLES % SAMPLES_PER_SECOND
        for one, port in sockets:
            header = struct.pack("!BBHII", 0x80, PCMA, tick & 0xFFFF, tick * PACKET_SAMPLES, port)
            one.sendto(header + sound[at : at + PACKET_SAMPLES], (given["server"], port))
        due += PACKET_SECONDS
        while (left := due - time.monotonic()) > 0:
            for key, _events in selector.select(left):
                packet = key.fileobj.recv(2048)  # type: ignore[union-attr]
                is_late = time.monotonic() - began > given["seconds"] / 2
                if is_late and len(packet) > 12 and packet[1] & 0x7F == PCMA:
                    heard += packet[12:]
    print(json.dumps(tones_in([LINEAR[code] for code in heard])))


if __name__ == "__main__":
    main()
