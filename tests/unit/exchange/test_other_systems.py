# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Files of Wazo, MikoPBX, Issabel, FusionPBX, 3CX and Grandstream, with their own headers and encodings."""

from __future__ import annotations

import csv
import io

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sources import SOURCES
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.spreadsheet import folded
from ansible_collections.voiceops.asterisk.tests.unit.exchange.headers import (
    ELASTIX,
    FUSIONPBX,
    GRANDSTREAM,
    ISSABEL,
    MIKOPBX,
    THREECX,
    WAZO,
)
from ansible_collections.voiceops.asterisk.tests.unit.exchange.sheets import (
    mistakes,
    said,
    sheet,
    taken,
    understood,
)

#: Of each source: header, how it writes, and the columns of a phone without more.
SYSTEMS = {
    "wazo": (
        WAZO,
        {"end": "\r\n"},
        {"exten": "1001", "sip_username": "1001", "sip_secret": "tulip-river-93"},
    ),
    "mikopbx": (MIKOPBX, {"encoding": "utf-8-sig"}, {"number": "1001", "sip_secret": "tulip-river-93"}),
    "issabel": (ISSABEL, {}, {"User Extension": "1001", "Secret": "tulip-river-93", "Tech": "sip"}),
    "fusionpbx": (FUSIONPBX, {}, {"extension": "1001", "password": "tulip-river-93"}),
    "3cx": (THREECX, {}, {"Number": "1001", "AuthPassword": "tulip-river-93"}),
    "grandstream": (
        GRANDSTREAM,
        {},
        {"Extension": "1001", "Technology": "SIP", "SIP/IAX Password": "tulip-river-93"},
    ),
}


def file(source, *rows):
    header, form, phone = SYSTEMS[source]
    return sheet(header, [{**phone, **row} for row in rows], **form)


@pytest.mark.parametrize("source", SYSTEMS)
def test_every_column_of_a_file_is_known(source):
    assert {folded(name) for name in SYSTEMS[source][0]} <= SOURCES[source].names


@pytest.mark.parametrize("source", SYSTEMS)
def test_a_file_of_another_system_is_named(source):
    for other in SYSTEMS.keys() - {source}:
        (mistake,) = mistakes(other, file(source, {}))
        assert mistake.startswith(f"row 1: this is not a header of {other}")
        assert mistake.endswith(f"it looks like {source}")


WHOLE = {
    "wazo": {
        "uuid": "9c0f",
        "firstname": "Ayşe",
        "lastname": "Kaya",
        "email": "ayse@example.com",
        "mobile_phone_number": "05550000001",
        "outgoing_caller_id": "02125550101",
        "language": "tr_TR",
        "enabled": "0",
        "ring_seconds": "25",
        "call_record_outgoing_external_enabled": "1",
        "call_record_outgoing_internal_enabled": "0",
        "userfield": "kat 3",
        "sip_username": "qwmzkfay",
        "call_permissions": "yurtdisi",
    },
    "mikopbx": {
        "user_username": "Ayşe Kaya",
        "user_email": "ayse@example.com",
        "mobile_number": "05550000001",
        "fwd_ringlength": "25",
        "fwd_forwarding": "1002",
        "fwd_forwardingonunavailable": "1002",
        "sip_transport": "udp",
        "sip_enableRecording": "true",
    },
    "issabel": {
        "Display Name": "Ayşe Kaya",
        "Outbound CID": "02125550101",
        "VM Email Address": "ayse@example.com",
        "Context": "from-internal",
        "Callgroup": "1",
        "Record Incoming External": "enabled",
        "Record Outgoing External": "dontcare",
        "Max Contacts": "2",
        "Accountcode": "4400",
        "Transport": "udp",
    },
    "fusionpbx": {
        "effective_caller_id_name": "Ayşe Kaya",
        "effective_caller_id_number": "1001",
        "outbound_caller_id_number": "02125550101",
        "call_timeout": "25",
        "call_group": "satis,depo",
        "toll_allow": "domestic,local",
        "user_record": "inbound",
        "forward_no_answer_destination": "1002",
        "forward_no_answer_enabled": "true",
        "forward_busy_destination": "600",
        "forward_busy_enabled": "false",
        "enabled": "true",
        "description": "kat 3",
    },
    "3cx": {
        "FirstName": "Ayşe",
        "LastName": "Kaya",
        "EmailAddress": "ayse@example.com",
        "MobileNumber": "05550000001",
        "AuthID": "k7Yq2m",
        "OutboundCallerID": "02125550101",
        "RecordCalls": "1",
        "Disabled": "0",
        "DisableExternalCalls": "1",
        "MAC_0": "00155d000001",
    },
    "grandstream": {
        "CallerID Number": "1001",
        "AuthID": "ayse",
        "Ring Timeout": "25",
        "Auto Record": "external",
        "Permission": "National",
        "Disable This Extension": "no",
        "Call Forward No Answer": "1002",
        "First Name": "Ayşe",
        "Last Name": "Kaya",
        "Email Address": "ayse@example.com",
        "Language": "tr",
    },
}
PERSON = {"name": "Ayşe Kaya", "password": "tulip-river-93"}
MAIL = {"email": "ayse@example.com"}
MOBILE = {"mobile": "05550000001"}
EXPECTED = {
    "wazo": {
        **PERSON,
        **MAIL,
        "username": "qwmzkfay",
        "outbound_profile": "Herkes",
        "outbound_caller_id": "02125550101",
        "language": "tr",
        "enabled": False,
        "ring_timeout": 25,
        "record": True,
        "labels": {**MOBILE, "userfield": "kat 3"},
    },
    "mikopbx": {
        **PERSON,
        **MAIL,
        "connection_port": "SIP",
        "record": True,
        "ring_timeout": 25,
        "forward_to": "1002",
        "labels": MOBILE,
    },
    "issabel": {
        **PERSON,
        **MAIL,
        "connection_port": "SIP",
        "outbound_caller_id": "02125550101",
        "groups": ["Satış"],
        "record": True,
        "max_devices": 2,
        "labels": {"accountcode": "4400"},
    },
    "fusionpbx": {
        **PERSON,
        "outbound_profile": "Yurt içi",
        "outbound_caller_id": "02125550101",
        "groups": ["Satış", "depo"],
        "record": True,
        "enabled": True,
        "ring_timeout": 25,
        "forward_to": "1002",
        "labels": {"description": "kat 3"},
    },
    "3cx": {
        **PERSON,
        **MAIL,
        "username": "k7Yq2m",
        "outbound_profile": "",
        "outbound_caller_id": "02125550101",
        "record": True,
        "enabled": True,
        "labels": {**MOBILE, "mac": "00155d000001"},
    },
    "grandstream": {
        **PERSON,
        **MAIL,
        "username": "ayse",
        "outbound_profile": "Yurt içi",
        "record": True,
        "enabled": True,
        "ring_timeout": 25,
        "forward_to": "1002",
        "language": "tr",
    },
}
MAPS = {
    "transports": {"udp": "SIP"},
    "groups": {"1": "Satış", "satis": "Satış"},
    "profiles": {"yurtdisi": "Herkes", "domestic,local": "Yurt içi", "National": "Yurt içi"},
}


