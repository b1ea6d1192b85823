# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A certificate is reported in words, and what is wrong with it; what is none is reported too."""

from __future__ import annotations

import base64
import functools
import json
import ssl
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import certificate
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk.certificate import CertificateError
from hypothesis import example, given
from hypothesis import strategies as st

DATA = Path(__file__).parents[1] / "data"
FILES = ("ec", "long", "unicode", "nameless", "expired", "far")

DAY = 86400


def time(text):
    return datetime.fromisoformat(text + "+00:00").timestamp()


#: When the certificates made for these tests become valid, and cease to be.
BEGIN, END = time("2026-01-01T00:00:00"), time("2036-01-01T00:00:00")


def der(name):
    return certificate.read(str(DATA / f"test-only-{name}.pem"))


def read(name):
    return certificate.parse(der(name))


# --- what is in it ---------------------------------------------------------------------------


def test_a_certificate_is_told_in_words():
    assert read("ec").shown(END - 12.5 * DAY) == {
        "subject": "pbx.example.org",
        "issuer": "pbx.example.org",
        "names": ["pbx.example.org", "*.phones.example.org", "203.0.113.5", "2001:db8::5"],
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2036-01-01T00:00:00Z",
        "days_left": 12,
        "serial": "0A1B2C3D4E5F",
        "fingerprint": certificate.fingerprint(der("ec")),
    }


def test_what_cannot_be_read_has_the_same_facts_without_values():
    assert dict.fromkeys(read("ec").shown(END)) == certificate.UNKNOWN


@pytest.mark.parametrize("name", FILES)
def test_openssl_reads_the_same(name):
    command = ["openssl", "x509", "-noout", "-serial", "-fingerprint", "-sha256", "-enddate"]
    file = str(DATA / f"test-only-{name}.pem")
    run = subprocess.run([*command, "-in", file], capture_output=True, text=True, check=True)
    said = [line.partition("=")[2] for line in run.stdout.splitlines()]
    found = read(name)
    assert found.serial in said
    assert found.fingerprint in said
    assert found.not_after.timestamp() in map(_openssl_time, said)


def _openssl_time(text):
    try:
        return ssl.cert_time_to_seconds(text)
    except ValueError:
        return None


@pytest.mark.parametrize(
    ("name", "subject"),
    [
        ("unicode", "Ayşe Yılmaz"),
        ("nameless", "C=TR, O=Kurum Ltd"),
        ("long", "l" * 64),
        ("certificate", "TEST ONLY voiceops.asterisk"),
    ],
)
def test_the_subject_is_the_common_name_or_the_whole_name(name, subject):
    found = read(name)
    assert (found.subject, found.issuer) == (subject, subject)


@pytest.mark.parametrize(
    ("name", "names"),
    [
        pytest.param("expired", ("old.example.org",), id="the common name where there are no others"),
        pytest.param("nameless", (), id="none at all"),
        pytest.param("long", tuple(f"{'n' * 60}.{i}.example.org" for i in range(1, 81)), id="many"),
    ],
)
def test_the_names_that_it_is_for(name, names):
    assert read(name).names == names


def test_a_year_after_2049_is_written_otherwise_and_read_all_the_same():
    found = read("far")
    assert found.not_before == datetime(2050, 1, 1, tzinfo=timezone.utc)
    assert found.shown(0)["not_after"] == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    ("now", "days"),
    [
        (END, 0),
        (END - 1, 0),
        (END - DAY, 1),
        (END - DAY + 0.001, 0),
        (END + 0.001, -1),
        (END + DAY, -1),
        (END + DAY + 1, -2),
        (BEGIN, 3652),
    ],
)
def test_days_left_are_whole_days(now, days):
    assert read("ec").days_left(now) == days


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("pbx.example.org", True),
        ("PBX.Example.org.", True),
        ("a.phones.example.org", True),
        ("a.b.phones.example.org", False),
        ("phones.example.org", False),
        ("xphones.example.org", False),
        ("example.org", False),
        ("203.0.113.5", True),
        ("203.0.113.6", False),
        ("2001:DB8:0::5", True),
        ("*.phones.example.org", True),
        ("", False),
        ("localhost", False),
    ],
)
def test_which_names_it_covers(name, covered):
    assert read("ec").covers(name) is covered


# --- certificates that no tool would make ----------------------------------------------------


