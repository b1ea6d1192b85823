# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The rollout on a real host: a call goes on through a good change, and a bad one is put back by itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from phones.connected import plugged
from phones.exchange import Room
from phones.phone import phones_addresses

from .fleet import DIRECTORY, Host, ansible_playbook, lab_inventory
from .test_history import exported

TCP_PORT, ELSEWHERE = 5062, 5072
#: What is heard at the other end of a call, in Hz.
TONE = 850
NUMBERS = ("3001", "3002", "3003")
#: Phones that hold a connection, which a restart ends.
BY_TCP = {
    **DIRECTORY,
    "pbx_connection_ports": [
        *DIRECTORY["pbx_connection_ports"],
        {"name": "TCP", "protocol": "tcp", "port": TCP_PORT},
    ],
    "pbx_extensions": [
        *({"connection_port": "Masa telefonları", **each} for each in DIRECTORY["pbx_extensions"]),
        *(
            {"number": number, "password": f"tin-can-{number[-1]}", "connection_port": "TCP"}
            for number in NUMBERS
        ),
    ],
}


def password(number: str) -> str:
    return str(next(each["password"] for each in BY_TCP["pbx_extensions"] if each["number"] == number))


def rolls_out(
    host: Host, folder: Path, variables: dict[str, Any], *more: str, ends: int = 0
) -> dict[str, Any]:
    """Roll out to the host alone; return the report of it."""
    given = folder / "variables.yml"
    given.write_text(yaml.safe_dump({**variables, "pbx_rollout_folder": str(folder)}), encoding="utf-8")
    words = ("-i", lab_inventory(), "--limit", host.name, "--tags", "directory", "-e", f"@{given}")
    run = ansible_playbook(*words, *more, "playbooks/rollout.yml")
    assert run.returncode == ends, run.stdout + run.stderr
    assert "tin-can" not in run.stdout + run.stderr + "".join(
        path.read_text(encoding="utf-8") for path in folder.glob("rollout-*")
    )
    report = json.loads((folder / "rollout-report.json").read_text(encoding="utf-8"))
    return {**report["hosts"][host.name], "said": run.stdout, "whole": report["state"]}


def phones_of(host: Host) -> list[dict[str, Any]]:
    return [
        {
            "server": host.address,
            "port": TCP_PORT,
            "address": phones_addresses()[0],
            "number": number,
            "password": password(number),
        }
        for number in NUMBERS
    ]


@pytest.fixture
def by_tcp(directory: Host) -> Host:
    made = directory.whole_directory(**BY_TCP)
    assert not made["failed"], made
    return directory


def test_a_good_change_is_rolled_out_while_a_call_goes_on(by_tcp: Host, tmp_path: Path) -> None:
    host = by_tcp
    named = [{**each, "name": f"{each.get('name', '')} new"} for each in BY_TCP["pbx_extensions"]]
    with Room(host.address) as room, plugged(phones_of(host)):
        called, caller = room.phone("1002", password("1002"), tone=TONE), room.phone("1001", password("1001"))
        call = caller.dial("1002").is_up()
        # Another password is another credential: its phone has to be told.
        named[-1]["password"] = "another-tin-can-9"
        told = rolls_out(host, tmp_path, {**BY_TCP, "pbx_extensions": named})
        assert call.hears() == [TONE]
        call.hang_up()
        assert (called.register(expires=0), caller.register(expires=0)) == (200, 200)
    assert (told["state"], told["whole"]) == ("done", "finished")
    assert told["directory"] == {"created": 0, "updated": 6, "deleted": 0}
    assert (told["plan"]["updated"], told["plan"]["anew"], told["registered_before"]) == (6, 1, 5)
    assert (told["gate"]["expected"], told["gate"]["registered"]) == (4, 4)
    assert told["gate"]["not_seen"] == {"password": ["3003"]}
    again = rolls_out(host, tmp_path, {**BY_TCP, "pbx_extensions": named}, "-e", "pbx_rollout_resume=true")
    assert "done before, and left alone: 1" in again["said"]


