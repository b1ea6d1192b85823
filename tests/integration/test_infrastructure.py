# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Ports and trunks are in force after a run, or everything is as it was before."""

from __future__ import annotations

import hashlib
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from phones.phone import Phone

from .fleet import DIRECTORY, Host, site

KEYS = "/etc/asterisk/keys"
PASSWORD = "trunk-horse-8"  # the account that the host has with itself, as its own provider
PROVIDER = {"number": "2900", "password": PASSWORD}
TO_ITSELF = {
    "name": "Kendisi; [trunk-9]",
    "host": "127.0.0.1",
    # Not its host: who registers from there is this extension, and not the trunk.
    "inbound_addresses": ["192.0.2.99"],
    "register": True,
    "username": "2900",
    "password": PASSWORD,
    "realm": "asterisk",
}


def port(name: str, protocol: str, key: str = "a", **more: Any) -> dict[str, Any]:
    """Return a port with the certificate a and this key."""
    return {
        "name": name,
        "protocol": protocol,
        "certificate": f"{KEYS}/a.pem",
        "private_key": f"{KEYS}/{key}.key",
        **more,
    }


@pytest.fixture(scope="module", autouse=True)
def keys(host: Host) -> None:
    """Certificates on the host: a with its key, a foreign key, and a key that Asterisk cannot read."""
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && for name in a b; do openssl req -x509 -newkey rsa:2048 -nodes"
        " -keyout $name.key -out $name.pem -days 30 -subj /CN=$name.example 2>/dev/null; done"
        " && cp a.key unreadable.key && chgrp asterisk a.key b.key && chmod 640 a.key b.key"
        " && chmod 600 unreadable.key && echo rubbish > rubbish.key"
    )


def listening(host: Host) -> set[str]:
    return set(host.shell("ss -H -lnt | awk '{print $4}'").split())


def texts(host: Host) -> str:
    return host.shell("cd /etc/asterisk && head -n 99 pjsip_*.conf http_*.conf")


def registration(host: Host) -> str:
    """Return how Asterisk shows its only registration."""
    shown = host.shell("asterisk -rx 'pjsip show registrations' | grep trunk- || true")
    return (re.findall(r"Registered|Unregistered|Rejected", shown) or ["none"])[0]


def wait_for_registration(host: Host, state: str) -> None:
    # Asterisk waits up to 10 s before it registers for the first time (max_random_initial_delay).
    give_up = time.monotonic() + 45
    while registration(host) != state:
        assert time.monotonic() < give_up, host.shell("asterisk -rx 'pjsip show registrations'")
        time.sleep(0.5)


def certificate_of(host: Host, number: int) -> str:
    """Return the name in the certificate that a port serves."""
    return host.shell(
        f"openssl s_client -connect 127.0.0.1:{number} </dev/null 2>/dev/null"
        " | openssl x509 -noout -subject | sed 's/.*CN *= *//'"
    ).strip()


