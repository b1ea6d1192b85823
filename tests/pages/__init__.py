# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Pages of the manual: what they have a reader write and type, and those that a proof writes."""
