# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""Cost against size as a drawing (SVG), both axes logarithmic; readable on light and dark paper."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 310, 46, 52
#: One for each line, told apart on white and on black; and a dash for readers who do not see colours.
COLOURS = ("#0a7d5a", "#c2410c", "#7c3aed", "#2563eb", "#a16207", "#64748b")
DASHES = ("", "8 4", "2 4", "10 3 2 3", "5 5", "1 3")

Line = Sequence[tuple[float, float]]


def drawing(title: str, lines: Mapping[str, Line]) -> str:
    """Return a drawing of lines, each a list of points (extensions, seconds) that are all above zero."""
    points = [point for line in lines.values() for point in line]
    least_x, most_x = min(x for x, _y in points), max(x for x, _y in points)
    least_y = 10 ** math.floor(math.log10(min(y for _x, y in points)))
    most_y = 10 ** math.ceil(math.log10(max(y for _x, y in points)))
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(x: float) -> float:
        return LEFT + plot_width * _share(x, least_x, most_x)

    def up(y: float) -> float:
        return TOP + plot_height * (1 - _share(y, least_y, most_y))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' aria-label="{html.escape(title)}" font-family="sans-serif" font-size="13">',
        "<!-- Written by make bench. -->",
        "<style>:root{color:#1f2328;background:#fff}text{fill:currentColor}.grid{stroke:currentColor;"
        "opacity:.18}@media(prefers-color-scheme:dark){:root{color:#e6edf3;background:#0d1117}}</style>",
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="bold">{html.escape(title)}</text>',
    ]
    for exponent in range(round(math.log10(least_y)), round(math.log10(most_y)) + 1):
        y, shown = up(10**exponent), f"{10**exponent:g} s"
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{LEFT + plot_width}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{shown}</text>')
    for x in sorted({x for x, _y in points}):
        at, below = across(x), TOP + plot_height
        parts.append(f'<line class="grid" x1="{at:.1f}" x2="{at:.1f}" y1="{TOP}" y2="{below}"/>')
        parts.append(f'<text x="{at:.1f}" y="{below + 20}" text-anchor="middle">{x:,.0f}</text>')
    middle = LEFT + plot_width / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">extensions of the host</text>'
    )
    for index, (name, line) in enumerate(lines.items()):
        colour, dash = COLOURS[index % len(COLOURS)], DASHES[index % len(DASHES)]
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in sorted(line))
        style = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}" fill="none"'
        parts.append(f'<polyline points="{path}" {style}/>')
        for x, y in line:
            parts.append(f'<circle cx="{across(x):.1f}" cy="{up(y):.1f}" r="3.5" fill="{colour}"/>')
        at = TOP + 14 + 24 * index
        start = WIDTH - RIGHT + 16
        parts.append(f'<line x1="{start}" x2="{start + 34}" y1="{at}" y2="{at}" {style}/>')
        parts.append(f'<text x="{start + 42}" y="{at + 4}">{html.escape(name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _share(value: float, least: float, most: float) -> float:
    """Return where a value lies between two others, by its logarithm."""
    if most <= least:
        return 0.5
    return math.log(value / least) / math.log(most / least)
