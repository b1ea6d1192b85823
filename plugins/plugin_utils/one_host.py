# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with the variables that an inventory has for one host, found without the host.

It is the code that a run uses, in the role's preflight and on the host, fed with the same variables.
"""

from __future__ import annotations

import functools
import re
import secrets
import typing as t

from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible.module_utils.common.validation import check_type_bool
from ansible.parsing.vault import AnsibleVaultError, EncryptedString
from ansible.template import Templar
from ansible_collections.voiceops.asterisk.plugins.filter.misspelt_variables import misspelt
from ansible_collections.voiceops.asterisk.plugins.filter.wrong_types import wrong_types
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.problem import whose
from ansible_collections.voiceops.asterisk.plugins.module_utils.definition.redaction import (
    Redaction,
    secrets_of,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.inspection import (
    RANGES,
    Inspected,
    inspected,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.judgement import Policy
from ansible_collections.voiceops.asterisk.plugins.module_utils.planning.plan import (
    EXTENSION_DEFAULTS,
    KINDS,
    TRUNKS,
)
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.findings import Finding
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.inventory_files import cause_of
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.origin import Place, written_at
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.rendering import as_written, rendered
from ansible_collections.voiceops.asterisk.plugins.plugin_utils.role_variables import RoleVariables

_PREFIX = "pbx_"
_LISTS = [f"{_PREFIX}{kind.option}" for kind in KINDS]
_DEFAULTS = f"{_PREFIX}{EXTENSION_DEFAULTS}"
_UNIQUE = f"{_PREFIX}numbers_unique"
#: What numbers_misread says: the file, the line, the option, and what is written.
_MISREAD = re.compile(r"(.*):([0-9]+): [^:]*(?:: (.*))?\Z")
#: What Ansible says of an entry that a mapping does not have, where more than the entry is looked up.
_NO_ENTRY = re.compile(r"\Aobject of type 'dict' has no attribute ('.*')\Z")
_IN_TEMPLATE = r"a mapping in its template has no entry \1"
#: Where a number or name was given first, as request.py says.
_FIRST = re.compile(r" is also given by (\S+\[[0-9]+\])")


class Outcome(t.NamedTuple):
    """What was found at one host."""

    mistakes: list[Finding]
    remarks: list[Finding]
    #: The values that are encrypted one by one and cannot be opened.
    locked: list[Finding]
    #: How many extensions there are to be.
    extensions: int
    #: Where each number is given, if no other host may give it.
    unique_numbers: dict[str, Place]
    #: How many values were not judged, because they are in a vault that cannot be opened.
    sealed: int


def examine(host: str, variables: dict[str, t.Any], role: RoleVariables, *, sealed: bool) -> Outcome:
    """Return what is wrong with the variables of a host.

    ``sealed`` says that a vault of this host cannot be opened, so a template may lead nowhere.
    """
    return _Host(host, variables, role, sealed).outcome()


class _Host:
    def __init__(self, host: str, variables: dict[str, t.Any], role: RoleVariables, is_sealed: bool) -> None:
        self._host, self._variables, self._role, self._is_sealed = host, variables, role, is_sealed
        known = {**role.defaults, **variables, **role.internal}
        self._templar = Templar(loader=None, variables=known)
        self._found: list[tuple[str, str]] = []
        #: What YAML has misread, and where in the variables.
        self._misread: list[tuple[str, str]] = []
        self._locked: list[tuple[str, str]] = []
        self._sealed = 0
        self._raw: dict[str, t.Any] = {}
        self._values: dict[str, t.Any] = {}

    def outcome(self) -> Outcome:
        names = [name for name in self._variables if name.startswith(_PREFIX)]
        for name in names:
            if name in self._role.options:
                self._read(name)
        wrong = {rule["path"]: rule["say"] for rule in wrong_types(self._values, self._role.options)}
        self._found += wrong.items()
        self._found += ((r["path"], r["say"]) for r in misspelt(names, self._role.known))
        spoilt = {path.partition("[")[0] for path in wrong}
        right = {name: value for name, value in self._values.items() if name not in spoilt}
        self._found += self._role.wrong_together(self._variables, right)
        seen = self._inspected()
        self._found += seen.problems
        is_unique = self._value(_UNIQUE) == "fleet"
        return Outcome(
            [*self._findings(self._found), *self._misreadings(set(wrong))],
            list(self._findings(seen.remarks)),
            list(self._findings(self._locked)),
            len(extensions) if isinstance(extensions := self._value("pbx_extensions"), list) else 0,
            {number: self._place(path) for number, path in seen.numbers.items()} if is_unique else {},
            self._sealed,
        )

    # --- what the variables are --------------------------------------------------------------

    def _read(self, name: str) -> None:
        """Put the values of templates into a variable; what is wrong with one spoils no other."""
        raw = as_written(self._variables[name], self._templar)
        if not isinstance(raw, list):
            value = self._rendered(raw, name, name)
            # The list that an expression makes: its items know where they stand.
            self._raw[name] = value if isinstance(value, (list, dict)) else self._variables[name]
            self._values[name] = value
            return
        self._raw[name] = raw
        self._values[name] = [self._item(each, f"{name}[{index}]", name) for index, each in enumerate(raw)]

    def _item(self, item: t.Any, path: str, name: str) -> t.Any:
        if not isinstance(item, dict):
            return self._rendered(item, path, name)
        read = {key: self._rendered(value, f"{path}.{key}", str(key)) for key, value in item.items()}
        return {key: value for key, value in read.items() if value is not None}

    def _rendered(self, value: t.Any, path: str, option: str) -> t.Any:
        """Return a value; None for one that is omitted, or whose template leads nowhere."""
        misread: list[str] = []
        try:
            value = rendered(value, self._templar, option, misread)
            self._misread += [(path, said) for said in misread]
            return value
        except AnsibleValueOmittedError:
            return None
        except AnsibleError as error:
            is_in_vault = isinstance(value, EncryptedString) or _is_of_a_vault(error)
            if is_in_vault or self._is_sealed:
                self._sealed += 1
            if is_in_vault:
                self._locked.append((path, f"is encrypted and cannot be opened: {cause_of(error)}"))
            elif not self._is_sealed:
                self._found.append((path, f"has no value: {_NO_ENTRY.sub(_IN_TEMPLATE, cause_of(error))}"))
            # A password that is there anyway, and that nothing is wrong with.
            return secrets.token_hex(16) if option == "password" else None

    def _value(self, name: str) -> t.Any:
        return self._values.get(name, self._role.defaults.get(name))

    # --- what is wrong with them -------------------------------------------------------------

    def _inspected(self) -> Inspected:
        lists = {name.removeprefix(_PREFIX): self._value(name) for name in [*_LISTS, _DEFAULTS]}
        ranges = self._value(RANGES)
        policy = Policy(
            create_groups=self._flag("pbx_create_groups"),
            allow_weak_password=self._flag("pbx_allow_weak_passwords"),
            by_role=True,
            there="in the inventory",
        )
        return inspected(lists, ranges if isinstance(ranges, list) else [], policy)

    def _flag(self, name: str) -> bool:
        try:
            return bool(check_type_bool(self._value(name)))
        except (TypeError, ValueError):
            return False

    @functools.cached_property
    def _redaction(self) -> Redaction:
        """What masks the secrets of this host: what is wrong is repeated, and may be a password."""
        lists = [self._value(name) for name in ("pbx_extensions", f"{_PREFIX}{TRUNKS.option}")]
        single = [self._value(_DEFAULTS), {"password": self._value("pbx_metrics_password")}]
        return Redaction(secret for items in [*lists, single] for secret in secrets_of(items))

    @property
    def _lists(self) -> dict[str, t.Any]:
        return {name.removeprefix(_PREFIX): value for name, value in self._values.items()}

    def _findings(self, found: t.Iterable[tuple[str, str]]) -> t.Iterator[Finding]:
        lists = self._lists
        for path, message in found:
            who = self._redaction.text(whose(lists, path))
            first = _FIRST.search(message)
            also = self._place(first[1]) if first else Place()
            yield Finding(self._host, path, self._redaction.text(message), self._place(path), who, also)

    def _misreadings(self, told: t.Container[str]) -> t.Iterator[Finding]:
        """What YAML has not read as it is written, but for variables of which that is told."""
        lists = self._lists
        for path, said in self._misread:
            found = _MISREAD.match(said)
            if found and path not in told:
                file, line, token = found.groups()
                shown = f": {token}" if token else ""
                message = f"YAML does not read it as it is written; put it in quotes{shown}"
                yield Finding(self._host, path, message, Place(file, int(line)), whose(lists, path))

    def _place(self, path: str) -> Place:
        name, _bracket, rest = path.partition("[")
        name, _dot, option = name.partition(".")
        if name not in self._variables:
            return Place()
        below = f"[{rest}" if rest else option
        inside = written_at(self._raw.get(name, self._variables[name]), below)
        return inside if inside.file else written_at(self._variables, name)


def _is_of_a_vault(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, AnsibleVaultError):
            return True
        error = error.__cause__ or error.__context__
    return False
