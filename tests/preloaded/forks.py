# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Ansible's commands in a process that has loaded ansible, and a fork of it that becomes one of them.

Without that, Python reads ansible in each run, ansible reads its plugins and their options, and packs the
modules: half of the processor time of a run of site.yml that has nothing to do. What ansible has packed and
compiled stays in folders of temporary files that the forks share.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from multiprocessing import util
from pathlib import Path
from typing import NoReturn

from .plugins import find_once
from .templates import compile_once

Program = Callable[[list[str]], None]

#: The commands, and the module of each.
COMMANDS = {"ansible": "adhoc", "ansible-playbook": "playbook"}


def loaded(templates: Path) -> dict[str, Program]:
    """Load what the commands will need; return them by name. Keep compiled templates in a folder."""
    commands = {name: importlib.import_module(f"ansible.cli.{of}").main for name, of in COMMANDS.items()}
    find_once()
    compile_once(templates)
    # A run is short: to look through all that is imported for what could be freed costs more than that
    # gains, and the kernel copies for each fork what is looked at.
    gc.collect()
    gc.freeze()
    gc.disable()
    return commands


def become(
    program: Program,
    arguments: list[str],
    *,
    cwd: str,
    environment: Mapping[str, str],
    standard: tuple[int, int, int],
) -> NoReturn:
    """Be the program and end as it does, with no way back: this process is a fork that was made for it.

    ``arguments`` begin with the name of the command; ``standard`` are its input, its output and its errors.
    """
    status = 1
    # What was to be done at the end of the process that waits is left to it.
    atexit._clear()
    # But for what removes the folder in which the workers of this run have their sockets.
    atexit.register(util._exit_function)  # type: ignore[attr-defined]
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        # Ignored where a shell has started the tests in the background.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.setsid()
        os.chdir(cwd)
        os.environ.clear()
        os.environ.update(environment)
        sys.argv = arguments
        for number, descriptor in enumerate(standard):
            os.dup2(descriptor, number)
            os.close(descriptor)
        program(arguments)
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
    finally:
        atexit._run_exitfuncs()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)
