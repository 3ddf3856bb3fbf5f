"""Charts as SVG: drawn when the page is written, so that it needs no script and prints.

A chart is 360 units wide, about as wide as a phone, so that its letters have their size there.
Charts are pictures to whoever cannot see them; the table that says the same stands beside them.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 360
LEFT, TOP, PLOT = 52, 8, 112
ROW = 36
BLUE, GREY, INK, GRID = "#1f5fa8", "#5b6673", "#2b3642", "#d5dae1"
# Of a letter of 12 units: a Latin one, and one as wide as high.
NARROW, WIDE = 6.6, 12.5
# How a number of an axis is written.
Shorten = Callable[[float], str]


@dataclass(frozen=True)
class Point:
    """A value of a month or day; `is_open` where it will still change. None leaves a gap."""

    label: str
    value: float | None
    is_open: bool = False


@dataclass(frozen=True)
class Bar:
    """A value with its word, and the value as it is read."""

    word: str
    value: float
    text: str


@dataclass(frozen=True)
class Interval:
    """A value between its bounds; `is_sure` where zero is not within them."""

    word: str
    value: float
    lower: float
    upper: float
    is_sure: bool


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers from `low` or below to `high` or above, zero among them: `most` steps or so."""
    low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        return [0.0, 1.0]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 2.5, 5, 10) if size * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def _number(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _text(x: float, y: float, text: str, anchor: str = "start", more: str = "") -> str:
    return (
        f'<text x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"{more}>'
        f"{escape(text)}</text>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return (
        f'<line x1="{_number(x1)}" y1="{_number(y1)}" x2="{_number(x2)}" y2="{_number(y2)}" '
        f'stroke="{colour}"{more}/>'
    )


def _mark(colour: str, is_full: bool) -> str:
    """Full or hollow, so that it is told apart without colours too."""
    return f'fill="{colour if is_full else "#ffffff"}" stroke="{colour}" stroke-width="1.5"'


def _figure(label: str, height: float, inner: str) -> str:
    """The drawing with its caption, which is also what it is called."""
    name = escape(label, quote=True)
    return (
        f'<figure class="chart"><figcaption>{escape(label)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {_number(height)}" role="img" aria-label="{name}" '
        f'font-size="12" fill="{INK}">{inner}</svg></figure>'
    )


def cut(text: str, width: float) -> str:
    """The text, or as much of it as fits into the width, by the size of its letters."""
    sizes = [WIDE if ord(letter) > 0x2E7F else NARROW for letter in text]
    if sum(sizes) <= width:
        return text
    kept, room = "", width - NARROW
    for letter, size in zip(text, sizes, strict=True):
        room -= size
        if room < 0:
            break
        kept += letter
    return f"{kept.rstrip()}…"


class _Plot:
    """The axes of a chart over time: where a value and the place of a point lie."""

    def __init__(self, points: Sequence[Point], written: Sequence[str], marks: Sequence[float]):
        self.marks, self.written, self.points = marks, written, points
        self.step = (WIDTH - LEFT) / max(len(points), 1)

    def y(self, value: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return TOP + PLOT * (high - value) / (high - low)

    def x(self, place: int) -> float:
        return LEFT + self.step * (place + 0.5)

    def axes(self) -> str:
        """Lines at the marks, and every third label, the last one among them."""
        parts = []
        for mark, text in zip(self.marks, self.written, strict=True):
            y = self.y(mark)
            parts.append(_line(LEFT, y, WIDTH, y, INK if mark == 0 else GRID))
            parts.append(_text(LEFT - 6, y + 4, text, "end"))
        last = len(self.points) - 1
        for place, point in enumerate(self.points):
            if (last - place) % 3 == 0:
                # The last label must not leave the drawing.
                anchor, x = ("end", WIDTH) if place == last else ("middle", self.x(place))
                parts.append(_text(x, TOP + PLOT + 18, point.label, anchor))
        return "".join(parts)


def _marks(points: Sequence[Point]) -> list[float]:
    known = [point.value for point in points if point.value is not None]
    return ticks(min(known, default=0.0), max(known, default=0.0))


def columns(label: str, points: Sequence[Point], shorten: Shorten) -> str:
    """A column per point, hollow where it is open: for what adds up over the month."""
    marks = _marks(points)
    plot = _Plot(points, [shorten(mark) for mark in marks], marks)
    drawn = ""
    for place, point in enumerate(points):
        if point.value is not None:
            top, bottom = sorted((plot.y(point.value), plot.y(0.0)))
            drawn += (
                f'<rect x="{_number(plot.x(place) - plot.step * 0.36)}" y="{_number(top)}" '
                f'width="{_number(plot.step * 0.72)}" height="{_number(bottom - top)}" '
                f"{_mark(BLUE, not point.is_open)}/>"
            )
    return _figure(label, TOP + PLOT + 24, plot.axes() + drawn)


def course(label: str, points: Sequence[Point], shorten: Shorten) -> str:
    """A line through the points: for what is counted on a day, or is a mean."""
    marks = _marks(points)
    plot = _Plot(points, [shorten(mark) for mark in marks], marks)
    path, drawn, begins = "", "", True
    for place, point in enumerate(points):
        if point.value is None:
            begins = True
            continue
        x, y = _number(plot.x(place)), _number(plot.y(point.value))
        path += f"{'M' if begins else 'L'}{x} {y}"
        drawn += f'<circle cx="{x}" cy="{y}" r="3" {_mark(BLUE, not point.is_open)}/>'
        begins = False
    line = f'<path d="{path}" fill="none" stroke="{BLUE}" stroke-width="2"/>' if path else ""
    return _figure(label, TOP + PLOT + 24, plot.axes() + line + drawn)


def bars(label: str, rows: Sequence[Bar]) -> str:
    """A bar per word, in the order that is given; below zero there is none."""
    most = max((row.value for row in rows), default=0.0)
    drawn = ""
    for place, row in enumerate(rows):
        y = place * ROW
        room = WIDTH - NARROW * len(row.text) - 14
        width = WIDTH * max(row.value, 0.0) / most if most > 0 else 0.0
        drawn += _text(0, y + 13, cut(row.word, room))
        drawn += _text(WIDTH, y + 13, row.text, "end", ' font-weight="600"')
        drawn += f'<rect x="0" y="{y + 19}" width="{WIDTH}" height="9" fill="#eef1f5"/>'
        drawn += f'<rect x="0" y="{y + 19}" width="{_number(width)}" height="9" fill="{BLUE}"/>'
    return _figure(label, max(ROW * len(rows), ROW), drawn)


def intervals(label: str, rows: Sequence[Interval], shorten: Shorten) -> str:
    """A point in its interval per row, grey and hollow where not sure; the dark line is zero."""
    marks = ticks(
        min((row.lower for row in rows), default=0.0),
        max((row.upper for row in rows), default=0.0),
    )
    low, high = marks[0], marks[-1]
    # So that the numbers at both ends stay within the drawing.
    edge = 28

    def x(value: float) -> float:
        return edge + (WIDTH - 2 * edge) * (value - low) / (high - low)

    bottom = ROW * len(rows) + 4
    drawn = ""
    for mark in marks:
        drawn += _line(x(mark), 0, x(mark), bottom, INK if mark == 0 else GRID)
        drawn += _text(x(mark), bottom + 16, shorten(mark), "middle")
    for place, row in enumerate(rows):
        y = place * ROW + 25
        colour = BLUE if row.is_sure else GREY
        # A white edge, so that no line crosses the letters.
        edged = ' stroke="#ffffff" stroke-width="4" paint-order="stroke"'
        drawn += _text(0, y - 11, cut(row.word, WIDTH), more=edged)
        drawn += _line(x(row.lower), y, x(row.upper), y, colour, ' stroke-width="3"')
        drawn += f'<circle cx="{_number(x(row.value))}" cy="{y}" r="4.5" '
        drawn += f"{_mark(colour, row.is_sure)}/>"
    return _figure(label, bottom + 22, drawn)


def grid(charts: Iterable[str]) -> str:
    """Charts of one height side by side, as many as there is room for."""
    return f'<div class="charts">{"".join(charts)}</div>'


def stacks(charts: Iterable[str]) -> str:
    """Charts of many heights in columns, as many as there is room for."""
    return f'<div class="stacks">{"".join(charts)}</div>'
