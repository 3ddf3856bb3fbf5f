"""What a build proposes about identity: new choices and events only, and none for a look back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from portrait.identity.registry import propose_identity
from portrait.state.store import READ_BY_MODELS, TABLES, StateStore

MARCH = date(2026, 3, 1)
AT = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
EVENT = ("merge", "cB", "cA", 1, "email", "Share the mail address.", 1, MARCH)


def write_marts(path: Path, bridge: dict[str, str], log: list[tuple] = ()) -> Path:
    """Write a file with the two marts that proposals are read from."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.bridge_customer_identities"
            " (record_id varchar, customer_id varchar, system varchar);"
            "create table marts.identity_log (event varchar, from_customer_id varchar,"
            " to_customer_id varchar, event_number bigint, reason varchar, evidence varchar,"
            " records_count bigint, event_date date)"
        )
        for record, customer in bridge.items():
            connection.execute(
                "insert into marts.bridge_customer_identities values (?, ?, 'shop')",
                [record, customer],
            )
        for event in log:
            connection.execute(
                "insert into marts.identity_log values (?, ?, ?, ?, ?, ?, ?, ?)", list(event)
            )
    return path


class Builds:
    """Builds that are published one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.count = folder, 0
        self.state = StateStore(folder / "state")

    def publish(
        self, bridge: dict[str, str], log: list[tuple] = (), as_of: date | None = MARCH
    ) -> bool:
        """Propose, and let it take effect."""
        self.count += 1
        proposals = StateStore(self.folder / f"proposals-{self.count}")
        marts = write_marts(self.folder / "portrait.duckdb", bridge, log)
        proposed = propose_identity(marts, self.state, proposals, f"b{self.count}", as_of, AT)
        self.state.absorb(proposals.folder)
        return proposed

    def rows(self, columns: str, table: str = "identity_registry") -> list[tuple]:
        """Return what the store holds."""
        return duckdb.sql(
            f"select {columns} from ({self.state.select(table)}) order by all"
        ).fetchall()


@pytest.fixture
def builds(tmp_path: Path) -> Builds:
    return Builds(tmp_path)


def test_only_new_and_changed_choices_are_proposed(builds: Builds) -> None:
    assert builds.publish({"shop:A": "cA", "shop:B": "cB"})
    assert builds.publish({"shop:A": "cA", "shop:B": "cB"})
    assert builds.publish({"shop:A": "cA", "shop:B": "cA", "shop:C": "cC"})
    # B is not delivered, and comes back where it was: its choice stands.
    assert builds.publish({"shop:A": "cA", "shop:C": "cC"})
    assert builds.publish({"shop:A": "cA", "shop:B": "cA", "shop:C": "cC"})
    assert builds.rows("build_id, record_id, customer_id, as_of_date, published_at") == [
        ("b1", "shop:A", "cA", MARCH, AT.replace(tzinfo=None)),
        ("b1", "shop:B", "cB", MARCH, AT.replace(tzinfo=None)),
        ("b3", "shop:B", "cA", MARCH, AT.replace(tzinfo=None)),
        ("b3", "shop:C", "cC", MARCH, AT.replace(tzinfo=None)),
    ]


def test_a_choice_that_returns_is_a_new_one(builds: Builds) -> None:
    for customer in ("cB", "cA", "cB"):
        builds.publish({"shop:B": customer})
    assert builds.rows("build_id, customer_id") == [("b1", "cB"), ("b2", "cA"), ("b3", "cB")]


def test_an_event_is_stored_once(builds: Builds) -> None:
    builds.publish({"shop:A": "cA"}, [EVENT])
    builds.publish({"shop:A": "cA"}, [EVENT])
    second = (*EVENT[:3], 2, *EVENT[4:])
    builds.publish({"shop:A": "cA"}, [EVENT, second])
    assert builds.rows(
        "build_id, event, from_customer_id, to_customer_id, event_number, reason, event_date",
        "identity_log",
    ) == [
        ("b1", *EVENT[:5], MARCH),
        ("b3", *second[:5], MARCH),
    ]


def test_a_look_back_proposes_nothing(builds: Builds) -> None:
    assert builds.publish({"shop:A": "cA"})
    assert not builds.publish({"shop:A": "cX"}, as_of=date(2026, 2, 28))
    assert builds.publish({"shop:A": "cA", "shop:B": "cB"}, as_of=MARCH)
    assert builds.publish({"shop:C": "cC"}, as_of=date(2026, 3, 2))
    assert builds.rows("distinct build_id") == [("b1",), ("b3",), ("b4",)]


def test_a_file_without_identity_proposes_nothing(tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    duckdb.connect(str(other)).close()
    proposals = StateStore(tmp_path / "proposals")
    assert not propose_identity(other, StateStore(tmp_path), proposals, "b1", MARCH, AT)
    assert not proposals.folder.exists()


def test_landing_writes_what_models_read_also_where_there_is_nothing(builds: Builds) -> None:
    builds.state.land(builds.folder / "landing")
    builds.publish({"shop:A": "cA"})
    for table in READ_BY_MODELS:
        file = builds.folder / "landing" / f"{table}.parquet"
        described = duckdb.sql(f"describe from read_parquet('{file}')").fetchall()
        assert [(row[0], row[1]) for row in described] == list(TABLES[table].items())
    builds.state.land(builds.folder / "landing")
    file = builds.folder / "landing" / "identity_registry.parquet"
    assert duckdb.sql(f"select record_id from read_parquet('{file}')").fetchall() == [("shop:A",)]