def element(first, *content):
    """An element of DER: its first byte, its length, its content."""
    data = b"".join(content)
    size = len(data)
    if size < 0x80:
        return bytes([first, size]) + data
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([first, 0x80 | len(digits)]) + digits + data


def sequence(*content):
    return element(0x30, *content)


ALGORITHM = sequence(element(0x06, b"\x2a\x03"))
SIGNATURE = element(0x03, b"\x00")
TIMES = sequence(element(0x17, b"260101000000Z"), element(0x17, b"360101000000Z"))
ALT_NAME = element(0x06, b"\x55\x1d\x11")
KEY_USAGE = element(0x06, b"\x55\x1d\x0f")


def name(*parts):
    """A distinguished name; each part is the last byte of its identifier 2.5.4.x, and its value."""
    return sequence(
        *(element(0x31, sequence(element(0x06, bytes([0x55, 4, which])), v)) for which, v in parts)
    )


PBX = name((3, element(0x0C, b"pbx")))


def made(subject=PBX, *, times=TIMES, version=b"", extensions=(), serial=b"\x05", more=b""):
    """A certificate with a subject that is its issuer too."""
    if extensions:
        extensions = [element(0xA3, sequence(*extensions))]
    fields = (element(0x02, serial), ALGORITHM, subject, times, subject, sequence(ALGORITHM, SIGNATURE))
    return sequence(sequence(version, *fields, *extensions), ALGORITHM, SIGNATURE) + more


def with_names(*names, critical=b""):
    alternative = sequence(ALT_NAME, critical, element(0x04, sequence(*names)))
    return made(
        version=element(0xA0, element(0x02, b"\x02")),
        extensions=[sequence(KEY_USAGE, element(0x04, b"\x03")), alternative],
    )


def test_a_certificate_of_the_first_version_has_no_extensions():
    found = certificate.parse(made())
    assert (found.subject, found.names, found.serial) == ("pbx", ("pbx",), "05")


@pytest.mark.parametrize(
    ("serial", "shown"),
    [(b"\x00", "00"), (b"\x0f", "0F"), (b"\x10", "10"), (b"\x01\x23", "0123"), (b"\xff", "-01")],
)
def test_a_serial_number_is_shown_in_whole_bytes(serial, shown):
    assert certificate.parse(made(serial=serial)).serial == shown


@pytest.mark.parametrize("critical", [b"", element(0x01, b"\xff")], ids=["as usual", "critical"])
def test_names_of_other_kinds_are_passed_over_and_repeated_ones_told_once(critical):
    other = element(0xA0, element(0x06, b"\x2a\x03"), element(0xA0, element(0x0C, b"x")))
    names = [other, element(0x82, b"a.example"), element(0x86, b"sip:a"), element(0x82, b"a.example")]
    assert certificate.parse(with_names(*names, critical=critical)).names == ("a.example",)


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        pytest.param(element(0x0C, "Ağ".encode()), "Ağ", id="UTF8String"),
        pytest.param(element(0x13, b"pbx"), "pbx", id="PrintableString"),
        pytest.param(element(0x16, b"pbx"), "pbx", id="IA5String"),
        pytest.param(element(0x14, "Büro".encode("latin-1")), "Büro", id="TeletexString"),
        pytest.param(element(0x1E, "Ağ".encode("utf-16-be")), "Ağ", id="BMPString"),
        pytest.param(element(0x1C, "🏢".encode("utf-32-be")), "🏢", id="UniversalString"),
        pytest.param(element(0x0C, b"a\nb\x1b[31m\xe2\x80\xae"), "a\ufffdb\ufffd[31m\ufffd", id="controls"),
        pytest.param(element(0x0C), "", id="empty"),
    ],
)
def test_a_name_may_be_written_in_any_of_the_alphabets_of_asn1(value, subject):
    assert certificate.parse(made(name((3, value)))).subject == subject


def test_the_last_of_several_common_names_counts():
    assert certificate.parse(made(name((3, element(0x0C, b"a")), (3, element(0x0C, b"b"))))).subject == "b"


def test_a_part_of_a_name_that_is_not_known_is_told_by_its_identifier():
    assert certificate.parse(made(name((5, element(0x13, b"77"))))).subject == "2.5.4.5=77"


