"""All that is known of one customer, and why."""

from typing import Any

import streamlit as st

from portrait.app import charts
from portrait.app.queries import customers
from portrait.app.view import View
from portrait.errors import PortraitError
from portrait.reading import markup
from portrait.reading.published import Row

LATEST = 25
MOST_TAG_ROWS = 60
PORTRAIT = (
    ("who", (
        ("age_band", ""), ("natural_gender", ""), ("shopping_gender", ""), ("region", ""),
        ("city_level", ""), ("occupation", ""), ("education", ""), ("income", ""),
        ("marital_status", ""), ("children_count", "count"), ("device_model", "text"),
        ("operating_system", "text"), ("first_seen_date", ""), ("records_count", "count"),
    )),
    ("worth", (
        ("rfm_segment", ""), ("value_group", ""), ("value_tier", ""), ("lifecycle_stage", ""),
        ("loyalty_tier", ""), ("points_balance", "count"), ("paid_orders_count", "count"),
        ("monetary_amount", "money"), ("average_order_value_amount", "money"),
        ("return_rate_pct", "pct"), ("last_paid_order_date", ""), ("next_purchase_date", ""),
    )),
    ("does", (
        ("activity_level", ""), ("behavior_segment", ""), ("last_visit_date", ""),
        ("sessions_30d_count", "count"), ("product_views_30d_count", "count"),
        ("cart_adds_30d_count", "count"), ("abandoned_cart_sessions_90d_count", "count"),
        ("most_active_hour_slot", "text"), ("most_active_weekday", ""),
        ("usual_information_channel", ""), ("usual_payment_method", ""),
    )),
    ("likes", (
        ("preferred_category_1", "text"), ("preferred_category_2", "text"),
        ("preferred_brand", "text"), ("preferred_price_band", ""), ("likely_next_category", "text"),
        ("discount_sensitivity", ""), ("coupon_sensitivity", ""), ("promotion_sensitivity", ""),
        ("last_nps_score", "number"), ("mean_csat_score", "number"), ("satisfaction_trend", ""),
        ("main_pain_point_kind", ""), ("open_tickets_count", "count"),
    )),
)  # fmt: skip
KINDS = ("order", "return", "visit", "ticket")


def show(view: View) -> None:
    """Show the page of the customer whom `customer_id` in the address names."""
    words = view.words
    wanted = st.text_input(
        words("find_customer"),
        value=st.query_params.get("customer_id", ""),
        placeholder="c1a2b3…, shop:C1001",
        help=words("find_customer_help"),
    ).strip()
    if not wanted:
        _begin(view)
        return
    try:
        customer_id = view.ask(customers.customer_of, wanted)
    except PortraitError:
        st.warning(words("nobody_known_as", wanted=wanted))
        _begin(view)
        return
    st.query_params["customer_id"] = customer_id
    portrait = view.ask(customers.portrait, customer_id)
    person = view.ask(customers.golden_record, customer_id)
    name = view.masks.shown("dim_customers", "full_name", person.get("full_name"))
    st.subheader(name or words("no_name"), anchor=False)
    st.html(
        markup.note(words("customer_line", customer_id=customer_id, date=view.build.as_of_date))
    )
    if not view.app.shows_personal:
        st.html(markup.note(words("masked_note")))
    _scores(view, portrait)
    _next_action(view, customer_id)
    _portrait(view, portrait)
    _timeline(view, customer_id)
    _tags(view, customer_id)
    _golden_record(view, customer_id, person)
    _identity(view, customer_id)


def _begin(view: View) -> None:
    words = view.words
    st.subheader(words("best_customers"), anchor=False)
    view.table(
        words("best_customers"),
        [(words("customer"), "tight"), (words.column("rfm_segment"), ""),
         (words.column("value_tier"), ""), (words.column("paid_orders_count"), "right"),
         (words.column("monetary_amount"), "right"),
         (words.column("last_paid_order_date"), "tight")],
        [
            [
                view.customer_link(row["customer_id"]),
                words.value(row["rfm_segment"]),
                words.value(row["value_tier"]),
                view.shown(row["paid_orders_count"], "count"),
                view.shown(row["monetary_amount"], "money"),
                view.shown(row["last_paid_order_date"]),
            ]
            for row in view.ask(customers.best_customers)
        ],
    )  # fmt: skip


