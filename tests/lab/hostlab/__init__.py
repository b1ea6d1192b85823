# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""The test lab: Debian hosts from overlays, booted by systemd-nspawn on a bridge of their own."""
