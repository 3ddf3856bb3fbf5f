"""What the sections of the report are written with: the figures, the words, and HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from portrait.reading import markup
from portrait.reading.queries.overview import Figure
from portrait.reading.words import Words
from portrait.report.figures import Figures

MOST_ROWS = 15


@dataclass(frozen=True)
class Teller:
    """The figures, and the words of one language."""

    figures: Figures
    words: Words

    def shown(self, value: Any, form: str = "") -> str:
        """A value as it is read, money with its currency."""
        return self.words.shown(value, form, self.figures.summary.currency)

    def table(
        self, name: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]
    ) -> str:
        """A table; columns are headings with the forms of markup.Column."""
        return markup.table(name, [markup.Column(*one) for one in columns], rows)

    def said(self, key: str, **values: Any) -> str:
        """A sentence where something is missing."""
        return f'<p class="missing">{escape(self.words(key, **values))}</p>'

    def heading(self, key: str) -> str:
        """A heading within a section."""
        return f"<h3>{escape(self.words(key))}</h3>"

    def tile(self, figure: Figure) -> markup.Tile:
        """A figure beside that of before."""
        words = self.words
        remark = words("nothing_before")
        if figure.before is not None:
            before = self.shown(figure.before, figure.form)
            remark = f"{figure.change_text} · {words('before')} {before}"
        return markup.Tile(words.column(figure.name), self.shown(figure.value, figure.form), remark)

    def part(self, part: Any, whole: Any) -> str:
        """A share, in percent."""
        return self.shown(float(part or 0) / float(whole), "share") if whole else "–"

    def more(self, count: int) -> str:
        """How many rows of a table are left out."""
        if count <= MOST_ROWS:
            return ""
        return markup.note(self.words("first_of", shown=MOST_ROWS, all=f"{count:,}"))
