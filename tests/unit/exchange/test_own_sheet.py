# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A sheet of one's own, its first row the names of options: what it says, and each mistake by its cell."""

from __future__ import annotations

import csv
import io
import json
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import report
from ansible_collections.voiceops.asterisk.tests.unit import strategies as some
from ansible_collections.voiceops.asterisk.tests.unit.exchange.sheets import (
    mistakes,
    read,
    said,
    sheet,
    taken,
    understood,
)
from hypothesis import given
from hypothesis import strategies as st

DIGEST = "0f2c5a8b1e9d4c7a6b3f0e8d5c2a9b7e"
OPTIONS = (
    *("number", "name", "username", "password", "password_digest", "connection_port", "outbound_profile"),
    *("outbound_caller_id", "groups", "callable_groups", "record", "enabled", "max_devices", "max_calls"),
    *("ring_timeout", "forward_to", "language", "email", "labels"),
)


def options(**columns):
    """Return what one row says."""
    row = {"number": "1001", **columns}
    (one,) = taken(understood("csv", sheet(list(row), [row]))).values()
    return one


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"Name": " Ayşe\u00a0Kaya "}, {"name": "Ayşe Kaya"}),
        ({"name": "Ayşe\r\nKaya"}, {"name": "Ayşe Kaya"}),
        ({"groups": "Satış, Depo"}, {"groups": ["Satış", "Depo"]}),
        ({"groups": "Satış Ekibi;Depo\nYönetim"}, {"groups": ["Satış Ekibi", "Depo", "Yönetim"]}),
        ({"groups": '["Satış, Ege"]'}, {"groups": ["Satış, Ege"]}),
        ({"callable_groups": "*"}, {"callable_groups": ["*"]}),
        ({"record": "DOĞRU", "enabled": "YANLIŞ"}, {"record": True, "enabled": False}),
        ({"record": "WAHR", "enabled": "FAUX"}, {"record": True, "enabled": False}),
        ({"ring_timeout": "20", "max_devices": "2"}, {"ring_timeout": 20, "max_devices": 2}),
        ({"labels.Room": "12", "labels.desk": ""}, {"labels": {"Room": "12"}}),
        ({"labels": '{"room": "12"}', "labels.desk": "3"}, {"labels": {"room": "12", "desk": "3"}}),
        ({"password": " two words "}, {"password": " two words "}),
        ({"password": '="x"', "username": "ayse"}, {"password": '="x"', "username": "ayse"}),
        ({"password_digest": DIGEST.upper()}, {"password_digest": DIGEST}),
        ({"name": "", "email": ""}, {}),
    ],
)
def test_what_cells_say(columns, expected):
    assert options(**columns) == expected


def test_every_group_that_is_named_is_one():
    row = {"number": "1001", "groups": "Satış, Depo", "callable_groups": "Depo, Yönetim"}
    assert understood("csv", sheet(list(row), [row])).groups == ("Satış", "Depo", "Yönetim")
    row["callable_groups"] = "*"
    assert understood("csv", sheet(list(row), [row])).groups == ("Satış", "Depo")


@pytest.mark.parametrize("written", ["'0123", '="0123"', "0123"])
def test_a_number_keeps_its_zero(written):
    assert list(taken(understood("csv", sheet(["number"], [{"number": written}])))) == ["0123"]


def test_a_zero_that_a_spreadsheet_has_taken_is_asked_after():
    numbers = [f"01{n:02}" for n in range(10)] + ["111"]
    imported = understood(
        "csv",
        sheet(["number", "password"], ({"number": n, "password": "x" * 3 + "tulip-9"} for n in numbers)),
    )
    assert said(imported.attention) == [
        "row 12, column number: 111 is shorter than all others: has a spreadsheet removed a leading zero?"
    ]


def test_a_weak_password_is_told_of_without_showing_it():
    rows = [{"number": "1001", "password": "10017777"}, {"number": "1002", "password": "kar-4"}]
    assert said(understood("csv", sheet(["number", "password"], rows)).attention) == [
        f"row {row}, column password: the password {why}: give the phone another, or the role refuses it"
        " unless pbx_allow_weak_passwords is true"
        for row, why in ((2, "contains the extension's number"), (3, "is shorter than 8 characters"))
    ]


