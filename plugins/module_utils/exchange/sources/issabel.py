# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Issabel and Elastix: Batch of Extensions (extensions_batch/libs/paloSantoExtensionsBatch.class.php).

Each cell is in quotation marks, and those within it are not doubled: such a row is refused.
"""

from __future__ import annotations

from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source
from .freepbx import RECORDING, networks, outside_caller, outside_context, refuse_technology

_RECORDINGS = tuple(
    f"record {way} {side}" for side in ("external", "internal") for way in ("incoming", "outgoing")
)
#: Those of Elastix.
_OLD_RECORDINGS = ("record incoming", "record outgoing")


def _recorded(row: RowReader) -> None:
    columns = _RECORDINGS if any(map(row.text, _RECORDINGS)) else _OLD_RECORDINGS
    cells.recorded(row, columns, RECORDING)


SOURCE = Source(
    name="issabel",
    number="user extension",
    needed=frozenset(("display name", "user extension", "secret", "tech")),
    columns={
        "display name": cells.text("name"),
        "secret": cells.password,
        "outbound cid": outside_caller,
        # Issabel finds it by LIKE %number%, so it may be that of another extension.
        "direct did": cells.told("if it is right, it belongs to inbound_numbers of a trunk"),
        "vm email address": cells.email,
        "context": outside_context,
        "callgroup": cells.groups(",", only_mapped=True),
        "pickupgroup": cells.groups(",", only_mapped=True),
        "deny": networks,
        "permit": networks,
        "max contacts": cells.whole("max_devices"),
        "accountcode": cells.label("accountcode"),
        "transport": cells.mapped("connection_port", "transports"),
    },
    several=(Several((*_RECORDINGS, *_OLD_RECORDINGS), _recorded),),
    no_word=(
        NoWord("phones handle this themselves", ("call waiting",)),
        NoWord("there is no voicemail", ("voicemail status",), unused=("disable",)),
        NoWord("there is no voicemail", ("voicemail password", "vm options"), by_value=False),
        NoWord(
            "a recording is begun with the call, or not at all", ("record on demand",), unused=("disabled",)
        ),
        NoWord("the port decides whether media is encrypted", ("media encryption",)),
        NoWord("codecs are the same for all phones", ("disallow", "allow"), unused=("all",)),
    ),
    settings=frozenset(
        (
            *(
                "vm pager email address",
                "vm email attachment",
                "vm play cid",
                "vm play envelope",
                "vm delete vmail",
            ),
            *(
                "record priority",
                "dtls certificate file",
                "dtls private key",
                "dtls certificate authority file",
            ),
            *("message context", "subscribe context", "allow subscribe", "nat", "qualify timeout"),
            *("authenticate qualify", "rtcp mux", "media use received transport", "direct media"),
        )
    ),
    secrets=frozenset(("secret", "voicemail password")),
    refuse_row=refuse_technology("tech"),
)
