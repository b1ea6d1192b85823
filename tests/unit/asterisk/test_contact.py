# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which phones lose their registration, and how it is taken from them."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import (
    ami,
    contact,
    registration,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import Extension
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import Changes, Plan

OLD, NEW = Extension("1001", digest="a" * 32), Extension("1001", digest="b" * 32)
RENAMED = Extension("1001", username="anna", digest=OLD.digest)
WITHOUT = Extension("1001")
DISABLED = Extension("1001", enabled=False, digest=OLD.digest)
DISABLED_NEW = Extension("1001", enabled=False, digest=NEW.digest)

URI = "sip:phone@10.0.0.7:5060"
STORED = "Response: Success\r\nActionID: {id}\r\nMessage: Updated database successfully\r\n\r\n"


def contact_list(*keys):
    """Asterisk's answer to PJSIPShowContacts."""
    entries = "".join(
        f"Event: ContactList\r\nActionID: {{id}}\r\nObjectName: {key}\r\nUri: {URI}\r\n\r\n" for key in keys
    )
    end = f"Event: ContactListComplete\r\nActionID: {{id}}\r\nListItems: {len(keys)}\r\n\r\n"
    return "PJSIPShowContacts", "Response: Success\r\nActionID: {id}\r\n\r\n" + entries + end


@pytest.mark.parametrize(
    ("changes", "orphaned"),
    [
        pytest.param(Changes(), set(), id="nothing happens"),
        pytest.param(Changes(create=(NEW,)), set(), id="created"),
        pytest.param(Changes(keep=(OLD,)), set(), id="kept"),
        pytest.param(Changes(delete=(OLD,)), {"1001"}, id="deleted"),
        pytest.param(Changes(delete=(WITHOUT,)), {"1001"}, id="deleted without a password"),
        pytest.param(Changes(change=((OLD, NEW),)), {"1001"}, id="another password"),
        pytest.param(Changes(change=((OLD, WITHOUT),)), {"1001"}, id="no password any more"),
        # As where a digest was imported with the wrong one.
        pytest.param(Changes(change=((OLD, RENAMED),)), {"1001"}, id="another user name"),
        pytest.param(Changes(change=((WITHOUT, NEW),)), set(), id="a first password"),
        pytest.param(Changes(change=((OLD, DISABLED),)), {"1001"}, id="disabled"),
        pytest.param(Changes(change=((OLD, DISABLED_NEW),)), {"1001"}, id="disabled with another password"),
        pytest.param(Changes(change=((DISABLED, OLD),)), set(), id="enabled"),
        pytest.param(Changes(change=((DISABLED, NEW),)), set(), id="enabled with another password"),
        pytest.param(
            Changes(change=((DISABLED, DISABLED_NEW),)), set(), id="another password while disabled"
        ),
        pytest.param(Changes(delete=(DISABLED,)), {"1001"}, id="deleted while disabled"),
        pytest.param(Changes(create=(DISABLED,)), set(), id="created disabled"),
        pytest.param(
            Changes(change=((OLD, Extension("1001", max_devices=2, forward_to="1", digest=OLD.digest)),)),
            set(),
            id="any other option",
        ),
        pytest.param(
            Changes(change=((OLD, Extension("1001", "Ayşe", digest=OLD.digest)),)), set(), id="renamed"
        ),
        pytest.param(
            Changes(delete=(Extension("1002"),), change=((OLD, NEW),)), {"1001", "1002"}, id="one of each"
        ),
    ],
)
def test_whose_phones_must_register_anew(changes, orphaned):
    assert contact.orphaned_numbers(Plan(extensions=changes)) == orphaned


@pytest.mark.parametrize(
    ("registered", "numbers", "removed"),
    [
        pytest.param(["1001;@aa"], {"1001"}, ["1001;@aa"], id="one"),
        pytest.param(
            ["1001;@aa", "1001;@bb"], {"1001"}, ["1001;@aa", "1001;@bb"], id="two phones of one number"
        ),
        pytest.param(
            ["1001;@aa", "1002;@bb", "1003;@cc"], {"1001", "1003"}, ["1001;@aa", "1003;@cc"], id="some"
        ),
        pytest.param(["10011;@aa", "100;@bb", "01001;@cc"], {"1001"}, [], id="numbers that only look alike"),
        pytest.param(["1001;@aa"], set(), [], id="nobody's"),
        pytest.param([], {"1001"}, [], id="nobody registered"),
    ],
)
def test_only_the_contacts_of_these_numbers_expire(scripted_asterisk, registered, numbers, removed):
    exchanges = [contact_list(*registered), *[("DBPut", STORED)] * len(registered)]
    with scripted_asterisk(*exchanges) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        assert contact.remove(client, frozenset(numbers)) == len(removed)
    asked = [(action["Family"], action["Key"], action["Val"]) for action in asterisk.asked("DBPut")]
    ended = registration.ended(URI)
    expired = json.dumps({"expiration_time": "1", "uri": ended})
    assert asked == [("registrar/contact", key, expired) for key in removed]