def test_encrypted_ports_listen_after_one_call_and_serve_their_certificate(directory: Host) -> None:
    host = directory
    assert Phone("1001", "correct-horse-1", host.address).register() == 200
    ports = [port("Güvenli", "tls"), port("Tarayıcı", "wss"), {"name": "Deneme", "protocol": "ws"}]
    done = host.module("pbx_connection_port", connection_ports=ports)
    assert (done["changed"], done["restart_required"]) == (True, False), done
    assert {"0.0.0.0:5061", "0.0.0.0:8089", "0.0.0.0:8088"} <= listening(host)
    assert {certificate_of(host, number) for number in (5061, 8089)} == {"a.example"}
    upgrade = (
        "GET /ws HTTP/1.1\\r\\nHost: x\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\\r\\nSec-WebSocket-Version: 13\\r\\n"
        "Sec-WebSocket-Protocol: sip\\r\\n\\r\\n"
    )
    answer = host.python(
        "import socket\nwith socket.create_connection(('127.0.0.1', 8088), 10) as s:\n"
        f" s.sendall('{upgrade}'.encode())\n print(s.recv(999).decode().splitlines()[0])"
    )
    assert "101" in answer
    assert host.module("pbx_connection_port", connection_ports=ports)["changed"] is False
    # Nobody had to register again.
    assert host.facts()["pbx_extensions"]["1001"]["registered"] is True
    gone = [{"name": each["name"], "state": "absent"} for each in ports]
    removed = host.module("pbx_connection_port", connection_ports=gone)
    # The HTTP server lets go at once, SIP over TLS only when Asterisk restarts.
    assert not {"0.0.0.0:8089", "0.0.0.0:8088"} & listening(host)
    assert removed["restart_required"] is True
    warned = " ".join(removed["said"].partition("[WARNING]")[2].split())
    assert "it holds on to the connection port 'Güvenli' as it was" in warned
    assert "'Tarayıcı' as it was" not in warned


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("missing", "No such file or directory; put both on the host first"),
        ("b", "is it a PEM file, and the key that of the certificate?"),
        ("rubbish", "is it a PEM file, and the key that of the certificate?"),
        ("unreadable", "either missing or not readable"),
    ],
)
def test_a_port_whose_certificate_is_wrong_changes_nothing(directory: Host, key: str, message: str) -> None:
    host = directory
    before = host.content(), texts(host), listening(host)
    result = host.module("pbx_connection_port", connection_ports=[port("Yeni", "tls", key)])
    assert result["failed"]
    assert "port 'Yeni'" in result["msg"]
    assert message in result["msg"]
    assert (host.content(), texts(host), listening(host)) == before
    assert Phone("1001", "correct-horse-1", host.address).register() == 200


def test_a_removed_port_is_held_on_to_until_asterisk_restarts_and_that_is_not_forgotten(
    directory: Host,
) -> None:
    host = directory
    host.module("pbx_connection_port", name="Geçici", protocol="tcp", port=5090)
    assert "0.0.0.0:5090" in listening(host)
    removed = host.module("pbx_connection_port", name="Geçici", state="absent")
    assert removed["restart_required"] is True
    assert "0.0.0.0:5090" in listening(host)
    # Another module, another change: it is still due.
    later = host.module("pbx_trunk", name="Kapı", host="192.0.2.10")
    assert later["restart_required"] is True
    mine = Phone("1001", "correct-horse-1", host.address)
    assert mine.register() == 200
    restarted = host.module("pbx_trunk", name="Kapı", host="192.0.2.10", restart="if_needed")
    assert (restarted["changed"], restarted["restart_required"]) == (True, False)
    assert "0.0.0.0:5090" not in listening(host)
    assert host.facts()["pbx_extensions"]["1001"]["registered"] is True
    again = host.module("pbx_trunk", name="Kapı", host="192.0.2.10", restart="if_needed")
    assert (again["changed"], again["restart_required"]) == (False, False)


def test_a_port_under_another_name_goes_on_listening(directory: Host) -> None:
    host = directory
    before = texts(host)
    renamed = {
        **DIRECTORY,
        "pbx_connection_ports": [{"name": "Ofis"}],
        "pbx_extensions": [{**each, "connection_port": "Ofis"} for each in DIRECTORY["pbx_extensions"]],
    }
    done = host.whole_directory(**renamed)
    assert (done["failed"], done["restart_required"]) == (False, False), done
    assert done["directory"]["connection_ports"]["created"] == ["Ofis"]
    assert texts(host) == before
    assert Phone("1001", "correct-horse-1", host.address).register() == 200


def test_address_translation_is_in_force_at_once(directory: Host) -> None:
    host = directory
    nat = {"external_address": "203.0.113.5", "local_networks": ["10.0.0.0/8", "fd00::/8"]}
    done = host.module("pbx_connection_port", name="Masa telefonları", **nat)
    assert (done["changed"], done["restart_required"]) == (True, False), done
    name = host.shell("grep -o 'port-[0-9]*-[0-9a-f]*' /etc/asterisk/pjsip_connection_ports.conf").strip()
    shown = host.shell(f"asterisk -rx 'pjsip show transport {name}'")
    assert re.search("external_signaling_address *: 203.0.113.5", shown)
    assert "10.0.0.0/255.0.0.0" in shown
    back = host.module("pbx_connection_port", name="Masa telefonları", external_address="", local_networks=[])
    assert (back["changed"], back["restart_required"]) == (True, False), back


