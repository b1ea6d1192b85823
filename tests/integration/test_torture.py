# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What strangers and bad phones send: nothing of it ends Asterisk, does anything, or tells who exists."""

from __future__ import annotations

import json
import re

import pytest
from phones.phone import Phone, phones_addresses, where_phones_are

from .company import until
from .fleet import DIRECTORY, REPOSITORY, Host, command

RAW = REPOSITORY / "tests" / "phones" / "raw.py"
EXISTS, HAS_NO_PASSWORD, IS_NOBODY = "1001", "1003", "7777"
PASSWORD = DIRECTORY["pbx_extensions"][0]["password"]


def request(method: str, number: str = "1002", body: str = "", **headers: str) -> str:
    """Return a request as a phone would send it, with other headers in the place of its own."""
    fields = {
        "Via": "SIP/2.0/UDP {ours};branch=z9hG4bK{id};rport",
        "Max-Forwards": "70",
        "From": "<sip:1001@{server}>;tag={id}",
        "To": f"<sip:{number}@{{server}}>",
        "Call-ID": "{id}",
        "CSeq": f"1 {method}",
        "Contact": "<sip:1001@{ours}>",
        "Content-Length": str(len(body.encode("latin-1"))),
    }
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\r\n".join([f"{method} sip:{number}@{{server}} SIP/2.0", *lines, "", body])


def sdp(*lines: str) -> str:
    return request("INVITE", body="\r\n".join([*lines, ""]), Content_Type="application/sdp")