def test_phones_that_have_registered_since_then_stay(scripted_asterisk):
    """One by TCP has another contact then, one by UDP the same with another end."""
    name, before = contact_list("1001;@aa", "1001;@bb")
    _name, after = contact_list("1001;@aa", "1001;@bb", "1001;@cc")
    ends = {"aa": ("100", "100"), "bb": ("100", "150"), "cc": ("", "150")}

    def at(moment, reply):
        return re.sub(
            "(ObjectName: .*@(..)\r\n)", lambda it: f"{it[1]}ExpirationTime: {ends[it[2]][moment]}\r\n", reply
        )

    exchanges = [(name, at(0, before)), (name, at(1, after)), ("DBPut", STORED)]
    with scripted_asterisk(*exchanges) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        earlier = contact.seen(client)
        assert contact.remove(client, frozenset({"1001"}), earlier) == 1
    assert [action["Key"] for action in asterisk.asked("DBPut")] == ["1001;@aa"]


def test_where_no_phone_is_registered_there_is_nothing_to_remove(scripted_asterisk):
    reply = "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"
    with (
        scripted_asterisk(("PJSIPShowContacts", reply)) as asterisk,
        ami.Client("s3cret", asterisk.port, 5) as client,
    ):
        assert contact.remove(client, frozenset({"1001"})) == 0


def test_whoever_has_a_contact_that_counts_is_registered(scripted_asterisk):
    name, reply = contact_list("1001;@aa", "1002;@bb", "1003;@cc", "1001;@dd")
    times = iter(["200", "99", "", "100"])
    reply = re.sub(
        "(ObjectName: .*\r\n)", lambda found: f"{found[1]}ExpirationTime: {next(times)}\r\n", reply
    )
    with scripted_asterisk((name, reply)) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        assert registration.registered_numbers(client, 100.0) == {"1001"}


def test_where_the_list_is_incomplete_nothing_is_removed(scripted_asterisk):
    name, reply = contact_list("1001;@aa")
    exchanges = [(name, reply.replace("ListItems: 1", "ListItems: 2")), ("DBPut", STORED)]
    with (
        scripted_asterisk(*exchanges) as asterisk,
        ami.Client("s3cret", asterisk.port, 5) as client,
        pytest.raises(ami.AmiError, match="1 entries came and 2 were announced"),
    ):
        contact.remove(client, frozenset({"1001"}))
    assert asterisk.asked("DBPut") == []


@pytest.mark.parametrize(
    ("changes", "created"),
    [
        pytest.param(Changes(create=(NEW,)), {"1001"}, id="created"),
        pytest.param(Changes(create=(WITHOUT,)), set(), id="created without a password"),
        pytest.param(Changes(create=(DISABLED,)), set(), id="created disabled"),
        pytest.param(Changes(change=((WITHOUT, NEW),)), {"1001"}, id="a first password"),
        pytest.param(Changes(change=((DISABLED, OLD),)), {"1001"}, id="enabled"),
        pytest.param(Changes(change=((OLD, NEW),)), set(), id="another password"),
        pytest.param(Changes(change=((OLD, DISABLED),)), set(), id="disabled"),
        pytest.param(Changes(delete=(OLD,), keep=(NEW,)), set(), id="deleted, kept"),
    ],
)
def test_whose_phones_are_to_come(changes, created):
    assert contact.created_numbers(Plan(extensions=changes)) == created


class PlayedConsole:
    """A console at which each command takes a while."""

    def __init__(self, monkeypatch, seconds):
        self.asked = []
        self._now, self._seconds = 0.0, seconds
        monkeypatch.setattr(contact, "time", SimpleNamespace(monotonic=lambda: self._now))

    def ask(self, command):
        self._now += self._seconds
        self.asked.append(command)


