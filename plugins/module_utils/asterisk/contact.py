# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the registration away from phones that have lost the right to it, and prepares for new ones.

A contact outlives its endpoint in Asterisk's own database: a number that is
created again would ring the phone of its former owner (res_pjsip/location.c).
"""

from __future__ import annotations

import json
import re
import time
import typing as t

from ..definition.model import Extension
from ..planning.plan import Plan
from . import ami, registration
from .console import Console

#: How many new numbers Asterisk is told of, and for how many seconds at most.
_EXPECTED, _EXPECTING_SECONDS = 10, 1.0

#: A line of `database show`: the key of a contact, and what it is, as JSON. The key is the name of an AOR
#: and, after ;@, a digest of the URI (location.c, ast_sip_location_create_contact).
_ENTRY = re.compile(r"/registrar/contact/(.+?) *: (\{.*\}) *")
#: The manager interface takes no longer line than 1,024 bytes (main/manager.c, inbuf).
_VALUE_MAX = 900
#: For how many seconds a phone may take until it registers again (ps_aors, maximum_expiration).
REGISTERS_WITHIN = 3600
#: The same where somebody else has set Asterisk up: a contact in its database is trusted no longer than that.
_REGISTERS_ELSEWHERE_WITHIN = 24 * 3600


def orphaned_numbers(plan: Plan) -> frozenset[str]:
    """Return the numbers whose phones lose their registration: deleted, disabled, with other credentials."""
    return frozenset(
        [extension.number for extension in plan.extensions.delete]
        + [
            was.number
            for was, becomes in plan.extensions.change
            if was.can_register and (_credentials(was) != _credentials(becomes) or not becomes.can_register)
        ]
    )


def _credentials(extension: Extension) -> tuple[str, str | None]:
    return (extension.authenticates_as, extension.digest)


def created_numbers(plan: Plan) -> frozenset[str]:
    """Return the numbers that phones can register with from now on and could not before."""
    return frozenset(
        [extension.number for extension in plan.extensions.create if extension.can_register]
        + [
            becomes.number
            for was, becomes in plan.extensions.change
            if becomes.can_register and not was.can_register
        ]
    )


def seen(client: ami.Client) -> frozenset[tuple[str, str]]:
    """Return the contacts as they are now: by name, and until when each counts. Raises AmiError."""
    return frozenset(map(_as_seen, registration.listed(client)))


def _as_seen(contact: t.Mapping[str, str]) -> tuple[str, str]:
    return contact.get("ObjectName", ""), contact.get("ExpirationTime", "")


def remove(
    client: ami.Client, numbers: frozenset[str], earlier: frozenset[tuple[str, str]] | None = None
) -> int:
    """Let the contacts of these numbers expire in the running Asterisk; return how many there were.

    With ``earlier``, which is what ``seen`` has returned, those that have registered since then stay: their
    phones have had the new credentials.

    One whose entry is deleted lives on in Asterisk's memory: it is sent an OPTIONS every minute and its lamp
    stays lit until the next start. One that has expired is neither dialled nor told any more, and within
    30 s Asterisk throws it out by itself, with all that hangs on it (res_pjsip_registrar.c,
    check_expiration_thread). Raises AmiError.
    """
    orphans = [
        (name, contact.get("Uri", ""))
        for contact in registration.listed(client)
        if (name := contact.get("ObjectName", "")).partition(";@")[0] in numbers
        and (earlier is None or _as_seen(contact) in earlier)
    ]
    for name, uri in orphans:
        client.action("DBPut", Family="registrar/contact", Key=name, Val=_expired(uri))
    return len(orphans)


def _expired(uri: str) -> str:
    """Return a contact that has expired long ago, as res_sorcery_astdb.c keeps it. Its key says whose it is.

    Without a URI Asterisk could not read it, and then lists no contact at all (location.c,
    contact_apply_handler).
    """
    return json.dumps({"expiration_time": "1", "uri": registration.ended(uri)})


class Contact(t.NamedTuple):
    """A contact as Asterisk keeps it in its own database."""

    #: The name of its AOR, ``;@``, and a digest of its URI.
    key: str
    options: dict[str, t.Any]

    @property
    def aor(self) -> str:
        """The name of the AOR that its phone has registered with."""
        return self.key.rpartition(";@")[0]

    @property
    def endpoint(self) -> str:
        """The name of the endpoint that its phone has proved to be."""
        return str(self.options.get("endpoint", ""))

    @property
    def expires_at(self) -> int:
        """Until when it counts, in seconds since 1970."""
        seconds = str(self.options.get("expiration_time", ""))
        return int(seconds) if len(seconds) < 20 and seconds.isascii() and seconds.isdigit() else 0

    @property
    def ends_with_its_connection(self) -> bool:
        """Whether Asterisk forgets it when it restarts."""
        return self.options.get("prune_on_boot") == "yes"


def kept(console: Console) -> t.Iterator[Contact]:
    """Give the contacts that Asterisk keeps, also those that have expired. Raises ConsoleError."""
    for line in console.ask("database show registrar/contact").splitlines():
        found = _ENTRY.fullmatch(line)
        if found is None:
            continue
        try:
            options = json.loads(found.group(2))
        except ValueError:
            continue  # Asterisk cannot read it either
        yield Contact(found.group(1), options)


def mark(
    client: ami.Client, console: Console, with_mark: str, numbers: t.Container[str] = ()
) -> list[Contact]:
    """Give the contacts over UDP that have no mark one; return those.

    They were registered before their port had a mark (transport.py). A phone that registers again makes a new
    contact then, with the port's own: two contacts with different parameters are two (RFC 3261, 19.1.4), and
    one without any would be taken for the same and stay as it is.

    Where somebody else has set Asterisk up, the AOR of an endpoint can have another name than the endpoint.
    A contact of an endpoint that is one of ``numbers`` is given to the AOR of that number; the other stays
    for the Asterisk that it is given back to. Raises AmiError, ConsoleError.
    """
    marked = []
    for each in kept(console):
        options = dict(each.options)
        uri = options.get("uri", "")
        if each.ends_with_its_connection or ";x-ast-txp=port-" in uri or "?" in uri:
            continue
        # The dialplan cuts it off at its end, because there is no transport of that name.
        # A name of a port that is not ours: of somebody else's Asterisk, or the mark of an earlier takeover.
        uri = re.sub(r";x-ast-(orig-host|txp)=[^;]*", "", uri)
        options["uri"] = f"{uri};x-ast-txp={with_mark}"
        if len(json.dumps(options)) > _VALUE_MAX:
            options = {
                name: value
                for name, value in options.items()
                if name not in ("user_agent", "call_id", "path")
            }
        key = each.key
        if each.endpoint in numbers and each.aor != each.endpoint:
            key = f"{each.endpoint};@{each.key.rpartition(';@')[2]}"
        client.action("DBPut", Family="registrar/contact", Key=key, Val=json.dumps(options))
        marked.append(each)
    return marked


def counts_until(marked: t.Iterable[Contact], now: int) -> int:
    """Return until when a mark counts: until each of these phones has re-registered. Seconds since 1970."""
    last = max((each.expires_at for each in marked), default=0)
    return max(now + REGISTERS_WITHIN, min(last, now + _REGISTERS_ELSEWHERE_WITHIN))


def expect(console: Console, numbers: frozenset[str]) -> None:
    """Have a running Asterisk watch over the phones of these few new numbers from their first REGISTER on.

    Otherwise it asks a phone whether it is there only up to 60 s after its first registration, and its lamp
    stays dark until then (res_pjsip/pjsip_options.c, sip_options_contact_add_management_task). For each
    number Asterisk goes through all endpoints, 28 to 40 us for each: many at once are not worth that. A
    reload of res_pjsip.so goes through them once, 220 us for each, and registrations of other phones were
    seen to wait for its end. Raises ConsoleError.
    """
    if len(numbers) > _EXPECTED:
        return
    give_up = time.monotonic() + _EXPECTING_SECONDS
    for number in sorted(numbers):
        if time.monotonic() > give_up:
            break
        console.ask(f"pjsip reload qualify aor {number}")
