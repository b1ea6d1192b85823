# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is asked for, and what has to change for it: requests, plans, and the judgement of both.

Pure: the same request and the same directory give the same plan. It knows what is defined, and nothing else.
"""
