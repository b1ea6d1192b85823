# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Two phones that register once and stay, whatever becomes of the telephone system.

`python -m phones.vigil FOLDER` reads what `python -m phones` reads. One phone calls the other, and
FOLDER/called appears; once FOLDER/again is there it calls again, without either having registered again. What
was heard is printed; the status is 0 if each heard the other both times.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from .exchange import Line, Room

TONES = (400, 600)
#: How long the phones wait for what happens in between, in seconds.
PATIENCE = 300.0


def talk(caller: Line, callee: Line, number: str, which: int) -> bool:
    """Call, and tell whether each hears the other; ``which`` counts the calls that have come in before."""
    call = caller.dial(number)
    if (status := call.status()) != 200:
        print(f"the call ended with {status}")
        return False
    call.is_up()
    # Long enough for a recording that is one.
    time.sleep(2)
    heard = call.hears(), callee.incoming(which).hears()
    call.hang_up()
    print(f"the caller hears {heard[0]}, the callee {heard[1]} Hz")
    return heard == ([TONES[1]], [TONES[0]])


def wait_for(mark: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not mark.exists():
        if time.monotonic() > give_up:
            raise SystemExit(f"nobody has made {mark}")
        time.sleep(0.2)


def main(folder: Path) -> int:
    told = json.load(sys.stdin)
    numbers = list(told["phones"])
    with Room(told["server"]) as room:
        caller, callee = (
            room.phone(number, told["phones"][number], tone=tone)
            for number, tone in zip(numbers, TONES, strict=True)
        )
        first = talk(caller, callee, numbers[1], 0)
        (folder / "called").touch()
        wait_for(folder / "again")
        second = talk(caller, callee, numbers[1], 1)
    return 0 if first and second else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
