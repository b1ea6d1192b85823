# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leaves a record for the next run where this one has found nothing to do.

Private to this collection's modules.
"""

from __future__ import annotations

import os
import time
import typing as t

from ansible.module_utils.common.warnings import get_warning_messages

from ..asterisk import configuration, port_certificate
from ..asterisk.hostfile import KEPT
from ..database.files import OF_THE_LOG
from ..settled import program, record, state

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ..planning.plan import Plan

#: For how long a record counts where a certificate may run out, in seconds.
_WITH_CERTIFICATES = 24 * 3600.0


def keep(
    module: AnsibleModule, plan: Plan, numbers: t.Sequence[str], directory: dict[str, t.Any], began: int
) -> None:
    """Leave a record where all that was judged is what there is now; ``began`` is when judging began.

    In nanoseconds since 1970. Where something has changed since, or a certificate is to be warned of, the
    next run judges again: it costs a second, and nothing else. So nothing that fails here is told.
    """
    asked: dict[str, str] | None = module.params.get("settled")
    if not asked or not asked["key"] or module.check_mode:
        return
    until, now = None, time.time()
    if any(port.certificate for port in plan.ports.keep):
        until = now + _WITH_CERTIFICATES
        if port_certificate.warnings_of(plan.ports.keep, until):
            return
    params = module.params
    wanted = [file["path"] for file in (*params["files"], *params["confirm_files"])]
    folder = params["configuration_folder"]
    wanted += [os.path.join(folder, name) for name in configuration.FILES] + [params["database"]]
    seen_besides = [*params["absent"], *params["read_at_start"], params["database"] + OF_THE_LOG[0]]
    seen_besides += [
        path for port in plan.ports.keep for path in (port.certificate, port.private_key) if path
    ]
    paths = sorted({*wanted, *seen_besides})
    try:
        looked = program.look(asked["script"])
        seen = state.look(paths, KEPT)
        is_what_was_judged = seen.newest < began and looked == asked["said"]
        if not is_what_was_judged or not seen.there.issuperset(wanted) or seen.there & set(params["absent"]):
            return
        record.write(
            record.Record(
                key=asked["key"],
                script=asked["script"],
                said=looked,
                paths=paths,
                folder=KEPT,
                state=seen.digest,
                directory=directory,
                warnings=list(get_warning_messages()),
                numbers=sorted(numbers),
                secret_file=params["ami_secret_file"],
                ami_port=params["ami_port"],
                until=until,
            )
        )
    except OSError:
        return
