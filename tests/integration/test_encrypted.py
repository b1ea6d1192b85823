# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What TLS and WebSocket let in: no protocol that is broken, and nobody without a password."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from phones.phone import where_phones_are

from .fleet import Host, command
from .forging import PASSWORD, STREET_PORTS, Street, open_street

KEYS = "/etc/asterisk/keys"
CERTIFIED = {"certificate": f"{KEYS}/a.pem", "private_key": f"{KEYS}/a.key"}
TLS, WSS = 5061, 8089
PORTS = [
    *STREET_PORTS,
    {"name": "tls", "protocol": "tls", "port": TLS, **CERTIFIED},
    {"name": "wss", "protocol": "wss", "port": WSS, **CERTIFIED},
]
BROKEN, SOUND = ("TLSv1", "TLSv1_1"), ("TLSv1_2", "TLSv1_3")

#: Shakes hands by one version and no other, with all that the oldest may need; says how it went.
SHAKE = """
import json, socket, ssl, sys
host, port, versions = json.loads(sys.argv[1])
for version in versions:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    try:
        with socket.create_connection((host, port), 5) as plain, context.wrap_socket(plain) as one:
            print(version, one.version())
    except OSError as error:
        print(version, "-", type(error).__name__)
"""
#: What OpenSSL of a host may be told: that anything is good enough.
ANYTHING = """
openssl_conf = everywhere
[everywhere]
ssl_conf = everything
[everything]
system_default = anything
[anything]
MinProtocol = TLSv1
CipherString = ALL:@SECLEVEL=0
"""


def taken(host: str, port: int) -> list[str]:
    """Return the versions of TLS by which it shakes hands."""
    asked = json.dumps([host, port, [*BROKEN, *SOUND]])
    run = command(*where_phones_are(), sys.executable, "-Wignore", "-c", SHAKE, asked)
    assert run.returncode == 0, run.stderr
    said = [line.split() for line in run.stdout.splitlines()]
    return [version for version, how, *_error in said if how != "-"]


@pytest.fixture(scope="module")
def street(host: Host) -> Iterator[Street]:
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -keyout a.key -out a.pem"
        " -days 30 -subj /CN=a.example 2>/dev/null && chgrp asterisk a.key && chmod 640 a.key"
    )
    with open_street(host, pbx_connection_ports=PORTS) as street:
        yield street


def test_who_shakes_hands_here_knows_the_broken_protocols_too(tmp_path: Path) -> None:
    """Otherwise it would show nothing that nobody takes them."""
    made = command(
        *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", "-days", "9"),
        *("-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "pem")),
    )
    assert made.returncode == 0, made.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pem", tmp_path / "key")
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for _version in range(4):
                plain, _address = listener.accept()
                with plain, context.wrap_socket(plain, server_side=True):
                    pass

        threading.Thread(target=serve, daemon=True).start()
        asked = json.dumps(["127.0.0.1", listener.getsockname()[1], [*BROKEN, *SOUND]])
        run = command(sys.executable, "-Wignore", "-c", SHAKE, asked)
    assert run.stdout.count("-") == 0, run.stdout


def begin_anew(host: Host) -> None:
    host.shell(
        "systemctl daemon-reload; systemctl restart asterisk;"
        " timeout 60 sh -c 'until asterisk -rx \"core waitfullybooted\"; do sleep 0.2; done'"
    )


def test_no_broken_protocol_is_taken_whatever_openssl_of_the_host_says(street: Street) -> None:
    host = street.host
    folder = "/run/systemd/system/asterisk.service.d"
    # What Asterisk 16 knows as the newest is all that SIP by TLS takes.
    expected = ["TLSv1_2"], [*SOUND]
    assert (taken(host.address, TLS), taken(host.address, WSS)) == expected
    host.shell(f"cat > /etc/ssl/anything.cnf; mkdir -p {folder}", ANYTHING)
    host.shell(f"cat > {folder}/anything.conf", "[Service]\nEnvironment=OPENSSL_CONF=/etc/ssl/anything.cnf\n")
    try:
        begin_anew(host)
        assert (taken(host.address, TLS), taken(host.address, WSS)) == expected
    finally:
        host.shell(f"rm /etc/ssl/anything.cnf {folder}/anything.conf")
        begin_anew(host)


#: What somebody in a browser may ask for, and what belongs to it.
ASKED = {
    "INVITE": "Contact: <sip:x@HERE;transport=ws>\r\n",
    "SUBSCRIBE": "Contact: <sip:x@HERE;transport=ws>\r\nEvent: dialog\r\nExpires: 60\r\n",
    "MESSAGE": "Content-Type: text/plain\r\n",
    "REGISTER": "Contact: <sip:x@HERE;transport=ws>\r\nExpires: 60\r\n",
    "PUBLISH": "Event: presence\r\nExpires: 60\r\n",
    "REFER": "Contact: <sip:x@HERE;transport=ws>\r\nRefer-To: <sip:1001@office.example>\r\n",
    "NOTIFY": "Contact: <sip:x@HERE;transport=ws>\r\nEvent: dialog\r\nSubscription-State: active\r\n",
    "INFO": "",
    "UPDATE": "Contact: <sip:x@HERE;transport=ws>\r\n",
    "OPTIONS": "",
}


@pytest.mark.parametrize("protocol", ["ws", "wss"])
@pytest.mark.parametrize(
    ("number", "password"),
    [("1004", ""), ("1001", ""), ("1004", "wrong-horse-1"), ("7777", ""), ("anonymous", "")],
)
def test_who_has_no_password_gets_nothing_done_by_websocket(
    street: Street, protocol: str, number: str, password: str
) -> None:
    at = len(street.caller.received())
    stranger = street.gang.plug_in(4, protocol=protocol, number=number, password=password)
    try:
        answers = {method: stranger.outside(method, "1001", more) for method, more in ASKED.items()}
        # Also by a contact, and by its recipient.
        registered = stranger.register(f"<sip:{number}@HERE;transport={protocol}>")
    finally:
        stranger.unplug()
    # An answer that belongs to a call finds none.
    assert {method: status for method, status in answers.items() if status not in (401, 481)} == {}
    assert {method for method, status in answers.items() if status == 401} >= {
        *("INVITE", "SUBSCRIBE", "MESSAGE", "REGISTER")
    }
    assert (registered["status"], registered["contacts"]) == (401, [])
    assert len(street.caller.received()) == at
    assert "0 active channels" in street.host.shell("asterisk -rx 'core show channels count'")
    assert "1004" not in street.contacts()


def test_who_has_one_does(street: Street) -> None:
    """Otherwise it would show nothing that the others do not."""
    phone = street.gang.plug_in(4, protocol="wss", number="1004", password=PASSWORD)
    try:
        assert phone.outside("OPTIONS", "1001", "") == 200
        assert phone.outside("SUBSCRIBE", "1001", ASKED["SUBSCRIBE"]) == 200
    finally:
        phone.unplug()
