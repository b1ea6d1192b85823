# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""In the place of the modules that ask a host: a host that is a file, whose name the environment tells.

It has changes, and phones; `to_do` is whether a run changes anything, `loses_phones` whether that loses them.
"""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.voiceops.asterisk.plugins.module_utils.module import wire
from ansible_collections.voiceops.asterisk.plugins.module_utils.rollout import gate, look

UNTIL = 2**33


class Host:
    """The host that this process is on."""

    def __init__(self, module, name):
        self.module = module
        self.file = Path(os.environ["PLAYED_HOST"])
        self.known = json.loads(self.file.read_text(encoding="utf-8"))
        self.known["calls"].append(f"check {name}" if module.check_mode else name)
        self.keep()

    def keep(self):
        partial = self.file.with_suffix(".new")
        partial.write_text(json.dumps(self.known), encoding="utf-8")
        partial.replace(self.file)

    def look(self):
        phones = {number: look.Phone(UNTIL, True) for number in self.known["registered"]}
        return look.Look(int(time.time()), self.known["newest"], True, True, phones)

    def gate(self):
        mark, seen = self.module.params["mark"], self.look()
        if mark is None:
            return {
                "mark": wire.packed(seen.written()),
                "newest_change": seen.newest_change,
                "registered": sorted(seen.phones),
                "keeps_history": True,
                "free_megabytes": self.known["free"],
                "running": True,
            }
        before = look.read(wire.unpacked(mark))
        judged = gate.judge(before, seen, gate.Change(), self.module.params["min_registered"] or 95)
        return {
            "gate": judged.written(),
            "changes": seen.newest_change - before.newest_change,
            "newest_change": seen.newest_change,
            "failed": not judged.passed,
            "msg": "the host is not as well as it was before",
        }

    def directory(self):
        to_do = self.known["to_do"]
        done = {"created": ["1009"] if to_do else [], "updated": [], "deleted": [], "unchanged": 2}
        result = {
            "changed": to_do,
            "directory": {"extensions": done},
            "register_anew": ["1001"] if to_do else [],
        }
        if self.known["refuses"]:
            return {"failed": True, "msg": self.known["refuses"]}
        if to_do and not self.module.check_mode:
            self.known["newest"] += 1
            self.known["to_do"] = False
            self.known["before"] = self.known["registered"]
            if self.known["loses_phones"]:
                self.known["registered"] = []
            self.keep()
        return result

    def rollback(self):
        if self.known["cannot_go_back"]:
            return {"failed": True, "msg": self.known["cannot_go_back"]}
        back = self.module.params["before"] <= self.known["newest"]
        if back:
            self.known.update(newest=self.known["newest"] + 1, to_do=True, registered=self.known["before"])
            self.keep()
        return {"changed": back, "directory": {}}

    def confirm(self):
        return {"changed": True}


def main(name):
    options = (
        "mark",
        "settle",
        "wait",
        "before",
        "restart",
        "change_comment",
        "handed_over",
        "origin",
        "command",
        "test_call",
    )
    spec = {
        **{option: {} for option in options},
        "min_registered": {"type": "float"},
        "before": {"type": "int"},
    }
    module = AnsibleModule(spec, supports_check_mode=True)
    result = getattr(Host(module, name), name)()
    module.exit_json(**{"changed": False, **result})
