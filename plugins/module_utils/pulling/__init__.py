# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a host runs that brings itself to what a signed commit says, where no controller can reach it.

The role copies it to the host with the few files that it imports. Which wings it may import:
tests/unit/test_wings.py.
"""
