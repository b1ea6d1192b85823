# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A host on which somebody else has set up Asterisk: the configuration of 50 phones, written by hand."""

from __future__ import annotations

import json
import time

from .fleet import REPOSITORY, Host

DATA = REPOSITORY / "tests" / "unit" / "data" / "adopt"
#: Its files belong to Asterisk's user, as Debian's package leaves them.
WRITE = """
import json, os, pathlib, pwd, sys
user = pwd.getpwnam("asterisk")
for name, text in json.loads({texts}).items():
    path = pathlib.Path("/etc/asterisk", name)
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    for each in (path.parent, path):
        os.chown(each, user.pw_uid, user.pw_gid)
"""


def phones_of_the_host() -> dict[str, str]:
    root = DATA / "asterisk"
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in root.rglob("*.conf")}


def set_up(host: Host, more: dict[str, str]) -> None:
    """Configure Asterisk by hand, with ``more`` files below /etc/asterisk, and start it."""
    texts = json.dumps({**phones_of_the_host(), **more})
    host.python(WRITE.format(texts=repr(texts)))
    host.shell("systemctl restart asterisk")
    until_it_answers(host)


def until_it_answers(host: Host) -> None:
    give_up = time.monotonic() + 30
    while "Objects found" not in host.shell("asterisk -rx 'pjsip list endpoints' 2>&1 || true"):
        assert time.monotonic() < give_up, "Asterisk does not answer"
        time.sleep(0.2)
