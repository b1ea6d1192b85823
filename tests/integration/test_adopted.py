# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host that somebody has configured by hand is taken over in the middle of its calls, and given back."""

from __future__ import annotations

import csv
import dataclasses
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from phones.exchange import Line, Room, RoomError

from .conftest import RELEASES
from .fleet import REPOSITORY, Host, Run, booted, lab_inventory, preloaded
from .foreign import DATA, set_up, until_it_answers
from .forging import Forger, Gang
from .test_secrets import watched_processes

VAULT = "of-the-vault"
#: What the file that pjsip.conf tries to include brings along: an AOR with another name than its number, a
#: phone that comes over a connection, and one that is not a number at all.
CUSTOM = """
[tcp]
type = transport
protocol = tcp
bind = 0.0.0.0:5060

[1060](office-phone)
aors = front-desk
auth = 1060
callerid = Danışma <1060>
[1060](secret)
username = 1060
password = nar-60-kiraz
[front-desk](one-phone)

[1061](phone)
transport = tcp
aors = 1061
auth = 1061
callerid = Kapı <1061>
[1061](secret)
username = 1061
password = nar-61-kiraz
[1061](one-phone)

[reception](office-phone)
aors = reception
auth = reception
[reception](secret)
username = reception
password = nar-62-kiraz
[reception](one-phone)
"""
#: For the release that has chan_sip.
SIP = """
[general]
udpbindaddr = 0.0.0.0:5070
[1070]
type = friend
host = dynamic
callerid = Depo <1070>
secret = nar-63-kiraz
context = internal
"""
#: What the inventory says besides what is read.
BESIDES = {
    "pbx_connection_ports": [{"name": "desk"}, {"name": "door", "protocol": "tcp"}],
    # The lab's phones try as many wrong passwords as they like.
    "pbx_fail2ban_ignore": ["198.18.0.0/15"],
}
TRANSPORTS = {"udp": "desk", "tcp": "door"}
SNAPSHOT = """
find /etc/asterisk -printf '%p %u %g %m %y %l\\n' | sort
find /etc/asterisk -type f -exec sha256sum {} + | sort -k 2
dpkg-divert --list | grep voiceops || true
systemctl is-enabled asterisk; systemctl is-active asterisk
"""
#: Which start of Asterisk it is, and what it says of calls, three times a second.
WATCH = """
while :; do
  echo $(stat -c %i-%Y /run/asterisk/asterisk.pid) $(asterisk -rx 'core show channels count' 2>&1)
  sleep 0.3
done > /run/calls-watched 2>/dev/null & echo $!
"""
#: Where nothing of a password may be left; it stays in /etc/asterisk and /var/backups/voiceops-pbx.
PLACES = "/tmp /var/tmp /root /var/log /run/log /run/ansible* /dev/shm"  # noqa: S108 - only looked at


