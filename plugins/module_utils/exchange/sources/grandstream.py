# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Grandstream UCM61xx and UCM6510: extensions, of firmware 1.0."""

from __future__ import annotations

import re

from ...definition.problem import quoted
from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source
from .freepbx import refuse_technology


def _language(row: RowReader, column: str) -> None:
    if re.match(r"[A-Za-z]{2}([_-][A-Za-z]{2})?\Z", row.text(column)):
        cells.language(row, column)
    elif row.text(column).lower() != "default":
        row.leave_out(column, f"{quoted(row.text(column))} is not a language such as tr")


SOURCE = Source(
    name="grandstream",
    number="extension",
    needed=frozenset(("extension", "technology", "sip/iax password")),
    columns={
        "callerid number": cells.inside_caller,
        "sip/iax password": cells.password,
        "authid": cells.user_name,
        "ring timeout": cells.seconds("ring_timeout", zero_is_none=True),
        "auto record": cells.recording(("yes", "all"), ("external", "internal")),
        "permission": cells.mapped("outbound_profile", "profiles"),
        "disable this extension": cells.flag("enabled", inverted=True),
        "email address": cells.email,
        "language": _language,
        "call forward unconditional": cells.told("here calls are forwarded only where nobody answers"),
    },
    several=(
        Several(("first name", "last name"), cells.full_name("first name", "last name")),
        Several(
            ("call forward no answer", "call forward busy"),
            cells.forwarded("call forward no answer", "call forward busy"),
        ),
    ),
    no_word=(
        NoWord("there is no voicemail", ("enable voicemail",)),
        NoWord("there is no voicemail", ("voicemail password",), by_value=False),
        NoWord(
            "the password of a user, not of a phone", ("user password", "dial trunk password"), by_value=False
        ),
        NoWord("the port decides whether media is encrypted", ("srtp",)),
        NoWord("codecs are the same for all phones", ("codec preference",)),
        NoWord("an extension does not ring a number outside too", ("ring simultaneously", "external number")),
        NoWord(
            "any network may register here, see the firewall",
            ("strategy", "specific ip address", *(f"local subnet {n}" for n in range(1, 11))),
            unused=("allow all",),
        ),
    ),
    settings=frozenset(
        (
            *("skip voicemail password verification", "fax mode", "skip trunk auth", "nat", "can reinvite"),
            *("dtmf mode", "insecure", "enable keep-alive", "keep-alive frequency", "tel uri"),
            *("support hot-desking mode", "cfu time condition", "cfn time condition", "cfb time condition"),
            *("music on hold", "cc agent policy", "cc monitor policy", "ccbs available timer"),
            *("ccnr available timer", "cc offer timer", "cc max agents", "cc max monitors"),
            *("time condition for ring simultaneously", "enable ldap"),
        )
    ),
    secrets=frozenset(("sip/iax password", "voicemail password", "user password", "dial trunk password")),
    refuse_row=refuse_technology("technology"),
)
