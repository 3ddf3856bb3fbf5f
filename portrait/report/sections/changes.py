"""The figures beside those of the build that was published before."""

from portrait.reading import markup
from portrait.reading.queries.overview import Figure
from portrait.report.teller import Teller


def html(teller: Teller) -> str:
    """Write the section."""
    words, before = teller.words, teller.figures.before
    if not before:
        unreadable = teller.figures.has_unreadable_before
        return teller.said("before_unreadable" if unreadable else "first_build")
    parts = [markup.note(words("compared_with", build=before.build_id, date=before.as_of_date))]
    if before.currency != teller.figures.summary.currency:
        parts.append(teller.said("other_currency", currency=before.currency))
    now = teller.figures.summary.segments
    moved = [
        Figure(name, "count", now.get(name, 0), before.segments.get(name, 0))
        for name in dict.fromkeys([*now, *before.segments])
    ]
    changed = any(one.value != one.before for one in [*teller.figures.changes, *moved])
    if not changed:
        return "".join([*parts, teller.said("nothing_changed")])
    figures = [(words.column(one.name), one) for one in teller.figures.changes]
    parts.append(_table(teller, words("figure"), figures))
    segments = [(words.value(one.name), one) for one in moved]
    parts.append(_table(teller, words.column("rfm_segment"), segments))
    return "".join(parts)


def _table(teller: Teller, name: str, named: list[tuple[str, Figure]]) -> str:
    words = teller.words
    return teller.table(
        f"{words('what_changed')}: {name}",
        [(name, ""), (words("build_before"), "right"), (words("this_build"), "right"),
         (words("difference"), "right"), (words("change"), "right")],
        [
            [
                word,
                teller.shown(figure.before, figure.form),
                teller.shown(figure.value, figure.form),
                _difference(teller, figure),
                figure.change_text,
            ]
            for word, figure in named
        ],
    )  # fmt: skip


def _difference(teller: Teller, figure: Figure) -> str:
    if figure.value is None or figure.before is None:
        return "–"
    difference = figure.value - figure.before
    if difference == 0:
        return "0"
    sign = "+" if difference > 0 else "-"
    if figure.form == "share":
        return teller.words("share_points", points=f"{sign}{100 * abs(difference):.1f}")
    return sign + teller.shown(abs(difference), figure.form)
