# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes the registration away from phones that have lost the right to it.

A contact outlives its endpoint in Asterisk's own database: a number that is
created again would ring the phone of its former owner (res_pjsip/location.c).
"""

from __future__ import annotations

import contextlib

from . import ami
from .plan import Plan


def orphaned_numbers(plan: Plan) -> frozenset[str]:
    """Return the numbers whose phones lose their registration: deleted, disabled, with another password."""
    return frozenset(
        [extension.number for extension in plan.extensions.delete]
        + [
            was.number
            for was, becomes in plan.extensions.change
            if was.can_register and (was.digest != becomes.digest or not becomes.can_register)
        ]
    )


def remove(client: ami.Client, numbers: frozenset[str]) -> int:
    """Remove the contacts of these numbers from the running Asterisk; return how many there were.

    Raises AmiError.
    """
    contacts = client.list("PJSIPShowContacts", "ContactList", "ContactListComplete", "No Contacts found")
    removed = 0
    for contact in contacts:
        key = contact.get("ObjectName", "")
        if key.partition(";@")[0] in numbers:
            # Asterisk refuses where the phone has just unregistered by itself.
            with contextlib.suppress(ami.AmiRefusedError):
                client.action("DBDel", Family="registrar/contact", Key=key)
                removed += 1
    return removed
