# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Which extensions have more lamps than they may have, and when Asterisk is asked for it."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami
from ansible_collections.voiceops.asterisk.plugins.module_utils.database import store
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import DirectoryError
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits import lamp_watch
from ansible_collections.voiceops.asterisk.plugins.module_utils.limits.lamp_watch import (
    REFUSED_FOR,
    REFUSING,
    WORK,
    Asterisk,
    Watch,
    is_due,
    refused,
    work,
)
from ansible_collections.voiceops.asterisk.tests.unit.databases import rows, write_extensions
from hypothesis import given
from hypothesis import strategies as st

MOST = 10
#: Seconds of work after which somebody who had no lamps may have more than that.
ENOUGH = 2 * WORK
SECRET = "correct-horse-1"


@pytest.mark.parametrize(
    ("count", "was_refused", "is_refused"),
    [
        (MOST, False, False),
        (MOST + 1, False, True),
        (MOST + 1, True, True),
        (MOST, True, True),
        (MOST // 2 + 1, True, True),
        (MOST // 2, True, False),
        (0, True, False),
    ],
)
def test_who_has_more_than_it_may_have_is_refused_until_it_has_half(count, was_refused, is_refused):
    before = {"1001"} if was_refused else set()
    assert refused({"1001": count, "1002": 1}, before, MOST) == ({"1001"} if is_refused else set())


def test_whose_lamps_have_all_ended_is_refused_no_more():
    assert refused({}, {"1001"}, MOST) == set()


@pytest.mark.parametrize(
    ("worked", "quiet", "counted", "refusing", "due"),
    [
        pytest.param(0, 9999, (0, 0), False, False, id="it has done nothing"),
        pytest.param(WORK, 0, (0, 0), False, True, id="it has done something"),
        pytest.param(WORK, 0, (0, 500), False, False, id="not enough for anybody to have too many"),
        pytest.param(WORK + 0.5, 0, (0, 500), False, True, id="enough for somebody to have too many"),
        pytest.param(WORK, 0, (10_000, 0), False, False, id="not enough for so many lamps"),
        pytest.param(5, 0, (10_000, 0), False, True, id="enough for so many lamps"),
        pytest.param(0, REFUSING, (600, 0), True, True, id="somebody waits for its lamps to end"),
        pytest.param(0, REFUSING / 2, (600, 0), True, False, id="not for long"),
        pytest.param(0, REFUSING, (100_000, 0), True, False, id="not for long, with so many lamps"),
    ],
)
def test_asterisk_is_asked_when_there_may_be_many_new_lamps(worked, quiet, counted, refusing, due):
    assert is_due(worked, quiet, *counted, refusing=refusing) is due


def stat(name="asterisk", ticks=(150, 50), began=4711):
    after = [0] * 10 + list(ticks) + [0] * 6 + [began] + [0] * 30
    return f"123 ({name}) S " + " ".join(map(str, after))


@pytest.mark.parametrize("name", ["asterisk", "a b", ") S 1 1", "(((", ""])
def test_what_a_process_has_done_is_read_whatever_it_is_called(name):
    assert work(stat(name)) == (4711, 200 / os.sysconf("SC_CLK_TCK"))


def test_this_process_has_worked():
    # One that has just been forked has not: it is counted in hundredths of a second.
    began = time.process_time()
    while time.process_time() - began < 0.05:
        pass
    done = work(Path("/proc/self/stat").read_text())
    assert done.began > 0
    assert 0 < done.seconds <= time.process_time() + 1


def subscriptions(*numbers):
    """What Asterisk says about these extensions' lamps."""
    events = "".join(
        "Event: InboundSubscriptionDetail\r\nRole: Notifier\r\nActionID: {id}\r\n"
        f"Endpoint: {number}\r\nCallid: Endpoint: 9\r\nState: ACTIVE\r\nCallerid: x\r\nExtension: 1\r\n\r\n"
        for number in numbers
    )
    return (
        "Response: Success\r\nActionID: {id}\r\nEventList: start\r\n\r\n" + events + "Event:"
        f" InboundSubscriptionDetailComplete\r\nActionID: {{id}}\r\nListItems: {len(numbers)}\r\n\r\n"
    )


def written(folder, text):
    path = folder / "asterisk.pid"
    path.write_text(text)
    return str(path)


def asterisk_at(port, pid_file=""):
    return Asterisk(pid_file, lambda: ami.Client("s3cret", port))


def test_lamps_are_counted_by_extension_and_on_one_connection(scripted_asterisk):
    told = subscriptions("1001", "1001", "1002", "trunk-3", "", "1" * 16)
    exchanges = [("PJSIPShowSubscriptionsInbound", told), ("PJSIPShowSubscriptionsInbound", subscriptions())]
    with scripted_asterisk(*exchanges) as scripted:
        asterisk = asterisk_at(scripted.port)
        assert asterisk.lamps() == {"1001": 2, "1002": 1}
        assert asterisk.lamps() == {}
        asterisk.forget()
    assert [action["Action"] for action in scripted.received] == ["Login"] + [exchanges[0][0]] * 2


def test_half_a_list_is_no_answer(scripted_asterisk):
    told = subscriptions("1001").replace("ListItems: 1", "ListItems: 2")
    with scripted_asterisk(("PJSIPShowSubscriptionsInbound", told)) as scripted:
        asterisk = asterisk_at(scripted.port)
        with pytest.raises(ami.AmiError, match="1 entries came and 2 were announced"):
            asterisk.lamps()
        assert asterisk._client is None


def test_the_process_is_the_one_that_is_written_down(tmp_path):
    asterisk = asterisk_at(0, written(tmp_path, f"{os.getpid()}\n"))
    first = asterisk.work()
    assert first is not None
    assert first.began == work(Path("/proc/self/stat").read_text()).began


@pytest.mark.parametrize("text", ["", "no number", "-1", "0", "999999999"])
def test_where_no_process_is_asterisk_it_is_stopped(tmp_path, text):
    assert asterisk_at(0, written(tmp_path, text)).work() is None
    assert asterisk_at(0, str(tmp_path / "nothing")).work() is None


def test_nobody_who_may_write_where_the_process_is_named_keeps_it_waiting(tmp_path):
    os.mkfifo(tmp_path / "asterisk.pid")
    assert asterisk_at(0, str(tmp_path / "asterisk.pid")).work() is None


# --- what is written, and what becomes of it -------------------------------------------------


def refused_in(path):
    return {row["number"] for row in rows(path, "SELECT number FROM lamp_refusal")}


def may_watch(path):
    found = rows(path, "SELECT id, allow_subscribe FROM ps_endpoints")
    return {row["id"]: row["allow_subscribe"] for row in found}


def test_the_endpoint_of_who_is_refused_may_not_subscribe(path):
    write_extensions(path, *({"number": number, "password": SECRET} for number in ("1001", "1002")))
    assert may_watch(path) == {"1001": "yes", "1002": "yes"}
    now = time.time()
    lamp_watch.write(path, {"1001"}, int(now) + REFUSED_FOR)
    assert may_watch(path) == {"1001": "no", "1002": "yes"}
    with store.reading(path) as directory:
        assert directory.refused_lamps(now) == {"1001"}
    # A change of it does not lift the refusal.
    write_extensions(path, {"number": "1001", "name": "Ayşe"})
    assert may_watch(path) == {"1001": "no", "1002": "yes"}
    lamp_watch.write(path, (), 0)
    # Asterisk can read it as long as these are there.
    assert os.path.exists(f"{path}-wal")
    assert may_watch(path) == {"1001": "yes", "1002": "yes"}


def test_a_refusal_that_has_run_out_goes_with_the_next_change(path):
    write_extensions(path, {"number": "1001", "password": SECRET}, {"number": "1002"})
    lamp_watch.write(path, {"1001"}, int(time.time()) - 1)
    write_extensions(path, {"number": "1002", "name": "Ayşe"})
    assert may_watch(path) == {"1001": "yes"}
    assert refused_in(path) == set()


def test_a_directory_that_others_may_write_is_left_alone(path, monkeypatch):
    monkeypatch.setattr(lamp_watch.database_files, "are_closed", lambda _path: False)
    with pytest.raises(DirectoryError, match="users other than root may write"):
        lamp_watch.write(path, {"1001"}, 1)
    assert refused_in(path) == set()


class Told:
    """An Asterisk that has worked, and has lamps, as a test says."""

    def __init__(self):
        self.did, self.has, self.asked, self.is_logged_in = work(stat()), {}, 0, False
        self.expired = 0

    def work(self):
        return self.did

    def works(self, seconds):
        self.did = self.did._replace(seconds=self.did.seconds + seconds)

    def lamps(self):
        self.asked += 1
        self.is_logged_in = True
        return self.has

    def expire(self):
        self.expired += 1
        self.is_logged_in = True

    def forget(self):
        self.is_logged_in = False

    leave = forget


@pytest.fixture
def told():
    return Told()


def test_what_is_wrong_is_written_down_once_and_put_right_later(path, told, capsys):
    watch = Watch(told, path, MOST)
    lamp_watch.write(path, {"1009"}, 2**40)  # what one before has left
    watch.look()
    assert (told.asked, refused_in(path)) == (1, set())
    told.has = {"1001": 99}
    watch.look()
    assert (told.asked, refused_in(path)) == (1, set())
    for _look in range(2):
        told.works(ENOUGH)
        watch.look()
        assert refused_in(path) == {"1001"}
    told.has = {"1001": 5}
    told.works(ENOUGH)
    watch.look()
    assert refused_in(path) == set()
    assert capsys.readouterr().err.splitlines() == [
        "extension 1001 has 99 lamps, and may have 10 (pbx_max_lamps): it gets no more until it has 5",
        "extension 1001 has 5 lamps: it may have more again",
    ]


def test_it_stays_logged_in_only_while_somebody_is_refused(path, told):
    watch = Watch(told, path, MOST)
    for lamps, stays in ((5, False), (99, True), (6, True), (5, False)):
        told.has = {"1001": lamps}
        told.works(ENOUGH)
        watch.look()
        assert (told.asked > 0, told.is_logged_in) == (True, stays)


def test_who_is_refused_for_long_is_refused_anew(path, told, monkeypatch):
    watch = Watch(told, path, MOST)
    told.has = {"1001": 99}
    watch.look()
    (before,) = rows(path, "SELECT until FROM lamp_refusal")
    later = time.time() + REFUSED_FOR * 0.6
    monkeypatch.setattr(lamp_watch.time, "time", lambda: later)
    told.works(ENOUGH)
    watch.look()
    (after,) = rows(path, "SELECT until FROM lamp_refusal")
    assert after["until"] > before["until"]


def test_an_asterisk_that_has_started_is_asked_at_once(path, told):
    watch = Watch(told, path, MOST)
    told.has = {"1001": 99}
    watch.look()
    told.did = None
    watch.look()
    told.did, told.has = work(stat(began=5000)), {}
    watch.look()
    assert (told.asked, refused_in(path)) == (2, set())
    told.did = work(stat(began=6000))
    watch.look()
    assert told.asked == 3


class OverError(Exception):
    pass


@pytest.mark.parametrize("error", [ami.AmiError, DirectoryError, OSError])
def test_it_goes_on_whatever_happens_and_says_it_where_that_lasts(path, told, monkeypatch, capsys, error):
    passed = iter([0.0, 0.0, 1.0, 40.0, 41.0, 42.0, 43.0, 44.0, 45.0])
    monkeypatch.setattr(lamp_watch.time, "monotonic", lambda: next(passed))
    naps = iter(range(6))

    def sleep(_seconds):
        if next(naps, None) is None:
            raise OverError

    def fails():
        raise error("no answer")

    monkeypatch.setattr(lamp_watch.time, "sleep", sleep)
    monkeypatch.setattr(told, "lamps", fails)
    with pytest.raises(OverError):
        Watch(told, path, MOST).run()
    assert (
        capsys.readouterr().err
        == "lamps are not counted, and Asterisk is not told of changes of the directory: no answer\n"
    )


@pytest.mark.parametrize("error", [DirectoryError, OSError, sqlite3.OperationalError])
def test_it_ends_for_systemd_to_start_it_anew_where_it_can_write_no_longer(path, told, monkeypatch, error):
    def fails(*_what):
        raise error("read-only")

    watch = Watch(told, path, MOST)
    watch.look()
    told.works(ENOUGH)
    told.has = {"1001": 99}
    monkeypatch.setattr(lamp_watch, "write", fails)
    with pytest.raises(SystemExit, match="the directory cannot be written any more: read-only"):
        watch.run()


@pytest.mark.parametrize("is_stopped", [False, True], ids=["Asterisk runs", "Asterisk is stopped"])
def test_it_ends_as_soon_as_its_folder_was_replaced_though_nobody_is_to_be_refused(
    path, told, monkeypatch, is_stopped
):
    if is_stopped:
        told.did = None  # nothing was written yet
    watch = Watch(told, path, MOST)
    watch.look()
    # What it has of the folder is as systemd has mounted the rest of the host: read only.
    monkeypatch.setattr(lamp_watch.os, "access", lambda _path, mode: mode != os.W_OK)
    with pytest.raises(SystemExit, match="its folder was replaced"):
        watch.run()


def test_it_ends_also_where_its_folder_was_replaced_while_it_started_but_not_again_and_again(
    path, told, monkeypatch
):
    naps = []
    monkeypatch.setattr(lamp_watch.time, "sleep", naps.append)
    monkeypatch.setattr(lamp_watch.os, "access", lambda _path, mode: mode != os.W_OK)
    with pytest.raises(SystemExit, match="its folder was replaced"):
        Watch(told, path, MOST).run()
    assert naps == [lamp_watch.NEVER_WRITTEN]


def test_the_program_of_the_host_asks_with_the_secret_of_the_host(monkeypatch):
    begun = {}

    def run(watch):
        begun["watch"] = watch
        raise OverError

    monkeypatch.setattr(Watch, "run", run)
    monkeypatch.setattr(lamp_watch.lamp_start, "most", lambda: 77)
    monkeypatch.setattr(lamp_watch.ami, "read_secret", lambda path: f"that of {path}")
    monkeypatch.setattr(lamp_watch.ami, "Client", lambda secret, timeout: (secret, timeout))
    with pytest.raises(OverError):
        lamp_watch.main()
    assert begun["watch"]._most == 77
    assert begun["watch"]._asterisk._log_in() == (
        f"that of {ami.DEFAULT_SECRET_FILE}",
        lamp_watch.PATIENCE,
    )


@given(st.dictionaries(st.sampled_from("abc"), st.integers(0, 30)), st.sets(st.sampled_from("abc")))
def test_whoever_is_refused_has_more_than_half(counts, before):
    found = refused(counts, before, MOST)
    assert found == refused(counts, found, MOST)
    assert all(counts[number] > MOST // 2 for number in found)
    assert {number for number, count in counts.items() if count > MOST} <= found
