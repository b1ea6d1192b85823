# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The variables of the role: what it says of them, and which it refuses."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import (
    PORT_NUMBERS,
    PROTOCOLS,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import options as options_of_modules

from playbooks.playing import ansible_playbook

REPOSITORY = Path(__file__).resolve().parents[2]
ROLE = REPOSITORY / "roles" / "pbx"

#: A release to build, of which nothing is wrong.
SIGNER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBSlHPxL1WqZSjpmQX9DiJ7gFZvoBpMTtMYXGmlVnHhV"
SOURCE = {
    "pbx_install_method": "source",
    "pbx_source_version": "22.10.1",
    "pbx_source_archive": "https://releases.example/asterisk-22.10.1.tar.gz",
    "pbx_source_sha256": "0123456789abcdef" * 4,
    "pbx_source_pjproject_archive": "/srv/tarballs/pjproject-2.17.tar.bz2",
    "pbx_source_pjproject_sha256": "fedcba9876543210" * 4,
}

#: Variables of a host, and the paths that are named as wrong, in this order.
REFUSED = {
    "nothing is wrong": ({}, []),
    "passwords in the wrong variables": (
        {
            "pbx_extensions": [{"number": "1001", "password": "correct-horse-1"}],
            "pbx_trunks": [{"name": "line", "password": "trunk-horse-1"}],
            "pbx_metrics": True,
            "pbx_metrics_password": "metrics-horse-12345",
            "pbx_recording_folder": "correct-horse-1",
            "pbx_recording_device": "trunk-horse-1",
            "pbx_metrics_address": "metrics-horse-12345",
        },
        ["pbx_recording_folder", "pbx_recording_device", "pbx_metrics_address"],
    ),
    "a folder that means more": ({"pbx_recording_folder": "/srv/$(id)"}, ["pbx_recording_folder"]),
    "a folder that is none": ({"pbx_recording_folder": "recordings"}, ["pbx_recording_folder"]),
    "a storage with everything wrong": (
        {
            "pbx_recording_folder": "/srv/recordings\n",
            "pbx_recording_device": "/dev/sd b",
            "pbx_recording_filesystem": "ext4 -o x",
            "pbx_recording_mount_options": ["rw,exec"],
            "pbx_recording_keep_days": -1,
            "pbx_recording_keep_free": "much",
            "pbx_recording_holds": [{"name": "Case", "number": "1002"}, {"number": "1002"}, {"name": "Case"}],
            "pbx_recording_archive_command": ["archive"],
        },
        [
            "pbx_recording_folder",
            "pbx_recording_device",
            "pbx_recording_filesystem",
            "pbx_recording_mount_options",
            "pbx_recording_archive_command",
            "pbx_recording_holds[1].name",
            "pbx_recording_holds[2]",
            "pbx_recording_keep_days",
            "pbx_recording_keep_free",
        ],
    ),
    "a storage of its own": (
        {
            "pbx_recording_device": "[2001:db8::1]:/export/recordings",
            "pbx_recording_filesystem": "nfs4",
            "pbx_recording_mount_options": ["vers=4.2", "sec=krb5p"],
            "pbx_recording_keep_days": "365",
            "pbx_recording_keep_free": "10%",
            "pbx_recording_holds": [{"name": "Case", "number": 1002, "from": "2026-01-01"}],
        },
        [],
    ),
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
    "a release to build": (SOURCE, []),
    "a release to build of which nothing is said": ({"pbx_install_method": "source"}, []),
    "a release to build from a mirror": (
        {
            "pbx_install_method": "source",
            "pbx_source_archive": "https://mirror.example/asterisk-{{ pbx_source_version }}.tar.gz",
            "pbx_source_pjproject_archive": "/srv/tarballs/pjproject.tar.bz2",
        },
        [],
    ),
    "a release to build that the role does not know": (
        {"pbx_install_method": "source", "pbx_source_version": "22.98.0"},
        ["pbx_source_sha256"],
    ),
    "a release to build that the role does not know, with its SHA-256": (
        {
            "pbx_install_method": "source",
            "pbx_source_version": "22.98.0",
            "pbx_source_sha256": SOURCE["pbx_source_sha256"],
        },
        [],
    ),
    "a release to build that would go elsewhere": (
        {
            **SOURCE,
            "pbx_source_version": "../../etc",
            "pbx_source_archive": "asterisk.tar.gz",
            "pbx_source_sha256": SOURCE["pbx_source_sha256"] + "0",
            "pbx_source_prefix": "/opt/$(id)",
            "pbx_source_keep": 0,
        },
        [
            "pbx_source_version",
            "pbx_source_archive",
            "pbx_source_sha256",
            "pbx_source_prefix",
            "pbx_source_keep",
        ],
    ),
    "variables that nobody reads": (
        {"pbx_extension": [], "pbx_conection_ports": [], "pbx_rack": 7},
        ["pbx_conection_ports", "pbx_extension"],
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
            "pbx_emergency_calls": "5",
            "pbx_media_timeout": 0,
            "pbx_media_timeout_hold": "86400",
            "pbx_history_changes": "0",
            "pbx_confirm_within": "600",
            "pbx_history_days": 1,
            "pbx_fail2ban_ignore": ["192.0.2.1", "2001:db8::/32", "::1"],
            "pbx_firewall_networks": ["192.0.2.0/24"],
            "pbx_firewall_sound": ["192.0.2.0/24", "2001:db8::/32"],
            "pbx_firewall_allow": ["51820/udp", "40000-40010/udp"],
            "pbx_max_lamps": "2000",
            "pbx_connections_per_address": "0",
            "pbx_connections_exempt": ["192.0.2.7", "2001:db8::/32"],
            "pbx_log_megabytes": "50",
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
            "pbx_emergency_calls": -1,
            "pbx_media_timeout": 4,
            "pbx_history_days": 0,
            "pbx_confirm_within": 29,
            "pbx_fail2ban_max_retry": 0,
            "pbx_fail2ban_ignore": ["10.0.0.0/8", "office.example.com"],
            "pbx_firewall_networks": ["0.0.0.0/0 } drop"],
            "pbx_firewall_sound": ["anywhere"],
            "pbx_firewall_allow": ["22/tcp"],
            "pbx_max_lamps": 0,
            "pbx_connections_per_address": -1,
            "pbx_connections_exempt": ["proxy.example.com"],
            "pbx_log_megabytes": 1,
        },
        [
            "pbx_log_weeks",
            "pbx_timezone",
            "pbx_max_phones",
            "pbx_log_megabytes",
            "pbx_rtp_start",
            "pbx_rtp_end",
            "pbx_emergency_calls",
            "pbx_media_timeout, pbx_media_timeout_hold",
            "pbx_history_changes, pbx_history_days",
            "pbx_confirm_within",
            "pbx_fail2ban_max_retry, pbx_fail2ban_find_time, pbx_fail2ban_ban_time",
            "pbx_fail2ban_ignore",
            "pbx_firewall_networks",
            "pbx_firewall_sound",
            "pbx_firewall_allow",
            "pbx_max_lamps",
            "pbx_connections_per_address",
            "pbx_connections_exempt",
        ],
    ),
    "a host that pulls": (
        {
            "pbx_pull_repository": "git@git.example.com:company/telephones.git",
            "pbx_pull_known_hosts": ["git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBSlHPxL1W"],
            "pbx_pull_signers": [SIGNER, f"{SIGNER} ayse@example.com"],
            "pbx_pull_interval": "60",
            "pbx_pull_jitter": 0,
            "pbx_pull_playbook": "playbooks/telephones.yml",
            "pbx_pull_ansible": "/opt/ansible/bin/ansible-playbook",
        },
        [],
    ),
    "a host that pulls with everything wrong": (
        {
            "pbx_pull_repository": "https://ayse:secret@git.example.com/telephones.git",
            "pbx_pull_branch": "--upload-pack=id",
            "pbx_pull_signers": ["ayse@example.com"],
            "pbx_pull_known_hosts": ["@cert-authority * ssh-ed25519 AAAA"],
            "pbx_pull_interval": 1,
            "pbx_pull_playbook": "../site.yml",
            "pbx_pull_ansible": "/home/ayse/ansible-playbook",
        },
        [
            "pbx_pull_repository",
            "pbx_pull_branch",
            "pbx_pull_signers",
            "pbx_pull_known_hosts",
            "pbx_pull_interval, pbx_pull_jitter",
            "pbx_pull_playbook, pbx_pull_inventory",
            "pbx_pull_ansible",
        ],
    ),
    "a host that pulls by ssh and believes everybody": (
        {"pbx_pull_repository": "ssh://git.example.com/telephones.git"},
        ["pbx_pull_signers", "pbx_pull_known_hosts"],
    ),
    "a repository that runs a program": (
        {"pbx_pull_repository": "ext::sh -c id", "pbx_pull_signers": [SIGNER]},
        ["pbx_pull_repository", "pbx_pull_known_hosts"],
    ),
    "more room for emergency calls than for others": (
        {"pbx_rtp_start": 10000, "pbx_rtp_end": 10039, "pbx_emergency_calls": 6},
        ["pbx_emergency_calls"],
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


#: Without a default: where the inventory is silent, the host keeps what it has.
LEFT_ALONE = {"pbx_emergency_numbers"}


def test_each_variable_has_one_default_and_it_is_the_documented_one():
    documented = options()
    assert documented.keys() == defaults().keys() | LEFT_ALONE
    for name, default in defaults().items():
        assert documented[name].get("default", default) == default, name
        assert documented[name]["description"], name


#: Options of the module that say where things are on a host, and are not for a user of the role.
NOT_FOR_USERS = {
    *("database", "configuration_folder", "group", "ami_port", "ami_secret_file", "ami_timeout"),
    *("read_at_start", "handed_over", "by_role", "trial", "to_be_written"),
}
#: What an option of the module is called in the role, where it is not only pbx_ before it.
OTHERWISE = {"allow_weak_password": "pbx_allow_weak_passwords", "force": "pbx_delete_groups_in_use"}


def test_the_role_has_all_that_its_module_has():
    module = yaml.safe_load((ROLE / "tasks" / "directory_make.yml").read_text(encoding="utf-8"))[-1]
    given = module["voiceops.asterisk.pbx_directory"]
    spec = {
        *(kind.option for kind in options_of_modules.ITEM),
        *("emergency_numbers", *options_of_modules.PASSWORDS, *options_of_modules.INFRASTRUCTURE),
        *(*options_of_modules.PURGE, *options_of_modules.FORCE, *options_of_modules.MEDIA),
    }
    for option in spec - NOT_FOR_USERS:
        variable = OTHERWISE.get(option, f"pbx_{option}")
        assert variable in options(), option
        assert variable in given[option], option


def said_of_hosts(folder, hosts, tasks, *more, **of_play):
    """Run tasks, here, for each of these hosts by its variables; return what each has put into `said`."""
    of_all = "ansible_play_hosts_all | map('extract', hostvars) | map(attribute='said', default='')"
    # Once for all of them: a module takes longer than what is tried.
    answer = {
        "content": f"{{{{ dict(ansible_play_hosts_all | zip({of_all})) | to_json }}}}",
        "dest": f"{folder}/said.json",
        "mode": "0600",
    }
    play = {
        "hosts": "all",
        "gather_facts": False,
        "connection": "local",
        "vars": {"ansible_python_interpreter": sys.executable},
        "tasks": [*tasks, {"ansible.builtin.copy": answer, "run_once": True}],
        **of_play,
    }
    named = {f"host{place}": variables for place, variables in enumerate(hosts)}
    (folder / "hosts.json").write_text(json.dumps({"all": {"hosts": named}}), encoding="utf-8")
    (folder / "play.yml").write_text(yaml.safe_dump([play]), encoding="utf-8")
    run = ansible_playbook("-i", "hosts.json", "--forks", "2", "play.yml", *more, cwd=folder)
    assert run.returncode == 0, run.stdout + run.stderr
    answers = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    return [answers[name] for name in named]


def say(text):
    return {"ansible.builtin.set_fact": {"said": text}}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory):
    """What the role's first tasks say of each of REFUSED, or nothing; one run of Ansible for all of them."""
    preflight = {"ansible.builtin.include_role": {"name": "voiceops.asterisk.pbx", "tasks_from": "preflight"}}
    said = said_of_hosts(
        tmp_path_factory.mktemp("refusals"),
        [variables for variables, _paths in REFUSED.values()],
        [{"block": [preflight], "rescue": [say("{{ ansible_failed_result.msg }}")]}],
        # What this machine is, which stands for the hosts, is nothing to the variables.
        *("-e", '{"__pbx_cannot_install": "", "__pbx_unfit": "", "__pbx_cannot_pull": ""}'),
    )
    return dict(zip(REFUSED, said, strict=True))


