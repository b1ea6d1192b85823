# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""One question to Asterisk's manager interface: the complete answer, or an error."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
import time

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from hypothesis import given
from hypothesis import strategies as st

SUCCESS = "Response: Success\r\nActionID: {id}\r\n\r\n"
LIST_BEGINS = "Response: Success\r\nActionID: {id}\r\nEventList: start\r\nMessage: will follow\r\n\r\n"


def entry(number, action_id="{id}"):
    return f"Event: ContactList\r\nActionID: {action_id}\r\nObjectName: {number}\r\n\r\n"


def list_ends(count, action_id="{id}"):
    counted = "" if count is None else f"ListItems: {count}\r\n"
    return f"Event: ContactListComplete\r\nActionID: {action_id}\r\nEventList: Complete\r\n{counted}\r\n"


def contacts(client):
    """Ask for contacts; return the names of what comes."""
    entries = client.list("PJSIPShowContacts", "ContactList", "ContactListComplete", "No Contacts found")
    return [message["ObjectName"] for message in entries]


@contextlib.contextmanager
def logged_in(scripted_asterisk, *replies, timeout=5.0, action="PJSIPShowContacts", **options):
    """A client at an Asterisk that gives these replies to an action, one each time."""
    exchanges = [(action, reply) for reply in replies]
    with (
        scripted_asterisk(*exchanges, **options) as asterisk,
        ami.Client("s3cret", asterisk.port, timeout) as client,
    ):
        yield client, asterisk


# --- logging in ------------------------------------------------------------------------------


def test_logging_in_sends_no_secret_and_wants_no_events(scripted_asterisk):
    with logged_in(scripted_asterisk) as (_client, asterisk):
        pass
    assert asterisk.challenged == [{"Action": "Challenge", "ActionID": "voiceops-0", "AuthType": "MD5"}]
    assert asterisk.received == [
        {
            "Action": "Login",
            "ActionID": "voiceops-1",
            "AuthType": "MD5",
            "Username": "voiceops",
            # md5("4711s3cret")
            "Key": "9e0cd7571b7ac467b15090b76101af63",
            "Events": "off",
        },
    ]


def test_where_others_hold_all_places_one_is_waited_for_and_their_command_is_said():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        turned_away = []

        def turn_away():
            with contextlib.suppress(OSError):
                while True:
                    connection, _peer = listener.accept()
                    turned_away.append(1)
                    connection.close()

        threading.Thread(target=turn_away, daemon=True).start()
        with pytest.raises(ami.AmiError, match=r"takes no more connections .* ss -tnp") as failed:
            ami.Client("s3cret", port, timeout=0.4)
        assert not isinstance(failed.value, ami.AsteriskStoppedError)
        assert len(turned_away) > 2
        listener.shutdown(socket.SHUT_RDWR)


def test_where_nothing_listens_asterisk_is_stopped():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(ami.AsteriskStoppedError, match=f"AMI port {port}: Asterisk is not running"):
        ami.Client("s3cret", port, timeout=1)


def test_another_error_of_the_connection_is_not_a_stopped_asterisk(monkeypatch):
    def fail(*_arguments):
        raise OSError("Network is unreachable")

    monkeypatch.setattr(socket, "create_connection", fail)
    with pytest.raises(ami.AmiError, match="AMI port 5038: Network is unreachable") as failed:
        ami.Client("s3cret")
    assert not isinstance(failed.value, ami.AsteriskStoppedError)


@pytest.mark.parametrize(
    "banner", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\r\n", b"asterisk call manager/9.0\r\n"], ids=repr
)
def test_what_is_not_a_manager_interface_is_not_told_the_secret(scripted_asterisk, banner):
    with (
        scripted_asterisk(banner=banner) as asterisk,
        pytest.raises(ami.AmiError, match="is not Asterisk's manager interface"),
    ):
        ami.Client("s3cret", asterisk.port, timeout=5)
    assert asterisk.received == []


