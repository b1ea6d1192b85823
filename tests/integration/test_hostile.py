# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Names and passwords of any characters reach Asterisk, the display and the facts unchanged."""

from __future__ import annotations

import json
import random
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest
from phones.phone import Phone, where_phones_are

from .fleet import Host

HOW_MANY = 1000
#: So many of them also place a call; one takes a second.
CALLERS = 25

FRAGMENTS = [
    *"\"\\;<>$&|,()[]{}%#!?*+=@/:^~`'",
    *("${SHELL(id)}", "$[1+1]", "${EXTEN}", "\\n", '\\"', ";--", "--;", "#include x", "=>", "]:", "exten =>"),
    *("SELECT 1; --", "'; DROP TABLE extension; --", "%s%n", "../../etc", "<sip:0@evil>", "&PJSIP/1001"),
    *(
        "Ayşe",
        "İIıi",
        "محمد",
        "אבג",
        "日本語",
        "Ελένη",
        "Ñandú",
        "e\u0301",
        "👩‍👩‍👧",
        "🇹🇷",
        "\u200f",
        "\u202e",
        "ﬁ",
        "ſ",
    ),
    *("a", "Z", "0", " ", "  "),
]


def hostile(seed: int) -> tuple[str, str]:
    """Return a name and a password, the same for the same seed."""
    dice = random.Random(seed)

    def text(least: int, most: int) -> str:
        length = dice.randint(least, most)
        found = ""
        while len(found) < length:
            found += dice.choice(FRAGMENTS)
        # What Ansible itself takes for a template is nothing that a module gets to see.
        return re.sub(r"\{(?=[{%#])", "{ ", found)[:most]

    # A password of fragments alone could be a weak one by chance.
    return text(1, 80), f"horse{seed * 7919}" + text(0, 60)


def displayed(name: str) -> str:
    """Return what a telephone can show of a name."""
    return name.encode()[:79].decode("utf-8", "ignore")


def callerid(number: str, name: str) -> str:
    """Return how Asterisk writes who is calling."""
    quoted = displayed(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}" <{number}>' if quoted else f"<{number}>"


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


@pytest.mark.shown_on("asterisk22")
def test_a_thousand_hostile_names_and_passwords(directory: Host) -> None:
    host = directory
    people = {str(70000 + i): hostile(i) for i in range(HOW_MANY)}
    extensions = [{"number": n, "name": name, "password": word} for n, (name, word) in people.items()]
    wanted = {n: unicodedata.normalize("NFC", name).strip() for n, (name, _word) in people.items()}

    assert len(host.module_with_file("pbx_extension", extensions=extensions)["created"]) == HOW_MANY
    assert host.module_with_file("pbx_extension", extensions=extensions)["changed"] is False

    # The facts.
    facts = host.facts()["pbx_extensions"]
    assert {n: facts[n]["name"] for n in people} == wanted

    # Asterisk's own view, which it cuts where the escaped name is long (the rest is for the calls below).
    shown = host.shell(
        f'for n in $(seq 70000 {70000 + HOW_MANY - 1}); do asterisk -rx "pjsip show endpoint $n"'
        " | grep -a '^ callerid  '; done"
    ).splitlines()
    values = dict(zip(people, (line.partition(": ")[2] for line in shown), strict=True))
    cut = [n for n in people if values[n] != callerid(n, wanted[n])]
    assert [n for n in cut if not callerid(n, wanted[n]).startswith(values[n])] == []
    assert all(len(values[n]) > len(displayed(wanted[n])) for n in cut)

    # Every password, at a real registration. For each number that Asterisk has not seen since its start it
    # goes through all endpoints: 23 s of processor time for a thousand, 1 s where it has been told to look.
    host.shell("asterisk -rx 'module reload res_pjsip.so'")
    asked = {"server": host.address, "phones": [[n, word] for n, (_name, word) in people.items()]}
    script = Path(__file__).resolve().parent.parent / "phones" / "register_many.py"
    run = subprocess.run(
        [*where_phones_are(), "python3", script],
        check=True,
        input=json.dumps(asked),
        capture_output=True,
        text=True,
    )
    assert json.loads(run.stdout) == [200] * HOW_MANY

    # The display of the called party; the callers that Asterisk could not show whole come first.
    callers = [*cut, *people][:CALLERS]
    passwords = {n: "horse-" + "".join("abcdefghij"[int(digit)] for digit in n) for n in callers}
    passwords["1001"] = "correct-horse-1"
    changed = host.module_with_file(
        "pbx_extension", extensions=[{"number": n, "password": word} for n, word in passwords.items()]
    )
    assert not changed["failed"], changed
    with Phone("1001", passwords["1001"], host.address).on_the_desk() as display:
        for number in callers:
            assert Phone(number, passwords[number], host.address).call("1001", seconds=0) == 200
            shown_name = re.fullmatch(r'(?:"(.*)" )?<sip:(\d+)@.*', display.callers()[-1])
            assert shown_name, display.callers()[-1]
            assert shown_name[2] == number
            assert unescaped(shown_name[1] or "") == displayed(wanted[number])
