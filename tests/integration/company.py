# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A small company with lines to the outside world: its directory, telephones, and who is at the far ends."""

from __future__ import annotations

import array
import base64
import io
import json
import re
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from phones import sound as phone_sound
from phones.exchange import Line, Room
from phones.phone import phones_addresses
from phones.sip import md5

from .fleet import Host

#: The far end of each trunk: which of the phones' addresses, and the port.
FAR_ENDS = {"Telco": (5, 7001), "Backup": (6, 7002), "Registered": (7, 7003)}
#: What each voice sounds like, in Hertz.
TONES = {"1001": 400, "1002": 600, "1003": 850, "Telco": 1200, "Backup": 1700, "Registered": 2400}

#: The one of the hosts' directory in other tests: to let go of a port, Asterisk has to be restarted.
PORTS = [{"name": "Masa telefonları"}]
RECORDINGS = "/var/spool/voiceops/recordings"
#: Longest wait for something that Asterisk does on its own account.
DEADLINE = 15.0
#: Longest wait until all of the company is there. Asterisk registers within 10 s by chance
#: (max_random_initial_delay), and asks a trunk each 30 s whether it is there.
PLUGGED_IN = 60.0


def password(number: str) -> str:
    return f"a-strong-horse-{int(number) * 7919}"


#: What a phone authenticates as, where that is not its number.
USERNAMES = {"1003": "workshop.7f3a"}


def credentials(number: str) -> dict[str, str]:
    """Return the options by which an extension of the company lets its phone in.

    Who has another user name than its number has been moved in by its digest.
    """
    if number not in USERNAMES:
        return {"password": password(number)}
    digest = md5(f"{USERNAMES[number]}:asterisk:{password(number)}")
    return {"username": USERNAMES[number], "password_digest": digest}


def directory() -> dict[str, Any]:
    """Return the variables of the role."""
    here = phones_addresses()
    telco, backup, registered = (
        {"name": name, "host": here[which], "port": port} for name, (which, port) in FAR_ENDS.items()
    )
    people: list[dict[str, Any]] = [
        {
            "number": "1001",
            "name": "Ayşe Yılmaz",
            "groups": ["Office"],
            "outbound_profile": "National",
            "outbound_caller_id": "+902121112201",
        },
        {
            "number": "1002",
            "name": "Recorded",
            "groups": ["Office"],
            "outbound_profile": "National",
            "record": True,
        },
        {"number": "1003", "name": "Workshop", "groups": ["Workshop"], "callable_groups": ["Office"]},
        {"number": "1004", "name": "No phone here", "groups": ["Workshop"], "forward_to": "1001"},
    ]
    return {
        "pbx_connection_ports": PORTS,
        "pbx_extension_groups": [{"name": "Office"}, {"name": "Workshop"}],
        "pbx_emergency_numbers": ["112"],
        "pbx_trunks": [
            {
                **telco,
                "caller_id": "+902121110000",
                "inbound_numbers": [
                    {"number": "+902121112201", "extension": "1001"},
                    {"number": "+902121112202", "extension": "1002"},
                    {"number": "*", "extension": "1003"},
                ],
            },
            {**backup, "caller_id": "+902129990000", "emergency": False},
            {
                **registered,
                "register": True,
                "username": "902125550000",
                "password": "a-strong-trunk-7919",
                "emergency": False,
                "inbound_numbers": [{"number": "+902125550001", "extension": "1002"}],
            },
        ],
        "pbx_outbound_profiles": [
            {
                "name": "National",
                "max_concurrent_calls": 2,
                "rules": [
                    {"prefix": "00", "action": "deny"},
                    {
                        "pattern": "_0[2-5]XXXXXXXXX",
                        "trunks": ["Telco", "Backup"],
                        "strip": 1,
                        "prepend": "+90",
                    },
                    {"prefix": "9", "trunks": ["Backup"], "strip": 1, "caller_id": "+902129998877"},
                ],
            }
        ],
        "pbx_extensions": [{**credentials(person["number"]), **person} for person in people],
    }


