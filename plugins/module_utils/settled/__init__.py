# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether a host is still as a run has found it that had nothing to do under the same variables.

Such a run leaves a record (``record``) of what the host was like (``state``). The next run of the role asks
first for that (``program``, which is carried to the host), and where nothing is different, neither the
variables nor the role nor the host, it has its answer: what decided then would decide the same again.
"""
