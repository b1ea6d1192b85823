# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the host's system keeps and says: files that others may move, who listens, who is blocked.

It knows nothing of telephones but what a connection port is, and no SQL.
"""
