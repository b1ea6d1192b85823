# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Strangers who take what they can get, connections and room for logs: phones and emergency calls go on."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from phones.exchange import Room
from phones.phone import Phone, phones_addresses, where_phones_are
from phones.process import Telephones

from .conftest import empty_but_for_the_usual
from .fleet import DIRECTORY, REPOSITORY, Host, command, lab, site
from .test_outsider import FIRST_OF_HARDENING, JAIL, register, shut_out, soon

FLOOD = REPOSITORY / "tests" / "phones" / "flood.py"
LOGS = "/var/log/asterisk"
TCP, WS, TLS, WSS = 5070, 8088, 5071, 8089
KEYS = "/etc/asterisk/keys-of-flood"
#: From where else the trunk may call.
NETWORK = "203.0.113.0/24"
#: Ten megabits a second.
LINE = 10_000_000
#: How many connections an address may have; more than half of what a host's HTTP server has by itself.
MOST = 80
#: How many megabytes of logs are kept.
KEPT = 10
#: How long Asterisk bears with a connection on which nobody has said anything whole (64 * T1), in seconds.
PATIENCE = 32


def variables() -> dict[str, Any]:
    certificate = {"certificate": f"{KEYS}/a.pem", "private_key": f"{KEYS}/a.key"}
    return {
        **DIRECTORY,
        "pbx_connection_ports": [
            *DIRECTORY["pbx_connection_ports"],
            {"name": "TCP", "protocol": "tcp", "port": TCP},
            {"name": "TLS", "protocol": "tls", "port": TLS, **certificate},
            {"name": "Tarayıcı", "protocol": "ws", "port": WS},
            {"name": "Browser", "protocol": "wss", "port": WSS, **certificate},
        ],
        "pbx_restart": "if_needed",
        "pbx_emergency_numbers": ["112"],
        # A phone at every address but the trunk's, so that all of them are known.
        "pbx_extensions": [
            {**each, "max_devices": 10} if each["number"] == "1002" else each
            for each in DIRECTORY["pbx_extensions"]
        ],
        "pbx_trunks": [
            {
                "name": "Telco",
                "host": phones_addresses()[5],
                "port": 7001,
                "inbound_addresses": [phones_addresses()[5], NETWORK],
            }
        ],
        "pbx_connections_per_address": MOST,
        "pbx_log_megabytes": KEPT,
        "pbx_fail2ban_ignore": [],
        "pbx_fail2ban_max_retry": 20,
    }