@pytest.mark.parametrize("source", SYSTEMS)
def test_a_phone_of_which_all_is_told(source):
    number = SYSTEMS[source][0][[folded(name) for name in SYSTEMS[source][0]].index(SOURCES[source].number)]
    other = {number: "1002", **({"sip_username": "1002"} if source == "wazo" else {})}
    imported = understood(source, file(source, WHOLE[source], other), **MAPS)
    assert taken(imported)["1001"] == EXPECTED[source]


@pytest.mark.parametrize(
    ("source", "columns", "line"),
    [
        (
            "wazo",
            {"incall_exten": "02125550101;02125550102"},
            "incall_exten: '02125550101;02125550102' of 1001: belongs",
        ),
        (
            "wazo",
            {"voicemail_number": "1001"},
            "column voicemail_number: '1001' in row 2: there is no voicemail",
        ),
        ("wazo", {"outgoing_caller_id": "anonymous"}, "row 2, column outgoing_caller_id: anonymous"),
        (
            "mikopbx",
            {"fwd_forwarding": "1001", "fwd_forwardingonbusy": "600"},
            "row 2, column fwd_forwardingonbusy: '600'",
        ),
        (
            "mikopbx",
            {"fwd_forwarding": "05550000001"},
            "forwards calls, and '05550000001' is not an extension of this file",
        ),
        (
            "mikopbx",
            {"sip_manualattributes": "[auth]\npassword=kuzu"},
            "sip_manualattributes: used in row 2: options of",
        ),
        (
            "issabel",
            {"Direct DID": "02125550101"},
            "row 2, column Direct DID: '02125550101' of 1001: if it is right",
        ),
        (
            "issabel",
            {"Deny": "0.0.0.0/0.0.0.0", "Permit": "192.0.2.0/24"},
            "row 2, column Permit: '192.0.2.0/24': any",
        ),
        (
            "fusionpbx",
            {"forward_all_enabled": "true"},
            "row 2, column forward_all_destination: forwards all calls",
        ),
        (
            "fusionpbx",
            {"dial_string": "{x=1}user/1001"},
            "column dial_string: used in row 2: the host decides where calls go",
        ),
        (
            "fusionpbx",
            {"user_context": "a.example"},
            "column user_context: 'a.example' in row 2: a host is one site",
        ),
        (
            "3cx",
            {"DID": "02125550101"},
            "row 2, column DID: '02125550101' of 1001: belongs to inbound_numbers",
        ),
        (
            "fusionpbx",
            {"effective_caller_id_number": "1009"},
            "row 2, column effective_caller_id_number: '1009'",
        ),
        (
            "grandstream",
            {"CallerID Number": "1009"},
            "row 2, column CallerID Number: '1009': inside, a caller's",
        ),
        (
            "grandstream",
            {"Language": "Türkçe"},
            "row 2, column Language: 'Türkçe' is not a language such as tr",
        ),
        ("3cx", {"EnableVoicemail": "1"}, "column EnableVoicemail: '1' in row 2: there is no voicemail"),
        (
            "grandstream",
            {"Permission": "Local"},
            "row 2, column Permission: 'Local': say what it is here in import_profiles",
        ),
        (
            "grandstream",
            {"Local Subnet 1": "192.0.2.0/24"},
            "column Local Subnet 1: '192.0.2.0/24' in row 2: any network",
        ),
    ],
)
def test_what_has_no_word_here(source, columns, line):
    lines = said(understood(source, file(source, columns)).not_carried)
    assert any(line in each for each in lines), lines
    assert not any("kuzu" in each for each in lines)


