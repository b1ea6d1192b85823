# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What other systems export is imported and rolled out, and their phones register as they did before."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from phones.phone import Phone
from unit.exchange.headers import FUSIONPBX, GRANDSTREAM, ISSABEL, MIKOPBX, THREECX, WAZO

from .company import PORTS
from .fleet import REPOSITORY, Host, lab_inventory, preloaded

DATA = REPOSITORY / "tests" / "unit" / "data"
FREEPBX = (DATA / "import-freepbx.csv").read_text(encoding="utf-8").splitlines()[0].split(",")


def password(number: str) -> str:
    return f"kavun-tramvay-{int(number) * 7919}"


def ha1(username: str, number: str) -> str:
    written = f"{username}:asterisk:{password(number)}"
    return hashlib.md5(written.encode()).hexdigest()  # noqa: S324 - what phones speak


def sheet(
    header: list[str], *rows: dict[str, str], encoding: str = "utf-8", separator: str = ",", end: str = "\n"
) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, header, restval="", delimiter=separator, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode(encoding)


#: What a phone authenticates as, where that is not its number.
USERNAMES = {"5102": "qzkfhwpa", "5106": "Xk29Ym", "5107": "desk-7", "5108": "0004f2a1b2c3", "5109": "anna"}
#: The file of each system with its own header in its own encoding.
FILES: dict[str, bytes] = {
    "freepbx": sheet(
        FREEPBX,
        {"extension": "5101", "name": "Ayşe Kaya", "tech": "pjsip", "secret": password("5101")},
        # Nobody knows its password.
        {"extension": "5111", "name": "Umut", "tech": "pjsip", "md5_cred": ha1("5111", "5111")},
    ),
    "wazo": sheet(
        WAZO,
        {
            "uuid": "9c0f",
            "firstname": "Deniz",
            "exten": "5102",
            "sip_username": USERNAMES["5102"],
            "sip_secret": password("5102"),
        },
        end="\r\n",
    ),
    "mikopbx": sheet(
        MIKOPBX,
        {"number": "5103", "user_username": "Çağla", "sip_secret": password("5103")},
        encoding="utf-8-sig",
    ),
    "issabel": sheet(
        ISSABEL,
        {"User Extension": "5104", "Display Name": "Oya", "Secret": password("5104"), "Tech": "sip"},
    ),
    "fusionpbx": sheet(
        FUSIONPBX,
        {"extension": "5105", "password": password("5105"), "effective_caller_id_name": "Depo"},
    ),
    "3cx": sheet(
        THREECX,
        {
            "Number": "5106",
            "FirstName": "İpek",
            "AuthID": USERNAMES["5106"],
            "AuthPassword": password("5106"),
        },
    ),
    "grandstream": sheet(
        GRANDSTREAM,
        {
            "Extension": "5107",
            "Technology": "SIP",
            "SIP/IAX Password": password("5107"),
            "AuthID": USERNAMES["5107"],
        },
    ),
    # As a Turkish Excel saves it.
    "csv": sheet(
        ["number", "name", "username", "password"],
        {
            "number": "5108",
            "name": "Gülşah",
            "username": USERNAMES["5108"],
            "password": password("5108"),
        },
        encoding="cp1254",
        separator=";",
        end="\r\n",
    ),
}
TABLES = {
    "ps_endpoints.csv": "id,aors,auth,callerid\n"
    '5109,5109,5109,"""Anna"" <5109>"\n5110,5110,5110,"""Can"" <5110>"\n',
    "ps_auths.csv": "id,auth_type,md5_cred,password,username\n"
    f"5109,userpass,,{password('5109')},{USERNAMES['5109']}\n5110,md5,{ha1('5110', '5110')},,5110\n",
    "ps_aors.csv": "id,max_contacts,remove_existing\n5109,1,yes\n5110,1,yes\n",
}
NUMBERS = [str(number) for number in range(5101, 5112)]

IMPORT = """
- hosts: localhost
  gather_facts: false
  tasks:
    - voiceops.asterisk.pbx_import: "{{ item }}"
      loop: "{{ imports }}"
"""
ROLL_OUT = """
- hosts: imported
  gather_facts: false
  serial: 1
  tasks:
    - voiceops.asterisk.pbx_directory:
        connection_ports: "{{ ports }}"
        extension_groups: "{{ pbx_extension_groups | default([]) }}"
        extensions: "{{ pbx_extensions }}"
      delegate_to: "{{ at }}"
"""


def play(place: Path, name: str, text: str, *more: str, **variables: Any) -> str:
    (place / name).write_text(text, encoding="utf-8")
    words = ["-i", str(place / "hosts.yml"), "-i", lab_inventory(), str(place / name), *more]
    words += ["--vault-password-file", str(place / "vault-password"), "-e", json.dumps(variables)]
    run = preloaded().run("ansible-playbook", words, cwd=REPOSITORY, deadline=300)
    said: str = run.stdout + run.stderr
    assert run.returncode == 0, said
    assert not [number for number in NUMBERS if password(number) in said]
    return said


@pytest.fixture(scope="module")
def town(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that has got what nine systems have exported, one after the other."""
    place = tmp_path_factory.mktemp("imported")
    (place / "vault-password").write_text("of-the-vault", encoding="utf-8")
    sources = [*FILES, "realtime"]
    (place / "hosts.yml").write_text(
        json.dumps({"imported": {"hosts": dict.fromkeys(f"from-{source}" for source in sources)}}),
        encoding="utf-8",
    )
    for source, content in FILES.items():
        (place / source).write_bytes(content)
    (place / "realtime").mkdir()
    for name, text in TABLES.items():
        (place / "realtime" / name).write_text(text, encoding="utf-8")
    imports = [
        {
            "source": source,
            "path": str(place / source),
            "dest": str(place / "host_vars" / f"from-{source}"),
            "encoding": "cp1254" if source == "csv" else "",
        }
        for source in sources
    ]
    play(place, "import.yml", IMPORT, "-vvv", imports=imports)
    made = host.whole_directory(pbx_connection_ports=PORTS)
    assert not made["failed"], made
    play(place, "roll_out.yml", ROLL_OUT, "-vvv", "--diff", ports=PORTS, at=host.name)
    yield host
    host.whole_directory(pbx_connection_ports=PORTS)


def phone(host: Host, number: str) -> Phone:
    return Phone(number, password(number), host.address, username=USERNAMES.get(number, number))


def test_every_extension_has_the_name_that_it_had(town: Host) -> None:
    extensions = town.facts()["pbx_extensions"]
    assert {number: extensions[number]["name"] for number in NUMBERS} == {
        "5101": "Ayşe Kaya",
        "5102": "Deniz",
        "5103": "Çağla",
        "5104": "Oya",
        "5105": "Depo",
        "5106": "İpek",
        "5107": "",
        "5108": "Gülşah",
        "5109": "Anna",
        "5110": "Can",
        "5111": "Umut",
    }


@pytest.mark.parametrize("number", NUMBERS)
def test_a_phone_registers_and_calls_with_the_credentials_that_it_had(town: Host, number: str) -> None:
    other = "5101" if number != "5101" else "5102"
    with phone(town, other).on_the_desk(), phone(town, number).on_the_desk():
        assert phone(town, number).call(other) == 200
