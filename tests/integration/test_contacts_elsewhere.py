# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What test_contacts.py shows, by TLS, in browsers and by IPv6, and where a provider listens by TCP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from .company import until
from .fleet import Host, lab
from .forging import PASSWORD, SIP, STREET_PORTS, Forger, Street, open_street

KEYS = "/etc/asterisk/keys"
CERTIFIED = {"certificate": f"{KEYS}/a.pem", "private_key": f"{KEYS}/a.key"}
#: RFC 3849.
NETWORK = "2001:db8:32::"
PORTS = [
    *STREET_PORTS,
    {"name": "six", "protocol": "udp", "address": "::", "port": 5062},
    {"name": "six by tcp", "protocol": "tcp", "address": "::", "port": 5063},
    {"name": "tls", "protocol": "tls", **CERTIFIED},
    {"name": "secure browser", "protocol": "wss", **CERTIFIED},
]
EXTENSIONS = [
    {"number": "1001"},
    {"number": "1003", "max_devices": 5, "max_calls": 50, "ring_timeout": 5},
    {"number": "1005", "connection_port": "secure browser"},
]


@dataclass
class Elsewhere:
    """The street, with what else listens at the provider's: by TCP, and at an address of IPv6."""

    street: Street
    bystanders: list[Forger]

    def plug_in(self, way: str, which: int) -> Forger:
        protocol, port = WAYS[way]
        options = {"protocol": protocol, "number": number(way), "password": PASSWORD}
        if way.startswith("IPv6"):
            options |= {"address": f"{NETWORK}{200 + which}", "server": f"{NETWORK}12"}
        return self.street.gang.plug_in(which, server_port=port, **options)

    def written(self, text: str) -> str:
        return self.street.written(text.replace("PROVSIX", f"[{NETWORK}205]"))

    def heard(self) -> list[str]:
        """Return what was heard at the provider's, but for the question whether somebody is there."""
        told = [r for each in self.bystanders for r in each.heard()]
        # The question comes by TLS where a contact says so, and begins with a handshake (RFC 8446, 5.1: 22).
        return [r for r in told if not r.startswith(("OPTIONS ", "ACK ", "? 1603"))]


#: By which protocol, and at which port of the host.
WAYS = {
    "UDP": ("udp", 5060),
    "TCP": ("tcp", 5060),
    "TLS": ("tls", 5061),
    "browser": ("wss", 8089),
    "IPv6": ("udp", 5062),
    "IPv6 by TCP": ("tcp", 5063),
}


def number(way: str) -> str:
    return "1005" if way == "browser" else "1003"


@pytest.fixture(scope="module")
def elsewhere(host: Host) -> Iterator[Elsewhere]:
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -keyout a.key -out a.pem"
        " -days 30 -subj /CN=a.example 2>/dev/null && chgrp asterisk a.key && chmod 640 a.key"
    )
    device = host.shell("ip -o route get 198.18.0.1 | sed 's/.* dev \\([^ ]*\\).*/\\1/'").strip()
    host.shell(f"ip -6 address add {NETWORK}12/64 dev {device} nodad")
    ours = [f"{NETWORK}{200 + which}/64" for which in (1, 2, 5)]
    for address in ours:
        lab("phones", "ip", "-6", "address", "add", address, "dev", "eth0", "nodad")
    extensions = [{"password": PASSWORD, "groups": [], **extension} for extension in EXTENSIONS]
    try:
        with open_street(host, pbx_connection_ports=PORTS, pbx_extensions=extensions) as street:
            at_six = {"address": f"{NETWORK}205", "server": f"{NETWORK}12", "port": SIP}
            by_tcp = {"address": street.provider.address, "port": SIP}
            bystanders = [
                street.provider,
                street.gang.plug_in(**at_six),
                street.gang.plug_in(protocol="tcp listener", **by_tcp),
                street.gang.plug_in(protocol="tcp listener", **at_six),
            ]
            yield Elsewhere(street, bystanders)
    finally:
        host.shell(f"ip -6 address del {NETWORK}12/64 dev {device}")
        for address in ours:
            lab("phones", "ip", "-6", "address", "del", address, "dev", "eth0")


GONE = "<sip:x@HERE>;expires=0"
CONTACTS = [
    (GONE, "<sip:0090@PROVIDER>"),
    (GONE, "<sip:0090@PROVIDER;transport=tcp>"),
    (GONE, "<sip:0090@PROVIDER;transport=TLS>"),
    (GONE, "<sips:0090@PROVIDER>"),
    (GONE, "<sip:0090@PROVIDER;transport=ws>"),
    (GONE, "<sip:0090@PROVIDER;transport=wss>"),
    ("<sip:x@HERE;maddr=PROVHOST>",),
    ("<sip:x@HERE;maddr=PROVHOST;transport=tcp>",),
    ("<sip:x@HERE;user=phone%3Bmaddr%3DPROVHOST>",),
    (GONE, "<sip:0090@PROVIDER;x-ast-txp=port-1>"),
    (GONE, "<sip:0090@PROVSIX:5060>"),
    (GONE, "<sip:0090@PROVSIX:5060;transport=tcp>"),
    (GONE, "<sip:0090@PROVSIX>"),
    ("<sip:x@HERE;maddr=PROVSIX>",),
]


@pytest.mark.parametrize("way", WAYS)
def test_an_attacker_has_nobody_called_but_itself(elsewhere: Elsewhere, way: str) -> None:
    attacker = elsewhere.plug_in(way, 1)
    answers = {}
    for contacts in CONTACTS:
        attacker.register("*", headers="Expires: 0\r\n")
        registered = attacker.register(*map(elsewhere.written, contacts))["status"]
        answers[contacts] = (registered, elsewhere.street.caller.call(number(way)))
    attacker.register("*", headers="Expires: 0\r\n")
    attacker.unplug()
    assert {contacts: answer for contacts, answer in answers.items() if answer != (200, 480)} == {}
    assert elsewhere.heard() == []


#: Contacts of real phones.
HONEST = [
    ("TLS", "<sip:1003@HERE;transport=tls>"),
    ("TLS", "<sips:1003@HERE>"),
    ("TLS", "<sip:1003@192.168.1.20:5061;transport=TLS;line=8x4k2j>"),
    ("browser", "<sip:q8h5kk1h@abc123.invalid;transport=ws>;+sip.ice;reg-id=1"),
    ("browser", "<sip:q8h5kk1h@abc123.invalid;transport=wss;ob>"),
    ("browser", "<sips:q8h5kk1h@abc123.invalid>"),
    ("IPv6", "<sip:1003@HERE>"),
    ("IPv6", "<sip:1003@HERE;ob>;reg-id=1"),
    ("IPv6", "<sip:1003@[fe80::1]:5060>"),
    ("IPv6 by TCP", "<sip:1003@HERE;transport=tcp>"),
]


@pytest.mark.parametrize(("way", "contact"), HONEST)
def test_a_phone_of_good_will_is_called(elsewhere: Elsewhere, way: str, contact: str) -> None:
    phone = elsewhere.plug_in(way, 2)
    try:
        assert phone.register(contact)["status"] == 200
        assert elsewhere.street.caller.call(number(way)) == 486
        (invite,) = phone.requests("INVITE")
        assert "x-ast-" not in invite
    finally:
        phone.register("*", headers="Expires: 0\r\n")
        phone.unplug()
        # Asterisk 16 removes the contact of a browser that comes back before it has seen the last one leave.
        open_ones = "ss -Htn '( sport = :8089 )' | grep -v TIME-WAIT; true"
        until(lambda: not elsewhere.street.host.shell(open_ones).strip())
