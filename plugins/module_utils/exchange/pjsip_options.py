# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of the options of endpoints, aors and auths that this collection has no option for.

Only a value that cannot be a secret is told: of any other option the name alone.
"""

from __future__ import annotations

import typing as t

from .asterisk_identity import is_true, listed
from .asterisk_line import folded, shown
from .asterisk_sections import Option
from .findings import Findings
from .pjsip_objects import PjsipObject

#: What phones here have anyway (views.py, ps_endpoints and ps_aors), and what is read in other places.
_SAME = {
    ("direct_media", "no"),
    ("rtp_symmetric", "yes"),
    ("force_rport", "yes"),
    ("rewrite_contact", "yes"),
    ("timers", "no"),
    ("send_pai", "yes"),
    ("trust_id_inbound", "no"),
    ("disallow", "all"),
    ("remove_existing", "yes"),
    ("auth_type", "userpass"),
    ("auth_type", "md5"),
    ("auth_type", "digest"),
    ("webrtc", "no"),
    ("dtmf_mode", "rfc4733"),
}
_READ = frozenset(
    """
    type aors auth callerid named_call_group transport language accountcode max_contacts contact username
    password md5_cred password_digest realm allow disallow identify_by outbound_auth
    """.split()
)
#: Options whose values hold no secret by their nature.
_SHOWN = frozenset(
    """
    allow_subscribe allow_transfer aggregate_mwi auth_type bundle call_group connected_line_method context
    cos_audio cos_video default_expiration device_state_busy_at direct_media dtmf_mode force_rport from_domain
    ice_support inband_progress max_audio_streams max_video_streams maximum_expiration media_encryption
    media_use_received_transport message_context minimum_expiration moh_suggest
    mwi_subscribe_replaces_unsolicited named_pickup_group nonce_lifetime
    one_touch_recording pickup_group qualify_2xx_only qualify_frequency
    qualify_timeout remove_existing remove_unavailable rewrite_contact rtcp_mux rtp_ipv6 rtp_keepalive
    rtp_symmetric rtp_timeout rtp_timeout_hold send_connected_line send_diversion send_pai send_rpid
    subscribe_context supported_algorithms_uas support_path t38_udptl timers tone_zone tos_audio tos_video
    trust_connected_line trust_id_inbound trust_id_outbound use_avpf use_ptime user_eq_phone webrtc
    """.split()
)
#: What to say of an option in addition to that it is not carried.
_ADVICE = {
    "context": "callable_groups and outbound_profile say who may call whom and where",
    "mailboxes": "there is no voicemail",
    "webrtc": "it comes with a connection port of protocol ws or wss",
    "deny": "the extension may register from any address",
    "permit": "the extension may register from any address",
    "acl": "the extension may register from any address",
    "contact_acl": "the extension may register from any address",
    "remove_existing": "here a new phone takes the place of the one that registered first",
    "call_group": "write groups",
    "pickup_group": "an extension picks up calls of its groups",
    "named_pickup_group": "an extension picks up calls of its groups",
    "set_var": "the dialplan has no variables of one extension",
}
CODECS = ("g722", "alaw", "ulaw")


def not_carried(each: PjsipObject, findings: Findings, read: t.Collection[str] = ()) -> None:
    """Note the options of an object that have no option here; those in ``read`` have been read as well."""
    last = {folded(option.name): option for option in each.options}
    for name, option in last.items():
        if (
            name in _READ
            or name in read
            or name.startswith("@")
            or (name, _normal(option.value)) in _SAME
            or not option.value
        ):
            continue
        if name == "qualify_frequency" or (name == "named_pickup_group" and _same_groups(each)):
            continue
        findings.not_carried(each.place, _said(name, option))
    _note_codecs(each, findings)


def _normal(value: str) -> str:
    return "yes" if is_true(value) else value.lower()


def _same_groups(each: PjsipObject) -> bool:
    return set(listed(each.last("named_pickup_group"))) <= set(listed(each.last("named_call_group")))


def _said(name: str, option: Option) -> str:
    value = f" = {shown(option.value)}" if name in _SHOWN else ""
    advice = f": {_ADVICE[name]}" if name in _ADVICE else ""
    return f"{shown(name)}{value} is not carried{advice}"


def codecs(each: PjsipObject) -> list[str]:
    """Return the codecs of an endpoint in their order: ``allow`` and ``disallow`` count line by line."""
    found: dict[str, None] = {}
    for option in each.options:
        name = folded(option.name)
        if name not in ("allow", "disallow"):
            continue
        for word in listed(option.value.lower().replace("|", ",").replace("&", ",")):
            codec, allows = word.lstrip("!"), (name == "allow") != word.startswith("!")
            if codec == "all":
                found = dict.fromkeys(CODECS) if allows else {}
            elif allows:
                found[codec] = None
            else:
                found.pop(codec, None)
    return list(found)


def _note_codecs(each: PjsipObject, findings: Findings) -> None:
    for codec in (codec for codec in codecs(each) if codec not in CODECS):
        findings.not_carried(
            each.place, f"the codec {shown(codec)} is not carried: calls have {', '.join(CODECS)}"
        )
