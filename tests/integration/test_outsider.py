# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What somebody outside finds on a host, and what happens to somebody who guesses passwords there."""

from __future__ import annotations

import calendar
import json
import re
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pages import manual
from phones.phone import Phone, phones_addresses, where_phones_are

from .conftest import empty_but_for_the_usual
from .fleet import DIRECTORY, REPOSITORY, Host, command, site
from .test_status_board import status

STRANGER = REPOSITORY / "tests" / "phones" / "stranger.py"
SCAN = REPOSITORY / "tests" / "phones" / "scan.py"
JAIL = "voiceops-asterisk"
LOG = "/var/log/asterisk/messages.log"
ROTATE = "/usr/local/lib/voiceops/rotate-logs"

#: How many passwords are guessed, and after how many the address is to be shut out.
GUESSES, MOST = 1000, 20
#: How long something may take that happens by itself, in seconds.
SOON = 20.0
#: An address of nobody (RFC 5737), which a guesser tries to have shut out.
NOBODY = "203.0.113.9"
RECORDINGS = "/var/spool/voiceops/recordings"

#: Where a run may begin for which all that comes before is as it should be.
FIRST_OF_HARDENING = "See what there is on the host, for fail2ban and the firewall"

Attempts = list[dict[str, str]]


def network(host: Host, part: str) -> str:
    return f"{host.address.rpartition('.')[0]}.{part}"


def hardened(host: Host) -> dict[str, Any]:
    """Everything that can be set, different from its default."""
    return {
        **DIRECTORY,
        "pbx_max_phones": 500,
        "pbx_rtp_start": 20000,
        "pbx_rtp_end": 20999,
        "pbx_timezone": "Europe/Istanbul",
        "pbx_log_weeks": 2,
        "pbx_fail2ban_max_retry": MOST,
        "pbx_fail2ban_ignore": [],
        "pbx_firewall": True,
        # Of the phones (.200 to .209), and not of this machine (.1).
        "pbx_firewall_networks": [network(host, "192/27"), "2001:db8::/32"],
        "pbx_firewall_allow": ["40001/udp", "40010-40019/udp"],
    }


@pytest.fixture(scope="module")
def fortress(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """The host with all of it, and in the end without any of it."""
    folder = tmp_path_factory.mktemp("hardening")
    empty_but_for_the_usual(host)
    zone = host.shell("readlink /etc/localtime").strip()
    run = site([host], folder, hardened(host))
    assert run.status == 0, run.text[-5000:]
    yield host
    host.shell(f"ln -sfn {zone} /etc/localtime")
    off = site([host], folder, {**DIRECTORY, "pbx_fail2ban": False, "pbx_connections_per_address": 0})
    assert off.status == 0, off.text[-5000:]
    assert host.shell("nft list ruleset").strip() == ""
    assert JAIL not in host.shell("fail2ban-client status")
    assert host.shell("systemctl is-active fail2ban voiceops-firewall || true").split() == [
        "active",
        "inactive",
    ]
    on = site([host], folder, DIRECTORY)
    assert on.status == 0, on.text[-5000:]
    assert soon(lambda: JAIL in host.shell("fail2ban-client status"))


def scanned(host: Host, ours: str) -> dict[str, list[int]]:
    """Return the ports that answer, by protocol."""
    run = command(*where_phones_are(), "python3", str(SCAN), host.address, ours)
    assert run.returncode == 0, run.stderr
    return dict(json.loads(run.stdout))


def register(
    host: Host, ours: str, attempts: Attempts, way: tuple[str, ...] | None = None
) -> tuple[list[int], list[float]]:
    """Return the final status of each attempt, and its time in seconds."""
    asked = json.dumps({"server": host.address, "address": ours, "attempts": attempts})
    run = command(*(where_phones_are() if way is None else way), "python3", str(STRANGER), given=asked)
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    return [status for status, _seconds in said], [seconds for _status, seconds in said]


def shut_out(host: Host) -> set[str]:
    (addresses,) = re.findall(r"Banned IP list:(.*)", host.shell(f"fail2ban-client status {JAIL}"))
    return set(addresses.split())


def counted(host: Host) -> int:
    (number,) = re.findall(r"Total failed:\s*(\d+)", host.shell(f"fail2ban-client status {JAIL}"))
    return int(number)


def soon(wanted: Callable[[], bool]) -> bool:
    """Wait until it is so; return whether it ever was."""
    give_up = time.monotonic() + SOON
    while not wanted():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.3)
    return True


