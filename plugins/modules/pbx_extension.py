#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension
short_description: Create, change and delete extensions of an Asterisk host
description:
  - Makes one extension, or a list of them, be as described. A list is one read, one plan and one transaction.
  - What is left out is left alone. An option that is not given keeps its value, and a rename never touches the password.
  - A change counts from the next call on; nothing is reloaded and no other phone notices.
version_added: "1.0.0"
options:
  number:
    description:
      - The digits that reach this extension, 1 to 15 of them. Write them in quotes, or YAML reads V(0123) as 83.
    type: str
  name:
    description:
      - The person's name, shown to those who are called. Any text on one line of at most 80 characters.
    type: str
  password:
    description:
      - The password with which a phone registers. Stored only as digest, never returned.
      - Without one, no phone can register as this extension. Empty takes the present one away.
    type: str
  connection_port:
    description:
      - Name of the connection port through which the phone is reached (M(voiceops.asterisk.pbx_connection_port)).
      - Empty means any port of the host, as does never having set one.
    type: str
  groups:
    description:
      - Names of the groups that the extension belongs to, all of them.
    type: list
    elements: str
  callable_groups:
    description:
      - Names of the groups that the extension may call, all of them. An empty list means nobody.
      - A new extension has no restriction where it is left out. V(["*"]) lifts a restriction.
    type: list
    elements: str
  enabled:
    description:
      - Whether its phones may register, and it can call and be called. V(true) for a new extension where it is left out.
      - Disabling ends the registration of its phones; the definition and the password stay.
    type: bool
  max_devices:
    description:
      - How many phones may be registered at the same time, 1 to 20; V(1) for a new extension where it is left out.
      - All of them ring. One more takes the place of the one whose registration would expire first.
    type: int
  ring_timeout:
    description:
      - How many seconds its phones ring, 5 to 300; V(30) for a new extension where it is left out.
    type: int
  forward_to:
    description:
      - Number of the extension that is called where no phone of this one answers or is registered.
      - Empty means none.
    type: str
  language:
    description:
      - Language of the prompts that it hears, such as V(tr). Empty means the host's.
    type: str
  email:
    description:
      - An e-mail address for your own purposes. Empty means none.
    type: str
  labels:
    description:
      - Your own keys with a text each, all of them; kept and returned, and otherwise left alone.
    type: dict
  state:
    description:
      - Whether the extension is there. Deleting it also ends its phone's registration.
    type: str
    choices: [present, absent]
    default: present
  extensions:
    description:
      - Several extensions at once; all of them, or none if one is wrong. Every mistake is named with its index.
    type: list
    elements: dict
    suboptions:
      number:
        description: As O(number). Needed for each extension.
        type: str
      name:
        description: As O(name).
        type: str
      password:
        description: As O(password).
        type: str
      connection_port:
        description: As O(connection_port).
        type: str
      groups:
        description: As O(groups).
        type: list
        elements: str
      callable_groups:
        description: As O(callable_groups).
        type: list
        elements: str
      enabled:
        description: As O(enabled).
        type: bool
      max_devices:
        description: As O(max_devices).
        type: int
      ring_timeout:
        description: As O(ring_timeout).
        type: int
      forward_to:
        description: As O(forward_to).
        type: str
      language:
        description: As O(language).
        type: str
      email:
        description: As O(email).
        type: str
      labels:
        description: As O(labels).
        type: dict
      state:
        description: As O(state).
        type: str
        choices: [present, absent]
        default: present
  create_groups:
    description:
      - Whether a group in O(groups) that does not exist is created, rather than refused.
    type: bool
    default: false
  update_password:
    description:
      - Whether the password of an extension that exists is compared and changed, or set at creation only.
    type: str
    choices: [always, on_create]
    default: always
  allow_weak_password:
    description:
      - Take a password that is short, common, or contains the number. An open invitation to toll fraud.
    type: bool
    default: false
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.purge
  - voiceops.asterisk.ami
seealso:
  - module: voiceops.asterisk.pbx_extension_group
  - module: voiceops.asterisk.pbx_extension_facts
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: A desk phone for Ayşe
  voiceops.asterisk.pbx_extension:
    number: "1001"
    name: Ayşe Yılmaz
    password: "{{ vault_password_1001 }}"
    connection_port: Ofis
    groups: [Satış]

- name: The same person under another name; the password stays
  voiceops.asterisk.pbx_extension:
    number: "1001"
    name: Ayşe Demir

- name: Everybody, from the inventory
  voiceops.asterisk.pbx_extension:
    extensions: "{{ pbx_extensions }}"
    create_groups: true
    purge: true

- name: The front door can call the porter, and nobody else; who calls it gets the porter too
  voiceops.asterisk.pbx_extension:
    number: "1900"
    name: Ön kapı
    callable_groups: [Güvenlik]
    forward_to: "1901"
    ring_timeout: 10
    labels:
      room: Z-01
"""

RETURN = r"""
created:
  description: Numbers of the extensions that were (or in check mode would be) created.
  returned: success
  type: list
  elements: str
  sample: ["1002"]
updated:
  description: Numbers of the extensions that were (or would be) changed.
  returned: success
  type: list
  elements: str
  sample: ["1001"]
deleted:
  description: Numbers of the extensions that were (or would be) deleted, by a purge too.
  returned: success
  type: list
  elements: str
  sample: []
unchanged:
  description: How many of the extensions were as asked already.
  returned: success
  type: int
  sample: 198
created_groups:
  description: Names of the groups that were (or would be) created along with the extensions.
  returned: success
  type: list
  elements: str
  sample: [Satış]
problems:
  description: Everything that is wrong with the input, where it is and what to do about it.
  returned: failure because of the input
  type: list
  elements: dict
  sample:
    - path: extensions[57].number
      message: "'10-57' is not a number of 1 to 15 digits; write digits only, in quotes"
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils import _module
from ansible_collections.voiceops.asterisk.plugins.module_utils.decide import plan_extensions
from ansible_collections.voiceops.asterisk.plugins.module_utils.model import ask_extensions


def main() -> None:
    options = {
        "number": {"type": "str"},
        "name": {"type": "str"},
        "password": {"type": "str", "no_log": True},
        "connection_port": {"type": "str"},
        "groups": {"type": "list", "elements": "str"},
        "callable_groups": {"type": "list", "elements": "str"},
        "enabled": {"type": "bool"},
        "max_devices": {"type": "int"},
        "ring_timeout": {"type": "int"},
        "forward_to": {"type": "str"},
        "language": {"type": "str"},
        "email": {"type": "str"},
        "labels": {"type": "dict"},
        "state": _module.STATE,
    }
    policy_options = {
        "create_groups": {"type": "bool", "default": False},
        "update_password": {
            "type": "str",
            "choices": ["always", "on_create"],
            "default": "always",
            "no_log": False,
        },
        "allow_weak_password": {"type": "bool", "default": False, "no_log": False},
        **_module.AMI,
    }
    module = _module.directory_module(options, key="number", list_option="extensions", extra=policy_options)
    want = _module.asked(module, ask_extensions, "extensions")
    policy = _module.policy(
        module,
        create_groups=module.params["create_groups"],
        update_password=module.params["update_password"] == "always",
        allow_weak_password=module.params["allow_weak_password"],
    )
    plan = _module.carry_out(module, want, plan_extensions, policy)
    _module.drop_contacts(module, plan)
    created_groups = [group.name for group in plan.groups.create]
    _module.report(module, plan, plan.extensions, key="number", created_groups=created_groups)


if __name__ == "__main__":
    main()
