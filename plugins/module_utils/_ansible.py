# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: begins a module, and ends it.

Private to this collection's modules.
"""

from __future__ import annotations

import gc
import json
import typing as t

from ansible.module_utils.basic import AnsibleModule

from . import _options as options
from . import ami, wire
from .plan import KINDS
from .problem import InvalidInputError

#: What must not be seen where a run shows how its modules were called.
_SECRET = frozenset(["password", "handed_over", "files", *(kind.option for kind in KINDS)])


def start(spec: options.Spec) -> AnsibleModule:
    # It lives for a second and frees everything by its end: to look through 100,000 values for what
    # nobody needs any more takes time and finds nothing.
    gc.disable()
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    handed_over = module.params.get("handed_over")
    if handed_over is not None:
        lists = json.loads(handed_over)
        module.params.update({option: wire.unpacked_list(text) for option, text in lists.items()})
    return module


def log_in(module: AnsibleModule) -> ami.Client:
    """Connect to the manager interface of this host's Asterisk. Raises AmiError."""
    secret = ami.read_secret(module.params["ami_secret_file"])
    return ami.Client(secret, module.params["ami_port"], module.params["ami_timeout"])


def end(module: AnsibleModule, **result: t.Any) -> None:
    module.exit_json(invocation=_invocation(module), **result)


def _invocation(module: AnsibleModule) -> dict[str, t.Any]:
    # Ansible would put every option here, and from 2.22 on leaves secrets in what it registers.
    shown = {option: value for option, value in module.params.items() if option not in _SECRET}
    return {"module_args": shown}


def refused(
    module: AnsibleModule, error: InvalidInputError, outcome: str = "nothing was changed"
) -> SystemExit:
    problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
    return failed(module, f"{outcome}, for {len(problems)} thing(s) are wrong:\n{error}", problems=problems)


def failed(module: AnsibleModule, message: str, **more: t.Any) -> SystemExit:
    module.fail_json(msg=message, invocation=_invocation(module), **more)
    return SystemExit(1)  # fail_json has left already; this tells the type checker so
