# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""One file for each kind of CSV file that can be read: tables, and what they need."""

from __future__ import annotations

from ..source import Source
from . import freepbx, fusionpbx, grandstream, issabel, mikopbx, own, threecx, wazo

#: By the name that the user says. A sheet of one's own is what anything else looks like, so it is the last.
SOURCES: dict[str, Source] = {
    module.SOURCE.name: module.SOURCE
    for module in (freepbx, wazo, mikopbx, issabel, fusionpbx, threecx, grandstream, own)
}
