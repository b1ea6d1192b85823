# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The protocols that phones and trunks speak.

Apart from the model, for the controller asks for them in every run, and would have all of the model for it.
"""

from __future__ import annotations

#: The protocols of a connection port, and the port number that each has unless told otherwise.
PORT_NUMBERS = {"udp": 5060, "tcp": 5060, "tls": 5061, "ws": 8088, "wss": 8089}
PROTOCOLS = tuple(PORT_NUMBERS)
#: Those that need a certificate.
ENCRYPTED = ("tls", "wss")
#: Those that browsers speak; Asterisk's HTTP server listens for them.
WEBSOCKETS = ("ws", "wss")
