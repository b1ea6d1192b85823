# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wazo: ``GET /users/export`` of confd (wazo_confd/database/user_export.py, COLUMNS)."""

from __future__ import annotations

import typing as t

from ...definition.problem import quoted
from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source

_RECORDINGS = tuple(
    f"call_record_{way}_{side}_enabled"
    for way in ("outgoing", "incoming")
    for side in ("external", "internal")
)


def _caller(row: RowReader, column: str) -> None:
    written = row.text(column).lower()
    if written == "anonymous":
        row.leave_out(column, "anonymous: nobody's number can be kept back here")
    elif written != "default":
        cells.caller(row, column)


def _permissions(row: RowReader, column: str) -> None:
    """Take permissions by the user's map: all of them together, as they are written, are one profile."""
    cells.mapped("outbound_profile", "profiles")(row, column)


def _recorded(row: RowReader) -> None:
    cells.recorded(row, _RECORDINGS, {"1": True, "0": False})


def _user_name(row: RowReader, column: str) -> None:
    cells.user_name(row, column)
    if row.text(column) != row.text("exten"):
        # Wazo names endpoint and AOR by it, so it is the user of From and To as well.
        row.attend(
            column,
            f"the phone of {row.text('exten')} registers as {quoted(row.text(column))}: its user becomes the"
            " number, and this stays what it authenticates with",
        )


def _two_lines(rows: t.Sequence[RowReader]) -> None:
    first: dict[str, RowReader] = {}
    for row in rows:
        person = row.text("uuid")
        other = first.setdefault(person, row)
        if person and other is not row:
            row.change(
                "uuid", f"the person of {other.place()} has a second line, which is an extension of its own"
            )


SOURCE = Source(
    name="wazo",
    number="exten",
    needed=frozenset(("exten", "firstname")),
    columns={
        "sip_username": _user_name,
        "sip_secret": cells.password,
        "ring_seconds": cells.seconds("ring_timeout"),
        "enabled": cells.flag("enabled"),
        "language": cells.language,
        "outgoing_caller_id": _caller,
        "call_permissions": _permissions,
        "email": cells.email,
        "mobile_phone_number": cells.label("mobile"),
        "userfield": cells.label("userfield"),
        "incall_exten": cells.told("belongs to inbound_numbers of a trunk"),
    },
    several=(
        Several(("firstname", "lastname"), cells.full_name("firstname", "lastname")),
        Several(_RECORDINGS, _recorded),
    ),
    no_word=(
        NoWord(
            "a host is one site; where this is several, split the file", ("context",), unused=("default",)
        ),
        NoWord("the port decides whether media is encrypted", ("line_protocol",), unused=("sip",)),
        NoWord("calls at a phone, which is not max_devices", ("simultaneous_calls",)),
        NoWord("there is no voicemail", ("voicemail_number",)),
        NoWord("there is no voicemail", ("voicemail_password", "call_permission_password"), by_value=False),
        NoWord("a login of the application, not of a phone", ("username", "password"), by_value=False),
    ),
    settings=frozenset(
        """uuid subscription_type supervision_enabled call_transfer_enabled dtmf_hangup_enabled
        provisioning_code
        online_call_record_enabled voicemail_name voicemail_context voicemail_email voicemail_attach_audio
        voicemail_delete_messages voicemail_ask_password incall_context incall_ring_seconds entity_id
        cti_profile_enabled cti_profile_name""".split()
    ),
    secrets=frozenset(("sip_secret", "voicemail_password", "call_permission_password", "password")),
    without_number="a user without a line, so there is no extension",
    look_over=_two_lines,
)
