# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A port looked at from outside: real sockets on loopback, real certificates."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import certificate
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import ENCRYPTED
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import listener
from ansible_collections.voiceops.asterisk.tests.unit.ordinary_user import as_an_ordinary_user

DATA = Path(__file__).parents[1] / "data"
CERTIFICATE, KEY = DATA / "test-only-certificate.pem", DATA / "test-only-key.pem"
OTHER_KEY = DATA / "test-only-key-of-another.pem"
LOCKED_KEY = DATA / "test-only-key-with-pass-phrase.pem"

UNENCRYPTED = ("tcp", "ws")


def serve_tls(client, heard):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    with context.wrap_socket(client, server_side=True) as encrypted:
        heard.append(encrypted.recv(1))  # empty, for the client takes its leave
        encrypted.unwrap()


def serve_plainly(client, heard):
    heard.append(client.recv(1000))
    client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def hang_up(client, heard):
    heard.append(client.recv(1000))


def say_nothing(client, heard):
    client.settimeout(10)
    while more := client.recv(1000):
        heard.append(more)


@contextlib.contextmanager
def serving(serve, address="127.0.0.1"):
    """Listen on loopback for one connection; give the port number, and what is heard."""
    heard = []
    with socket.create_server(
        (address, 0), family=socket.AF_INET6 if ":" in address else socket.AF_INET
    ) as s:
        s.settimeout(10)

        def answer():
            client, _address = s.accept()
            # That the other side leaves in the middle is what is tried here.
            with client, contextlib.suppress(ConnectionError):
                client.settimeout(10)
                serve(client, heard)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield s.getsockname()[1], heard
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture
def free_port():
    """A port number on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # but does not listen
        yield taken.getsockname()[1]


def wrong_with(protocol, number, address="127.0.0.1"):
    return list(listener.wrong_with(ConnectionPort("a", protocol, address, number)))


# --- does it listen? -------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", UNENCRYPTED)
def test_a_port_that_takes_a_connection_is_in_order(protocol):
    with serving(hang_up) as (number, heard):
        assert wrong_with(protocol, number) == []
    assert heard == [b""]


@pytest.mark.parametrize("protocol", ENCRYPTED)
def test_an_encrypted_port_that_serves_a_certificate_is_in_order_and_is_left_politely(protocol):
    with serving(serve_tls) as (number, heard):
        assert wrong_with(protocol, number) == []
    # Not an error of the connection, which Asterisk would log.
    assert heard == [b""]


@pytest.mark.parametrize(
    ("listens_on", "written"),
    [("127.0.0.1", "0.0.0.0"), ("127.0.0.2", "127.0.0.2"), ("::1", "::"), ("::1", "::1")],
)
def test_a_port_is_looked_for_at_its_address(listens_on, written):
    with serving(hang_up, listens_on) as (number, _heard):
        assert wrong_with("tcp", number, written) == []


@pytest.mark.parametrize("protocol", [*UNENCRYPTED, *ENCRYPTED])
def test_a_port_that_refuses_is_told_with_its_protocol_and_address(protocol, free_port):
    (what,) = wrong_with(protocol, free_port)
    assert what.startswith(f"{protocol} 127.0.0.1:{free_port} does not answer: ")
    assert what.endswith("Connection refused")


def test_nobody_can_tell_of_udp(free_port):
    assert wrong_with("udp", free_port) == []


@pytest.mark.parametrize(
    "serve",
    [pytest.param(serve_plainly, id="speaks in the clear"), pytest.param(hang_up, id="hangs up")],
)
@pytest.mark.parametrize("protocol", ENCRYPTED)
def test_an_encrypted_port_that_serves_no_certificate_is_told(protocol, serve):
    with serving(serve) as (number, heard):
        (what,) = wrong_with(protocol, number)
    assert what.startswith(f"{protocol} 127.0.0.1:{number} does not answer: ")
    assert heard[0].startswith(b"\x16\x03")  # a TLS handshake


def test_an_encrypted_port_that_says_nothing_is_waited_for_but_not_for_ever(monkeypatch):
    monkeypatch.setattr(listener, "TIMEOUT", 0.1)
    with serving(say_nothing) as (number, _heard):
        (what,) = wrong_with("tls", number)
    assert "timed out" in what


# --- which certificate is served? ------------------------------------------------------------


def served(number, protocol="tls"):
    return listener.served_certificate(ConnectionPort("a", protocol, "127.0.0.1", number))


@pytest.mark.parametrize("protocol", ENCRYPTED)
def test_the_certificate_that_is_served_is_that_of_the_file(protocol):
    with serving(serve_tls) as (number, _heard):
        assert served(number, protocol) == certificate.read(str(CERTIFICATE))


def test_where_nothing_is_served_it_is_told(free_port):
    with pytest.raises(
        listener.ListenerError, match=f"^tls 127.0.0.1:{free_port} does not answer: .*refused"
    ):
        served(free_port)


@pytest.mark.parametrize("serve", [serve_plainly, hang_up])
def test_what_serves_no_certificate_is_told(serve):
    with serving(serve) as (number, _heard), pytest.raises(listener.ListenerError, match="does not answer"):
        served(number)


def drip(client, heard):
    """Begin a TLS record and send it byte by byte, slower than anybody wants to wait."""
    heard.append(client.recv(1000))
    client.sendall(b"\x16\x03\x03\x40\x00")
    for _turn in range(100):
        client.sendall(b"\x02")
        time.sleep(0.05)


@pytest.mark.parametrize("serve", [say_nothing, drip])
def test_a_slow_peer_is_not_waited_for_longer_than_the_time_allows(monkeypatch, serve):
    monkeypatch.setattr(listener, "TIMEOUT", 0.3)
    begun = time.monotonic()
    with serving(serve) as (number, _heard):
        with pytest.raises(listener.ListenerError, match="timed out"):
            served(number)
        assert time.monotonic() - begun < 2


# --- are the files in order? -----------------------------------------------------------------


def wrong_with_files(certificate=CERTIFICATE, key=KEY, protocol="tls"):
    port = ConnectionPort("a", protocol, certificate=str(certificate), private_key=str(key))
    return list(listener.wrong_with_files(port))


@pytest.mark.parametrize("protocol", ENCRYPTED)
def test_a_certificate_with_its_key_is_in_order(protocol):
    assert wrong_with_files(protocol=protocol) == []


def test_a_port_without_certificate_has_no_files():
    assert list(listener.wrong_with_files(ConnectionPort("a"))) == []


@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        pytest.param(__file__, KEY, id="the certificate is garbage"),
        pytest.param(CERTIFICATE, __file__, id="the key is garbage"),
        pytest.param(KEY, KEY, id="the certificate is a key"),
        pytest.param(CERTIFICATE, CERTIFICATE, id="the key is a certificate"),
        pytest.param(CERTIFICATE, OTHER_KEY, id="the key is that of another certificate"),
        pytest.param(
            DATA / "test-only-ec.pem", DATA / "test-only-key-long.pem", id="the key is of another kind"
        ),
    ],
)
def test_files_that_are_not_what_they_should_be_are_told(certificate, key):
    (what,) = wrong_with_files(certificate, key)
    assert what.startswith(f"certificate {certificate} with private_key {key}: ")
    assert what.endswith("; is it a PEM file, and the key that of the certificate?")


# Asterisk has no pass phrase, and nobody must be asked for it here.
@pytest.mark.parametrize(
    ("certificate", "key"),
    [
        pytest.param(CERTIFICATE, LOCKED_KEY, id="PKCS 8"),
        pytest.param(
            DATA / "test-only-ec.pem", DATA / "test-only-key-ec-with-pass-phrase.pem", id="the older form"
        ),
    ],
)
def test_a_key_with_a_pass_phrase_is_told(certificate, key):
    (what,) = wrong_with_files(certificate, key)
    assert what.startswith(
        f"private_key {key} has a pass phrase, which Asterisk does not know; write it without"
    )


@pytest.mark.parametrize(
    ("certificate", "key"),
    [("ec", "key-ec"), ("ec", "key-ec-sec1"), ("long", "key-long"), ("long", "key-long-pkcs1")],
)
def test_a_key_belongs_to_its_certificate_in_whatever_form_it_is_written(certificate, key):
    assert wrong_with_files(DATA / f"test-only-{certificate}.pem", DATA / f"test-only-{key}.pem") == []


@pytest.mark.parametrize("missing", ["certificate", "key"])
@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("nowhere.pem", "No such file or directory"),
        (".", "Is a directory"),
        ("file/x.pem", "Not a directory"),
    ],
)
def test_files_that_are_not_there_are_told(tmp_path, missing, path, reason):
    (tmp_path / "file").touch()
    (what,) = wrong_with_files(**{missing: tmp_path / path})
    assert what.endswith(f": {reason}; put both on the host first")


@pytest.mark.parametrize("unreadable", ["certificate", "key"])
def test_a_file_that_must_not_be_read_is_told(tmp_path, unreadable):
    copy = tmp_path / "copy.pem"
    copy.write_bytes((CERTIFICATE if unreadable == "certificate" else KEY).read_bytes())
    copy.chmod(0)
    with as_an_ordinary_user():
        (what,) = wrong_with_files(**{unreadable: copy})
    assert "Permission denied" in what