#: After RFC 4475, each a thing that a parser may trip over; `request` gives the rest of the message.
TORTURE = {
    "nothing": "",
    "blank lines": "\r\n" * 2000,
    "not SIP": "GET / HTTP/1.1\r\n\r\n",
    "zeros": "\0" * 1400,
    "every byte": "".join(map(chr, range(256))) * 5,
    "a line without an end": "OPTIONS sip:" + "x" * 60000,
    "no method": request("OPTIONS").replace("OPTIONS sip:", " sip:", 1),
    "a method of any letters": request("!in-vite_1'%*+`~"),
    "a method of 10,000 letters": request("X" * 10000),
    "another version": request("OPTIONS").replace("SIP/2.0\r", "SIP/7.0\r", 1),
    "no version": request("OPTIONS").replace(" SIP/2.0\r", "\r", 1),
    "blanks in the address": request("INVITE").replace("sip:1002@", "sip:1002 ; x @", 1),
    "an address in brackets": request("INVITE").replace("sip:1002@{server}", "<sip:1002@{server}>", 1),
    "an address of another scheme": request("OPTIONS").replace("sip:1002@{server}", "soap.beep://x:1", 1),
    "an address with escaped zeros": request("INVITE", "null-%00-null"),
    "an address with broken escapes": request("INVITE", "%zz%1%"),
    "a long address": request("INVITE", "1" * 20000),
    "lists with nothing in them": request("OPTIONS", Via=",,,", Contact=",,,"),
    "no Via": request("OPTIONS", Via=""),
    "no From": request("OPTIONS", From=""),
    "no Call-ID": request("INVITE", Call_ID=""),
    "no CSeq": request("INVITE", CSeq=""),
    "another method in CSeq": request("INVITE", CSeq="1 BYE"),
    "a CSeq beyond all bounds": request("INVITE", CSeq="36893488147419103232 INVITE"),
    "a negative length": request("INVITE", "1002", "x", Content_Length="-999"),
    "a length beyond all bounds": request("INVITE", "1002", "x", Content_Length="99999999999999999999"),
    "a length beyond the message": request("INVITE", "1002", "x", Content_Length="9999"),
    "lengths that contradict": request("INVITE", "1002", "x").replace("\r\n\r\n", "\r\nl: 0\r\n\r\n", 1),
    "an open quote": request("INVITE", From='"Mr. J. User <sip:1001@{server}>;tag=a'),
    "names in any bytes": request("INVITE", From='"\x80\xff\x00é" <sip:1001@{server}>;tag=a'),
    "folded lines": request(
        "INVITE", Subject="a\r\n b\r\n\tc", Via="SIP/2.0/UDP\r\n {ours};branch=z9hG4bK{id}"
    ),
    "ten thousand headers": request("OPTIONS").replace("CSeq:", "X: y\r\n" * 8000 + "CSeq:", 1),
    "a hundred Vias": request("OPTIONS", Via=", ".join(["SIP/2.0/UDP {ours};branch=z9hG4bK{id}"] * 100)),
    "a Via of an unknown way": request("OPTIONS", Via="SIP/2.0/UNKNOWN {ours};branch=z9hG4bK{id}"),
    "a branch of nothing": request("OPTIONS", Via="SIP/2.0/UDP {ours};branch=z9hG4bK"),
    "no forwards left": request("INVITE", Max_Forwards="0"),
    "forwards beyond all bounds": request("INVITE", Max_Forwards="300"),
    "an extension that is required": request("INVITE", Require="nothing-knows-this, neither-this"),
    "a Date in the wrong zone": request("INVITE", Date="Fri, 01 Jan 2010 16:00:00 EST"),
    "an answer nobody waits for": "SIP/2.0 200 OK\r\n" + request("INVITE").partition("\r\n")[2],
    "an answer of status 4294967301": "SIP/2.0 4294967301 x\r\n" + request("INVITE").partition("\r\n")[2],
    "a password of rubbish": request("REGISTER", Authorization='Digest realm="\xff", nonce=, uri="'),
    "another way to tell who": request("REGISTER", Authorization="NoOneKnowsThis a=b"),
    "contacts of rubbish": request("REGISTER", Contact='*, <sip:%00@[::1>, "x" <tel:1>;expires=-1'),
    "an expiry beyond all bounds": request("REGISTER", Expires="99999999999999999999"),
    "a body in parts of nothing": request("INVITE", body="--\r\n", Content_Type="multipart/mixed;boundary="),
}
_CALL = ("v=0", "o=- 1 1 IN IP4 198.18.0.9", "s=-", "c=IN IP4 198.18.0.9", "t=0 0")
SDPS = {
    "nothing": sdp(""),
    "no version": sdp("o=-", "s=-"),
    "rubbish": sdp("\x00\xff" * 500),
    "no media": sdp(*_CALL),
    "no connection": sdp(*_CALL[:3], "t=0 0", "m=audio 4000 RTP/AVP 8"),
    "a port beyond all bounds": sdp(*_CALL, "m=audio 99999999999 RTP/AVP 8"),
    "a negative port": sdp(*_CALL, "m=audio -1 RTP/AVP 8"),
    "ports beyond all bounds": sdp(*_CALL, "m=audio 4000/4294967295 RTP/AVP 8"),
    "no codec": sdp(*_CALL, "m=audio 4000 RTP/AVP"),
    "a codec beyond all bounds": sdp(
        *_CALL, "m=audio 4000 RTP/AVP 4294967304", "a=rtpmap:4294967304 PCMA/8000"
    ),
    "a codec of no rate": sdp(*_CALL, "m=audio 4000 RTP/AVP 96", "a=rtpmap:96 PCMA/0"),
    "lines of a codec that are none": sdp(
        *_CALL, "m=audio 4000 RTP/AVP 8", "a=rtpmap:", "a=fmtp:8", "a=ptime:-1"
    ),
    "two hundred streams": sdp(*_CALL, *["m=audio 4000 RTP/AVP 8"] * 200),
    "ten thousand attributes": sdp(*_CALL, "m=audio 4000 RTP/AVP 8", *["a=x"] * 10000),
    "an address that is none": sdp(*_CALL[:3], "c=IN IP4 999.1.1.1", "t=0 0", "m=audio 4000 RTP/AVP 8"),
    "an address of everybody": sdp(*_CALL[:3], "c=IN IP4 255.255.255.255", "t=0 0", "m=audio 4000 RTP/AVP 8"),
    "keys that are none": sdp(
        *_CALL, "m=audio 4000 RTP/SAVP 8", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x"
    ),
    "candidates of rubbish": sdp(*_CALL, "m=audio 4000 RTP/AVP 8", "a=candidate:1 1 udp x", "a=ice-ufrag:"),
}


def send(host: Host, messages: list[str], **who: str) -> list[list[str]]:
    """Send these from where the phones are; return the final answers to each."""
    asked = {"server": host.address, "address": phones_addresses()[0], "messages": messages, **who}
    run = command(*where_phones_are(), "python3", str(RAW), given=json.dumps(asked))
    assert run.returncode == 0, run.stderr
    answers: list[list[str]] = json.loads(run.stdout)
    return answers