def test_a_password_in_the_wrong_variable_is_not_repeated(refusals):
    said = refusals["passwords in the wrong variables"]
    assert "horse" not in said
    assert 'pbx_recording_folder: "********" has to be' in said


def test_a_release_that_the_role_does_not_know_is_refused_with_where_its_sha256_is(refusals):
    said = refusals["a release to build that the role does not know"]
    assert "the SHA-256 of Asterisk 22.98.0" in said
    assert "https://downloads.asterisk.org/pub/telephony/asterisk/asterisk-22.98.0.sha256" in said


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_is_named_before_anything_is_changed(refusals, case):
    expected = REFUSED[case][1]
    first, *lines = refusals[case].splitlines() or [""]
    if lines:
        assert lines.pop() == "file and line: ansible-playbook voiceops.asterisk.validate"
    assert [line.partition(": ")[0] for line in lines] == expected
    things = "1 thing is" if len(expected) == 1 else f"{len(expected)} things are"
    assert first == (f"nothing was changed, because {things} wrong:" if expected else "")
    assert all(line.partition(": ")[2] for line in lines)


#: What a host's /etc/os-release says, and what else it has; how Asterisk is to be installed; the refusal.
SYSTEMS = {
    "Debian 14": (
        'ID=debian\nVERSION_CODENAME=forky\nPRETTY_NAME="Debian GNU/Linux forky/sid"',
        "package",
        "",
    ),
    "Debian 11": ('VERSION_ID="11"\nVERSION_CODENAME=bullseye\nID=debian', "package", ""),
    "Debian 13 with packages": (
        'VERSION_ID="13"\nVERSION_CODENAME=trixie\nID=debian',
        "package",
        "debian trixie has no package of it. Set pbx_install_method: source",
    ),
    "Debian 13 with its own package": (
        "VERSION_CODENAME=trixie\r\nID=debian\r\nhas asterisk\r\n",
        "package",
        "",
    ),
    "Debian 13 from source": ("VERSION_CODENAME=trixie\nID=debian", "source", ""),
    "Ubuntu 24.04": ("ID=ubuntu\nVERSION_CODENAME=noble", "package", ""),
    "Rocky Linux 9": ('ID="rocky"\nVERSION_ID="9.6"\nPLATFORM_ID="platform:el9"', "package", ""),
    "Rocky Linux 8": (
        'ID="rocky"\nVERSION_ID="8.10"\nPLATFORM_ID="platform:el8"',
        "package",
        "el 8 is not a system that this role knows",
    ),
    "Rocky Linux 9 from source": (
        'ID="rocky"\nVERSION_ID="9.6"\nPLATFORM_ID="platform:el9"',
        "source",
        "it is el 9, where this role does not build it",
    ),
    "Alpine": (
        "ID=alpine\nVERSION_ID=3.22.1",
        "package",
        "alpine 3.22.1 is not a system that this role knows",
    ),
    "nothing": ("", "package", "an unknown system  is not a system that this role knows"),
}


