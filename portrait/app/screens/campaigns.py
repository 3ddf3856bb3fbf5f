"""Campaigns: what they brought beside the hold-out, and how sure that is."""

from typing import Any

import streamlit as st

from portrait.app import charts
from portrait.app.view import View
from portrait.reading import heats, markup
from portrait.reading.published import Row
from portrait.reading.queries import campaigns
from portrait.reading.words import interval, signed


def show(view: View) -> None:
    """Show the page."""
    words = view.words
    found = view.ask(campaigns.campaigns)
    if not found:
        st.info(words("no_such_table"))
        return
    view.table(
        words("page_campaigns"),
        [(words("campaign"), "wide"), (words("channel"), ""), (words("kind"), ""),
         (words("begins"), "tight"), (words("customers"), "right"), (words("sent"), "right"),
         (words("opened"), "right"), (words("clicked"), "right"),
         (words("extra_after_cost"), "right")],
        [
            [
                str(row["campaign_name"] or row["campaign_id"]),
                words.value(row["campaign_channel"]),
                words.value(row["campaign_kind"]),
                view.shown(row["start_date"]),
                view.shown(row["customers_count"], "count"),
                view.shown(row["sent_contacts_count"], "count"),
                _share(view, row["opened_contacts_count"], row["sent_contacts_count"]),
                _share(view, row["clicked_contacts_count"], row["sent_contacts_count"]),
                view.shown(row["extra_realised_after_cost_amount"], "money"),
            ]
            for row in found
        ],
    )  # fmt: skip
    names = {row["campaign_id"]: str(row["campaign_name"] or row["campaign_id"]) for row in found}
    chosen = st.selectbox(words("campaign"), list(names), format_func=names.__getitem__)
    _lifts(view, chosen)
    _segments(view, chosen)
    _fatigue(view)
    _attribution(view)


def _share(view: View, part: Any, whole: Any) -> str:
    return view.shown(float(part or 0) / float(whole), "share") if whole else "–"


def _lifts(view: View, campaign_id: str) -> None:
    words = view.words
    st.subheader(words("lift"), anchor=False)
    st.html(markup.note(words("lift_note")))
    arms = view.ask(campaigns.arms, campaign_id)
    _intervals(view, [(words.value(row["arm"]), row) for row in arms])
    view.table(
        words("lift"),
        [(words("group"), ""), (words("state"), ""), (words("customers"), "right"),
         (words("response"), "right"), (words("lift_points"), "right"),
         (words("interval"), "right"), (words("revenue_per_customer"), "right"),
         (words("revenue_lift"), "right"), (words("interval"), "right"),
         (words("cost"), "right"), (words("extra_after_cost"), "right")],
        [
            [
                words.value(row["arm"]),
                words.value(row["lift_status"]),
                view.shown(row["customers_count"], "count"),
                view.shown(row["response_pct"], "pct"),
                signed(row["response_lift_points"]),
                interval(row, "response_lift_points"),
                view.shown(row["realised_per_customer_amount"], "money"),
                signed(row["realised_lift_amount"]),
                interval(row, "realised_lift_amount"),
                view.shown(row["cost_amount"], "money"),
                view.shown(row["extra_realised_after_cost_amount"], "money"),
            ]
            for row in arms
        ],
    )  # fmt: skip


def _intervals(view: View, named: list[tuple[str, Row]]) -> None:
    """Both lifts of what can be compared, as points with their intervals."""
    words = view.words
    known = [(word, row) for word, row in named if row["response_lift_points"] is not None]
    if not known:
        st.html(markup.note(words("no_lift")))
        return
    places = st.columns(2)
    for place, name, sure, label in (
        (places[0], "response_lift_points", "is_response_lift_sure", words("lift_points")),
        (places[1], "realised_lift_amount", "is_realised_lift_sure", words("revenue_lift")),
    ):
        drawn = [
            {
                "word": word,
                "value": float(row[name]),
                "lower": float(row[f"lower_{name}"]),
                "upper": float(row[f"upper_{name}"]),
                "is_sure": bool(row[sure]),
            }
            for word, row in known
            if None not in (row[name], row[f"lower_{name}"], row[f"upper_{name}"])
        ]
        with place:
            if drawn:
                charts.show(charts.intervals(drawn, label, words("sure_lift"), words("not_sure")))


def _segments(view: View, campaign_id: str) -> None:
    words = view.words
    st.subheader(words("lift_by_segment"), anchor=False)
    scheme = st.segmented_control(
        words("sorted_by"), list(campaigns.SCHEMES), default=campaigns.SCHEMES[0], required=True,
        format_func=words.column,
    ) or campaigns.SCHEMES[0]  # fmt: skip
    found = view.ask(campaigns.segments, campaign_id, scheme)
    _intervals(
        view, [(f"{words.value(row['segment'])} · {words.value(row['arm'])}", row) for row in found]
    )


def _fatigue(view: View) -> None:
    words = view.words
    found = view.ask(campaigns.fatigue)
    if not found:
        return
    st.subheader(words("fatigue"), anchor=False)
    st.html(markup.note(words("fatigue_note")))
    view.table(
        words("fatigue"),
        [(words("channel"), ""), (words("contacts_before"), "right"), (words("contacts"), "right"),
         (words("opened"), "right"), (words("clicked"), "right"), (words("unsubscribed"), "right"),
         (words("response"), "right"), (words("interval"), "right")],
        [
            [
                words.value(row["campaign_channel"]),
                view.shown(row["contacts_prior_30d_count"], "count"),
                view.shown(row["contacts_count"], "count"),
                view.shown(row["opened_pct"], "pct"),
                view.shown(row["clicked_pct"], "pct"),
                view.shown(row["unsubscribed_pct"], "pct"),
                view.shown(row["response_pct"], "pct"),
                f"{row['lower_response_pct']:.1f} – {row['upper_response_pct']:.1f} %"
                if row["lower_response_pct"] is not None
                else "–",
            ]
            for row in found
        ],
    )  # fmt: skip


def _attribution(view: View) -> None:
    words = view.words
    found = view.ask(campaigns.attribution)
    if not found:
        return
    st.subheader(words("attribution"), anchor=False)
    st.html(markup.note(words("attribution_note")))
    view.heat(words("attribution"), heats.attribution(words, found))
