# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""What the Makefile runs beside tests: a machine prepared, the demo, branches counted, stages timed."""
