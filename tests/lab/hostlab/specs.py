# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a person asks for on the command line: hosts of a release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import LabError

# Debian's releases that the lab knows, and the Asterisk each one carries.
RELEASES = {
    "forky": "Asterisk 22",
    "bullseye": "Asterisk 16",
    "bookworm": "no Asterisk",
    "trixie": "no Asterisk",
}
# Asterisk can only be built there, so they are always bare.
WITHOUT_ASTERISK = frozenset({"bookworm", "trixie"})
DEFAULT_RELEASE = "forky"
NAME_MAX = 40
# "phones" is the namespace of the SIP phones.
RESERVED = frozenset({"phones", "localhost"})


@dataclass(frozen=True)
class HostSpec:
    """One host as asked for; bare means without Asterisk, virtual with a kernel of its own, and bare."""

    name: str
    release: str
    bare: bool
    virtual: bool = False

    @property
    def kind(self) -> str:
        return "virtual" if self.virtual else "bare" if self.bare else "asterisk"


def check_name(name: str) -> str:
    if len(name) > NAME_MAX or not re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", name):
        raise LabError(
            f"{name!r} is not a host name: at most {NAME_MAX} of a-z, 0-9 and '-', no '-' at either end"
        )
    if name in RESERVED:
        raise LabError(f"{name!r} is a name that the lab itself uses: choose another")
    return name


def check_release(release: str) -> str:
    if release not in RELEASES:
        known = ", ".join(f"{name} ({what})" for name, what in RELEASES.items())
        raise LabError(f"unknown release {release!r}: the lab knows {known}")
    return release


def parse_specs(words: Sequence[str], release: str, bare: bool, virtual: bool = False) -> list[HostSpec]:
    """Reads NAME or NAME=RELEASE words; `release` is for names without their own."""
    check_release(release)
    specs: dict[str, HostSpec] = {}
    for word in words:
        name, equals, own = word.partition("=")
        spec = HostSpec(check_name(name), check_release(own) if equals else release, bare or virtual, virtual)
        if spec.release in WITHOUT_ASTERISK and not spec.bare:
            raise LabError(f"{spec.release} has no Asterisk: ask for {name} with --bare")
        if specs.setdefault(name, spec) != spec:
            raise LabError(f"{name} is asked for twice, with different releases")
    return list(specs.values())
