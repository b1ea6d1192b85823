# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The forms in which a provider may write a number: +902121112201, 902121112201, 02121112201, 1112201.

They are worked out when a trunk is written, so that a call is one look into a table. What is compared is
the number without what stands beside it: visual separators and parameters (RFC 3966), which the dialplan
leaves out.
"""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from .model import Trunk

#: What is dialled before a number of another area (E.164, national prefix), where it is not 0.
_NATIONAL = {"1": "1", "7": "8", "36": "06"}
#: What is dialled before a number of another country (E.164, international prefix), besides 00.
_INTERNATIONAL = {"1": "011", "7": "810"}
#: The fewest digits of a number without its area code.
_LOCAL_MIN_DIGITS = 3


def international(number: str, country_code: str | None) -> str | None:
    """Return a number as E.164 writes it, with +; None where that cannot be told."""
    if number.startswith("+"):
        return number
    if number.startswith("00") and len(number) > 2:
        return f"+{number[2:]}"
    if country_code is None:
        return None
    prefix = _NATIONAL.get(country_code, "0")
    return f"+{country_code}{number.removeprefix(prefix)}" if number.startswith(prefix) else None


def forms(number: str, country_code: str | None = None, area_code: str | None = None) -> t.Iterator[str]:
    """Give every form of a number, that in which it is written first."""
    yield number
    known = international(number, country_code)
    if known is None:
        if number[:1] not in ("0", "*"):
            yield f"+{number}"
        return
    digits = known[1:]
    yield from (known, digits, f"00{digits}")
    if country_code is None:
        return
    if country_code in _INTERNATIONAL:
        yield f"{_INTERNATIONAL[country_code]}{digits}"
    if not digits.startswith(country_code):
        return
    national = digits.removeprefix(country_code)
    yield from (f"{_NATIONAL.get(country_code, '0')}{national}", national)
    if area_code is not None and national.startswith(area_code):
        local = national.removeprefix(area_code)
        if len(local) >= _LOCAL_MIN_DIGITS:
            yield local


def by_form(
    numbers: t.Iterable[str], country_code: str | None = None, area_code: str | None = None
) -> dict[str, str]:
    """Return the number that each form is of. A number that is declared is never the form of another."""
    declared = list(numbers)
    found: dict[str, str] = {number: number for number in declared}
    for number in declared:
        for form in forms(number, country_code, area_code):
            if form:
                found.setdefault(form, number)
    return found


def rows(trunks: t.Collection[Trunk]) -> t.Iterator[tuple[str, int, str]]:
    """Give each form at each trunk, ``3-902121112201``, with the trunk whose number it is and that number.

    Two trunks with an address in common are two accounts at one provider: which of them a call comes through
    Asterisk cannot tell, and takes one of the two. So each has the numbers of the other besides its own.
    """
    forms_of = {
        trunk.id: by_form((i.number for i in trunk.inbound_numbers), trunk.country_code, trunk.area_code)
        for trunk in trunks
    }
    for trunk in trunks:
        leads = {form: (trunk.id, number) for form, number in forms_of[trunk.id].items()}
        for other in trunks:
            if set(other.sources) & set(trunk.sources):
                for form, number in forms_of[other.id].items():
                    leads.setdefault(form, (other.id, number))
        for form, (owner, number) in leads.items():
            yield f"{trunk.id}-{form}", owner, number


def same(numbers: t.Iterable[str], country_code: str | None) -> t.Iterator[tuple[str, str]]:
    """Give the pairs of numbers that are one number in two forms."""
    first: dict[str, str] = {}
    for number in numbers:
        known = international(number, country_code)
        if known is not None:
            other = first.setdefault(known, number)
            if other != number:
                yield other, number
