# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The facts say what real phones do at this moment, and what real ports serve."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from .fleet import DIRECTORY, Host, ansible_playbook, lab_inventory, site
from .test_calls import define, phone

#: Longest time until something that happens by itself has happened, in seconds.
SOON = 15
#: How long a conversation lasts that is looked at meanwhile, in seconds.
TALK = 6.0

KEYS = "/etc/asterisk/keys-of-status"
DATA = Path(__file__).resolve().parent.parent / "unit" / "data"

Facts = dict[str, Any]


def asked(host: Host, **options: Any) -> Facts:
    """Ask for facts with these options."""
    result = host.module("pbx_extension_facts", **options)
    assert not result["failed"], result
    return dict(result["ansible_facts"])


def seen(host: Host, *numbers: str) -> dict[str, Facts]:
    """Return the facts of these extensions."""
    extensions = asked(host, numbers=list(numbers), gather=["registration", "calls"])["pbx_extensions"]
    assert sorted(extensions) == sorted(numbers)
    return dict(extensions)


def states(host: Host, *numbers: str) -> dict[str, str]:
    return {number: extension["state"] for number, extension in seen(host, *numbers).items()}


def wait_until(what: Callable[[], Any], wanted: Any) -> None:
    give_up = time.monotonic() + SOON
    while (now := what()) != wanted:
        assert time.monotonic() < give_up, f"{now} and not {wanted}"
        time.sleep(0.1)


def call_of(extension: Facts) -> tuple[str, str, str]:
    (call,) = extension["calls"]
    assert 0 <= call["seconds"] < 60
    assert call["recorded"] is False
    return call["direction"], call["other"], call["state"]


@contextmanager
def in_the_meantime(*what: Any) -> Iterator[None]:
    """Do something, such as a call, while the block looks; it must end well."""
    with ThreadPoolExecutor() as others:
        done = others.submit(*what)
        time.sleep(1)
        yield
        assert done.result() == 200


def test_facts_do_not_take_the_place_of_what_the_inventory_says(directory: Host, tmp_path: Path) -> None:
    play = [
        {
            "hosts": directory.name,
            "gather_facts": False,
            "tasks": [
                {"voiceops.asterisk.pbx_extension_facts": {}},
                {
                    "ansible.builtin.assert": {
                        "that": [
                            "ansible_facts.pbx_extensions['1001'].number == '1001'",
                            "ansible_pbx_extensions['1001'].number == '1001'",
                            "ansible_facts.pbx_emergency_numbers is defined",
                            "pbx_extensions == ['as in the inventory']",
                            "pbx_emergency_numbers == ['999']",
                        ]
                    }
                },
            ],
        }
    ]
    (tmp_path / "play.yml").write_text(json.dumps(play), encoding="utf-8")
    of_inventory = {"pbx_extensions": ["as in the inventory"], "pbx_emergency_numbers": ["999"]}
    beside = {"pbx": {"hosts": {directory.name: of_inventory}}}
    (tmp_path / "beside.json").write_text(json.dumps(beside), encoding="utf-8")
    run = ansible_playbook(
        *("-i", lab_inventory(), "-i", str(tmp_path / "beside.json")),
        *("--limit", directory.name, str(tmp_path / "play.yml")),
    )
    assert run.returncode == 0, run.stdout + run.stderr


# --- phones ----------------------------------------------------------------------------------


def test_extensions_whose_phones_do_nothing(directory: Host) -> None:
    host = directory
    define(
        host,
        {"number": "3001"},
        {"number": "3002", "max_devices": 2},
        {"number": "3003"},
        {"number": "3004", "enabled": False},
        {"number": "3005", "password": ""},
    )
    numbers = [f"300{i}" for i in range(1, 6)]
    with ExitStack() as desks:
        for number in ("3001", "3002", "3002"):
            desks.enter_context(phone(host, number).on_the_desk())
        found = seen(host, *numbers)
        assert {number: extension["state"] for number, extension in found.items()} == {
            "3001": "idle",
            "3002": "idle",
            "3003": "unregistered",
            "3004": "disabled",
            "3005": "no phone",
        }
        assert [len(found[number]["contacts"]) for number in numbers] == [1, 2, 0, 0, 0]
        assert [found[number]["registered"] for number in numbers] == [True, True, False, False, False]
        assert all(found[number]["calls"] == [] for number in numbers)
    assert states(host, "3001", "3002") == dict.fromkeys(["3001", "3002"], "unregistered")