@pytest.mark.parametrize(
    ("source", "columns", "mistake"),
    [
        ("wazo", {"enabled": "maybe"}, "row 2, column enabled: 'maybe' is neither true nor false"),
        ("mikopbx", {"sip_enableRecording": "both"}, "row 2, column sip_enableRecording: 'both' is neither"),
        (
            "issabel",
            {"Tech": "iax2"},
            "row 2, column Tech: 'iax2' is not a SIP phone; import_skip: ['Tech=iax2']",
        ),
        (
            "fusionpbx",
            {"extension": "SALES1"},
            "row 2, column extension: 'SALES1' is not a number of 1 to 15 digits",
        ),
        (
            "fusionpbx",
            {"user_record": "perhaps"},
            "row 2, column user_record: 'perhaps' is not one of all, inbound",
        ),
        ("3cx", {"AuthID": "a b"}, "row 2, column AuthID: 'a b' is not a user name"),
        ("grandstream", {"Technology": "FXS"}, "row 2, column Technology: 'fxs' is not a SIP phone"),
        (
            "grandstream",
            {"Auto Record": "perhaps"},
            "row 2, column Auto Record: 'perhaps' is not one of yes, all, external",
        ),
    ],
)
def test_mistakes(source, columns, mistake):
    (found,) = mistakes(source, file(source, columns))
    assert found.startswith(mistake)


@pytest.mark.parametrize(
    ("source", "columns", "expected"),
    [
        ("fusionpbx", {"user_record": "all"}, {"record": True}),
        ("fusionpbx", {"user_record": "none"}, {"record": False}),
        ("fusionpbx", {"directory_first_name": "Ayşe", "directory_last_name": "Kaya"}, {"name": "Ayşe Kaya"}),
        ("grandstream", {"Auto Record": "off", "Language": "default"}, {"record": False}),
        ("3cx", {"DisableExternalCalls": "0", "LastName": "Kaya"}, {"name": "Kaya"}),
        ("wazo", {"outgoing_caller_id": "default"}, {}),
    ],
)
def test_values(source, columns, expected):
    assert taken(understood(source, file(source, columns)))["1001"] == {
        "password": "tulip-river-93",
        **expected,
    }


def test_a_user_of_wazo_without_a_line_is_passed_over():
    imported = understood("wazo", file("wazo", {"exten": "", "sip_username": ""}, {}))
    assert list(taken(imported)) == ["1001"]
    assert "row 2, column exten: a user without a line, so there is no extension" in said(
        imported.not_carried
    )


def test_a_person_with_two_lines_of_wazo_has_two_extensions():
    lines = [{"uuid": "9c0f"}, {"uuid": "9c0f", "exten": "1002", "sip_username": "qwmzkfay"}]
    imported = understood("wazo", file("wazo", *lines))
    assert list(taken(imported)) == ["1001", "1002"]
    assert (
        "row 3, column uuid: the person of row 2 has a second line, which is an extension of its own"
        in said(imported.changed)
    )
    assert any("the phone of 1002 registers as 'qwmzkfay'" in line for line in said(imported.attention))


@pytest.mark.parametrize("nothing", ["@", "_@_._"])
def test_an_address_that_is_none_of_mikopbx(nothing):
    assert "email" not in taken(understood("mikopbx", file("mikopbx", {"user_email": nothing})))["1001"]


def test_what_elastix_recorded():
    row = {"User Extension": "1001", "Display Name": "Can", "Secret": "x", "Tech": "sip"}
    for incoming, outgoing, expected in (
        ("Always", "Never", True),
        ("Never", "Never", False),
        ("On Demand", "", None),
    ):
        content = sheet(ELASTIX, [{**row, "Record Incoming": incoming, "Record Outgoing": outgoing}])
        assert taken(understood("issabel", content))["1001"].get("record") is expected


def test_issabel_does_not_double_quotation_marks():
    content = (
        ",".join(f'"{name}"' for name in ISSABEL) + '\n"Ali "Baba" Can"' + ',""' * (len(ISSABEL) - 1) + "\n"
    )
    (mistake,) = mistakes("issabel", content.encode())
    assert mistake.startswith("row 2, column Display Name: holds a quotation mark that is not doubled")


def test_fusionpbx_separates_by_a_pipe_too_and_gives_the_columns_that_were_ticked():
    file = io.StringIO(newline="")
    csv.writer(file, delimiter="|").writerows([["extension", "password", "enabled"], ["1001", "x,y", "true"]])
    assert taken(understood("fusionpbx", file.getvalue().encode())) == {
        "1001": {"password": "x,y", "enabled": True}
    }
