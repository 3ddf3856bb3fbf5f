"""What a build promises: the same rows again, from little input, and nothing if it fails."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest
from builds import CASES, SAMPLE, built, copied_project, dbt_session, environment, portrait

# What always differs from build to build.
# tag_health says how each tag moved since the build before.
CHANGING = {("quality", name) for name in ("build_info", "test_results", "tag_health")}


def tables(database: Path) -> list[tuple[str, str]]:
    """Return schema and name of each published table, but for those that change by their nature."""
    with duckdb.connect(str(database), read_only=True) as connection:
        there = connection.execute(
            "select table_schema, table_name from information_schema.tables order by all"
        ).fetchall()
    return [table for table in there if table not in CHANGING]


def differing_tables(one: Path, other: Path) -> list[str]:
    """Return the tables whose rows differ between two published files, counted as multisets."""
    assert tables(one) == tables(other)
    different = []
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one}' as one (read_only)")
        connection.execute(f"attach '{other}' as other (read_only)")
        for schema, table in tables(one):
            name = f"{schema}.{table}"
            difference = (
                f"(from one.{name} except all from other.{name})"
                f" union all (from other.{name} except all from one.{name})"
            )
            if connection.execute(f"select count(*) from ({difference})").fetchone() != (0,):
                different.append(name)
    return different


def copy_of(warehouse: Path, folder: Path) -> Path:
    """Return a copy of a warehouse that a test may change."""
    copy = folder / "warehouse"
    shutil.copytree(warehouse, copy, symlinks=True)
    return copy


@pytest.fixture
def warehouse(cases_warehouse: Path, tmp_path: Path) -> Path:
    """Return a copy of the warehouse of the cases."""
    return copy_of(cases_warehouse, tmp_path)


def test_a_second_build_gives_the_same_rows_and_rollback_goes_back(
    sample_warehouse: Path, tmp_path: Path
) -> None:
    """It keeps the months of the history and the fitted parameters, and reads what it kept."""
    warehouse = copy_of(sample_warehouse, tmp_path)
    first = (warehouse / "current").resolve().name
    run = portrait(["build"], SAMPLE, warehouse)
    assert run.returncode == 0, run.stdout + run.stderr
    second = (warehouse / "current").resolve().name
    assert second != first
    assert (
        differing_tables(
            sample_warehouse / "current" / "portrait.duckdb",
            warehouse / "current" / "portrait.duckdb",
        )
        == []
    )
    for table in ("clv_fits", "segment_history"):
        kept = [set((place / "state" / table).iterdir()) for place in (sample_warehouse, warehouse)]
        assert {file.name for file in kept[0]} == {file.name for file in kept[1]} != set()
    # The first build registered every record; the second one found nothing to add.
    registry = warehouse / "state" / "identity_registry"
    counts = [
        duckdb.sql(f"select count(*) from read_parquet('{registry / build}.parquet')").fetchone()
        for build in (first, second)
    ]
    with duckdb.connect(str(warehouse / "current" / "portrait.duckdb"), read_only=True) as current:
        records = current.execute(
            "select count(*) from marts.bridge_customer_identities"
        ).fetchone()
    assert counts == [records, (0,)]

    run = portrait(["rollback"], SAMPLE, warehouse)
    assert run.returncode == 0, run.stdout + run.stderr
    assert (warehouse / "current").resolve().name == first


def test_customers_and_orders_alone_are_enough_and_an_old_as_of_date_sees_nothing_later(
    tmp_path: Path,
) -> None:
    shop = tmp_path / "raw" / "shop"
    orders = {
        "2026-06-03": "1,A,2026-06-01 10:00:00,100.00\n2,A,2026-06-02 10:00:00,50.50\n"
        "3,,2026-06-03,20\n4,B,2026-06-04,7\n",
        "2026-06-10": "1,A,2026-06-01 10:00:00,999.00\n5,A,2026-06-02,30\n",
    }
    for load_date, lines in orders.items():
        folder = shop / "orders" / f"load_date={load_date}"
        folder.mkdir(parents=True)
        header = "order_id,customer_id,ordered_at,net_amount\n"
        (folder / "orders.csv").write_text(header + lines, "utf-8")
    (shop / "customers.csv").write_text(
        "customer_id,full_name\nA,Ada Lovelace\nC,王小明\n", "utf-8"
    )

    current = built(tmp_path / "raw", tmp_path / "warehouse", as_of="2026-06-03")

    with duckdb.connect(str(current / "portrait.duckdb"), read_only=True) as connection:
        # Order 4 was placed later; order 5 and the new version of order 1 were loaded later.
        assert connection.execute(
            "select native_order_id, realised_amount, customer_id is null from marts.fct_orders"
            " order by all"
        ).fetchall() == [("1", 100, False), ("2", pytest.approx(50.5), False), ("3", 20, True)]
        assert connection.execute(
            "select frequency, monetary_amount, as_of_date from marts.customer_rfm order by all"
        ).fetchall() == [(0, 0, date(2026, 6, 3)), (2, pytest.approx(150.5), date(2026, 6, 3))]
        assert connection.execute(
            "select bucket, rows_count from quality.reconciliation"
            " where subject = 'orders' and bucket in ('later', 'after_as_of_date') order by all"
        ).fetchall() == [("after_as_of_date", 1), ("later", 2)]
        for empty in ("fct_order_lines", "fct_payments", "dim_products"):
            assert connection.execute(f"select count(*) from marts.{empty}").fetchone() == (0,)


def dbt_build(project: Path, warehouse: Path, folder: Path, *selected: str) -> tuple[str, dict]:
    """Run `dbt build` on what a warehouse holds; return what it printed, and statuses by name."""
    command = ["build", "--select", *selected, "--exclude-resource-type", "unit_test"]
    with dbt_session(environment(CASES, warehouse), folder, project) as session:
        result = session.run(command, lambda *_: None)
    printed = (folder / "logs" / "dbt.log").read_text("utf-8")
    return printed, {outcome.name: outcome.status for outcome in result.outcomes}


def test_a_broken_segment_map_stops_the_build_and_names_the_codes(
    warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copied_project(tmp_path / "project")
    seed = project / "seeds" / "value" / "rfm_segment_map.csv"
    text = seed.read_text("utf-8")
    assert "555,Champions\n" in text
    seed.write_text(text.replace("555,Champions\n", "") + "111,Champions\n", "utf-8")
    published = (warehouse / "current").resolve()

    # Models that do not read the map would still be built; this test does not need them.
    monkeypatch.setenv("DBT_FAIL_FAST", "true")
    run = portrait(["build"], CASES, warehouse, project=project)

    assert run.returncode != 0
    assert "555" in run.stdout + run.stderr
    assert "111" in run.stdout + run.stderr
    assert (warehouse / "current").resolve() == published


# Seed -> what is written for what, the test that finds it, what it says, and what is not built.
BROKEN_SEEDS = {
    "value/rfm_segment_map.csv": (
        {"555,Champions\n": "", "554,Champions\n": "554,Champions\n554,Lost\n"},
        "assert_rfm_segment_map_holds_each_code_once",
        ["code 555 has no segment", "code 554 has 2 segments"],
        "customer_segments",
    ),
    "value/rfm_fixed_thresholds.csv": (
        {"frequency,,3,3,5\n": "", "recency_days,,4,30,90\n": "recency_days,,4,30,91\n"},
        "rfm_fixed_thresholds_hold_each_value_once",
        ["nothing holds values from 3.0000 to 5.0000", "two ranges hold values from 90.0000 on"],
        "customer_rfm",
    ),
    "value/value_tiers.csv": (
        {"high,0.80,0.95\n": "high,0.85,0.95\n"},
        "value_tiers_hold_each_share_once",
        ["nothing holds values from 0.8 to 0.85"],
        "customer_segments",
    ),
    "value/lifecycle_stages.csv": (
        {"sleeping,days_since_last_order,91,366\n": "sleeping,days_since_last_order,90,366\n"},
        "lifecycle_stages_hold_each_day_once",
        ["two ranges hold values from 90 on"],
        "customer_segments",
    ),
    "segments/age_bands.csv": (
        {"25-34,25,35\n": ""},
        "age_bands_hold_each_age_once",
        ["nothing holds values from 25 to 35"],
        "int_customer_profile_segments",
    ),
    "loyalty/loyalty_groups.csv": (
        {"other,5,,,,,,,,,,,,\n": ""},
        "loyalty_groups_leave_nobody_out",
        ["no rule without a condition takes what remains"],
        "int_customer_loyalty_grouped",
    ),
}


def test_broken_maps_and_thresholds_are_named_and_what_reads_them_is_not_built(
    warehouse: Path, tmp_path: Path
) -> None:
    project = copied_project(tmp_path / "project")
    seeds = [Path(name).stem for name in BROKEN_SEEDS]
    for name, (changes, *_) in BROKEN_SEEDS.items():
        seed = project / "seeds" / name
        text = seed.read_text("utf-8")
        for old, new in changes.items():
            assert old in text
            text = text.replace(old, new)
        seed.write_text(text, "utf-8")

    readers = {reader for *_, reader in BROKEN_SEEDS.values()}
    printed, statuses = dbt_build(project, warehouse, tmp_path, *seeds, *readers)

    for changes, test, sentences, reader in BROKEN_SEEDS.values():
        assert changes
        assert statuses[test] == "fail"
        assert [sentence for sentence in sentences if sentence not in printed] == []
        assert statuses[reader] == "skipped"