def test_a_phone_that_is_asked_fetches_its_new_password_and_the_gate_sees_it(
    by_tcp: Host, tmp_path: Path
) -> None:
    host, new = by_tcp, "another-tin-can-9"
    extensions = [
        {**each, "password": new} if each["number"] == "3003" else each for each in BY_TCP["pbx_extensions"]
    ]
    # Where phones are provisioned from, it is known before.
    settings = tmp_path / "3003.json"
    settings.write_text(json.dumps({"password": new}), encoding="utf-8")
    phones = [
        {**phone, "settings": str(settings)} if phone["number"] == "3003" else phone
        for phone in phones_of(host)
    ]
    asking = {"pbx_notify_event": "check-sync;reboot=false", "pbx_rollout_wait": True}
    with plugged(phones) as there:
        told = rolls_out(host, tmp_path, {**BY_TCP, "pbx_extensions": extensions, **asking})
        assert sorted(there.registered()[host.address]) == sorted(NUMBERS)
    assert (told["state"], told["gate"]["not_seen"]) == ("done", {})
    # The third is not a phone that was registered before, but one that has had another password.
    assert (told["gate"]["expected"], told["gate"]["registered"]) == (2, 2)
    assert "res_pjsip_notify" not in host.shell("asterisk -rx 'module show like res_pjsip_notify'")


def test_a_phone_is_rung_before_a_change_may_stay(by_tcp: Host, tmp_path: Path) -> None:
    host = by_tcp
    named = [{**each, "name": f"{each.get('name', '')} rung"} for each in BY_TCP["pbx_extensions"]]
    with Room(host.address) as room:
        phone = room.phone("1002", password("1002"))
        rung = {**BY_TCP, "pbx_extensions": named, "pbx_rollout_test_call": "1002"}
        told = rolls_out(host, tmp_path, rung)
        assert (told["state"], told["whole"]) == ("done", "finished")
        phone.incoming().has_ended()
    assert "PJSIP/" not in host.shell("asterisk -rx 'core show channels concise'")
    assert "res_clioriginate" not in host.shell("asterisk -rx 'module show like res_clioriginate'")
    before = exported(host)
    # It is registered, and gone: a phone that was switched off.
    told = rolls_out(host, tmp_path, {**BY_TCP, "pbx_rollout_test_call": "1002"}, ends=2)
    assert told["reasons"][0] == "the test call to 1002 failed: it did not ring within 5 s"
    assert told["state"] == "back"
    assert exported(host) == before
    with Room(host.address) as room:
        assert room.phone("1002", password("1002")).register(expires=0) == 200
    told = rolls_out(host, tmp_path, {**BY_TCP, "pbx_rollout_test_call": "1002"}, ends=2)
    assert told["reasons"] == ["no phone of 1002 is registered, so it cannot ring (pbx_rollout_test_call)"]
    assert exported(host) == before


def test_a_change_that_phones_do_not_survive_is_put_back_and_they_return(
    by_tcp: Host, tmp_path: Path
) -> None:
    host = by_tcp
    before = exported(host)
    ports = [*DIRECTORY["pbx_connection_ports"], {"name": "TCP", "protocol": "tcp", "port": ELSEWHERE}]
    with plugged(phones_of(host)) as phones:
        checked = rolls_out_in_check_mode(host, tmp_path, {**BY_TCP, "pbx_connection_ports": ports})
        assert exported(host) == before
        told = rolls_out(
            host, tmp_path, {**BY_TCP, "pbx_connection_ports": ports, "pbx_rollout_settle": 12}, ends=2
        )
        assert phones.registered() == {host.address: list(NUMBERS)}
    assert checked.split() == [host.name, "0", "1", "0", "0", "3", "yes"]
    assert exported(host) == before
    assert (told["state"], told["whole"]) == ("back", "stopped")
    assert told["gate"]["missing"] == list(NUMBERS)
    assert told["reasons"] == [
        "0 of 3 phones are registered that were before, less than 95 %; missing: 3001, 3002, 3003",
        "it is what it was before: 3 / 3",
    ]
    assert "taken back by voiceops.asterisk.rollout" in str(
        host.module("pbx_extension_facts", gather=["history"], history_limit=1)
    )


def rolls_out_in_check_mode(host: Host, folder: Path, variables: dict[str, Any]) -> str:
    """See what would be done; return the host's line of the table."""
    given = folder / "variables.yml"
    given.write_text(yaml.safe_dump({**variables, "pbx_rollout_folder": str(folder)}), encoding="utf-8")
    words = ("-i", lab_inventory(), "--limit", host.name, "--tags", "directory", "-e", f"@{given}")
    run = ansible_playbook(*words, "--check", "playbooks/rollout.yml")
    assert run.returncode == 0, run.stdout + run.stderr
    assert not list(folder.glob("rollout-*"))
    table = run.stdout.partition("[Show what would be done]")[2].splitlines()
    return next(line for line in table if line.startswith(host.name))