def life(host: Host) -> str:
    """Return what changes when Asterisk dies, or somebody is called."""
    return host.shell(
        "systemctl show -p MainPID -p NRestarts asterisk; ls /var/lib/systemd/coredump 2>/dev/null || true"
    )


@pytest.mark.parametrize("who", ["a stranger", "a phone"])
def test_no_message_ends_asterisk(directory: Host, who: str) -> None:
    host = directory
    before = life(host)
    known = {} if who == "a stranger" else {"number": EXISTS, "password": PASSWORD}
    sent = {**TORTURE, **SDPS}
    # All of it is to come, also what is longer than a message by UDP may be.
    host.shell("systemctl stop voiceops-firewall")
    try:
        answers = dict(zip(sent, send(host, [text[:65000] for text in sent.values()], **known)))
    finally:
        host.shell("systemctl start voiceops-firewall")
    # Nobody was asked to be called by any of them.
    assert [name for name, told in answers.items() for each in told if each.startswith("SIP/2.0 6")] == []
    assert life(host) == before
    assert Phone(EXISTS, PASSWORD, host.address).register() == 200


#: Where a request is said to have come through (RFC 3261, 20.30): none of it is an address of SIP.
NO_ROUTES = [
    "<foo:bar>",
    "foo:bar",
    "<http://a/b>",
    "<urn:service:sos>",
    "<tel:+123;phone-context=x;isub=5;ext=7>",
    '"<sip:a@b>" <foo:bar>',
    "<sip:a@b>, <foo:bar>",
    "<s:a>",
    "<sipx:a>",
    "<sipsx:a>",
    "<foo:" + "b" * 3000 + ">",
    # What is looked at ends with a byte of zero.
    '"\0" <foo:bar>',
    "x\0 <foo:bar>",
    '"<sip:a@b>\0" <foo:bar>',
    '"\0<sip:a@b>" <foo:bar>',
    '"<sip:a@b>\0" <tel:+123>',
    '"" <foo:bar>',
    '"\\"<sip:a@b>" <foo:bar>',
    "<foo:bar>;x=%00;y=%ff",
]


@pytest.mark.parametrize("who", ["a stranger", "a phone"])
def test_a_way_that_is_no_address_of_sip_ends_nothing(directory: Host, who: str) -> None:
    """Asterisk itself would end, before it has asked for a password: who asks so is nobody here."""
    host = directory
    before = life(host)
    known = {} if who == "a stranger" else {"number": EXISTS, "password": PASSWORD}
    methods = ("INVITE", "OPTIONS", "SUBSCRIBE")
    asked = [
        request(method, Record_Route=route, **({"Event": "dialog"} if method == "SUBSCRIBE" else {}))
        for method in methods
        for route in NO_ROUTES
    ]
    answers = send(host, asked, **known)
    assert life(host) == before
    assert {answer.split()[1] for each in answers for answer in each} == {"401"}
    # A provider's and a proxy's way is one.
    (answer,) = send(host, [request("OPTIONS", Record_Route="<sip:{ours};lr>, <SIPS:a@b>")], **known)
    assert answer[0].split()[1] == ("401" if who == "a stranger" else "200")


METHODS = (
    "REGISTER",
    "INVITE",
    "SUBSCRIBE",
    "OPTIONS",
    "MESSAGE",
    "INFO",
    "UPDATE",
    "PUBLISH",
    "NOTIFY",
    "REFER",
)
#: What an answer has by chance, or depending on the client.
CHANCE = re.compile(r'(tag=|nonce="|opaque="|branch=|Call-ID: |received=|rport=|Date: )[^;",\r]*')


def shape(answers: list[str], number: str) -> list[str]:
    return [CHANCE.sub(r"\1", answer).replace(number, "NUMBER") for answer in answers]


