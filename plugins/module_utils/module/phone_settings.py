# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has phones fetch their settings when a change gives them others.

Private to this collection's modules.
"""

from __future__ import annotations

import typing as t

from ..asterisk import ami, check_sync, contact
from ..asterisk.console import Console, ConsoleError
from ..definition.problem import quoted
from ..planning.judgement import listed
from ..planning.plan import Plan
from .ansible_module import failed, log_in
from .population import called

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule


def refuse_wrong_event(module: AnsibleModule) -> None:
    """End the module where what is to be sent is not an event."""
    event = module.params["notify_event"]
    if not check_sync.EVENT.fullmatch(event):
        wrong = f"{quoted(event)} is not an event of a NOTIFY, such as check-sync or check-sync;reboot=false"
        raise failed(module, f"{called(module, 'notify_event')}: {wrong}")


def ask_phones(module: AnsibleModule, plan: Plan) -> frozenset[tuple[str, str]] | None:
    """Ask phones to fetch their settings, while they are registered; warn where they were not asked.

    Return the contacts from before, because some are back before the others' registrations are ended.
    """
    numbers = sorted(check_sync.with_other_settings(plan))
    if not numbers or module.check_mode:
        return None
    earlier = None
    try:
        with log_in(module) as client:
            earlier = contact.seen(client)
            why = check_sync.send(Console(), client, numbers, module.params["notify_event"])
    except (ami.AmiError, ConsoleError) as error:
        why = str(error)
    if why:
        module.warn(f"phones were not asked to fetch their settings ({listed(numbers)}): {why}")
    return earlier
