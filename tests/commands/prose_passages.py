# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What a person reads in a file: its passages of prose, without code, commands and the output of programs.

What is left out of a passage becomes underscores, so that the place of a word in it still gives its line.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

#: Blocks, comments, code, and where links lead.
_CODE = re.compile(r"^( *)```.*?^\1```$|<!--.*?-->|`[^`\n]+`|(?<=\])\([^)\n]*\)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#.*$", re.MULTILINE)
#: Ansible's markup, such as O(name), and code of reStructuredText.
_MARKUP = re.compile(r"\b[A-Z]{1,2}\((?:[^()]|\([^()]*\))*\)|``.+?``|`[^`\n]+`", re.DOTALL)
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LITERAL = re.compile(r"'([^'\\]* [^'\\]*)'|\"([^\"\\]* [^\"\\]*)\"")
#: What ``str.format`` puts a value in the place of.
_PLACE = re.compile(r"\{\w*(?:[.![:][^{}]*)?\}")
_SQL = re.compile(r"\b(?:ALTER|CREATE|DELETE|DROP|INSERT|PRAGMA|REPLACE INTO|SELECT|UPDATE)\b")
_EXPRESSION = re.compile(r"\\[AbdsSwWZ]|\(\?|\[\^")
_DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


@dataclass(frozen=True)
class Passage:
    """Prose, and the line on which it begins."""

    line: int
    text: str


def passages(path: Path) -> Iterator[Passage]:
    """Yield the passages of a file, comments among them."""
    read = {".md": _markdown, ".py": _python, ".yml": _yaml}.get(path.suffix, _template)
    yield from read(path.read_text(encoding="utf-8"))


def blank(match: re.Match[str]) -> str:
    """Return underscores in place of what is not prose."""
    return re.sub(r"[^\n]", "_", match[0])


def _markdown(text: str) -> Iterator[Passage]:
    yield Passage(1, _HEADING.sub(lambda match: "#" * len(match[0]), _CODE.sub(blank, text)))


def _python(text: str) -> Iterator[Passage]:
    """Yield documentation, docstrings, messages (texts of several words) and comments."""
    tree = ast.parse(text)
    nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.expr, ast.stmt))]
    documentation = {
        node.value
        for node in nodes
        if isinstance(node, ast.Assign) and _DOCUMENTATION & {ast.unparse(each) for each in node.targets}
    }
    docstrings = {node.value for node in nodes if isinstance(node, ast.Expr)}
    parts = {part for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        words = "" if node in parts else _words(node)
        if node in documentation:
            yield from (Passage(node.lineno - 1 + each.line, each.text) for each in _yaml(words))
        elif node in docstrings or (
            " " in words and not _SQL.search(words) and not _EXPRESSION.search(words)
        ):
            yield Passage(node.lineno, _MARKUP.sub(blank, _PLACE.sub(blank, words)))
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    yield from _together({each.start[0]: each.string for each in tokens if each.type == tokenize.COMMENT})


def _words(node: ast.AST) -> str:
    """Return the text that a node is, with underscores in the place of values; empty for any other node."""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "_" for each in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _yaml(text: str) -> Iterator[Passage]:
    for document in yaml.compose_all(text, yaml.SafeLoader):
        yield from _scalars(document, text)
    lines = enumerate(text.splitlines(), start=1)
    yield from _together({number: line for number, line in lines if re.match(r" *#", line)})


def _scalars(node: yaml.Node | None, text: str) -> Iterator[Passage]:
    """Yield every value of several words, as it is written; of templates only the texts in them."""
    if isinstance(node, yaml.ScalarNode):
        written = text[node.start_mark.index : node.end_mark.index]
        if " " in written and not _EXPRESSION.search(written):
            first = node.start_mark.line + 1
            yield Passage(first, _MARKUP.sub(blank, _JINJA.sub(blank, written)))
            yield from _literals(written, first)
    elif isinstance(node, yaml.MappingNode):
        for _key, value in node.value:
            yield from _scalars(value, text)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _scalars(value, text)


def _literals(text: str, first_line: int) -> Iterator[Passage]:
    for template in _JINJA.finditer(text):
        for literal in _LITERAL.finditer(template[0]):
            line = text.count("\n", 0, template.start() + literal.start())
            yield Passage(first_line + line, _MARKUP.sub(blank, literal[1] or literal[2]))


def _template(text: str) -> Iterator[Passage]:
    """Yield the comments of a template or a script, which an administrator reads on the host."""
    lines = enumerate(_JINJA.sub(blank, text).splitlines(), start=1)
    yield from _together({number: line for number, line in lines if re.match(r" *[;#]", line)})
    for each in re.finditer(r"\{#.*?#\}", text, re.DOTALL):
        yield Passage(text.count("\n", 0, each.start()) + 1, _MARKUP.sub(blank, each[0]))


def _together(comments: dict[int, str]) -> Iterator[Passage]:
    """Yield comments on lines that follow each other as one passage."""
    block: list[str] = []
    for line, comment in comments.items():
        block.append(re.sub(r"^ *(?:#:?|;) ?", "", comment))
        if line + 1 not in comments:
            yield Passage(line - len(block) + 1, _MARKUP.sub(blank, "\n".join(block)))
            block = []
