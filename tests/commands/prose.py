# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Finds turns that a reader has to read twice: ``.venv/bin/python tests/commands/prose.py [FILE ...]``.

English as an engineer writes it: subject, verb, object; the field's usual words; no inversion and no riddle.
"""

from __future__ import annotations

import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / ".venv" / "collections"))

from ansible_collections.voiceops.asterisk.tests.commands import prose_passages, prose_turns  # noqa: E402

#: What has to be clean: pages, what modules and the role document, messages, comments, and what has changed.
READ = """
    *.md docs/*.md docs/measurements/*.md docs/site/*.md roles/*/README.md
    plugins/**/*.py playbooks/**/*.py playbooks/**/*.yml extensions/**/*.py extensions/**/*.yml
    roles/**/*.yml roles/**/*.j2 roles/*/files/* changelogs/fragments/*.yml
    tests/**/*.py
""".split()
#: In Turkish, and the turns themselves.
SKIPPED = {"docs/dahililer.md", "tests/commands/prose_turns.py", "tests/unit/commands/test_prose.py"}


def files() -> list[Path]:
    """Return the files that hold what people read and that have to be clean."""
    listed = {path for pattern in READ for path in REPOSITORY.glob(pattern) if path.is_file()}
    return sorted(path for path in listed if name(path) not in SKIPPED)


def findings(path: Path) -> list[prose_turns.Finding]:
    """Return what is found in a file, in its order."""
    found = [
        each
        for passage in prose_passages.passages(path)
        for each in prose_turns.findings(passage.text, passage.line)
    ]
    return sorted(found, key=lambda each: each.line)


def name(path: Path) -> str:
    """Return how a file is called in what is said of it."""
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)


def main(arguments: list[str]) -> int:
    """Say what is found, one line for each; return the status for the shell."""
    found = [
        f"{name(path)}:{each.line}: {each.turn!r}: {each.advice}"
        for path in ([Path(word).resolve() for word in arguments] or files())
        for each in findings(path)
    ]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
