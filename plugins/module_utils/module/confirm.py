# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that confirms a change which is taken back otherwise.

Private to this collection's modules.
"""

from __future__ import annotations

import typing as t

from ..confirming import arming
from ..database import store, unconfirmed
from ..definition.problem import DirectoryError
from ..status import confirmation
from . import options
from .ansible_module import end, failed, start

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

    from ..planning.deadline import Waiting


def run() -> None:
    """Run the module."""
    spec: options.Spec = {**options.DATABASE, "configuration_folder": options.FOLDER}
    module = start(spec)
    try:
        waiting = _confirmed(module)
    except DirectoryError as error:
        raise failed(module, str(error)) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    end(module, changed=waiting is not None, confirmed=None if waiting is None else waiting.before)


def _confirmed(module: AnsibleModule) -> Waiting | None:
    """Confirm what waits, or in check mode say what; ends the module where it was taken back already."""
    path = module.params["database"]
    waiting = None
    # Most hosts of a fleet have nothing that waits: to look needs no lock.
    if not module.check_mode and unconfirmed.read(path) is not None:
        waiting = arming.confirm(path, module.params["configuration_folder"])
    if waiting is not None:
        return waiting
    with store.reading(path) as directory:
        waiting = directory.unconfirmed.waiting() if module.check_mode else None
        taken_back = confirmation.taken_back(directory.history)
    if waiting is None and taken_back is not None:
        what = "at {at} the host has made its directory what it was before change {before} ({comment})"
        cure = "The inventory has that change still, and the next run of site.yml makes it again"
        raise failed(module, f"there is nothing to confirm any more: {what.format(**taken_back)}. {cure}")
    return waiting
