# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Answers of an example fleet, as pbx_extension_facts gives them: a furniture maker with five sites."""

from __future__ import annotations

import random
import typing as t

Answers = dict[str, t.Any]

_GIVEN = (
    "Ayşe Mehmet Zeynep Elif Can Mustafa Fatma Emre Selin Burak Deniz Gül İrem Ömer Şule Tuğba Çağla Ufuk "
    "Hakan Nazlı Kerem Işıl Volkan Ece Barış Leyla Onur Pınar Serkan Yasemin"
).split()
_FAMILY = (
    "Yılmaz Öztürk Kaya Şahin Aydın Demir Çelik Yıldız Arslan Doğan Kılıç Aslan Çetin Koç Kurt Özkan Şimşek "
    "Polat Erdoğan Güneş Aksoy Bulut Işık Tekin Ünal Acar Güler Korkmaz Avcı Taş"
).split()
_PHONES = (
    "Yealink SIP-T54W 96.86.0.75",
    "Yealink SIP-T33G 124.86.0.40",
    "snomD785/10.1.175.16",
    "Grandstream GXP2170 1.0.11.64",
    "Fanvil X4U 2.12.16.3",
    "PolyEdge-E350-UA/8.2.1.0432",
    "Linphone-Desktop/5.2.6 (Windows 11)",
    "Cisco-CP-8845/12.8.1",
)
_STATES = ("idle",) * 62 + ("in use",) * 13 + ("ringing",) * 2 + ("on hold", "ringing in use", "busy")
_AWAY = ("unregistered",) * 12 + ("unreachable",) * 2 + ("disabled",) * 2 + ("no phone",) * 4


def extension(number: str, name: str, state: str | None = "idle", **more: t.Any) -> dict[str, t.Any]:
    """One extension's facts; with a phone where its state says so."""
    there = state not in (None, "unregistered", "disabled", "no phone")
    contact = {
        "address": "198.51.100.7:5060",
        "uri": f"sip:{number}@198.51.100.7:5060",
        "user_agent": "Desk phone 1.2",
        "expires_in": 3412,
        "reachable": state != "unreachable",
        "round_trip_ms": 3.1,
    }
    return {
        "number": number,
        "name": name,
        "connection_port": "Masa telefonları",
        "outbound_profile": "Yurt içi",
        "groups": [],
        "callable_groups": ["*"],
        "record": False,
        "enabled": state != "disabled",
        "forward_to": "",
        "email": "",
        "has_password": state != "no phone",
        "registered": None if state is None else there,
        "state": state,
        "contacts": [contact] if there else [],
        **more,
    }


def answer(*extensions: dict[str, t.Any], asterisk: str = "running", **facts: t.Any) -> dict[str, t.Any]:
    """The answer of a host."""
    return {
        "ansible_facts": {
            "pbx_extensions": {one["number"]: one for one in extensions},
            "pbx_extension_groups": {},
            "pbx_connection_ports": {
                "Masa telefonları": {"protocol": "udp", "address": "0.0.0.0", "port": 5060, "certificate": ""}
            },
            "pbx_trunks": {},
            "pbx_extension_summary": {
                "asterisk": asterisk,
                "extensions": len(extensions),
                "registered": sum(1 for one in extensions if one["registered"]),
            },
            **facts,
        },
        "changed": False,
        "failed": False,
    }


def blocked(address: str, **more: t.Any) -> dict[str, t.Any]:
    """One blocked address."""
    return {
        "address": address,
        "since": "2026-12-01T10:41:09Z",
        "until": "2026-12-01T11:41:09Z",
        "failures": 30,
        "tried": [],
        "registered": [],
        "jail": "voiceops-asterisk",
        **more,
    }


def unreachable(message: str) -> dict[str, t.Any]:
    """What Ansible registers for a host that does not answer."""
    return {"unreachable": True, "msg": message, "changed": False, "failed": False}


