# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What Asterisk keeps of the directory, and how it is told to read it again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.voiceops.asterisk.plugins.module_utils.asterisk import ami, sorcery_cache

SORCERY = Path(__file__).parents[3] / "roles/pbx/templates/sorcery.conf.j2"
DONE = "Response: Success\r\nActionID: {id}\r\n\r\n"


def refusal(message):
    return f"Response: Error\r\nActionID: {{id}}\r\nMessage: {message}\r\n\r\n"


def told(scripted_asterisk, answer):
    """Tell an Asterisk that answers so; return which caches it was told of."""
    with scripted_asterisk(*[("SorceryMemoryCacheExpire", answer)] * len(sorcery_cache.CACHES)) as asterisk:
        sorcery_cache.tell(lambda: ami.Client("s3cret", asterisk.port, 5.0))
    return [action["Cache"] for action in asterisk.received if "Cache" in action]


def test_asterisk_forgets_each_kind_of_object_that_it_keeps(scripted_asterisk):
    text = SORCERY.read_text(encoding="utf-8")
    kept = re.findall(r"^(\w+)/cache = ", text, re.MULTILINE)
    assert told(scripted_asterisk, DONE) == [f"res_pjsip/{kind}" for kind in kept]
    # Whatever is read from the directory is kept.
    assert kept == re.findall(r"^(\w+) = realtime", text, re.MULTILINE)


def test_how_long_it_is_kept_is_what_is_said(scripted_asterisk):
    text = SORCERY.read_text(encoding="utf-8")
    assert re.findall(r"object_lifetime_maximum=(\d+)", text) == [str(sorcery_cache.LIFETIME)]


@pytest.mark.parametrize(
    "message", ["The provided cache does not exist", "Invalid/unknown command: SorceryMem"]
)
def test_an_asterisk_that_keeps_nothing_has_nothing_to_forget(scripted_asterisk, message):
    assert len(told(scripted_asterisk, refusal(message))) == len(sorcery_cache.CACHES)


def test_an_asterisk_that_does_not_let_itself_be_told_is_an_error(scripted_asterisk):
    with pytest.raises(ami.AmiRefusedError, match="Permission denied"):
        told(scripted_asterisk, refusal("Permission denied"))


@pytest.mark.parametrize("error", [ami.AsteriskStoppedError, ami.NoSecretError])
def test_an_asterisk_that_is_stopped_or_not_set_up_yet_keeps_nothing(error):
    def log_in():
        raise error("nobody there")

    sorcery_cache.tell(log_in)
