"""What each channel sold, cost, and has a share in."""

from portrait.reading import heats, markup
from portrait.reading.queries.overview import Figure
from portrait.report import drawing
from portrait.report.drawing import Bar
from portrait.report.teller import Teller


def html(teller: Teller) -> str:
    """Write the section."""
    words, figures = teller.words, teller.figures
    parts = [teller.heading("sold_by")]
    if figures.channels:
        sold = [
            Bar(
                words.value(row["system"]),
                float(row["realised_amount"] or 0),
                teller.shown(row["realised_amount"], "money"),
            )
            for row in figures.channels
        ]
        parts.append(drawing.grid([drawing.bars(words.column("realised_amount"), sold)]))
        parts.append(
            teller.table(
                words("sold_by"),
                [(words("channel"), ""), (words.column("realised_amount"), "right"),
                 (words("before_30_days"), "right"), (words("change"), "right"),
                 (words.column("paid_orders_count"), "right")],
                [
                    [
                        words.value(row["system"]),
                        teller.shown(row["realised_amount"], "money"),
                        teller.shown(row["before_amount"], "money"),
                        Figure("", "money", *(
                            None if row[name] is None else float(row[name])
                            for name in ("realised_amount", "before_amount")
                        )).change_text,
                        teller.shown(row["paid_orders_count"] or 0, "count"),
                    ]
                    for row in figures.channels
                ],
            )
        )  # fmt: skip
    else:
        parts.append(teller.said("nothing_sold"))
    parts.append(teller.heading("acquisition"))
    if figures.acquisition:
        parts.append(
            teller.table(
                words("acquisition"),
                [(words("channel"), ""), (words.column("new_customers_count"), "right"),
                 (words("cost"), "right"), (words("cost_per_new_customer"), "right")],
                [
                    [
                        words.value(row["acquisition_channel"]),
                        teller.shown(row["new_customers_count"], "count"),
                        teller.shown(row["cost_amount"], "money"),
                        teller.shown(row["cost_per_new_customer_amount"], "money"),
                    ]
                    for row in figures.acquisition
                ],
            )
        )  # fmt: skip
    else:
        parts.append(teller.said("nobody_won"))
    parts.append(teller.heading("attribution"))
    if figures.attribution:
        parts += [
            markup.note(words("attribution_note")),
            markup.heat(words("attribution"), heats.attribution(words, figures.attribution)),
        ]
    else:
        parts.append(teller.said("no_attribution"))
    return "".join(parts)