def test_a_trunk_registers_follows_a_new_password_and_takes_its_leave(directory: Host) -> None:
    host = directory
    host.module("pbx_extension", **PROVIDER)
    done = host.module("pbx_trunk", **TO_ITSELF)
    assert done["changed"] is True, done
    wait_for_registration(host, "Registered")
    assert host.facts()["pbx_extensions"]["2900"]["registered"] is True
    assert host.module("pbx_trunk", **TO_ITSELF)["changed"] is False

    # The provider's password changes; so does ours. No restart, and nothing waits for the old one to expire.
    host.module("pbx_extension", number="2900", password="trunk-horse-9")
    changed = host.module("pbx_trunk", name=TO_ITSELF["name"], password="trunk-horse-9")
    assert changed["updated"] == [TO_ITSELF["name"]]
    give_up = time.monotonic() + 45
    while not host.facts()["pbx_extensions"]["2900"]["registered"]:
        assert time.monotonic() < give_up
        time.sleep(0.5)

    deleted = host.module("pbx_trunk", name=TO_ITSELF["name"], state="absent")
    assert (deleted["deleted"], deleted["restart_required"]) == ([TO_ITSELF["name"]], False)
    give_up = time.monotonic() + 15
    while host.facts()["pbx_extensions"]["2900"]["registered"]:
        assert time.monotonic() < give_up
        time.sleep(0.5)


def test_a_trunk_with_a_wrong_password_says_so_and_comes_when_it_is_put_right(directory: Host) -> None:
    host = directory
    host.module("pbx_extension", **PROVIDER)
    host.module("pbx_trunk", **{**TO_ITSELF, "password": "wrong-horse-1"})
    wait_for_registration(host, "Rejected")
    host.module("pbx_trunk", name=TO_ITSELF["name"], password=PASSWORD)
    wait_for_registration(host, "Registered")


def test_the_secrets_of_a_trunk_are_where_they_have_to_be_and_nowhere_else(directory: Host) -> None:
    host = directory
    host.module("pbx_extension", **PROVIDER)
    result = host.module_by_ansible("pbx_trunk", "-vvvv", "--diff", trunks=[TO_ITSELF])
    digest = hashlib.md5(f"2900:asterisk:{PASSWORD}".encode()).hexdigest()  # noqa: S324
    facts = host.module_by_ansible("pbx_extension_facts", "-vvvv", gather=["directory"])
    for secret in (PASSWORD, digest):
        assert secret not in str(result) + str(facts)
    folders = "/etc /var /root /tmp /home /run /opt /srv"
    where = host.shell(f"grep -rlF -- '{digest}' {folders} 2>/dev/null || true").split()
    assert set(where) <= {
        "/etc/asterisk/pjsip_trunks.conf",
        "/var/lib/voiceops/directory.sqlite3",
        "/var/lib/voiceops/directory.sqlite3-wal",
    }
    assert host.shell(f"grep -rlF -- '{PASSWORD}' {folders} 2>/dev/null || true") == ""
    assert (
        host.shell(f"journalctl --no-pager | grep -cF -e '{PASSWORD}' -e '{digest}' || true").strip() == "0"
    )
    assert host.shell("stat -c '%U %G %a' /etc/asterisk/pjsip_trunks.conf").split() == [
        "root",
        "asterisk",
        "640",
    ]


def test_nobody_gets_in_by_calling_himself_a_trunk(directory: Host) -> None:
    host = directory
    host.module(
        "pbx_trunk", name="Kapı", host="192.0.2.10", inbound_numbers=[{"number": "*", "extension": "1001"}]
    )
    (name,) = set(re.findall(r"trunk-\d+", texts(host)))
    assert Phone(name, "whatever-1", host.address).call("1001") == 401


def test_no_name_that_a_person_chose_is_in_the_text(directory: Host) -> None:
    host = directory
    hostile = 'x; [port-1]\\ #exec /bin/sh $(id) ${EXTEN} "Ofis" 🏢'
    host.module("pbx_connection_port", name=hostile, protocol="tcp", port=5091)
    host.module("pbx_trunk", name=hostile, host="192.0.2.11", connection_port=hostile)
    facts = host.facts()
    assert hostile in facts["pbx_connection_ports"]
    assert facts["pbx_trunks"][hostile]["connection_port"] == hostile
    assert not re.search(r"Ofis|🏢|exec|sh \$", texts(host))