def test_a_system_that_asterisk_cannot_be_installed_on_is_refused_with_what_to_do(tmp_path):
    told = said_of_hosts(
        tmp_path,
        [
            {"__pbx_look": {"stdout": said, "stdout_lines": said.splitlines()}, "asked": method}
            for said, method, _problem in SYSTEMS.values()
        ],
        [{**say("{{ __pbx_cannot_install }}"), "vars": {"pbx_install_method": "{{ asked }}"}}],
        vars_files=[
            *(str(ROLE / folder / "main" / "install.yml") for folder in ("defaults", "vars")),
            str(ROLE / "vars" / "main" / "look.yml"),
        ],
    )
    said = dict(zip(SYSTEMS, told, strict=True))
    wrong = {system: text for system, text in said.items() if not text.startswith(SYSTEMS[system][2])}
    assert wrong == {}
    assert {system for system, text in said.items() if text} == {s for s, case in SYSTEMS.items() if case[2]}


#: What the look at a host says, how it ends, and how the refusal begins.
LOOKS = {
    "root, and Python is there": ("ID=debian\n", 0, ""),
    "not root": (
        "not root but operator\r\nID=debian\r\n",
        0,
        "not root, but operator: set ansible_become: true",
    ),
    "not root, nor Python": (
        "not root but operator\n",
        1,
        "not root, but operator: set ansible_become: true",
    ),
    "no Python": ("sh: not found", 1, "host3 has no Python 3.9 or newer"),
}


