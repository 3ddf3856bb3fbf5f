"""The figures of the report: aggregates of the published file, and those of the build before it.

No row of a customer and no value that somebody wrote into a raw file is asked for: a broken file
may hold an address in any column.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from portrait.errors import PortraitError
from portrait.reading.published import Build, Row, open_build
from portrait.reading.queries import campaigns, overview, quality, segments
from portrait.reading.queries.overview import Figure

T = TypeVar("T")
MOST_CAMPAIGNS = 8
# What a build is compared by, and how it is written.
COMPARED = {
    "customers_count": "count",
    "buyers_count": "count",
    "repeat_buyers_count": "count",
    "repeat_rate": "share",
    "active_customers_30d_count": "count",
    "lost_customers_count": "count",
    "orders_count": "count",
    "paid_orders_count": "count",
    "average_order_value_amount": "money",
    "gross_amount": "money",
    "net_amount": "money",
    "realised_amount": "money",
    "rows_landed_count": "count",
    "rows_rejected_count": "count",
    "values_unreadable_count": "count",
    "checks_warned_count": "count",
}


@dataclass(frozen=True)
class Summary:
    """What two builds are compared by: figures by the names of COMPARED, customers by segment."""

    build_id: str
    as_of_date: date
    currency: str
    figures: Mapping[str, float | None]
    segments: Mapping[str, int]


@dataclass(frozen=True)
class Figures:
    """All that the report shows. What a build lacks is empty."""

    summary: Summary
    before: Summary | None
    has_unreadable_before: bool
    timezone: str
    last_30_days: list[Figure]
    months: list[Row]
    rfm_map: list[Row]
    groups: Mapping[str, list[Row]]
    migration_month: date | None
    migration: list[Row]
    cohorts: list[Row]
    funnel: list[Row]
    channels: list[Row]
    acquisition: list[Row]
    attribution: list[Row]
    campaigns: list[Row]
    lifts: list[Row]
    grades: list[quality.Grade]
    checks: list[Row]
    warnings: list[Row]
    rejected: list[Row]
    unreadable: list[Row]
    doubtful: list[Row]
    unknown_words: list[Row]
    records: list[Row]
    money: list[Row]

    @property
    def changes(self) -> list[Figure]:
        """The figures beside those of the build before; none without one.

        Amounts of two currencies cannot be compared, so that those before are left out.
        """
        if not self.before:
            return []
        same = self.before.currency == self.summary.currency
        return [
            Figure(
                name,
                form,
                self.summary.figures[name],
                self.before.figures[name] if same or form != "money" else None,
            )
            for name, form in COMPARED.items()
        ]


# The ways to sort customers that the report shows.
SCHEMES = ("rfm_segment", "lifecycle_stage", "value_tier", "churn_risk_band")


def read_figures(file: Path, before: Path | None) -> Figures:
    """The figures of the file of a build, beside those of the published file before it.

    Raises:
        PortraitError: the file cannot be read.
    """
    build = open_build(file)
    with build.connection as connection:
        earlier, is_unreadable = _earlier(before)
        summary = _summary(build)
        month = next(iter(_asked(connection, segments.months)), None)
        found = _asked(connection, campaigns.campaigns)
        return Figures(
            summary=summary,
            before=earlier,
            has_unreadable_before=is_unreadable,
            timezone=build.timezone,
            last_30_days=_asked(connection, overview.figures),
            months=_asked(connection, overview.by_month),
            rfm_map=_asked(connection, segments.rfm_map),
            groups={name: _asked(connection, segments.groups, name) for name in SCHEMES},
            migration_month=month,
            migration=_asked(connection, segments.migration, month) if month else [],
            cohorts=_asked(connection, segments.cohorts),
            funnel=_asked(connection, overview.funnel),
            channels=_asked(connection, overview.channels),
            acquisition=_asked(connection, overview.acquisition),
            attribution=_asked(connection, campaigns.attribution),
            campaigns=found,
            lifts=_asked(connection, campaigns.lifts, MOST_CAMPAIGNS),
            grades=_asked(connection, quality.grades),
            checks=_asked(connection, quality.tests),
            warnings=_asked(connection, quality.warnings),
            rejected=_asked(connection, quality.rejected),
            unreadable=_asked(connection, quality.unreadable_columns),
            doubtful=_asked(connection, quality.doubts),
            unknown_words=_asked(connection, quality.unknown_word_columns),
            records=_asked(connection, quality.records),
            money=_asked(connection, quality.money),
        )


def _earlier(file: Path | None) -> tuple[Summary | None, bool]:
    """The summary of the build before, and whether there is one that cannot be read."""
    if file is None:
        return None, False
    try:
        build = open_build(file)
        with build.connection:
            return _summary(build), False
    except (PortraitError, duckdb.Error):
        # A build must not fail because an earlier one is damaged, or of another version.
        return None, True


def _summary(build: Build) -> Summary:
    connection = build.connection
    customers = _asked(connection, overview.totals)
    sales = _asked(connection, overview.sales)
    grades = _asked(connection, quality.grades)
    known: dict[str, Any] = {**(customers or {}), **(sales or {})}
    if customers:
        buyers = customers["buyers_count"]
        known["repeat_rate"] = customers["repeat_buyers_count"] / buyers if buyers else None
    if grades:
        known["rows_landed_count"] = sum(one.landed for one in grades)
        known["rows_rejected_count"] = sum(one.rejected for one in grades)
        known["values_unreadable_count"] = sum(one.unreadable for one in grades)
    if checks := _asked(connection, quality.tests):
        known["checks_warned_count"] = sum(row["warned_count"] for row in checks)
    found = {name: known.get(name) for name in COMPARED}
    return Summary(
        build.build_id,
        build.as_of_date,
        build.currency,
        {name: None if value is None else float(value) for name, value in found.items()},
        {
            row["segment"]: row["customers_count"]
            for row in _asked(connection, segments.groups, "rfm_segment")
            if row["segment"]
        },
    )


def _asked(connection: duckdb.DuckDBPyConnection, question: Callable[..., T], *values: Any) -> T:
    """The answer; an empty one where the build has no such table."""
    try:
        return question(connection, *values)
    except duckdb.CatalogException:
        return []  # type: ignore[return-value]
