# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Sound as phones send it: G.711 A-law, of which every phone here sends a tone of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

#: One packet of sound.
PACKET_SECONDS, PACKET_SAMPLES, SAMPLES_PER_SECOND = 0.02, 160, 8000
PCMA = 8
#: What may be heard: the tones that lines send, in Hertz.
TONES = (400, 600, 850, 1200, 1700, 2400)
#: How much of the sound a tone must make up to be heard.
AUDIBLE = 0.1


def to_alaw(sample: int) -> int:
    """Code one sample of 16 bits (ITU-T G.711, 3.1)."""
    sign, magnitude = (0x80, sample) if sample >= 0 else (0, -sample - 1)
    magnitude >>= 4
    segment = max(0, magnitude.bit_length() - 4)
    code = (segment << 4) | ((magnitude >> max(0, segment - 1)) & 0x0F) if segment else magnitude
    return (code | sign) ^ 0x55


def from_alaw(code: int) -> int:
    code ^= 0x55
    segment, step = (code >> 4) & 7, code & 0x0F
    magnitude = (step << 4) + 8
    if segment:
        magnitude = (magnitude + 0x100) << (segment - 1)
    return magnitude if code & 0x80 else -magnitude


#: Every code as a sample of 16 bits.
LINEAR = [from_alaw(code) for code in range(256)]


def tone(hertz: int) -> bytes:
    """Return one second of a tone as A-law."""
    step = 2 * math.pi * hertz / SAMPLES_PER_SECOND
    return bytes(to_alaw(int(8000 * math.sin(step * n))) for n in range(SAMPLES_PER_SECOND))


def tones_in(samples: Sequence[int], rate: int = SAMPLES_PER_SECOND) -> list[int]:
    """Return the tones that a sound is made of (Goertzel's algorithm)."""
    energy = sum(sample * sample for sample in samples)
    if not energy:
        return []
    found = []
    for hertz in TONES:
        factor = 2 * math.cos(2 * math.pi * hertz / rate)
        last = before = 0.0
        for sample in samples:
            last, before = sample + factor * last - before, last
        power = last * last + before * before - factor * last * before
        if 2 * power / (len(samples) * energy) > AUDIBLE:
            found.append(hertz)
    return found