@pytest.mark.parametrize(
    ("tag", "text", "year"),
    [
        (0x17, "490101000000Z", 2049),
        (0x17, "500101000000Z", 1950),
        (0x18, "20491231000000Z", 2049),
    ],
)
def test_the_century_of_a_short_year(tag, text, year):
    times = sequence(element(tag, text.encode()), element(0x18, b"99991231235959Z"))
    assert certificate.parse(made(times=times)).not_before.year == year


DAMAGED = {
    "empty": b"",
    "one byte": b"\x30",
    "null": b"\x05\x00",
    "an empty sequence": sequence(),
    "only what is signed": sequence(sequence(), ALGORITHM, SIGNATURE),
    "something follows": made(more=b"\x05\x00"),
    "a length beyond the end": b"\x30\x84\xff\xff\xff\xff" + made(),
    "a length of a hundred digits": b"\x30\xe4" + b"\xff" * 100,
    "an endless length": b"\x30\x80" + made() + b"\x00\x00",
    "nested too deep": b"\x30\x80" * 20000,
    "nested properly too deep": functools.reduce(lambda d, _: sequence(d), range(2000), b""),
    "larger than any": made(name((3, element(0x0C, b"x" * (1 << 16))))),
    "month 13": made(times=sequence(element(0x17, b"261301000000Z"), element(0x17, b"360101000000Z"))),
    "a time with an offset": made(times=sequence(*[element(0x17, b"260101000000+0300")] * 2)),
    "a time without seconds": made(times=sequence(*[element(0x17, b"2601010000Z")] * 2)),
    "three times": made(times=sequence(*[element(0x17, b"260101000000Z")] * 3)),
    "an address of three bytes": with_names(element(0x87, b"\x01\x02\x03")),
    "a host name that is not text": with_names(element(0x82, b"\xff\xfe")),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_what_is_no_certificate_is_told(data):
    with pytest.raises(CertificateError, match="is damaged"):
        certificate.parse(data)


GOOD = [der(name) for name in ("ec", "unicode", "far", "nameless")] + [made(), with_names()]


@given(st.binary(max_size=300))
@example(b"\x06\x81")
def test_any_bytes_are_told_as_damaged(data):
    with pytest.raises(CertificateError, match="is damaged"):
        certificate.parse(data)


@given(st.sampled_from(GOOD), st.data())
def test_a_certificate_that_is_cut_short_is_told_as_damaged(good, data):
    with pytest.raises(CertificateError, match="is damaged"):
        certificate.parse(good[: data.draw(st.integers(0, len(good) - 1))])


@given(
    st.sampled_from(GOOD),
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_a_certificate_with_other_bytes_in_it_is_read_or_told_as_damaged(good, changes):
    data = bytearray(good)
    for position, value in changes:
        data[position % len(data)] = value
    try:
        found = certificate.parse(bytes(data))
    except CertificateError:
        return
    json.dumps(found.shown(END))
    assert found.subject.isprintable()


@given(st.text(max_size=100))
def test_any_name_comes_through_as_far_as_it_can_be_printed(text):
    encoded = text.encode("utf-8", "ignore")
    subject = certificate.parse(made(name((3, element(0x0C, encoded))))).subject
    assert len(subject) == len(encoded.decode())
    assert subject.isprintable()


# --- files -----------------------------------------------------------------------------------


def test_of_a_chain_the_first_certificate_is_read(tmp_path):
    chain = tmp_path / "chain.pem"
    chain.write_bytes(b"".join((DATA / f"test-only-{name}.pem").read_bytes() for name in ("ec", "far")))
    assert certificate.read(str(chain)) == der("ec")


def test_a_file_may_come_from_windows_and_hold_its_key_too():
    text = (DATA / "test-only-key-ec.pem").read_bytes() + (DATA / "test-only-ec.pem").read_bytes()
    assert certificate.from_pem(text.replace(b"\n", b"\r\n")) == der("ec")


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(CertificateError, match="cannot be read: No such file or directory"):
        certificate.read(str(tmp_path / "nowhere.pem"))


@pytest.mark.parametrize(
    ("pem", "message"),
    [
        (b"", "holds no PEM certificate"),
        (b"rubbish\n", "holds no PEM certificate"),
        ((DATA / "test-only-key.pem").read_bytes(), "holds no PEM certificate"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA", "holds no PEM certificate"),
        (
            b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----",
            "is damaged: .*; copy it to the host again",
        ),
        (
            b"-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----",
            "is damaged: .*; copy it to the host again",
        ),
    ],
)
def test_a_file_without_a_sound_certificate_is_told(pem, message):
    with pytest.raises(CertificateError, match=message):
        certificate.from_pem(pem)


@given(st.binary(max_size=100))
def test_any_file_is_a_certificate_or_an_error(data):
    framed = b"-----BEGIN CERTIFICATE-----" + data + b"-----END CERTIFICATE-----"
    for pem in (data, framed):
        try:
            found = certificate.from_pem(pem)
        except CertificateError:
            continue
        assert base64.b64encode(found) == b"".join(data.split())


def test_where_the_library_is_missing_it_is_told_how_to_get_it(monkeypatch):
    found = der("ec")
    monkeypatch.setitem(sys.modules, "pyasn1.codec.der", None)
    with pytest.raises(CertificateError, match="on Debian: apt-get install python3-pyasn1"):
        certificate.parse(found)


def test_the_library_is_loaded_only_where_there_is_a_certificate():
    script = (
        "import sys;"
        " from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import certificate;"
        " from ansible_collections.voiceops.asterisk.plugins.module_utils.host import listener;"
        " from ansible_collections.voiceops.asterisk.plugins.module_utils.status import facts;"
        " print({'ssl', 'pyasn1'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=_environment()
    )
    assert run.stdout == "set()\n"


def _environment():
    return {"PYTHONPATH": ":".join(filter(None, sys.path))}


# --- what is wrong with it -------------------------------------------------------------------

MIDDLE = (BEGIN + END) / 2


def problems(name="ec", served=None, external_address=None, now=MIDDLE):
    return certificate.problems(read(name), now, external_address, served and read(served))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        pytest.param(BEGIN, [], id="its first second"),
        pytest.param(
            BEGIN - 1,
            ["is not valid before 2026-01-01T00:00:00Z; is the host's clock right?"],
            id="too early",
        ),
        pytest.param(END - 30 * DAY, [], id="thirty days"),
        pytest.param(END - 30 * DAY + 1, ["expires in 29 days, at 2036-01-01T00:00:00Z"], id="fewer"),
        pytest.param(END - DAY, ["expires in 1 day, at 2036-01-01T00:00:00Z"], id="one day"),
        pytest.param(END, ["expires in 0 days, at 2036-01-01T00:00:00Z"], id="its last second"),
        pytest.param(END + 1, ["has expired at 2036-01-01T00:00:00Z; renew it"], id="over"),
    ],
)
def test_a_certificate_that_is_not_valid_or_not_for_long_is_told(now, told):
    assert problems(now=now) == told


def test_a_certificate_that_is_renewed_but_not_served_is_told():
    assert problems(served="ec") == []
    before = "has been renewed, but the port still serves the one before, which"
    assert problems(served="expired") == [f"{before} has expired at 2021-01-01T00:00:00Z; restart Asterisk"]
    assert problems(served="unicode") == [f"{before} expires at 2036-01-01T00:00:00Z; restart Asterisk"]


@pytest.mark.parametrize(
    ("name", "address", "told"),
    [
        pytest.param("ec", "pbx.example.org", False, id="its name"),
        pytest.param("ec", "sip.example.org", True, id="another name"),
        pytest.param("ec", "203.0.113.5", False, id="its address"),
        pytest.param("ec", "203.0.113.6", True, id="another address"),
        pytest.param("unicode", "203.0.113.6", False, id="an address, where only names are in it"),
        pytest.param("nameless", "203.0.113.6", True, id="an address, where nothing is in it"),
        pytest.param("nameless", "pbx.example.org", True, id="a name, where nothing is in it"),
    ],
)
def test_a_certificate_for_other_names_is_told(name, address, told):
    found = problems(name, external_address=address)
    assert bool(found) is told
    for text in found:
        assert text.startswith(f"is not for the port's external_address {address}; its names are: ")


def test_everything_that_is_wrong_is_told_at_once():
    found = problems("expired", served="ec", external_address="pbx.example.org")
    assert [text.split()[1] for text in found] == ["expired", "been", "not"]
    assert found[-1].endswith("; its names are: old.example.org")
    assert problems("nameless", external_address="a.example")[0].endswith("; its names are: none")
