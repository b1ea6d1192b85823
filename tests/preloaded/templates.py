# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Templates and conditions of Ansible that are compiled once, by whichever process comes first.

Ansible compiles a template each time it is filled, and fills those of each task in a process of its own. What
becomes of a template depends on its text and on the few things that are in its key here.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import CodeType
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache
from jinja2.environment import TemplateExpression


class _Kept:
    """What has become of each template: in a folder, and of those that this process has needed at hand."""

    def __init__(self, folder: Path) -> None:
        self._folder = FileSystemBytecodeCache(str(folder))
        self._at_hand: dict[str, CodeType] = {}

    def find(self, environment: Environment, key: str) -> CodeType | None:
        if key not in self._at_hand:
            code = self._folder.get_bucket(environment, key, None, key).code
            if code is None:
                return None
            self._at_hand[key] = code
        return self._at_hand[key]

    def keep(self, environment: Environment, key: str, code: CodeType) -> None:
        bucket = self._folder.get_bucket(environment, key, None, key)
        bucket.code = self._at_hand[key] = code
        self._folder.set_bucket(bucket)


def compile_once(folder: Path) -> None:
    """Keep in a folder what becomes of each template; this process and its forks look there first."""
    kept = _Kept(folder)
    compiled_anew: Any = Environment.compile
    expression_anew: Any = Environment.compile_expression
    ansible: Any = importlib.import_module("ansible._internal._templating._jinja_bits")
    # The key of the condition that is being compiled; jinja hands it over to be compiled as a tree.
    conditions: list[str] = []

    def key_of(environment: Environment, kind: str, source: str) -> str:
        context = ansible._TemplateCompileContext.current(optional=True)
        backslashes = context is not None and context.escape_backslashes
        options = [getattr(environment, name) for name in ansible._TEMPLATE_OVERRIDE_FIELD_NAMES]
        return repr((kind, str(source), backslashes, options))

    def compiled(environment: Any, source: Any, *more: Any, **named: Any) -> Any:
        if more or named:
            return compiled_anew(environment, source, *more, **named)
        if isinstance(source, str):
            key = key_of(environment, "template", source)
            code = kept.find(environment, key)
        elif conditions:
            key, code = conditions.pop(), None
        else:
            return compiled_anew(environment, source)
        if code is None:
            code = compiled_anew(environment, source)
            kept.keep(environment, key, code)
        return code

    def expression(environment: Any, source: str, undefined_to_none: bool = True) -> Any:
        key = key_of(environment, "condition", source)
        code = kept.find(environment, key)
        if code is None:
            conditions.append(key)
            try:
                return expression_anew(environment, source, undefined_to_none)
            finally:
                conditions.clear()
        names = environment.make_globals(None)
        template = environment.template_class.from_code(environment, code, names, None)
        return TemplateExpression(template, undefined_to_none)

    Environment.compile = compiled  # type: ignore[method-assign]
    Environment.compile_expression = expression  # type: ignore[method-assign]
