# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Records, addresses, layers, the inventory and what is read from apt."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from pathlib import Path

import pytest
from hostlab import base, inventory, mirror, ssh
from hostlab.errors import LabError
from hostlab.settings import FIRST_HOST, LAST_HOST, Settings
from hostlab.specs import HostSpec, parse_specs
from hostlab.state import State, layers_in_use, next_index, read_record


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    here = Settings(3, tmp_path / "cache", tmp_path / "state", tmp_path / "run")
    here.state.mkdir(parents=True)
    return here


def test_addresses_are_reused_as_late_as_possible() -> None:
    assert next_index(LAST_HOST, set()) == FIRST_HOST
    assert next_index(FIRST_HOST, set()) == FIRST_HOST + 1
    assert next_index(LAST_HOST - 1, {LAST_HOST, FIRST_HOST}) == FIRST_HOST + 1
    everything = set(range(FIRST_HOST, LAST_HOST + 1))
    assert next_index(20, everything - {20}) == 20
    with pytest.raises(LabError, match="full"):
        next_index(20, everything)


def test_records_survive_and_tell_what_stands_on_what(settings: Settings) -> None:
    state = State(settings)
    first = state.add(HostSpec("pbx-a", "forky", False), ["upper", "lower"])
    second = state.add(HostSpec("pbx-b", "bullseye", True), ["other"])
    assert state.records() == [first, second]
    assert (first.index, second.index) == (FIRST_HOST, FIRST_HOST + 1)
    assert not first.ready
    ready = state.mark_ready(first)
    assert ready.ready
    assert state.records()[0] == ready
    assert dataclasses.replace(ready, ready=False, since=first.since) == first
    assert layers_in_use(settings) == {
        "3/pbx-a": {settings.cache / "upper", settings.cache / "lower"},
        "3/pbx-b": {settings.cache / "other"},
    }
    # No supervisor has noted itself.
    assert not state.alive(ready)


def test_a_process_from_before_a_reboot_is_not_the_hosts(settings: Settings) -> None:
    state = State(settings)
    record = state.add(HostSpec("pbx-a", "forky", False), [])
    (state.folder("pbx-a") / "pid").write_text(Path("/proc/self/stat").read_text())
    assert state.alive(record)
    assert not state.alive(dataclasses.replace(record, boot_id="another"))


def record_text(name: str, index: int) -> str:
    return json.dumps(
        {
            "name": name,
            "release": "forky",
            "bare": False,
            "index": index,
            "layers": ["top", "bottom"],
            "boot_id": "x",
            "since": 1.0,
            "ready": True,
        }
    )


def test_inventory(settings: Settings) -> None:
    text = inventory.text(
        settings, [read_record(record_text("pbx-a", 11)), read_record(record_text("0", 12))]
    )
    assert text.startswith("---\npbx:\n  hosts:\n")
    assert '    "pbx-a":\n      ansible_host: "198.18.80.11"\n' in text
    assert '    "0":\n      ansible_host: "198.18.80.12"\n' in text
    assert "    ansible_user: root\n" in text
    assert f'    ansible_ssh_common_args: "-F {settings.ssh_config}"\n' in text


def test_inventory_of_no_host(settings: Settings) -> None:
    assert "  hosts: {}\n" in inventory.text(settings, [])


