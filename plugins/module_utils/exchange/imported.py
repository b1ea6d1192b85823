# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a reader has understood of another system's file, whatever its format.

No text in it but ``credentials`` may hold a secret: remarks and problems are shown to a person.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..definition.problem import Problem


class Remark(t.NamedTuple):
    """One thing worth telling of a value that was read, and where it stands."""

    #: As a person finds it: ``row 17, column ringtimer``, or ``pjsip.conf:120, [1001]``.
    place: str
    message: str


@dataclass(frozen=True)
class ImportedExtension:
    """One extension in the words of an inventory."""

    #: Where it stands in the source.
    place: str
    #: The options of ``pbx_extensions`` that the source gives, ``number`` among them, without credentials.
    options: t.Mapping[str, t.Any]
    #: ``password``, or ``password_digest`` (32 hexadecimal digits), or nothing.
    credentials: t.Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class ImportedTrunk:
    """One line to the outside world in the words of an inventory."""

    place: str
    #: The options of ``pbx_trunks`` that the source gives, ``name`` among them, without the password.
    options: t.Mapping[str, t.Any]
    credentials: t.Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Imported:
    """All that was read of one source."""

    extensions: tuple[ImportedExtension, ...] = ()
    trunks: tuple[ImportedTrunk, ...] = ()
    #: The names of groups that the extensions name, in the order in which they came.
    groups: tuple[str, ...] = ()
    #: What was taken differently from how it is written, and why.
    changed: tuple[Remark, ...] = ()
    #: What this collection has no option for.
    not_carried: tuple[Remark, ...] = ()
    #: What is wrong with the source; with any of it nothing is to be written.
    problems: tuple[Problem, ...] = ()
    #: What is taken as it is, and what somebody has to check before a phone registers: weak passwords, none.
    attention: tuple[Remark, ...] = ()