def test_a_refused_login_says_why_without_the_secret(scripted_asterisk):
    refused = "Response: Error\r\nActionID: {id}\r\nMessage: Authentication failed\r\n\r\n"
    with (
        scripted_asterisk(("Login", refused), login=False) as asterisk,
        pytest.raises(ami.AmiError) as failed,
    ):
        ami.Client("s3cret", asterisk.port, timeout=5)
    assert str(failed.value) == "AMI Login: Authentication failed"


def test_a_line_break_is_never_sent(scripted_asterisk):
    with logged_in(scripted_asterisk) as (client, asterisk), pytest.raises(ValueError, match="break in Key"):
        client.action("DBDel", Key="x\r\nAction: Command")
    assert asterisk.asked("DBDel") == []


# --- one action ------------------------------------------------------------------------------


def test_an_action_sends_its_fields_and_returns_the_response(scripted_asterisk):
    reply = "Response: Success\r\nActionID: {id}\r\nMessage: a: b\r\nEmpty:\r\nName: Ayşe\r\n\r\n"
    with logged_in(scripted_asterisk, reply, action="DBDel") as (client, asterisk):
        response = client.action("DBDel", Family="registrar/contact", Key="1001;@ş")
    assert response["Message"] == "a: b"
    assert response["Empty"] == ""
    assert response["Name"] == "Ayşe"
    assert asterisk.received[-1] == {
        "Action": "DBDel",
        "ActionID": "voiceops-2",
        "Family": "registrar/contact",
        "Key": "1001;@ş",
    }


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param("Response: Error\r\nActionID: {id}\r\nMessage: denied\r\n\r\n", "denied", id="denied"),
        pytest.param("Response: Error\r\nActionID: {id}\r\n\r\n", "no reason given", id="without a reason"),
        pytest.param("Response: Goodbye\r\nActionID: {id}\r\n\r\n", "no reason given", id="another response"),
    ],
)
@pytest.mark.parametrize(
    "ask", [lambda client: client.action("PJSIPShowContacts"), contacts], ids=["action", "list"]
)
def test_an_action_that_fails_is_an_error(scripted_asterisk, ask, reply, told):
    with (
        logged_in(scripted_asterisk, reply) as (client, _played),
        pytest.raises(ami.AmiError, match=f"^AMI PJSIPShowContacts: {told}$"),
    ):
        ask(client)


@pytest.mark.parametrize("value", ["1001\r\nAction: Command", "1001\n", "\r"], ids=repr)
def test_a_line_break_in_a_field_is_refused_before_anything_is_sent(scripted_asterisk, value):
    with (
        logged_in(scripted_asterisk, SUCCESS, action="DBDel") as (client, asterisk),
        pytest.raises(ValueError, match="a line break in Key"),
    ):
        client.action("DBDel", Key=value)
    assert asterisk.asked("DBDel") == []


def test_bytes_that_are_not_utf_8_do_not_break_an_answer(monkeypatch):
    with answering(
        monkeypatch, [b"Response: Success\r\nActionID: voiceops-2\r\nName: \xff\xfe\r\n\r\n"]
    ) as client:
        assert client.action("Ping")["Name"] == "\ufffd\ufffd"


# --- lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        pytest.param(
            LIST_BEGINS + entry("1001") + entry("1002") + list_ends(2), ["1001", "1002"], id="two entries"
        ),
        pytest.param(LIST_BEGINS + list_ends(0), [], id="no entries"),
        pytest.param(
            "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n",
            [],
            id="No Contacts found",
        ),
        pytest.param(
            "Event: FullyBooted\r\n\r\n" + LIST_BEGINS + entry("1001") + list_ends(1),
            ["1001"],
            id="an event before the response",
        ),
        pytest.param(
            "Response: Success\r\nActionID: other\r\n\r\n" + LIST_BEGINS + entry("1001") + list_ends(1),
            ["1001"],
            id="a response to somebody else",
        ),
        pytest.param(
            LIST_BEGINS
            + entry("9", "other")
            + entry("1001")
            + "Event: PeerStatus\r\nPeer: PJSIP/7\r\n\r\n"
            + list_ends(1, "other")
            + entry("1002")
            + list_ends(2),
            ["1001", "1002"],
            id="events of others in between",
        ),
        pytest.param(
            LIST_BEGINS + "Event: Chatter\r\nActionID: {id}\r\n\r\n" + entry("1001") + list_ends(1),
            ["1001"],
            id="another event of this list",
        ),
    ],
)
def test_a_list_is_every_entry_of_this_question(scripted_asterisk, reply, found):
    with logged_in(scripted_asterisk, reply) as (client, _asterisk):
        assert contacts(client) == found


