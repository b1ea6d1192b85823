# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The event source as ansible-rulebook calls it, with programs in the place of Python on a host."""

from __future__ import annotations

import asyncio
import contextlib
import json
import runpy
import sys
import time
from pathlib import Path

import pytest
import yaml

#: What is not ended or closed is only a warning.
pytestmark = pytest.mark.filterwarnings("error")

COLLECTION = Path(__file__).resolve().parents[3]
SOURCE = COLLECTION / "extensions/eda/plugins/event_source/pbx_events.py"

BEGIN, READY = {"record": "begin"}, {"record": "ready"}
CALL = {"record": "call", "call": "1.1", "caller": "1001", "called": "1002"}
HANGUP = {"record": "hangup", "call": "1.1", "cause": "16"}


@pytest.fixture
def source(monkeypatch):
    """What ansible-rulebook has of the file, in a hurry: it waits a hundredth of what it would."""
    loaded = runpy.run_path(str(SOURCE))
    monkeypatch.setattr(loaded["settings_of"], "FIRST_WAIT", 0.02)
    return loaded


def program(tmp_path, text):
    """Return the path of a program that is called as Python on a host would be."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time\n{text}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def says(*records):
    return "".join(f"print({json.dumps(json.dumps(each))}, flush=True)\n" for each in records)


def heard(source, seconds, args, kinds=()):
    """Return the events that come until those kinds have come, or so many seconds have passed."""

    async def listen():
        queue, events = asyncio.Queue(5), []
        task = asyncio.ensure_future(source["main"](queue, args))
        give_up = time.monotonic() + seconds
        waited_for = list(kinds)
        while waited_for and time.monotonic() < give_up and not task.done():
            with contextlib.suppress(asyncio.TimeoutError):
                events.append(await asyncio.wait_for(queue.get(), 0.2))
                if events[-1]["kind"] in waited_for:
                    waited_for.remove(events[-1]["kind"])
        assert waited_for == [], events
        task.cancel()
        began = time.monotonic()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert time.monotonic() - began < 8
        assert len(asyncio.all_tasks()) == 1
        return events

    return asyncio.run(listen())


def local(path, **more):
    return {"hosts": ["pbx-istanbul"], "connection": "local", "python_interpreter": path, **more}


def test_it_gives_events_and_ends_the_program_when_it_is_cancelled(source, tmp_path):
    ended = tmp_path / "ended"
    path = program(
        tmp_path,
        "sys.stdin.buffer.readline()\n"
        + says(BEGIN, READY, CALL)
        + f"sys.stdin.buffer.read()\nopen({str(ended)!r}, 'w').close()",
    )
    events = heard(source, 20, local(path), ["call_began"])
    assert [event["kind"] for event in events] == ["source_connected", "call_began"]
    assert events[1] == {
        "kind": "call_began",
        "host": "pbx-istanbul",
        "call": "1.1",
        "caller": "1001",
        "called": "1002",
    }
    assert ended.exists()


def test_many_hosts_are_heard_side_by_side_and_one_that_is_off_holds_up_none(source, tmp_path, monkeypatch):
    """By a program that stands in the place of ssh and is told the host before the command."""
    path = program(
        tmp_path,
        "host = sys.argv[-2]\n"
        "assert sys.argv[-3] == '--' and 'BatchMode=yes' in sys.argv, sys.argv\n"
        "if host == 'pbx-off':\n    sys.exit('No route to host')\n"
        + says(BEGIN, READY)
        + "sys.stdin.buffer.read()",
    )
    (tmp_path / "ssh").symlink_to(path)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    hosts = ["pbx-off", "root@pbx-istanbul", "pbx-ankara"]
    events = heard(source, 20, {"hosts": hosts}, ["source_connected", "source_connected", "source_lost"])
    assert {(event["kind"], event["host"]) for event in events} == {
        ("source_lost", "pbx-off"),
        ("source_connected", "pbx-istanbul"),
        ("source_connected", "pbx-ankara"),
    }


def test_it_tries_again_and_tells_what_was_missed(source, tmp_path):
    second = tmp_path / "second"
    path = program(
        tmp_path,
        f"if not os.path.exists({str(second)!r}):\n"
        f"    open({str(second)!r}, 'w').close()\n"
        + "".join(f"    {line}\n" for line in says(BEGIN, READY, CALL).splitlines())
        + "    sys.exit('Connection closed by \\x1b[2J remote host')\n"
        + says(BEGIN, READY)
        + "sys.stdin.buffer.read()",
    )
    events = heard(source, 20, local(path), ["source_reconnected", "call_ended"])
    assert [event["kind"] for event in events] == [
        *("source_connected", "call_began", "source_lost", "source_reconnected", "call_ended"),
    ]
    assert events[2]["why"] == "Connection closed by \ufffd[2J remote host"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("sys.exit('Permission denied (publickey).')", "Permission denied (publickey)."),
        (says({"record": "trouble", "why": "AMI secret: there is none"}), "AMI secret: there is none"),
        (says({"record": "nothing"}), "it has sent what is not an event"),
        ("print('x' * 100_000); sys.stdout.flush(); time.sleep(60)", "it has said a line without end"),
        ("sys.exit(0)", "the connection was closed"),
    ],
)
def test_why_a_host_cannot_be_heard_is_said_once(source, tmp_path, text, why):
    attempts = tmp_path / "attempts"
    path = program(tmp_path, f"open({str(attempts)!r}, 'a').write('x')\n{text}")

    events = heard(source, 20, local(path), ["source_lost"])
    assert events == [{"kind": "source_lost", "why": why, "host": "pbx-istanbul"}]


def test_a_program_that_is_not_there_is_a_host_that_cannot_be_heard(source, tmp_path):
    events = heard(source, 20, local(str(tmp_path / "none")), ["source_lost"])
    assert events[0]["why"].endswith("none: No such file or directory")


def test_a_host_that_falls_silent_is_tried_again(source, tmp_path, monkeypatch):
    monkeypatch.setitem(source["_take"].__globals__, "_SILENCE", 1.0)
    path = program(tmp_path, says(BEGIN, READY) + "sys.stdin.buffer.read()")
    events = heard(source, 60, local(path), ["source_connected", "source_lost", "source_reconnected"])
    # On a busy machine it may be silent already while it starts.
    assert {event["why"] for event in events if event["kind"] == "source_lost"} == {
        "it has said nothing for 1 s"
    }


def test_a_registration_is_lost_by_time_alone(source, tmp_path):
    contact = {
        "record": "contact",
        "number": "1001",
        "contact": "0" * 16,
        "address": "10.0.0.7",
        "user_agent": "Snom",
        "state": "there",
    }
    told = says(BEGIN, READY, contact, {**contact, "state": "gone"})
    path = program(tmp_path, told + "sys.stdin.buffer.read()")
    events = heard(source, 20, local(path, settle=1), ["registration_lost"])
    assert [event["kind"] for event in events][1:] == ["registration_gained", "registration_lost"]


def test_the_end_of_a_rollout_is_told_once_when_its_report_comes(source, tmp_path, monkeypatch):
    monkeypatch.setitem(source["_watch_report"].__globals__, "_LOOK_AT_REPORT", 0.05)
    report = tmp_path / "rollout-report.json"
    report.write_text(json.dumps({"state": "finished", "hosts": {"old": {"state": "done"}}}))

    async def listen():
        queue = asyncio.Queue()
        task = asyncio.ensure_future(source["main"](queue, {"rollout_report": str(report)}))
        await asyncio.sleep(0.2)
        assert queue.empty()
        report.write_text("{")
        await asyncio.sleep(0.2)
        report.write_text(json.dumps({"state": "stopped", "why": "x", "hosts": {"new": {"state": "back"}}}))
        event = await asyncio.wait_for(queue.get(), 10)
        report.unlink()
        await asyncio.sleep(0.2)
        assert queue.empty()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return event

    event = asyncio.run(listen())
    assert (event["kind"], event["state"], event["troubled_hosts"]) == ("rollout_ended", "stopped", "new")


def test_wrong_arguments_end_it_with_what_is_wrong(source):
    with pytest.raises(ValueError, match=r"hosts: is missing") as raised:
        asyncio.run(source["main"](asyncio.Queue(), {}))
    assert "hosts" in str(raised.value)


def test_its_documentation_has_each_option_with_its_default(source):
    options = yaml.safe_load(source["DOCUMENTATION"])["options"]
    settings = source["settings_of"]
    assert set(options) == set(settings._KNOWN)
    defaults = settings.Settings(hosts=())
    for name, option in options.items():
        default = getattr(defaults, name)
        assert option["default"] == (list(default) if isinstance(default, tuple) else default), name
    assert yaml.safe_load(source["EXAMPLES"])
