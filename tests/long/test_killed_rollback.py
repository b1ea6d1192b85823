# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A rollback that is killed a thousand times, wherever it was: `make test` kills it two hundred times."""

from __future__ import annotations

from integration.fleet import DIRECTORY, Host
from integration.test_history import KILLS, goes_back_and_forth_and_is_killed

TIMES = 1000


def test_a_rollback_that_is_killed_a_thousand_times_has_happened_each_time_or_has_not(host: Host) -> None:
    made = host.whole_directory(**DIRECTORY)
    assert not made["failed"], made
    for _turn in range(TIMES // KILLS):
        goes_back_and_forth_and_is_killed(host)
