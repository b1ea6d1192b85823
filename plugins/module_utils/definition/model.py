# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What there is in a directory: ports, trunks, outbound profiles, groups, extensions.

Each class is a thing as it stands; ``shown`` is its definition as a user would write it, without
secrets. Where things name each other they do so by the key that a user knows.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

#: What stands for every group, and for having none, in ``callable_groups``.
EVERY_GROUP = "*"
#: What stands for every number that has no line of its own, in ``inbound_numbers``.
EVERY_NUMBER = "*"

CODECS = ("alaw", "ulaw", "g722")
ACTIONS = ("allow", "deny")


@dataclass(frozen=True)
class ConnectionPort:
    """A SIP transport that phones and trunks connect through."""

    name: str
    protocol: str = "udp"
    address: str = "0.0.0.0"
    port: int = 5060
    #: PEM files on the host.
    certificate: str | None = None
    private_key: str | None = None
    #: What the world outside sees in place of the host's address (NAT); None = the address itself.
    external_address: str | None = None
    #: The networks that are not outside.
    local_networks: tuple[str, ...] = ()
    #: The store's identifier, part of the transport's name in Asterisk; 0 = not stored yet.
    id: int = field(default=0, compare=False)
    #: A secret in the transport's name, by which the dialplan knows a contact that Asterisk has rewritten to
    #: where it came from. Made on the host for UDP alone; empty = the name has none (yet).
    mark: str = field(default="", compare=False, repr=False)

    @property
    def transport(self) -> str:
        """Its name in Asterisk."""
        return f"port-{self.id}-{self.mark}" if self.mark else f"port-{self.id}"

    @property
    def lacks_mark(self) -> bool:
        """Whether it is one that an older release has made."""
        return self.protocol == "udp" and not self.mark

    @property
    def listener(self) -> tuple[str, int, str]:
        """What it occupies of the host: UDP or TCP, port number, address."""
        return ("udp" if self.protocol == "udp" else "tcp", self.port, self.address)

    @property
    def read_at_start(self) -> tuple[str, str, int, str | None, str | None]:
        """What of a port that is there Asterisk reads only when it starts; the rest counts after a reload."""
        return (self.protocol, self.address, self.port, self.certificate, self.private_key)

    def shown(self) -> dict[str, t.Any]:
        """Return the options by name, as a user writes them, without the key and without secrets."""
        return {
            "protocol": self.protocol,
            "address": self.address,
            "port": self.port,
            "certificate": self.certificate or "",
            "private_key": self.private_key or "",
            "external_address": self.external_address or "",
            "local_networks": list(self.local_networks),
        }


class MediaTimeouts(t.NamedTuple):
    """When a call ends of which one side sends no media any more, in seconds; 0 = never."""

    talking: int = 60
    on_hold: int = 1800

    def shown(self) -> dict[str, t.Any]:
        """Return them by the options of a user, each as a thing with one value."""
        return {
            "media_timeout": {"seconds": self.talking},
            "media_timeout_hold": {"seconds": self.on_hold},
        }


#: Those of a new database (schema.py).
USUAL_TIMEOUTS = MediaTimeouts()


@dataclass(frozen=True)
class InboundNumber:
    """A number of the outside world, and the extension that its calls go to."""

    number: str
    extension: str


@dataclass(frozen=True)
class Trunk:
    """A line to the outside world: a SIP peer that the host registers with, or that it just knows."""

    name: str
    host: str = ""
    port: int = 5060
    connection_port: str | None = None
    #: Whether the host registers there, so that calls find it at any address.
    register: bool = False
    username: str | None = None
    #: The protection realm in which the peer asks for the password.
    realm: str = ""
    #: SIP digest HA1, as for an extension: never shown.
    digest: str | None = field(default=None, repr=False)
    codecs: tuple[str, ...] = ("alaw", "ulaw")
    #: The number shown to the person who is called, where neither extension nor rule says another.
    caller_id: str | None = None
    #: Where its calls come from; empty = from its host (sources).
    inbound_addresses: tuple[str, ...] = ()
    inbound_numbers: tuple[InboundNumber, ...] = ()
    #: Where it is, by E.164: the forms in which its numbers may be written follow from it.
    country_code: str | None = None
    area_code: str | None = None
    #: A header that names the number that is called, where the request's address and To do not.
    called_number_header: str | None = None
    #: Whether its statement of the caller is trusted (P-Asserted-Identity, Remote-Party-ID).
    trust_identity: bool = False
    #: Whether it is asked again and again if it is there (OPTIONS).
    qualify: bool = True
    #: Whether emergency numbers may be dialled through it.
    emergency: bool = True
    #: The store's identifier, part of its names in Asterisk; 0 = not stored yet.
    id: int = field(default=0, compare=False)

    @property
    def sources(self) -> tuple[str, ...]:
        """From where its calls come.

        One that registers is known by its line too, but not every provider gives the parameters of the
        registered contact back.
        """
        return self.inbound_addresses or (self.host,)

    def shown(self) -> dict[str, t.Any]:
        """Return the options by name, as a user writes them, without the key and without secrets."""
        return {
            "host": self.host,
            "port": self.port,
            "connection_port": self.connection_port or "",
            "register": self.register,
            "username": self.username or "",
            "realm": self.realm,
            "has_password": self.digest is not None,
            "codecs": list(self.codecs),
            "caller_id": self.caller_id or "",
            "inbound_addresses": list(self.inbound_addresses),
            "inbound_numbers": [{"number": i.number, "extension": i.extension} for i in self.inbound_numbers],
            "country_code": self.country_code or "",
            "area_code": self.area_code or "",
            "called_number_header": self.called_number_header or "",
            "trust_identity": self.trust_identity,
            "qualify": self.qualify,
            "emergency": self.emergency,
        }


