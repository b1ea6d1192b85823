# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The report of an import: row by row, without a secret, and the same remark once."""

from __future__ import annotations

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import Problem
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import report
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import (
    Imported,
    ImportedExtension,
    ImportedTrunk,
    Remark,
)
from ansible_collections.voiceops.asterisk.tests.unit.exchange.sheets import DATA, sheet, understood

FREEPBX = """\
extensions.csv as freepbx: 4 extensions

To check:
  row 4, column secret: asks FreePBX to make a password, so there is none to take
  row 4: 1003 has no password, so no phone of it can register
  row 5: 1900 has no password, so no phone of it can register

Taken differently from how it is written:
  row 2, column outboundcid: the name in '"Kaya Ofis" <02125550101>' was left out: \
a number is shown outside, and no name
  row 2, column languages_language: 'tr_TR' was taken as tr
  row 2, column recording_in_external: not all kinds of calls were recorded; all of them will be

Not carried:
  row 2, column namedcallgroup: 'satis': say what it is here in import_groups
  column devicetype: 'adhoc' in row 4: a phone belongs to one extension here
  column callwaiting_enable: 'ENABLED' in row 2: phones handle this themselves
  column intercom: 'enabled' in rows 2, 3, 4, 5: phones handle this themselves
  column voicemail_enable: 'yes' in rows 2, 3: there is no voicemail
  column voicemail_vmpwd: used in rows 2, 3: there is no voicemail
  column voicemail_options: used in row 2: there is no voicemail
  10 more columns: settings of phones and of the other system, no option here; \
those that differ between rows: id, sipdriver

Taken, row by row:
  row 2: number "1001", name "Ayşe Kaya", connection_port "SIP", outbound_caller_id "02125550101", \
record true, max_devices 3, ring_timeout 25, forward_to "1002", language "tr", \
email "ayse.kaya@example.com", labels {"accountcode": "4400"}, password
  row 3: number "1002", name "Can Demir", connection_port "SIP", max_devices 1, password_digest
  row 4: number "1003", name "Ece, Danışma", connection_port "SIP", record false, max_devices 1
  row 5: number "1900", name "Toplantı", forward_to "1001"
"""


def test_the_report_of_an_export():
    content = (DATA / "import-freepbx.csv").read_bytes()
    imported = understood("freepbx", content, transports={"0.0.0.0-udp": "SIP", "udp,tcp": "SIP"})
    text = report.text(imported, "extensions.csv as freepbx")
    assert text == FREEPBX
    assert report.is_one(text)
    assert report.is_one("")
    assert not report.is_one("pbx_extensions: []\n")
    assert report.summary(imported) == [
        "taken: 4 extensions",
        "to check: 3",
        "taken differently from how it is written: 3",
        "not carried: 8",
    ]


def test_a_password_in_another_column_is_not_repeated():
    row = {
        "number": "1001",
        "name": "parola: kuzu-bulut-4",
        "password": "kuzu-bulut-4",
        "groups": "kuzu-bulut-4",
    }
    assert "kuzu" not in report.text(understood("csv", sheet(list(row), [row])), "x")


def test_trunks_are_told_too():
    imported = Imported(
        extensions=(ImportedExtension("[1001]", {"number": "1001"}),),
        trunks=(ImportedTrunk("[telco]", {"name": "Telco"}, {"password": "kuzu-bulut-4"}),),
        groups=("A",),
        changed=(Remark("[telco]", "was changed"),),
    )
    assert report.counts(imported) == "1 extension, 1 trunk, 1 group"
    assert '  [telco]: name "Telco", password\n' in report.text(imported, "pjsip.conf")


def test_mistakes_are_told_in_the_order_of_the_rows():
    found = [Problem("row 10, column a", "is x"), Problem("row 9, column b", "is y")]
    assert report.mistakes(found) == "row 9, column b: is y\nrow 10, column a: is x"