@pytest.mark.parametrize("method", METHODS)
def test_a_stranger_is_answered_alike_whether_or_not_there_is_such_an_extension(
    directory: Host, method: str
) -> None:
    host = directory
    numbers = (EXISTS, HAS_NO_PASSWORD, IS_NOBODY)
    more = {"Event": "dialog", "Expires": "60"} if method in {"SUBSCRIBE", "PUBLISH", "NOTIFY"} else {}
    asked = {
        "as him": [
            request(method, number, From=f"<sip:{number}@{{server}}>;tag={{id}}", **more)
            for number in numbers
        ],
        "for him": [
            request(method, number, From="<sip:8888@{server}>;tag={id}", **more) for number in numbers
        ],
        "another in To": [
            request(method, "4444", From=f"<sip:{number}@{{server}}>;tag={{id}}", **more)
            for number in numbers
        ],
    }
    for way, messages in asked.items():
        answers = send(host, messages)
        shapes = [shape(each, number) for each, number in zip(answers, numbers)]
        assert shapes[0] == shapes[1] == shapes[2], way
        assert all(not re.match("SIP/2.0 2", answer) for each in answers for answer in each), (way, answers)


@pytest.mark.parametrize("method", ["MESSAGE", "INFO", "UPDATE", "PUBLISH", "NOTIFY", "BYE", "PRACK"])
def test_a_phone_gets_nothing_done_outside_a_call(directory: Host, method: str) -> None:
    host = directory
    more = {"Event": "dialog", "Expires": "60"} if method in {"PUBLISH", "NOTIFY"} else {}
    (answers,) = send(host, [request(method, **more)], number=EXISTS, password=PASSWORD)
    assert all(not re.match("SIP/2.0 2", answer) for answer in answers), answers


#: Holds as many connections as there is room for without a login, and takes each place again that comes free.
HOLD = """
import socket, time
held = []
end = time.monotonic() + 40
while time.monotonic() < end:
    try:
        one = socket.create_connection(("127.0.0.1", 5038), 1)
        one.settimeout(0.02)
        if one.recv(1):
            held.append(one)
            one.setblocking(False)
    except OSError:
        pass
    for each in list(held):
        try:
            if each.recv(100) == b"":
                held.remove(each)
        except BlockingIOError:
            pass
        except OSError:
            held.remove(each)
    time.sleep(0.005)
"""


def test_a_user_of_the_host_cannot_keep_the_modules_from_asking_asterisk(directory: Host) -> None:
    host = directory
    # The table lets him begin few at once (test_flood.py); a host may have none.
    host.shell("systemctl stop voiceops-firewall")
    host.shell("cat > /tmp/hold.py", HOLD)
    host.shell("systemd-run --quiet --unit=hold --uid=nobody python3 /tmp/hold.py")
    try:
        look = "ss -Htn state established '( sport = :5038 )' | wc -l"
        until(lambda: int(host.shell(look)) >= 50)
        assert host.facts()["pbx_extension_summary"]["asterisk"] == "running"
    finally:
        host.shell("systemctl stop hold; rm /tmp/hold.py; systemctl start voiceops-firewall")


#: Is Asterisk's manager interface to every client, and keeps what it is told.
IMPOSTOR = """
import socket
listener = socket.create_server(("127.0.0.1", 5038))
connection, _peer = listener.accept()
told = b""
connection.sendall(b"Asterisk Call Manager/9.0.0\\r\\n")
connection.settimeout(5)
try:
    while True:
        data = connection.recv(65536)
        if not data:
            break
        told += data
        number = told.rsplit(b"ActionID: ", 1)[1].split(b"\\r")[0]
        connection.sendall(b"Response: Success\\r\\nChallenge: 1\\r\\nActionID: " + number + b"\\r\\n\\r\\n")
except OSError:
    pass
open("/tmp/told", "wb").write(told)
"""


def test_who_listens_in_asterisks_place_while_it_is_stopped_is_not_told_the_secret(directory: Host) -> None:
    host = directory
    host.shell("cat > /tmp/impostor.py; rm -f /tmp/told; systemctl stop asterisk", IMPOSTOR)
    try:
        host.shell(
            "systemd-run --quiet --unit=impostor --uid=nobody python3 /tmp/impostor.py;"
            " for i in $(seq 100); do ss -Htln '( sport = :5038 )' | grep -q . && break; sleep 0.1; done"
        )
        host.module("pbx_extension_facts", ami_timeout=3)
        told = host.shell("for i in $(seq 100); do [ -e /tmp/told ] && break; sleep 0.1; done; cat /tmp/told")
        secret = host.shell("cat /etc/asterisk/voiceops-ami-secret.conf").partition("= ")[2].strip()
        assert "Action: Login" in told
        assert secret not in told
    finally:
        host.shell("systemctl stop impostor; rm -f /tmp/impostor.py /tmp/told; systemctl start asterisk")