# --- what listens ----------------------------------------------------------------------------


def test_only_ssh_and_the_declared_port_answer_an_outsider(directory: Host) -> None:
    answering = scanned(directory, phones_addresses()[-1])
    assert answering == {"tcp": [22], "udp": [5060]}


def test_all_that_is_loaded_was_asked_for_and_runs(directory: Host) -> None:
    host = directory
    # A module that was loaded for metrics, which are switched off by now, goes with the next start.
    host.shell("systemctl restart asterisk && timeout 60 asterisk -rx 'core waitfullybooted'")
    asked_for = set(re.findall(r"^load = (\S+)", host.shell("cat /etc/asterisk/modules*.conf"), re.MULTILINE))
    shown = host.shell("asterisk -rx 'module show'")
    running = dict(re.findall(r"^(\S+\.so) .* (Running|Not Running) ", shown, re.MULTILINE))
    assert running == dict.fromkeys(asked_for, "Running")


# --- passwords -------------------------------------------------------------------------------


def test_who_guesses_is_shut_out_and_nobody_else_notices(fortress: Host) -> None:
    host = fortress
    desk, _other, *_more, guesser = phones_addresses()
    right = [{"number": "1001", "password": "correct-horse-1"}] * 200
    wrong = [{"number": str(1000 + i % 50)} for i in range(GUESSES)]
    _statuses, before = register(host, desk, right)
    with ThreadPoolExecutor() as others:
        guessing = others.submit(register, host, guesser, wrong)
        registering = others.submit(register, host, desk, right * 2)
        calling = others.submit(Phone("1001", "correct-horse-1", host.address).call, "1002")
        guessed, _times = guessing.result()
        statuses, during = registering.result()
        assert calling.result() in (480, 200)
    assert statuses == [200] * len(statuses)
    assert set(guessed) <= {401, 0}
    assert soon(lambda: shut_out(host) == {guesser})
    # A guesser who has guessed enough hears nothing more, not even with the right password.
    silent, _times = register(host, guesser, right)
    assert silent == [0, 0, 0]
    took = [f"{1000 * statistics.median(times):.1f} ms" for times in (before, during)]
    print(f"\n{guessed.count(401)} of {GUESSES} guesses were answered; a registration took {took[0]} before,")
    print(f"and {took[1]} meanwhile")
    # But ssh has nothing to do with telephones.
    connected = command(
        *(*where_phones_are(), "python3", "-c"),
        f"import socket; socket.create_connection(('{host.address}', 22), 5, ('{guesser}', 0))",
    )
    assert connected.returncode == 0, connected.stderr

    host.shell(f"fail2ban-client set {JAIL} unbanip {guesser}")
    assert register(host, guesser, right[:1])[0] == [200]


def test_a_few_slips_and_phones_that_are_asked_for_their_password_do_not_count_for_much(
    fortress: Host,
) -> None:
    host = fortress
    at = phones_addresses()[3]
    before = counted(host)
    # Each of them is asked first, which is a 401 too; a stranger's first request is "no matching endpoint".
    assert register(host, at, [{"number": "1001", "password": "correct-horse-1"}] * 100)[0] == [200] * 100
    slips = [{"number": number} for number in ("1001", "1002", "9999")]
    assert register(host, at, slips)[0] == [401] * len(slips)
    assert soon(lambda: counted(host) >= before + len(slips))
    time.sleep(2)
    assert counted(host) == before + len(slips)
    assert shut_out(host) == set()


UNTIL_IT_RUNS = f"timeout 20 sh -c 'until fail2ban-client status {JAIL} >/dev/null 2>&1; do sleep 0.2; done'"