def test_a_host_on_which_nothing_can_be_done_is_refused_with_what_to_do(tmp_path):
    told = said_of_hosts(
        tmp_path,
        [
            {"__pbx_look": {"stdout": said, "stderr": "", "stdout_lines": said.splitlines(), "rc": status}}
            for said, status, _refusal in LOOKS.values()
        ],
        [say("{{ __pbx_unfit }}")],
        vars_files=[str(ROLE / "vars" / "main" / "look.yml")],
    )
    for text, (_said, _status, refusal) in zip(told, LOOKS.values(), strict=True):
        assert text.startswith(refusal), text
        assert bool(text) == bool(refusal), text


def test_what_is_left_out_of_a_port_is_what_the_module_takes(tmp_path):
    ports = [{"name": protocol, "protocol": protocol} for protocol in PROTOCOLS]
    ports += [{"name": "left out"}, {"name": "gone", "state": "absent"}, {"name": "odd", "protocol": "smoke"}]
    (told,) = said_of_hosts(
        tmp_path,
        [{"pbx_connection_ports": ports}],
        [say("{{ __pbx_ports | to_json }}")],
        vars_files=[str(ROLE / "vars" / "main" / "directory.yml")],
    )
    found = {port["name"]: (port["protocol"], port["address"], port["port"]) for port in json.loads(told)}
    expected = {
        protocol: (protocol, ConnectionPort(protocol).address, PORT_NUMBERS[protocol])
        for protocol in PROTOCOLS
    }
    assert found == {**expected, "left out": expected["udp"]}
