# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The inventory of a large fleet, as people write it: YAML, passwords in vaults, and planted mistakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ansible.constants import DEFAULT_VAULT_ID_MATCH
from ansible.parsing.vault import VaultLib, VaultSecret

SITES = 500
EXTENSIONS = 200
PASSWORD = "the-password-of-the-vaults"

EVERYWHERE = {
    "pbx_purge": True,
    "pbx_numbers_unique": "fleet",
    "pbx_emergency_numbers": ["112"],
    "pbx_extension_groups": [{"name": "Sales"}, {"name": "Stock"}],
    "pbx_trunks": [{"name": "Telco", "host": "sip.example.net"}],
    "pbx_outbound_profiles": [{"name": "National", "rules": [{"pattern": "0X.", "trunks": ["Telco"]}]}],
    "pbx_extension_defaults": {"outbound_profile": "National", "language": "tr"},
}

#: The variables of a site and its passwords.
Site = tuple[dict[str, Any], dict[str, str]]


class Planted(NamedTuple):
    """A mistake: at which site, how it gets there, and what has to be said of it."""

    site: int
    plant: Callable[[dict[str, Any], dict[str, str]], None]
    said: str


def host(site: int) -> str:
    return f"pbx-{site:03}"


def number(site: int, index: int) -> str:
    return f"1{site:03}{index:03}"


def extension(index: int, **options: Any) -> Callable[[dict[str, Any], dict[str, str]], None]:
    """Return what gives one extension of a site other options."""

    def plant(variables: dict[str, Any], _passwords: dict[str, str]) -> None:
        variables["pbx_extensions"][index].update(options)

    return plant


def _weak(_variables: dict[str, Any], passwords: dict[str, str]) -> None:
    passwords[number(144, 9)] = "1234567"


def _misspelt(variables: dict[str, Any], _passwords: dict[str, str]) -> None:
    variables["pbx_extension_group"] = [{"name": "Sales"}]


class Unquoted(int):
    """A number that is written with a zero before it."""


_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_DUMPER.add_representer(
    Unquoted, lambda dumper, value: dumper.represent_scalar("tag:yaml.org,2002:int", f"0{int(value)}")
)

MISTAKES = [
    Planted(7, extension(3, ring_timeout=900), "pbx_extensions[3].ring_timeout (1007003"),
    Planted(31, extension(50, grups=["Sales"]), "has no option 'grups'"),
    Planted(58, extension(199, outbound_caller_id=Unquoted(212)), "put it in quotes: 0212"),
    Planted(101, extension(0, groups=["Sale"]), "'Sale' does not exist in the inventory"),
    Planted(144, _weak, "is shorter than 8 characters"),
    Planted(203, extension(17, number="2203017"), "2203017 is outside the numbers of this site"),
    Planted(260, _misspelt, "did you mean pbx_extension_groups?"),
    Planted(333, extension(8, forward_to="1333999"), "there is no extension 1333999"),
    Planted(377, extension(5, number=number(377, 4)), "1377004 is also given by pbx_extensions[4]"),
    Planted(420, extension(120, number=number(421, 1)), "1421001 is also an extension of pbx-421"),
]


def write(folder: Path) -> None:
    """Write the inventory of the fleet into a folder."""
    vault = VaultLib([(DEFAULT_VAULT_ID_MATCH, VaultSecret(PASSWORD.encode()))])
    hosts = {host(site): {} for site in range(SITES)}
    _dump(folder / "hosts.yml", {"pbx": {"hosts": hosts}})
    _dump(folder / "group_vars" / "pbx" / "all.yml", EVERYWHERE)
    for site in range(SITES):
        variables, passwords = _site(site)
        for mistake in MISTAKES:
            if mistake.site == site:
                mistake.plant(variables, passwords)
        _dump(folder / "host_vars" / host(site) / "extensions.yml", variables)
        secret = yaml.safe_dump({"vault_pbx_passwords": passwords})
        (folder / "host_vars" / host(site) / "vault.yml").write_bytes(vault.encrypt(secret))


def _site(site: int) -> Site:
    extensions = [
        {
            "number": number(site, index),
            "name": f"Person {site} {index}",
            "password": f"{{{{ vault_pbx_passwords['{number(site, index)}'] }}}}",
            "groups": ["Sales", "Stock"][: 1 + index % 2],
        }
        for index in range(EXTENSIONS)
    ]
    ranges = [f"{number(site, 0)}-{number(site, 999)}"]
    if site == 420:
        ranges.append(number(421, 1))
    passwords = {number(site, index): f"correct-horse-{index}-of-{site}" for index in range(EXTENSIONS)}
    passwords |= {number(421, 1): "correct-horse-421"} if site == 421 else {}
    return {"pbx_number_ranges": ranges, "pbx_extensions": extensions}, passwords


def _dump(file: Path, value: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(yaml.dump(value, Dumper=_DUMPER, allow_unicode=True), "utf-8")