@pytest.mark.parametrize(
    ("came", "announced"), [(1, 2), (2, 1), (0, 1), (1, 0), (1, None), (1, "one")], ids=repr
)
def test_a_list_with_a_wrong_count_is_no_answer(scripted_asterisk, came, announced):
    reply = LIST_BEGINS + entry("1001") * came + list_ends(announced)
    with (
        logged_in(scripted_asterisk, reply) as (client, _played),
        pytest.raises(ami.AmiError, match=f"{came} entries came and {announced} were announced"),
    ):
        contacts(client)


def test_nothing_found_is_an_error_where_it_is_not_expected(scripted_asterisk):
    reply = "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"
    with (
        logged_in(scripted_asterisk, reply) as (client, _played),
        pytest.raises(ami.AmiError, match="No Contacts found"),
    ):
        client.list("PJSIPShowContacts", "ContactList", "ContactListComplete")


def test_several_questions_in_one_conversation(scripted_asterisk):
    first = LIST_BEGINS + entry("1001") + list_ends(1)
    second = LIST_BEGINS + entry("1002") + list_ends(1)
    with logged_in(scripted_asterisk, first, second) as (client, asterisk):
        assert [contacts(client), contacts(client)] == [["1001"], ["1002"]]
    assert [action["ActionID"] for action in asterisk.received] == ["voiceops-1", "voiceops-2", "voiceops-3"]


def test_a_list_of_ten_thousand(scripted_asterisk):
    numbers = [str(number) for number in range(10000)]
    reply = LIST_BEGINS + "".join(entry(number) for number in numbers) + list_ends(10000)
    with logged_in(scripted_asterisk, reply) as (client, _asterisk):
        assert contacts(client) == numbers


# --- several lists at once -------------------------------------------------------------------

CONTACTS = ami.Listing("PJSIPShowContacts", "ContactList", "ContactListComplete", "No Contacts found")
CHANNELS = ami.Listing("CoreShowChannels", "CoreShowChannel", "CoreShowChannelsComplete")
NO_CONTACTS = "Response: Error\r\nActionID: {id}\r\nMessage: No Contacts found\r\n\r\n"


def channel(name, action_id="{id}"):
    return f"Event: CoreShowChannel\r\nActionID: {action_id}\r\nChannel: {name}\r\n\r\n"


def channels_end(count, action_id="{id}"):
    return f"Event: CoreShowChannelsComplete\r\nActionID: {action_id}\r\nListItems: {count}\r\n\r\n"


def names(answers):
    return [[entry.get("ObjectName") or entry["Channel"] for entry in entries] for entries in answers]


@pytest.mark.parametrize(
    ("of_contacts", "found"),
    [
        pytest.param(LIST_BEGINS + entry("1001") + list_ends(1), ["1001"], id="one after the other"),
        pytest.param(NO_CONTACTS, [], id="one of them empty"),
    ],
)
def test_lists_are_asked_for_at_once_and_answered_each(scripted_asterisk, of_contacts, found):
    of_channels = LIST_BEGINS + channel("PJSIP/1") + channel("PJSIP/2") + channels_end(2)
    exchanges = [("PJSIPShowContacts", of_contacts), ("CoreShowChannels", of_channels)]
    with scripted_asterisk(*exchanges) as asterisk, ami.Client("s3cret", asterisk.port, 5) as client:
        assert names(client.lists([CONTACTS, CHANNELS])) == [found, ["PJSIP/1", "PJSIP/2"]]
    assert [action["Action"] for action in asterisk.received[1:]] == ["PJSIPShowContacts", "CoreShowChannels"]


