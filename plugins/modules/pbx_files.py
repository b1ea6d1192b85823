#!/usr/bin/python
# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: pbx_files
short_description: Write the configuration files of an Asterisk host, and keep what was there
description:
  - Writes several files at once, each in one step, with owner root. The role P(voiceops.asterisk.pbx#role) does so with all that
    it configures.
  - A text that this collection has not written is kept as it was before it is replaced, once and permanently, and comes back
    when the file is given up with O(absent). Where the text is that of a Debian package (a conffile), newer versions of the
    package bring theirs to O(kept_folder) meanwhile, so that dpkg asks nothing at an upgrade. Ours is a text that says so in its first lines.
  - What somebody puts there later, without those lines, is kept too before it is replaced, beside the first and with a number
    (C(pjsip.conf.2)). It is the first that comes back.
  - A text that somebody has written, and not the package that has brought the file, is reported when it is replaced, or not
    replaced at all (O(files[].adopt)).
version_added: "1.0.0"
options:
  files:
    description:
      - The files. All of them, or none if one is wrong.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description:
          - Where the file is. Folders that are missing are made.
        type: path
        required: true
      content:
        description:
          - What it holds. Its first lines have to say C(Written by voiceops.asterisk.) or C(Written by the role voiceops.asterisk.).
        type: str
        required: true
      mode:
        description:
          - The mode of the file, as an octal number in quotes.
        type: str
        default: "0640"
      group:
        description:
          - The group of the file.
        type: str
        default: asterisk
      secret:
        description:
          - Whether its text is left out of the diff. What this collection has not written is left out of it anyway.
        type: bool
        default: false
      adopt:
        description:
          - Whether a text that somebody has written may be replaced. If not, nothing at all is changed, and the message says what
            there is.
        type: bool
        default: true
  absent:
    description:
      - Files that have to go. What was there before comes back; a text that is not ours is left alone.
    type: list
    elements: path
    default: []
  kept_folder:
    description:
      - Where the texts of others are kept, each with its whole path below this folder. Readable by root alone, and not to be
        deleted; dpkg writes there too. The file C(shown) in it has the digests of the texts that a diff may show.
    type: path
    default: /var/backups/voiceops-pbx
extends_documentation_fragment:
  - voiceops.asterisk.handed_over
attributes:
  check_mode:
    support: full
    description: In check mode nothing at all is written, and the result is that of the run that would follow.
  diff_mode:
    support: full
    description:
      - With C(--diff) each file is shown before and after, if this collection has written it and it is not secret.
      - A new file is named with its number of lines. With C(-v) its text is shown too.
  platform:
    support: full
    platforms: posix
    description: The module runs on the host of the telephone system, as root.
author:
  - voiceops.asterisk contributors (@voiceops)
"""

EXAMPLES = r"""
- name: Have Asterisk keep its colours to itself
  voiceops.asterisk.pbx_files:
    files:
      - path: /etc/asterisk/cli.conf
        content: |
          ; Written by the role voiceops.asterisk.pbx: changes made here are lost.
          [startup_commands]

- name: Put back what was there before
  voiceops.asterisk.pbx_files:
    absent: [/etc/asterisk/cli.conf]
"""

RETURN = r"""
written:
  description: The files that have been written, or would be.
  returned: success
  type: list
  elements: str
  sample: [/etc/asterisk/cli.conf]
removed:
  description: The files that are gone, or hold again what was there before.
  returned: success
  type: list
  elements: str
  sample: []
kept:
  description: The files whose text somebody had written; it is kept.
  returned: success
  type: list
  elements: str
  sample: [/etc/asterisk/cli.conf]
foreign:
  description: What somebody has written that would have been lost.
  returned: when nothing was changed for that reason
  type: list
  elements: str
  sample: ["/etc/asterisk/pjsip.conf (120 lines: 8 aor, 8 auth, 8 endpoint, 1 transport)"]
"""

from ansible_collections.voiceops.asterisk.plugins.module_utils.module import files as module_files


def main() -> None:
    module_files.run()


if __name__ == "__main__":
    main()
