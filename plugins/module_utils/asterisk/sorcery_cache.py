# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Has a running Asterisk read the directory again.

A call looks up the same endpoints, auths and AORs 17 times. Asterisk keeps those that it has read
(res_sorcery_memory_cache; the role's sorcery.conf), so whoever changes the directory tells it to forget them:
the run at once, and the host's watch again within half a second (limits/directory_watch.py), because a run
may be killed, and Asterisk may have been reading while the change was committed.
"""

from __future__ import annotations

import typing as t

from . import ami

#: What is kept, by the names that Asterisk gives its caches.
CACHES = ("res_pjsip/endpoint", "res_pjsip/auth", "res_pjsip/aor")
#: For how many seconds it is kept where nobody tells Asterisk of a change (object_lifetime_maximum).
LIFETIME = 300
#: What Asterisk answers where it keeps nothing: its configuration is of an earlier release, or of others.
_KEEPS_NOTHING = ("The provided cache does not exist", "Invalid/unknown command")


def expire(client: ami.Client) -> None:
    """Have Asterisk forget all that it keeps of the directory. Raises AmiError."""
    for cache in CACHES:
        try:
            client.action("SorceryMemoryCacheExpire", Cache=cache)
        except ami.AmiRefusedError as error:
            if not any(answer in str(error) for answer in _KEEPS_NOTHING):
                raise


def tell(log_in: t.Callable[[], ami.Client]) -> None:
    """Tell Asterisk that the directory has changed. Raises AmiError.

    One that is stopped, or has not been set up yet, keeps nothing.
    """
    try:
        with log_in() as client:
            expire(client)
    except (ami.AsteriskStoppedError, ami.NoSecretError):
        pass
