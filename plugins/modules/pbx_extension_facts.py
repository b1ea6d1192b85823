#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_extension_facts
short_description: Tell who is registered and who speaks on an Asterisk host right now
description:
  - Returns the definition of every extension without secrets, and what Asterisk sees of it at this moment.
  - Also returns what else is defined, and the state of the certificates that connection ports serve.
  - Where Asterisk does not run, the definitions are returned anyway, and what only Asterisk could tell is V(none).
version_added: "1.0.0"
options:
  numbers:
    description:
      - Tell only of the extensions with these numbers, and of those in O(groups). For a number that a host does not have it only
        warns, because a query to a whole fleet names numbers of other hosts too.
      - Only RV(ansible_facts.pbx_extensions) is narrowed by this; everything else is that of the whole host.
    type: list
    elements: str
  groups:
    description:
      - Tell only of the extensions that belong to any of these groups, and of those in O(numbers).
        For a group that a host does not have it warns.
    type: list
    elements: str
  gather:
    description:
      - What to gather.
      - V(definition) is how extensions and groups are defined. It is most of the data of a large host, so leave it
        out if you ask often.
      - V(registration) is whether extensions and trunks are registered, and from where.
      - V(calls) are the calls that extensions have at this moment.
      - V(certificates) are the certificates of connection ports, read from their files with python3-pyasn1 and compared
        with what the running port serves.
      - V(recording) is the storage of recordings, and whether Asterisk has been able to write there.
      - V(confirmation) is whether a change waits to be confirmed, or was taken back because nobody did.
      - V(blocked) are the addresses that fail2ban blocks because passwords were guessed from there. They are read in fail2ban's
        database; Asterisk is not asked for them.
      - V(directory) is the directory in the shape in which it is written in an inventory. Where nothing else is gathered,
        Asterisk is not asked.
      - V(history) are the changes of the directory that are kept on the host, without secrets. Asterisk is not asked for them either.
    type: list
    elements: str
    choices: [definition, registration, calls, certificates, recording, confirmation, blocked, directory, history]
    default: [definition, registration, calls, certificates, recording, confirmation, blocked]
  history_limit:
    description: How many changes are told with O(gather=history), the newest ones.
    type: int
    default: 20
  compare:
    description:
      - The number of a change, or of the first and the last of several. With O(gather=history) what they did together is reported as a diff
        in RV(ansible_facts.pbx_history_diff).
    type: list
    elements: int
  packed:
    description:
      - Whether to return the facts as one compressed text, RV(ansible_facts.pbx_packed_facts), and nothing else.
      - Ansible handles every value of a result several times, which takes longer with 10,000 extensions than asking the host.
        The filter P(voiceops.asterisk.unpacked_facts#filter) makes the facts of the text, where and when they are needed, and
        M(voiceops.asterisk.pbx_status_board) takes it as it is.
    type: bool
    default: false
extends_documentation_fragment:
  - voiceops.asterisk.directory
  - voiceops.asterisk.ami
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Who is there?
  voiceops.asterisk.pbx_extension_facts:

- name: Say who is there
  ansible.builtin.debug:
    msg: "{{ ansible_facts.pbx_extensions | dict2items | selectattr('value.registered') | map(attribute='key') }}"

- name: Does anybody in sales speak?
  voiceops.asterisk.pbx_extension_facts:
    groups: [Satış]
    gather: [calls]

- name: Who of ten thousand is there?
  voiceops.asterisk.pbx_extension_facts:
    gather: [registration]

- name: Which addresses are blocked, and who has a phone there?
  voiceops.asterisk.pbx_extension_facts:
    gather: [registration, blocked]

- name: Say it
  ansible.builtin.debug:
    msg: "{{ item.address }} is blocked until {{ item.until }}; extensions with a phone there: {{ item.registered }}"
  loop: "{{ ansible_facts.pbx_blocked_addresses or [] }}"

- name: Ask a large host without having Ansible handle each value
  voiceops.asterisk.pbx_extension_facts:
    packed: true

- name: Say how many are there
  ansible.builtin.debug:
    msg: "{{ (ansible_facts.pbx_packed_facts | voiceops.asterisk.unpacked_facts).pbx_extension_summary }}"
"""

RETURN = r"""
ansible_facts:
  description:
    - Facts of this host, under the names by which C(ansible_facts) is read in a playbook.
    - In a registered result, and as variables of their own, their names begin with C(ansible_), like those that
      M(ansible.builtin.setup) gathers. V(pbx_extensions) and others are variables of the role
      P(voiceops.asterisk.pbx#role), whose place a fact of that name would take. The packed facts have the one name everywhere.
  returned: success
  type: dict
  contains:
    pbx_extensions:
      description:
        - Every extension that is asked for, by its number. How it is defined is there with O(gather=definition), and
          C(has_password) of it with O(gather=directory) too.
        - C(state) is one of V(disabled), V(no phone) (it has no password), V(unregistered), V(unreachable) (its phones
          do not answer Asterisk's OPTIONS), V(idle), V(ringing), V(in use), V(on hold) (it has to wait), V(ringing in use),
          V(busy). A phone that speaks is V(in use); V(busy) is told where Asterisk says so of a device, to which nothing leads
          that this collection configures (C(device_state_busy_at) is not set).
          A registration that was ended, as of an extension whose password was changed, is not among the C(contacts), though
          Asterisk's console shows it for up to 30 s more, at C(expired.invalid).
          C(at_lamp_limit) is whether its phones watch so many extensions that they may not watch more for now (C(pbx_max_lamps)).
          C(registered), C(state), C(contacts) and C(at_lamp_limit) are there with O(gather=registration), and V(none) where
          Asterisk is stopped.
        - C(calls), with O(gather=calls), the longest first, are what the extension's phones have to do at this moment.
          C(direction) is V(incoming) or V(outgoing). C(other) is the number of the other side, empty where that is not
          known or no number. C(state) is V(calling) (the other side has not answered), V(ringing), V(connected) or
          V(setting up). C(seconds) counts from the beginning of the call and not from the answer.
          C(recorded) is whether the extension's side is recorded, V(none) where Asterisk does not tell.
          C(at_call_limit) is whether as many of them are outgoing as it may have placed at the same time (C(max_calls)).
      returned: success
      type: dict
      sample:
        "1001":
          number: "1001"
          name: Ayşe Yılmaz
          connection_port: Ofis
          outbound_profile: Yurt içi
          outbound_caller_id: ""
          groups: [Satış]
          callable_groups: ["*"]
          record: false
          enabled: true
          max_devices: 1
          max_calls: 10
          ring_timeout: 30
          forward_to: ""
          language: ""
          email: ""
          labels: {}
          username: ""
          has_password: true
          registered: true
          state: idle
          contacts:
            - address: 198.51.100.7:5060
              uri: sip:1001@198.51.100.7:5060
              user_agent: Desk phone 1.2
              expires_in: 3412
              reachable: true
              round_trip_ms: 3.1
          calls:
            - {direction: outgoing, other: "1002", state: connected, seconds: 73, recorded: false}
          at_lamp_limit: false
          at_call_limit: false
    pbx_extension_groups:
      description: Every group by its name, with the numbers of its members.
      returned: with O(gather=definition)
      type: dict
      sample:
        Satış:
          members: ["1001"]
    pbx_connection_ports:
      description:
        - Every connection port by its name. One with protocol V(tls) or V(wss) has C(certificate_facts), with
          O(gather=certificates).
        - C(subject) and C(issuer) are the common name, or the whole name where there is none. C(names) are the host names and
          addresses that the certificate is for. Times are UTC. C(key_matches) tells whether the private key is
          that of the certificate. C(fingerprint) is that of the file (SHA-256), C(served_fingerprint) that of the
          certificate which phones see, V(none) where Asterisk is stopped. What cannot be told is V(none).
        - C(problems) says in words what is wrong, and is empty where nothing is. A certificate that expires in fewer than 30
          days is a problem.
      returned: success
      type: dict
      sample:
        Ofis:
          protocol: tls
          address: 0.0.0.0
          port: 5061
          certificate: /etc/asterisk/keys/pbx.pem
          private_key: /etc/asterisk/keys/pbx.key
          external_address: pbx.example.com
          local_networks: []
          certificate_facts:
            subject: pbx.example.com
            issuer: Example CA
            names: [pbx.example.com]
            not_before: "2026-09-24T00:00:00Z"
            not_after: "2026-12-23T00:00:00Z"
            days_left: 29
            serial: 0A1B2C
            fingerprint: F3:4C:DB:A6
            served_fingerprint: F3:4C:DB:A6
            key_matches: true
            problems: ["certificate /etc/asterisk/keys/pbx.pem: expires in 29 days, at 2026-12-23T00:00:00Z"]
    pbx_trunks:
      description:
        - Every trunk by its name, without its password.
        - C(registration), with O(gather=registration), is the state of the host's registration there in Asterisk's words, like
          V(registered), V(unregistered) or V(rejected); V(none) for a trunk that does not register, and where it is not known.
      returned: success
      type: dict
      sample:
        Telco:
          host: sip.telco.example
          register: true
          has_password: true
          registration: registered
    pbx_outbound_profiles:
      description: Every outbound profile by its name.
      returned: success
      type: dict
      sample:
        Yurt içi:
          rules:
            - {prefix: "0", action: allow, trunks: [Telco]}
          max_concurrent_calls: 0
          max_call_time: 14400
    pbx_emergency_numbers:
      description: The numbers that every extension may dial.
      returned: success
      type: list
      elements: str
      sample: ["112"]
    pbx_confirmation:
      description:
        - What waits to be confirmed, with O(gather=confirmation). C(waiting) is V(none), or the first change that waits (C(before)),
          C(until) when in UTC, who made the last of them, and as C(problem) why it could not be taken back, if its time is over.
        - C(taken_back) is V(none), or what the host has taken back by itself, as long as nothing was changed since. It is what it was
          before the change C(before); C(number) is the change that has made it so, and C(comment) says for how long nobody had
          confirmed.
      returned: success
      type: dict
      sample:
        waiting:
          before: 12
          until: "2026-03-31T17:14:11Z"
          user: ayse
          controller: ansible.example.com
          problem: ""
        taken_back: null
    pbx_blocked_addresses:
      description:
        - The addresses that are blocked at this moment, with O(gather=blocked), the newest 100, the newest first. They are those of the
          jail of the role P(voiceops.asterisk.pbx#role) (C(pbx_fail2ban)). V(none) where fail2ban does not run that jail, or where
          its database cannot be read, of which it warns. The database is looked for where the packages of fail2ban have it.
        - C(since) and C(until) are in UTC; C(until) is V(none) for an address that stays blocked. C(failures) is how many wrong
          passwords were counted, V(0) for an address that was blocked by hand, V(none) where it is not known.
        - C(tried) are the numbers that the callers gave as their own, the newest first, 5 at most. A caller can give any
          number, so it need not be the extension's phone, and the number need not exist.
        - C(registered) are the extensions that have a phone registered from this address, which does not reach the host now. It needs
          O(gather=registration), and is V(none) where that is not known, as for a whole network that was blocked by hand.
        - C(jail) is the name by which C(fail2ban-client) knows the jail. C(fail2ban-client set voiceops-asterisk unbanip ADDRESS)
          on the host lifts the block.
      returned: with O(gather=blocked)
      type: list
      elements: dict
      sample:
        - address: 198.51.100.7
          since: "2026-11-23T10:41:09Z"
          until: "2026-11-23T11:41:09Z"
          failures: 30
          tried: ["1002"]
          registered: ["1001"]
          jail: voiceops-asterisk
    pbx_history:
      description:
        - The changes of the directory, the newest first, with O(gather=history). C(at) is in UTC. C(user) and C(controller) are who ran
          Ansible and where, C(comment) is why, and C(back_to) the change before which the directory was what a rollback has made it.
        - C(changes) are the names and numbers of what was created, updated and deleted, by the names of the lists. C(line) says
          all of it in a line.
      returned: success
      type: list
      elements: dict
      sample:
        - number: 12
          at: "2026-03-31T17:04:11Z"
          user: ayse
          controller: ansible.example.com
          comment: 4c1d2e7a90b3
          back_to: null
          changes:
            extensions: {created: ["1003"], updated: [], deleted: []}
          line: "12  2026-03-31T17:04:11Z  ayse@ansible.example.com  4c1d2e7a90b3  extensions: created 1003"
    pbx_history_diff:
      description: What the changes in O(compare) did together, as the lines of a diff without secrets.
      returned: success
      type: list
      elements: str
      sample: ["  extensions:", '    "1001":', '-     name: "Ayşe Yılmaz"', '+     name: "Ayşe Demir"']
    pbx_packed_facts:
      description: All facts below and above, in one text.
      returned: with O(packed=true), and then alone
      type: str
      sample: eAGrVipIqohPrSgpSs1Lzk8rUbKqVgIANv4GcA==
    pbx_recording_storage:
      description:
        - The storage of recordings, with O(gather=recording). V(none) where Asterisk's dialplan is not that of the role
          P(voiceops.asterisk.pbx#role). Where Asterisk is stopped it is the storage that was declared.
        - C(required) is whether a call that cannot be recorded is refused. C(problems) says in words what is wrong, such as that
          it is not mounted, full, read-only, silent, or that Asterisk could not write there when it last wanted to record.
          C(usable) is whether nothing is wrong. What cannot be told is V(none).
        - C(device) is what should be mounted there, if the storage has a file system of its own.
        - What is in the storage is as of C(looked_at), when the hourly job last looked. C(files) and C(bytes_used) are all
          recordings, C(held) those on hold, C(oldest) when the first of them began. C(bytes_per_day) is the present rate, and
          C(days_left) for how many days there is room at that rate, above what has to stay free; V(none) is for more than
          ten years. C(makes_room) is whether the oldest recordings are removed for room. C(last_retention) tells when old
          recordings were removed, how many, and how many bytes became free; C(retention_problems) what kept some from it.
      returned: success
      type: dict
      sample:
        folder: /var/spool/voiceops/recordings
        device: /dev/sdb1
        required: false
        usable: true
        problems: []
        retention_problems: []
        files: 51234
        bytes_used: 20279492608
        oldest: "2026-08-25T06:12:09Z"
        bytes_per_day: 225327697
        days_left: 376
        makes_room: false
        held: 17
        last_retention: {at: "2026-11-23T11:00:04Z", removed: 12, freed: 4714496}
        looked_at: "2026-11-23T11:00:04Z"
        bytes_free: 84825604096
        bytes_total: 105089261568
    pbx_directory:
      description:
        - The directory as it would be written, with O(gather=directory). Passwords are not in it.
        - Its lists are what M(voiceops.asterisk.pbx_directory) takes, and change nothing when they are given back to it.
      returned: when asked for
      type: dict
      sample:
        connection_ports:
          - {name: Ofis, protocol: udp, address: 0.0.0.0, port: 5060}
        extension_groups:
          - {name: Satış}
        extensions:
          - {number: "1001", name: Ayşe Yılmaz, connection_port: Ofis, groups: [Satış]}
    pbx_extension_summary:
      description:
        - The whole host in a line, whatever O(numbers) and O(groups) say.
        - C(asterisk) is V(running) or V(stopped), and V(none) where it was not asked. C(registered) is V(none) where that is not known.
        - What was refused since Asterisk was started is there with O(gather=calls). C(call_limit_reached) is the last extension that
          wanted more calls than it may have placed, and when. C(no_room_at) is when a call was refused last because
          only the ports that are kept for emergency calls were left. Both are V(none) where that has not happened.
        - C(blocked_addresses), with O(gather=blocked), is how many addresses are blocked, V(none) where that is not known.
      returned: success
      type: dict
      sample:
        asterisk: running
        extensions: 1
        registered: 1
        call_limit_reached: {number: "1001", at: "2026-11-23T11:00:04Z"}
        no_room_at:
        blocked_addresses: 1
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import facts as module_facts


def main() -> None:
    module_facts.run()


if __name__ == "__main__":
    main()