def test_ssh_trusts_the_hosts_by_their_keys_and_reads_nothing_of_the_users(settings: Settings) -> None:
    record = read_record(record_text("pbx-a", 11))
    key = settings.cache / "bottom" / ssh.HOST_KEY
    key.parent.mkdir(parents=True)
    key.write_text("ssh-ed25519 AAAA comment\n")
    ssh.write(settings, [record])
    assert settings.known_hosts.read_text() == "198.18.80.11 ssh-ed25519 AAAA\n"
    says = subprocess.run(
        ["ssh", "-F", settings.ssh_config, "-G", "pbx-a"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    for line in (
        *("hostname 198.18.80.11", "user root", f"identityfile {settings.private_key}", "identitiesonly yes"),
        *("stricthostkeychecking true", "globalknownhostsfile /dev/null"),
        f"userknownhostsfile {settings.known_hosts}",
    ):
        assert line in says


def test_ssh_passes_the_words_on(settings: Settings) -> None:
    argv = ssh.command(settings, "pbx-a", ["ls", "-l", "a b"])
    assert argv == ["ssh", "-F", str(settings.ssh_config), "pbx-a", "ls", "-l", "a b"]


def test_a_host_stands_on_its_layers() -> None:
    for release in ("forky", "bullseye"):
        for bare, kind in ((False, "asterisk"), (True, "packages")):
            top, bottom = base.stack(HostSpec("a", release, bare))
            assert (top.kind, bottom.kind) == (kind, "base")
            assert top.below[-1] == bottom
    assert len({layer.folder for r in ("forky", "bullseye") for layer in base.layers_of(r).values()}) == 8


def test_a_virtual_machine_is_bare_and_has_a_kernel() -> None:
    (machine,) = parse_specs(["a"], "forky", bare=False, virtual=True)
    assert (machine.kind, machine.bare) == ("virtual", True)
    assert [layer.kind for layer in base.stack(machine)] == ["kernel", "packages", "base"]
    (other,) = parse_specs(["a=bookworm"], "forky", bare=False, virtual=True)
    assert [layer.kind for layer in base.stack(other)] == ["kernel", "base"]


def test_only_what_is_needed_and_not_there_is_built_and_in_order(settings: Settings) -> None:
    def missing(*specs: HostSpec) -> list[str]:
        return [layer.kind for layer in base.missing(settings, "forky", specs)]

    bare, full = HostSpec("a", "forky", True), HostSpec("b", "forky", False)
    virtual = HostSpec("c", "forky", True, True)
    assert missing(bare) == ["base", "packages"]
    assert missing(full, bare) == ["base", "packages", "asterisk"]
    assert missing(virtual) == ["base", "packages", "kernel"]
    for layer in base.stack(bare):
        (settings.cache / layer.folder).mkdir(parents=True)
    assert missing(bare) == []
    assert missing(full, virtual) == ["asterisk", "kernel"]


def test_a_release_without_asterisk_is_its_base_alone_and_always_bare(settings: Settings) -> None:
    spec = HostSpec("a", "bookworm", True)
    (only,) = base.stack(spec)
    assert (only.kind, only.below) == ("base", ())
    assert base.missing(settings, "bookworm", [spec]) == [only]
    with pytest.raises(LabError, match=r"bookworm has no Asterisk: ask for a with --bare"):
        parse_specs(["a=bookworm"], "forky", bare=False)


def test_a_changed_recipe_is_another_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {kind: layer.folder for kind, layer in base.layers_of("forky").items()}
    monkeypatch.setitem(base.recipes.RECIPES, "packages", "true")
    after = {kind: layer.folder for kind, layer in base.layers_of("forky").items()}
    assert after["base"] == before["base"]
    # What is made over it changes with it.
    assert after["packages"] != before["packages"]
    assert after["asterisk"] != before["asterisk"]


def test_pruning_keeps_what_is_used(settings: Settings) -> None:
    current = base.layers_of("forky")["base"].folder
    for name in (current, "forky-base-0000000000", "forky-base-1111111111"):
        (settings.cache / name).mkdir(parents=True)
    base.prune(settings, {settings.cache / "forky-base-1111111111"})
    assert sorted(path.name for path in settings.cache.iterdir()) == sorted(
        [current, "forky-base-1111111111"]
    )


def test_no_disk_space_is_said_before_the_work(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "BYTES_A_RELEASE", 10**18)
    with pytest.raises(LabError, match="no disk space"):
        base.check_space(settings, 2)


def test_the_mirror_is_the_main_debian_archive() -> None:
    targets = """\
Debian-Security|main|Packages|http://archive.invalid/security/
Other|main|Packages|http://other.invalid/
Debian|contrib|Packages|http://archive.invalid/contrib/
Debian|main|Translations|http://archive.invalid/translations/
Debian|main|Packages|http://archive.invalid/debian/
"""
    assert mirror.pick(targets) == "http://archive.invalid/debian"
    assert mirror.pick("") is None


def test_apt_settings_that_a_host_inherits() -> None:
    dump = (
        'APT "";\nAcquire::http::Proxy "http://proxy.invalid:3128";\n'
        'Acquire::https::Proxy "";\nAcquire::Retries "3";\n'
    )
    settings = mirror.read_settings(dump)
    assert settings == {"Acquire::http::Proxy": "http://proxy.invalid:3128"}
    assert mirror.apt_conf(settings) == (
        'Acquire::Check-Valid-Until "false";\nAcquire::http::Proxy "http://proxy.invalid:3128";\n'
    )
