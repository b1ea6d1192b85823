# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Listens to every recording: how long it is, and which tones are heard in each of its seconds.

Runs on the host, with the folder of recordings as its argument; prints {path: [seconds, tones …]}.
"""

from __future__ import annotations

import array
import json
import os
import sys
import wave

sys.path.insert(0, "/opt")
from load_proof.sound import tones_in  # type: ignore[import-not-found]

#: What is listened to in the middle of each second, in seconds: enough to tell the tones apart.
PIECE = 0.1


def listen(path: str) -> list[object]:
    with wave.open(path) as sound:
        rate = sound.getframerate()
        samples = array.array("h", sound.readframes(sound.getnframes()))
    size = int(PIECE * rate)
    starts = range(rate // 2, len(samples) - size, rate)
    return [len(samples) / rate, [tones_in(samples[at : at + size], rate) for at in starts]]


def main() -> None:
    folder = sys.argv[1]
    found = {}
    for where, _folders, names in os.walk(folder):
        for name in names:
            if name.endswith(".wav"):
                path = os.path.join(where, name)
                found[os.path.relpath(path, folder)] = listen(path)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
