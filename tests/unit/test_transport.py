# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Connection ports as the text of Asterisk's transports."""

from __future__ import annotations

import configparser
import os
import stat

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils import transport
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import ConnectionPort
from hypothesis import given
from hypothesis import strategies as st

THREE_PORTS = """\
; Written by voiceops.asterisk.pbx_connection_port: changes made here are lost.
; The names of the ports are in the directory database.

[port-1]
type = transport
protocol = udp
bind = 0.0.0.0:5060

[port-2]
type = transport
protocol = tcp
bind = [2001:db8::1]:5061

[port-10]
type = transport
protocol = udp
bind = 192.168.1.10:5070
"""


def test_ports_are_written_in_the_order_of_their_identifiers():
    ports = [
        ConnectionPort("branch", "udp", "192.168.1.10", 5070, id=10),
        ConnectionPort("wan", "tcp", "2001:db8::1", 5061, id=2),
        ConnectionPort("desk", id=1),
    ]
    assert transport.render(ports) == THREE_PORTS
    assert transport.render(reversed(ports)) == THREE_PORTS


def test_without_ports_there_is_only_the_notice():
    assert transport.render([]) == THREE_PORTS.split("\n[", 1)[0]


@pytest.mark.parametrize("name", ["desk-phones", "]\n[evil]", "; #include /etc/passwd", "🏢"], ids=repr)
def test_a_name_never_appears(name):
    port = ConnectionPort(name, id=1)
    assert transport.render([port]) == transport.render([ConnectionPort("x", id=1)])


@given(
    ports=st.lists(
        st.builds(
            ConnectionPort,
            st.text(),
            st.sampled_from(["udp", "tcp"]),
            st.ip_addresses().map(str),
            st.integers(1, 65535),
            id=st.integers(1, 99),
        ),
        unique_by=lambda port: port.id,
    )
)
def test_every_port_is_one_section_with_what_it_listens_on(ports):
    text = configparser.ConfigParser(comment_prefixes=(";",), interpolation=None)
    text.read_string(transport.render(ports))
    found = {name: dict(text[name]) for name in text.sections()}
    assert found == {
        f"port-{port.id}": {
            "type": "transport",
            "protocol": port.protocol,
            "bind": f"[{port.address}]:{port.port}" if ":" in port.address else f"{port.address}:{port.port}",
        }
        for port in ports
    }


def test_a_file_that_is_not_there_has_no_text(tmp_path):
    assert transport.current(str(tmp_path / "ports.conf")) is None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(OSError, match="Is a directory"):
        transport.current(str(tmp_path))


@pytest.mark.parametrize("old", [None, "old text"], ids=["a new file", "an old file"])
def test_a_file_is_written_for_its_owner_and_group_alone(tmp_path, old):
    path = tmp_path / "ports.conf"
    if old is not None:
        path.write_text(old)
        path.chmod(0o666)
    transport.write(str(path), THREE_PORTS, os.getgid())
    assert transport.current(str(path)) == THREE_PORTS
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.stat().st_gid == os.getgid()
    assert os.listdir(tmp_path) == ["ports.conf"]


@pytest.mark.parametrize("step", ["replace", "fsync", "fchown", "fchmod"])
@pytest.mark.parametrize("raised", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=repr)
def test_a_failing_step_leaves_the_old_text_and_nothing_else(tmp_path, monkeypatch, step, raised):
    path = tmp_path / "ports.conf"
    path.write_text("old text")

    def fail(*_arguments):
        raise raised

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(type(raised)):
        transport.write(str(path), "new text", os.getgid())
    assert path.read_text() == "old text"
    assert os.listdir(tmp_path) == ["ports.conf"]


def test_a_reader_has_the_old_text_or_the_new_one(tmp_path):
    path = tmp_path / "ports.conf"
    path.write_text("old text")
    with open(path, encoding="utf-8") as opened_before:
        transport.write(str(path), "new text", os.getgid())
        assert opened_before.read() == "old text"
    assert path.read_text() == "new text"


def test_a_link_is_replaced_and_not_followed(tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("precious")
    path = tmp_path / "ports.conf"
    path.symlink_to(victim)
    transport.write(str(path), "new text", os.getgid())
    assert victim.read_text() == "precious"
    assert not path.is_symlink()


def test_a_folder_that_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        transport.write(str(tmp_path / "missing" / "ports.conf"), "new text", os.getgid())


def test_a_damaged_file_differs_from_what_is_wanted(tmp_path):
    (tmp_path / "p").write_bytes(b"; \xff")
    assert transport.current(str(tmp_path / "p")) not in {None, transport.render([])}
