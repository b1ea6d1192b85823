# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the role knows of the connection ports that an inventory declares."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.voiceops.asterisk.plugins.filter.declared_ports import FilterModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.model import ConnectionPort
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.protocol import PORT_NUMBERS

declared_ports = FilterModule().filters()["declared_ports"]


def port(
    name: str = "LAN", protocol: str = "udp", address: str = "0.0.0.0", number: t.Any = 5060
) -> dict[str, t.Any]:
    return {"name": name, "protocol": protocol, "address": address, "port": number}


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ([], []),
        ([{"name": "LAN"}], [port()]),
        ([{"name": "LAN", "port": None, "protocol": None, "address": None}], [port()]),
        (
            [{"name": "LAN", "protocol": "tls", "port": 15061, "certificate": "/c"}],
            [port("LAN", "tls", number=15061)],
        ),
        ([{"name": "LAN", "port": "5070", "address": "::"}], [port(address="::", number="5070")]),
        ([{"name": "LAN", "state": "present"}, {"name": "old", "state": "absent"}], [port()]),
        # The module says what is wrong with these.
        ([{"name": "odd", "protocol": "smoke"}, {"name": "odd", "protocol": ["udp"]}, "LAN", None, 5060], []),
        (None, []),
        ("LAN", []),
        # As Ansible's own filters take one item for a list of one.
        ({"name": "LAN"}, [port()]),
    ],
    ids=repr,
)
def test_what_is_left_out_is_completed_and_what_is_no_port_is_left_out(written: t.Any, known: list[t.Any]):
    assert declared_ports(written) == known


@pytest.mark.parametrize("protocol", PORT_NUMBERS)
def test_what_is_left_out_is_what_the_model_takes(protocol: str):
    (found,) = declared_ports([{"name": "LAN", "protocol": protocol}])
    model = ConnectionPort("LAN", protocol, port=PORT_NUMBERS[protocol])
    assert found == port("LAN", protocol, model.address, model.port)
