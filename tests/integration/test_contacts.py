# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A phone is called where it has registered from, and nowhere else, whatever it calls its contact."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from phones.exchange import Room

from .company import RECORDINGS, until
from .fleet import Host
from .forging import PASSWORD, STREET_PORTS, Street, open_street


@pytest.fixture(scope="module")
def street(host: Host) -> Iterator[Street]:
    with open_street(host) as street:
        yield street


#: What an attacker registers, in one REGISTER. HERE is its own address, and the first is taken back at once.
GONE = "<sip:x@HERE>;expires=0"
ELSEWHERE = [
    (GONE, "<sip:00905551234567@PROVIDER>"),
    ("<sip:x@HERE>;expires=0, <sip:00905551234567@PROVIDER>",),
    (GONE, "<sip:00905551234567@PROVHOST>"),
    (GONE, "<sip:PROVIDER>"),
    (GONE, "sip:00905551234567@PROVIDER"),
    (GONE, '"<sip:x@HERE>" <sip:00905551234567@PROVIDER>;q=1.0;+sip.instance="<urn:uuid:0>"'),
    (GONE, "<sip:00905551234567@PROVIDER;transport=udp>"),
    (GONE, "<sip:00905551234567@PROVIDER;transport=tcp>"),
    (GONE, "<sips:00905551234567@PROVIDER>"),
    (GONE, "<sip:00905551234567@[::ffff:PROVHOST]:5060>"),
    (GONE, "<sip:00905551234567@127.0.0.1:5060>"),
    (GONE, "<sip:1001@HOST:5060>"),
    (GONE, "<sip:00905551234567@provider.invalid>"),
    # Not where the URI's host says.
    ("<sip:00905551234567@HERE;maddr=PROVHOST>",),
    ("<sip:00905551234567@HERE;MADDR=PROVHOST>",),
    ("<sip:00905551234567@HERE;user=phone%3Bmaddr%3DPROVHOST>",),
    (GONE, "<sip:x@HERE;maddr=PROVHOST>"),
    # The mark of a contact that was rewritten, made by hand: as it is, in other letters, escaped (user= is
    # printed without being escaped again, pjsip/src/pjsip/sip_uri.c), quoted, in a host in brackets.
    (GONE, "<sip:00905551234567@PROVIDER;x-ast-txp=port-1>"),
    (GONE, "<sip:00905551234567@PROVIDER;X-AST-TXP=port-1>"),
    (GONE, "<sip:00905551234567@PROVIDER;user=phone%3Bx-ast-txp%3Dport-1>"),
    (GONE, '<sip:00905551234567@PROVIDER;a=";x-ast-txp=port-1">'),
    (GONE, "<sip:00905551234567@[PROVIDER;x-ast-txp=port-1]>"),
    (GONE, "<sip:00905551234567@[PROVHOST;x-ast-txp=port-1]:5060>"),
    (GONE, "<sip:00905551234567@PROVIDER;x-ast-orig-host=1.2.3.4:5060>"),
    # A parenthesis ends the argument of the function that looks at it, and what follows a colon is an offset.
    (GONE, "<sip:00905551234567@PROVIDER;a=)b:0>"),
    (GONE, "<sip:00905551234567@PROVIDER;user=phone%3Bx-ast-txp%3Dport-1)b:0>"),
    # What Dial would take for its own.
    (GONE, '<sip:x@HERE;a="&PJSIP/1003/sip:00905551234567@PROVIDER;x-ast-txp=port-1">'),
    (GONE, "<sip:x&PJSIP/1003/sip:00905551234567@PROVIDER>"),
    (GONE, "<sip:x(@PROVIDER>"),
    ("<sip:x(@HERE>",),
    ("<sip:x,1,i@HERE>",),
    ("<sip:x&y@HERE>",),
    ("<sip:x%26y@HERE>",),
    ("<sip:$%7BEXTEN%7D@HERE>",),
    ("<sip:x%22y%5c@HERE>",),
    ("<sip:x;y@HERE>",),
    ("<sip:x'`y@HERE>",),
    ("<sip:x@HERE?X-Header=a>",),
]


def test_an_attacker_has_nobody_called_but_itself(street: Street) -> None:
    """The first of each pair asks where a call goes, the second its end: 480, no phone is registered."""
    answers = {}
    for contacts in ELSEWHERE:
        street.attacker.register("*", headers="Expires: 0\r\n")
        registered = street.attacker.register(*map(street.written, contacts))["status"]
        status = street.caller.call("1003")
        answers[contacts] = (registered, status, len(street.provider.requests("INVITE")))
    street.attacker.register("*", headers="Expires: 0\r\n")
    # What Asterisk cannot read it does not answer.
    assert {c for c, (registered, _s, _i) in answers.items() if registered != 200} == {("<sip:x'`y@HERE>",)}
    assert {
        contacts for contacts, (_r, status, invites) in answers.items() if status != 480 or invites
    } == set()
    assert street.attacker.requests("INVITE") == []
    # What it was sent: whether it is there.
    assert all(r.startswith(("OPTIONS ", "ACK ")) for r in street.provider.requests("OPTIONS"))


