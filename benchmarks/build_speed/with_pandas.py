"""RFM and the last 30 days with pandas, as a user of orders and daily activity would write them.

    python -m benchmarks.build_speed.with_pandas TABLE FOLDER AS_OF RESULT ANSWER

The seconds run from reading the Parquet files to writing the result.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pandas

COUNTS = (
    "orders", "paid_orders", "sessions", "cart_sessions", "abandoned_cart_sessions", "events",
    "page_views", "product_views", "searches", "favourites", "cart_adds", "cart_removes", "items",
)  # fmt: skip
AMOUNTS = ("gross", "discount", "net", "refunded", "realised")
WINDOWS = {"30d": (0, 29), "prior_30d": (30, 59)}


def rfm(folder: Path, as_of: pandas.Timestamp) -> pandas.DataFrame:
    """Recency, frequency, and the scores of recency and frequency of each customer.

    Money paid back that matches no order is no part of the orders, so the amount is left out.
    """
    customers = pandas.read_parquet(folder / "records.parquet", columns=["customer_id"])
    orders = pandas.read_parquet(
        folder / "orders.parquet", columns=["customer_id", "is_paid", "ordered_date"]
    )
    paid = orders[orders["is_paid"] & orders["customer_id"].notna()]
    found = (
        paid.groupby("customer_id")
        .agg(frequency=("is_paid", "size"), last_date=("ordered_date", "max"))
        .reindex(customers["customer_id"].unique())
    )
    found["frequency"] = found["frequency"].fillna(0)
    found["recency_days"] = (as_of - pandas.to_datetime(found.pop("last_date"))).dt.days
    buyers = found[found["frequency"] > 0]
    recency = _score(buyers["recency_days"], ascending=False)
    recency[buyers["recency_days"] == buyers["recency_days"].min()] = 5
    found["recency_score"] = recency
    found["frequency_score"] = _score(buyers["frequency"], ascending=True)
    return found.rename_axis("customer_id").reset_index()


def _score(values: pandas.Series, ascending: bool) -> pandas.Series:
    worse = values.rank(method="min", ascending=ascending) - 1
    return (1 + (5 * worse) // len(values)).clip(upper=5)


def behavior_30d(folder: Path, as_of: pandas.Timestamp) -> pandas.DataFrame:
    """What each customer did in the last 30 days and in the 30 days before."""
    customers = pandas.read_parquet(folder / "records.parquet", columns=["customer_id"])
    columns = [f"{name}_count" for name in COUNTS] + [f"{name}_amount" for name in AMOUNTS]
    days = pandas.read_parquet(
        folder / "daily_activity.parquet",
        columns=["customer_id", "activity_date", *columns],
        filters=[("activity_date", ">", (as_of - pandas.Timedelta(days=60)).date())],
    )
    age = (as_of - pandas.to_datetime(days["activity_date"])).dt.days
    # Decimals of Parquet are Python's objects: as floats they are summed a hundred times faster.
    days[columns] = days[columns].astype(float)
    found = pandas.DataFrame(index=customers["customer_id"].unique())
    for window, (first, last) in WINDOWS.items():
        inside = days[age.between(first, last)]
        totals = inside.groupby("customer_id")[columns].sum()
        active = inside[(inside["orders_count"] > 0) | (inside["events_count"] > 0)]
        totals["active_days_count"] = active.groupby("customer_id").size()
        totals.columns = [
            "_".join([*name.split("_")[:-1], window, name.split("_")[-1]])
            for name in totals.columns
        ]
        found = found.join(totals)
    return found.fillna(0).rename_axis("customer_id").reset_index()


def main(table: str, folder: str, as_of: str, result: str, answer: str) -> None:
    """Make the table, and write down the seconds."""
    begun = time.monotonic()
    make = {"rfm": rfm, "behavior_30d": behavior_30d}[table]
    make(Path(folder), pandas.Timestamp(as_of)).to_parquet(result)
    Path(answer).write_text(json.dumps({"seconds": time.monotonic() - begun}))


if __name__ == "__main__":
    main(*sys.argv[1:])
