"""Tiles and tables as HTML. Every text is escaped; a wide table scrolls, by keyboard too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from portrait.reading.heats import Heat

STYLE = """
.tiles {display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: .7rem;
  margin: .3rem 0 1rem;}
.tile {border: 1px solid #d5dae1; border-radius: 8px; padding: .7rem .85rem; background: #ffffff;}
.tile .label {font-size: .82rem; color: #47525f;}
.tile .figure {font-size: 1.4rem; font-weight: 600; color: #16202b; line-height: 1.35;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;}
.tile .figure.long {font-size: 1.05rem; line-height: 1.75;}
.tile .remark {font-size: .8rem; color: #47525f;}
.tile .up {color: #0b6a3b;} .tile .down {color: #a3262b;}
.scroll {overflow-x: auto; margin: .2rem 0 1rem; border: 1px solid #d5dae1; border-radius: 8px;}
.scroll:focus-visible {outline: 3px solid #1f5fa8; outline-offset: 1px;}
.scroll table {border-collapse: collapse; width: 100%; font-size: .87rem; color: #16202b;
  margin: 0;}
.scroll th, .scroll td {padding: .38rem .7rem; border: 0; border-bottom: 1px solid #e6e9ee;
  text-align: left; vertical-align: top; word-break: keep-all;}
.scroll tr:last-child td {border-bottom: 0;}
.scroll thead th {background: #f2f4f7; font-weight: 600; color: #2b3642; vertical-align: bottom;}
.scroll td.right, .scroll th.right {text-align: right; font-variant-numeric: tabular-nums;}
.scroll td.right {white-space: nowrap;}
.scroll td.wide {min-width: 15rem; overflow-wrap: anywhere; word-break: normal;}
.scroll td.tight {white-space: nowrap;}
.scroll a, .links a {color: #1a4f8f; text-decoration: underline;}
.heat td {text-align: center !important; white-space: nowrap; font-variant-numeric: tabular-nums;}
.heat th {white-space: nowrap;} .heat thead th.right {text-align: center;}
.heat th[scope=row] {position: sticky; left: 0; background: #ffffff; z-index: 1;}
.facts {display: grid; grid-template-columns: minmax(7rem, 12rem) 1fr; gap: .25rem .9rem;
  font-size: .9rem; margin: .2rem 0 1rem; color: #16202b;}
.facts dt, .facts dd {margin: 0 !important; padding: 0 !important; overflow-wrap: anywhere;}
.facts {padding: 0 !important; margin-left: 0 !important;} .facts dt {color: #47525f;}
.facts dd small {color: #47525f; display: block; font-size: .78rem;}
.chips {display: flex; flex-wrap: wrap; gap: .35rem; margin: .2rem 0 1rem;}
.chip {background: #e8eef6; color: #173a63; border-radius: 999px; padding: .12rem .6rem;
  font-size: .82rem;}
.note {font-size: .85rem; color: #47525f; margin: .1rem 0 .8rem;}
@media (max-width: 640px) {
  .tiles {grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem;}
  .tile {padding: .55rem .6rem;} .tile .figure {font-size: 1.12rem;}
  .facts {grid-template-columns: minmax(6rem, 8.5rem) 1fr;}
}
"""


@dataclass(frozen=True)
class Tile:
    """A figure with its label. `remark` stands below; `direction` up, down or empty colours it."""

    label: str
    figure: str
    remark: str = ""
    direction: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, and how its cells stand: right, wide, tight or empty."""

    heading: str
    form: str = ""


@dataclass(frozen=True)
class Link:
    """A cell that leads somewhere."""

    text: str
    target: str


Cell = str | Link


def tiles(shown: Iterable[Tile]) -> str:
    """Figures side by side."""
    parts = []
    for tile in shown:
        long = " long" if len(tile.figure) > 10 else ""
        remark = (
            f'<div class="remark {tile.direction}">{escape(tile.remark)}</div>'
            if tile.remark
            else ""
        )
        parts.append(
            f'<div class="tile"><div class="label">{escape(tile.label)}</div>'
            f'<div class="figure{long}">{escape(tile.figure)}</div>{remark}</div>'
        )
    return f'<div class="tiles">{"".join(parts)}</div>'


def table(name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; `name` says what it holds to whoever cannot see it."""
    head = "".join(_cell("th", one.heading, one.form, ' scope="col"') for one in columns)
    body = "".join(
        "<tr>"
        + "".join(_cell("td", cell, one.form) for one, cell in zip(columns, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return _scrolled(name, f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")


def heat(name: str, shown: Heat) -> str:
    """A table whose cells, of a text and a share from 0 to 1, are the darker the more they hold."""
    head = "".join(f'<th scope="col" class="right">{escape(one)}</th>' for one in shown.columns)
    body = ""
    for heading, cells in shown.rows:
        body += f'<tr><th scope="row">{escape(heading)}</th>'
        for cell in cells:
            if cell is None:
                body += "<td></td>"
                continue
            text, share = cell
            body += f'<td style="{_shade(share)}">{escape(text)}</td>'
        body += "</tr>"
    corner = f'<th scope="col">{escape(shown.corner)}</th>'
    return _scrolled(
        name,
        f'<table class="heat"><thead><tr>{corner}{head}</tr></thead><tbody>{body}</tbody></table>',
    )


def facts(pairs: Iterable[tuple[str, str, str]]) -> str:
    """Labels with what is known, and a small line of where it is from."""
    body = ""
    for label, value, origin in pairs:
        small = f"<small>{escape(origin)}</small>" if origin else ""
        body += f"<dt>{escape(label)}</dt><dd>{escape(value)}{small}</dd>"
    return f'<dl class="facts">{body}</dl>'


def chips(labels: Iterable[str]) -> str:
    """Short words side by side."""
    inner = "".join(f'<span class="chip">{escape(label)}</span>' for label in labels)
    return f'<div class="chips">{inner}</div>'


def note(text: str) -> str:
    """A remark in small letters."""
    return f'<p class="note">{escape(text)}</p>'


def link(shown: Link) -> str:
    """A link in a line of its own."""
    return f'<p class="links">{_anchor(shown)}</p>'


def _anchor(shown: Link) -> str:
    target = escape(shown.target, quote=True)
    return f'<a href="{target}" target="_self">{escape(shown.text)}</a>'


def _scrolled(name: str, inner: str) -> str:
    label = escape(name, quote=True)
    return f'<div class="scroll" role="region" aria-label="{label}" tabindex="0">{inner}</div>'


def _cell(tag: str, cell: Cell, form: str, more: str = "") -> str:
    kind = f' class="{form}"' if form else ""
    inner = _anchor(cell) if isinstance(cell, Link) else escape(cell)
    return f"<{tag}{kind}{more}>{inner}</{tag}>"


def _shade(share: float) -> str:
    """White to a blue on which dark letters can still be read."""
    share = max(0.0, min(1.0, share))
    red, green, blue = (round(255 + (end - 255) * share) for end in (110, 160, 214))
    return f"background:rgb({red},{green},{blue})"