def blocked(host: Host) -> list[dict[str, Any]] | None:
    facts = host.facts()
    told: list[dict[str, Any]] | None = facts["pbx_blocked_addresses"]
    assert facts["pbx_extension_summary"]["blocked_addresses"] == (None if told is None else len(told))
    return told


def test_facts_page_and_terminal_tell_which_address_is_blocked_until_it_is_not(
    fortress: Host, tmp_path: Path
) -> None:
    host = fortress
    office = phones_addresses()[6]
    # Two phones behind one address; that of 1002 has a wrong password, in its URI too.
    right, wrong = [{"number": "1001", "password": "correct-horse-1"}], {"number": "1002:hunter22"}
    assert register(host, office, right)[0] == [200]
    assert blocked(host) == []
    assert "Blocked addresses" not in status(host, tmp_path)[0]
    register(host, office, [{**wrong, "username": "1002"}] * (MOST + 5))
    assert soon(lambda: shut_out(host) == {office})

    facts = host.facts()
    (told,) = facts["pbx_blocked_addresses"]
    since, until = (time.strptime(told[each], "%Y-%m-%dT%H:%M:%SZ") for each in ("since", "until"))
    assert calendar.timegm(until) - calendar.timegm(since) == 3600
    assert abs(calendar.timegm(since) - float(host.shell("date +%s"))) < 60
    assert told.pop("failures") >= MOST
    assert told == {
        "address": office,
        "tried": ["1002"],
        "registered": ["1001"],
        "jail": JAIL,
        **{each: told[each] for each in ("since", "until")},
    }
    # The lines of the log that fail2ban keeps stay on the host.
    assert not re.search("hunter22|callid|authenticate", json.dumps(facts))
    said, _page = status(host, tmp_path)
    assert f"{host.name}: {office} is blocked, so these phones do not reach the host (1): 1001" in said
    assert re.search(
        rf"^  {host.name}  {office}  since .*Z  until .*Z  tried 1002  phones of 1001$", said, re.M
    )
    page = (tmp_path / "pbx-status.html").read_text(encoding="utf-8")
    (section,) = re.findall('<section class="blocked".*?</section>', page, re.DOTALL)
    assert all(each in section for each in (office, told["until"], "tried 1002", "phones of 1001"))

    # It stays blocked when fail2ban is started again, and is not blocked while it is stopped.
    host.shell(f"systemctl restart fail2ban; {UNTIL_IT_RUNS}")
    assert soon(lambda: shut_out(host) == {office})
    assert [one["address"] for one in blocked(host) or []] == [office]
    host.shell("systemctl stop fail2ban")
    assert register(host, office, right)[0] == [200]
    assert blocked(host) is None
    host.shell(f"systemctl start fail2ban; {UNTIL_IT_RUNS}")
    assert soon(lambda: shut_out(host) == {office})
    # Somebody has lifted it: the address is gone at once, from the database too.
    host.shell(f"fail2ban-client set {JAIL} unbanip {office}")
    assert blocked(host) == []
    assert "Blocked addresses" not in status(host, tmp_path)[0]
    # By hand, permanently and for a second.
    for seconds, address in ((-1, NOBODY), (1, "203.0.113.10")):
        host.shell(f"fail2ban-client set {JAIL} bantime {seconds}")
        host.shell(f"fail2ban-client set {JAIL} banip {address}")
    host.shell(f"fail2ban-client set {JAIL} bantime 3600")

    def only_the_first() -> bool:
        return [(one["address"], one["until"], one["failures"]) for one in blocked(host) or []] == [
            (NOBODY, None, 0)
        ]

    assert soon(only_the_first), blocked(host)
    host.shell(f"fail2ban-client set {JAIL} unbanip {NOBODY}")
    assert blocked(host) == []


