# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a certificate says of itself, and what is wrong with it as that of a connection port.

X.509 as in RFC 5280, read with pyasn1. Python's own ssl module tells the fields of a certificate
only if it trusts it. Whether a key belongs to it is OpenSSL's to say (``listener.wrong_with_files``).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import ipaddress
import re
import typing as t
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..host import beneath

#: Warned of from so many days before the end; who renews automatically does so at 30 (certbot).
WARN_DAYS = 30
_EXPIRED, _EXPIRES = "has expired at", "expires in"

#: Longest file and longest certificate that are read, in bytes. Those in use have 1 to 20 KB; one that
#: is made to be slow takes pyasn1 a second at this length.
_FILE_MAX_BYTES = 1 << 20
_DER_MAX_BYTES = 1 << 16

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", re.DOTALL)

# The first byte of an element (X.690, 8.1.2).
_VERSION, _EXTENSIONS = 0xA0, 0xA3
_DNS_NAME, _IP_ADDRESS = 0x82, 0x87
_UTC_TIME = 0x17

_COMMON_NAME = "CN"
#: Parts of a name by their identifiers (RFC 4519), in the words of `openssl x509 -subject`.
_PARTS_OF_NAME = {
    "2.5.4.3": _COMMON_NAME,
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "1.2.840.113549.1.9.1": "emailAddress",
}
_SUBJECT_ALT_NAME = "2.5.29.17"


class CertificateError(Exception):
    """The certificate cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class Certificate:
    """What is written in a certificate."""

    #: The common name, or the whole name where there is none.
    subject: str
    issuer: str
    #: The host names and addresses that it is for.
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    #: In hexadecimal digits, as `openssl x509 -serial` shows it.
    serial: str
    #: SHA-256, as `openssl x509 -fingerprint -sha256` shows it.
    fingerprint: str

    def days_left(self, now: float) -> int:
        """Return how many whole days it is valid from ``now`` on; negative where it has expired."""
        return (self.not_after - _at(now)) // timedelta(days=1)

    def covers(self, name: str) -> bool:
        """Tell whether it is for this host name or address (RFC 6125, 6.4: ``*`` is one label)."""
        wanted = _comparable(name)
        _label, dot, domain = wanted.partition(".")
        return any(known in (wanted, f"*{dot}{domain}") for known in map(_comparable, self.names))

    def is_for_addresses(self) -> bool:
        """Tell whether any of its names is an address."""
        return any(_is_address(name) for name in self.names)

    def shown(self, now: float) -> dict[str, t.Any]:
        """Return it as facts; times are UTC in the form of ISO 8601."""
        return {
            "subject": self.subject,
            "issuer": self.issuer,
            "names": list(self.names),
            "not_before": _iso(self.not_before),
            "not_after": _iso(self.not_after),
            "days_left": self.days_left(now),
            "serial": self.serial,
            "fingerprint": self.fingerprint,
        }


#: What is told of a certificate that cannot be read.
UNKNOWN: dict[str, t.Any] = dict.fromkeys(
    ("subject", "issuer", "names", "not_before", "not_after", "days_left", "serial", "fingerprint")
)


def problems(
    certificate: Certificate,
    now: float,
    external_address: str | None = None,
    served: Certificate | None = None,
    cure: str = "restart Asterisk",
) -> list[str]:
    """Tell what is wrong with the certificate of a port at ``now``, in seconds since 1970.

    ``external_address`` is what phones outside know the port by; ``served`` is the one that the
    running port shows, and ``cure`` what makes it show another. None is what is not known.
    """
    found = []
    if certificate.not_before > _at(now):
        found.append(f"is not valid before {_iso(certificate.not_before)}; is the host's clock right?")
    days = certificate.days_left(now)
    if days < 0:
        found.append(f"{_EXPIRED} {_iso(certificate.not_after)}; renew it")
    elif days < WARN_DAYS:
        found.append(f"{_EXPIRES} {days} day{'' if days == 1 else 's'}, at {_iso(certificate.not_after)}")
    if served is not None and served.fingerprint != certificate.fingerprint:
        found.append(
            "has been renewed, but the port still serves the one before, which"
            f" {'has expired' if served.days_left(now) < 0 else 'expires'} at {_iso(served.not_after)};"
            f" {cure}"
        )
    if external_address is not None and _should_cover(certificate, external_address):
        names = ", ".join(certificate.names) or "none"
        found.append(f"is not for the port's external_address {external_address}; its names are: {names}")
    return found


def is_of_its_end(problem: str) -> bool:
    """Tell whether a problem, with its place before it, only says when the certificate expires."""
    return any(f": {words} " in problem for words in (_EXPIRED, _EXPIRES))


def _should_cover(certificate: Certificate, external_address: str) -> bool:
    # Phones that know the host by a name do not look for its address in the certificate.
    if _is_address(external_address) and certificate.names and not certificate.is_for_addresses():
        return False
    return not certificate.covers(external_address)


# --- reading ---------------------------------------------------------------------------------


def read(path: str) -> bytes:
    """Return the DER of the first certificate in a PEM file, which is the one served.

    Raises CertificateError.
    """
    try:
        pem = beneath.read(path, _FILE_MAX_BYTES)
    except OSError as error:
        raise CertificateError(f"cannot be read: {error.strerror or error}") from error
    return from_pem(pem)


def from_pem(pem: bytes) -> bytes:
    """Return the DER of the first certificate in a PEM text (RFC 7468). Raises CertificateError."""
    found = _PEM.search(pem)
    if found is None:
        raise CertificateError("holds no PEM certificate, which begins with -----BEGIN CERTIFICATE-----")
    try:
        return base64.b64decode(b"".join(found.group(1).split()), validate=True)
    except binascii.Error as error:
        raise CertificateError(f"is damaged: {error}; copy it to the host again") from error


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate in pairs of hexadecimal digits."""
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(der).digest())