def _scores(view: View, portrait: Row) -> None:
    words = view.words
    scores = [portrait.get(f"{part}_score") for part in ("recency", "frequency", "monetary")]
    rfm = " · ".join("–" if score is None else str(score) for score in scores)
    st.html(markup.tiles([
        markup.Tile(words("segment"), words.value(portrait.get("rfm_segment")),
                  words("rfm_scores", scores=rfm)),
        markup.Tile(words.column("lifetime_value_amount"),
                  view.shown(portrait.get("lifetime_value_amount"), "money"), words("next_year")),
        markup.Tile(words("churn_risk"), view.shown(portrait.get("churn_probability"), "share"),
                  words("band", band=words.value(portrait.get("churn_risk_band")))),
        markup.Tile(words("expected_purchases"),
                  view.shown(portrait.get("expected_purchases_90d_count"), "number"),
                  words("next_90_days")),
        markup.Tile(words("abuse_risk"), view.shown(portrait.get("risk_score"), "count"),
                  words("band", band=words.value(portrait.get("risk_band")))),
        markup.Tile(words.column("completeness_pct"),
                  view.shown(portrait.get("completeness_pct"), "pct"),
                  words("largest_gap", gap=words.column(str(portrait["largest_gap"])))
                  if portrait.get("largest_gap") else ""),
    ]))  # fmt: skip


def _next_action(view: View, customer_id: str) -> None:
    words = view.words
    strategy = view.ask(customers.strategy, customer_id)
    if strategy:
        st.subheader(words("next_action"), anchor=False)
        view.table(
            words("next_action"),
            [(words("action"), ""), (words("channel"), ""), (words("why"), "wide"),
             (words("expected_value"), "right")],
            [
                [
                    str(row["strategy_name"]),
                    words.value(row["channel"]),
                    str(row["reason_text"] or ""),
                    view.shown(row["expected_value_amount"], "money"),
                ]
                for row in strategy
            ],
        )  # fmt: skip
    products = view.ask(customers.recommendations, customer_id)
    if products:
        st.subheader(words("products_to_show"), anchor=False)
        view.table(
            words("products_to_show"),
            [(words("product"), "wide"), (words("category"), ""), (words("why"), "wide")],
            [
                [
                    str(row["product_name"] or "–"),
                    str(row["category"] or "–"),
                    words("bought_before")
                    if row["recommendation_kind"] == "again"
                    else words("because_of", product=row["because_product_name"] or "–"),
                ]
                for row in products
            ],
        )


def _portrait(view: View, portrait: Row) -> None:
    words = view.words
    st.subheader(words("portrait"), anchor=False)
    for first in (0, 2):
        for place, (title, names) in zip(st.columns(2), PORTRAIT[first : first + 2], strict=True):
            with place:
                st.markdown(f"**{words(title)}**")
                known = [
                    (words.column(column), _fact(view, column, portrait[column], form), "")
                    for column, form in names
                    if portrait.get(column) not in (None, "unknown")
                ]
                st.html(markup.facts(known) if known else markup.note(words("nothing_known")))


def _fact(view: View, column: str, value: Any, form: str) -> str:
    if view.masks.hides("customer_portrait", column):
        return str(view.masks.shown("customer_portrait", column, value))
    return view.shown(value, form)


def _timeline(view: View, customer_id: str) -> None:
    words = view.words
    events = view.ask(customers.timeline, customer_id)
    st.subheader(words("timeline"), anchor=False)
    if not events:
        st.html(markup.note(words("no_events")))
        return
    kinds = [words.value(kind) for kind in KINDS if any(one["kind"] == kind for one in events)]
    drawn = [
        {
            "at": one["at"], "kind": words.value(one["kind"]), "what": one["what"],
            "state": words.value(one["state"]),
        }
        for one in events
    ]  # fmt: skip
    charts.show(charts.timeline(drawn, kinds))
    st.html(markup.note(words("latest_of", shown=min(LATEST, len(events)), all=len(events))))
    view.table(
        words("timeline"),
        [(words("when"), "tight"), (words("kind"), "tight"), (words("what"), "wide"),
         (words("state"), ""), (words("amount"), "right")],
        [
            [
                view.shown(one["at"]),
                words.value(one["kind"]),
                _what(view, one),
                words.value(one["state"]),
                view.shown(one["amount"], "money") if one["amount"] is not None else "",
            ]
            for one in events[:LATEST]
        ],
    )  # fmt: skip


def _what(view: View, event: Row) -> str:
    words = view.words
    if event["kind"] == "visit":
        return words("visit_of", events=event["count"], device=event["what"] or "–")
    if event["kind"] == "ticket":
        subject = view.masks.shown("fct_tickets", "ticket_subject", event["subject"])
        return f"{event['what']} · {words.value(event['about'])} · {subject or '–'}"
    return str(event["what"])


