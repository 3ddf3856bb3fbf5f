"""The numbers of landed columns: as of their texts, and counted once in the life of a file."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pytest

from portrait.contract import Column, Table
from portrait.expectations.landed_columns import KEPT_FILE, ColumnCounter, Counts
from portrait.expectations.patterns import PATTERNS, pattern_of

TABLE = Table(
    "ops",
    "raw_ops",
    "readings",
    ("reading_id",),
    None,
    (
        Column("reading_id", "text", required=True),
        Column("read_at", "timestamp"),
        Column("read_on", "date"),
        Column("amount", "decimal"),
        Column("rate", "rate"),
        Column("is_checked", "boolean"),
    ),
)
COLUMNS = [*TABLE.column_names, "_file"]
NOTHING = ("null", "n/a", "0001-01-01", "0001-01-01 00:00:00")
# Values of each type as a typed file may hold them, at their limits too.
TYPED_ROWS = """
    select * from (values
        ('a', timestamp '2026-01-31 10:00:00', date '2026-01-31', 12.5, 7.12345678, true),
        ('b', timestamp '2026-01-31 10:00:00.1234', date '9999-12-31', -0.0001, 0.00000001, false),
        ('b', timestamp '0001-01-01 00:00:00', date '0001-01-01', 0, 1, null),
        (' ', null, null, 99999999999999.9999, 9999999999.0, null),
        ('n/a', timestamp '1000-01-01 00:00:00', date '1000-01-01', null, null, true)
    ) as rows (reading_id, read_at, read_on, amount, rate, is_checked)
"""


class Build:
    """A database with landed files, as the checks read it, and a folder of what is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept = folder / "kept"
        self.connection = duckdb.connect()
        self.connection.execute("attach ':memory:' as build")
        self.connection.execute("create schema build.landing")
        self.connection.execute(
            "create table build.landing.files (file varchar, sha256 varchar, is_in_place boolean,"
            " landed_path varchar, schema_name varchar, table_name varchar)"
        )
        self.connection.execute("create schema build.raw_ops")
        self.connection.execute(
            "create table build.raw_ops.readings as"
            f" select columns(*)::varchar, 'x' as _file from ({TYPED_ROWS}) limit 0"
        )

    def land(self, name: str, rows: str, content: str = "1", typed: bool = False) -> None:
        """Land the rows of a query as a file, as texts or in place with their types."""
        path = self.folder / f"{name}.parquet"
        self.connection.execute("delete from build.landing.files where file = ?", [name])
        self.connection.execute("delete from build.raw_ops.readings where _file = ?", [name])
        self.connection.execute(f"copy ({rows}) to '{path}' (format parquet)")
        self.connection.execute(
            "insert into build.landing.files values (?, ?, ?, ?, 'raw_ops', 'readings')",
            [name, content, typed, str(path)],
        )
        self.connection.execute(
            f"insert into build.raw_ops.readings select columns(*)::varchar, '{name}' from ({rows})"
        )

    def counter(self, nothing: Sequence[str] = NOTHING, kept: Path | None = None) -> ColumnCounter:
        patterns = {name: pattern_of(name) for name in PATTERNS}
        return ColumnCounter(self.connection, patterns, nothing, kept)

    def count(self, nothing: Sequence[str] = NOTHING, kept: Path | None = None) -> Counts:
        counter = self.counter(nothing, kept)
        counts = counter.count(TABLE, COLUMNS)
        counter.save()
        return counts


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    made = Build(tmp_path)
    yield made
    made.connection.close()


def test_typed_values_count_as_their_texts_do(build):
    build.land("readings", TYPED_ROWS, typed=True)
    typed = build.count()
    build.land("readings", TYPED_ROWS)
    assert build.count() == typed
    assert typed == Counts(
        rows=5,
        distinct_keys=4,
        present={
            "reading_id": 4,
            "read_at": 3,
            "read_on": 3,
            "amount": 4,
            "rate": 4,
            "is_checked": 3,
        },
        parsed={"read_at": 3, "read_on": 3, "amount": 4, "rate": 4, "is_checked": 3},
    )


def test_types_that_the_contract_does_not_name_are_read_as_texts(build):
    rows = (
        "select 'a' as reading_id, 'soon' as read_at, 20260131 as read_on,"
        " 'nan'::double as amount, 'x' as rate, 2 as is_checked"
    )
    build.land("readings", rows, typed=True)
    typed = build.count()
    build.land("readings", rows)
    assert build.count() == typed
    assert typed.parsed == {"read_at": 0, "read_on": 1, "amount": 0, "rate": 0, "is_checked": 0}


def test_a_key_is_distinct_within_its_file(build):
    build.land("one", TYPED_ROWS)
    build.land("two", TYPED_ROWS, typed=True)
    counts = build.count()
    assert (counts.rows, counts.distinct_keys) == (10, 8)


def test_a_file_is_counted_once_in_its_life(build):
    build.land("one", TYPED_ROWS)
    build.land("two", TYPED_ROWS, typed=True)
    first = build.count(kept=build.kept)
    kept = json.loads((build.kept / KEPT_FILE).read_text())
    assert len(kept) == 2

    # What is kept is used: a false number shows.
    for numbers in kept.values():
        numbers["rows"] += 1
    (build.kept / KEPT_FILE).write_text(json.dumps(kept))
    assert build.count(kept=build.kept).rows == first.rows + 2

    # A changed file, a new one and one that is gone; other words for nothing; no readable cache.
    build.land("two", f"{TYPED_ROWS} limit 2", content="2", typed=True)
    build.land("three", TYPED_ROWS)
    build.connection.execute("delete from build.landing.files where file = 'one'")
    build.connection.execute("delete from build.raw_ops.readings where _file = 'one'")
    assert build.count(kept=build.kept) == build.count()
    assert len(json.loads((build.kept / KEPT_FILE).read_text())) == 2
    fewer = NOTHING[:1]
    assert build.count(fewer, kept=build.kept) == build.count(fewer) != build.count()
    (build.kept / KEPT_FILE).write_text("{")
    assert build.count(kept=build.kept) == build.count()


def test_what_is_kept_holds_numbers_only(build):
    build.land(
        "readings",
        "select 'planted-7f3a91' as reading_id, * exclude reading_id from (" + TYPED_ROWS + ")",
    )
    build.count(kept=build.kept)
    assert "planted" not in (build.kept / KEPT_FILE).read_text()
