# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Recordings on a real NFS server, on hosts with a kernel of their own: `make nfs-proof`."""
