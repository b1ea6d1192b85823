# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A file of FreePBX's Bulk Handler, type Extensions."""

from __future__ import annotations

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sources import SOURCES
from ansible_collections.voiceops.asterisk.tests.unit.exchange.sheets import (
    DATA,
    mistakes,
    said,
    sheet,
    taken,
    understood,
)

EXPORT = (DATA / "import-freepbx.csv").read_bytes()
HEADER = EXPORT.decode().partition("\n")[0].split(",")
#: A phone in the columns that each has.
PHONE = {"extension": "1001", "name": "Ayşe Kaya", "tech": "pjsip", "secret": "tulip-river-93"}


def phone(**columns):
    """Return the file of one phone."""
    return sheet([*HEADER, *(name for name in columns if name not in HEADER)], [{**PHONE, **columns}])


def options(content, **choices):
    """Return the options that one phone has besides those that each has."""
    (one,) = taken(understood("freepbx", content, **choices)).values()
    return {name: value for name, value in one.items() if name not in ("name", "password")}


def test_an_export():
    imported = understood("freepbx", EXPORT, transports={"0.0.0.0-udp": "SIP"}, groups={"satis": "Satış"})
    assert taken(imported) == {
        "1001": {
            "name": "Ayşe Kaya",
            "connection_port": "SIP",
            "outbound_caller_id": "02125550101",
            "groups": ["Satış"],
            "record": True,
            "max_devices": 3,
            "ring_timeout": 25,
            "forward_to": "1002",
            "language": "tr",
            "email": "ayse.kaya@example.com",
            "labels": {"accountcode": "4400"},
            "password": "tulip-river-93",
        },
        "1002": {
            "name": "Can Demir",
            "connection_port": "SIP",
            "max_devices": 1,
            "password_digest": "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e",
        },
        "1003": {"name": "Ece, Danışma", "record": False, "max_devices": 1},
        "1900": {"name": "Toplantı", "forward_to": "1001"},
    }
    assert imported.groups == ("Satış",)
    assert [line for line in said(imported.attention) if "no phone" in line] == [
        "row 4: 1003 has no password, so no phone of it can register",
        "row 5: 1900 has no password, so no phone of it can register",
    ]
    assert "row 4, column secret: asks FreePBX to make a password, so there is none to take" in said(
        imported.attention
    )


def test_every_column_of_an_export_is_known():
    assert set(HEADER) <= SOURCES["freepbx"].names


def test_what_has_no_word_here_is_counted_by_column_and_value():
    lines = said(understood("freepbx", EXPORT).not_carried)
    assert "column voicemail_enable: 'yes' in rows 2, 3: there is no voicemail" in lines
    assert "column voicemail_vmpwd: used in rows 2, 3: there is no voicemail" in lines
    assert "column devicetype: 'adhoc' in row 4: a phone belongs to one extension here" in lines
    assert any("more columns: settings of phones and of the other system" in line for line in lines)
    assert not any("8642" in line for line in lines), "the PIN of a voicemail box"


def test_capitals_are_the_same_columns_and_digits_are_none():
    text = EXPORT.decode()
    header, rest = text.split("\n", 1)
    assert taken(understood("freepbx", f"{header.upper()}\n{rest}".encode())) == taken(
        understood("freepbx", EXPORT)
    )
    assert not any(
        "column 1:" in line for line in said(understood("freepbx", phone(**{"1": "pin"})).not_carried)
    )


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"ringtimer": "0"}, {}),
        ({"ringtimer": "3"}, {"ring_timeout": 5}),
        ({"outboundcid": "hidden"}, {}),
        ({"outboundcid": "+90 (212) 555 01 01"}, {"outbound_caller_id": "+902125550101"}),
        ({"outboundcid": "Ofis <2125550101>"}, {"outbound_caller_id": "2125550101"}),
        ({"max_contacts": "0"}, {"max_devices": 1}),
        ({"voicemail_email": "a@example.com,b@example.com"}, {"email": "a@example.com"}),
        ({"languages_language": "en_GB"}, {"language": "en"}),
        ({"recording": "out=Always|in=Always"}, {"record": True}),
        ({"recording": "out=Adhoc|in=Adhoc"}, {}),
        ({"recording": "out=Never|in=Always"}, {"record": True}),
        ({"recording": "out=Never|in=Never"}, {"record": False}),
        ({"recording_in_external": "yes"}, {"record": True}),
        ({"recording_in_external": "dontcare", "recording": "out=Always|in=Always"}, {}),
        (
            dict.fromkeys((f"recording_{a}_{b}ternal" for a in ("in", "out") for b in ("in", "ex")), "never"),
            {"record": False},
        ),
        ({"username": "ayse"}, {"username": "ayse"}),
        ({"username": "1001"}, {}),
        ({"context": "from-internal"}, {}),
        ({"context": "guards"}, {"outbound_profile": "Yurt içi"}),
        ({"context": "others"}, {}),
        ({"noanswer_dest": "from-did-direct,1001,1", "busy_dest": "ext-queues,600,1"}, {}),
    ],
)
def test_values(columns, expected):
    assert options(phone(**columns), profiles={"guards": "Yurt içi"}) == expected


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (
            {"user": "1009"},
            "row 2, column user: '1009': the user of another number; this one gets a phone of its own",
        ),
        ({"dial": "PJSIP/1009"}, "row 2, column dial: 'PJSIP/1009': the device of another number"),
        (
            {"cid_masquerade": "1009"},
            "row 2, column cid_masquerade: '1009': inside, a caller's number is that of the extension",
        ),
        (
            {"permit": "192.0.2.0/255.255.255.0"},
            "row 2, column permit: '192.0.2.0/255.255.255.0': any network",
        ),
        (
            {"md5_cred": "0f" * 16},
            "row 2, column secret: left out, because phones register with the md5_cred",
        ),
        (
            {"findmefollow_enabled": "yes", "findmefollow_grplist": "1001-05550000001#"},
            "row 2, column findmefollow_grplist: find me, follow me to '1001-05550000001#'",
        ),
        (
            {"noanswer_dest": "ext-queues,600,1"},
            "row 2, column noanswer_dest: 'ext-queues,600,1': forward_to takes",
        ),
        ({"zoo": "kuzu"}, "column zoo: used in row 2: unknown column; its values are not shown"),
    ],
)
def test_what_has_no_word_here(columns, line):
    lines = said(understood("freepbx", phone(**{"permit": "0.0.0.0/0.0.0.0", **columns})).not_carried)
    assert [each for each in lines if each.startswith(line)], lines


