# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Templates of Ansible that are compiled once, by whichever process comes first.

Ansible compiles a template each time it is filled, and fills those of each task in a process of its own. What
becomes of a template depends on its text and on the few things that are in its key here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache


def compile_once(folder: Path) -> None:
    """Keep in a folder what becomes of each template; this process and its forks look there first."""
    kept = FileSystemBytecodeCache(str(folder))
    # What this process itself has compiled or fetched.
    at_hand: dict[str, CodeType] = {}
    compiled_anew: Any = Environment.compile
    ansible: Any = importlib.import_module("ansible._internal._templating._jinja_bits")

    def compiled(environment: Any, source: Any, *more: Any, **named: Any) -> Any:
        # A condition arrives as a tree, and is short.
        if more or named or not isinstance(source, str):
            return compiled_anew(environment, source, *more, **named)
        context = ansible._TemplateCompileContext.current(optional=True)
        backslashes = context is not None and context.escape_backslashes
        options = [getattr(environment, name) for name in ansible._TEMPLATE_OVERRIDE_FIELD_NAMES]
        key = repr((str(source), backslashes, options))
        if key not in at_hand:
            bucket = kept.get_bucket(environment, key, None, source)
            if bucket.code is None:
                bucket.code = compiled_anew(environment, source)
                kept.set_bucket(bucket)
            at_hand[key] = bucket.code
        return at_hand[key]

    Environment.compile = compiled  # type: ignore[method-assign]
