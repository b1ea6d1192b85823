# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""A change that waits to be confirmed, on a host with a kernel of its own: `make confirm-proof`."""
