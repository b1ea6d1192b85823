# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides what becomes of the credentials of extensions: the user name, and the digest bound to it."""

from __future__ import annotations

import typing as t

from ..definition.digest import ha1, weakness
from ..definition.model import Extension
from ..definition.problem import Problem
from ..definition.reading import joined
from .judgement import Judgement, Policy
from .plan import EXTENSIONS, Directory
from .request import Request


def decide_digest(
    base: Extension, is_new: bool, request: Request, realm: str, judgement: Judgement
) -> str | None:
    """Return the digest that an extension has from now on; ``base`` is what there is of it.

    Another user name needs the password again, and to give one is enough where it is the one that stands:
    then only the name changes, whatever ``update_password`` says.
    """
    name = request.given.get("username", base.username) or base.number
    is_given = request.password is not None or request.password_digest is not None
    if not is_given and (base.digest is None or name == base.authenticates_as):
        return base.digest  # as in most items that change something
    wanted = _digest(request, name, realm)
    as_before = wanted if name == base.authenticates_as else _digest(request, base.authenticates_as, realm)
    stands = base.digest is not None and as_before == base.digest
    if is_given and (is_new or stands or judgement.policy.update_password):
        if not stands:  # one that stands already is not new
            judgement.problems += weak_password(request, name, judgement.policy)
        return wanted
    if base.digest is not None and name != base.authenticates_as:
        _refuse_name_alone(base, request, judgement)
    return base.digest


def _digest(request: Request, name: str, realm: str) -> str | None:
    """Return the digest of what is given, for a user name; None where that is empty or nothing is."""
    if request.password:
        return ha1(name, realm, request.password)
    return request.password_digest or None


def weak_password(request: Request, username: str, policy: Policy) -> tuple[Problem, ...]:
    """Refuse the password of an extension where it is too weak, unless the policy takes it."""
    if policy.allow_weak_password or not request.password or not request.present:
        return ()
    why = weakness(request.password, request.key, username)
    if why is None:
        return ()
    message = f"{why}; choose a stronger one, or set {policy.called('allow_weak_password')}"
    return (Problem(request.place("password"), message),)


def _refuse_name_alone(base: Extension, request: Request, judgement: Judgement) -> None:
    bound = f"the password is stored for the user name {base.authenticates_as!r} only"
    if request.password is None and request.password_digest is None:
        message = f"{bound}; give password (or password_digest) together with another name"
    else:
        always = judgement.policy.called("update_password")
        message = f"{bound}, and the one that is given is another; set {always} to always to change both"
    judgement.refuse(request, "username", message)


def judge_usernames(after: Directory, want: t.Sequence[Request], found: Judgement) -> None:
    """Refuse a user name that two extensions would have; ``want`` are extensions."""
    if len({e.authenticates_as for e in after.extensions.values()}) == len(after.extensions):
        return
    by_name: dict[str, list[Extension]] = {}
    for extension in after.extensions.values():
        by_name.setdefault(extension.authenticates_as, []).append(extension)
    asked = {request.key: request for request in want if request.present}

    def claim(extension: Extension) -> tuple[bool, bool, str]:
        """Order those who have a name: who is left as it is comes first, then whose number it is."""
        return (extension.number in asked, extension.username is not None, extension.number)

    for name, extensions in sorted(by_name.items(), key=lambda item: item[0]):
        first, *others = sorted(extensions, key=claim)
        if first.number in found.unsound.get(EXTENSIONS, ()):
            continue  # who knows what name was meant
        for other in others:
            request = asked[other.number]
            option = "number" if other.username is None else "username"
            message = f"{name} is the user name of extension {first.number}; give one of them another"
            if found.policy.check_mode and first.number not in asked:
                found.warn(f"{joined(request.path, option)}: {message} (the run refuses this)")
            else:
                found.refuse(request, option, message)
