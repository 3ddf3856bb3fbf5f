"""Publishing: both files by one rename, whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from portrait.build.outcomes import Outcome
from portrait.build.pipeline import finished_target
from portrait.errors import PortraitError
from portrait.publishing import publish as publishing
from portrait.publishing.publish import BuildInfo, copy_marts, prune, publish, rollback, write_state
from portrait.settings import Settings
from portrait.state.store import StateStore
from portrait.warehouse import BUILD_ID, Warehouse, new_build_id

MANIFEST = {
    "nodes": {
        "model.portrait.dim_customers": {
            "resource_type": "model",
            "name": "dim_customers",
            "schema": "marts",
            "config": {"meta": {}},
            "columns": {"customer_id": {"config": {"meta": {"analyst": "pseudonym"}}}},
        }
    }
}
STORAGE_NUMBER_OF_1_4 = 67
PASSED = Outcome("test", "unique", "marts", "dim_customers", "error", "pass", 0, 0.1)
FAILED = Outcome("test", "not_null", "marts", "dim_customers", "error", "fail", 3, 0.1)


def make_work(root: Path, customers: int = 2) -> Warehouse:
    warehouse = Warehouse(root)
    warehouse.target.mkdir(parents=True, exist_ok=True)
    (warehouse.target / "manifest.json").write_text(json.dumps(MANIFEST))
    warehouse.docs.mkdir(exist_ok=True)
    (warehouse.docs / "index.html").write_text("<p>docs</p>")
    warehouse.work_portrait.unlink(missing_ok=True)
    with duckdb.connect(
        str(warehouse.work_portrait), config={"storage_compatibility_version": "v1.4.0"}
    ) as connection:
        connection.execute(
            "create schema marts; create schema quality; create table marts.dim_customers as "
            f"select 'shop:' || i as customer_id, date '2026-06-30' as as_of_date "
            f"from range({customers}) as r(i)"
        )
    return warehouse


@pytest.fixture
def warehouse(tmp_path):
    return make_work(tmp_path / "warehouse")


def info(build_id: str) -> BuildInfo:
    return BuildInfo(
        build_id=build_id,
        started_at=datetime(2026, 6, 30, 10, 15, tzinfo=UTC),
        finished_at=datetime(2026, 6, 30, 10, 16, tzinfo=UTC),
        as_of_date=date(2026, 6, 30),
        project_version="0.1.0",
        git_commit=None,
        dbt_version="1.11.16",
        duckdb_version=duckdb.__version__,
        raw_folder="sample",
        timezone="Asia/Shanghai",
        currency="CNY",
    )


def build_id(number: int) -> str:
    return f"202606{number:02d}T101500Z-3f2a"


def publish_number(warehouse: Warehouse, number: int):
    return publish(warehouse, info(build_id(number)), [PASSED], "key", warehouse.root)


def read(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def storage_number(path: Path) -> int:
    """The number of the storage version in the main header: magic bytes at 8, number at 12."""
    header = path.read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    return int.from_bytes(header[12:20], "little")


def test_a_published_build_has_both_files_docs_and_says_which_it_is(warehouse):
    published = publish_number(warehouse, 1)
    assert published.has_lasting_pseudonyms
    current = warehouse.current
    assert current.readlink() == Path("builds") / build_id(1)
    assert sorted(p.name for p in current.iterdir()) == [
        "analyst.duckdb",
        "data_docs",
        "dictionary.html",
        "portrait.duckdb",
        "report.html",
        "state",
    ]
    for name in ("portrait.duckdb", "analyst.duckdb"):
        assert read(
            current / name,
            "select build_id, as_of_date, raw_folder, is_published from quality.build_info",
        ) == [(build_id(1), date(2026, 6, 30), "sample", True)]
        assert storage_number(current / name) == STORAGE_NUMBER_OF_1_4
        assert read(current / name, "select count(*) from duckdb_views() where not internal") == [
            (0,)
        ]
        assert not (current / f"{name}.wal").exists()
    assert read(current / "portrait.duckdb", "select count(*) from marts.dim_customers") == [(2,)]


def test_no_absolute_path_is_published(warehouse):
    publish_number(warehouse, 1)
    for name in ("portrait.duckdb", "analyst.duckdb"):
        assert str(warehouse.root).encode() not in (warehouse.current / name).read_bytes()


def test_every_column_of_the_added_tables_is_described(warehouse):
    publish_number(warehouse, 1)
    assert (
        read(
            warehouse.current / "portrait.duckdb",
            "select table_name, column_name from duckdb_columns() "
            "where schema_name = 'quality' and comment is null",
        )
        == []
    )


def test_test_results_hold_earlier_builds_and_failed_ones(warehouse):
    publish_number(warehouse, 1)
    write_state(warehouse.state, info(build_id(2)), [PASSED, FAILED], "failed", "1 test failed")
    publish_number(warehouse, 3)
    assert read(
        warehouse.current / "portrait.duckdb",
        "select build_id, is_published, status, failures_count from quality.test_results "
        "order by all",
    ) == [
        (build_id(1), True, "pass", 0),
        (build_id(2), False, "fail", 3),
        (build_id(2), False, "pass", 0),
        (build_id(3), True, "pass", 0),
    ]


def test_rows_still_in_the_write_ahead_log_are_published(tmp_path):
    warehouse = make_work(tmp_path / "warehouse")
    # A writer that was killed leaves its rows in the write-ahead log.
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
            "c.execute(\"insert into marts.dim_customers values ('late', null)\"); os._exit(0)",
            str(warehouse.work_portrait),
        ],
        check=True,
    )
    assert warehouse.work_portrait.with_name("portrait.duckdb.wal").exists()
    publish_number(warehouse, 1)
    assert read(
        warehouse.current / "portrait.duckdb", "select count(*) from marts.dim_customers"
    ) == [(3,)]


def test_a_view_is_refused(warehouse):
    with duckdb.connect(str(warehouse.work_portrait)) as connection:
        connection.execute("create view marts.v as select * from marts.dim_customers")
    with pytest.raises(PortraitError, match=r"marts\.v.*tables only"):
        publish_number(warehouse, 1)
    assert not warehouse.current.exists()


def test_marts_that_are_absent_or_open_elsewhere_are_refused(warehouse, tmp_path):
    with pytest.raises(PortraitError, match="no marts"):
        copy_marts(tmp_path / "absent.duckdb", tmp_path / "copy.duckdb")
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.work_portrait)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as writer:
        assert writer.stdout.readline().strip() == b"open"
        with pytest.raises(PortraitError, match="open in another program"):
            copy_marts(warehouse.work_portrait, tmp_path / "copy.duckdb")
        writer.communicate(b"\n")


@pytest.mark.parametrize(
    "step",
    [
        "copy_marts",
        "add_quality_tables",
        "write_analyst_file",
        "write_report",
        "_fsync_tree",
        "switch",
    ],
)
def test_a_failure_at_any_step_leaves_current(warehouse, monkeypatch, step):
    publish_number(warehouse, 1)

    def fail(*_args, **_kwargs):
        raise OSError("no space left on device")

    monkeypatch.setattr(publishing, step, fail)
    with pytest.raises(OSError, match="no space"):
        publish_number(warehouse, 2)
    assert warehouse.current_build() == build_id(1)
    assert [p.name for p in warehouse.builds.iterdir()] == [build_id(1)]
    assert not (warehouse.state.folder / "builds" / f"{build_id(2)}.parquet").exists()


def test_a_kill_before_the_state_was_taken_over_is_made_good(warehouse, monkeypatch):
    absorb = StateStore.absorb

    def kill(store, proposals):
        if store.folder == warehouse.state.folder:
            raise KeyboardInterrupt
        return absorb(store, proposals)

    monkeypatch.setattr(StateStore, "absorb", kill)
    with pytest.raises(KeyboardInterrupt):
        publish_number(warehouse, 1)
    monkeypatch.undo()
    assert warehouse.current_build() == build_id(1)
    logged = warehouse.state.folder / "builds" / f"{build_id(1)}.parquet"
    assert not logged.exists()
    (warehouse.builds / f"{build_id(2)}.tmp").mkdir()
    for _ in range(2):
        with warehouse.locked():
            pass
        assert logged.exists()
    assert not list(warehouse.builds.glob("*.tmp"))


def test_the_last_five_builds_are_kept_and_the_current_one(warehouse):
    for number in range(1, 7):
        publish_number(warehouse, number)
    assert warehouse.kept_builds() == [build_id(n) for n in range(2, 7)]
    rollback(warehouse, build_id(2))
    (warehouse.builds / build_id(7)).mkdir()
    assert prune(warehouse) == []
    assert warehouse.kept_builds()[0] == build_id(2)
    (warehouse.builds / build_id(8)).mkdir()
    assert prune(warehouse) == [build_id(3)]


def test_the_report_compares_with_the_build_that_readers_see(warehouse):
    def compared() -> list[str]:
        page = (warehouse.current / "report.html").read_text("utf-8")
        return [build_id(n) for n in range(1, 4) if build_id(n) in page]

    publish_number(warehouse, 1)
    assert compared() == [build_id(1)]
    publish_number(warehouse, 2)
    assert compared() == [build_id(1), build_id(2)]
    rollback(warehouse)
    publish_number(warehouse, 3)
    assert compared() == [build_id(1), build_id(3)]


def test_rollback_goes_to_the_build_before_or_the_named_one(warehouse):
    with pytest.raises(PortraitError, match="Nothing is published"):
        rollback(warehouse)
    publish_number(warehouse, 1)
    with pytest.raises(PortraitError, match="no build before"):
        rollback(warehouse)
    publish_number(warehouse, 2)
    publish_number(warehouse, 3)
    assert rollback(warehouse) == (build_id(3), build_id(2))
    assert rollback(warehouse) == (build_id(2), build_id(1))
    assert rollback(warehouse, build_id(3)) == (build_id(1), build_id(3))
    with pytest.raises(PortraitError, match=f"no build 2020.*{build_id(1)}"):
        rollback(warehouse, "20200101T000000Z-0000")
    with pytest.raises(PortraitError, match="no build"):
        rollback(warehouse, "../../etc")
    with pytest.raises(PortraitError, match="already"):
        rollback(warehouse, build_id(3))
    logged = duckdb.sql(
        f"select build_id from ({warehouse.state.select('builds')}) as log "
        "where event = 'rolled_back' order by event_at"
    ).fetchall()
    assert logged == [(build_id(2),), (build_id(1),), (build_id(3),)]


def test_a_second_writer_is_told_to_wait(warehouse):
    script = (
        "import sys; from pathlib import Path; from portrait.warehouse import Warehouse\n"
        "with Warehouse(Path(sys.argv[1])).locked(): print('locked', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
    ) as writer:
        assert writer.stdout.readline().strip() == b"locked"
        with (
            pytest.raises(PortraitError, match=f"process {writer.pid}.*--warehouse"),
            warehouse.locked(),
        ):
            pass
        # However the holder ends, the lock ends with it.
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    with warehouse.locked():
        pass


def test_readers_see_one_whole_build_or_the_next(warehouse):
    """Readers reopen `current` while builds replace each other: no error and no mixture."""
    publish_number(warehouse, 1)
    script = """
