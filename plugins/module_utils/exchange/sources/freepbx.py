# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""FreePBX 13 to 17, Bulk Handler, type Extensions (bulkhandler/Bulkhandler.class.php, core/Core.class.php).

The header is the union of the columns of all modules that are installed, in any order and any case.
"""

from __future__ import annotations

import re
import typing as t

from ...definition.problem import quoted
from ...definition.reading import alike
from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source

#: What each word of the recording settings means (callrecording); `Adhoc` and `dontcare` leave it to others.
RECORDING = {
    **dict.fromkeys(("force", "yes", "always", "enabled"), True),
    **dict.fromkeys(("no", "never", "disabled"), False),
    **dict.fromkeys(("dontcare", "adhoc", "ondemand"), None),
}
_RECORDINGS = tuple(f"recording_{way}_{side}" for side in ("external", "internal") for way in ("in", "out"))
_OLD_RECORDING = re.compile(r"(?:in|out)=(\w+)", re.IGNORECASE)
_DESTINATION = re.compile(r"(?:from-did-direct|ext-local),([0-9]+),1\Z|ext-findmefollow,FM([0-9]+),1\Z")
_ALLOW_ALL = frozenset(("0.0.0.0/0.0.0.0", "0.0.0.0/0", "::/0"))
_UNANSWERED = ("noanswer_dest", "busy_dest", "chanunavail_dest")
_FOLLOW_ME = tuple(
    f"findmefollow_{what}" for what in ("enabled", "grplist", "strategy", "postdest", "pre_ring", "grptime")
)
_BEFORE_13 = "a Bulk Extensions file of FreePBX before 13; export with the Bulk Handler of 13 or later"
_NO_PHONE = "virtual"
_PHONES = ("pjsip", "sip")


def refuse_technology(column: str) -> t.Callable[[RowReader], tuple[str, str] | None]:
    """Return what says why a row is not a SIP phone, by a column."""

    def refuse(row: RowReader) -> tuple[str, str] | None:
        technology = row.text(column).lower()
        if technology in (*_PHONES, _NO_PHONE, ""):
            return None
        return column, f"{quoted(technology)} is not a SIP phone"

    return refuse


def outside_context(row: RowReader, column: str) -> None:
    """Take a context other than the usual one by the user's map: it may be what says who may call where."""
    if row.text(column) != "from-internal":
        cells.mapped("outbound_profile", "profiles")(row, column)


def networks(row: RowReader, column: str) -> None:
    """Report a phone that may register from some networks only."""
    if not _ALLOW_ALL.issuperset(row.text(column).split("&")):
        row.leave_out(column, f"{quoted(row.text(column))}: any network may register here, see the firewall")


def outside_caller(row: RowReader, column: str) -> None:
    """Take the number that is shown outside."""
    if row.text(column).lower() == "hidden":
        row.leave_out(column, "hidden: nobody's number can be kept back here")
    else:
        cells.caller(row, column)


def _names(row: RowReader) -> None:
    for column in ("name", "description"):
        if row.text(column):
            row.give("name", cells.one_line(row, column), column)
            return
    caller = re.match(r'"?([^"<]+?)"?\s*<', row.text("callerid"))
    if caller:
        row.give("name", caller[1], "callerid")


def _secrets(row: RowReader) -> None:
    if row.text("tech").lower() == _NO_PHONE:
        return
    if row.text("md5_cred"):
        cells.digest(row, "md5_cred")
        if row.text("secret"):
            row.leave_out("secret", "left out, because phones register with the md5_cred where there is one")
    elif row.text("secret") == "REGEN":
        row.attend("secret", "asks FreePBX to make a password, so there is none to take")
    elif row.text("secret"):
        cells.password(row, "secret")


def _user_name(row: RowReader) -> None:
    if row.text("username"):
        cells.user_name(row, "username")
    for column, what in (("user", "user"), ("dial", "device")):
        value = row.text(column)
        own = row.text("extension")
        if value and re.sub(r".*/", "", value) != own and row.text("tech").lower() in _PHONES:
            row.leave_out(
                column, f"{quoted(value)}: the {what} of another number; this one gets a phone of its own"
            )


def _recorded(row: RowReader) -> None:
    if any(map(row.text, _RECORDINGS)):
        cells.recorded(row, _RECORDINGS, RECORDING)
        return
    words = _OLD_RECORDING.findall(row.text("recording"))
    meanings = [RECORDING.get(alike(word)) for word in words]
    if True in meanings:
        row.give("record", True, "recording")
        if not all(meanings):
            row.change("recording", "not all kinds of calls were recorded; all of them will be")
    elif meanings and set(meanings) == {False}:
        row.give("record", False, "recording")