def test_a_list_is_told_entry_by_entry_and_is_no_answer_unless_it_is_complete(scripted_asterisk):
    replies = [LIST_BEGINS + entry("1001") + entry("1002") + list_ends(count) for count in (2, 3)]
    with logged_in(scripted_asterisk, *replies) as (client, _asterisk):
        assert [message["ObjectName"] for message in client.each(CONTACTS)] == ["1001", "1002"]
        entries = client.each(CONTACTS)
        assert [next(entries)["ObjectName"], next(entries)["ObjectName"]] == ["1001", "1002"]
        with pytest.raises(ami.AmiError, match="2 entries came and 3 were announced"):
            next(entries)


def test_another_conversation_on_the_same_connection_has_a_time_of_its_own(scripted_asterisk):
    reply = LIST_BEGINS + list_ends(0)
    with logged_in(scripted_asterisk, reply, timeout=0.3) as (client, _asterisk):
        time.sleep(0.4)
        with pytest.raises(ami.AmiError, match="did not answer in time"):
            client.action("Ping")
        client.go_on_for(5)
        assert list(client.each(CONTACTS)) == []


def test_no_lists_are_asked_for_where_none_is_wanted(scripted_asterisk):
    with logged_in(scripted_asterisk) as (client, asterisk):
        assert client.lists([]) == []
    assert len(asterisk.received) == 1


def both(*pieces):
    """What Asterisk says to two questions, 2 and 3."""
    return "".join(pieces).encode()


def begins(action_id):
    return LIST_BEGINS.replace("{id}", action_id)


A, B = "voiceops-2", "voiceops-3"


def test_answers_that_come_interleaved_are_told_apart(monkeypatch):
    said = both(
        *(begins(B), channel("PJSIP/1", B), begins(A), entry("1001", A), channel("PJSIP/2", B)),
        *(list_ends(1, A), entry("1002", A), channels_end(2, B)),
    )
    with answering(monkeypatch, [said]) as client:
        assert names(client.lists([CONTACTS, CHANNELS])) == [["1001"], ["PJSIP/1", "PJSIP/2"]]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        pytest.param(
            both(begins(A), list_ends(0, A), begins(B), channel("PJSIP/1", B), channels_end(2, B)),
            "AMI CoreShowChannels: 1 entries came and 2 were announced",
            id="the second has a wrong count",
        ),
        pytest.param(
            both(begins(A), begins(B), entry("1001", B), list_ends(1, A)),
            "AMI PJSIPShowContacts: 0 entries came and 1 were announced",
            id="an entry under the name of another question",
        ),
        pytest.param(
            both(begins(A), list_ends(0, A), f"Response: Error\r\nActionID: {B}\r\nMessage: denied\r\n\r\n"),
            "AMI CoreShowChannels: denied",
            id="the second is refused",
        ),
        pytest.param(
            both(begins(A), list_ends(0, A), NO_CONTACTS.replace("{id}", B)),
            "AMI CoreShowChannels: No Contacts found",
            id="the second says what means nothing to it",
        ),
        pytest.param(
            both(begins(A), list_ends(0, A), channels_end(0, B)),
            "in the middle",
            id="an end without a beginning",
        ),
        pytest.param(
            both(begins(A), entry("1001", A), begins(B), channels_end(0, B)), "in the middle", id="half"
        ),
    ],
)
def test_lists_are_no_answer_unless_all_are_complete(monkeypatch, said, told):
    with answering(monkeypatch, [said]) as client, pytest.raises(ami.AmiError, match=told):
        client.lists([CONTACTS, CHANNELS])


