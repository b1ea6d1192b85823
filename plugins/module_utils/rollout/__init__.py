# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A change on its way over many hosts: in batches, judged on each host, and reported in the end.

Pure. What acts is the playbook, with its modules on the hosts and its plugins on the controller.
"""
