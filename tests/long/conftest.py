# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The hosts of the integration tests, with a directory of over a thousand extensions and a load on them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from integration.conftest import bare_host, first_run, host

__all__ = ["bare_host", "first_run", "host"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "long" in item.path.parts:
            item.add_marker(pytest.mark.lab)
