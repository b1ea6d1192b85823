# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The variables of the role: what it says of them, and which it refuses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.tests.unit.specs import FOLDER

ROLE = FOLDER.parent / "roles" / "pbx"

#: Variables of a host, and the paths that are named as wrong, in this order.
REFUSED = {
    "nothing is wrong": ({}, []),
    "a folder that means more": ({"pbx_recording_folder": "/srv/$(id)"}, ["pbx_recording_folder"]),
    "a folder that is none": ({"pbx_recording_folder": "recordings"}, ["pbx_recording_folder"]),
    "metrics without a password": ({"pbx_metrics": True}, ["pbx_metrics_password"]),
    "metrics with a short password": (
        {"pbx_metrics": True, "pbx_metrics_password": "short"},
        ["pbx_metrics_password"],
    ),
    "metrics with everything wrong": (
        {
            "pbx_metrics": True,
            "pbx_metrics_password": "with a blank in it",
            "pbx_metrics_username": "",
            "pbx_metrics_address": "localhost",
            "pbx_metrics_port": 0,
        },
        ["pbx_metrics_password", "pbx_metrics_username", "pbx_metrics_address", "pbx_metrics_port"],
    ),
    "metrics beside a port for browsers": (
        {
            "pbx_metrics": True,
            "pbx_metrics_password": "0123456789abcdef",
            "pbx_connection_ports": [{"name": "A"}, {"name": "B", "protocol": "ws"}],
        },
        ["pbx_metrics_address, pbx_metrics_port"],
    ),
    "metrics on the port for browsers": (
        {
            "pbx_metrics": True,
            "pbx_metrics_password": "0123456789abcdef",
            "pbx_metrics_address": "0.0.0.0",
            "pbx_connection_ports": [{"name": "B", "protocol": "ws", "port": "9876"}],
        },
        [],
    ),
    "hardening with everything set": (
        {
            "pbx_timezone": "America/Argentina/Buenos_Aires",
            "pbx_max_phones": "100",
            "pbx_rtp_start": 16384,
            "pbx_rtp_end": 16423,
            "pbx_fail2ban_ignore": ["192.0.2.1", "2001:db8::/32", "::1"],
            "pbx_firewall_networks": ["192.0.2.0/24"],
            "pbx_firewall_allow": ["51820/udp", "40000-40010/udp"],
        },
        [],
    ),
    "hardening with everything wrong": (
        {
            "pbx_timezone": "UTC\nUser=root",
            "pbx_max_phones": 0,
            "pbx_log_weeks": "many",
            "pbx_rtp_start": 10001,
            "pbx_rtp_end": 10002,
            "pbx_fail2ban_max_retry": 0,
            "pbx_fail2ban_ignore": ["10.0.0.0/8", "office.example.com"],
            "pbx_firewall_networks": ["0.0.0.0/0 } drop"],
            "pbx_firewall_allow": ["22/tcp"],
        },
        [
            "pbx_timezone",
            "pbx_max_phones",
            "pbx_log_weeks",
            "pbx_rtp_start",
            "pbx_rtp_end",
            "pbx_fail2ban_max_retry, pbx_fail2ban_find_time, pbx_fail2ban_ban_time",
            "pbx_fail2ban_ignore",
            "pbx_firewall_networks",
            "pbx_firewall_allow",
        ],
    ),
    "a time zone that is a path": ({"pbx_timezone": "../../etc/passwd"}, ["pbx_timezone"]),
    "sound where a port is": (
        {"pbx_connection_ports": [{"name": "A", "port": 10100}, {"name": "B", "port": "20001"}]},
        ["pbx_rtp_start, pbx_rtp_end"],
    ),
    "sound where a port of another kind is": (
        {
            "pbx_rtp_start": 5000,
            "pbx_rtp_end": 5999,
            "pbx_connection_ports": [{"name": "A", "protocol": "tcp"}, {"name": "B", "state": "absent"}],
        },
        [],
    ),
    "a certificate that Asterisk does not see": (
        {"pbx_connection_ports": [{"name": "A", "certificate": "/root/a.pem"}, {"name": "B"}]},
        ["pbx_connection_ports"],
    ),
    "a folder that Asterisk does not see": ({"pbx_recording_folder": "/home/pbx"}, ["pbx_recording_folder"]),
    "metrics beside a port for browsers that goes": (
        {
            "pbx_metrics": True,
            "pbx_metrics_password": "0123456789abcdef",
            "pbx_connection_ports": [{"name": "B", "protocol": "ws", "state": "absent"}],
        },
        [],
    ),
}


def options(entry="main"):
    specs = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    return specs["argument_specs"][entry]["options"]


def defaults():
    found = {}
    for file in sorted((ROLE / "defaults" / "main").glob("*.yml")):
        more = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert not found.keys() & more.keys(), file
        found.update(more)
    return found


def test_each_variable_has_one_default_and_it_is_the_documented_one():
    documented = options()
    assert documented.keys() == defaults().keys()
    for name, default in defaults().items():
        assert documented[name].get("default", default) == default, name
        assert documented[name]["description"], name


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What the role's first tasks say of each of REFUSED, or nothing; one run of Ansible for all of them."""
    folder = tmp_path_factory.mktemp("refusals")
    hosts = {f"host{place}": variables for place, (variables, _) in enumerate(REFUSED.values())}
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    (folder / "play.yml").write_text(
        yaml.safe_dump(
            [
                {
                    "hosts": "all",
                    "gather_facts": False,
                    "connection": "local",
                    "vars": {"ansible_python_interpreter": sys.executable},
                    "tasks": [
                        {
                            "block": [
                                {
                                    "ansible.builtin.include_role": {
                                        "name": "voiceops.asterisk.pbx",
                                        "tasks_from": "preflight",
                                    }
                                }
                            ],
                            "rescue": [
                                {
                                    "ansible.builtin.copy": {
                                        "content": "{{ ansible_failed_result.msg }}",
                                        "dest": f"{folder}/{{{{ inventory_hostname }}}}",
                                        "mode": "0600",
                                    }
                                }
                            ],
                        }
                    ],
                }
            ]
        ),
        encoding="utf-8",
    )
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible-playbook")),
            *("-i", str(folder / "hosts.json"), "--forks", "2", str(folder / "play.yml")),
        ],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "ANSIBLE_CONFIG": str(FOLDER.parent / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1"},
        cwd=FOLDER.parent,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    said = [folder / name for name in hosts]
    return dict(zip(REFUSED, (file.read_text() if file.exists() else "" for file in said), strict=True))


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named_before_anything_is_changed(refusals, case):
    expected = REFUSED[case][1]
    first, *lines = refusals[case].splitlines() or [""]
    assert [line.partition(": ")[0] for line in lines] == expected
    assert first == (f"nothing was changed, for {len(expected)} thing(s) are wrong:" if expected else "")
    assert all(line.partition(": ")[2] for line in lines)
