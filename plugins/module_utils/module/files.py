# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the module does that writes a host's files of configuration.

Private to this collection's modules.
"""

from __future__ import annotations

import grp
import os
import re
import typing as t

from ..asterisk import hostfile, showable
from ..asterisk.hostfile import FOREIGN, Step, Wanted
from ..definition.problem import InvalidInputError, Problem, quoted
from ..definition.reading import Reader
from ..definition.redaction import MASK
from . import options
from .ansible_module import end, failed, refused, start

if t.TYPE_CHECKING:
    from ansible.module_utils.basic import AnsibleModule

DEFAULT_MODE = "0640"
DEFAULT_GROUP = "asterisk"

Show = t.Callable[[t.Any], str]

SPEC: options.Spec = {
    **options.HANDED_OVER,
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "content": {"type": "str", "required": True},
            "mode": {"type": "str", "default": DEFAULT_MODE},
            "group": {"type": "str", "default": DEFAULT_GROUP},
            "secret": {"type": "bool", "default": False, "no_log": False},
            "adopt": {"type": "bool", "default": True},
        },
    },
    "absent": {"type": "list", "elements": "path", "default": []},
    "kept_folder": {"type": "path", "default": hostfile.KEPT},
}


def run() -> None:
    """Run the module."""
    module = start(SPEC)
    # Folders on the way to a file are for all, also where root's are not: programs of other users read there.
    os.umask(0o022)
    kept = module.params["kept_folder"]
    try:
        wanted, left_alone = _wanted(module.params["files"], module.check_mode)
        wanted += [Wanted(path, None) for path in module.params["absent"]]
        steps = _steps(wanted, kept)
        _refuse(module, steps, left_alone)
        shown = showable.read(kept)
        if not module.check_mode:
            _take(steps, wanted, shown, kept)
    except InvalidInputError as error:
        raise refused(module, error) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error
    foreign = [step for step in steps if _is_somebodys(step)]
    for step in foreign:
        place = hostfile.kept_at(step.wanted.path, kept, step.place)
        module.warn(f"somebody has written {step.wanted.path}: it is kept as {place}, and replaced")
    result: dict[str, t.Any] = {
        "written": [step.wanted.path for step in steps if step.wanted.text is not None],
        "removed": [step.wanted.path for step in steps if step.wanted.text is None],
        "kept": [step.wanted.path for step in foreign],
    }
    if module._diff:
        result["diff"] = showable.diffs(steps, shown, kept, whole=module._verbosity > 0)
    end(module, changed=bool(steps), **result)


def put(module: AnsibleModule, items: t.Sequence[t.Any]) -> None:
    """Have files of the role there, in a run that goes on. Ends the module where that cannot be."""
    former = os.umask(0o022)
    try:
        wanted, _left_alone = _wanted(items, checking=False)
        _take(_steps(wanted, hostfile.KEPT), wanted, showable.read(hostfile.KEPT), hostfile.KEPT)
    except InvalidInputError as error:
        raise refused(module, error) from error
    finally:
        os.umask(former)


def _take(steps: t.Iterable[Step], wanted: t.Sequence[Wanted], shown: showable.Digests, kept: str) -> None:
    for step in steps:
        hostfile.take(step, kept)
    noted = showable.after(shown, wanted)
    if noted != shown:
        showable.write(noted, kept)


def are_outstanding(module: AnsibleModule) -> bool:
    """Tell whether any of the files is not as it has to be; ends the module where nobody can tell."""
    kept = module.params.get("kept_folder", hostfile.KEPT)
    try:
        wanted, _left_alone = _wanted(module.params["files"], checking=True)
        wanted += [Wanted(path, None) for path in module.params["absent"]]
        shown = showable.read(kept)
        return bool(_steps(wanted, kept)) or showable.after(shown, wanted) != shown
    except InvalidInputError as error:
        raise refused(module, error) from error
    except OSError as error:
        raise failed(module, f"{error.filename}: {error.strerror or error}") from error


def _steps(wanted: t.Sequence[Wanted], kept: str) -> list[Step]:
    """Return what has to happen to these files. Raises OSError."""
    found = {each.path: file for each in wanted if (file := hostfile.look_at_for(each)) is not None}
    of_others = {each.path: hostfile.look_at_kept(each.path, kept) for each in wanted}
    return hostfile.steps(wanted, found, of_others)


def _wanted(items: t.Sequence[t.Any], checking: bool) -> tuple[list[Wanted], set[str]]:
    """Return the files that are wanted, and the paths where what somebody has written must stay.

    Raises InvalidInputError.
    """
    problems: list[Problem] = []
    wanted: list[Wanted] = []
    left_alone: set[str] = set()
    secret_texts = [
        str(item.get("content")) for item in items if isinstance(item, dict) and item.get("secret", False)
    ]

    def shown(value: t.Any) -> str:
        """Return a wrong value for a message, unless it stands in a text that nobody may see."""
        return MASK if any(str(value) in text for text in secret_texts) else quoted(value)

    for index, item in enumerate(items):
        place = f"files[{index}]"
        if not isinstance(item, dict):
            problems.append(Problem(place, "is not a mapping with the path and the content of a file"))
            continue
        reader = Reader(item, place, problems)
        reader.refuse_unknown(SPEC["files"]["options"].keys())
        path = _path(reader, item.get("path"), shown)
        if path in (each.path for each in wanted):
            reader.problem("path", f"{shown(path)} is there twice")
        if not isinstance(item.get("content"), str):
            reader.problem("content", "is missing, or not a text")
        if not re.fullmatch("0?[0-7]{3}", mode := str(item.get("mode", DEFAULT_MODE))):
            reader.problem("mode", f"{shown(mode)} is not a mode such as '0640', in quotes")
            mode = DEFAULT_MODE
        gid = _gid(reader, str(item.get("group", DEFAULT_GROUP)), checking, shown)
        secret = reader.flag("secret", item.get("secret", False))
        wanted.append(Wanted(path, str(item.get("content")), int(mode, 8), gid, secret))
        if not reader.flag("adopt", item.get("adopt", True)):
            left_alone.add(path)
    if problems:
        raise InvalidInputError(problems)
    return wanted, left_alone


def _path(reader: Reader, path: t.Any, shown: Show) -> str:
    if not isinstance(path, str) or not os.path.isabs(path) or os.path.normpath(path) != path:
        reader.problem("path", f"{shown(path)} is not an absolute path without .., . and //")
    return str(path)


def _gid(reader: Reader, group: str, checking: bool, shown: Show) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        # On a bare host the package that brings the group is still to be installed.
        if not checking:
            reader.problem("group", f"there is no group {shown(group)} on this host")
        return -1


def _is_somebodys(step: Step) -> bool:
    """Tell whether the step replaces what somebody has written."""
    return bool(step.place and step.found and step.found.origin == FOREIGN)


def _refuse(module: AnsibleModule, steps: t.Iterable[Step], left_alone: t.Container[str]) -> None:
    """End the module where text would be replaced that somebody has written and nobody has given up."""
    lost = [step for step in steps if _is_somebodys(step) and step.wanted.path in left_alone]
    if lost:
        there = [hostfile.described(step.wanted.path, step.found.text) for step in lost if step.found]
        comes_back = all(step.place == 1 for step in lost)
        raise failed(
            module,
            "nothing was changed, because somebody else has configured Asterisk on this host: "
            + "; ".join(there)
            + ". Set pbx_adopt: true to have it replaced; it is kept in"
            f" {module.params['kept_folder']} then"
            + (", and comes back with pbx_state: absent" if comes_back else ""),
            foreign=there,
        )
