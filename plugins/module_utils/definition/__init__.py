# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What things are, and how a person writes them: extensions, groups, profiles, trunks, numbers, passwords.

Pure: it reads no file, asks no Asterisk and imports no other wing.
"""
