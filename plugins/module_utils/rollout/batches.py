# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which hosts are changed together, and how many of them may fail."""

from __future__ import annotations

import re
import typing as t

#: The size of a batch: a number of hosts, or a share of all of them in percent.
Size = t.Union[int, str]

USUAL_SIZES: tuple[Size, ...] = (1, "5%", "25%", "100%")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)(%?)")


def read_sizes(written: t.Any) -> tuple[list[Size], list[str]]:
    """Return the sizes that a user has written, as one or as a list, and what is wrong with them."""
    sizes: list[Size] = []
    wrong = []
    for each in written if isinstance(written, (list, tuple)) else [written]:
        match = None if isinstance(each, bool) else _SIZE.fullmatch(str(each).strip())
        number = float(match[1]) if match else 0
        if match is None or number <= 0 or (match[2] and number > 100) or (not match[2] and number % 1):
            wrong.append(f"{each!r} is neither a number of hosts nor a share of them such as '25%'")
        else:
            sizes.append(f"{match[1]}%" if match[2] else int(number))
    if not sizes and not wrong:
        wrong.append("the list is empty: there would be no batch")
    return sizes, wrong


def batches(hosts: t.Sequence[str], sizes: t.Sequence[Size]) -> list[list[str]]:
    """Return the hosts in batches, each in the order of the hosts.

    As with Ansible's ``serial`` each size is that of a batch by itself, a share is of all hosts, and the last
    size counts for all batches after it (PlaybookExecutor._get_serialized_batches).
    """
    left = list(hosts)
    result: list[list[str]] = []
    while left:
        size = _number(sizes[min(len(result), len(sizes) - 1)], len(hosts))
        result.append(left[:size])
        left = left[size:]
    return result


def _number(size: Size, hosts: int) -> int:
    if isinstance(size, int):
        return size
    # Of a share that is not one host whole there is one, as Ansible has it (pct_to_int).
    return max(1, int(float(size.rstrip("%")) / 100 * hosts))


def too_many(failed: int, hosts: int, percentage: float) -> bool:
    """Tell whether more than this share of a batch has failed, unreachable hosts among them."""
    return failed * 100 > percentage * hosts
