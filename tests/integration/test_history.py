# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The history of a host, and the way back: phones, lamps, ports and trunks are what they were."""

from __future__ import annotations

from typing import Any

import pytest
from phones.exchange import Room

from .fleet import REPOSITORY, Host, command, lab_inventory
from .test_calls import define, password

NEW_PASSWORD = "another-horse-of-7919"
#: What a phone's lamp shows that is there, and that is not.
IDLE, UNAVAILABLE = "open Ready", "closed Unavailable"
#: Seconds between Asterisk's looks at which contacts have expired (res_pjsip_registrar.c).
EXPIRY_CHECK = 30
KILLS = 200


def newest(host: Host) -> int:
    told = host.module("pbx_extension_facts", gather=["history"], history_limit=1)
    return int(told["ansible_facts"]["pbx_history"][0]["number"])


def exported(host: Host) -> dict[str, Any]:
    """Return what an inventory would say of the host."""
    facts = host.module("pbx_extension_facts", gather=["directory"])["ansible_facts"]
    return {name: facts[name] for name in facts if name.startswith("pbx_")}


def goes_back(host: Host, before: int, **options: Any) -> dict[str, Any]:
    told = host.module("pbx_rollback", before=before, restart="if_needed", **options)
    assert not told["failed"], told
    return told


