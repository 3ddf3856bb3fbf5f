"""The state store: whole files or none, taken over once, readable as one table."""

from datetime import UTC, datetime

import duckdb
import pytest

from portrait.state.store import TABLES, StateStore

EVENT = {
    "build_id": "20260630T101500Z-3f2a",
    "event": "published",
    "event_at": datetime(2026, 6, 30, 10, 15, 0, 250000),
    "seconds": 12.5,
    "passed_count": 3,
    "message": "quote ' and \" and 中文",
}


def rows(store: StateStore, table: str, columns: str = "*") -> list[tuple]:
    return duckdb.sql(f"select {columns} from ({store.select(table)}) order by all").fetchall()


def test_rows_come_back_as_they_were_written(tmp_path):
    store = StateStore(tmp_path)
    store.append("builds", "a", [EVENT])
    assert rows(
        store, "builds", "build_id, event_at, seconds, passed_count, message, as_of_date"
    ) == [
        (*(EVENT[c] for c in ("build_id", "event_at", "seconds", "passed_count", "message")), None)
    ]


def test_a_store_without_files_has_all_columns_and_no_row(tmp_path):
    store = StateStore(tmp_path / "absent")
    for table, columns in TABLES.items():
        described = duckdb.sql(f"describe {store.select(table)}").fetchall()
        assert [(row[0], row[1]) for row in described] == list(columns.items())
        assert rows(store, table) == []


def test_a_file_without_rows_is_kept_and_read(tmp_path):
    store = StateStore(tmp_path)
    store.append("test_results", "a", [])
    assert rows(store, "test_results") == []


def test_an_unknown_column_is_refused(tmp_path):
    with pytest.raises(KeyError, match="colour"):
        StateStore(tmp_path).append("builds", "a", [{"colour": "red"}])
    assert not list(tmp_path.rglob("*.parquet"))


def test_a_file_of_before_a_column_existed_is_still_read(tmp_path):
    store = StateStore(tmp_path)
    (tmp_path / "builds").mkdir()
    old = tmp_path / "builds" / "old.parquet"
    duckdb.sql("select 'old' as build_id, 1 as no_longer_known").write_parquet(str(old))
    store.append("builds", "new", [EVENT])
    assert rows(store, "builds", "build_id, event") == [
        (EVENT["build_id"], "published"),
        ("old", None),
    ]


def test_taking_over_twice_changes_nothing(tmp_path):
    proposals, store = StateStore(tmp_path / "proposals"), StateStore(tmp_path / "state")
    proposals.append("builds", "a", [EVENT])
    proposals.append("test_results", "a", [{"build_id": "a"}])
    assert store.absorb(proposals.folder) == ["builds/a", "test_results/a"]
    assert store.absorb(proposals.folder) == []
    assert len(rows(store, "builds")) == 1


def test_what_was_taken_over_is_never_changed(tmp_path):
    proposals, store = StateStore(tmp_path / "proposals"), StateStore(tmp_path / "state")
    store.append("builds", "a", [EVENT])
    proposals.append("builds", "a", [{**EVENT, "event": "failed"}])
    store.absorb(proposals.folder)
    assert rows(store, "builds", "event") == [("published",)]


def test_a_half_written_file_is_not_read(tmp_path):
    store = StateStore(tmp_path)
    store.append("builds", "a", [EVENT])
    (tmp_path / "builds" / "b.part").write_bytes(b"PAR1 half")
    assert len(rows(store, "builds")) == 1


def test_a_folder_with_glob_characters_is_read(tmp_path):
    store = StateStore(tmp_path / "it's [a] folder*")
    store.append("builds", "a", [{**EVENT, "event_at": datetime.now(UTC).replace(tzinfo=None)}])
    assert len(rows(store, "builds")) == 1
