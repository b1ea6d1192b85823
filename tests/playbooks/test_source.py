# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What is built from source where the variables say much, little or nothing, and which build that is."""

from __future__ import annotations

import hashlib
import json

import pytest
import yaml

from playbooks.test_role import ROLE, SOURCE, said_of_hosts, say

RELEASES = yaml.safe_load((ROLE / "vars/main/source_releases.yml").read_text(encoding="utf-8"))
NEWEST = RELEASES["__pbx_source_releases"][0]
UPSTREAM = "https://downloads.asterisk.org/pub/telephony/asterisk"
THIRD_PARTY = "https://raw.githubusercontent.com/asterisk/third-party/master/pjproject"
PJPROJECT = f"{THIRD_PARTY}/{NEWEST['pjproject']}/pjproject-{NEWEST['pjproject']}.tar.bz2"
ALONE = {"pbx_install_method": "source"}
UNKNOWN = {**ALONE, "pbx_source_version": "22.98.0", "pbx_source_sha256": "ab" * 32}
OWN_PJPROJECT = {"pbx_source_pjproject_archive": "/srv/pj.tar", "pbx_source_pjproject_sha256": "cd" * 32}

#: Variables; where the tarballs are looked for, their SHA-256, and which pjproject the build insists on.
CASES = {
    "nothing": (
        ALONE,
        [f"{place}/asterisk-{NEWEST['version']}.tar.gz" for place in (UPSTREAM, f"{UPSTREAM}/old-releases")],
        NEWEST["sha256"],
        [PJPROJECT],
        NEWEST["pjproject_sha256"],
        NEWEST["pjproject"],
    ),
    "everything": (
        SOURCE,
        [SOURCE["pbx_source_archive"]],
        SOURCE["pbx_source_sha256"],
        [SOURCE["pbx_source_pjproject_archive"]],
        SOURCE["pbx_source_pjproject_sha256"],
        "",
    ),
    "a mirror": (
        {**ALONE, "pbx_source_archive": "https://mirror.example/{{ pbx_source_version }}.tar.gz"},
        [f"https://mirror.example/{NEWEST['version']}.tar.gz"],
        NEWEST["sha256"],
        [PJPROJECT],
        NEWEST["pjproject_sha256"],
        NEWEST["pjproject"],
    ),
    "another release": (
        UNKNOWN,
        [f"{place}/asterisk-22.98.0.tar.gz" for place in (UPSTREAM, f"{UPSTREAM}/old-releases")],
        UNKNOWN["pbx_source_sha256"],
        [PJPROJECT],
        NEWEST["pjproject_sha256"],
        NEWEST["pjproject"],
    ),
    "another release with another pjproject": (
        {**UNKNOWN, **OWN_PJPROJECT},
        [f"{place}/asterisk-22.98.0.tar.gz" for place in (UPSTREAM, f"{UPSTREAM}/old-releases")],
        UNKNOWN["pbx_source_sha256"],
        ["/srv/pj.tar"],
        "cd" * 32,
        "",
    ),
}
#: What a build is called by, in the words of the variables where all are set: hosts have such builds.
PARTS = """[__pbx_source_recipe, __pbx_source_modules | sort | unique, __pbx_source_samples, __pbx_system]"""
FILES = [str(ROLE / "vars" / "main" / f"{name}.yml") for name in ("install", "look", "source_releases")]
DEFAULTS = yaml.safe_load((ROLE / "defaults/main/install.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """What the role makes of each of CASES; one run of Ansible for all of them."""
    asked = {
        "archives": "{{ __pbx_source_archives }}",
        "environment": "{{ __pbx_source_environment }}",
        "parts": f"{{{{ {PARTS} }}}}",
    }
    look = "VERSION_CODENAME=bookworm\nID=debian"
    told = said_of_hosts(
        tmp_path_factory.mktemp("source"),
        [
            {**DEFAULTS, **case[0], "__pbx_look": {"stdout": look, "stdout_lines": look.splitlines()}}
            for case in CASES.values()
        ],
        [say(asked)],
        vars_files=FILES,
        vars={"role_path": str(ROLE)},
    )
    return dict(zip(CASES, told, strict=True))


@pytest.mark.parametrize("case", CASES)
def test_what_nobody_has_said_is_upstreams(built, case):
    variables, places, sha256, pjproject, pjproject_sha256, insisted = CASES[case]
    first, second = built[case]["archives"]
    assert (first["from"], first["sha256"]) == (places, sha256)
    assert (second["from"], second["sha256"]) == (pjproject, pjproject_sha256)
    environment = built[case]["environment"]
    assert environment["VERSION"] == variables.get("pbx_source_version", NEWEST["version"])
    assert (environment["SHA256"], environment["PJPROJECT_SHA256"]) == (sha256, pjproject_sha256)
    assert environment["PJPROJECT"] == insisted


@pytest.mark.parametrize("case", CASES)
def test_a_build_is_called_by_all_that_goes_into_it_wherever_it_was_said(built, case):
    _variables, _places, sha256, _pjproject, pjproject_sha256, _insisted = CASES[case]
    parts = [sha256, pjproject_sha256, "/opt/voiceops/asterisk", *built[case]["parts"]]
    digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:10]
    environment = built[case]["environment"]
    assert environment["BUILD"] == f"{environment['VERSION']}-{digest}"


#: With which pjproject each is taken to be built by a role that knows 22.13.0 and 22.10.0.
TAKEN = {
    "22.13.0": "2.18",
    "22.14.0": "2.18",
    "22.12.1": "2.17",
    "22.10.0": "2.17",
    "22.9.0": "2.17",
    "22.13-cert1": "2.17",
    "../../etc": "2.17",
}


def test_a_newer_default_gives_no_other_pjproject_to_a_release_before_it(tmp_path):
    known = [
        {**NEWEST, "version": "22.13.0", "pjproject": "2.18"},
        {**NEWEST, "version": "22.10.0", "pjproject": "2.17"},
    ]
    told = said_of_hosts(
        tmp_path,
        [{**DEFAULTS, **ALONE, "pbx_source_version": version} for version in TAKEN],
        [say("{{ __pbx_source_pjproject }}")],
        *("-e", json.dumps({"__pbx_source_releases": known})),
        vars_files=FILES,
    )
    assert {version: each["pjproject"] for version, each in zip(TAKEN, told, strict=True)} == TAKEN


def test_each_release_that_the_role_knows_can_be_had_and_is_named_once():
    releases = RELEASES["__pbx_source_releases"]
    assert len({each["version"] for each in releases}) == len(releases)
    assert DEFAULTS["pbx_source_version"] == NEWEST["version"]
    assert all(isinstance(value, str) for each in releases for value in each.values())