@pytest.mark.parametrize(
    ("numbers", "seconds", "told"),
    [
        pytest.param([], 0.1, [], id="nobody"),
        pytest.param(["1002", "1001"], 0.1, ["1001", "1002"], id="two"),
        pytest.param(map(str, range(11)), 0.1, [], id="too many"),
        pytest.param(["1", "2", "3"], 0.6, ["1", "2"], id="until it takes too long"),
    ],
)
def test_asterisk_is_told_of_a_few_new_numbers(monkeypatch, numbers, seconds, told):
    console = PlayedConsole(monkeypatch, seconds)
    contact.expect(console, frozenset(numbers))
    assert console.asked == [f"pjsip reload qualify aor {number}" for number in told]


def stored(key, **values):
    return f"/registrar/contact/{key:<40}: {json.dumps(values)}"


def test_contacts_over_udp_that_have_no_mark_get_one_and_keep_what_else_they_are():
    shown = [
        stored(
            "1001;@a",
            uri="sip:1@192.0.2.1:5060;x-ast-orig-host=10.0.0.1:5060",
            prune_on_boot="no",
            expiration_time="2",
            path="",
        ),
        stored("1001;@b", uri="sip:1@192.0.2.1:5060;transport=TCP", prune_on_boot="yes"),
        stored("1001;@c", uri="sip:1@192.0.2.1:5060;x-ast-txp=port-1-a", prune_on_boot="no"),
        stored("1001;@d", uri="sip:1@192.0.2.1:5060?a=b", prune_on_boot="no"),
        stored("1001;@f", uri="sip:1@192.0.2.1;x-ast-txp=their-udp;ob", prune_on_boot="no"),
        stored("1001;@e", uri="sip:1@192.0.2.1:5061", prune_on_boot="no", user_agent="x" * 900, call_id="1"),
        "5 results found.",
    ]
    written = []
    client = SimpleNamespace(action=lambda _name, **fields: written.append(fields))
    console = SimpleNamespace(ask=lambda _command: "\n".join(shown))
    assert [each.key for each in contact.mark(client, console, "until-1")] == [
        *("1001;@a", "1001;@f", "1001;@e"),
    ]
    assert [(fields["Key"], json.loads(fields["Val"])) for fields in written] == [
        (
            "1001;@a",
            {
                "uri": "sip:1@192.0.2.1:5060;x-ast-txp=until-1",
                "prune_on_boot": "no",
                "expiration_time": "2",
                "path": "",
            },
        ),
        ("1001;@f", {"uri": "sip:1@192.0.2.1;ob;x-ast-txp=until-1", "prune_on_boot": "no"}),
        # It has to fit into a line of the manager interface.
        ("1001;@e", {"uri": "sip:1@192.0.2.1:5061;x-ast-txp=until-1", "prune_on_boot": "no"}),
    ]


def test_a_contact_of_an_aor_with_another_name_is_given_to_its_extension():
    """The endpoint, which Asterisk has written there, says whose phone it is; the phone never does."""
    shown = [
        stored("front desk;@a", uri="sip:1@192.0.2.1", endpoint="1001", prune_on_boot="no"),
        stored("1002;@b", uri="sip:2@192.0.2.1", endpoint="1002", prune_on_boot="no"),
        stored("door;@c", uri="sip:3@192.0.2.1", endpoint="door", prune_on_boot="no"),
        stored("1001;@d", uri="sip:4@192.0.2.1;a=1002", endpoint="1003", prune_on_boot="no"),
        "/registrar/contact/broken;@e                : {no JSON}",
    ]
    written = []
    client = SimpleNamespace(action=lambda _name, **fields: written.append(fields["Key"]))
    console = SimpleNamespace(ask=lambda _command: "\n".join(shown))
    contact.mark(client, console, "until-1", {"1001", "1002"})
    assert written == ["1001;@a", "1002;@b", "door;@c", "1001;@d"]


@pytest.mark.parametrize(
    ("expires", "until"),
    [
        pytest.param([], 1_000_000 + 3600, id="no phone"),
        pytest.param(["1000060"], 1_000_000 + 3600, id="an hour is the least"),
        pytest.param(["1007200", "1000060", "x", ""], 1_007_200, id="until the last one registers again"),
        pytest.param(["9" * 12], 1_000_000 + 86400, id="a day is the most"),
    ],
)
def test_how_long_contacts_from_before_count(expires, until):
    contacts = [contact.Contact("1001;@a", {"expiration_time": each}) for each in expires]
    assert contact.counts_until(contacts, 1_000_000) == until
