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
    found = teller.figures.changes
    if all(figure.value == figure.before for figure in found):
        parts.append(teller.said("nothing_changed"))
    columns = [(words("figure"), ""), (words("build_before"), "right"),
               (words("this_build"), "right"), (words("change"), "right")]  # fmt: skip
    parts.append(
        teller.table(
            words("what_changed"),
            columns,
            [
                [
                    words.column(figure.name),
                    teller.shown(figure.before, figure.form),
                    teller.shown(figure.value, figure.form),
                    figure.change_text,
                ]
                for figure in found
            ],
        )
    )
    now = teller.figures.summary.segments
    names = list(dict.fromkeys([*now, *before.segments]))
    moved = [
        Figure(name, "count", now.get(name, 0), before.segments.get(name, 0)) for name in names
    ]
    if any(figure.value != figure.before for figure in moved):
        parts.append(
            teller.table(
                words.column("rfm_segment"),
                [(words.column("rfm_segment"), ""), *columns[1:]],
                [
                    [
                        words.value(figure.name),
                        teller.shown(figure.before, "count"),
                        teller.shown(figure.value, "count"),
                        figure.change_text,
                    ]
                    for figure in moved
                ],
            )
        )
    return "".join(parts)