def many(
    source: random.Random, first: int, how_many: int, network: str, groups: t.Sequence[str]
) -> list[dict[str, t.Any]]:
    """So many extensions of an office."""
    found = []
    for index in range(how_many):
        number = str(first + index)
        state = source.choice(_STATES if source.random() < 0.84 else _AWAY)
        one = extension(number, f"{source.choice(_GIVEN)} {source.choice(_FAMILY)}", state)
        if state == "no phone":
            one["forward_to"] = str(first + 1)
        one["groups"] = sorted(source.sample(groups, source.choice((1, 1, 1, 2))))
        one["record"] = source.random() < 0.1
        for contact in one["contacts"]:
            address = f"{network}.{index // 200 + 10}.{index % 200 + 20}"
            round_trip = None if state == "unreachable" else round(source.lognormvariate(1.2, 0.7), 1)
            contact.update(
                address=f"{address}:5060",
                uri=f"sip:{number}@{address}:5060",
                user_agent=source.choice(_PHONES),
                expires_in=source.randrange(20, 3600),
                round_trip_ms=round_trip,
            )
        if state in ("in use", "busy", "on hold", "ringing in use"):
            outside = source.random() < 0.5
            number_there = (
                f"0532{source.randrange(10**6, 10**7)}"
                if outside
                else str(first + source.randrange(how_many))
            )
            one["calls"] = [
                {
                    "direction": source.choice(("incoming", "outgoing")),
                    "other": number_there,
                    "seconds": source.randrange(4, 1900),
                    "state": "connected",
                }
            ]
        found.append(one)
    return found


def certificate(days_left: int, *problems: str) -> dict[str, t.Any]:
    return {
        "subject": "CN=pbx.mobilya.example",
        "issuer": "CN=R11,O=Let's Encrypt",
        "names": ["pbx.mobilya.example"],
        "not_after": "2026-12-02T08:00:00Z",
        "days_left": days_left,
        "key_matches": True,
        "problems": list(problems),
    }


def company() -> Answers:
    """Five sites, one of them cut off, one with a certificate about to expire."""
    source = random.Random(7)
    office = ("Yönetim", "Satış", "Destek", "Muhasebe", "İnsan Kaynakları")
    works = ("Üretim", "Depo", "Kalite", "Bakım")
    ports = {
        "Masa telefonları": {"protocol": "udp", "address": "0.0.0.0", "port": 5060},
        "Tarayıcı": {
            "protocol": "wss",
            "address": "0.0.0.0",
            "port": 8089,
            "certificate_facts": certificate(9),
        },
    }
    trunks = {"Türk Telekom": {"host": "sip.telekom.example", "register": True, "registration": "Registered"}}
    istanbul = many(source, 1001, 148, "10.34", office)
    istanbul[0].update(
        name="Ayşe Yılmaz",
        state="in use",
        groups=["Yönetim"],
        email="ayse@mobilya.example",
        forward_to="1002",
    )
    first = istanbul[0]["contacts"][0]
    istanbul[0]["contacts"] = [
        dict(first, user_agent="Linphone-Android/5.2.5", address="10.34.99.3:41822"),
        first,
    ]
    istanbul[0]["calls"] = [
        {"direction": "outgoing", "other": "05321234567", "seconds": 187, "state": "connected"}
    ]
    ankara, bursa = many(source, 2001, 64, "10.6", office), many(source, 3001, 92, "10.16", works)
    izmir = many(source, 4001, 31, "10.35", office[:3])
    for one in izmir:  # where all is well
        if one["state"] == "unregistered":
            one.update(state="disabled", enabled=False, forward_to="4002")
    return {
        "pbx-istanbul": answer(*istanbul, pbx_connection_ports=ports, pbx_trunks=trunks),
        "pbx-ankara": answer(*ankara),
        "pbx-bursa-fabrika": answer(*bursa),
        "pbx-izmir": answer(*izmir),
        "pbx-trabzon": unreachable(
            "Failed to connect to the host via ssh: connect to host 10.61.0.2 port 22: Connection timed out"
        ),
    }


def company_before(now: float) -> dict[str, dict[str, float]]:
    """When some of the company's phones were seen that are there no longer."""
    gone = {"pbx-bursa-fabrika": ("3013", "3059", "3080")}
    return {host: dict.fromkeys(numbers, now - 11 * 60) for host, numbers in gone.items()}


def large(hosts: int = 10, each: int = 2000) -> Answers:
    """A large fleet: 20,000 extensions."""
    source = random.Random(11)
    groups = [f"Grup {index}" for index in range(40)]
    return {
        f"pbx-{index + 1}": answer(*many(source, 100000 + index * each, each, f"10.{index}", groups))
        for index in range(hosts)
    }
