# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs on the controller and asks no host: reads another system's file, and writes an inventory."""

from __future__ import annotations

import os
import typing as t

# Before what an older ansible-core does not have.
# pylint: disable-next=unused-import
import ansible_collections.voiceops.asterisk.plugins.plugin_utils.oldest_ansible  # noqa: F401
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange import (
    importing,
    judged,
    realtime_tables,
    spreadsheet,
)
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.imported import Imported
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.row import Choices
from ansible_collections.voiceops.asterisk.plugins.module_utils.exchange.sources import SOURCES
from ansible_collections.voiceops.asterisk.plugins.module_utils.host import beneath
from ansible_collections.voiceops.asterisk.plugins.module_utils.module.options import WRITTEN
from ansible_collections.voiceops.asterisk.plugins.plugin_utils import written_inventory

#: The source that is tables of a database, and not one of rows in a spreadsheet.
REALTIME = "realtime"
#: What only rows of a spreadsheet have.
_OF_SPREADSHEETS = ("separator", "skip", "profiles", "groups")

SPEC: dict[str, dict[str, t.Any]] = {
    "source": {"type": "str", "required": True, "choices": sorted([*SOURCES, REALTIME])},
    "path": {"type": "path", "required": True},
    "dest": {"type": "path", "required": True},
    "encoding": {"type": "str", "default": ""},
    "separator": {"type": "str", "default": ""},
    "skip": {"type": "list", "elements": "str", "default": []},
    "profiles": {"type": "dict", "default": {}},
    "groups": {"type": "dict", "default": {}},
    **WRITTEN,
}


class ActionModule(ActionBase):
    """Writes everything or nothing; what it has written it writes again without a change."""

    _requires_connection = False
    _supports_check_mode = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        _validated, options = self.validate_argument_spec(argument_spec=SPEC)
        path = os.path.abspath(options["path"])
        what = written_inventory.Source(path, f"{os.path.basename(path)} as {options['source']}", "import")
        result.update(written_inventory.write(_read(path, options), what, options, self._task))
        return result


def _read(path: str, options: dict[str, t.Any]) -> Imported:
    maps = {
        name: {str(word): "" if meant is None else str(meant) for word, meant in options[name].items()}
        for name in ("transports", "profiles", "groups")
    }
    if options["source"] == REALTIME:
        for option in (each for each in _OF_SPREADSHEETS if options[each]):
            raise AnsibleActionFail(f"{option} is of no use with the source {REALTIME}; leave it out")
        tables = {name: _decoded(_content(name), name, options["encoding"]) for name in _tables(path)}
        return judged.judged(realtime_tables.realtime(tables, maps["transports"]))
    return importing.read(
        options["source"],
        _content(path),
        encoding=options["encoding"],
        separator=options["separator"],
        skip=options["skip"],
        choices=Choices(**maps),
    )


def _content(path: str) -> bytes:
    try:
        return beneath.read(path, spreadsheet.MAX_BYTES + 1)
    except OSError as error:
        raise AnsibleActionFail(f"{path} cannot be read: {error.strerror}") from error


def _tables(path: str) -> list[str]:
    """Return the files of a folder, or the one file."""
    if not os.path.isdir(path):
        return [path]
    names = sorted(name for name in os.listdir(path) if not name.startswith("."))
    return [file for name in names if os.path.isfile(file := os.path.join(path, name))]


def _decoded(content: bytes, path: str, encoding: str) -> str:
    if len(content) > spreadsheet.MAX_BYTES:
        raise AnsibleActionFail(f"{path} is larger than {spreadsheet.MAX_BYTES // 2**20} MiB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if not encoding:
            raise AnsibleActionFail(
                f"{path} is not UTF-8; set encoding (import_encoding) to its encoding, such as cp1254"
            ) from None
    try:
        return content.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise AnsibleActionFail(f"{path} cannot be read as {encoding}: {error}") from None