def people() -> list[dict[str, str]]:
    with (DATA / "phones.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def secrets() -> list[str]:
    written = CUSTOM.split() + (DATA / "asterisk" / "phones" / "support.conf").read_text("utf-8").split()
    digests = [word for word in written if len(word) == 32 and word.isalnum()]
    passwords = [row["password"] for row in people()]
    return [*passwords, *digests, "hat-parolasi-33", *(f"nar-6{i}-kiraz" for i in range(4))]


class Telephones:
    """The phones of the host, of which none registers again by itself."""

    def __init__(self, room: Room, gang: Gang, has_chan_sip: bool) -> None:
        self._room = room
        self._gang = gang
        self._has_chan_sip = has_chan_sip
        self.desks: dict[str, Line] = {}
        for row in people():
            name = {"username": row["username"]} if row["username"] else {}
            self.desks[row["number"]] = room.phone(row["number"], row["password"], tone=400, **name)
        self.front = gang.plug_in(1, number="1060", password="nar-60-kiraz", aor="front-desk")
        self.reception = gang.plug_in(2, number="reception", password="nar-62-kiraz")
        for phone in (self.front, self.reception):
            assert phone.register("<sip:x@HERE>")["status"] == 200
        self.plug_in_the_door()
        if has_chan_sip:
            self.plug_in_the_store(server_port=5070)

    def plug_in_the_store(self, **options: Any) -> None:
        self._room.phone("1070", "nar-63-kiraz", **options)

    def plug_in_the_door(self) -> Forger:
        door = self._gang.plug_in(3, "tcp", number="1061", password="nar-61-kiraz")
        assert door.register("<sip:1061@HERE;transport=tcp>")["status"] == 200
        return door

    @contextmanager
    def those_come_back_that_have_to(self, host: Host) -> Iterator[None]:
        """Have the phone connect again that has lost its connection, as any does, and that of chan_sip."""
        start = "stat -c %i-%Y /run/asterisk/asterisk.pid"
        before, over = host.shell(start), threading.Event()

        def come_back() -> None:
            while not over.wait(0.5):
                try:
                    if host.shell(f"{start} && asterisk -rx 'pjsip show transports'").startswith(before):
                        continue
                    self.plug_in_the_door()
                    if self._has_chan_sip:
                        self.plug_in_the_store()
                except (AssertionError, RoomError):
                    continue  # Asterisk is not there again
                return

        thread = threading.Thread(target=come_back)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def who_does_not_ring(self) -> list[str]:
        """Call every phone on a desk from one of them; return who was not reached."""
        caller = self.desks["1001"]
        numbers = [number for number in self.desks if number != "1001"]
        return [number for number in numbers if caller.call(number, seconds=10) != 200]

    def front_rings(self, call: Callable[[], object]) -> bool:
        """Tell whether the phone whose AOR has another name than its number rings at this call."""
        before = len(self.front.requests("INVITE"))
        call()
        return len(self.front.requests("INVITE")) > before


@dataclasses.dataclass
class Adoption:
    """A host, its phones, the folder of the user who takes it over, and what the runs have said."""

    host: Host
    phones: Telephones
    place: Path
    before: str
    read: Run
    refused: Run
    taken_over: Run
    samples: list[str]
    processes: str
    #: How many extensions are read of it.
    extensions: int

    @property
    def variables(self) -> Path:
        return self.place / "inventory" / "host_vars" / self.host.name


def adopts(host: Host, place: Path, *words: str, **variables: object) -> Run:
    named = {f"adopt_{name}": value for name, value in variables.items()}
    named |= {
        "adopt_folder": str(place / "inventory" / "host_vars" / host.name),
        "adopt_report": str(place / "report.txt"),
        "adopt_transports": TRANSPORTS,
    }
    return runs(host, place, "adopt.yml", "-e", json.dumps(named), *words)


def runs(host: Host, place: Path, playbook: str, *words: str) -> Run:
    at = ("-i", str(place / "inventory"), "--limit", host.name)
    vault = ("--vault-password-file", str(place / "vault-password"))
    named = str(REPOSITORY / "playbooks" / playbook)
    run = preloaded().run("ansible-playbook", [*at, *vault, *words, named], cwd=REPOSITORY, deadline=300)
    return Run(run.returncode, run.stdout + run.stderr)


def prepare(place: Path) -> None:
    (place / "inventory" / "group_vars").mkdir(parents=True)
    hosts = Path(lab_inventory()).read_text(encoding="utf-8")
    (place / "inventory" / "hosts.yml").write_text(hosts, encoding="utf-8")
    besides = yaml.safe_dump(BESIDES, allow_unicode=True)
    (place / "inventory" / "group_vars" / "pbx.yml").write_text(besides, encoding="utf-8")
    (place / "vault-password").write_text(VAULT, encoding="utf-8")


@pytest.fixture(scope="module", params=list(RELEASES))
def adoption(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Adoption]:
    place = tmp_path_factory.mktemp("adoption")
    with booted(f"adopted-{request.param}", RELEASES[request.param], kind="") as host:
        has_chan_sip = request.param == "asterisk16"
        set_up(host, {"pjsip_custom.conf": CUSTOM, **({"sip.conf": SIP} if has_chan_sip else {})})
        host.shell("systemctl enable asterisk")
        prepare(place)
        with Room(host.address) as room, Gang(host.address) as gang:
            phones = Telephones(room, gang, has_chan_sip)
            before = host.shell(SNAPSHOT)
            with watched_processes(host, place / "processes"):
                read = adopts(host, place, "-vvv", "--diff")
                refused = adopts(host, place, "-vvv", "-e", "pbx_restart=never", takeover=True)
                assert host.shell(SNAPSHOT) == before
                calls = [phones.desks[a].dial(b).is_up() for a, b in (("1001", "1002"), ("1003", "1043"))]
                watch = host.shell(WATCH).strip()
                assert not any(call.shown()["ended"] for call in calls)
                with phones.those_come_back_that_have_to(host):
                    taken_over = adopts(host, place, "-vvv", "--diff", takeover=True, leave="reception")
            host.shell(f"kill {watch}")
            samples = host.shell("cat /run/calls-watched").splitlines()
            processes = (place / "processes").read_text(encoding="utf-8", errors="replace")
            said = (read, refused, taken_over)
            yield Adoption(host, phones, place, before, *said, samples, processes, 52 + has_chan_sip)


def test_what_is_there_is_read_and_what_has_no_word_is_told(adoption: Adoption) -> None:
    assert adoption.read.status == 0, adoption.read.text[-3000:]
    assert f"taken: {adoption.extensions} extensions, 1 trunk, 3 groups" in adoption.read.text
    report = (adoption.place / "report.txt").read_text(encoding="utf-8")
    assert "set_var is not carried" in report
    assert "phones register as 'reception', which is not a number" in report
    assert "phones register as front-desk: here they say the number of the extension in To" in report


def test_no_phone_is_left_behind_unasked(adoption: Adoption) -> None:
    """Nothing has been changed by then, as the fixture has seen."""
    assert adoption.refused.status != 0
    assert (
        "reception: a phone is registered, and the inventory has no such extension" in adoption.refused.text
    )
    assert "1060: " not in adoption.refused.text
    assert "pbx_restart is never" in adoption.refused.text


def test_no_call_ends_before_the_one_restart_that_was_announced(adoption: Adoption) -> None:
    said = adoption.taken_over.text
    assert adoption.taken_over.status == 0, said[-3000:]
    announced = said.index("Asterisk is restarted once, which ends calls; in progress now: 2")
    assert announced < said.index("Make the directory what the inventory says")
    assert "reconnect: the phones of 1061" in said
    of_chan_sip = "re-register, because chan_sip ends: the phones of 1070"
    assert (of_chan_sip in said) is (adoption.extensions == 53)
    starts = [sample.split()[0] for sample in adoption.samples if "-" in sample.split(" ")[0]]
    first, *later = dict.fromkeys(starts)
    assert len(later) == 1
    until = [sample for sample in adoption.samples if sample.startswith(first) and "shutdown" not in sample]
    # The last one may have been asked when Asterisk was about to go. Of the others none may say that a call
    # has ended, or that a third has taken the place of one.
    assert len(until) > 2
    assert {sample.split(" ", 1)[1] for sample in until[:-1]} == {
        "4 active channels 2 active calls 2 calls processed"
    }


def test_every_phone_is_registered_as_before_and_rings(adoption: Adoption) -> None:
    assert (
        f"registered: {adoption.extensions} extensions, all that were before among them"
        in adoption.taken_over.text
    )
    facts = adoption.host.facts()["pbx_extensions"]
    assert [number for number in facts if not facts[number]["registered"]] == []
    phones = adoption.phones
    assert phones.who_does_not_ring() == []
    assert phones.front_rings(lambda: phones.desks["1001"].call("1060", seconds=10))


def test_another_run_finds_nothing_to_do(adoption: Adoption) -> None:
    again = adopts(adoption.host, adoption.place, takeover=True, leave="reception")
    assert again.status == 0, again.text[-3000:]
    assert again.recap(adoption.host.name)["changed"] == 0
    assert "restarted" not in again.text


def test_no_password_is_where_it_does_not_belong(adoption: Adoption) -> None:
    vault = (adoption.variables / "vault.yml").read_bytes()
    opened = VaultLib([("default", VaultSecret(VAULT.encode()))]).decrypt(vault).decode()
    told = [adoption.read.text, adoption.refused.text, adoption.taken_over.text, adoption.processes]
    told += [(adoption.place / "report.txt").read_text("utf-8")]
    told += [(adoption.variables / "extensions.yml").read_text("utf-8")]
    told += [adoption.host.shell("journalctl --no-pager 2>/dev/null || cat /var/log/syslog")]
    assert len([secret for secret in secrets() if secret in opened]) == adoption.extensions + 1
    for secret in secrets():
        assert not [text[:100] for text in told if secret in text]
    assert '"packed"' not in adoption.read.text
    # The directory holds digests, as it has to, and no password.
    passwords = [secret for secret in secrets() if "-" in secret]
    for places, kept_from in ((PLACES, secrets()), ("/var/lib/voiceops", passwords)):
        found = adoption.host.shell(f"grep -rlaF -f - {places} 2>/dev/null || true", "\n".join(kept_from))
        assert found == ""


def test_the_host_is_given_back_byte_by_byte(adoption: Adoption) -> None:
    host = adoption.host
    given_back = runs(host, adoption.place, "site.yml", "-e", "pbx_state=absent")
    assert given_back.status == 0, given_back.text[-3000:]
    assert host.shell(SNAPSHOT) == adoption.before
    until_it_answers(host)
    assert host.shell("asterisk -rx 'pjsip show endpoint 1060'").count("front-desk") > 0
    assert adoption.phones.who_does_not_ring() == []
    # Its own dialplan has no number for it.
    call = "asterisk -rx 'channel originate PJSIP/1060 application Wait 1'"
    assert adoption.phones.front_rings(lambda: host.shell(f"{call}; sleep 1"))


def test_a_phone_that_does_not_come_back_is_named(adoption: Adoption) -> None:
    """In a second takeover, in which nobody connects the phone at the door again."""
    adoption.phones.plug_in_the_door()
    time.sleep(1)
    run = adopts(adoption.host, adoption.place, takeover=True, leave=["reception"], settle=4)
    assert run.status != 0
    assert "after 4 s (adopt_settle) no phone is registered as" in run.text
    assert "1061 Kapı" in run.text, run.text[-2500:]
    facts = adoption.host.facts()["pbx_extensions"]
    assert [number for number in facts if not facts[number]["registered"]] == ["1061"]
    phones = adoption.phones
    assert phones.who_does_not_ring() == []
    assert phones.front_rings(lambda: phones.desks["1001"].call("1060", seconds=10))
