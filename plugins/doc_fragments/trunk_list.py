# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  trunks:
    description:
      - Several trunks at once. If one is wrong, none is changed, and every mistake is reported with its index.
    type: list
    elements: dict
    suboptions:
      name:
        description:
          - Name of the trunk, any text on one line of at most 80 characters. Profiles refer to it. Needed for each.
        type: str
      host:
        description:
          - Name or address of the peer, such as your provider's SIP server. A new trunk needs it.
        type: str
      port:
        description:
          - Port number of the peer. The default for a new trunk is V(5060).
        type: int
      connection_port:
        description:
          - Name of the connection port that the trunk speaks through; its protocol is the trunk's.
          - If empty or never set, UDP from any port.
        type: str
      register:
        description:
          - Whether the host registers with the peer, so that calls reach it at any address. Needs a user name and a password.
          - The default for a new trunk is V(false).
        type: bool
      username:
        description:
          - The user name that the peer has given you. Empty means none.
        type: str
      password:
        description:
          - The password that the peer has given you. Stored only as digest, never returned. Empty takes it away.
        type: str
      realm:
        description:
          - The protection realm in which the peer asks for the password. The digest is good for this one only.
          - A new trunk gets its host where it is left out. If the peer has another, Asterisk's log names it when
            it cannot register.
        type: str
      codecs:
        description:
          - The codecs that are spoken with the peer, best first. The default for a new trunk is V([alaw, ulaw]).
        type: list
        elements: str
        choices: [alaw, ulaw, g722]
      caller_id:
        description:
          - The number shown to the person who is called, where neither the extension nor the rule has one. Empty means none.
        type: str
      inbound_addresses:
        description:
          - Where calls of the peer come from, as networks, addresses or names of hosts, all of them.
          - An empty list means from its host. A registering trunk's calls are known by its registration too.
          - Two trunks may have an address in common, as two accounts of one provider. The number that is called then tells
            which trunk a call came through, so it has to be the number of one of them.
        type: list
        elements: str
      inbound_numbers:
        description:
          - The numbers under which the outside world reaches you through this trunk, each with the extension that its calls
            go to, all of them. V(*) as number stands for every other one.
        type: list
        elements: dict
        suboptions:
          number:
            description:
              - Digits, preferably in E.164 form with a leading V(+). The same number without the V(+), with V(00), or in
                a form that the country and the area code make known is this number too.
            type: str
            required: true
          extension:
            description: Number of an extension.
            type: str
            required: true
      country_code:
        description:
          - The country code of the peer, such as V(90). With it, inbound numbers are known in their national form too.
          - Empty means none.
        type: str
      area_code:
        description:
          - The area code of the peer without the V(0) before it, such as V(212). With it, inbound numbers are known in their
            local form too. Needs the country code. Empty means none.
        type: str
      called_number_header:
        description:
          - A SIP header in which the peer names the number that is called, such as V(P-Called-Party-ID). The address of the request
            and To count where it has no number that is yours. Empty means none.
        type: str
      trust_identity:
        description:
          - Whether you and the peer trust each other's caller identities (RFC 3325). Its P-Asserted-Identity or Remote-Party-ID
            takes precedence over From, and it receives withheld numbers, as P-Asserted-Identity with Privacy.
          - The default for a new trunk is V(false).
        type: bool
      qualify:
        description:
          - Whether the host sends OPTIONS to the peer every 30 seconds. A peer that does not answer is dialled last;
            one that is not asked counts as available. The default for a new trunk is V(true).
        type: bool
      emergency:
        description:
          - Whether emergency numbers may be dialled through it. The default for a new trunk is V(true).
        type: bool
      state:
        description:
          - Whether it exists.
        type: str
        choices: [present, absent]
        default: present
"""
