# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is read of a host that somebody else has set up is what its Asterisk reads."""

from __future__ import annotations

import csv
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.adopted import adopted
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.asterisk_text import (
    ConfigurationError,
    read_configuration,
)

from .conftest import RELEASES
from .fleet import Host, booted
from .foreign import DATA, phones_of_the_host, set_up

ON_HOST = Path(__file__).parent / "on_host" / "configuration.py"
#: How many configurations are compared; half of them are such that Asterisk refuses them.
CONFIGURATIONS = 600
MANAGER = "[general]\nenabled=yes\nbindaddr=127.0.0.1\n[lab]\nsecret=lab\nread=all\nwrite=all\n"


@pytest.fixture(scope="module", params=list(RELEASES))
def foreign(request: pytest.FixtureRequest) -> Iterator[Host]:
    """A host with Debian's Asterisk and the configuration of 50 phones, on which the role never ran."""
    with booted(f"foreign-{request.param}", RELEASES[request.param], kind="") as host:
        set_up(host, {"manager.conf": MANAGER})
        yield host


def test_asterisk_has_the_phones_that_are_read_of_its_files(foreign: Host) -> None:
    """The phones that it knows, by name, and how many phones each may have."""
    files = {**phones_of_the_host(), "asterisk.conf": ""}
    extensions = [each.options for each in adopted(files).extensions]
    with (DATA / "phones.csv").open(encoding="utf-8", newline="") as file:
        assert len(extensions) == len(list(csv.DictReader(file)))

    aors = foreign.shell("asterisk -rx 'pjsip list aors'")
    found = dict(re.findall(r"Aor: +([0-9]+) +([0-9]+)", aors))
    assert found == {each["number"]: str(each["max_devices"]) for each in extensions}

    auths = foreign.shell("asterisk -rx 'pjsip list auths'")
    names = dict(re.findall(r"Auth: +([0-9]+)[^/ ]*/(\S+)", auths))
    assert names == {each["number"]: each.get("username", each["number"]) for each in extensions}

    callers = foreign.shell(
        'for number in $(seq 1001 1050); do asterisk -rx "pjsip show endpoint $number"; done |'
        " sed -n 's/^ callerid  *: //p'"
    )
    assert callers.splitlines() == [f'"{each["name"]}" <{each["number"]}>' for each in extensions]


def test_any_file_is_read_as_asterisk_reads_it(foreign: Host) -> None:
    """Templates, additions, includes and comments in any order; what it refuses is refused."""
    maker = Maker(random.Random(7))
    configurations = [maker.configuration() for _each in range(CONFIGURATIONS)]
    mine = [read(files) for files in configurations]
    # It would never come back from a section that inherits from itself.
    asked = [each for each in zip(configurations, mine) if "follows without end" not in str(each[1])]
    script = ON_HOST.read_text(encoding="utf-8")
    foreign.shell("cat > /tmp/configuration.py", script)
    theirs = json.loads(
        foreign.shell("python3 /tmp/configuration.py", json.dumps([files for files, _found in asked]))
    )
    differing = [
        (files, found, there)
        for (files, found), there in zip(asked, theirs)
        # A file that is included may be wrong without Asterisk giving up the one that includes it.
        if isinstance(found, list) and found != (there or [])
    ]
    assert not differing[:1]
    assert sum(bool(there) for there in theirs) > CONFIGURATIONS / 3
    assert not [
        found for (_files, found), there in zip(asked, theirs) if "asked/main.conf" in str(found) and there
    ]


def read(files: dict[str, str]) -> Any:
    """Return the sections as the script on the host prints them, or why they are refused."""
    try:
        found = read_configuration({f"asked/{name}": text for name, text in files.items()}, "asked/main.conf")
    except ConfigurationError as error:
        return str(error)
    return [[s.name, s.is_template, [f"{o.name}={o.value}" for o in s.options]] for s in found.sections]


class Maker:
    """Makes configurations in which little is as it should be, by chance."""

    NAMES = ("a", "b", "A", "t u", "c")
    PARTS = (
        *("!", "+", "a", "b", "c", "A", " a", "", "+x", "+type=a", "+type=^a$", "+x=1", "+type=a&x=2"),
        *("+TEMPLATES=include", "+TEMPLATES=restrict", "+TEMPLATES=include&type=b", "+y=1|2", "+y='1'"),
    )
    LETTERS = ("1", "2", "a", " ", r"\;", ";", ";--", "--;", ";---", "-", "\\", "=", "=>", "+", '"', "[", "é")
    DIRECTIVES = (
        *(
            "#include asked/b.conf",
            "#tryinclude asked/c.conf",
            "#include asked/d/*.conf",
            "#tryinclude none.conf",
        ),
        *('#include "asked/b.conf"', "#tryinclude <asked/{b,c}.conf>", "#TryInclude asked/d/?.conf", "#foo"),
    )
    ODD = (";--", "--;", ";", "; x", "", "   ", ";-- x --;", "\\[x=1", "\\x=2", "\\=3")
    BEGINNINGS = (
        "[a](!)\ntype=a\n[b]\ntype=b\nx=1\n[a]\nx=2\n",
        "[a]\n",
        "[c](!)\ny=1\n[a](c)\n",
        "",
        "\ufeff[a]\n",
    )

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def configuration(self) -> dict[str, str]:
        files = {"main.conf": self._chance.choice(self.BEGINNINGS) + self._text()}
        for name in ("b.conf", "c.conf", "d/1.conf", "d/2.conf"):
            if self._chance.random() < 0.7:
                files[name] = self._text()
        return files

    def _text(self) -> str:
        lines = (self._line() for _each in range(self._chance.choice([1, 3, 6, 10])))
        return "\n".join(lines) + self._chance.choice(["", "\n", "\r\n"])

    def _line(self) -> str:
        choice = self._chance.choice
        kind = self._chance.random()
        if kind < 0.28:
            return self._header()
        if kind < 0.34:
            return choice(self.DIRECTIVES)
        if kind < 0.4:
            return choice(self.ODD)
        if kind < 0.44:
            return self._value()
        name, sign = (
            choice(["type", "x", "y", "X"]),
            choice(["=", "=>", " = ", " => ", "+=", " += ", " +=", "= "]),
        )
        return choice(["", "  "]) + name + sign + choice(["a", "b", "1", "2", self._value(), self._value()])

    def _header(self) -> str:
        parts = [
            self._chance.choice(self.PARTS) for _each in range(self._chance.choice([0, 0, 0, 1, 1, 2, 3]))
        ]
        brackets = self._chance.choice(["", "", " "]) + f"({','.join(parts)})" if parts else ""
        return f"[{self._chance.choice(self.NAMES)}]{brackets}"

    def _value(self) -> str:
        return "".join(
            self._chance.choice(self.LETTERS) for _each in range(self._chance.choice([0, 1, 2, 3, 6]))
        )