# --- an Asterisk that does not finish --------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("", id="no answer"),
        pytest.param("Response: Suc", id="half a line"),
        pytest.param(LIST_BEGINS, id="no entry"),
        pytest.param(LIST_BEGINS + entry("1001"), id="no end"),
        pytest.param(LIST_BEGINS + entry("1001") + list_ends(1)[:-2], id="no empty line"),
    ],
)
@pytest.mark.parametrize("stalls", [False, True], ids=["closes", "stalls"])
def test_half_an_answer_is_an_error(scripted_asterisk, reply, stalls):
    began = time.monotonic()
    told = "did not answer in time" if stalls else "closed its manager interface|Connection reset"
    with (
        logged_in(scripted_asterisk, reply, stalls=stalls, timeout=0.3 if stalls else 5) as (client, _played),
        pytest.raises(ami.AmiError, match=told),
    ):
        contacts(client)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("banner", [b"", b"Asterisk Call Manager/9.0.0"], ids=repr)
def test_a_peer_that_never_greets_is_an_error_in_time(scripted_asterisk, banner):
    began = time.monotonic()
    with scripted_asterisk(banner=banner) as asterisk, pytest.raises(ami.AmiError, match="in time"):
        ami.Client("s3cret", asterisk.port, timeout=0.3)
    assert time.monotonic() - began < 2


def test_a_peer_that_never_comes_to_an_end_is_waited_for_no_longer_than_the_time_allows(monkeypatch):
    """Each piece comes in time, and each entry is a whole one."""

    def for_ever():
        yield LIST_BEGINS.replace("{id}", "voiceops-2").encode()
        while True:
            time.sleep(0.02)
            yield entry("1001", "voiceops-2").encode()

    began = time.monotonic()
    with (
        answering(monkeypatch, for_ever(), timeout=0.4) as client,
        pytest.raises(ami.AmiError, match="in time"),
    ):
        contacts(client)
    assert time.monotonic() - began < 2


def test_the_time_is_for_the_whole_conversation(scripted_asterisk):
    with logged_in(scripted_asterisk, SUCCESS, SUCCESS, action="Ping", timeout=0.3) as (client, asterisk):
        client.action("Ping")
        time.sleep(0.35)
        with pytest.raises(ami.AmiError, match="in time"):
            client.action("Ping")
    assert len(asterisk.asked("Ping")) == 1


def test_a_message_without_end_is_an_error(scripted_asterisk):
    endless = "Response: Success\r\nVariable: " + "x" * (3 << 20)
    with (
        logged_in(scripted_asterisk, endless, stalls=True) as (client, _played),
        pytest.raises(ami.AmiError, match="a message without end"),
    ):
        contacts(client)


def test_a_connection_that_breaks_is_an_error(scripted_asterisk):
    with logged_in(scripted_asterisk, SUCCESS) as (client, _asterisk):
        client.close()
        with pytest.raises(ami.AmiError, match="AMI Ping: "):
            client.action("Ping")


def test_a_connection_that_breaks_while_reading_is_an_error(monkeypatch):
    with answering(monkeypatch, [b"Response: "]) as client:
        monkeypatch.setattr(client, "_socket", BrokenSocket(client._socket))
        with pytest.raises(ami.AmiError, match=r"^AMI: .*Connection reset by peer"):
            client.action("Ping")


class BrokenSocket:
    """A socket that can send, and breaks when it is read."""

    def __init__(self, sound):
        self._sound = sound

    def __getattr__(self, name):
        return getattr(self._sound, name)

    def recv(self, _size):
        raise ConnectionResetError(104, "Connection reset by peer")


# --- an answer in any pieces -----------------------------------------------------------------


