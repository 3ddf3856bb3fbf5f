"""The charts of the pages, in Altair: small data, words from outside, colours told apart."""

from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

FONT = "system-ui, Noto Sans, Noto Sans CJK SC, sans-serif"
BLUE, ORANGE, GREY, GREEN, RED = "#1f5fa8", "#b8560f", "#5b6673", "#0b6a3b", "#a3262b"
SERIES = [BLUE, ORANGE, GREEN, "#6b3fa0", GREY, RED, "#00707a", "#8a6d00"]


def show(chart: Any) -> None:
    """Draw a chart as wide as there is room."""
    st.altair_chart(
        chart.configure(font=FONT).configure_axis(
            labelColor="#2b3642", titleColor="#2b3642", gridColor="#e6e9ee", labelFontSize=12,
            titleFontSize=12, titleFontWeight="normal",
        ).configure_view(stroke=None).configure_legend(
            labelColor="#2b3642", titleColor="#2b3642", orient="bottom", labelLimit=320, columns=1,
        ),
        width="stretch",
        theme=None,
    )  # fmt: skip


def trend(rows: list[dict[str, Any]], name: str, label: str) -> Any:
    """The course of a figure by day; the last 30 days are drawn darker."""
    data = pd.DataFrame(
        {"day": pd.to_datetime([row["date_day"] for row in rows]),
         "value": [row[name] for row in rows]}
    )  # fmt: skip
    data["last"] = data["day"] > data["day"].max() - pd.Timedelta(days=30)
    base = alt.Chart(data, title=alt.Title(label, anchor="start", fontSize=13, color="#16202b"))
    x = alt.X("day:T", title=None, axis=alt.Axis(format="%Y-%m", tickCount=5, grid=False))
    y = alt.Y("value:Q", title=None, axis=alt.Axis(format="~s", tickCount=4))
    tip = [
        alt.Tooltip("day:T", title=" ", format="%Y-%m-%d"),
        alt.Tooltip("value:Q", title=label, format=",.1f"),
    ]
    area = base.mark_area(color=BLUE, opacity=0.12).encode(x, y, tooltip=tip)
    line = base.mark_line(color="#7d9cc4", strokeWidth=1.6).encode(x, y, tooltip=tip)
    last = (
        base.transform_filter("datum.last").mark_line(color=BLUE, strokeWidth=2.6)
        .encode(x, y, tooltip=tip)
    )  # fmt: skip
    return (area + line + last).properties(height=170)


def bars(pairs: list[tuple[str, float]], label: str, number: str = ",.0f") -> Any:
    """A bar per word, in the order that is given."""
    data = pd.DataFrame(pairs, columns=["word", "value"])
    data["value"] = data["value"].astype(float)
    base = alt.Chart(data).encode(
        y=alt.Y("word:N", sort=None, title=None, axis=alt.Axis(labelLimit=170, ticks=False)),
        x=alt.X("value:Q", title=label, axis=alt.Axis(tickCount=4, format=number)),
        tooltip=[
            alt.Tooltip("word:N", title=" "),
            alt.Tooltip("value:Q", title=label, format=number),
        ],
    )
    text = base.mark_text(align="left", dx=4, color="#16202b").encode(
        text=alt.Text("value:Q", format=number)
    )
    return (base.mark_bar(color=BLUE, height=16) + text).properties(height=max(70, 26 * len(pairs)))


def timeline(rows: list[dict[str, Any]], kinds: list[str]) -> Any:
    """A mark per event: when it was, and of which kind."""
    data = pd.DataFrame(rows)
    data["at"] = pd.to_datetime(data["at"])
    return (
        alt.Chart(data)
        .mark_point(size=70, filled=True, opacity=0.75)
        .encode(
            x=alt.X("at:T", title=None, axis=alt.Axis(format="%Y-%m-%d", tickCount=5)),
            y=alt.Y("kind:N", sort=kinds, title=None, axis=alt.Axis(labelLimit=110)),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=SERIES), legend=None),
            tooltip=[
                alt.Tooltip("at:T", title=" ", format="%Y-%m-%d %H:%M"),
                alt.Tooltip("what:N", title=" "), alt.Tooltip("state:N", title=" "),
            ],
        )
        .properties(height=40 + 34 * len(kinds))
    )  # fmt: skip