#: Where a mistake is planted among sound rows, and how its message begins.
PLANTED = [
    (100, {"number": "12a4"}, "column number: '12a4' is not a number of 1 to 15 digits; write digits only"),
    (350, {"number": ""}, "column number: is missing; every item needs it"),
    (600, {"number": "1,00E+10"}, "column number: is what a spreadsheet has made of a long number"),
    (850, {"number": "100002"}, "column number: 100002 is also given by row 2 ('Kişi 2'); name it once"),
    (1100, {"name": "x" * 81}, "column name: is 81 characters long; at most 80 fit"),
    (1350, {"name": "a\x07b"}, "column name: holds a control character"),
    (1600, {"email": "nobody"}, "column email: 'nobody' is not an e-mail address"),
    (1850, {"ring_timeout": "500"}, "column ring_timeout: 500 is not a number of seconds from 5 to 300"),
    (2100, {"record": "perhaps"}, "column record: 'perhaps' is neither true nor false"),
    (2350, {"max_devices": "21"}, "column max_devices: 21 is not a number of phones from 1 to 20"),
    (2600, {"language": "Turkish"}, "column language: 'Turkish' is not a language such as tr"),
    (2850, {"outbound_caller_id": "ofis"}, "column outbound_caller_id: 'ofis' is not a number of digits"),
    (3100, {"forward_to": "999"}, "column forward_to: '999' is not an extension of this file"),
    (3350, {"groups": "*"}, "column groups: * means every group in callable_groups"),
    (3600, {"username": "ayşe"}, "column username: 'ayşe' is not a user name"),
    (3850, {"username": "100003"}, "column username: '100003' is the user name of row 3 too"),
    (
        4100,
        {"password": "", "password_digest": "0f2c"},
        "column password_digest: is not 32 hexadecimal digits, ",
    ),
    (4350, {"password": "y" * 129}, "column password: is longer than 128 characters"),
    (4600, {"labels": "room 12"}, "column labels: 'room 12' begins as JSON does, and is none"),
]


def test_twenty_mistakes_among_five_thousand_rows_are_these_twenty(capsys):
    rows = [
        {
            "number": str(100000 + row),
            "name": f"Kişi {row}",
            "password": f"tulip-river-{row * 7}",
            "record": "1",
        }
        for row in range(2, 5002)
    ]
    for row, mistake, _message in PLANTED:
        rows[row - 2].update(mistake)
    lines = sheet(OPTIONS, rows).decode().split("\n")
    lines[4849] += ",one cell more"
    content = "\n".join(lines).encode()
    begun = time.perf_counter()
    found = mistakes("csv", content)
    with capsys.disabled():
        print(f"\n5,000 rows with 20 mistakes: {time.perf_counter() - begun:.2f} s")
    expected = [f"row {row}, {message}" for row, _mistake, message in PLANTED]
    expected.append("row 4850: has 20 cells, and the first row 19")
    found.sort(key=lambda line: int(line.split(",")[0].split(":")[0].removeprefix("row ")))
    expected.sort(key=lambda line: int(line.split(",")[0].split(":")[0].removeprefix("row ")))
    assert len(found) == 20
    assert [line[: len(start)] for line, start in zip(found, expected, strict=True)] == expected


def test_the_same_mistake_in_many_rows_is_told_once():
    rows = [{"number": str(1000 + n), "email": f"nobody{n}"} for n in range(30)]
    told = report.mistakes(read("csv", sheet(["number", "email"], rows)).problems)
    assert told.count("\n") == 1
    assert told.startswith(
        "row 2, column email: 'nobody0' is not an e-mail address\n  the same 29 times more: row 3"
    )


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Dahili,Ad", "row 1: this is not a header of csv: there is no column number"),
        ("extension,tech,name", "there is no column number; it looks like freepbx"),
        (
            "number,nmae",
            "row 1, column nmae: is not an option of an extension; there are: callable_groups,",
        ),
        ("number,name,NAME", "row 1, column NAME: is there twice"),
        ("number,name,,email", "row 1: column 3 has no name, and cells that say something"),
    ],
)
def test_a_header_that_is_none(header, said):
    (mistake,) = mistakes("csv", f"{header}\n{','.join(['1'] * (header.count(',') + 1))}\n".encode())
    assert said in mistake


@pytest.mark.parametrize(("cell", "said"), [("[[]]", "[] is not text"), ("[1.5, true]", "True is not text")])
def test_json_that_holds_no_names(cell, said):
    (mistake,) = mistakes("csv", sheet(["number", "groups"], [{"number": "1", "groups": cell}]))
    assert mistake == f"row 2, column groups: {said}"


def test_a_file_that_is_none():
    assert mistakes("csv", b"") == ["the first row is empty; it has to hold the names of the columns"]


