# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""With whom phones are registered in an Asterisk that somebody else has set up."""

from __future__ import annotations

import json

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import adoption

NOW = 1_000_000


class Asterisk:
    """What its console says."""

    def __init__(self, contacts=(), peers=(), calls="", runs=True):
        self._runs = runs
        self._says = {
            "database show registrar/contact": "\n".join([*contacts, f"{len(contacts)} results found."]),
            "database show SIP/Registry": "\n".join([*peers, f"{len(peers)} results found."]),
            "core show channels count": calls,
        }

    def running(self):
        return object() if self._runs else None

    def ask(self, command):
        return self._says[command]


def contact(aor, endpoint, expires=NOW + 60, **values):
    text = json.dumps({"endpoint": endpoint, "expiration_time": str(expires), **values})
    return f"/registrar/contact/{aor};@{'a' * 32}: {text}"


def test_phones_are_counted_by_whose_they_are():
    live = adoption.look(
        Asterisk(
            [
                contact("1001", "1001"),
                contact("front desk", "1001", prune_on_boot="yes"),
                contact("1002", "1002", expires=NOW),
                contact("1003", ""),
                contact("ayse", "ayse", user_agent='x"} /registrar/contact/1009;@b: {"'),
                "/registrar/contact/1005;@c: not JSON",
            ],
            ["/SIP/Registry/1004                : 192.0.2.1:5060:3600:1004:sip:1004@192.0.2.1"],
            "4 active channels\n2 active calls\n9 calls processed\n",
        ),
        NOW,
    )
    assert live == adoption.Live({"1001": 2, "1003": 1, "ayse": 1, "1004": 1}, ["1004"], ["1001"], 2)


def test_of_an_asterisk_that_is_stopped_nothing_is_known():
    assert adoption.look(Asterisk(runs=False), NOW) is None


def test_one_call_is_one():
    live = adoption.look(Asterisk(calls="2 active channels\n1 active call\n"), NOW)
    assert live is not None
    assert live.calls == 1
