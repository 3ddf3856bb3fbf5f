"""What was sold, to how many, and the course of the months."""

from portrait.reading import markup
from portrait.report import drawing
from portrait.report.drawing import Point
from portrait.report.teller import Teller


def html(teller: Teller) -> str:
    """Write the section."""
    words, known = teller.words, teller.figures.summary.figures

    def tile(name: str, form: str, remark: str = "") -> markup.Tile:
        return markup.Tile(words.column(name), teller.shown(known[name], form), remark)

    buyers, customers = known["buyers_count"], known["customers_count"]
    share = words("of_customers", share=teller.shown(buyers / customers, "share")) if (
        buyers is not None and customers
    ) else ""  # fmt: skip
    parts = [
        markup.tiles(
            [
                tile("customers_count", "count"),
                tile("buyers_count", "count", share),
                tile("repeat_rate", "share", words("repeat_rate_note")),
                tile("active_customers_30d_count", "count"),
                tile("lost_customers_count", "count", words("lost_note")),
            ]
        )
    ]
    if not known["orders_count"]:
        parts.append(teller.said("no_orders"))
    else:
        parts.append(teller.heading("since_first_day"))
        if not known["gross_amount"]:
            parts.append(teller.said("no_amounts"))
        parts.append(
            markup.tiles(
                [
                    tile("gross_amount", "money"),
                    tile("net_amount", "money"),
                    tile("realised_amount", "money"),
                    tile("orders_count", "count"),
                    tile("paid_orders_count", "count"),
                    tile("average_order_value_amount", "money"),
                ]
            )
        )
    if teller.figures.last_30_days:
        parts += [
            teller.heading("last_30_days"),
            markup.note(words("last_30_days_note")),
            markup.tiles(teller.tile(figure) for figure in teller.figures.last_30_days),
        ]
    if teller.figures.months:
        parts += [teller.heading("by_month"), _months(teller)]
    return "".join(parts)


def _months(teller: Teller) -> str:
    words, months = teller.words, teller.figures.months
    forms = {
        "gross_amount": "money", "net_amount": "money", "realised_amount": "money",
        "orders_count": "count", "paid_orders_count": "count",
        "average_order_value_amount": "money", "buyers_count": "count",
        "new_customers_count": "count", "active_customers_30d_count": "count",
    }  # fmt: skip
    # What is no sum over the month is a line.
    levels = ("average_order_value_amount", "active_customers_30d_count")
    drawn = (
        "realised_amount", "paid_orders_count", "average_order_value_amount", "buyers_count",
        "new_customers_count", "active_customers_30d_count",
    )  # fmt: skip
    charts = []
    for name in drawn:
        points = [
            Point(
                f"{row['month_start_date']:%Y-%m}",
                None if row[name] is None else float(row[name]),
                not row["is_complete"],
            )
            for row in months
        ]
        draw = drawing.course if name in levels else drawing.columns
        charts.append(draw(words.column(name), points, words.short))
    note = "" if months[-1]["is_complete"] else markup.note(words("month_is_open"))
    return (
        drawing.grid(charts)
        + note
        + teller.table(
            words("by_month"),
            [(words("month"), "tight"), *((words.column(name), "right") for name in forms)],
            [
                [
                    f"{row['month_start_date']:%Y-%m}",
                    *(teller.words.shown(row[name], form) for name, form in forms.items()),
                ]
                for row in months
            ],
        )
    )
