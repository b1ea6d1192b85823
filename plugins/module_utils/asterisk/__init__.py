# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Asterisk reads and says: text files, console, manager interface, contacts, lamps, certificates.

It may read the directory. How a thing is told to people is for the wings above.
"""