@dataclass(frozen=True)
class OutboundRule:
    """What happens to an outside number of some form: it goes out through a trunk, or it does not."""

    #: A pattern of Asterisk without the underscore; or, where it is empty, the prefix counts.
    pattern: str = ""
    prefix: str = ""
    action: str = "allow"
    #: Tried one after the other.
    trunks: tuple[str, ...] = ()
    #: How many digits are taken away in front, before ``prepend`` is put there.
    strip: int = 0
    prepend: str = ""
    #: The number shown to the person who is called, where the extension has none of its own.
    caller_id: str | None = None

    def shown(self) -> dict[str, t.Any]:
        """What differs from the default, because a rule is read among many."""
        shown: dict[str, t.Any] = {"pattern": self.pattern} if self.pattern else {"prefix": self.prefix}
        shown["action"] = self.action
        if self.action == "allow":
            shown["trunks"] = list(self.trunks)
        if self.strip:
            shown["strip"] = self.strip
        if self.prepend:
            shown["prepend"] = self.prepend
        if self.caller_id:
            shown["caller_id"] = self.caller_id
        return shown


@dataclass(frozen=True)
class OutboundProfile:
    """Which outside numbers may be called, and how. The first rule that fits decides; none means no."""

    name: str
    rules: tuple[OutboundRule, ...] = ()
    #: How many outside calls all its extensions may have at the same time; 0 = no limit.
    max_concurrent_calls: int = 0
    #: When an outside call is ended, in seconds; 0 = never. Four hours: no fraud runs over a weekend.
    max_call_time: int = 14400

    def shown(self) -> dict[str, t.Any]:
        """Return the options by name, as a user writes them, without the key and without secrets."""
        return {
            "rules": [rule.shown() for rule in self.rules],
            "max_concurrent_calls": self.max_concurrent_calls,
            "max_call_time": self.max_call_time,
        }


@dataclass(frozen=True)
class ExtensionGroup:
    """A group of extensions: a name, and nothing else."""

    name: str

    def shown(self) -> dict[str, t.Any]:
        """Return the options by name, as a user writes them, without the key and without secrets."""
        return {}


@dataclass(frozen=True)
class EmergencyNumber:
    """A number that every extension may dial."""

    number: str

    def shown(self) -> dict[str, t.Any]:
        """Return the options by name, as a user writes them, without the key and without secrets."""
        return {}


@dataclass(frozen=True)
class Extension:
    """One person's (or room's, or machine's) telephone line."""

    number: str
    name: str = ""
    connection_port: str | None = None
    #: Which outside numbers it may call; None = internal calls only.
    outbound_profile: str | None = None
    #: The number shown to the person who is called outside.
    outbound_caller_id: str | None = None
    groups: frozenset[str] = frozenset()
    #: The groups that it may call; None = no restriction.
    callable_groups: frozenset[str] | None = None
    #: Whether its conversations are recorded.
    record: bool = False
    #: Whether its phones may register and it can call and be called.
    enabled: bool = True
    #: How many phones may be registered at the same time.
    max_devices: int = 1
    #: How many calls it may have placed at the same time.
    max_calls: int = 10
    #: How long its phones ring before the call is forwarded or ends, in seconds.
    ring_timeout: int = 30
    #: The extension that is called where no phone of this one answers.
    forward_to: str | None = None
    #: The language of the prompts that it hears; None = the host's.
    language: str | None = None
    email: str | None = None
    labels: tuple[tuple[str, str], ...] = ()
    #: The user name in its phones' credentials, where that is not the number.
    username: str | None = None
    #: SIP digest HA1 (RFC 2617, 3.2.2.2): as good as the password to a SIP client, so never shown.
    digest: str | None = field(default=None, repr=False)

    @property
    def authenticates_as(self) -> str:
        """The user name that the digest is bound to. The number identifies its phones, whatever this is."""
        return self.number if self.username is None else self.username

    @property
    def can_register(self) -> bool:
        """Whether Asterisk has an endpoint for it: never without a password, because anybody could be it."""
        return self.enabled and self.digest is not None

    def shown(self) -> dict[str, t.Any]:
        """The definition as it would be written, but for the password: only whether there is one."""
        return {
            "name": self.name,
            "connection_port": self.connection_port or "",
            "outbound_profile": self.outbound_profile or "",
            "outbound_caller_id": self.outbound_caller_id or "",
            "groups": sorted(self.groups),
            "callable_groups": [EVERY_GROUP]
            if self.callable_groups is None
            else sorted(self.callable_groups),
            "record": self.record,
            "enabled": self.enabled,
            "max_devices": self.max_devices,
            "max_calls": self.max_calls,
            "ring_timeout": self.ring_timeout,
            "forward_to": self.forward_to or "",
            "language": self.language or "",
            "email": self.email or "",
            "labels": dict(self.labels),
            "username": self.username or "",
            "has_password": self.digest is not None,
        }
