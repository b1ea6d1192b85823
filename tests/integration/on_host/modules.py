# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Runs on a host: reads which module is to be run with which options, and answers, a line of JSON each.

The module runs in a fork, so that nothing of one call is left for the next: integration/resident.py.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ansible.module_utils import basic
from ansible.module_utils.testing import patch_module_args

COLLECTION = "ansible_collections.voiceops.asterisk.plugins.modules."
assert basic


def run(module: str, options: dict[str, object]) -> dict[str, object]:
    # Read before the fork, once.
    main = importlib.import_module(COLLECTION + module).main
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        child = os.fork()
        if child == 0:
            _be(main, options, stdout.fileno(), stderr.fileno())
        _pid, status = os.waitpid(child, 0)
        texts = []
        for file in (stdout, stderr):
            file.seek(0)
            texts.append(file.read().decode("utf-8", "replace"))
    try:
        result: dict[str, object] = json.loads(texts[0])
    except ValueError:
        return {"failed": True, "msg": f"the module ended with {status}: {texts[0]}{texts[1]}"}
    return result


def _be(main, options, stdout, stderr) -> None:  # type: ignore[no-untyped-def]
    """Be the module and end as it does, with no way back."""
    try:
        os.setsid()
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        with contextlib.suppress(SystemExit), patch_module_args(options):
            main()
    except BaseException as error:  # reported to the caller
        os.write(2, repr(error).encode())
    finally:
        sys.stdout.flush()
        os._exit(0)


for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(run(asked["module"], asked["options"])), flush=True)