@pytest.mark.parametrize("protocol", ["tcp", "ws"])
def test_neither_has_one_that_comes_over_a_connection(street: Street, protocol: str) -> None:
    number = {"tcp": "1003", "ws": "1004"}[protocol]
    attacker = street.gang.plug_in(1, protocol=protocol, number=number, password=PASSWORD)
    for contacts in (
        (GONE, "<sip:00905551234567@PROVIDER>"),
        (GONE, f"<sip:00905551234567@PROVIDER;transport={protocol}>"),
        ("<sip:x@HERE;maddr=PROVHOST>",),
        (f"<sip:x@HERE;maddr=PROVHOST;transport={protocol}>",),
        ("<sip:x@HERE;user=phone%3Bmaddr%3DPROVHOST>",),
        (GONE, "<sip:00905551234567@PROVIDER;user=phone%3Bx-ast-txp%3Dport-1>"),
        ("<sip:x(@HERE>",),
    ):
        attacker.register("*", headers="Expires: 0\r\n")
        assert attacker.register(*map(street.written, contacts))["status"] == 200
        assert (street.caller.call(number), contacts) == (480, contacts)
    attacker.register("*", headers="Expires: 0\r\n")
    attacker.unplug()
    assert street.provider.requests("INVITE") == []


def test_what_else_stands_in_a_registration_leads_nowhere(street: Street) -> None:
    elsewhere = street.written("<sip:PROVIDER;lr>")
    headers = "".join(f"{name}: {elsewhere}\r\n" for name in ("Path", "Route", "Record-Route"))
    before = len(street.attacker.requests("INVITE"))
    assert street.attacker.register("<sip:x@HERE>", headers=f"Supported: path\r\n{headers}")["status"] == 200
    assert street.caller.call("1003") == 486
    street.attacker.register("*", headers="Expires: 0\r\n")
    assert len(street.attacker.requests("INVITE")) == before + 1
    assert street.provider.requests("INVITE") == []


#: Contacts of real phones. 192.168.1.20 is what a phone behind a router takes for its address.
HONEST = [
    ("udp", "<sip:1003@HERE>"),
    ("udp", "<sip:1003@192.168.1.20:5060>"),
    ("udp", '<sip:1003@HERE;line=8x4k2j>;reg-id=1;q=1.0;+sip.instance="<urn:uuid:f81d4fae-7dec>"'),
    ("udp", "<sip:1003@192.168.1.20:5060;rinstance=3f6b1c9a1d2e;transport=UDP>"),
    ("udp", "<sip:1003-0x7f@192.168.1.20:5062;ob>"),
    ("udp", "<sip:GUID-8.1_2~*+@phone.local:5062;user=phone>"),
    ("udp", "<sip:[fe80::1]:5060;uniq=A1B2C3>"),
    ("udp", "<sip:HERE>"),
    ("tcp", "<sip:1003@HERE;transport=tcp>"),
    ("tcp", "<sip:1003@192.168.1.20:5060;transport=TCP;line=8x4k2j>"),
    ("tcp", "<sip:1003@192.168.1.20>"),
    ("ws", "<sip:q8h5kk1h@abc123.invalid;transport=ws>;+sip.ice;reg-id=1"),
    ("ws", "<sip:q8h5kk1h@abc123.invalid;transport=ws;ob>"),
]


@pytest.mark.parametrize(("protocol", "contact"), HONEST)
def test_a_phone_of_good_will_is_called(street: Street, protocol: str, contact: str) -> None:
    number = "1004" if protocol == "ws" else "1003"
    # Each has an address of its own: Debian 11's Asterisk forgets all phones in browsers behind an address
    # when the connection of one of them ends (docs/ports.md).
    which = 6 + HONEST.index((protocol, contact)) % 2 if protocol == "ws" else 2
    phone = street.gang.plug_in(which, protocol=protocol, number=number, password=PASSWORD)
    registered = phone.register(contact)
    assert registered["status"] == 200
    assert "x-ast-" not in str(registered)
    try:
        assert street.caller.call(number) == 486
        (invite,) = phone.requests("INVITE")
        assert "x-ast-" not in invite
        uris = [c["uri"] for c in street.host.facts()["pbx_extensions"][number]["contacts"]]
        assert len(uris) == 1
        assert "x-ast-" not in uris[0]
    finally:
        phone.register("*", headers="Expires: 0\r\n")
        phone.unplug()


def test_the_others_ring_and_the_log_names_the_one_that_does_not(street: Street) -> None:
    phones = [street.gang.plug_in(i, number="1003", password=PASSWORD) for i in (1, 2)]
    for phone in phones:
        assert phone.register("<sip:1003@HERE>")["status"] == 200
    assert street.attacker.register(GONE, street.written("<sip:0090(@PROVIDER>"))["status"] == 200
    before = len(street.log())
    assert street.caller.call("1003") == 486
    assert [len(phone.requests("INVITE")) for phone in phones] == [1, 1]
    assert street.provider.requests("INVITE") == []
    told = [line for line in street.log()[before:].splitlines() if "WARNING" in line]
    assert len(told) == 1
    assert "of extension 1003 is not called" in told[0]
    assert "(@" not in told[0]
    for phone in (*phones, street.attacker):
        phone.register("*", headers="Expires: 0\r\n")


