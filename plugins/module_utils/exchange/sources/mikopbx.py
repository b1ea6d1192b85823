# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""MikoPBX: employees (PBXCoreREST/Lib/Employees/ExportCSVAction.php), minimal, standard and full."""

from __future__ import annotations

from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source


def _email(row: RowReader, column: str) -> None:
    # What MikoPBX writes where there is none.
    if row.text(column) not in ("@", "_@_._"):
        cells.email(row, column)


SOURCE = Source(
    name="mikopbx",
    number="number",
    needed=frozenset(("number", "user_username")),
    columns={
        "user_username": cells.text("name"),
        "user_email": _email,
        "mobile_number": cells.label("mobile"),
        "sip_secret": cells.password,
        "sip_transport": cells.mapped("connection_port", "transports"),
        "sip_enablerecording": cells.flag("record"),
        "fwd_ringlength": cells.seconds("ring_timeout", zero_is_none=True),
    },
    several=(
        Several(
            ("fwd_forwarding", "fwd_forwardingonunavailable", "fwd_forwardingonbusy"),
            cells.forwarded("fwd_forwarding", "fwd_forwardingonunavailable", "fwd_forwardingonbusy"),
        ),
    ),
    no_word=(
        NoWord("an extension does not ring a mobile phone too", ("mobile_dialstring",)),
        NoWord("options of Asterisk's endpoint, by hand", ("sip_manualattributes",), by_value=False),
        NoWord("any network may register here, see the firewall", ("sip_networkfilterid",)),
    ),
    settings=frozenset(("sip_dtmfmode", "user_avatar")),
    secrets=frozenset(("sip_secret", "sip_manualattributes")),
)