FEIGNED_EVENT = (
    f'x",LocalAddress="IPV4/UDP/{NOBODY}/5060",RemoteAddress="IPV4/UDP/{NOBODY}/5060",Challenge="c",'
    'Response="r",ExpectedResponse=""'
)
FEIGNED_LINE = f"' failed for '{NOBODY}:5060' (callid: a) - Failed to authenticate"
#: What a guesser may send, and whether the guess counts.
HOSTILE = {
    "nothing special": ({}, True),
    "an apostrophe in the name": ({"display": '"O\'Brien" '}, True),
    "a Call-ID with what another log would say": ({"call_id": FEIGNED_EVENT}, True),
    "a response with that": ({"response": FEIGNED_EVENT.replace('"', '\\"')}, True),
    "a Call-ID that is not UTF-8": ({"call_id": "\xff\xfe"}, True),
    "a Call-ID without end": ({"call_id": "a" * 3000}, True),
    "a name of several lines' worth": ({"display": f'"{"a" * 480}" '}, True),
    "a name with a line of the log in it": ({"display": f'"{FEIGNED_LINE}" '}, False),
    "a Call-ID with a line of the log in it": ({"call_id": f"b{FEIGNED_LINE}"}, False),
    "both": ({"display": f'"{FEIGNED_LINE}" ', "call_id": FEIGNED_LINE}, False),
    "a name too long for the log": ({"display": f'"{"a" * 300}{FEIGNED_LINE}{"a" * 300}" '}, None),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_nobody_can_have_another_address_shut_out(fortress: Host, case: str) -> None:
    host = fortress
    given, counts = HOSTILE[case]
    at = phones_addresses()[4]
    mark = host.shell(f"stat -c %s {LOG}").strip()
    assert register(host, at, [{"number": "1001", **given}] * 2)[0] == [401, 401]
    # Some of it may be in the memory still that the next line is written in.
    register(host, at, [{"number": "1001", "password": "correct-horse-1"}])
    read = host.shell(
        f"tail -c +$(({mark} + 1)) {LOG} > /tmp/new.log;"
        f" fail2ban-regex -v --encoding iso-8859-1 /tmp/new.log {JAIL} | grep -a '^| .*[0-9]  [A-Z]' || true"
    )
    found = [line.split()[1] for line in read.splitlines()]
    assert set(found) <= {at}, host.shell("cat /tmp/new.log")
    if counts is not None:
        assert len(found) == (2 if counts else 0), host.shell("cat /tmp/new.log")
    host.shell(f"fail2ban-client set {JAIL} unbanip {at}")


# --- the firewall ----------------------------------------------------------------------------

LISTEN = """
import socket, sys, time
sockets = []
for port in map(int, sys.argv[1:]):
    each = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    each.bind(("0.0.0.0", port))
    each.settimeout(0.2)
    sockets.append(each)
give_up = time.monotonic() + 6
print("ready", flush=True)
while time.monotonic() < give_up:
    for each in sockets:
        try:
            data, address = each.recvfrom(100)
            each.sendto(data, address)
        except OSError:
            pass
"""

ECHO = """
import json, socket, sys
heard = []
for port in map(int, sys.argv[2:]):
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.settimeout(0.5)
    for _try in range(4):
        asking.sendto(b"hello", (sys.argv[1], port))
        try:
            asking.recv(100)
        except OSError:
            continue
        heard.append(port)
        break
print(json.dumps(heard))
"""


def test_the_firewall_closes_what_nobody_declared_and_lets_in_who_is_named(fortress: Host) -> None:
    host = fortress
    # 20500 is for sound now, 40001 and 40015 are allowed, 40002 is like the ports with which Asterisk asks
    # the name server, and 3000 has nothing to do with telephones.
    ports = ["20500", "40001", "40015", "40002", "3000"]
    with ThreadPoolExecutor() as others:
        listening = others.submit(host.python, LISTEN, *ports)
        time.sleep(1)
        run = command(*where_phones_are(), "python3", "-c", ECHO, host.address, *ports)
        listening.result()
    assert json.loads(run.stdout) == [20500, 40001, 40015, 3000]
    answering = scanned(host, phones_addresses()[5])
    assert answering == {"tcp": [22], "udp": [5060]}
    # This machine is in none of the networks: it gets no answer from Asterisk, and it is Ansible's way in.
    here = network(host, "1")
    assert register(host, here, [{"number": "1001"}] * 3, way=())[0] == [0, 0, 0]
    assert host.shell("echo here").strip() == "here"


def test_the_firewall_leaves_other_tables_alone_and_comes_back_with_the_host(fortress: Host) -> None:
    host = fortress
    # Without what its rules have counted.
    table = "nft --stateless list table inet voiceops_pbx"
    host.shell("nft add table inet somebody_elses; nft add chain inet somebody_elses kept")
    try:
        ours = host.shell(table)
        host.shell("systemctl reload voiceops-firewall")
        assert host.shell(table) == ours
        host.shell("systemctl stop voiceops-firewall")
        assert "voiceops_pbx" not in host.shell("nft list tables")
        host.shell("systemctl start voiceops-firewall")
        assert host.shell(table) == ours
        assert "somebody_elses" in host.shell("nft list tables")
    finally:
        host.shell("nft delete table inet somebody_elses")
    assert host.shell("systemctl is-enabled voiceops-firewall fail2ban").split() == ["enabled"] * 2


def test_a_program_that_the_firewall_would_cut_off_is_named_first(fortress: Host, tmp_path: Path) -> None:
    host = fortress
    host.shell(
        "systemd-run --quiet --unit=tunnel python3 -c"
        " 'import socket, time; s = socket.socket(2, 2); s.bind((\"0.0.0.0\", 51820)); time.sleep(120)'"
    )
    try:
        refused = site([host], tmp_path, hardened(host))
    finally:
        host.shell("systemctl stop tunnel")
    assert refused.recap(host.name)["failed"] == 1, refused.text
    assert refused.recap(host.name)["changed"] == 0, refused.text
    assert "51820/udp by users:" in refused.text


def test_a_second_run_changes_nothing_but_what_somebody_took_away(fortress: Host, tmp_path: Path) -> None:
    host = fortress
    host.shell("nft delete table inet voiceops_pbx")
    again = site([host], tmp_path, hardened(host))
    assert again.status == 0, again.text[-5000:]
    assert again.recap(host.name)["changed"] == 1, again.text
    assert "voiceops_pbx" in host.shell("nft list tables")


# --- the unit --------------------------------------------------------------------------------


def process(host: Host) -> str:
    return host.shell("systemctl show -p MainPID --value asterisk").strip()


def test_asterisk_sees_and_writes_what_it_needs_and_no_more(fortress: Host) -> None:
    host = fortress
    pid = process(host)
    as_asterisk = f"nsenter -t {pid} -m -- setpriv --reuid asterisk --regid asterisk --clear-groups sh -c"
    for place in ("/etc/asterisk", "/var/lib/voiceops", "/usr/lib", "/home", "/root", "/opt"):
        assert host.shell(f"{as_asterisk} 'touch {place}/x 2>/dev/null && echo written || true'") == "", place
    for place in (RECORDINGS, "/var/log/asterisk", "/run/asterisk", "/tmp"):  # noqa: S108
        assert host.shell(f"{as_asterisk} 'touch {place}/x && rm {place}/x && echo written'").strip() == (
            "written"
        ), place
    (limits,) = re.findall(r"Max open files\s+(\d+)", host.shell(f"cat /proc/{pid}/limits"))
    # As many as asked for, or as the lab's host may give.
    assert int(limits) == min(4096 + 500 + 16 * 250, int(host.shell("ulimit -Hn")))


def test_what_is_mounted_for_recordings_later_is_seen_by_a_running_asterisk(fortress: Host) -> None:
    host = fortress
    looks = f"nsenter -t {process(host)} -m -- findmnt -n -o FSTYPE --mountpoint {RECORDINGS} || true"
    assert host.shell(looks).strip() == ""
    host.shell(f"mount -t tmpfs none {RECORDINGS}")
    try:
        assert set(host.shell(looks).split()) == {"tmpfs"}
        host.shell(f"nsenter -t {process(host)} -m -- touch {RECORDINGS}/x; test -e {RECORDINGS}/x")
    finally:
        host.shell(f"umount {RECORDINGS}")
    assert host.shell(looks).strip() == ""


def test_asterisk_comes_back_however_often_it_dies(fortress: Host) -> None:
    host = fortress
    for _time in range(6):
        pid = process(host)
        host.shell(f"kill -SEGV {pid}")
        assert soon(lambda: process(host) not in (pid, "0"))  # noqa: B023 - it is asked at once
        # A process that has only just begun has no console yet.
        host.shell("timeout 30 sh -c 'until asterisk -rx \"core waitfullybooted\"; do sleep 0.2; done'")
    assert host.shell("systemctl is-active asterisk").strip() == "active"
    # Its memory, with every digest in it, stays nowhere.
    assert host.shell("find / -xdev -name 'core*' -user asterisk -type f") == ""


# --- the logs --------------------------------------------------------------------------------


def test_a_warning_is_in_the_log_and_once_in_the_journal(fortress: Host) -> None:
    host = fortress

    def told() -> list[str]:
        shown = host.shell("journalctl -u asterisk -o cat -a --no-pager")
        return [line for line in shown.splitlines() if "Error loading module 'res_nobody_has" in line]

    before, in_log = (
        len(told()),
        int(host.shell(f'grep -c "Error loading module \'res_nobody_has" {LOG} || true')),
    )
    host.shell("asterisk -rx 'module load res_nobody_has.so' || true")
    assert soon(lambda: len(told()) > before)
    time.sleep(1)
    (line,) = told()[before:]
    assert re.match("(WARNING|ERROR)", line)
    assert "\x1b" not in line
    assert int(host.shell(f'grep -c "Error loading module \'res_nobody_has" {LOG}')) == in_log + 1


def test_logs_rotate_and_everybody_goes_on_with_the_new_ones(fortress: Host) -> None:
    host = fortress
    at = phones_addresses()[6]
    # The name as the phone's owner writes it, and the hour as he counts it.
    register(host, at, [{"number": "1001", "display": '"Çağrı Şükrü" '.encode().decode("iso-8859-1")}])
    assert '"Çağrı Şükrü" <sip:1001@' in host.shell(f"tail -1 {LOG}")
    assert re.match(r"\[[\d-]+ [\d:.]+ \+0300\]", host.shell(f"tail -1 {LOG}"))
    host.shell(f"rm -f {LOG}-*; setpriv --reuid asterisk --regid asterisk --init-groups {ROTATE} --force")
    host.shell("logrotate --force /etc/logrotate.conf")
    before = counted(host)
    register(host, at, [{"number": "1001"}])
    assert soon(lambda: counted(host) == before + 1)
    logs = host.shell(
        "cd /var/log/asterisk && stat -c '%n %U %G %a' messages.log* security.log*"
    ).splitlines()
    assert {"messages.log asterisk asterisk 640", "security.log asterisk asterisk 640"} < set(logs)
    (rotated,) = (name for name in logs if name.startswith("messages.log-"))
    assert rotated.endswith(".gz asterisk asterisk 640")
    assert "Failed to authenticate" in host.shell(f"tail -1 {LOG}")
    assert host.shell("systemctl is-enabled voiceops-logs.timer").strip() == "enabled"


# --- what the manual says --------------------------------------------------------------------


def test_every_command_of_the_manual_works(fortress: Host) -> None:
    host = fortress
    register(host, phones_addresses()[7], [{"number": "1001"}])
    said = {line: host.shell(line) for line in manual.commands("docs/security.md")}
    assert "Banned IP list" in said[f"fail2ban-client status {JAIL}"]
    assert "Started" in said["journalctl -u asterisk --no-pager"]
    (exposure,) = re.findall(
        r"exposure level for asterisk.service: ([\d.]+)", said["systemd-analyze security --no-pager asterisk"]
    )
    assert float(exposure) < 3
    assert "table inet voiceops_pbx" in said["nft list table inet voiceops_pbx"]