def _tags(view: View, customer_id: str) -> None:
    words = view.words
    found = view.ask(customers.tags, customer_id)
    shown = [row for row in found if view.app.shows_personal or not row["is_personal"]]
    st.subheader(words("tags_and_reasons"), anchor=False)
    if len(shown) < len(found):
        st.html(markup.note(words("tags_hidden", count=len(found) - len(shown))))
    st.html(markup.chips(view.tag(row["tag_code"], row["name_en"]) for row in shown))
    with st.expander(words("why_these_tags", count=len(shown))):
        view.table(
            words("tags_and_reasons"),
            [(words("tag"), ""), (words("why"), "wide"), (words("value"), ""),
             (words("sure"), "right"), (words("evidence_date"), "tight"),
             (words("until"), "tight")],
            [
                [
                    view.tag(row["tag_code"], row["name_en"]),
                    view.registry.reason(row["tag_code"]),
                    _tag_value(view, row["tag_value"]),
                    view.shown(row["weight"], "share"),
                    view.shown(row["evidence_date"]),
                    view.shown(row["expiry_date"]),
                ]
                for row in shown[:MOST_TAG_ROWS]
            ],
        )  # fmt: skip
    reasons = view.ask(customers.risk_reasons, customer_id)
    if reasons:
        st.markdown(f"**{words('why_at_risk')}**")
        view.table(
            words("why_at_risk"),
            [(words("reason"), ""), (words("evidence"), "wide"), (words("points"), "right"),
             (words("evidence_date"), "tight")],
            [
                [words.value(row["reason_code"]), row["evidence"],
                 view.shown(row["points"], "count"),
                 view.shown(row["evidence_date"])]
                for row in reasons
            ],
        )  # fmt: skip
    members = view.ask(customers.audiences_of, customer_id)
    if members:
        st.markdown(f"**{words('in_audiences')}**")
        st.html(markup.chips(
            f"{row['title'] or row['audience']} · {words.value(row['arm'])}" for row in members
        ))  # fmt: skip


def _tag_value(view: View, value: Any) -> str:
    """A value as it is written in the mart; a number without its many decimals."""
    try:
        return view.shown(float(value), "number")
    except (TypeError, ValueError):
        return view.shown(value)


def _golden_record(view: View, customer_id: str, person: Row) -> None:
    words = view.words
    st.subheader(words("golden_record"), anchor=False)
    st.html(markup.note(words("golden_record_note")))
    origins = view.ask(customers.provenance, customer_id)
    body: list[list[markup.Cell]] = []
    for column, attribute in customers.GOLDEN:
        value = person.get(column)
        if value is None:
            continue
        origin = origins.get(attribute, {})
        shown = view.masks.shown("dim_customers", column, value)
        body.append([
            words.column(column),
            view.shown(shown, "" if isinstance(shown, bool) else "text"),
            str(origin.get("record_id") or "–"),
            words.value(origin["survivorship_rule"]) if origin else "–",
            view.shown(origin.get("candidates_count"), "count"),
            view.shown(origin.get("conflicts_count"), "count"),
            view.shown(origin.get("record_updated_at")),
        ])  # fmt: skip
    view.table(
        words("golden_record"),
        [(words("attribute"), ""), (words("value"), ""), (words("from_record"), "tight"),
         (words("chosen_by"), ""), (words("candidates"), "right"), (words("conflicts"), "right"),
         (words("updated_at"), "tight")],
        body,
    )  # fmt: skip


def _identity(view: View, customer_id: str) -> None:
    words = view.words
    st.subheader(words("identity"), anchor=False)
    own = view.ask(customers.records, customer_id)
    edges = view.ask(customers.edges, customer_id)
    st.html(markup.note(words("identity_note", records=len(own))))
    nodes, lines = customers.places(edges, own)
    for line in lines:
        line["verdict_said"] = words.value(line["verdict"])
    charts.show(
        charts.graph(nodes, lines, {"own": words("own_records"), "other": words("others_records")})
    )
    if edges:
        with st.expander(words("pairs_in_words", count=len(edges)), expanded=len(edges) <= 4):
            view.table(
                words("identity"),
                [(words("pair"), "tight"), (words("verdict"), ""), (words("evidence"), "wide"),
                 (words("probability"), "right")],
                [
                    [
                        f"{row['record_id']} – {row['other_record_id']}",
                        words.value(row["verdict"]),
                        str(row["evidence"] or ""),
                        view.shown(row["match_probability"], "share"),
                    ]
                    for row in edges
                ],
            )  # fmt: skip
