# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a plan is judged by: the policy of a run, and what is found wrong or worth a warning."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ..definition.problem import InvalidInputError, Problem
from ..definition.reading import alike
from .plan import EXTENSIONS, GROUPS, PORTS, PROFILES, TRUNKS, Directory, Kind
from .request import Asked, Request

#: As many things may always be purged, whatever share of all they are.
PURGE_ALWAYS = 5
#: Where a purge asks for a deletion, for messages.
PURGE = "purge"

_WORDS = {PORTS: "port", TRUNKS: "trunk", PROFILES: "profile", GROUPS: "group"}
_DEFINED_IN = {
    PORTS: "the system administrator defines ports in pbx_connection_ports",
    TRUNKS: "the system administrator defines trunks in pbx_trunks",
    PROFILES: "the system administrator defines profiles in pbx_outbound_profiles",
    GROUPS: "if it is a new group, define it in pbx_extension_groups, or set {create_groups}",
}
#: What the role calls an option of pbx_directory, where that is not its name with pbx_ before it.
_IN_THE_ROLE = {"allow_weak_password": "allow_weak_passwords", "force": "delete_groups_in_use"}


@dataclass(frozen=True)
class Policy:
    """How requests are to be understood."""

    create_groups: bool = False
    update_password: bool = True
    allow_weak_password: bool = False
    #: Delete what is not asked for.
    purge: bool = False
    #: The share of all that a purge may delete, in percent.
    purge_limit: int = 20
    #: Delete a group although it has members, who then lose the membership.
    force: bool = False
    #: The options have come by variables of the role, and messages name those.
    by_role: bool = False
    #: Only a part of what a run does is known, and nothing is written. What an earlier task would
    #: have created is not there yet, and what it would have taken away still is: warn where a run
    #: would refuse.
    check_mode: bool = False
    #: Where a thing that is named would have to be, in a message.
    there: str = "on this host"

    def called(self, option: str) -> str:
        """Return the name by which a user knows an option."""
        return f"pbx_{_IN_THE_ROLE.get(option, option)}" if self.by_role else option


