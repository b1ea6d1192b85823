# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Extensions and trunks out of sip.conf and users.conf, which chan_sip reads (gone in Asterisk 21).

A phone says the name of its section in From and proves itself by the same name (check_auth, chan_sip.c).
"""

from __future__ import annotations

import re
import typing as t

from ..definition.digest import REALM
from .asterisk_identity import Secret, caller, credentials, is_number, is_true, listed
from .asterisk_line import folded, shown
from .asterisk_text import Section
from .findings import Findings
from .imported import ImportedExtension, ImportedTrunk
from .pjsip_extensions import Surroundings
from .pjsip_objects import PjsipObject
from .pjsip_options import CODECS, codecs

#: Most options of [general] in users.conf, which each of its sections has.
GENERAL_MAX_OPTIONS = 200

_READ = frozenset(
    """
    type host secret md5secret remotesecret callerid fullname cid_number namedcallgroup language accountcode
    defaultuser username transport allow disallow hassip email port qualify
    """.split()
)
#: What phones here have anyway.
_SAME = {("directmedia", "no"), ("canreinvite", "no"), ("nat", "force_rport,comedia"), ("nat", "yes")}
#: Options whose values hold no secret by their nature.
_SHOWN = frozenset(
    """
    busylevel call-limit callgroup canreinvite context directmedia dtmfmode encryption hasiax hasvoicemail
    insecure namedpickupgroup nat pickupgroup rtptimeout subscribecontext trustrpid sendrpid videosupport
    callwaiting threewaycalling hasmanager registeriax registersip avpf icesupport
    """.split()
)
#: ``register => [peer?][transport://]user[:secret[:authuser]]@host[:port][/extension]``
_REGISTER = re.compile(
    r"(?:[^?@]*\?)?(?:[a-z]+://)?([^@:/]+)(?::[^@]*)?@([^:/@~]+)(?::([0-9]{1,5}))?(?:[/~].*)?\Z"
)


def read_sip(sections: t.Iterable[Section], around: Surroundings, findings: Findings) -> None:
    """Note the extensions and trunks of sip.conf."""
    peers = [PjsipObject("peer", each.name, str(each), each.options) for each in sections]
    general = [each for each in peers if folded(each.name) == "general"]
    realm = next((each.last("realm") for each in reversed(general) if each.last("realm")), REALM)
    registers = _registers(general, findings)
    for peer in peers:
        if folded(peer.name) in ("general", "authentication"):
            continue
        if not peer.last("type"):
            findings.not_carried(peer.place, "has no type, so Asterisk makes nothing of it")
        elif folded(peer.last("host")) == "dynamic":
            _read_phone(peer, realm, around, findings)
        elif peer.last("host"):
            _read_trunk(peer, registers, around, findings)
        else:
            findings.not_carried(peer.place, "names no host, so no phone can register as it")
    for host in registers:
        findings.not_carried(general[0].place, f"registers with {shown(host)}, which no section calls")


def read_users(sections: t.Iterable[Section], around: Surroundings, findings: Findings) -> None:
    """Note the extensions of users.conf: sections with ``hassip=yes``, for which [general] fills in."""
    users = [PjsipObject("user", each.name, str(each), each.options) for each in sections]
    general = next((each for each in users if folded(each.name) == "general"), None)
    if general and len(general.options) > GENERAL_MAX_OPTIONS:
        findings.problem(
            general.place, f"has more than {GENERAL_MAX_OPTIONS} options, which is more than is read here"
        )
        return
    for user in users:
        if user is general:
            continue
        # In this order, so that the last one counts.
        whole = PjsipObject(
            "user", user.name, user.place, (general.options if general else ()) + user.options
        )
        if not is_true(whole.last("hassip")):
            findings.not_carried(user.place, "has no hassip=yes, so no phone of SIP can register as it")
        elif folded(whole.last("host") or "dynamic") != "dynamic":
            findings.not_carried(user.place, "has a fixed host, so no extension is made of it")
        else:
            _read_phone(whole, REALM, around, findings)


def _read_phone(peer: PjsipObject, realm: str, around: Surroundings, findings: Findings) -> None:
    if not is_number(peer.name):
        findings.not_carried(
            peer.place,
            f"phones register as {shown(peer.name)!r}, which is not a number: a phone here says the number of"
            " its extension. Write an extension with a number for it, and set up the phone again",
        )
        return
    options: dict[str, t.Any] = {"number": peer.name}
    name, number = caller(peer.last("callerid"))
    name, number = peer.last("fullname") or name, peer.last("cid_number") or number
    if name:
        options["name"] = name
    if number and number != peer.name:
        findings.not_carried(
            peer.place, f"its calls show the number {shown(number)}: here they show {peer.name}"
        )
    for option in ("language", "email"):
        if peer.last(option):
            options[option] = peer.last(option)
    groups = listed(peer.last("namedcallgroup"))
    if groups:
        options["groups"] = list(dict.fromkeys(groups))
        findings.groups.update(dict.fromkeys(groups))
    if peer.last("accountcode"):
        options["labels"] = {"accountcode": peer.last("accountcode")}
    seconds = around.dialplan.ring_timeout(peer.name)
    if seconds is not None:
        options["ring_timeout"] = seconds
    _read_transport(peer, options, around, findings)
    _note_others(peer, findings)
    secret = Secret(peer.name, peer.last("secret"), peer.last("md5secret"), realm)
    taken = credentials(secret, peer.place, findings)
    findings.extensions.append(ImportedExtension(peer.place, options, taken))


def _read_transport(
    peer: PjsipObject, options: dict[str, t.Any], around: Surroundings, findings: Findings
) -> None:
    transports = [each.lower() for each in listed(peer.last("transport"))]
    ports = list(
        dict.fromkeys(around.connection_ports[each] for each in transports if each in around.connection_ports)
    )
    if len(ports) == 1 and len(transports) == 1:
        options["connection_port"] = ports[0]
    elif transports:
        findings.not_carried(
            peer.place, f"transport = {shown(','.join(transports))}: phones may come by any connection port"
        )


def _read_trunk(
    peer: PjsipObject, registers: dict[str, tuple[str, str]], around: Surroundings, findings: Findings
) -> None:
    host = peer.last("host")
    options: dict[str, t.Any] = {"name": peer.name, "host": host}
    username = peer.last("defaultuser") or peer.last("username") or peer.last("fromuser")
    if host.lower() in registers:
        user, port = registers.pop(host.lower())
        username = username or user
        options["register"] = True
        if port:
            options["port"] = int(port)
    if re.fullmatch("[0-9]{1,5}", peer.last("port")):
        options["port"] = int(peer.last("port"))
    if username:
        options["username"] = username
    spoken = [codec for codec in codecs(peer) if codec in CODECS]
    if spoken:
        options["codecs"] = spoken
    if peer.last("qualify"):
        options["qualify"] = folded(peer.last("qualify")) != "no"
    _read_transport(peer, options, around, findings)
    _note_others(peer, findings)
    password = peer.last("remotesecret") or peer.last("secret")
    if options.get("register") and not password:
        findings.not_carried(
            peer.place, "has no secret: the one of its line register => is to be written by hand"
        )
        del options["register"]
    findings.trunks.append(ImportedTrunk(peer.place, options, {"password": password} if password else {}))


def _registers(general: t.Iterable[PjsipObject], findings: Findings) -> dict[str, tuple[str, str]]:
    """Return user and port of each host that chan_sip registers with. The lines hold secrets."""
    found: dict[str, tuple[str, str]] = {}
    for section in general:
        for line in section.all("register"):
            parts = _REGISTER.match(line)
            if parts:
                found[parts[2].lower()] = (parts[1], parts[3] or "")
            else:
                findings.not_carried(section.place, "has a line register => that is not understood here")
    return found


def _note_others(peer: PjsipObject, findings: Findings) -> None:
    for option in {folded(each.name): each for each in peer.options}.values():
        name = folded(option.name)
        if name in _READ or (name, option.value.lower()) in _SAME or not option.value:
            continue
        value = f" = {shown(option.value)}" if name in _SHOWN else ""
        findings.not_carried(peer.place, f"{shown(name)}{value} is not carried")
