# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host with a configuration of 50 phones that was written by hand, and hosts that mean harm."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.digest import ha1
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import Problem
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.adopted import FILES, adopted
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported
from ansible_collections.voiceops.asterisk.tests.unit.exchange.adopting import said
from hypothesis import given, settings
from hypothesis import strategies as st

HOSTILE = int(os.environ.get("VOICEOPS_HOSTILE_FILES", "200"))
HOST = Path(__file__).parents[1] / "data" / "adopt"


def files_of_the_host():
    root = HOST / "asterisk"
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.conf")}


def expected_extensions():
    """Return what phones.csv says of each phone, as options and credentials."""
    with (HOST / "phones.csv").open(encoding="utf-8", newline="") as file:
        for phone in csv.DictReader(file):
            number, password = phone["number"], phone["password"]
            options = {"number": number, "name": phone["name"], "connection_port": "Office"}
            options |= {"max_devices": int(phone["max_devices"]), "ring_timeout": int(phone["ring_timeout"])}
            if phone["username"]:
                options["username"] = phone["username"]
            if phone["groups"]:
                options["groups"] = [phone["groups"]]
            if phone["language"]:
                options["language"] = phone["language"]
            digest = ha1(phone["username"] or number, "asterisk", password)
            stored = phone["stored"] == "digest"
            yield options, {"password_digest": digest} if stored else {"password": password}


def test_every_phone_of_the_host_is_read():
    imported = adopted(files_of_the_host(), {"udp": "Office"})
    assert imported.problems == ()
    assert imported.changed == ()
    assert imported.groups == ("sales", "support", "branch")
    found = [(each.options, each.credentials) for each in imported.extensions]
    assert found == list(expected_extensions())
    assert len(found) == 50


def test_its_line_is_read():
    (trunk,) = adopted(files_of_the_host(), {"udp": "Office"}).trunks
    assert trunk.options == {
        "name": "provider",
        "host": "sip.provider.example",
        "register": True,
        "connection_port": "Office",
        "codecs": ["alaw"],
        "inbound_addresses": ["192.0.2.16/28"],
        "qualify": True,
        "username": "493012345",
    }
    assert trunk.credentials == {"password": "hat-parolasi-33"}


def test_what_it_has_besides_is_told():
    remarks = said(adopted(files_of_the_host(), {"udp": "Office"}).not_carried)
    assert [remark.partition(" (50 times")[0] for remark in remarks] == [
        "extensions.conf:6, [internal]: lines of the dialplan that are not carried: 3",
        "extensions.conf:14, [features]: lines of the dialplan that are not carried: 2",
        "extensions.conf:18, [from-outside]: lines of the dialplan that are not carried: 1",
        "phones/sales.conf:3, [1001]: context = internal is not carried: callable_groups and"
        " outbound_profile say who may call whom and where",
        "phones/support.conf:106, [1030]: set_var is not carried: the dialplan has no variables of one"
        " extension",
        "pjsip.conf:72, [provider]: its calls go to the context from-outside: write inbound_numbers",
        "pjsip.conf:3, [global]: a section of type global is not carried",
    ]


def test_nothing_that_is_shown_of_it_holds_a_secret():
    imported = adopted(files_of_the_host(), {"udp": "Office"})
    secrets = [
        secret for each in imported.extensions + imported.trunks for secret in each.credentials.values()
    ]
    assert len(secrets) == 51
    assert not [secret for secret in secrets if secret in repr(imported)]


OPTIONS = (
    "type aors auth username password md5_cred max_contacts contact callerid transport match endpoint host"
    " secret "
    "register hassip exten same remote_hosts inbound_auth/username accepts_auth accepts_registrations"
    " outbound_auth "
    "hint_exten has_hint hint_application contact_pattern server_uri password_digest md5secret"
    " named_call_group"
).split()
VALUES = st.one_of(
    st.sampled_from(
        [
            *("endpoint", "aor", "auth", "identify", "registration", "wizard", "transport", "global"),
            *("1001", "1002", "anna", "yes", "friend", "dynamic", "sip:1001@192.0.2.1", "a:b@c", "<"),
            *("1001,1,Dial(PJSIP/1001,5)", "1001,hint,PJSIP/1001", "_1XXX,1,Dial(PJSIP/${EXTEN},9)"),
            *('"A" <1>', "MD5:" + "a" * 32, "a" * 32),
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip
SECTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["[1001]", "[1002]", "[anna]", "[general]", "[t](!)", "[1001](t)", "[1001](+)", "[x](+)"]
        ),
        st.lists(st.tuples(st.sampled_from(OPTIONS), VALUES), max_size=6),
    ),
    max_size=8,
).map(lambda found: "\n".join(f"{head}\n" + "\n".join(f"{k}={v}" for k, v in body) for head, body in found))


@pytest.mark.no_cover
@settings(max_examples=HOSTILE, deadline=None)
@given(st.dictionaries(st.sampled_from([*FILES, "asterisk.conf"]), SECTIONS))
def test_no_files_of_a_host_make_it_raise_anything(files):
    imported = adopted(files, {"1001": "desk"})
    assert isinstance(imported, Imported)
    assert all(isinstance(problem, Problem) for problem in imported.problems)
    assert all(each.options["number"].isdigit() for each in imported.extensions)