@dataclass
class Judgement:
    """What is found while a plan is made."""

    policy: Policy
    problems: list[Problem] = field(default_factory=list)
    #: Those that may only follow from an item that is wrong in itself, with the kind of that item.
    consequences: list[tuple[Kind, Problem]] = field(default_factory=list)
    #: Ordered, and each only once.
    warnings: dict[str, None] = field(default_factory=dict)
    #: What is to go, by kind: nobody is warned of a new thing that resembles it.
    gone: dict[Kind, frozenset[str]] = field(default_factory=dict)
    #: What something is wrong with, by kind: to name it is not a second mistake.
    unsound: dict[Kind, frozenset[str]] = field(default_factory=dict)
    #: What was said of names that lead nowhere, by kind and name: thousands of items may have the same one.
    _meant: dict[tuple[Kind, str], str] = field(default_factory=dict)

    def refuse(self, request: Request, option: str, message: str) -> None:
        """Note what is wrong with an option of a request."""
        self.problems.append(Problem(request.place(option), message))

    def warn(self, message: str) -> None:
        """Note what is worth a warning, once."""
        self.warnings[message] = None

    def warn_of_lookalikes(self, name: str, known: t.Iterable[str]) -> None:
        """Warn where a new group differs from a known one only in spelling."""
        for other in sorted(known):
            if other != name and alike(other) == alike(name):
                message = f"the new group {name!r} differs from {other!r} only in spelling"
                self.warn(f"{message}; is it meant to be another?")

    def refuse_for_the_list(self, kind: Kind, path: str, message: str) -> None:
        """Refuse what only the list of this kind as a whole shows.

        It is not told where something is wrong with that list itself: who knows what was meant.
        """
        self.consequences.append((kind, Problem(path, message)))

    def in_use(self, request: Request, kind: Kind, users: t.Collection[str], cure: str) -> None:
        """Refuse to delete what others name; there may be none."""
        if not users:
            return
        message = f"{_WORDS[kind]} {request.key!r} is used by {len(users)}: {listed(users)}; {cure}"
        if self.policy.check_mode:
            self.warn(message)
        elif request.path == PURGE:
            self.refuse_for_the_list(kind, PURGE, message)
        else:
            self.refuse(request, "", message)

    def unknown(self, request: Request, option: str, name: str | None, kind: Kind, have: Directory) -> None:
        """Refuse a name that leads nowhere, with the one that may be meant; None names nothing."""
        known: t.Collection[str] = getattr(have, kind.attribute)
        if name is None or name in known or name in self.unsound.get(kind, ()):
            return
        if (kind, name) not in self._meant:
            self._meant[kind, name] = self._what_is_meant(name, known, kind)
        message = f"{name!r} does not exist {self.policy.there}; {self._meant[kind, name]}"
        if self.policy.check_mode:
            self.warn(f"{option}: {message} (the run refuses this unless it is created before)")
        else:
            self.refuse(request, option, message)

    def _what_is_meant(self, name: str, known: t.Collection[str], kind: Kind) -> str:
        """Return the known name that may be meant; where there is none, all that there are."""
        from ..definition.nearest import nearest  # noqa: PLC0415 - a run without a mistake does not need it

        near = nearest(name, known)
        cure = _DEFINED_IN[kind].format(create_groups=self.policy.called("create_groups"))
        if near is None:
            return f"there are: {', '.join(map(repr, sorted(known))) or 'none'}; {cure}"
        meant, is_sure = near
        return f"did you mean {meant!r}?" + ("" if is_sure else f" {cure[0].upper()}{cure[1:]}")

    def no_such_extension(self, request: Request, option: str, number: str) -> None:
        """Note that an option names an extension that is not there: in check mode perhaps not yet."""
        path = request.place(option)
        message = f"there is no extension {number} {self.policy.there}, and the list makes none"
        if self.policy.check_mode:
            self.warn(f"{path}: {message}; the run refuses this")
        else:
            self.refuse_for_the_list(EXTENSIONS, path, message)

    def refuse_all(self, asked: t.Mapping[Kind, Asked]) -> None:
        """Raise InvalidInputError if there is any problem, here or in what was asked."""
        problems = self.problems + [problem for each in asked.values() for problem in each.problems]
        for kind, problem in self.consequences:
            if kind not in asked or not asked[kind].problems:
                problems.append(problem)
        if problems:
            # What is wrong with a default is found for each extension that it fills.
            raise InvalidInputError(dict.fromkeys(problems))


def listed(names: t.Collection[str], most: int = 10) -> str:
    """Return names for a message, ordered, the first of them where they are many."""
    return ", ".join(sorted(names)[:most]) + (", …" if len(names) > most else "")


def with_purged(
    have: Directory, kind: Kind, want: t.Sequence[Request], judgement: Judgement
) -> list[Request]:
    """Return what is asked, and the deletion of each thing that is there and not asked for.

    Adds a problem where that is more than the policy lets go at once.
    """
    policy = judgement.policy
    things: t.Mapping[str, t.Any] = getattr(have, kind.attribute)
    requests = list(want)
    if policy.purge:
        named = {request.key for request in want} | judgement.unsound.get(kind, frozenset())
        surplus = sorted(set(things) - named)
        listed_in = policy.called(kind.option)
        allowed = max(PURGE_ALWAYS, len(things) * policy.purge_limit // 100)
        if len(surplus) > allowed:
            limit = policy.called("purge_limit")
            message = (
                f"the list leaves out {len(surplus)} of the {len(things)} {listed_in} there are"
                f" ({listed(surplus)}), and a purge deletes at most {allowed} of them at once; if that is"
                f" what you want, raise {limit} (now {policy.purge_limit} %)"
            )
            judgement.refuse_for_the_list(kind, PURGE, message)
        requests += [Request(key, PURGE, present=False) for key in surplus]
    judgement.gone[kind] = frozenset(r.key for r in requests if not r.present)
    return requests