def test_calls_go_on_and_phones_stay_while_ports_and_trunks_change(directory: Host) -> None:
    host = directory
    ayse = Phone("1001", "correct-horse-1", host.address)
    mehmet = Phone("1002", "correct-horse-2", host.address)
    with ayse.on_the_desk(), mehmet.on_the_desk(), ThreadPoolExecutor() as talking:
        contacts = [
            c["address"] for n in ("1001", "1002") for c in host.facts()["pbx_extensions"][n]["contacts"]
        ]
        conversation = talking.submit(ayse.call, "1002", 20.0)
        host.module("pbx_connection_port", name="Ek", protocol="tcp", port=5092)
        host.module("pbx_trunk", name="Kapı", host="192.0.2.10")
        host.module("pbx_trunk", name="Kapı", codecs=["g722"])
        host.module("pbx_trunk", name="Kapı", state="absent")
        assert not conversation.done()
        assert conversation.result() == 200
        after = [
            c["address"] for n in ("1001", "1002") for c in host.facts()["pbx_extensions"][n]["contacts"]
        ]
    assert after == contacts


def test_the_views_are_those_for_the_asterisk_that_is_installed(directory: Host) -> None:
    host = directory
    installed = re.search(r"Asterisk (\d+\.\d+)", host.shell("asterisk -V"))
    assert installed
    assert f"INSERT INTO \"setting\" VALUES('asterisk','{installed[1]}');" in host.content()
    shown = host.shell("asterisk -rx 'pjsip show aor 1001'")
    assert re.search("remove_unavailable *: true", shown)


def test_what_asterisk_reads_at_its_start_only_is_brought_into_force_by_a_restart(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    host.shell("echo '; by hand' >> /etc/asterisk/rtp.conf")
    # A run that dies between writing the configuration and restarting Asterisk.
    host.shell("sed -i '/by hand/d' /etc/asterisk/rtp.conf")
    noticed = host.module("pbx_directory", read_at_start=["/etc/asterisk/rtp.conf"])
    assert noticed["restart_required"] is True
    started = host.shell("stat -c %Y /run/asterisk/asterisk.pid")
    run = site([host], tmp_path, DIRECTORY)
    assert run.recap(host.name)["changed"] == 1, run.text
    assert host.shell("stat -c %Y /run/asterisk/asterisk.pid") != started
    assert site([host], tmp_path, DIRECTORY).recap(host.name)["changed"] == 0


def test_a_directory_of_the_first_schema_is_brought_up_to_date_under_a_running_asterisk(
    directory: Host,
) -> None:
    host = directory
    first = Path(__file__).resolve().parent.parent / "unit" / "data" / "schema-1.sql"
    host.shell(
        "cat > /tmp/schema-1.sql && systemctl stop asterisk && cd /var/lib/voiceops",
        first.read_text(encoding="utf-8"),
    )
    host.shell(
        "cd /var/lib/voiceops && mkdir -p /opt/kept && mv directory.sqlite3* /opt/kept/ && python3 -c '"
        'import sqlite3; c = sqlite3.connect("directory.sqlite3");'
        ' c.executescript("PRAGMA journal_mode = WAL;" + open("/tmp/schema-1.sql").read())\''
        " && chgrp asterisk directory.sqlite3* && chmod 660 directory.sqlite3* && systemctl start asterisk"
    )
    try:
        before = host.shell("sha256sum /var/lib/voiceops/directory.sqlite3")
        checked = host.module_by_ansible(
            "pbx_extension", "--check", number="1999", password="correct-horse-9"
        )
        assert checked["created"] == ["1999"]
        assert host.shell("sha256sum /var/lib/voiceops/directory.sqlite3") == before
        done = host.module("pbx_extension", number="1999", password="correct-horse-9", record=True)
        assert done["created"] == ["1999"], done
        assert host.facts()["pbx_extensions"]["1999"]["record"] is True
        assert Phone("1999", "correct-horse-9", host.address).register() == 200
    finally:
        host.shell(
            "systemctl stop asterisk; rm -f /var/lib/voiceops/directory.sqlite3*;"
            " mv /opt/kept/* /var/lib/voiceops/ && systemctl start asterisk"
        )
