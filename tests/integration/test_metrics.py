# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Asterisk shows its metrics to clients with the password and to nobody else, and all that docs/ asks for."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pages import monitoring
from phones.phone import Phone, where_phones_are

from .company import until
from .fleet import DIRECTORY, Host, Run, command, site
from .test_infrastructure import PROVIDER, TO_ITSELF, wait_for_registration
from .test_status import in_the_meantime, port

PASSWORD = "a-metrics-password-7919"
SWITCHED_ON = {**DIRECTORY, "pbx_metrics": True, "pbx_metrics_password": PASSWORD}
#: How long the conversation lasts that is looked at meanwhile, in seconds.
TALK = 4.0

READ = """
import base64, json, ssl, sys, urllib.error, urllib.request
context = ssl._create_unverified_context()
for url in sys.argv[2:]:
    request = urllib.request.Request(url)
    if sys.argv[1] != "-":
        request.add_header("Authorization", "Basic " + base64.b64encode(sys.argv[1].encode()).decode())
    try:
        answer = urllib.request.urlopen(request, timeout=10, context=context)
    except urllib.error.HTTPError as error:
        answer = error
    print(json.dumps([answer.status, dict(answer.headers), answer.read().decode()]))
"""


def read(host: Host, *urls: str, account: str = f"prometheus:{PASSWORD}") -> list[Any]:
    """Read from the host itself; return status, headers and text of each answer."""
    return [json.loads(line) for line in host.python(READ, account, *urls).splitlines()]


def scrape(host: Host) -> str:
    ((status, _headers, text),) = read(host, "http://127.0.0.1:9876/metrics")
    assert status == 200
    return str(text)


def listening(host: Host) -> set[str]:
    return set(host.shell("ss -H -lnt | awk '{print $4}'").split())


def started(host: Host) -> str:
    return host.shell("stat -c %Y /run/asterisk/asterisk.pid")


def tells_metrics(host: Host) -> bool:
    return bool(host.shell("find /usr/lib -path '*/asterisk/modules/res_prometheus.so'").strip())


@pytest.fixture(scope="module")
def switched_on(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Run]]:
    """The host, and what the run said that has switched metrics on under a running Asterisk."""
    if not tells_metrics(host):
        pytest.skip("this Asterisk cannot tell metrics")
    folder = tmp_path_factory.mktemp("metrics")
    before = started(host)
    run = site([host], folder, SWITCHED_ON, "-vvv", "--diff")
    assert run.status == 0, run.text[-5000:]
    assert started(host) == before
    yield host, run
    off = site([host], folder, DIRECTORY)
    assert off.status == 0, off.text[-5000:]
    assert started(host) == before
    assert not [each for each in listening(host) if each.endswith(":9876")]
    assert "Enabled: No" in host.shell("asterisk -rx 'prometheus show status'")


