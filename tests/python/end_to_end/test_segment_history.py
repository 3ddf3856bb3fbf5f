"""The months of customer_segment_history over builds: kept, looked back on, and restated.

Only what the history needs is built, by plain dbt; what a build proposes takes effect as publishing
does it. The sample comes in five deliveries, with late, corrected and repeated rows.
"""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from builds import SAMPLE, dbt_session, environment, landed, run_passed

from portrait.identity.registry import propose_identity
from portrait.state.segment_history import propose_segment_history, restate_history
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

THEN = date(2025, 12, 31)
MARTS = (
    *("customer_segment_history", "rpt_segment_migration", "customer_rfm", "customer_segments"),
    *("bridge_customer_identities", "identity_log", "fct_orders"),
)
# What builds and restatements add to the state store.
CHANGED = ("segment_history", "history_restatements", "identity_registry", "identity_log")
# What must hold in a build that reads kept months, too.
HELD = (
    "assert_nobody_is_lost_between_month_ends",
    "assert_segment_migration_adds_up_to_the_history",
    "assert_value_changes_add_up_to_purchases",
)
# All columns but today's id and what a month says of the one before it.
KEPT = (
    "customer_id_then, rfm_code, rfm_segment, value_group_pattern, value_tier, lifecycle_stage,"
    " recency_days, frequency, monetary_amount, is_known_by_load_date, month_end_date"
)


@dataclass(frozen=True)
class Built:
    """A build: its marts, and whether it proposed months to keep."""

    marts: Path
    has_kept_months: bool

    def rows(self, query: str) -> list[tuple]:
        """Return what a query on the marts gives."""
        with duckdb.connect(str(self.marts), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def history(self, where: str = "true", columns: str = KEPT) -> set[tuple]:
        """Return rows of the history."""
        return set(self.rows(f"select {columns} from marts.customer_segment_history where {where}"))


class Company:
    """A warehouse of the sample, built several times as of then and as of now."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.folder = folder
        self.warehouse = Warehouse(folder / "warehouse")
        self.build_count = 0
        self.dbt = {
            as_of: opened.enter_context(dbt_session(self.settings(as_of), folder / name))
            for as_of, name in ((THEN, "then"), (None, "now"))
        }

    def settings(self, as_of: date | None) -> dict[str, str]:
        """Return the settings of a build as of a day."""
        given = {"as_of": as_of.isoformat()} if as_of else {}
        return environment(SAMPLE, self.warehouse.root, **given)

    def build(self, as_of: date | None, before: Path | None = None) -> Built:
        """Build with what the state store holds, and let the proposals take effect.

        `before`: the work folder of a build of the same raw files as of the same day, after which
        nothing but the state has changed. So what does not read the state is taken from there.
        """
        if before:
            for name in ("build.duckdb", "portrait.duckdb"):
                shutil.copy(before / name, self.warehouse.work)
            self.warehouse.land_state()
            selected = [f"stg_state__{table}+,+{mart}" for table in CHANGED for mart in MARTS]
        else:
            landed(SAMPLE, self.warehouse.root)
            selected = [f"+{mart}" for mart in MARTS]
        options = ("--indirect-selection", "empty", "--exclude-resource-type", "unit_test")
        run_passed(self.dbt[as_of], "build", *options, "--select", *selected, *HELD)
        self.build_count += 1
        build_id = f"2026070{self.build_count}T000000Z-0000"
        marts = self.folder / build_id / "portrait.duckdb"
        shutil.copytree(self.warehouse.work, marts.parent)
        with duckdb.connect(str(self.warehouse.work_build), read_only=True) as connection:
            (as_of_date,) = connection.execute(
                "select as_of_date from intermediate.int_as_of"
            ).fetchone()
        proposals = StateStore(self.folder / f"proposals-{self.build_count}")
        stamp = (build_id, as_of_date)
        published_at = datetime.now(UTC)
        state = self.warehouse.state
        has_kept_months = propose_segment_history(
            *(marts, self.warehouse.work_build, state, proposals, *stamp, "CNY", published_at)
        )
        propose_identity(marts, state, proposals, *stamp, published_at)
        state.absorb(proposals.folder)
        return Built(marts, has_kept_months)


@pytest.fixture(scope="module")
def story(sample_warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """Return the builds of a company's life, by name."""
    with ExitStack() as opened:
        company = Company(tmp_path_factory.mktemp("history"), opened)
        then = company.build(THEN)
        now = company.build(None, before=sample_warehouse / "work")
        builds = {"then": then, "now": now, "back": company.build(THEN, before=then.marts.parent)}
        restate_history(company.warehouse, "2025-11", "The second quarter was delivered twice.")
        builds["restated"] = company.build(None, before=now.marts.parent)
        builds["again"] = company.build(None, before=builds["restated"].marts.parent)
    return builds


def test_new_months_are_added_and_the_old_ones_stay(story: dict[str, Built]) -> None:
    then, now = story["then"], story["now"]
    assert then.has_kept_months
    assert now.has_kept_months
    assert now.history(f"month_end_date <= date '{THEN}'") == then.history()
    months = now.rows(
        "select distinct month_end_date from marts.customer_segment_history order by all"
    )
    assert [month for (month,) in months] == [
        *(date(2025, 9, 30), date(2025, 10, 31), date(2025, 11, 30), THEN),
        *(date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31)),
        *(date(2026, 4, 30), date(2026, 5, 31), date(2026, 6, 30)),
    ]


