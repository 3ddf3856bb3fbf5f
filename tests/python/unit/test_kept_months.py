"""Which months of the history a build keeps, and how they are put out of force."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from portrait.errors import PortraitError
from portrait.state.segment_history import propose_segment_history, restate_history
from portrait.state.store import TABLES, StateStore
from portrait.warehouse import Warehouse

AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
JANUARY, FEBRUARY = date(2026, 1, 31), date(2026, 2, 28)
COLUMNS = {
    "customer_id_then" if name == "customer_id" else name: kind
    for name, kind in TABLES["segment_history"].items()
    if name not in ("build_id", "published_at", "currency")
}


def write_build(warehouse: Warehouse, months: list[date], kept_until: date | None) -> Path:
    """Write the mart with a row for each month, and what the build read from the store."""
    warehouse.work.mkdir(parents=True, exist_ok=True)
    for file in (warehouse.work_portrait, warehouse.work_build):
        file.unlink(missing_ok=True)
    with duckdb.connect(str(warehouse.work_portrait)) as connection:
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(
            f"create schema marts; create table marts.customer_segment_history ({columns})"
        )
        for month in months:
            connection.execute(
                "insert into marts.customer_segment_history by name select ? as month_end_date,"
                " 'ca' as customer_id_then, 'New' as rfm_segment, 12.5 as monetary_amount",
                [month],
            )
    with duckdb.connect(str(warehouse.work_build)) as connection:
        connection.execute(
            "create schema intermediate;"
            "create table intermediate.int_segment_history_kept as"
            " select cast(? as date) as month_end_date",
            [kept_until],
        )
    return warehouse.work_portrait


class Builds:
    """Builds that are published one after the other."""

    def __init__(self, folder: Path) -> None:
        self.warehouse, self.count = Warehouse(folder / "warehouse"), 0

    def publish(
        self, months: list[date], kept_until: date | None = None, as_of: date = date(2026, 3, 1)
    ) -> bool:
        """Propose, and let it take effect."""
        self.count += 1
        proposals = StateStore(self.warehouse.root / f"proposals-{self.count}")
        proposed = propose_segment_history(
            *(write_build(self.warehouse, months, kept_until), self.warehouse.work_build),
            *(self.warehouse.state, proposals, f"b{self.count}", as_of, "CNY", AT),
        )
        self.warehouse.state.absorb(proposals.folder)
        return proposed

    def rows(self, columns: str, table: str = "segment_history") -> list[tuple]:
        """Return what the store holds."""
        return duckdb.sql(
            f"select {columns} from ({self.warehouse.state.select(table)}) order by all"
        ).fetchall()


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path)


def test_a_month_is_written_once(builds: Builds) -> None:
    assert builds.publish([JANUARY])
    assert not builds.publish([JANUARY], kept_until=JANUARY)
    assert builds.publish([JANUARY, FEBRUARY], kept_until=JANUARY)
    assert builds.rows("build_id, month_end_date, customer_id, rfm_segment, currency") == [
        ("b1", JANUARY, "ca", "New", "CNY"),
        ("b3", FEBRUARY, "ca", "New", "CNY"),
    ]
    assert builds.rows("distinct monetary_amount, published_at") == [
        (Decimal("12.5000"), AT.replace(tzinfo=None))
    ]


def test_a_look_back_writes_nothing(builds: Builds) -> None:
    builds.warehouse.state.append(
        "identity_registry", "b0", [{"build_id": "b0", "as_of_date": "2026-03-01"}]
    )
    assert not builds.publish([JANUARY], as_of=date(2026, 2, 1))
    assert builds.publish([JANUARY])


def test_without_the_mart_nothing_is_written(tmp_path: Path) -> None:
    builds = Builds(tmp_path)
    write_build(builds.warehouse, [], None)
    with duckdb.connect(str(builds.warehouse.work_portrait)) as connection:
        connection.execute("drop table marts.customer_segment_history")
    assert not propose_segment_history(
        *(builds.warehouse.work_portrait, builds.warehouse.work_build, builds.warehouse.state),
        *(StateStore(tmp_path / "proposals"), "b1", None, "CNY", AT),
    )


def test_a_restatement_says_from_when_and_why(builds: Builds) -> None:
    with builds.warehouse.locked():
        first_day = restate_history(builds.warehouse, "2026-02", " Refunds were booked twice. ")
    assert first_day == date(2026, 2, 1)
    assert builds.rows("from_date, reason", "history_restatements") == [
        (first_day, "Refunds were booked twice.")
    ]
    landed = builds.warehouse.landing / "state" / "history_restatements.parquet"
    assert duckdb.sql(f"select count(*) from '{landed}'").fetchone() == (1,)


@pytest.mark.parametrize(
    ("month", "reason"),
    [("2026-13", "Why."), ("2026-1", "Why."), ("January", "Why."), ("2026-01", "  ")],
)
def test_a_restatement_that_says_neither_is_refused(
    builds: Builds, month: str, reason: str
) -> None:
    with pytest.raises(PortraitError):
        restate_history(builds.warehouse, month, reason)
    assert builds.rows("event_id", "history_restatements") == []