def test_a_digest_beside_a_password():
    row = {"number": "1001", "password": "kuzu-bulut-4", "password_digest": DIGEST}
    assert mistakes("csv", sheet(list(row), [row])) == [
        "row 2, column password_digest: is given in addition to password; give one of them"
    ]


def test_an_encoding_that_was_not_needed_is_told():
    imported = understood("csv", "number,name\n1001,Şule\n".encode(), encoding="cp1254")
    assert said(imported.changed) == ["the file: the file is UTF-8, so the encoding cp1254 was not used"]


def test_a_header_alone_is_no_directory():
    assert mistakes("csv", b"number,name\n,\n") == ["there is no row below the first"]


def test_a_first_row_that_is_no_header_is_not_repeated():
    (mistake,) = mistakes("csv", b"1001,tulip-river-93\n1002,kuzu-bulut-4\n")
    assert "tulip" not in mistake


@pytest.mark.parametrize("cell", ["[", '["a"', "[1e999]", "[" * 10_000, '{"a": 1}', "[" + "9" * 5_000 + "]"])
def test_json_that_is_none(cell):
    (mistake, *_more) = mistakes(
        "csv", sheet(["number", "labels", "groups"], [{"number": "1", "groups": "[" + cell}])
    )
    assert mistake.startswith("row 2, column groups")


class TestSkip:
    ROWS = sheet(
        ["number", "name", "email"],
        [
            {"number": "1001", "name": "Ayşe"},
            {"number": "x", "name": "Can"},
            {"number": "1003", "name": "Ece", "email": "nobody"},
        ],
    )

    @pytest.mark.parametrize(
        ("skip", "numbers"),
        [
            (["wrong rows"], ["1001"]),
            (["row 3", "column email"], ["1001", "1003"]),
            (["3", "Row 4"], ["1001"]),
            (["name=can", "EMAIL=nobody"], ["1001"]),
            (["number=x", "email="], ["1003"]),
        ],
    )
    def test_what_may_be_left_out(self, skip, numbers):
        imported = read("csv", self.ROWS, skip=skip)
        assert [one.options["number"] for one in imported.extensions] == numbers

    def test_what_was_left_out_is_told(self):
        assert said(understood("csv", self.ROWS, skip=["wrong rows"]).not_carried) == [
            "row 3, column number: the row was left out:"
            " 'x' is not a number of 1 to 15 digits; write digits only",
            "row 4, column email: the row was left out: 'nobody' is not an e-mail address",
        ]

    def test_words_that_say_nothing(self):
        (mistake,) = mistakes("csv", sheet(["number"], [{"number": "1"}]), skip=["everything"])
        assert mistake.startswith("'everything' is nothing that can be left out; write `row 17`")

    def test_a_row_that_cannot_be_read_can_be_left_out(self):
        content = b'number,name\n1,"a"b"\n2\n3,c\n'
        assert list(taken(understood("csv", content, skip=["row 2", "row 3"]))) == ["3"]
        assert list(taken(understood("csv", content, skip=["wrong rows"]))) == ["3"]


def written(extensions) -> bytes:
    """Write extensions as a sheet of one's own."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, OPTIONS, restval="")
    writer.writeheader()
    for extension in extensions:
        cells = dict(extension)
        for option in ("groups", "callable_groups", "labels"):
            if option in cells:
                cells[option] = json.dumps(cells[option])
        writer.writerow(cells)
    return file.getvalue().encode()


# Neither empty texts nor empty lists: an empty cell says nothing. Blanks at the ends are not kept.
words = st.text(st.characters(blacklist_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and not text.startswith(("'", "=", "\ufeff")) and "\u00a0" not in text
)
names = words.filter(lambda text: text != "*" and "\ufeff" not in text)
extensions = st.lists(
    st.fixed_dictionaries(
        {"number": st.from_regex(r"[0-9]{1,15}", fullmatch=True)},
        optional={
            "name": names,
            "connection_port": st.sampled_from(some.PORTS),
            "groups": st.lists(names, min_size=1, unique=True),
            "callable_groups": st.just(["*"]) | st.lists(names, min_size=1, unique=True),
            "record": st.booleans(),
            "enabled": st.booleans(),
            "max_devices": st.integers(1, 20),
            "ring_timeout": st.integers(5, 300),
            "email": st.sampled_from([email for email in some.EMAILS if email]),
            "labels": st.sampled_from([labels for labels in some.LABELS if labels]),
            "password": words,
        },
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda extension: extension["number"],
)


@given(extensions)
def test_what_is_written_is_read(directory):
    assert taken(understood("csv", written(directory))) == {
        one["number"]: {option: value for option, value in one.items() if option != "number"}
        for one in directory
    }