@contextlib.contextmanager
def answering(monkeypatch, pieces, timeout=5):
    """A client whose Asterisk has sent these pieces already; each read gets exactly one of them."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    success = b"Response: Success\r\nActionID: voiceops-"
    greeting = b"Asterisk Call Manager/9.0.0\r\n" + success + b"0\r\n\r\n" + success + b"1\r\n\r\n"

    def send():
        with contextlib.suppress(OSError):
            for piece in itertools.chain([greeting], pieces):
                theirs.send(piece)
            theirs.shutdown(socket.SHUT_WR)

    sender = threading.Thread(target=send, daemon=True)
    with theirs, monkeypatch.context() as patch:
        patch.setattr(socket, "create_connection", lambda _address, _timeout: ours)
        sender.start()
        try:
            yield ami.Client("s3cret", timeout=timeout)
        finally:
            ours.close()
            sender.join(5)


def cut(data, positions):
    """The data in pieces, cut at these positions."""
    edges = sorted({0, len(data), *(position % len(data) for position in positions)})
    return [data[start:end] for start, end in zip(edges, edges[1:])]


# Leaves out what would end a line or a message, and blanks at the ends, which the protocol does not keep.
VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n"), max_size=20).map(
    str.strip
)
ANSWER = (
    (LIST_BEGINS + entry("1001") + entry("Ayşe 🏢") + list_ends(2)).replace("{id}", "voiceops-2").encode()
)


@given(positions=st.lists(st.integers(0, len(ANSWER) - 1), max_size=40))
def test_an_answer_is_the_same_in_whatever_pieces_it_comes(positions):
    with pytest.MonkeyPatch.context() as patch, answering(patch, cut(ANSWER, positions)) as client:
        assert contacts(client) == ["1001", "Ayşe 🏢"]


def test_an_answer_is_the_same_byte_by_byte(monkeypatch):
    with answering(monkeypatch, cut(ANSWER, range(len(ANSWER)))) as client:
        assert contacts(client) == ["1001", "Ayşe 🏢"]


@given(end=st.integers(0, len(ANSWER) - 1), positions=st.lists(st.integers(0, len(ANSWER) - 1), max_size=5))
def test_an_answer_that_ends_anywhere_before_its_end_is_an_error(end, positions):
    pieces = cut(ANSWER[:end], positions) if end else []
    with (
        pytest.MonkeyPatch.context() as patch,
        answering(patch, pieces) as client,
        pytest.raises(ami.AmiError, match="in the middle of an answer"),
    ):
        contacts(client)


@given(names=st.lists(VALUES, max_size=5), positions=st.lists(st.integers(0, 10**6), max_size=10))
def test_any_entries_come_through(names, positions):
    reply = LIST_BEGINS + "".join(entry(name) for name in names) + list_ends(len(names))
    data = reply.replace("{id}", "voiceops-2").encode()
    with pytest.MonkeyPatch.context() as patch, answering(patch, cut(data, positions)) as client:
        assert contacts(client) == [name.replace("{id}", "voiceops-2") for name in names]


@given(data=st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_an_error(data):
    with (
        pytest.MonkeyPatch.context() as patch,
        answering(patch, [data] if data else []) as client,
        pytest.raises(ami.AmiError),
    ):
        contacts(client)


# --- the secret ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param("secret = abc123\n", "abc123", id="blanks around the sign"),
        pytest.param("secret=abc123", "abc123", id="no blanks"),
        pytest.param(
            "; made here\n[x]\nsecret = abc=+/123\nread = all\n", "abc=+/123", id="among other lines"
        ),
        pytest.param(";secret = old\nsecret = new\n", "new", id="after a comment"),
    ],
)
def test_a_secret_is_read(tmp_path, text, secret):
    file = tmp_path / "secret.conf"
    file.write_text(text)
    assert ami.read_secret(str(file)) == secret


@pytest.mark.parametrize(
    "text", ["", "secret =\n", "secret =\nread = all\n", ";secret = x\n", "mysecret = x\n"], ids=repr
)
def test_a_file_without_a_secret_is_told(tmp_path, text):
    file = tmp_path / "secret.conf"
    file.write_text(text)
    with pytest.raises(ami.AmiError, match=r"there is no line `secret = …` in it"):
        ami.read_secret(str(file))


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(ami.AmiError, match=r"secret\.conf: No such file or directory"):
        ami.read_secret(str(tmp_path / "secret.conf"))


def test_a_secret_file_may_hold_letters_of_any_alphabet(tmp_path):
    (tmp_path / "s").write_bytes("; gül\nsecret = x\n".encode())
    assert ami.read_secret(str(tmp_path / "s")) == "x"