def graph(nodes: list[dict[str, Any]], lines: list[dict[str, Any]], names: dict[str, str]) -> Any:
    """Records as points, pairs as lines between them: full where they join, broken where not."""
    reach = 1.5 if all(node["is_own"] for node in nodes) else 2.5
    scale = alt.Scale(domain=[-reach, reach], nice=False)
    colours = alt.Color(
        "said:N", title=None,
        scale=alt.Scale(
            domain=[names["own"], names["other"]], range=[BLUE, ORANGE],
        ),
    )  # fmt: skip
    points = pd.DataFrame(nodes)
    points["said"] = [names["own"] if own else names["other"] for own in points["is_own"]]
    place: dict[str, Any] = {
        "x": alt.X("x:Q", axis=None, scale=scale),
        "y": alt.Y("y:Q", axis=None, scale=scale),
    }
    layers = []
    if lines:
        data = pd.DataFrame(lines)
        for joins, colour, dash in ((True, BLUE, [1, 0]), (False, ORANGE, [5, 4])):
            layers.append(
                alt.Chart(data[data["is_join"] == joins])
                .mark_rule(color=colour, strokeWidth=2, strokeDash=dash, opacity=0.75)
                .encode(
                    **place, x2="x2:Q", y2="y2:Q",
                    tooltip=[
                        alt.Tooltip("verdict_said:N", title=" "),
                        alt.Tooltip("evidence:N", title=" "),
                    ],
                )
            )  # fmt: skip
    base = alt.Chart(points).encode(**place, tooltip=[alt.Tooltip("record:N", title=" ")])
    layers.append(base.mark_circle(size=240, opacity=1).encode(color=colours))
    # A white edge, so that lines do not cross the letters.
    for place_of, shift in (("datum.y >= 0", -18), ("datum.y < 0", 20)):
        named = base.transform_filter(place_of)
        for edge in (4, 0):
            mark = named.mark_text(
                dy=shift, fontSize=12, color="#16202b", stroke="#ffffff", strokeWidth=edge
            )
            layers.append(mark.encode(text="record:N"))
    return alt.layer(*layers).properties(height=380)


def intervals(rows: list[dict[str, Any]], label: str, known: str, unsure: str) -> Any:
    """A point with its interval per row; the line at zero is no effect."""
    data = pd.DataFrame(rows)
    data["said"] = [known if sure else unsure for sure in data["is_sure"]]
    colour = alt.Color(
        "said:N", title=None, scale=alt.Scale(domain=[known, unsure], range=[BLUE, GREY])
    )
    y = alt.Y("word:N", sort=None, title=None, axis=alt.Axis(labelLimit=200, ticks=False))
    base = alt.Chart(data)
    tip = [
        alt.Tooltip("word:N", title=" "), alt.Tooltip("value:Q", title=label, format=",.2f"),
        alt.Tooltip("lower:Q", title="95 % ≥", format=",.2f"),
        alt.Tooltip("upper:Q", title="95 % ≤", format=",.2f"),
    ]  # fmt: skip
    zero = alt.Chart(pd.DataFrame({"zero": [0]})).mark_rule(color="#16202b", strokeDash=[3, 3])
    rule = base.mark_rule(strokeWidth=3).encode(
        y=y, x=alt.X("lower:Q", title=label), x2="upper:Q", color=colour, tooltip=tip
    )
    point = base.mark_circle(size=110, opacity=1).encode(
        y=y, x="value:Q", color=colour, tooltip=tip
    )
    return (zero.encode(x="zero:Q") + rule + point).properties(height=34 * len(rows) + 100)