def test_extensions_that_call_ring_and_speak(directory: Host) -> None:
    host = directory
    define(
        host,
        {"number": "3001"},
        {"number": "3002"},
        {"number": "3003", "forward_to": "3002", "ring_timeout": 5},
    )
    ayse = phone(host, "3001")
    with (
        ayse.on_the_desk(),
        phone(host, "3002").on_the_desk(),
        phone(host, "3003").on_the_desk(somebody_there=False),
    ):
        # 3003 rings, then the call goes on to 3002, which answers.
        with in_the_meantime(ayse.call, "3003", TALK):
            wait_until(lambda: states(host, "3003"), {"3003": "ringing"})
            ringing = seen(host, "3001", "3002", "3003")
            wait_until(lambda: states(host, "3002"), {"3002": "in use"})
            speaking = seen(host, "3001", "3002", "3003")
        assert {number: each["state"] for number, each in ringing.items()} == {
            "3001": "in use",
            "3002": "idle",
            "3003": "ringing",
        }
        assert call_of(ringing["3001"]) == ("outgoing", "3003", "calling")
        assert call_of(ringing["3003"]) == ("incoming", "3001", "ringing")
        assert call_of(speaking["3001"]) == ("outgoing", "3002", "connected")
        assert call_of(speaking["3002"]) == ("incoming", "3001", "connected")
        assert (speaking["3003"]["state"], speaking["3003"]["calls"]) == ("idle", [])
        assert asked(host, gather=["calls"], numbers=["3001"])["pbx_extensions"]["3001"]["calls"] == []


def test_an_extension_on_hold_and_one_that_rings_while_it_speaks(directory: Host) -> None:
    host = directory
    define(
        host,
        {"number": "3001"},
        {"number": "3002"},
        {"number": "3003", "ring_timeout": 5, "forward_to": "3002"},
    )
    holding = phone(host, "3003")
    with phone(host, "3002").on_the_desk(), holding.on_the_desk(somebody_there=False):
        with in_the_meantime(holding.call_and_hold, "3002", TALK):
            # On hold is the party that has to wait: 3002, which 3003 has put there.
            wait_until(lambda: states(host, "3002", "3003"), {"3002": "on hold", "3003": "in use"})
        with in_the_meantime(holding.call, "3002", TALK):
            wait_until(lambda: states(host, "3002"), {"3002": "in use"})
            with in_the_meantime(phone(host, "3001").call, "3003"):
                wait_until(lambda: states(host, "3003"), {"3003": "ringing in use"})
                busy = seen(host, "3003")["3003"]
    assert sorted(call["state"] for call in busy["calls"]) == ["connected", "ringing"]