@dataclass
class Office:
    """The company's telephones, all in one room, and what is at the other end of its lines."""

    host: Host
    room: Room
    phones: dict[str, Line]
    trunks: dict[str, Line]

    def line(self, name: str) -> Line:
        return self.phones.get(name) or self.trunks[name]

    def everybody_answers(self) -> None:
        for line in (*self.phones.values(), *self.trunks.values()):
            line.does("answer")

    def asterisk(self, command: str) -> str:
        return self.host.shell(f"asterisk -rx '{command}'")

    def endpoint(self, trunk: str) -> str:
        """The name of a trunk in Asterisk."""
        return next(
            line.split()[1].partition("/")[0]
            for line in self.asterisk("pjsip show contacts").splitlines()
            if f":{self.trunks[trunk].port}" in line
        )

    def line_contact(self) -> str:
        """Where a registering trunk's peer calls: the contact that Asterisk has registered there."""
        return next(
            str(asked["contact"])
            for asked in reversed(self.trunks["Registered"].ask("registrations"))
            if self.host.address in asked["contact"]
        )

    def calls(self) -> list[dict[str, str]]:
        """Return the call detail records, oldest first, once nobody talks any more."""
        until(lambda: "0 active channels" in self.asterisk("core show channels count"))
        script = (
            "import json, sqlite3; c = sqlite3.connect('/var/log/asterisk/master.db');"
            "c.row_factory = sqlite3.Row;"
            "print(json.dumps([dict(r) for r in c.execute('SELECT * FROM calls ORDER BY AcctId')]))"
        )
        return list(json.loads(self.host.python(script)))

    def recordings(self) -> list[Recording]:
        """Return all recordings with something in them, in the order in which they began."""
        until(lambda: "0 active channels" in self.asterisk("core show channels count"))
        found = self.host.shell(
            f"cd {RECORDINGS} && find . -name '*.wav' -size +44c | sort |"
            " while read -r f; do echo \"$f $(stat -c '%a %U:%G' $f) $(base64 -w0 $f)\"; done"
        )
        return [Recording.read(*line.split()) for line in found.splitlines()]

    def forget(self) -> None:
        """Begin with no recordings and no records."""
        self.host.shell(f"rm -rf {RECORDINGS}/2*")
        self.host.python(
            "import sqlite3; c = sqlite3.connect('/var/log/asterisk/master.db');"
            "c.execute('DELETE FROM calls'); c.commit()"
        )


@dataclass(frozen=True)
class Recording:
    """One file: whose it is, and what is heard in it."""

    path: str
    number: str
    mode: str
    owner: str
    seconds: float
    #: What is heard at its beginning and at its end.
    first: list[int]
    last: list[int]

    @classmethod
    def read(cls, path: str, mode: str, owner: str, content: str) -> Recording:
        named = re.fullmatch(r"\./\d{4}/\d\d/\d\d/\d{6}-[\d.]+-(\d+)\.wav", path)
        assert named, f"{path} is not named by date, time, unique id and number"
        with wave.open(io.BytesIO(base64.b64decode(content))) as sound:
            samples = array.array("h", sound.readframes(sound.getnframes()))
            rate = sound.getframerate()
        piece = rate * 2 // 5
        return cls(
            *(path[2:], named.group(1), mode, owner, len(samples) / rate),
            phone_sound.tones_in(samples[:piece], rate),
            phone_sound.tones_in(samples[-piece:], rate),
        )


def until(true: Any, seconds: float = DEADLINE, seen: Callable[[], object] = lambda: "") -> None:
    """Wait until something is true; ``seen`` is asked for what there is instead where it never becomes so."""
    began = time.monotonic()
    while not true():
        passed = time.monotonic() - began
        assert passed < seconds, f"not within {seconds} s: {seen()}"
        # To look costs processor time: what takes long is looked for less often.
        time.sleep(min(0.1 + passed / 20, 0.5))


@contextmanager
def open_office(host: Host) -> Iterator[Office]:
    """Make the host's directory the company's, plug everything in, and see that Asterisk sees it."""
    result = host.whole_directory(**directory())
    assert not result["failed"], result
    try:
        with Room(host.address) as room:
            trunks = {
                name: room.line(which, port=port, number=name, tone=TONES[name])
                for name, (which, port) in FAR_ENDS.items()
            }
            phones = {
                n: room.phone(n, password(n), username=USERNAMES.get(n, n), tone=TONES[n])
                for n in ("1001", "1002", "1003")
            }
            office = Office(host, room, phones, trunks)
            ids = host.python(
                "import sqlite3; c = sqlite3.connect('/var/lib/voiceops/directory.sqlite3');"
                "print(*(i for (i,) in c.execute('SELECT id FROM trunk ORDER BY register')))"
            ).split()
            for trunk in ids:
                office.asterisk(f"pjsip qualify trunk-{trunk}")
            office.asterisk(f"pjsip send register trunk-{ids[-1]}")
            there = re.compile(r"trunk-\d+/sip:.* Avail")
            until(lambda: len(there.findall(office.asterisk("pjsip show contacts"))) == len(ids), PLUGGED_IN)
            until(lambda: "Registered " in office.asterisk("pjsip show registrations"), PLUGGED_IN)
            until(
                lambda: any(host.address in r["contact"] for r in trunks["Registered"].ask("registrations")),
                PLUGGED_IN,
            )
            office.forget()
            yield office
    finally:
        # Nothing may be left that another directory would have to let go of first.
        host.whole_directory(pbx_connection_ports=PORTS)