import duckdb, os, sys, time
until = time.time() + 20
while time.time() < until and not os.path.exists(sys.argv[2]):
    folder = os.path.realpath(sys.argv[1])
    try:
        ids = set()
        for name in ("portrait", "analyst"):
            with duckdb.connect(f"{folder}/{name}.duckdb", read_only=True) as connection:
                rows = connection.execute("select build_id from quality.build_info").fetchall()
            ids |= {row[0] for row in rows}
    except Exception as error:
        sys.exit(f"reader: {error}")
    if len(ids) != 1:
        sys.exit(f"mixture: {ids}")
    print(*ids, flush=True)
"""
    stop = warehouse.root / "stop"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(warehouse.current), str(stop)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as reader:
        time.sleep(0.3)
        for number in range(2, 6):
            publish_number(warehouse, number)
        stop.touch()
        said, wrong = reader.communicate(timeout=30)
    assert reader.returncode == 0, wrong
    assert set(said.split()) <= {build_id(n) for n in range(1, 6)}
    assert said


def test_something_that_is_no_link_is_not_replaced(warehouse):
    warehouse.current.mkdir()
    (warehouse.current / "mine.txt").write_text("mine")
    with pytest.raises(PortraitError, match="is no link"):
        publish_number(warehouse, 1)
    assert (warehouse.current / "mine.txt").exists()


def test_build_ids_sort_by_time():
    early, late = (new_build_id(datetime(2026, 6, day, tzinfo=UTC)) for day in (9, 10))
    assert BUILD_ID.fullmatch(early)
    assert early < late


class TestPublishAfterPlainDbt:
    """`portrait publish` takes a whole dbt build that passed, and nothing else."""

    def settings(self, warehouse):
        return Settings(warehouse.root.parent, Path("raw"), warehouse.root)

    def ran(self, warehouse, args=None, status="pass", begun=None):
        begun = begun or datetime(2026, 1, 1, tzinfo=UTC)
        result = {
            "unique_id": "test.portrait.t",
            "status": status,
            "message": None,
            "failures": 0,
            "execution_time": 0.1,
        }
        run = {
            "args": {"which": "build", **(args or {})},
            "metadata": {"invocation_started_at": begun.isoformat().replace("+00:00", "Z")},
            "results": [
                result,
                *({**result, "unique_id": name, "status": "success"} for name in MANIFEST["nodes"]),
            ],
        }
        (warehouse.target / "run_results.json").write_text(json.dumps(run))

    def test_a_whole_build_that_passed(self, warehouse):
        self.ran(warehouse)
        assert finished_target(self.settings(warehouse), warehouse) == warehouse.target

    @pytest.mark.parametrize(
        ("run", "said"),
        [
            ({"args": {"which": "run"}}, "no whole"),
            ({"args": {"select": ["dim_customers"]}}, "no whole"),
            ({"args": {"exclude": ["test_type:data"]}}, "no whole"),
            ({"status": "fail"}, "did not pass"),
            ({"status": "error"}, "did not pass"),
            ({"begun": datetime(2999, 1, 1, tzinfo=UTC)}, "did not write"),
        ],
    )
    def test_anything_else_is_refused(self, warehouse, run, said):
        self.ran(warehouse, **run)
        with pytest.raises(PortraitError, match=said):
            finished_target(self.settings(warehouse), warehouse)

    def test_nothing_built_is_refused(self, tmp_path):
        warehouse = Warehouse(tmp_path)
        with pytest.raises(PortraitError, match="nothing to publish"):
            finished_target(self.settings(warehouse), warehouse)