@pytest.fixture(scope="module")
def resort(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host with a port of each kind and a line to the emergency services; without them in the end."""
    folder = tmp_path_factory.mktemp("flood")
    host.shell(
        f"mkdir -p {KEYS} && cd {KEYS} && openssl req -x509 -newkey rsa:2048 -nodes -days 30"
        " -keyout a.key -out a.pem -subj /CN=pbx 2>/dev/null && chgrp -R asterisk . && chmod 640 a.key"
    )
    empty_but_for_the_usual(host)
    run = site([host], folder, variables())
    assert run.status == 0, run.text[-5000:]
    with somebody(host) as phones:
        for which, address in enumerate(phones_addresses()):
            if address == variables()["pbx_trunks"][0]["host"]:
                continue  # What comes from there is the trunk.
            assert phones.phone(TCP, "1003", which, ("1002", "correct-horse-2"))[0] == 200
        host.shell("systemctl start voiceops-connections")
    yield host
    empty_but_for_the_usual(host)
    off = site([host], folder, DIRECTORY)
    assert off.status == 0, off.text[-5000:]
    assert " connections" not in host.shell("nft list table inet voiceops_pbx")
    host.shell(f"rm -r {KEYS}")


@dataclass
class Stranger:
    """A holder of connections; ``ask`` says what ``phones.streams`` is to do."""

    host: Host
    telephones: Telephones

    def ask(self, command: str, **options: Any) -> Any:
        self.telephones.say({"do": command, **options})
        return self.telephones.hear(60)

    def hold(self, port: int, kind: str, count: int, which: int = -1) -> int:
        at = phones_addresses()[which]
        return int(self.ask("hold", server=self.host.address, port=port, address=at, count=count, kind=kind))

    def phone(
        self,
        port: int,
        dial: str = "112",
        which: int = 1,
        extension: tuple[str, str] = ("1001", "correct-horse-1"),
    ) -> tuple[int, int]:
        """Register an extension from an address and dial; return both statuses."""
        said = self.ask(
            "phone",
            server=self.host.address,
            port=port,
            address=phones_addresses()[which],
            number=extension[0],
            password=extension[1],
            dial=dial,
            websocket=port in (WS, WSS),
            tls=port in (TLS, WSS),
        )
        return said["registered"], said["dialled"]


@contextmanager
def somebody(host: Host) -> Iterator[Stranger]:
    telephones = Telephones("phones.streams")
    try:
        yield Stranger(host, telephones)
    finally:
        telephones.leave()


@pytest.fixture(scope="module")
def patient(resort: Host) -> Iterator[tuple[Stranger, dict[str, int], float]]:
    """A stranger who has begun in all ways that never end, from its own address; how many, and when."""
    ways = [
        *((TCP, kind) for kind in ("silent", "half a message", "a message without end")),
        *((WS, kind) for kind in ("silent", "half a request", "websocket")),
    ]
    with somebody(resort) as stranger:
        held = 0
        for port, kind in ways:
            held = stranger.hold(port, kind, 5, which=8)
        assert held == 5 * len(ways)
        yield stranger, {"held": held}, time.monotonic()


# --- connections -----------------------------------------------------------------------------


@pytest.mark.parametrize(("port", "kind"), [(TCP, "one question"), (WS, "websocket")])
def test_who_holds_connections_keeps_nobody_else_from_an_emergency_call(
    resort: Host, patient: object, port: int, kind: str
) -> None:
    host = resort
    with Room(host.address) as room, somebody(host) as stranger, somebody(host) as connected:
        room.line(5, number="telco", port=7001, habit="answer")
        assert connected.phone(port) == (200, 200)
        assert 0 < stranger.hold(port, kind, MOST + 40) <= MOST
        # What an address has counts over all ports, and Asterisk has room for more than one such stranger.
        assert stranger.hold(TLS, "silent", 10) <= MOST
        assert MOST < stranger.hold(port, kind, MOST // 2, which=-3) <= 2 * MOST
        assert connected.phone(port, which=2) == (200, 200)
        assert Phone("1001", "correct-horse-1", host.address).call("1002") == 480
        # A client over the limit is told so, and may come back.
        stranger.ask("let_go")
        assert stranger.phone(port, which=-1) == (200, 200)


#: Where the addresses at which phones have registered are noted.
NOTED = "/var/lib/voiceops-connections/known"


def known(host: Host) -> set[str]:
    """The addresses and networks that the firewall takes for those of phones and trunks."""
    return set(re.findall(r"[0-9.]{7,}(?:/[0-9]+)?", host.shell("nft list set inet voiceops_pbx known4")))


@contextmanager
def known_only(host: Host, *addresses: str) -> Iterator[None]:
    """Have the host forget at which addresses phones have registered, but for these; for a while."""
    kept = host.shell(f"systemctl stop voiceops-connections.timer; cat {NOTED}")
    note = json.dumps(dict.fromkeys(addresses, int(host.shell("date +%s"))))
    # In a new table nobody has tried anything yet.
    start = f"cat > {NOTED}; systemctl restart voiceops-firewall; systemctl start voiceops-connections"
    host.shell(start, note)
    try:
        yield
    finally:
        host.shell(f"{start}; systemctl start voiceops-connections.timer", kept)


@contextmanager
def more_addresses(count: int) -> Iterator[list[str]]:
    """Give the phones' network more addresses, for a while."""
    network = phones_addresses()[0].rpartition(".")[0]
    added = [f"{network}.{last}" for last in range(210, 210 + count)]
    for address in added:
        lab("phones", "ip", "address", "add", f"{address}/24", "dev", "eth0")
    try:
        yield added
    finally:
        for address in added:
            lab("phones", "ip", "address", "del", f"{address}/24", "dev", "eth0")


def test_the_firewall_knows_where_phones_have_registered_and_where_the_trunk_is(resort: Host) -> None:
    host = resort
    there = {*phones_addresses(), NETWORK}
    assert known(host) == there
    # Not even a new table knows less.
    host.shell("systemctl reload voiceops-firewall")
    assert soon(lambda: known(host) == there)


def test_strangers_at_many_addresses_leave_phones_at_known_ones_their_room(resort: Host) -> None:
    host, desk = resort, phones_addresses()[1]
    elsewhere = [each for each in phones_addresses() if each not in (desk, phones_addresses()[5])]
    with (
        Room(host.address) as room,
        known_only(host, desk),
        more_addresses(9) as added,
        somebody(host) as strangers,
        somebody(host) as phones,
    ):
        room.line(5, number="telco", port=7001, habit="answer")
        newcomer = phones_addresses().index(added.pop())
        siege = {"port": TCP, "addresses": elsewhere + added, "each": MOST // 4, "kind": "one question"}
        strangers.ask("besiege", server=host.address, **siege)
        held, since = 0, time.monotonic()
        # As many as they get.
        while time.monotonic() < since + 8 or strangers.ask("besieged") > held:
            held = strangers.ask("besieged")
            time.sleep(0.5)
        assert phones.phone(TCP) == (200, 200)
        began, tries = time.monotonic(), 1
        host.shell("systemctl start voiceops-connections.timer")
        while phones.phone(TCP, which=newcomer) != (200, 200):
            tries += 1
            assert time.monotonic() < began + 120
        print(
            f"\n{held} held from {len(siege['addresses'])} addresses; who is new gets in after"
            f" {tries} tries, {time.monotonic() - began:.0f} s"
        )
        strangers.ask("let_go")


#: Two networks of 64 bits and what is in them: three strangers (two are neighbours) and the host.
NEIGHBOURS, ELSEWHERE, HERE = ("fd00:31::10", "fd00:31::11"), "fd00:32::10", "fd00:31::1"
#: Asterisk listens for IPv4 there, and this, in its place, for IPv6.
LISTENER = """
import socket, time
listener = socket.socket(socket.AF_INET6)
listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
listener.bind(("::", {port}))
listener.listen(500)
held = []
while True:
    held.append(listener.accept()[0])
"""


@contextmanager
def by_ipv6(host: Host) -> Iterator[None]:
    """Give host and phones addresses of IPv6, and have somebody listen there, for a while."""
    on_host = f"ip -6 address add {HERE}/64 dev eth0 nodad && ip -6 route add fd00:32::/64 dev eth0"
    host.shell(f"sysctl -qw net.ipv6.conf.eth0.disable_ipv6=0; {on_host}")
    host.shell("cat > /tmp/listener.py", LISTENER.format(port=TCP))
    host.shell("systemd-run --quiet --unit=listener python3 /tmp/listener.py")
    phones = ("phones", "ip", "-6", "address")
    for address in (*NEIGHBOURS, ELSEWHERE):
        lab(*phones, "add", f"{address}/64", "dev", "eth0", "nodad")
    lab("phones", "ip", "-6", "route", "replace", f"{HERE}/128", "dev", "eth0")
    try:
        yield
    finally:
        for address in (*NEIGHBOURS, ELSEWHERE):
            lab(*phones, "del", f"{address}/64", "dev", "eth0")
        host.shell(
            "systemctl stop listener; rm /tmp/listener.py; ip -6 route del fd00:32::/64 dev eth0;"
            f" ip -6 address del {HERE}/64 dev eth0"
        )


@pytest.mark.shown_on("asterisk22")
def test_of_ipv6_a_network_of_64_bits_is_limited_as_one_address(resort: Host) -> None:
    host = resort
    with known_only(host, "fd00:31::"), by_ipv6(host), somebody(host) as stranger:

        def hold(address: str, count: int) -> int:
            given = {"server": HERE, "port": TCP, "address": address, "count": count, "kind": "silent"}
            return int(stranger.ask("hold", **given))

        assert hold(NEIGHBOURS[0], MOST // 2 + 10) == MOST // 2 + 10
        # Its neighbour has what is left.
        assert hold(NEIGHBOURS[1], MOST // 2) == MOST
        # Where no phone has registered there are 20 for all of a network, and a few more as time goes by.
        assert MOST + 20 <= hold(ELSEWHERE, 40) < MOST + 35


#: Holds so many connections as it can to the manager interface, and takes each again that is closed.
LOCAL = """
import os, socket, sys, time
held = []
end = time.monotonic() + 60
while time.monotonic() < end:
    for _each in range(10):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(("127.0.0.1", 5038))
        held.append(one)
    time.sleep(0.01)
    if len(held) > 900:
        for one in held[:100]:
            one.close()
        del held[:100]
"""

ROOT = """
import socket, sys
got = 0
for _each in range(10):
    try:
        one = socket.create_connection(("127.0.0.1", 5038), 1)
        one.settimeout(1)
        got += one.recv(100).startswith(b"Asterisk Call Manager")
        one.close()
    except OSError:
        pass
print(got)
"""


def test_a_user_of_the_host_leaves_root_room_at_the_manager_interface(resort: Host) -> None:
    host = resort
    host.shell("cat > /tmp/local.py", LOCAL)
    host.shell("systemd-run --quiet --unit=local --uid=nobody python3 /tmp/local.py")
    try:
        time.sleep(4)
        for _look in range(3):
            assert host.python(ROOT).strip() == "10"
        assert host.facts()["pbx_extension_summary"]["asterisk"] == "running"
    finally:
        host.shell("systemctl stop local; rm /tmp/local.py")


POOR_NFT = """\
#!/bin/sh
case "$*" in
*voiceops-firewall.nft*) echo "Error: Could not process rule: Not supported" >&2; exit 1;;
esac
exec /tmp/nft "$@"
"""


@pytest.mark.shown_on("asterisk16")
def test_a_host_that_cannot_have_such_a_table_is_told_what_to_do(resort: Host, tmp_path: Path) -> None:
    host = resort
    host.shell(
        "nft delete table inet voiceops_pbx; cp /usr/sbin/nft /tmp/nft; cat > /tmp/poor-nft;"
        " chmod 755 /tmp/poor-nft; mount --bind /tmp/poor-nft /usr/sbin/nft",
        POOR_NFT,
    )
    try:
        refused = site([host], tmp_path, variables(), "--start-at-task", FIRST_OF_HARDENING)
    finally:
        host.shell("umount /usr/sbin/nft")
    assert refused.recap(host.name)["failed"] == 1, refused.text
    assert "needs nf_tables, nf_conntrack and nft_connlimit" in refused.text, refused.text
    assert "pbx_connections_per_address: 0" in refused.text
    assert "Not supported" in refused.text
    again = site([host], tmp_path, variables(), "--start-at-task", FIRST_OF_HARDENING)
    assert again.recap(host.name)["changed"] == 1, again.text
    assert "ct count over" in host.shell("nft list table inet voiceops_pbx")


@pytest.mark.shown_on("asterisk22")
def test_check_mode_tells_that_the_limit_goes(resort: Host, tmp_path: Path) -> None:
    without = {**variables(), "pbx_connections_per_address": 0}
    checked = site([resort], tmp_path, without, "--check", "--start-at-task", FIRST_OF_HARDENING)
    assert checked.recap(resort.name)["changed"] == 1, checked.text
    assert "ct count over" in resort.shell("nft list table inet voiceops_pbx")


@pytest.mark.shown_on("asterisk16")
def test_the_memory_of_asterisk_has_an_end(resort: Host) -> None:
    shown = resort.shell("systemctl show -p MemoryMax --value asterisk; grep MemTotal /proc/meminfo")
    most, _word, total, _unit = shown.split()
    assert 0.7 < int(most) / (1024 * int(total)) < 0.8


# --- logs ------------------------------------------------------------------------------------


def flooded(host: Host, kind: str, seconds: float, which: int = -2) -> int:
    """Send what strangers send by UDP at the speed of the line; return how many packets."""
    told = {
        "server": host.address,
        "address": phones_addresses()[which],
        "kind": kind,
        "bits": LINE,
        "seconds": seconds,
    }
    run = command(*where_phones_are(), "python3", str(FLOOD), given=json.dumps(told))
    assert run.returncode == 0, run.stderr
    return int(json.loads(run.stdout)["packets"])


def kept(host: Host) -> dict[str, int]:
    """How many bytes of each log there are, rotated ones included."""
    sizes = {"messages": 0, "security": 0}
    for line in host.shell(f"cd {LOGS} && stat -c '%n %s' messages.log* security.log*").splitlines():
        name, size = line.split()
        sizes[name.partition(".")[0]] += int(size)
    return sizes


@pytest.mark.shown_on("asterisk16")
def test_a_flood_fills_no_disk_and_hides_no_guesser(resort: Host) -> None:
    host = resort
    _desk, at, *_more, guesser = phones_addresses()
    right, wrong = [{"number": "1001", "password": "correct-horse-1"}] * 30, [{"number": "1001"}] * 40
    host.shell("systemctl stop voiceops-logs.timer; journalctl --sync")
    packets = 0
    with ThreadPoolExecutor() as others:
        flooding = others.submit(flooded, host, "short", 6)
        time.sleep(1)
        registering = others.submit(register, host, at, right)
        guessing = others.submit(register, host, guesser, wrong)
        # In the middle of it.
        host.shell("systemctl start voiceops-logs")
        assert Phone("1001", "correct-horse-1", host.address).call("1002") == 480
        statuses, times = registering.result()
        guessing.result()
        packets += flooding.result()
    assert statuses == [200] * len(right)
    print(
        f"\n{packets} packets; a registration took {1000 * sorted(times)[len(times) // 2]:.0f} ms among them"
    )
    assert soon(lambda: shut_out(host) == {guesser}), host.shell(f"fail2ban-client status {JAIL}")
    records = host.shell(f"stat -c '%s %Y' {LOGS}/master.db")
    packets += flooded(host, "huge", 4)
    before = kept(host)
    host.shell("systemctl start voiceops-logs")
    after = kept(host)
    print(f"{before} bytes of logs, and {after} when they had been looked at, of {packets} packets")
    # How much of a flood Asterisk reads is its own affair: more was written than is kept.
    most = KEPT * 1_000_000 / 2 + 100_000
    assert before["security"] > most, before
    assert all(size <= most for size in after.values()), after
    # Somebody outside writes no call records.
    assert host.shell(f"stat -c '%s %Y' {LOGS}/master.db") == records
    host.shell(f"systemctl start voiceops-logs.timer; fail2ban-client set {JAIL} unbanip {guesser}")


@pytest.mark.shown_on("asterisk16")
def test_what_rotation_keeps_is_bounded_and_the_newest(resort: Host) -> None:
    host = resort
    host.shell(
        f"cd {LOGS} && rm -f security.log-* && for day in 1 2 3 4; do log=security.log-2026110$day-1.gz;"
        ' head -c 2000000 /dev/urandom > $log; touch -d "-$day days" $log; done;'
        " touch -d '-40 days' messages.log.4.gz messages.2.gz; chown asterisk: *.gz;"
        " systemctl start voiceops-logs"
    )
    left = host.shell(f"cd {LOGS} && ls").split()
    assert {"security.log-20261101-1.gz", "messages.log", "master.db"} <= set(left)
    assert {"security.log-20261104-1.gz", "messages.log.4.gz", "messages.2.gz"}.isdisjoint(left)
    host.shell(f"rm -f {LOGS}/security.log-202611*-1.gz")


@pytest.mark.shown_on("asterisk22")
def test_strangers_fill_the_journal_with_nothing(resort: Host) -> None:
    host = resort
    look = "journalctl --sync; journalctl -u asterisk -o cat -a --no-pager | wc -c"
    before = int(host.shell(look))
    packets = flooded(host, "broken", 2)
    assert packets > 1000
    time.sleep(1)
    assert int(host.shell(look)) - before < packets
    # It may have been rotated meanwhile: its timer goes on.
    assert int(host.shell(f"cd {LOGS} && zcat -f messages.log* | grep -ac 'PJSIP syntax error'")) > 0


# --- at last: the time for it has passed meanwhile --------------------------------------------


def test_a_connection_on_which_nothing_whole_is_said_is_closed(
    resort: Host, patient: tuple[Stranger, dict[str, int], float]
) -> None:
    stranger, said, began = patient
    time.sleep(max(0, began + PATIENCE + 4 - time.monotonic()))
    assert said["held"] > 0
    assert stranger.ask("held") == 0


def test_where_there_are_many_those_of_strangers_are_closed_and_the_phones_stay(resort: Host) -> None:
    host = resort
    host.shell("systemctl stop voiceops-connections.timer")
    with somebody(host) as strangers, somebody(host) as browsers, somebody(host) as phones:
        assert phones.phone(TCP, dial="1002") == (200, 480)
        assert phones.phone(WS, dial="1002") == (200, 480)
        # It is the same phone, which may have one place: the first of its connections counts no more.
        held = strangers.hold(TLS, "silent", MOST - 10, which=2)
        held = strangers.hold(TLS, "half a handshake", MOST - 10, which=3)
        for which in (4, 6, 7, 9):
            held = strangers.hold(TCP, "one question", MOST - 10, which=which)
        assert held > 400
        # Asterisk 22 ends a handshake with a browser by itself, after 30 s.
        for kind in ("silent", "half a handshake"):
            begun = browsers.hold(WSS, kind, (MOST - 10) // 2, which=0)
        # A client in the middle of a handshake keeps nobody from his.
        assert phones.phone(TLS, "1003", extension=("1002", "correct-horse-2")) == (200, 480)
        assert phones.phone(WSS, "1003", extension=("1002", "correct-horse-2")) == (200, 480)
        host.shell("systemctl start voiceops-connections")
        assert strangers.ask("held") == held
        host.shell("systemctl start voiceops-connections")
        assert (strangers.ask("held"), browsers.ask("held")) == (0, 0)
        assert phones.ask("held") == 3
        said = host.shell("journalctl -u voiceops-connections -o cat --no-pager")
        closed = re.findall("closed ([0-9]+) on which nobody has registered", said)
        assert held + 1 <= int(closed[-1]) <= held + 1 + begun
    host.shell("systemctl start voiceops-connections.timer")
