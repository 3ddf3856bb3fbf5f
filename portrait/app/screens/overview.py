"""How the company does: figures of the last 30 days, their course, channels."""

import streamlit as st

from portrait.app import charts
from portrait.app.view import View
from portrait.reading import markup
from portrait.reading.queries import overview
from portrait.reading.queries.overview import Figure

TRENDS = (
    "realised_by_day_amount", "paid_orders_count", "new_customers_count",
    "active_customers_30d_count",
)  # fmt: skip


def show(view: View) -> None:
    """Show the page."""
    words = view.words
    total = view.ask(overview.totals)
    customers = total["customers_count"] or 0
    st.html(markup.tiles([
        markup.Tile(words("customers"), view.shown(customers, "count")),
        markup.Tile(words("buyers"), view.shown(total["buyers_count"], "count"),
                  _part(view, total["buyers_count"], customers)),
        markup.Tile(words("repeat_buyers"), view.shown(total["repeat_buyers_count"], "count"),
                  _part(view, total["repeat_buyers_count"], total["buyers_count"], "of_buyers")),
        markup.Tile(words("lifetime_value"), view.shown(total["lifetime_value_amount"], "money"),
                  words("next_year")),
    ]))  # fmt: skip
    figures = view.ask(overview.figures)
    st.subheader(words("last_30_days"), anchor=False)
    if not figures:
        st.info(words("no_such_table"))
        return
    st.html(markup.note(words("last_30_days_note")))
    st.html(markup.tiles([tile(view, figure) for figure in figures]))
    st.subheader(words("trends"), anchor=False)
    st.html(markup.note(words("trends_note")))
    days = view.ask(overview.trend)
    for first in (0, 2):
        for place, name in zip(st.columns(2), TRENDS[first : first + 2], strict=True):
            with place:
                charts.show(charts.trend(days, name, words.column(name)))
    found = view.ask(overview.channels)
    if found:
        st.subheader(words("channels"), anchor=False)
        view.table(
            words("channels"),
            [(words("channel"), ""), (words.column("realised_amount"), "right"),
             (words("before_30_days"), "right"), (words("change"), "right"),
             (words.column("paid_orders_count"), "right")],
            [
                [
                    words.value(row["system"]),
                    view.shown(row["realised_amount"], "money"),
                    view.shown(row["before_amount"], "money"),
                    Figure("", "", _number(row["realised_amount"]),
                           _number(row["before_amount"])).change_text,
                    view.shown(row["paid_orders_count"] or 0, "count"),
                ]
                for row in found
            ],
        )  # fmt: skip


def tile(view: View, figure: Figure) -> markup.Tile:
    """A figure with its change."""
    change = figure.change_pct
    return markup.Tile(
        view.words.column(figure.name),
        view.shown(figure.value, figure.form),
        f"{figure.change_text} · {view.words('before')} {view.shown(figure.before, figure.form)}"
        if figure.before is not None
        else view.words("nothing_before"),
        "" if change is None or abs(change) < 0.05 else "up" if change > 0 else "down",
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))


def _part(view: View, part: int | None, whole: int | None, key: str = "of_customers") -> str:
    if not whole:
        return ""
    return view.words(key, share=view.shown((part or 0) / whole, "share"))
