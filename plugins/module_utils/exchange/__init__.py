# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What other systems know of extensions, read into the words of an inventory; runs on the controller.

Readers are pure: text goes in, an ``Imported`` comes out. It knows neither a host nor SQL.
"""
