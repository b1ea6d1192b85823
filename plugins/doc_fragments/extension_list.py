# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  extensions:
    description:
      - Several extensions at once. If one is wrong, none is changed, and every mistake is reported with its index.
    type: list
    elements: dict
    suboptions:
      number:
        description:
          - The digits that reach this extension, 1 to 15 of them. Write them in quotes, or YAML reads V(0123) as 83. Needed for each.
        type: str
      name:
        description:
          - The person's name, shown to those who are called. Any text on one line of at most 80 characters.
        type: str
      username:
        description:
          - The user name in the credentials of its phones. It must not be the user name of another extension, or the number of one without.
          - 1 to 64 letters of ASCII, digits and C(. ! % * _ + ~ @ -). If empty or never set, it is the number.
          - The stored password is good for one user name only, so another one needs O(extensions[].password) or
            O(extensions[].password_digest) too.
        type: str
      password:
        description:
          - The password with which a phone registers. Stored only as digest, never returned.
          - Without one, no phone can register as this extension. Empty takes the present one away.
        type: str
      password_digest:
        description:
          - The HA1 (RFC 2617) of a password that nobody knows any more, as another system hands it over. It is the MD5 of
            C(username:asterisk:password), as 32 hexadecimal digits. Stored as it is, never returned. Empty takes it away.
          - It cannot be checked whether it belongs to this user name and to the realm C(asterisk), or whether the password is weak.
        type: str
      connection_port:
        description:
          - Name of the connection port through which the phone is reached (M(voiceops.asterisk.pbx_connection_port)).
          - If empty or never set, any port of the host.
        type: str
      outbound_profile:
        description:
          - Name of the profile that says which outside numbers it may call (M(voiceops.asterisk.pbx_outbound_profile)).
          - If empty or never set, internal calls only.
        type: str
      outbound_caller_id:
        description:
          - The number shown to the person who is called outside. Empty means that of the rule or of the trunk.
        type: str
      groups:
        description:
          - Names of the groups that the extension belongs to, all of them.
        type: list
        elements: str
      callable_groups:
        description:
          - Names of the groups that the extension may call, all of them. An empty list means nobody.
          - By default a new extension has no restriction. V(["*"]) lifts a restriction.
        type: list
        elements: str
      record:
        description:
          - Whether its conversations are recorded. The default for a new extension is V(false).
        type: bool
      enabled:
        description:
          - Whether its phones may register, and it can call and be called. The default for a new extension is V(true).
          - Disabling ends the registration of its phones; the definition and the password stay.
        type: bool
      max_devices:
        description:
          - How many phones may be registered at the same time, 1 to 20. The default for a new extension is V(1).
          - All of them ring. A further phone replaces the one whose registration would expire first.
        type: int
      max_calls:
        description:
          - How many calls it may have placed at the same time, 1 to 1000. The default for a new extension is V(10).
          - One that it has transferred counts until it ends. Calls to it and calls to an emergency number do not count.
        type: int
      ring_timeout:
        description:
          - How many seconds its phones ring, 5 to 300. The default for a new extension is V(30).
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
          - All of your own keys, each with a text. They are stored and returned, and have no other effect.
        type: dict
      state:
        description:
          - Whether it exists.
        type: str
        choices: [present, absent]
        default: present
"""
