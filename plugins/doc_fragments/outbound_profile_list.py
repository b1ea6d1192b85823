# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  outbound_profiles:
    description:
      - Several profiles at once. If one is wrong, none is changed, and every mistake is reported with its index.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the profile, any text on one line of at most 80 characters. Extensions refer to it. Needed for each.
        type: str
      rules:
        description:
          - Which outside numbers may be called, and how; all of the rules. The first rule that matches decides, and a
            number that matches no rule may not be called.
        type: list
        elements: dict
        suboptions:
          pattern:
            description:
              - The form of the numbers, in Asterisk's pattern language. V(X) is any digit, V(Z) is 1 to 9, V(N) is 2 to 9,
                V([1-4]) is one of these, V(.) at the end is one or more digits, V(!) any number of them.
            type: str
          prefix:
            description: How the numbers begin. Either this or a pattern.
            type: str
          action:
            description: Whether the call goes out.
            type: str
            choices: [allow, deny]
            default: allow
          trunks:
            description: Names of the trunks that it goes out through. The next one is tried where one fails.
            type: list
            elements: str
          strip:
            description: How many leading digits are removed.
            type: int
            default: 0
          prepend:
            description: What is put before the remaining digits.
            type: str
            default: ""
          caller_id:
            description: The number shown to the person who is called, where the extension has none of its own.
            type: str
      max_concurrent_calls:
        description:
          - How many outside calls all extensions of the profile may have at the same time. V(0) means no limit, and is what a
            new profile has where it is left out.
        type: int
      max_call_time:
        description:
          - After how many seconds an outside call is ended. V(0) means never. V(14400), four hours, for a new profile where it
            is left out, so that no fraud runs over a weekend.
        type: int
      state:
        description:
          - Whether it exists.
        type: str
        choices: [present, absent]
        default: present
"""
