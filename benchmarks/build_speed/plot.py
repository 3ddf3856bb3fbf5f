"""The plot of the report, as SVG: seconds by size, and what a million raw rows cost by stage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from benchmarks.build_speed.figures import Size

WIDTH, HEIGHT = 960, 400
LEFT, TOP, PANEL_WIDTH, PANEL_HEIGHT = 60, 50, 360, 280
# Colours that differ in brightness as well.
COLOURS = ("#1b4f72", "#2e86c1", "#27ae60", "#f39c12", "#8e44ad", "#7f8c8d", "#c0392b")


def draw(sizes: Sequence[Size]) -> str:
    """The plot of these sizes, smallest first."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"'
            ' font-family="sans-serif" font-size="12">',
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
            *_lines(sizes),
            *_bars(sizes),
            "</svg>",
            "",
        ]
    )


def _lines(sizes: Sequence[Size]) -> list[str]:
    """Seconds by the number of people, both on logarithmic scales."""
    series = {
        "build": [size.full.seconds for size in sizes],
        "after a new day": [size.new_day.seconds for size in sizes],
        "models of the six tables": [
            size.by_hand[0].models_seconds if size.by_hand else 0.0 for size in sizes
        ],
        "the same by hand": [size.by_hand[0].seconds if size.by_hand else 0.0 for size in sizes],
        "reading and writing once": [size.limit.seconds for size in sizes],
    }
    values = [value for some in series.values() for value in some if value > 0] or [1.0]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    high = max(high, low + 1)
    first, last = math.log10(sizes[0].people), math.log10(sizes[-1].people)

    def x(people: int) -> float:
        share = (math.log10(people) - first) / (last - first) if last > first else 0.5
        return LEFT + 20 + share * (PANEL_WIDTH - 40)

    def y(seconds: float) -> float:
        return TOP + PANEL_HEIGHT * (1 - (math.log10(seconds) - low) / (high - low))

    parts = [_text(LEFT, TOP - 20, "Seconds by people (logarithmic)", weight="bold")]
    for power in range(low, high + 1):
        at = y(10**power)
        parts += [_rule(LEFT, at, LEFT + PANEL_WIDTH, at)]
        parts += [_text(LEFT - 8, at + 4, f"{10**power:g}", anchor="end")]
    for size in sizes:
        parts += [
            _text(x(size.people), TOP + PANEL_HEIGHT + 18, f"{size.people:,}", anchor="middle")
        ]
    for colour, some in zip(COLOURS, series.values(), strict=False):
        points = [
            (x(size.people), y(value)) for size, value in zip(sizes, some, strict=True) if value > 0
        ]
        path = " ".join(f"{across:.1f},{down:.1f}" for across, down in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="3.5" fill="{colour}"/>'
            for across, down in points
        ]
    parts += _legend(list(series), LEFT, TOP + PANEL_HEIGHT + 40)
    return parts


def _bars(sizes: Sequence[Size]) -> list[str]:
    """Seconds per million raw rows, one bar per size, one part per stage."""
    left = LEFT + PANEL_WIDTH + 120
    stages = list(dict.fromkeys(cost.name for size in sizes for cost in size.full.stages))
    costs = [
        {name: 1e6 * size.full.stage(name) / max(size.full.raw_rows, 1) for name in stages}
        for size in sizes
    ]
    highest = max([sum(one.values()) for one in costs] + [1e-9])
    step = PANEL_WIDTH / max(len(sizes), 1)
    title = "Seconds per million raw rows, by stage"
    parts = [_text(left, TOP - 20, title, weight="bold")]
    for number, (size, one) in enumerate(zip(sizes, costs, strict=True)):
        base, across = float(TOP + PANEL_HEIGHT), left + number * step + step * 0.2
        for colour, name in zip(COLOURS, stages, strict=False):
            tall = PANEL_HEIGHT * one[name] / highest
            base -= tall
            parts.append(
                f'<rect x="{across:.1f}" y="{base:.1f}" width="{step * 0.6:.1f}"'
                f' height="{tall:.1f}" fill="{colour}"/>'
            )
        middle = across + step * 0.3
        parts += [
            _text(middle, base - 6, f"{sum(one.values()):.1f}", anchor="middle"),
            _text(middle, TOP + PANEL_HEIGHT + 18, f"{size.people:,}", anchor="middle"),
        ]
    parts.append(_rule(left, TOP + PANEL_HEIGHT, left + PANEL_WIDTH, TOP + PANEL_HEIGHT))
    return parts + _legend(stages, left, TOP + PANEL_HEIGHT + 40)


def _legend(names: Sequence[str], left: float, top: float) -> list[str]:
    parts = []
    for number, (colour, name) in enumerate(zip(COLOURS, names, strict=False)):
        across, down = left + (number % 3) * 140, top + (number // 3) * 18
        parts.append(f'<rect x="{across}" y="{down - 9}" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(across + 15, down, name))
    return parts


def _rule(left: float, top: float, right: float, bottom: float) -> str:
    return f'<line x1="{left}" y1="{top:.1f}" x2="{right}" y2="{bottom:.1f}" stroke="#d5d8dc"/>'


def _text(
    across: float, down: float, text: str, anchor: str = "start", weight: str = "normal"
) -> str:
    return (
        f'<text x="{across:.1f}" y="{down:.1f}" text-anchor="{anchor}"'
        f' font-weight="{weight}">{escape(text)}</text>'
    )
