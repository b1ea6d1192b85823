# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is told of a port's certificate: its file, its key, and what the running port serves."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import certificate, port_certificate
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import listener

DATA = Path(__file__).parents[1] / "data"
NOW = 1_800_000_000.0  # in 2027


def file(name):
    return str(DATA / f"test-only-{name}.pem")


def der(name):
    return certificate.read(file(name))


def port(name="ec", key="key-ec", protocol="tls", **fields):
    return ConnectionPort("wan", protocol, certificate=file(name), private_key=file(key), **fields)


@pytest.fixture
def serves(monkeypatch):
    """A function that makes every port serve this certificate, or fail."""

    def serve(served):
        def answer(_port):
            if isinstance(served, Exception):
                raise served
            return served

        monkeypatch.setattr(listener, "served_certificate", answer)

    serve(AssertionError("nobody is to look"))
    return serve


def test_a_certificate_in_order(serves):
    serves(der("ec"))
    told = port_certificate.facts(port(), True, NOW)
    assert told == {
        **certificate.parse(der("ec")).shown(NOW),
        "served_fingerprint": told["fingerprint"],
        "key_matches": True,
        "problems": [],
    }
    json.dumps(told)


def test_only_ports_with_a_certificate_are_looked_at(serves):
    serves(der("ec"))
    ports = [ConnectionPort("udp"), ConnectionPort("ws", "ws"), port(), port(protocol="wss")]
    assert list(port_certificate.look_at(ports[:2], True, NOW)) == []
    assert list(port_certificate.look_at(ports, True, NOW)) == ["wan"]


def test_where_asterisk_is_stopped_nobody_looks_what_is_served(serves):
    told = port_certificate.facts(port(), False, NOW)
    assert (told["served_fingerprint"], told["key_matches"], told["problems"]) == (None, True, [])


@pytest.mark.parametrize(
    ("protocol", "cure"), [("tls", "module reload res_pjsip.so"), ("wss", "module reload http")]
)
def test_a_renewed_certificate_that_is_not_served_yet_is_told_with_the_cure(serves, protocol, cure):
    serves(der("expired"))
    told = port_certificate.facts(port(protocol=protocol), True, NOW)
    assert told["served_fingerprint"] == certificate.fingerprint(der("expired"))
    (problem,) = told["problems"]
    assert problem.startswith(
        f"certificate {file('ec')}: has been renewed, but the port still serves the one"
    )
    assert cure in problem


def test_everything_that_is_wrong_is_told(serves):
    serves(der("ec"))
    told = port_certificate.facts(port("expired", "key-long", external_address="sip.example.org"), True, NOW)
    assert told["key_matches"] is False
    assert told["days_left"] < 0
    texts = [
        "the key that of the certificate?",
        "has expired at 2021",
        "has been renewed",
        "is not for the port's external",
    ]
    assert len(told["problems"]) == len(texts)
    for text, problem in zip(texts, told["problems"]):
        assert text in problem


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("nowhere", "cannot be read: No such file or directory"),
        ("key", "holds no PEM certificate, which begins with -----BEGIN CERTIFICATE-----"),
    ],
)
def test_a_file_that_is_no_certificate_is_told_and_what_is_served_too(serves, name, problem):
    serves(der("ec"))
    told = port_certificate.facts(port(name), True, NOW)
    assert told == {
        **certificate.UNKNOWN,
        "key_matches": None,
        "served_fingerprint": certificate.fingerprint(der("ec")),
        "problems": [f"certificate {file(name)}: {problem}"],
    }


def test_a_port_that_does_not_answer_is_told(serves):
    serves(listener.ListenerError("tls 0.0.0.0:5061 does not answer: refused"))
    told = port_certificate.facts(port(), True, NOW)
    assert told["subject"] == "pbx.example.org"
    assert told["problems"] == [
        "the certificate that the port serves: tls 0.0.0.0:5061 does not answer: refused"
    ]


def test_a_served_certificate_that_nobody_can_read_is_told(serves):
    serves(b"rubbish")
    (problem,) = port_certificate.facts(port(), True, NOW)["problems"]
    assert problem.startswith("the certificate that the port serves: is damaged")


def test_without_the_library_it_is_told_what_to_install_and_what_can_be_told_without(serves, monkeypatch):
    serves(der("expired"))
    monkeypatch.setitem(sys.modules, "pyasn1.codec.der", None)
    told = port_certificate.facts(port(), True, NOW)
    (problem,) = told["problems"]
    assert problem.endswith("on Debian: apt-get install python3-pyasn1")
    assert told["fingerprint"] == certificate.fingerprint(der("ec"))
    assert told["served_fingerprint"] == certificate.fingerprint(der("expired"))
    assert (told["key_matches"], told["subject"]) == (True, None)


# --- when a port is declared -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "texts"),
    [
        pytest.param(port(), [], id="in order"),
        pytest.param(ConnectionPort("udp"), [], id="without a certificate"),
        pytest.param(ConnectionPort("tls", "tls"), [], id="whose certificate is not known yet"),
        pytest.param(ConnectionPort("udp", certificate=file("expired")), [], id="that does not use it"),
        pytest.param(port("key"), [], id="whose certificate is garbage, which is refused elsewhere"),
        pytest.param(port("expired"), ["has expired at 2021-01-01T00:00:00Z; renew it"], id="expired"),
        pytest.param(
            port("far"), ["is not valid before 2050-01-01T00:00:00Z; is the host's clock"], id="early"
        ),
        pytest.param(
            port(external_address="sip.example.org"), ["is not for the port's external"], id="names"
        ),
    ],
)
def test_whoever_declares_a_port_is_warned_of_its_certificate(serves, declared, texts):
    warnings = port_certificate.warnings_of([declared], NOW)
    assert len(warnings) == len(texts)
    for text, warning in zip(texts, warnings):
        assert warning.startswith(f"port 'wan': certificate {declared.certificate}: {text}")
