# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FusionPBX: extensions (app/extensions/extension_download.php), the columns that somebody has ticked."""

from __future__ import annotations

from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source

_FORWARDS = tuple(f"forward_{when}" for when in ("no_answer", "user_not_registered", "busy"))


def _name(row: RowReader) -> None:
    if row.text("effective_caller_id_name"):
        row.give("name", cells.one_line(row, "effective_caller_id_name"), "effective_caller_id_name")
    else:
        cells.full_name("directory_first_name", "directory_last_name")(row)


def _forwarded(row: RowReader) -> None:
    """Take the forwards that are switched on; one for all calls is another thing."""
    enabled = [kind for kind in _FORWARDS if cells.truth(row.text(f"{kind}_enabled"))]
    cells.forwarded(*(f"{kind}_destination" for kind in enabled))(row)
    if cells.truth(row.text("forward_all_enabled")):
        row.leave_out(
            "forward_all_destination", "forwards all calls: here they are only where nobody answers"
        )


SOURCE = Source(
    name="fusionpbx",
    number="extension",
    needed=frozenset(("extension",)),
    columns={
        "password": cells.password,
        "outbound_caller_id_number": cells.caller,
        "effective_caller_id_number": cells.inside_caller,
        "call_timeout": cells.seconds("ring_timeout", zero_is_none=True),
        "call_group": cells.groups(","),
        "toll_allow": cells.mapped("outbound_profile", "profiles"),
        "user_record": cells.recording(("all",), ("inbound", "outbound", "local")),
        "enabled": cells.flag("enabled"),
        "accountcode": cells.label("accountcode"),
        "description": cells.label("description"),
    },
    several=(
        Several(("effective_caller_id_name", "directory_first_name", "directory_last_name"), _name),
        Several(
            tuple(
                f"{kind}_{what}"
                for kind in (*_FORWARDS, "forward_all")
                for what in ("destination", "enabled")
            ),
            _forwarded,
        ),
    ),
    no_word=(
        NoWord("another number of the same phone: an extension of its own that forwards", ("number_alias",)),
        NoWord("the caller's number in emergencies is that of the trunk", ("emergency_caller_id_number",)),
        NoWord("calls are limited by max_calls, which counts those placed", ("limit_max",)),
        NoWord("phones handle this themselves", ("do_not_disturb", "call_screen_enabled")),
        NoWord("any network may register here, see the firewall", ("auth_acl", "cidr")),
        NoWord("a host is one site; where this is several, split the file", ("user_context",)),
        NoWord("the host decides where calls go", ("dial_string",), by_value=False),
    ),
    settings=frozenset(
        """extension_uuid domain_uuid outbound_caller_id_name emergency_caller_id_name directory_visible
        directory_exten_visible limit_destination missed_call_app missed_call_data hold_music
        sip_force_contact
        nibble_account sip_force_expires mwi_account sip_bypass_media unique_id dial_user dial_domain
        follow_me_uuid absolute_codec_string""".split()
    ),
    secrets=frozenset(("password", "dial_string")),
    escapes=True,
)
