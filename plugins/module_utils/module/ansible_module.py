# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The only file that knows AnsibleModule: begins a module, and ends it.

Private to this collection's modules.
"""

from __future__ import annotations

import errno
import functools
import gc
import json
import os
import pwd
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ..asterisk import ami
from ..definition.problem import InvalidInputError, told, whose
from ..definition.redaction import Redaction, secrets_of
from ..planning.plan import EXTENSION_DEFAULTS, KINDS
from . import options, wire

#: What must not be seen where a run shows how its modules were called.
_SECRET = frozenset(
    [
        "password",
        "password_digest",
        "handed_over",
        "origin",
        "settled",
        "files",
        "confirm_files",
        EXTENSION_DEFAULTS,
        *(kind.option for kind in KINDS),
    ]
)

#: What of a result is made of sentences or of options.
_FOR_PEOPLE = frozenset(["msg", "problems", "diff", "invocation"])

#: How many problems a result holds one by one.
_PROBLEMS = 100
#: An item of a list, as messages name it.
#: What SQLite says where it may not read a file, or not write it.
_SIGNS_OF_SQLITE = ("unable to open database file", "attempt to write a readonly database")


class _Module(AnsibleModule):
    """A module that says nothing in which one of its secrets stands, whoever wrote it where.

    What Ansible says itself goes through here too: "value of state must be one of ..., got: ...".
    """

    @functools.cached_property
    def redaction(self) -> Redaction:
        """What masks the secrets that this module was given."""
        # Ansible itself fails before the lists are unpacked.
        given = {**self.params, **_handed_over(self.params)}
        single = {option: given.get(option) for option in ("number", "password", "password_digest")}
        lists = [[single, given.get(EXTENSION_DEFAULTS)], *(given.get(kind.option) for kind in KINDS)]
        return Redaction(secret for items in lists for secret in secrets_of(items))

    @functools.cached_property
    def _said(self) -> set[str]:
        """What has been warned of: a run that has been tried first would say it twice."""
        return set()

    def warn(self, warning: str, **more: t.Any) -> None:
        text = self.redaction.text(warning)
        if text not in self._said:
            self._said.add(text)
            super().warn(text, **more)

    def exit_json(self, **result: t.Any) -> t.NoReturn:
        masked = {
            # A role goes by the names in a result, and a diff is for people.
            key: self.redaction.value(value) if key in _FOR_PEOPLE else self.redaction.names(value)
            for key, value in result.items()
            if key != "ansible_facts"
        }
        super().exit_json(**{**result, **masked})
        raise SystemExit(0)  # it has left already; this tells the type checker so

    def fail_json(self, msg: str, **more: t.Any) -> t.NoReturn:
        more.setdefault("invocation", _invocation(self))
        # Not with the exception that is being handled: its message is the one with the secret.
        masked = self.redaction.value(more)
        super().fail_json(msg=self.redaction.text(str(msg)), **{**masked, "exception": None})
        raise SystemExit(1)  # as above


def start(spec: options.Spec) -> AnsibleModule:
    """Begin a module with these options, as Ansible hands them over."""
    # It lives for a second and frees everything by its end: to look through 100,000 values for what
    # nobody needs any more takes time and finds nothing.
    gc.disable()
    module = _Module(argument_spec=spec, supports_check_mode=True)
    module.params.update(_handed_over(module.params), handed_over=None)
    return module


def _handed_over(params: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """Return the lists that were handed over as one text, by option."""
    text = params.get("handed_over")
    lists = json.loads(text) if isinstance(text, str) else {}
    return {option: wire.unpacked_list(packed) for option, packed in lists.items()}


def log_in(module: AnsibleModule) -> ami.Client:
    """Connect to the manager interface of this host's Asterisk. Raises AmiError."""
    secret = ami.read_secret(module.params["ami_secret_file"])
    return ami.Client(secret, module.params["ami_port"], module.params["ami_timeout"])


def end(module: AnsibleModule, **result: t.Any) -> None:
    """End the module with this result, and without the secrets among its options."""
    module.exit_json(invocation=_invocation(module), **result)


def _invocation(module: AnsibleModule) -> dict[str, t.Any]:
    # Ansible would put every option here, and from 2.22 on leaves secrets in what it registers.
    shown = {option: value for option, value in module.params.items() if option not in _SECRET}
    return {"module_args": shown}


def refused(
    module: AnsibleModule, error: InvalidInputError, outcome: str = "nothing was changed"
) -> SystemExit:
    """Return what ends the module and names all that is wrong, each with its place, after the outcome."""
    # The first of each, for Ansible shows them beside the message: a thousand are 200 kB.
    problems = [{"path": problem.path, "message": problem.message} for problem in error.problems[:_PROBLEMS]]
    lines = "\n".join(told(error.problems, functools.partial(whose, module.params)))
    count = len(error.problems)
    wrong = "1 thing is wrong" if count == 1 else f"{count:,} things are wrong"
    return failed(module, f"{outcome}, because {wrong}:\n{lines}", problems=problems)


def failed(module: AnsibleModule, message: str, **more: t.Any) -> SystemExit:
    """Return what ends the module with this message, and says so where only a right is missing."""
    if _for_want_of_rights(message):
        message = (
            f"not root, but {_user()}: set ansible_become: true for this host, or connect as root ({message})"
        )
        more["not_root"] = True
    module.fail_json(msg=message, invocation=_invocation(module), **more)
    return SystemExit(1)  # fail_json has left already; this tells the type checker so


def _for_want_of_rights(message: str) -> bool:
    """Tell whether this says that somebody may not do what root may."""
    signs = [os.strerror(errno.EACCES), os.strerror(errno.EPERM), *_SIGNS_OF_SQLITE]
    return os.geteuid() != 0 and any(sign in message for sign in signs)


def _user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"the user {os.geteuid()}"