def test_phones_register_again_with_the_passwords_that_they_had(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001"}, {"number": "3002", "groups": ["Satış"]}, {"number": "3003"})
    then, mark = exported(host), newest(host) + 1
    with Room(host.address) as room:
        watcher = room.phone("3001", password("3001"))
        changed, deleted = room.phone("3002", password("3002")), room.phone("3003", password("3003"))
        lamp = watcher.watch("3003", "presence")
        lamp.shows(IDLE)
        define(host, {"number": "3002", "password": NEW_PASSWORD, "groups": ["Destek"]})
        host.module("pbx_extension", number="3003", state="absent")
        define(host, {"number": "3004"})
        assert (changed.register(), deleted.register()) == (401, 401)
        lamp.shows(UNAVAILABLE, seconds=EXPIRY_CHECK + 10)
        checked = host.module_by_ansible("pbx_rollback", "--check", before=mark, restart="if_needed")
        done = goes_back(host, mark)
        assert {name: checked[name] for name in ("changed", "directory", "before")} == {
            name: done[name] for name in ("changed", "directory", "before")
        }
        assert done["directory"]["extensions"] == {
            "created": ["3003"],
            "updated": ["3002"],
            "deleted": ["3004"],
            "unchanged": 4,
        }
        assert exported(host) == then
        assert (changed.register(), deleted.register()) == (200, 200)
        lamp.shows(IDLE)
        assert watcher.watch("3004", "presence").status == 404
        assert watcher.call("3003") == 200
    again = goes_back(host, mark)
    assert not again["changed"]


def test_ports_and_trunks_follow(directory: Host) -> None:
    host = directory
    host.module("pbx_trunk", name="Telco", host="192.0.2.10")

    mark = newest(host) + 1
    there, before = exported(host), host.shell("cat /etc/asterisk/pjsip_trunks.conf")
    host.module("pbx_connection_port", name="TCP", protocol="tcp", port=5070)
    host.module("pbx_trunk", name="Telco", host="192.0.2.11", connection_port="TCP")
    assert "192.0.2.11" in host.shell("cat /etc/asterisk/pjsip_trunks.conf")
    done = goes_back(host, mark)
    assert done["restarted"], "Asterisk lets go of a port only when it restarts"
    assert exported(host) == there
    assert host.shell("cat /etc/asterisk/pjsip_trunks.conf") == before
    assert "192.0.2.10" in host.shell(
        "asterisk -rx 'pjsip show endpoints'; asterisk -rx 'pjsip show identifies'"
    )
    assert "5070" not in host.shell("ss -Hltn")


def test_the_playbooks_tell_and_go_back(directory: Host) -> None:
    host = directory
    define(host, {"number": "3001", "name": "before"})
    mark = newest(host) + 1

    def play(name: str, *more: str) -> str:
        playbook = REPOSITORY / "playbooks" / f"{name}.yml"
        run = command("ansible-playbook", "-i", lab_inventory(), "--limit", host.name, str(playbook), *more)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    comment = "ticket {{ 4711 }} \x1b[2J"
    host.module("pbx_extension", number="3001", name="after", change_comment=comment)
    listed = play("history", "-e", "history_limit=2")
    assert "ticket {{ 4711 }} \ufffd[2J" in listed
    assert "extensions: updated 3001" in listed
    assert '-     name: \\"before\\"' in play("history", "-e", f"history_compare={mark}")
    back = ["-e", f"rollback_before={mark}"]
    assert "changed=1" in play("rollback", *back, "--check", "--diff")
    assert newest(host) == mark
    assert "changed=1" in play("rollback", *back, "-e", "pbx_change_comment='rang nobody'")
    assert "changed=0" in play("rollback", *back)
    assert f"rang nobody  back to before {mark}" in play("history")


# Runs on the host, without Ansible: goes back as a release would that has one more table, or takes that away.
NEWER_RELEASE = r"""
import contextlib, os, sqlite3, sys
sys.path.insert(0, "/opt")
from voiceops_asterisk import directory
from voiceops_asterisk.database import schema, store

THIS_RELEASE = schema.VERSION
if sys.argv[1] != "leave":
    schema.STEPS = (*schema.STEPS, '''
CREATE TABLE fax (number TEXT PRIMARY KEY REFERENCES extension (number) ON DELETE CASCADE);
INSERT INTO fax SELECT number FROM extension;
''')
    schema.VERSION = len(schema.STEPS)
    assert directory.go_back(int(sys.argv[1]), os.stat(store.DEFAULT_PATH).st_gid)
with contextlib.closing(sqlite3.connect(store.DEFAULT_PATH, isolation_level=None)) as there:
    if sys.argv[1] == "leave":
        there.executescript(f"BEGIN; DROP TABLE IF EXISTS fax; PRAGMA user_version = {THIS_RELEASE}; COMMIT;")
    assert there.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
    print(*(number for (number,) in there.execute("SELECT number FROM extension")))
"""


def test_what_was_kept_before_the_tables_changed_leads_back_after_it(directory: Host) -> None:
    """A phone whose extension was deleted registers again with its password, and Asterisk is not asked."""
    host = directory
    host.put_library("/opt/voiceops_asterisk")
    define(host, {"number": "3001"}, {"number": "3003"})
    mark = newest(host) + 1
    with Room(host.address) as room:
        stays, deleted = room.phone("3001", password("3001")), room.phone("3003", password("3003"))
        host.module("pbx_extension", number="3003", state="absent")
        assert deleted.register() == 401
        try:
            assert "3003" in host.python(NEWER_RELEASE, str(mark)).split()
            assert (stays.register(), deleted.register()) == (200, 200)
            assert stays.call("3003") == 200
        finally:
            host.python(NEWER_RELEASE, "leave")
        assert goes_back(host, mark + 1)["directory"]["extensions"]["deleted"] == ["3003"]
        assert deleted.register() == 401


# Runs on the host, without Ansible: from one state to the other and back, killed anywhere.
SCRIPT = r"""
import os, random, signal, sqlite3, sys, time
sys.path.insert(0, "/opt")
from voiceops_asterisk import directory
from voiceops_asterisk.database import store

GID = os.stat(store.DEFAULT_PATH).st_gid
EMPTY, FULL = int(sys.argv[2]), int(sys.argv[2]) + 1

def state():
    with sqlite3.connect(store.DEFAULT_PATH) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        rows = connection.execute("SELECT number, name, digest FROM extension ORDER BY number").fetchall()
        made = connection.execute("SELECT id FROM ps_auths ORDER BY id").fetchall()
    assert [number for number, _name, digest in rows if digest] == [number for (number,) in made]
    return rows

def child(before):
    pid = os.fork()
    if pid == 0:
        directory.go_back(before, GID)
        os._exit(0)
    return pid

states = {}
whole = []
for before in (EMPTY, FULL):
    started = time.monotonic()
    assert os.waitpid(child(before), 0)[1] == 0
    whole.append(time.monotonic() - started)
    states[before] = state()
assert len(states[FULL]) == len(states[EMPTY]) + 200
counts = {"before": 0, "after": 0}
there = FULL
longest = 2 * max(whole)
for run in range(int(sys.argv[1])):
    wanted = EMPTY if there == FULL else FULL
    number = directory.newest_change()
    pid = child(wanted)
    time.sleep(random.uniform(0, longest))
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    now = state()
    assert now in (states[there], states[wanted])
    went = now == states[wanted]
    # The change and its place in the history: both, or neither.
    assert directory.newest_change() == number + went
    counts["after" if went else "before"] += 1
    longest *= 0.95 if went else 1.05
    there = wanted if went else there
# Whatever was left behind, the next one makes it good.
assert directory.go_back(EMPTY, GID) and state() == states[EMPTY]
assert not directory.go_back(EMPTY, GID).plan
print(counts["before"], counts["after"])
"""


def goes_back_and_forth_and_is_killed(host: Host) -> None:
    """Kill a rollback again and again; see that each has happened or has not."""
    host.put_library("/opt/voiceops_asterisk")
    mark = newest(host) + 1
    many = [{"number": str(8000 + i), "password": f"a-strong-horse-{i}"} for i in range(200)]
    made = host.module("pbx_extension", extensions=many)
    assert not made["failed"], made
    before, after = host.python(SCRIPT, str(KILLS), str(mark)).split()
    assert int(before) + int(after) == KILLS
    # Both happened, or the moments were badly chosen.
    assert int(before) > KILLS // 20
    assert int(after) > KILLS // 20


@pytest.mark.shown_on("asterisk16")
def test_a_rollback_that_is_killed_anywhere_has_happened_or_has_not(directory: Host) -> None:
    goes_back_and_forth_and_is_killed(directory)
