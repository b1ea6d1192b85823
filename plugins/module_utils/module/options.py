# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules, as Ansible wants them told; what they mean is in ``request``.

Private to this collection's modules. In a list nothing is required by Ansible, because our own
check names the index of the item that is wrong, and Ansible's does not.
"""

from __future__ import annotations

import typing as t

from ..asterisk import ami
from ..database import schema, store
from ..definition.model import ACTIONS, CODECS
from ..definition.protocol import PROTOCOLS
from ..planning.plan import EXTENSIONS, GROUPS, PORTS, PROFILES, TRUNKS, Kind

Spec = dict[str, dict[str, t.Any]]

_TEXT: dict[str, t.Any] = {"type": "str"}
_TEXTS: dict[str, t.Any] = {"type": "list", "elements": "str"}
_NUMBER: dict[str, t.Any] = {"type": "int"}
_FLAG: dict[str, t.Any] = {"type": "bool"}
_SECRET: dict[str, t.Any] = {"type": "str", "no_log": True}
_STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}

#: The options of one item of each kind.
ITEM: dict[Kind, Spec] = {
    PORTS: {
        "name": _TEXT,
        "protocol": {"type": "str", "choices": list(PROTOCOLS)},
        "address": _TEXT,
        "port": _NUMBER,
        "certificate": _TEXT,
        # The path of a file, and no secret.
        "private_key": {"type": "str", "no_log": False},
        "external_address": _TEXT,
        "local_networks": _TEXTS,
        **_STATE,
    },
    TRUNKS: {
        "name": _TEXT,
        "host": _TEXT,
        "port": _NUMBER,
        "connection_port": _TEXT,
        "register": _FLAG,
        "username": _TEXT,
        "password": _SECRET,
        "realm": _TEXT,
        "codecs": {"type": "list", "elements": "str", "choices": list(CODECS)},
        "caller_id": _TEXT,
        "inbound_addresses": _TEXTS,
        "inbound_numbers": {
            "type": "list",
            "elements": "dict",
            "options": {
                "number": {"type": "str", "required": True},
                "extension": {"type": "str", "required": True},
            },
        },
        "country_code": _TEXT,
        "area_code": _TEXT,
        "called_number_header": _TEXT,
        "trust_identity": _FLAG,
        "qualify": _FLAG,
        "emergency": _FLAG,
        **_STATE,
    },
    PROFILES: {
        "name": _TEXT,
        "rules": {
            "type": "list",
            "elements": "dict",
            "options": {
                "pattern": _TEXT,
                "prefix": _TEXT,
                "action": {"type": "str", "choices": list(ACTIONS), "default": "allow"},
                "trunks": _TEXTS,
                "strip": {"type": "int", "default": 0},
                "prepend": {"type": "str", "default": ""},
                "caller_id": _TEXT,
            },
        },
        "max_concurrent_calls": _NUMBER,
        "max_call_time": _NUMBER,
        **_STATE,
    },
    GROUPS: {"name": _TEXT, **_STATE},
    EXTENSIONS: {
        "number": _TEXT,
        "name": _TEXT,
        "username": _TEXT,
        "password": _SECRET,
        "password_digest": _SECRET,
        "connection_port": _TEXT,
        "outbound_profile": _TEXT,
        "outbound_caller_id": _TEXT,
        "groups": _TEXTS,
        "callable_groups": _TEXTS,
        "record": _FLAG,
        "enabled": _FLAG,
        "max_devices": _NUMBER,
        "max_calls": _NUMBER,
        "ring_timeout": _NUMBER,
        "forward_to": _TEXT,
        "language": _TEXT,
        "email": _TEXT,
        "labels": {"type": "dict"},
        **_STATE,
    },
}


def list_of(kind: Kind) -> Spec:
    """Return the option that takes a list of things of this kind."""
    return {kind.option: {"type": "list", "elements": "dict", "options": ITEM[kind]}}


DATABASE: Spec = {"database": {"type": "path", "default": store.DEFAULT_PATH}}
GROUP: Spec = {"group": {"type": "str", "default": "asterisk"}}
HANDED_OVER: Spec = {"handed_over": {"type": "json", "no_log": True}}
PURGE: Spec = {"purge": {"type": "bool", "default": False}, "purge_limit": {"type": "int", "default": 20}}
FORCE: Spec = {"force": {"type": "bool", "default": False}}
BY_ROLE: Spec = {
    "by_role": {"type": "bool", "default": False},
    "trial": {"type": "bool", "default": False},
    "to_be_written": {"type": "list", "elements": "path", "default": []},
}
#: What is to be as wanted besides the directory, or nothing is done at all.
BESIDE: Spec = {
    "files": {"type": "list", "elements": "dict"},
    "absent": {"type": "list", "elements": "path", "default": []},
}
PASSWORDS: Spec = {
    "create_groups": {"type": "bool", "default": False},
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
    "allow_weak_password": {"type": "bool", "default": False, "no_log": False},
}
#: When a call without media ends; in the order of model.MediaTimeouts.
MEDIA: Spec = {"media_timeout": _NUMBER, "media_timeout_hold": _NUMBER}
#: How much of the history is kept; in the words of the settings (schema.KEPT_HISTORY).
HISTORY: Spec = {"history_changes": _NUMBER, "history_days": _NUMBER}
LONGEST_COMMENT = schema.LONGEST_COMMENT
#: How a change waits to be confirmed, and the programs that take it back; the role's.
CONFIRM: Spec = {
    "confirm_within": {"type": "int", "default": 0},
    "confirm_files": {"type": "list", "elements": "dict", "default": []},
}
#: What phones are told that get other settings.
NOTIFY: Spec = {"notify_event": _TEXT}
COMMENT: Spec = {"change_comment": _TEXT}
ROLLBACK: Spec = {"before": _NUMBER, "at": _TEXT}
GATE: Spec = {
    "mark": _TEXT,
    "min_registered": {"type": "float", "default": 95.0},
    "settle": {"type": "int", "default": 60},
    "wait": {"type": "bool", "default": False},
    "test_call": _TEXT,
    "command": {"type": "raw"},
}
FOLDER: dict[str, t.Any] = {"type": "path", "default": "/etc/asterisk"}
INFRASTRUCTURE: Spec = {
    "configuration_folder": FOLDER,
    **GROUP,
    "restart": {"type": "str", "choices": ["never", "if_needed"], "default": "never"},
    "read_at_start": {"type": "list", "elements": "path", "default": []},
}
#: What facts can be gathered. The words are those of ``status.GATHERED``, and stand here because no module
#: but that of the facts needs the rest: to send it along and to compile it would cost each of them 10 ms.
_GATHERED_BY_DEFAULT = [
    *("definition", "registration", "calls", "certificates", "recording", "confirmation", "blocked")
]
_GATHERED = [*_GATHERED_BY_DEFAULT, "directory", "history"]
FACTS: Spec = {
    "numbers": _TEXTS,
    "groups": _TEXTS,
    "gather": {
        "type": "list",
        "elements": "str",
        "choices": _GATHERED,
        "default": _GATHERED_BY_DEFAULT,
    },
    "history_limit": {"type": "int", "default": 20},
    "compare": {"type": "list", "elements": "int"},
    "packed": {"type": "bool", "default": False},
}
AMI: Spec = {
    "ami_port": {"type": "int", "default": ami.DEFAULT_PORT},
    "ami_secret_file": {"type": "path", "default": ami.DEFAULT_SECRET_FILE},
    "ami_timeout": {"type": "float", "default": 30.0},
}
#: How what another system knows is written as an inventory.
WRITTEN: Spec = {
    "report": {"type": "path"},
    "format": {"type": "str", "choices": ["yaml", "json"], "default": "yaml"},
    "transports": {"type": "dict", "default": {}},
    "declare_groups": {"type": "bool", "default": True},
    "vault_id": {"type": "str", "default": ""},
    "force": {"type": "bool", "default": False},
}
ADOPTION: Spec = {
    "configuration_folder": FOLDER,
    "dest": {"type": "path"},
    **WRITTEN,
}