@pytest.mark.parametrize("more", ["<sip:x(@PROVIDER>", "<sip:x(@HERE>", '<sip:x@PROVIDER;a="(">'])
def test_who_has_to_be_recorded_is_recorded_whatever_else_it_registers(street: Street, more: str) -> None:
    with Room(street.host.address) as room:
        desk = room.phone("1002", PASSWORD, tone=600)
        forger = street.gang.plug_in(0, number="1002", password=PASSWORD)
        assert forger.register(GONE, street.written(more))["status"] == 200
        street.host.shell(f"rm -rf {RECORDINGS}/2*")
        call = street.caller.dial("1002").is_up()
        time.sleep(1)
        call.hang_up()
        until(lambda: street.host.shell(f"find {RECORDINGS} -name '*-1002.wav' -size +1k"))
        # Its ring timeout, of 5 s, and its redirection.
        desk.does("ring")
        began = time.monotonic()
        assert street.caller.call("1002", seconds=20) == 480
        assert time.monotonic() - began < 9
        desk.does(302)
        assert street.caller.call("1002") >= 400
        forger.register("*", headers="Expires: 0\r\n")
    assert street.provider.requests("INVITE") == []


#: As the library writes its tables down (database/realtime.py).
WRITTEN_DOWN = """
for kind in ("endpoints", "auths", "aors"):
    c.execute("DELETE FROM ps_" + kind)
    c.execute("INSERT INTO ps_" + kind + " SELECT * FROM made_" + kind)
c.execute("DELETE FROM stale")
c.commit()
"""
#: The host as an older release has left it: a port whose name is not a secret, and no mark in any contact.
OLDER = f"""
import re, sqlite3
c = sqlite3.connect("/var/lib/voiceops/directory.sqlite3")
c.execute("UPDATE connection_port SET mark = ''")
c.execute("DELETE FROM setting WHERE key LIKE 'earlier_contacts%'")
{WRITTEN_DOWN}
path = "/etc/asterisk/pjsip_connection_ports.conf"
text = re.sub(r"(port-[0-9]+)-[0-9a-f]{{32}}", r"\\1", open(path).read())
text = text.replace("symmetric_transport = yes\\n", "")
open(path, "w").write(text)
"""  # noqa: S608 - nothing in it is from elsewhere
AN_HOUR_LATER = f"""
import sqlite3
c = sqlite3.connect("/var/lib/voiceops/directory.sqlite3")
c.execute("UPDATE setting SET value = '1' WHERE key = 'earlier_contacts_until'")
{WRITTEN_DOWN}
"""  # noqa: S608 - nothing in it is from elsewhere


def test_phones_of_a_host_that_is_upgraded_are_called_all_the_time(street: Street) -> None:
    host = street.host
    host.shell("systemctl stop asterisk")
    host.python(OLDER)
    host.shell("systemctl start asterisk && asterisk -rx 'core waitfullybooted'")
    phone = street.gang.plug_in(2, number="1003", password=PASSWORD)
    assert phone.register("<sip:1003@192.168.1.20:5060>")["status"] == 200
    assert street.caller.call("1003") == 486
    # Without a restart all stays as it was, and it is said.
    told = host.module("pbx_directory", connection_ports=STREET_PORTS, restart="never")
    assert (told["changed"], told["restart_required"]) == (False, True)
    assert "does not tell yet from where a phone has registered" in told["said"]
    assert street.caller.call("1003") == 486
    made = host.module_by_ansible("pbx_directory", connection_ports=STREET_PORTS, restart="if_needed")
    assert (made["failed"], made["changed"], made["restart_required"]) == (False, True, False), made
    assert "x-ast-txp=until-" in street.contacts()
    secret = host.shell("grep -o 'port-[0-9]*-[0-9a-f]*' /etc/asterisk/pjsip_connection_ports.conf").strip()
    assert secret not in made["said"]
    # It has not registered again: what it has registered is called for an hour at most.
    assert street.caller.call("1003") == 486
    # A refresh makes a contact with the port's own mark, which a phone that comes again gets at once.
    assert phone.register("<sip:1003@192.168.1.20:5060>")["status"] == 200
    assert f"x-ast-txp={secret}" in street.contacts()
    host.python(AN_HOUR_LATER)
    host.shell("asterisk -rx 'sorcery memory cache expire res_pjsip/aor'")
    before = len(phone.requests("INVITE"))
    assert street.caller.call("1003") == 486
    assert len(phone.requests("INVITE")) == before + 1
    phone.register("*", headers="Expires: 0\r\n")
    again = host.module("pbx_directory", connection_ports=STREET_PORTS, restart="if_needed")
    assert (again["changed"], again["failed"]) == (False, False)
