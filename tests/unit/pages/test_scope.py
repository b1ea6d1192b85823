# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the page says is not there is not there."""

from __future__ import annotations

import re

from ansible_collections.voiceops.asterisk.plugins.module_utils.definition import model
from ansible_collections.voiceops.asterisk.tests.pages import manual

ROOT = manual.REPOSITORY
PAGE = (ROOT / "docs" / "scope.md").read_text(encoding="utf-8")
MODULE = re.compile(r"\b\w+\.so\b")


def test_no_module_that_is_said_to_be_left_out_is_loaded():
    loaded = set(MODULE.findall((ROOT / "roles/pbx/templates/modules.conf.j2").read_text(encoding="utf-8")))
    left_out = set(MODULE.findall(PAGE))
    assert "chan_pjsip.so" in loaded
    assert "app_voicemail.so" in left_out
    assert left_out & loaded == set()


def test_the_codecs_are_those_that_the_page_names():
    assert set(model.CODECS) == {"g722", "alaw", "ulaw"}
    assert "codecs other than G.722, A-law and µ-law" in PAGE
