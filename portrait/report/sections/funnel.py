"""How far customers went in the last 30 days."""

from portrait.reading import markup
from portrait.report import drawing
from portrait.report.drawing import Bar
from portrait.report.teller import Teller


def html(teller: Teller) -> str:
    """Write the section."""
    words, found = teller.words, teller.figures.funnel
    if not any(row["customers_count"] for row in found):
        return teller.said("no_funnel")
    charts = []
    for channel in dict.fromkeys(row["channel"] for row in found):
        charts.append(
            drawing.bars(
                words.value(channel),
                [
                    Bar(
                        words.value(row["step"]),
                        float(row["funnel_customers_count"]),
                        teller.shown(row["funnel_customers_count"], "count")
                        + (
                            f" ({teller.shown(row['previous_step_share_pct'], 'pct')})"
                            if row["previous_step_share_pct"] is not None
                            else ""
                        ),
                    )
                    for row in found
                    if row["channel"] == channel
                ],
            )
        )
    table = teller.table(
        words("funnel"),
        [(words("channel"), ""), (words("step"), ""), (words("after_all_steps"), "right"),
         (words("of_step_before"), "right"), (words("of_first_step"), "right"),
         (words("took_the_step"), "right")],
        [
            [
                words.value(row["channel"]),
                words.value(row["step"]),
                teller.shown(row["funnel_customers_count"], "count"),
                teller.shown(row["previous_step_share_pct"], "pct"),
                teller.shown(row["first_step_share_pct"], "pct"),
                teller.shown(row["customers_count"], "count"),
            ]
            for row in found
        ],
    )  # fmt: skip
    return markup.note(words("funnel_note")) + drawing.stacks(charts) + table
