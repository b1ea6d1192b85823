# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes a change back by itself that nobody confirms: what a run arms, and what the host then runs.

Which wings it may import: tests/unit/test_wings.py.
"""