def _phones(row: RowReader) -> None:
    given = cells.count(row.text("max_contacts"))
    if given == 0:
        row.change("max_contacts", "0 was made 1, as FreePBX does")
        given = 1
    if given != "":
        row.give("max_devices", given, "max_contacts")


def _forwarded(row: RowReader) -> None:
    """Take where a call goes that nobody answers, if that is one extension in all cases."""
    if row.text("findmefollow_enabled").lower() in ("yes", "enabled", "1"):
        target = row.text("findmefollow_grplist")
        row.leave_out(
            "findmefollow_grplist", f"find me, follow me to {quoted(target)}: forward_to is the nearest"
        )
    targets = {column: row.text(column) for column in _UNANSWERED if row.text(column)}
    found = {column: _DESTINATION.match(target) for column, target in targets.items()}
    numbers = {match[1] or match[2] for match in found.values() if match}
    if len(targets) == len(_UNANSWERED) and len(numbers) == 1 and all(found.values()):
        row.give("forward_to", numbers.pop(), "noanswer_dest")
        return
    for column, target in targets.items():
        row.leave_out(
            column, f"{quoted(target)}: forward_to takes one extension for busy, no answer and no phone"
        )


SOURCE = Source(
    name="freepbx",
    number="extension",
    needed=frozenset(("extension", "tech")),
    columns={
        "outboundcid": outside_caller,
        "cid_masquerade": cells.inside_caller,
        "ringtimer": cells.seconds("ring_timeout", zero_is_none=True),
        "transport": cells.mapped("connection_port", "transports"),
        "context": outside_context,
        "namedcallgroup": cells.groups(",", only_mapped=True),
        "namedpickupgroup": cells.groups(",", only_mapped=True),
        "voicemail_email": cells.email,
        "languages_language": cells.language,
        "accountcode": cells.label("accountcode"),
        "deny": networks,
        "permit": networks,
    },
    several=(
        Several(("name", "description", "callerid"), _names),
        Several(("secret", "md5_cred", "tech"), _secrets),
        Several(("username", "user", "dial"), _user_name),
        Several((*_RECORDINGS, "recording"), _recorded),
        Several(("max_contacts",), _phones),
        Several((*_UNANSWERED, *_FOLLOW_ME), _forwarded),
    ),
    no_word=(
        NoWord("a phone belongs to one extension here", ("devicetype",), unused=("fixed",)),
        NoWord("the caller's number in emergencies is that of the trunk", ("emergency_cid",)),
        NoWord("a recording is begun with the call, or not at all", ("recording_ondemand",)),
        NoWord(
            "calls are limited by max_calls, which counts those placed", ("concurrency_limit",), unused=("3",)
        ),
        NoWord("phones handle this themselves", ("callwaiting_enable", "answermode", "intercom")),
        NoWord("there is no voicemail", ("voicemail_enable", "voicemail"), unused=("novm", "default")),
        NoWord(
            "there is no voicemail",
            ("voicemail_vmpwd", "voicemail_pager", "voicemail_options"),
            by_value=False,
        ),
        NoWord("the port decides whether media is encrypted", ("media_encryption", "webrtc", "encryption")),
        NoWord("codecs are the same for all phones", ("disallow", "allow"), unused=("all",)),
        NoWord("the password of a user, not of a phone", ("password",), by_value=False),
    ),
    settings=frozenset(
        """id noanswer sipname hint_override cwtone recording_priority noanswer_cid busy_cid
        chanunavail_cid mohclass devicedata aggregate_mwi avpf device_state_busy_at dtmfmode force_rport
        icesupport mailbox match media_encryption_optimistic media_use_received_transport
        mwi_subscription outbound_proxy qualifyfreq rewrite_contact rtcp_mux rtp_symmetric
        send_connected_line sendrpid sipdriver timers trustrpid user_eq_phone bundle maximum_expiration
        rtp_timeout rtp_timeout_hold direct_media force_callerid max_audio_streams max_video_streams
        defaultuser remove_existing minimum_expiration timers_min_se message_context
        refer_blind_progress vmexten outbound_auth media_address canreinvite host type nat port qualify
        force_avp sessiontimers videosupport account voicemail_same_exten disable_star_voicemail
        vmx_unavail_enabled vmx_busy_enabled vmx_temp_enabled vmx_play_instructions vmx_option_0_number
        vmx_option_1_number vmx_option_2_number""".split()
        + [
            f"findmefollow_{what}"
            for what in """grppre annmsg_id dring needsconf remotealert_id toolate_id ringing voicemail
            calendar_id calendar_match changecid fixedcid""".split()
        ]
    ),
    secrets=frozenset(("secret", "md5_cred", "password", "voicemail_vmpwd")),
    refused={
        "action": _BEFORE_13,
        "devinfo_secret": _BEFORE_13,
    },
    refuse_row=refuse_technology("tech"),
    escapes=True,
)