def parse(der: bytes) -> Certificate:
    """Read a certificate in DER. Raises CertificateError, whatever it is given."""
    asn1 = _Asn1()
    with _told_as_damaged(der):
        to_be_signed, _algorithm, _signature = asn1.elements(der)
        fields = asn1.elements(to_be_signed)
        if fields[0][0] == _VERSION:
            del fields[0]
        serial, _algorithm, issuer, validity, subject, _key, *optional = fields
        not_before, not_after = asn1.elements(validity)
        names = [name for each in optional if each[0] == _EXTENSIONS for name in asn1.alternative_names(each)]
        subject_parts = asn1.parts_of_name(subject)
        # Before there were alternative names, the common name was that of the host.
        names = names or [value for part, value in subject_parts if part == _COMMON_NAME]
        return Certificate(
            subject=_readable(subject_parts),
            issuer=_readable(asn1.parts_of_name(issuer)),
            names=tuple(dict.fromkeys(names)),
            not_before=asn1.time(not_before),
            not_after=asn1.time(not_after),
            serial=_hexadecimal(int(asn1.decoded(serial))),
            fingerprint=fingerprint(der),
        )


@contextlib.contextmanager
def _told_as_damaged(der: bytes) -> t.Iterator[None]:
    if len(der) > _DER_MAX_BYTES:
        raise CertificateError(f"is damaged: {len(der)} bytes is more than any certificate has")
    try:
        yield
    # What pyasn1 stumbles over shows as errors of any kind: its own, IndexError, RecursionError …
    except Exception as error:
        raise CertificateError(f"is damaged, or no X.509 certificate ({type(error).__name__})") from error


class _Asn1:
    """Takes DER (X.690) apart, one layer at a time, so that what nobody asks for is never decoded."""

    def __init__(self) -> None:
        try:
            # Only here, for the few hosts that have a certificate.
            from pyasn1.codec.der import decoder  # noqa: PLC0415
            from pyasn1.type import tag, univ  # noqa: PLC0415
        except ImportError as error:
            raise CertificateError(
                "python3-pyasn1 is needed on the host to read certificates;"
                " on Debian: apt-get install python3-pyasn1"
            ) from error
        self._decode = decoder.decode
        self._sequence = univ.SequenceOf(componentType=univ.Any())
        self._set = univ.SetOf(componentType=univ.Any())
        self._extensions = self._sequence.subtype(
            explicitTag=tag.Tag(tag.tagClassContext, tag.tagFormatConstructed, _EXTENSIONS & 0x1F)
        )
        self._name = {
            first: univ.OctetString().subtype(
                implicitTag=tag.Tag(tag.tagClassContext, tag.tagFormatSimple, first & 0x1F)
            )
            for first in (_DNS_NAME, _IP_ADDRESS)
        }

    def decoded(self, der: bytes, spec: t.Any = None) -> t.Any:
        value, rest = self._decode(der, asn1Spec=spec)
        if rest:
            raise ValueError("something follows")
        return value

    def elements(self, der: bytes, spec: t.Any = None) -> list[bytes]:
        """Return the elements of a SEQUENCE, or of what ``spec`` says, each as DER."""
        return [bytes(element) for element in self.decoded(der, self._sequence if spec is None else spec)]

    def parts_of_name(self, der: bytes) -> list[tuple[str, str]]:
        """Return the parts of a distinguished name with what they are called."""
        parts = []
        for relative in self.elements(der):
            for part in self.elements(relative, self._set):
                identifier, value = self.elements(part)
                called = str(self.decoded(identifier))
                parts.append((_PARTS_OF_NAME.get(called, called), _printable(str(self.decoded(value)))))
        return parts

    def alternative_names(self, der: bytes) -> t.Iterator[str]:
        """Give the host names and addresses of a subjectAltName among extensions (RFC 5280, 4.2.1.6)."""
        for extension in self.elements(der, self._extensions):
            identifier, *_critical, value = self.elements(extension)
            if str(self.decoded(identifier)) != _SUBJECT_ALT_NAME:
                continue
            for name in self.elements(bytes(self.decoded(value))):
                if name[0] in self._name:
                    content = bytes(self.decoded(name, self._name[name[0]]))
                    is_address = name[0] == _IP_ADDRESS
                    yield str(ipaddress.ip_address(content)) if is_address else _printable(content.decode())

    def time(self, der: bytes) -> datetime:
        """Read a time; it is always given in UTC and to the second (RFC 5280, 4.1.2.5)."""
        text = str(self.decoded(der))
        if der[0] == _UTC_TIME:
            text = ("19" if text >= "50" else "20") + text
        if not re.fullmatch("[0-9]{14}Z", text):
            raise ValueError("not a time")
        return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=timezone.utc)


# --- words -----------------------------------------------------------------------------------


def _readable(parts: t.Sequence[tuple[str, str]]) -> str:
    common = [value for part, value in parts if part == _COMMON_NAME]
    # Where a name is given twice the last one is the most specific.
    return common[-1] if common else ", ".join(f"{part}={value}" for part, value in parts)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text)


def _hexadecimal(number: int) -> str:
    digits = f"{abs(number):X}"
    return "-" * (number < 0) + "0" * (len(digits) % 2) + digits


def _comparable(name: str) -> str:
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return name.lower().rstrip(".")


def _is_address(name: str) -> bool:
    with contextlib.suppress(ValueError):
        ipaddress.ip_address(name)
        return True
    return False


def _at(now: float) -> datetime:
    return datetime.fromtimestamp(now, timezone.utc)


def _iso(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")
