# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What happens on telephone systems, as events for a program that acts on them (ansible-rulebook).

``record``, ``attempts`` and ``reader`` are carried to the host and run there, so they import little. The rest
stays where the program is. Nothing here writes on a host.
"""