def test_a_name_may_stand_in_other_columns():
    for columns in ({"description": "Ayşe"}, {"callerid": '"Ayşe" <1001>'}):
        (one,) = taken(understood("freepbx", phone(name="", **columns))).values()
        assert one["name"] == "Ayşe"


@pytest.mark.parametrize("technology", ["iax2", "dahdi", "custom"])
def test_what_is_no_sip_phone_is_left_out_if_somebody_says_so(technology):
    (mistake,) = mistakes("freepbx", phone(tech=technology))
    assert mistake == (
        f"row 2, column tech: '{technology}' is not a SIP phone;"
        f" import_skip: ['tech={technology}'] leaves such rows out"
    )
    imported = understood("freepbx", phone(tech=technology), skip=[f"tech={technology}"])
    assert imported.extensions == ()
    assert said(imported.not_carried)[0] == f"row 2: left out, as import_skip says (tech={technology})"


@pytest.mark.parametrize(
    ("columns", "mistake"),
    [
        (
            {"extension": "1e3"},
            "row 2, column extension: '1e3' is not a number of 1 to 15 digits; write digits only",
        ),
        ({"extension": ""}, "row 2, column extension: is missing; every item needs it"),
        (
            {"recording_in_internal": "perhaps"},
            "row 2, column recording_in_internal: 'perhaps' is not one of force",
        ),
        (
            {"md5_cred": "0f2c"},
            "row 2, column md5_cred: is not 32 hexadecimal digits, the MD5 of username:realm:password",
        ),
        (
            {"max_contacts": "many"},
            "row 2, column max_contacts: 'many' is not a number of phones from 1 to 20",
        ),
        ({"username": "ayşe"}, "row 2, column username: 'ayşe' is not a user name"),
        (
            {"outboundcid": "9,05E+11"},
            "row 2, column outboundcid: is what a spreadsheet has made of a long number",
        ),
    ],
)
def test_mistakes(columns, mistake):
    (found,) = mistakes("freepbx", phone(**columns))
    assert found.startswith(mistake)


def test_a_value_that_spills_into_more_cells():
    row = ",".join(["1001", *[""] * (len(HEADER) - 2), "attach=no", "saycid=no"])
    (mistake,) = mistakes("freepbx", f"{','.join(HEADER)}\n{row}\n".encode())
    assert mistake.startswith(f"row 2: has {len(HEADER) + 1} cells, and the first row {len(HEADER)}")


def test_a_column_that_is_there_twice():
    header = [*HEADER, "busy_dest"]
    content = f"{','.join(header)}\n1001{',' * (len(header) - 1)}\n".encode()
    assert mistakes("freepbx", content) == ["row 1, column busy_dest: is there twice; take one of them away"]
    assert mistakes("freepbx", content, skip=["column busy_dest"]) == []


def test_a_quotation_mark_after_a_backslash():
    content = b'extension,tech,name\n1001,pjsip,"a\\"b"\n'
    (mistake,) = mistakes("freepbx", content)
    assert mistake.startswith("row 2, column name: holds a backslash before a quotation mark")


def test_a_file_of_a_release_before_13_is_named():
    assert mistakes("freepbx", b"action,extension,name,devinfo_secret\nadd,1001,Can,x\n") == [
        "row 1: column action: this is a Bulk Extensions file of FreePBX before 13;"
        " export with the Bulk Handler of 13 or later"
    ]