def test_a_host_that_cannot_tell_metrics_says_so_before_anything_is_changed(
    directory: Host, tmp_path: Path
) -> None:
    host = directory
    if tells_metrics(host):
        pytest.skip("this Asterisk can")
    refused = site([host], tmp_path, SWITCHED_ON)
    assert refused.recap(host.name)["failed"] == 1, refused.text
    assert refused.recap(host.name)["changed"] == 0, refused.text
    assert "without res_prometheus" in refused.text
    assert "Set pbx_metrics: false for this host" in " ".join(refused.text.split())


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"pbx_metrics_password": "a;comment-in-the-password"}, "at least 16 characters"),
        (
            {"pbx_connection_ports": [{"name": "Deneme", "protocol": "ws"}]},
            "has it: set them to 0.0.0.0 and 8088",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_changed(
    directory: Host, tmp_path: Path, given: dict[str, Any], message: str
) -> None:
    host = directory
    refused = site([host], tmp_path, {**SWITCHED_ON, **given})
    assert refused.recap(host.name)["failed"] == 1, refused.text
    assert refused.recap(host.name)["changed"] == 0, refused.text
    assert message in " ".join(refused.text.split())


def test_only_who_has_the_password_is_told_and_only_on_the_host_itself(switched_on: tuple[Host, Run]) -> None:
    host, _run = switched_on
    assert {"127.0.0.1:9876"} == {each for each in listening(host) if each.endswith(":9876")}
    outside = command(
        *where_phones_are(),
        *("python3", "-c", f"import socket; socket.create_connection(('{host.address}', 9876), 5)"),
    )
    assert "Connection refused" in outside.stderr
    metrics = [f"http://127.0.0.1:9876/{path}" for path in ("metrics", "METRICS", "metrics/x", "metrics?a=b")]
    for account in ("-", "prometheus:another-password-1", f"somebody:{PASSWORD}"):
        for status, headers, text in read(host, *metrics, account=account):
            assert (status, headers["Server"]) == (401, "Asterisk")
            assert "asterisk_" not in text
    others = ("", "httpstatus", "static/", "ari/asterisk/info", "phoneprov/", "amanager", "arawman", "media")
    answers = read(host, *(f"http://127.0.0.1:9876/{path}" for path in others))
    assert [status for status, _headers, _text in answers] == [404] * len(others)


def test_a_port_for_browsers_tells_them_too_and_only_for_the_password(switched_on: tuple[Host, Run]) -> None:
    host, _run = switched_on
    host.shell(
        "mkdir -p /etc/asterisk/keys-of-status && cd /etc/asterisk/keys-of-status && openssl req -x509"
        " -newkey rsa:2048 -nodes -keyout pbx.key -out pbx.pem -days 30 -subj /CN=x 2>/dev/null"
        " && chgrp asterisk pbx.key && chmod 640 pbx.key"
    )
    done = host.module("pbx_connection_port", **port("wss"))
    assert done["changed"], done
    try:
        url = f"https://{host.address}:8089/metrics"
        assert [read(host, url, account=each)[0][0] for each in ("-", f"prometheus:{PASSWORD}")] == [401, 200]
        assert scrape(host)
    finally:
        host.module("pbx_connection_port", name=port("wss")["name"], state="absent")
    assert scrape(host)


def test_asterisk_tells_all_that_dashboard_and_alert_rules_ask_for(switched_on: tuple[Host, Run]) -> None:
    host, run = switched_on
    host.module("pbx_extension", **PROVIDER)
    host.module("pbx_trunk", **TO_ITSELF)
    (trunk,) = set(re.findall(r"trunk-\d+", host.shell("cat /etc/asterisk/pjsip_trunks.conf")))
    try:
        host.shell(f"asterisk -rx 'pjsip send register {trunk}'; asterisk -rx 'pjsip qualify {trunk}'")
        wait_for_registration(host, "Registered")
        caller = Phone("1001", "correct-horse-1", host.address)
        callee = Phone("1002", "correct-horse-2", host.address)
        with callee.on_the_desk(), in_the_meantime(caller.call, "1002", TALK):
            until(lambda: "2 active channels" in host.shell("asterisk -rx 'core show channels count'"))
            text = scrape(host)
        line = re.findall(r"line=(\w+)", host.shell("asterisk -rx 'pjsip show contacts'"))
    finally:
        host.module("pbx_trunk", name=TO_ITSELF["name"], state="absent")
        host.module("pbx_extension", number=PROVIDER["number"], state="absent")

    told = monitoring.told(text)
    missing = [
        f"{question.place}: {metric}{sorted(labels)}"
        for question in monitoring.questions()
        for metric, labels in question.metrics.items()
        if metric not in monitoring.OF_PROMETHEUS
        and not any(labels - monitoring.ADDED <= set(sample) for sample, _value in told.get(metric, ()))
    ]
    assert missing == []

    # The values mean what docs/monitoring.md says that they mean.
    states = {labels["resource"]: value for labels, value in told["asterisk_endpoints_state"]}
    assert (states["1002"], states["1001"], states[trunk]) == (2, 1, 2)
    assert "1003" not in states  # nothing can register as it, so it is not an endpoint
    in_calls = {labels["resource"]: value for labels, value in told["asterisk_endpoints_channels_count"]}
    assert (in_calls["1001"], in_calls["1002"]) == (1, 1)
    assert [value for _labels, value in told["asterisk_calls_count"]] == [1]
    assert [value for _labels, value in told["asterisk_bridges_count"]] == [1]
    assert all(0 <= value < 60 for _labels, value in told["asterisk_channels_duration_seconds"])
    ((registration, status),) = told["asterisk_pjsip_outbound_registration_status"]
    assert (registration["username"], status) == ("sip:2900@127.0.0.1:5060", 1)
    assert [labels["version"][:3] for labels, _value in told["asterisk_core_properties"]] == ["22."]

    digests = [hashlib.md5(f"{n}:asterisk:{p}".encode()).hexdigest() for n, p in (("2900", "trunk-horse-8"),)]  # noqa: S324
    for secret in (PASSWORD, "correct-horse", "trunk-horse", *digests, *line):
        assert secret not in text
    assert PASSWORD not in run.text


def test_the_password_is_in_one_file_that_nobody_else_can_read(switched_on: tuple[Host, Run]) -> None:
    host, _run = switched_on
    where = host.shell(f"grep -rlF -- '{PASSWORD}' /etc /var /root /tmp /home /run /opt 2>/dev/null || true")
    assert where.split() == ["/etc/asterisk/prometheus.conf"]
    assert host.shell("stat -c '%U %G %a' /etc/asterisk/prometheus.conf").split() == [
        "root",
        "asterisk",
        "640",
    ]
    assert host.shell(f"journalctl --no-pager | grep -cF -e '{PASSWORD}' || true").strip() == "0"


def test_a_run_with_nothing_to_do_does_nothing_and_another_password_counts_at_once(
    switched_on: tuple[Host, Run], directory: Host, tmp_path: Path
) -> None:
    host, _run = switched_on
    before = started(host)
    again = site([host], tmp_path, SWITCHED_ON, "--check")
    assert again.recap(host.name)["changed"] == 0, again.text
    # A run that died between writing the password and having Asterisk read it.
    other = "another-metrics-password-1"
    host.shell(f"sed -i 's/{PASSWORD}/{other}/' /etc/asterisk/prometheus.conf")
    run = site([host], tmp_path, {**SWITCHED_ON, "pbx_metrics_password": other})
    assert run.recap(host.name)["changed"] == 1, run.text
    url = "http://127.0.0.1:9876/metrics"
    assert [read(host, url, account=f"prometheus:{each}")[0][0] for each in (PASSWORD, other)] == [401, 200]
    assert started(host) == before
