# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Two phones and a call between them: `python -m phones` in tests/.

Reads {"server": address, "phones": {number: password, number: password}} from its standard input. The second
phone is on the desk, the first one calls it; the status of the call is printed, and 200 is success.
"""

from __future__ import annotations

import json
import sys

from .phone import OK, Phone


def main() -> int:
    told = json.load(sys.stdin)
    caller, callee = (Phone(number, password, told["server"]) for number, password in told["phones"].items())
    with caller.on_the_desk(), callee.on_the_desk():
        status = caller.call(callee.number)
    print(f"{caller.number} calls {callee.number}: {status}")
    return 0 if status == OK else 1


if __name__ == "__main__":
    sys.exit(main())