def test_a_phone_that_died_is_unreachable_as_soon_as_asterisk_has_asked_it(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    assert phone(host, "3001").register() == 200  # and is switched off silently
    host.shell("asterisk -rx 'pjsip qualify 3001'")
    wait_until(lambda: states(host, "3001"), {"3001": "unreachable"})
    (contact,) = seen(host, "3001")["3001"]["contacts"]
    assert contact["reachable"] is False


BRING_THE_END_FORWARD = """
import json, subprocess, sys
sys.path.insert(0, "/opt/library-of-status")
from voiceops_asterisk.asterisk import ami

show = ["asterisk", "-rx", "database show registrar/contact"]
(line,) = [l for l in subprocess.check_output(show, text=True).splitlines() if "/3001;@" in l]
key, _, value = line.partition(": ")
contact = json.loads(value)
contact["expiration_time"] = str(int(contact["expiration_time"]) - 3600)
with ami.Client(ami.read_secret(ami.DEFAULT_SECRET_FILE)) as client:
    client.action(
        "DBPut", Family="registrar/contact", Key=key.strip().rpartition("/")[2], Val=json.dumps(contact)
    )
"""


def test_a_registration_that_has_expired_does_not_count_although_asterisk_still_has_it(
    directory: Host,
) -> None:
    host = directory
    define(host, {"number": "3001"})
    assert phone(host, "3001").register() == 200
    assert seen(host, "3001")["3001"]["registered"] is True
    # Asterisk looks for expired ones every 30 s only. The end of this one is brought forward in its database.
    host.put_library("/opt/library-of-status/voiceops_asterisk")
    host.python(BRING_THE_END_FORWARD)
    found = seen(host, "3001")["3001"]
    assert (found["registered"], found["state"], found["contacts"]) == (False, "unregistered", [])


def test_a_contact_that_a_deleted_extension_left_behind_is_not_told(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    assert phone(host, "3001").register() == 200
    # Asterisk cannot be asked to forget it, because nobody listens there.
    left = host.module("pbx_extension", number="3001", state="absent", ami_port=1)
    assert "stay registered until" in " ".join(left["said"].split())
    assert "3001/sip:3001@" in host.shell("asterisk -rx 'pjsip show contacts'")
    facts = host.facts()
    assert "3001" not in facts["pbx_extensions"]
    assert facts["pbx_extension_summary"]["registered"] == 0


def test_right_after_a_restart_phones_are_registered_as_before(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"})
    with phone(host, "3001").on_the_desk():
        host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
        found = seen(host, "3001")["3001"]
    assert (found["registered"], found["state"], found["calls"]) == (True, "idle", [])


EVERYTHING = ["definition", "registration", "calls", "certificates", "recording", "directory"]


def test_where_asterisk_is_stopped_the_definitions_stand_and_nothing_else_is_known(directory: Host) -> None:
    host = directory
    host.shell("systemctl stop asterisk")
    try:
        facts = asked(host, groups=["Destek"], gather=EVERYTHING)
    finally:
        host.shell("systemctl start asterisk")
    unknown = {"registered": None, "call_limit_reached": None, "no_room_at": None}
    assert facts["pbx_extension_summary"] == {"asterisk": "stopped", "extensions": 3, **unknown}
    (extension,) = facts["pbx_extensions"].values()
    assert (extension["number"], extension["name"]) == ("1002", "محمد")
    assert {extension[name] for name in ("registered", "state", "calls", "contacts")} == {None}
    assert len(facts["pbx_directory"]["extensions"]) == 3
    # What was declared stands, and how the folder is can be seen without Asterisk.
    assert facts["pbx_recording_storage"]["usable"]


def test_what_is_not_on_this_host_is_named_with_its_place(directory: Host) -> None:
    told = directory.module("pbx_extension_facts", numbers=["1001", "83"], groups=["Satis"])
    assert not told["failed"]
    assert told["ansible_facts"]["pbx_extensions"].keys() == {"1001"}
    assert "numbers[1]: there is no extension '83' on this host" in told["said"]
    assert "groups[0]: there is no group 'Satis' on this host; did you mean 'Satış'?" in told["said"]


def test_a_host_that_cannot_answer_says_why_also_where_ansible_looks_for_a_python(directory: Host) -> None:
    nowhere = {"database": "/var/lib/voiceops/elsewhere.sqlite3"}
    told = directory.module_by_ansible(
        "pbx_extension_facts", "-e", "ansible_python_interpreter=auto_silent", **nowhere
    )
    assert "there is no directory database /var/lib/voiceops/elsewhere.sqlite3" in told["msg"]


# --- certificates ----------------------------------------------------------------------------


def port(protocol: str, **more: Any) -> dict[str, Any]:
    return {
        "name": f"Güvenli {protocol}",
        "protocol": protocol,
        "certificate": f"{KEYS}/pbx.pem",
        "private_key": f"{KEYS}/pbx.key",
        **more,
    }


def make_certificate(host: Host, name: str, days: int = 365) -> None:
    """Make a certificate with its key, under the same file names as any before."""
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -keyout pbx.key"
        f" -out pbx.pem -days {days} -subj /CN={name} -addext subjectAltName=DNS:{name} 2>/dev/null"
        " && chgrp asterisk pbx.key && chmod 640 pbx.key"
    )


def certificates(host: Host) -> dict[str, Facts]:
    """Return what is told of the certificates, by the protocol of their port."""
    ports = asked(host, gather=["certificates"])["pbx_connection_ports"].values()
    return {each["protocol"]: each["certificate_facts"] for each in ports if "certificate_facts" in each}


@pytest.mark.shown_on("asterisk16")
def test_a_certificate_renewed_on_disk_is_told_until_asterisk_has_taken_it(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    make_certificate(host, "old.example.org", days=20)
    ports = [*DIRECTORY["pbx_connection_ports"], port("tls"), port("wss")]
    # The role, because it also installs what certificates are read with.
    run = site([host], tmp_path, {**DIRECTORY, "pbx_connection_ports": ports})
    assert run.status == 0, run.text[-3000:]
    assert "expires in 19 days" in " ".join(run.text.split())
    before = certificates(host)
    assert sorted(before) == ["tls", "wss"]
    for told in before.values():
        assert (told["subject"], told["names"], told["days_left"]) == (
            "old.example.org",
            ["old.example.org"],
            19,
        )
        assert told["served_fingerprint"] == told["fingerprint"]
        assert told["key_matches"] is True
        (problem,) = told["problems"]
        assert "expires in 19 days" in problem

    make_certificate(host, "new.example.org")
    for told in certificates(host).values():
        assert told["subject"] == "new.example.org"
        assert told["served_fingerprint"] == before["tls"]["fingerprint"] != told["fingerprint"]
        (problem,) = told["problems"]
        assert "has been renewed, but the port still serves the one before, which expires at" in problem

    # What the problem says that helps.
    host.shell("asterisk -rx 'module reload http'; asterisk -rx 'module reload res_pjsip.so'; sleep 1")
    if host.name == "asterisk16":
        assert [bool(told["problems"]) for told in certificates(host).values()] == [True, False]
        host.shell("systemctl restart asterisk && asterisk -rx 'core waitfullybooted'")
    after = certificates(host)
    assert [told["problems"] for told in after.values()] == [[], []]
    assert after["tls"]["served_fingerprint"] != before["tls"]["fingerprint"]


def test_who_declares_a_port_with_an_expired_certificate_for_another_name_is_warned(directory: Host) -> None:
    host = directory
    if "1" in host.shell("python3 -c 'import pyasn1' 2>/dev/null; echo $?"):
        host.shell("apt-get install -qq -y python3-pyasn1 >/dev/null 2>&1")
    host.shell(f"mkdir -p {KEYS}")
    for ours, theirs in (("expired", "expired.pem"), ("key-ec", "expired.key")):
        text = (DATA / f"test-only-{ours}.pem").read_text(encoding="utf-8")
        host.shell(f"cat > {KEYS}/{theirs} && chgrp asterisk {KEYS}/{theirs}", text)
    files = {"certificate": f"{KEYS}/expired.pem", "private_key": f"{KEYS}/expired.key"}
    declared = host.module("pbx_connection_port", **port("tls", external_address="pbx.example.org", **files))
    assert (declared["failed"], declared["changed"]) == (False, True), declared
    warned = " ".join(declared["said"].split())
    assert f"certificate {KEYS}/expired.pem: has expired at 2021-01-01T00:00:00Z; renew it" in warned
    assert "is not for the port's external_address pbx.example.org; its names are: old.example.org" in warned
    told = certificates(host)["tls"]
    assert told["days_left"] < 0
    assert told["served_fingerprint"] == told["fingerprint"]
    assert len(told["problems"]) == 2


def test_a_certificate_that_is_damaged_later_is_told(directory: Host) -> None:
    host = directory
    make_certificate(host, "pbx.example.org")
    host.module("pbx_connection_port", **port("wss"))
    for damage, matches, expected in (
        ("openssl genrsa -out pbx.key 2048", False, "is it a PEM file, and the key that of the certificate?"),
        ("echo rubbish > pbx.pem", None, "holds no PEM certificate"),
        ("rm pbx.pem", None, "cannot be read: No such file or directory"),
    ):
        host.shell(f"cd {KEYS} && {damage} 2>/dev/null")
        told = certificates(host)["wss"]
        # The running port has not read it since.
        assert told["served_fingerprint"] is not None
        assert told["key_matches"] is matches
        (problem,) = told["problems"]
        assert expected in problem