def test_who_was_merged_has_todays_id_and_ends(story: dict[str, Built]) -> None:
    now = story["now"]
    merged = now.rows(
        "select count(*) from marts.customer_segment_history"
        f" where month_end_date = date '{THEN}' and customer_id <> customer_id_then"
    )
    gone = now.rows(
        "select month_end_date, sum(customers_count) from marts.rpt_segment_migration"
        " where rfm_segment = 'No longer here' group by all"
    )
    assert merged[0][0] > 0
    assert gone == [(date(2026, 1, 31), merged[0][0])]


def test_an_old_as_of_date_gives_the_same_rows_and_writes_nothing(story: dict[str, Built]) -> None:
    assert story["back"].history() == story["then"].history()
    assert not story["back"].has_kept_months


def test_a_restatement_writes_the_months_anew_from_then_on(story: dict[str, Built]) -> None:
    now, restated = story["now"], story["restated"]
    assert restated.has_kept_months
    before = "month_end_date < date '2025-11-01'"
    assert restated.history(before) == now.history(before)
    # A month computed today has no customer who was merged since then.
    assert not restated.history(f"not ({before}) and customer_id <> customer_id_then")
    assert now.history(f"not ({before}) and customer_id <> customer_id_then")


def test_a_second_build_reads_the_same_rows_that_the_first_computed(
    story: dict[str, Built],
) -> None:
    assert not story["again"].has_kept_months
    assert story["again"].history(columns="*") == story["restated"].history(columns="*")
    migration = "select * from marts.rpt_segment_migration order by all"
    assert story["again"].rows(migration) == story["restated"].rows(migration)


def test_months_filled_in_afterwards_are_what_a_build_said_then(
    story: dict[str, Built], published_sample: Path
) -> None:
    """Of customers whose records are the same, all but money is the same.

    Money differs where a later delivery brought a rate for a day before, or the sale that goods
    sent back belong to.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{story['then'].marts}' as then_built (read_only)")
        connection.execute(f"attach '{published_sample / 'portrait.duckdb'}' as now (read_only)")
        records = (
            "select customer_id, list_sort(list(record_id)) as records"
            " from {}.marts.bridge_customer_identities group by customer_id"
        )
        compared = connection.execute(
            f"""
            with same as (
                {records.format("then_built")} intersect {records.format("now")}
            ),
            explained as (
                select distinct customer_id
                from now.marts.fct_orders
                where currency <> 'CNY' or refunded_amount <> 0 or applied_return_amount_local <> 0
                    or order_type = 'return'
            )
            select
                rfm.frequency = history.frequency,
                rfm.recency_days is not distinct from history.recency_days,
                segments.lifecycle_stage = history.lifecycle_stage,
                rfm.monetary_amount = history.monetary_amount,
                explained.customer_id is not null,
                count(*)
            from same
            inner join then_built.marts.customer_rfm as rfm using (customer_id)
            inner join then_built.marts.customer_segments as segments using (customer_id)
            inner join now.marts.customer_segment_history as history
                on history.customer_id_then = same.customer_id
                and history.month_end_date = date '{THEN}'
            left join explained on explained.customer_id = same.customer_id
            group by all
            """
        ).fetchall()
    assert all(frequency and recency and stage for frequency, recency, stage, *_ in compared)
    different = sum(count for *_, money, explained, count in compared if not money)
    assert all(money or explained for *_, money, explained, _ in compared)
    total = sum(count for *_, count in compared)
    assert total > 1000
    assert different < total / 100


def test_every_month_end_is_the_last_day_of_its_month(story: dict[str, Built]) -> None:
    months = story["now"].rows("select distinct month_end_date from marts.customer_segment_history")
    assert all((month + timedelta(days=1)).day == 1 for (month,) in months)
