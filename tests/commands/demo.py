# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Rolls the example inventory out to two real hosts, and uses their telephones.

Run by `make demo`. The hosts stay up afterwards to look around; `tests/lab/lab down` removes them.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
LAB = "tests/lab/lab"
INVENTORY = Path("playbooks/inventory")
VAULT = ["--vault-password-file", str(INVENTORY / "demo-vault-password.txt")]
HOSTS = {"pbx-istanbul": "forky", "pbx-ankara": "bullseye"}

# `make` has done both already; this is for calls of the script itself.
os.environ["PATH"] = f"{REPOSITORY / '.venv' / 'bin'}:{os.environ['PATH']}"
os.environ["ANSIBLE_CONFIG"] = str(REPOSITORY / "ansible.cfg")
sys.path.insert(0, str(REPOSITORY / "tests"))
from phones.phone import Phone  # noqa: E402 - only here its place is known


def step(text: str) -> None:
    print(f"\n=== {text}", flush=True)


def run(*command: str) -> None:
    print("$ " + " ".join(command), flush=True)
    subprocess.run(command, check=True, cwd=REPOSITORY)


def output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=REPOSITORY).stdout.strip()


def phones(host: str, address: str) -> dict[str, Phone]:
    """One phone for every extension that has a password, as somebody would have set it up by hand."""
    variables = json.loads(output("ansible-inventory", "-i", str(INVENTORY), *VAULT, "--host", host))
    passwords = variables["vault_pbx_passwords"]
    return {number: Phone(number, password, address) for number, password in passwords.items()}


def expect(what: str, status: int, wanted: int) -> None:
    print(f"  {what}: {status}")
    if status != wanted:
        sys.exit(f"error: {what}: expected {wanted}, got {status}")


def main() -> None:
    started = time.monotonic()
    step("Two hosts, one with Asterisk 22 and one with Asterisk 16")
    run(LAB, "up", *(f"{host}={release}" for host, release in HOSTS.items()))
    inventories = ["-i", str(INVENTORY), "-i", output(LAB, "inventory")]
    addresses = {host["name"]: host["address"] for host in json.loads(output(LAB, "list", "--json"))}

    step("The example inventory becomes their configuration")
    limit = ["--limit", ",".join(HOSTS)]
    run("ansible-playbook", *inventories, *VAULT, *limit, "playbooks/site.yml")

    with contextlib.ExitStack() as desks:
        for host in HOSTS:
            step(f"Phones of {host}")
            mine = phones(host, addresses[host])
            displays = {}
            for number, phone in mine.items():
                displays[number] = desks.enter_context(phone.on_the_desk())
                print(f"  {number} is registered")
            caller, callee = list(mine)[:2]
            impostor = Phone(caller, "not-the-password", addresses[host])
            expect(f"somebody registers as {caller} with a wrong password", impostor.register(), 401)
            expect(f"{caller} calls {callee}", mine[caller].call(callee), 200)
            print(f"  {callee}'s display shows {displays[callee].callers()[-1].split(';')[0]}")

        step("Registered extensions")
        run("ansible-playbook", *inventories, *VAULT, *limit, "playbooks/status.yml")
    print(f"\nThe demo took {time.monotonic() - started:.0f} s. The hosts are still up:")
    print("  tests/lab/lab ssh pbx-istanbul        look around")
    print("  tests/lab/lab down                    remove them")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"error: {error.cmd[0]} ended with {error.returncode}; see above")
