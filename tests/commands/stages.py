# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""How long each stage of `make test` takes, told at its end so that growth is seen.

    stages.py begin                 forget what was noted before
    stages.py run NAME COMMAND…     run a stage, note how long it took, and end as it ended
    stages.py tell                  the end of what each stage said that failed, the table, how busy the
                                    machine's processors were meanwhile, and what failed in a few lines

Processor time of a stage is that of the processes that it started. What runs on the hosts of the lab is
started by the lab, and counts for the machine only.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

NOTES = Path(__file__).resolve().parents[2] / "build" / "stages.jsonl"
_TICKS = os.sysconf("SC_CLK_TCK")
#: How many of its last lines are told again of a stage that has failed: stages run side by side, they say
#: much, and the end of it all is what is read first.
_LAST_LINES = 60
#: What shows a failure in a line, the best first, and how many after each belong to it: molecule breaks
#: lines. Then how many of them are told of each stage after all else, and how much of each: where only the
#: end is kept, no stage's failure hides another's.
_TELLS = (
    (re.compile(r"fatal: .*(FAILED|UNREACHABLE)"), 10),
    (re.compile(r"(FAILED|ERROR) "), 0),
    (re.compile(r".*\berror\b", re.IGNORECASE), 0),
)
_FEW_LINES, _LINE_LENGTH = 12, 300
#: Colours, and the frame that molecule draws around what ansible-playbook says.
_DECORATION = re.compile(r"\x1b\[[0-9;]*m|^[\x1b\[0-9;m ]*│[\x1b\[0-9;m ]*")


def _busy() -> float:
    """Return for how many seconds the processors of this machine have worked since it started (proc(5))."""
    whole = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0]
    fields = [int(each) for each in whole.split()[1:9]]
    user, nice, system, _idle, _waiting, irq, softirq, _stolen = fields
    return (user + nice + system + irq + softirq) / _TICKS


def _note(**what: object) -> None:
    NOTES.parent.mkdir(exist_ok=True)
    with NOTES.open("a", encoding="utf-8") as file:
        file.write(json.dumps(what) + "\n")


def _only_shown() -> bool:
    """Tell whether `make --dry-run` runs this: it runs what holds $(MAKE), and nothing else."""
    letters = os.environ.get("MAKEFLAGS", "").split(" ")[0]
    return "=" not in letters and "n" in letters


def begin() -> None:
    NOTES.unlink(missing_ok=True)
    _note(began=time.time(), busy=_busy())


def run(name: str, command: list[str]) -> int:
    began = time.monotonic()
    # A stage is one job, and its own make is not to ask for more.
    environment = {**os.environ, "MAKEFLAGS": "n" if _only_shown() else ""}
    if _only_shown():
        return subprocess.run(command, check=False, env=environment).returncode
    status = _shown_and_kept(command, environment, _said_by(name))
    used = os.times()
    _note(
        stage=name,
        status=status,
        minutes=(time.monotonic() - began) / 60,
        processor=(used.children_user + used.children_system) / 60,
    )
    return status


def _said_by(name: str) -> Path:
    return NOTES.parent / f"stage-{name}.txt"


def _shown_and_kept(command: list[str], environment: dict[str, str], path: Path) -> int:
    """Run a command, show what it says as it says it, and keep that in a file. Return how it ended."""
    path.parent.mkdir(exist_ok=True)
    with (
        path.open("wb") as file,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        ) as process,
    ):
        assert process.stdout is not None
        while said := process.stdout.read(65536):
            sys.stdout.buffer.write(said)
            sys.stdout.buffer.flush()
            file.write(said)
    return process.returncode


def tell() -> None:
    if _only_shown():
        return
    notes = [json.loads(line) for line in NOTES.read_text(encoding="utf-8").splitlines()]
    start, *stages = notes
    said = {
        each["stage"]: _said_by(each["stage"]).read_text(encoding="utf-8", errors="replace").splitlines()
        for each in stages
        if each["status"]
    }
    for stage, lines in said.items():
        print(f"----- {stage} has failed. It said in the end:", *lines[-_LAST_LINES:], "-----", sep="\n")
    print(f"{'stage':<24}{'minutes':>9}{'processor minutes':>20}")
    for each in stages:
        failed = f"   status {each['status']}" if each["status"] else ""
        print(f"{each['stage']:<24}{each['minutes']:>9.1f}{each['processor']:>20.1f}{failed}")
    whole, busy = (time.time() - start["began"]) / 60, (_busy() - start["busy"]) / 60
    print(f"{'all, with the hosts':<24}{whole:>9.1f}{busy:>20.1f}")
    for stage, lines in said.items():
        print(f"{stage} has failed:", *(f"  {line}" for line in _what_failed(lines)), sep="\n")


def _what_failed(lines: list[str]) -> list[str]:
    plain = [_DECORATION.sub("", line) for line in lines[-5000:]]
    for pattern, more in _TELLS:
        found = [at for at, line in enumerate(plain) if pattern.match(line)]
        if found:
            told = [line for at, line in enumerate(plain) if any(0 <= at - one <= more for one in found)]
            break
    else:
        told = plain[-_FEW_LINES:]
    return [line[:_LINE_LENGTH] for line in told[:_FEW_LINES]]


def main(arguments: list[str]) -> int:
    if arguments == ["begin"]:
        begin()
    elif arguments == ["tell"]:
        tell()
    elif arguments[:1] == ["run"] and len(arguments) > 2:
        return run(arguments[1], arguments[2:])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
