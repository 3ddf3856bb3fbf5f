"""The life of ids over builds: late records, stewards' rules, and a lost registry.

Only what identity and orders need is built, by plain dbt; what a build proposes takes effect as
publishing does it.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from builds import copied_project, dbt_session, environment, landed, run_passed

from portrait.build.dbt_runner import DbtSession
from portrait.identity.registry import propose_identity
from portrait.identity.why import why
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

ORDERS = "order_id,customer_id,ordered_at,net_amount"
CUSTOMERS = "customer_id,full_name,email,registered_at"
RULES = (
    "rule,system,native_customer_id,other_system,other_native_customer_id,reason,steward,decided_on"
)
ADA = [
    "A,Ada Lovelace,ada@lovelace.org,2026-01-05 10:00:00",
    "B,Ada Lovelace,ada@lovelace.org,2026-01-06 10:00:00",
    "C,Ada Lovelace,ada@lovelace.org,2026-01-07 10:00:00",
]
GRACE = [
    "D,Grace Hopper,grace@hopper.org,2026-01-08 10:00:00",
    "E,Grace Hopper,hopper@navy.org,2026-01-09 10:00:00",
]
LATE = "Z,Ada Lovelace,ada@lovelace.org,2025-12-01 10:00:00"
BOUGHT = [f"{number},{who},2026-01-{number} 12:00:00,10" for number, who in enumerate("ABCDEF", 11)]
# What must hold with rules, too: the sample has no rules.
HELD = (
    "assert_stewards_rules_hold",
    "assert_customers_are_what_edges_join",
    "int_identity_edges__name_the_rule_that_refused_them",
)
MARTS = (
    *("bridge_customer_identities", "customer_id_aliases", "fct_orders"),
    *("identity_edges", "identity_identifiers", "identity_log", "identity_review"),
)
CHANGED_BY_RULES = (
    *("identity_rules", "int_customer_ids_registered", "int_identity_events_published"),
)
SPLIT_AND_MERGED = [
    "never,shop,A,shop,C,Two people at one address.,steward,2026-02-01",
    "always,shop,E,shop,D,She changed her mail address.,steward,2026-02-01",
    "never,shop,A,shop,nobody,A slip of the pen.,steward,2026-02-01",
]


@dataclass(frozen=True)
class Outcome:
    """What a build says: record -> customer, alias -> customer, order -> customer, events."""

    customers: dict[str, str]
    aliases: dict[str, str]
    buyers: dict[str, str]
    log: list[tuple]
    review: list[tuple]
    marts: Path

    def id_of(self, record: str) -> str:
        """Return the customer of a record of the shop."""
        return self.customers[f"shop:{record}"]


class Company:
    """A raw folder and a warehouse, built by a copy of the project whose rules may change."""

    def __init__(self, project: Path, folder: Path, dbt: DbtSession) -> None:
        self.project, self.folder, self.dbt = project, folder, dbt
        self.warehouse = Warehouse(folder / "warehouse")
        self.build_count = 0

    @classmethod
    @contextmanager
    def opened(cls, project: Path, folder: Path) -> Iterator[Company]:
        """Open a company; dbt reads the project once for all its builds."""
        settings = environment(folder / "raw", folder / "warehouse")
        with dbt_session(settings, folder, project) as dbt:
            yield cls(project, folder, dbt)

    def deliver(self, loads: dict[str, Iterable[str]], orders: Iterable[str] = BOUGHT) -> None:
        """Replace the raw files: load date -> rows of customers; the orders come with the last."""
        shutil.rmtree(self.folder / "raw", ignore_errors=True)
        for table, header, rows_of in (
            ("customers", CUSTOMERS, loads),
            ("orders", ORDERS, {max(loads): orders}),
        ):
            for load_date, rows in rows_of.items():
                target = self.folder / "raw" / "shop" / table / f"load_date={load_date}"
                target.mkdir(parents=True)
                (target / f"{table}.csv").write_text("\n".join([header, *rows, ""]), "utf-8")

    def build(self, rules: Iterable[str] = (), is_landed: bool = False) -> Outcome:
        """Land, build, and let the proposals take effect; `is_landed`: only the rules are new."""
        seed = self.project / "seeds" / "identity" / "identity_rules.csv"
        seed.write_text("\n".join([RULES, *rules, ""]))
        raw, root = self.folder / "raw", self.warehouse.root
        if is_landed:
            self.warehouse.land_state()
            selected = [f"{new}+,+{mart}" for new in CHANGED_BY_RULES for mart in MARTS]
        else:
            landed(raw, root)
            selected = [f"+{mart}" for mart in MARTS]
        options = ("--indirect-selection", "empty", "--select", *selected, *HELD)
        run_passed(self.dbt, "build", *options)
        self.build_count += 1
        build_id = f"2026030{self.build_count}T000000Z-0000"
        marts_file = self.folder / f"{build_id}.duckdb"
        shutil.copy(self.warehouse.work_portrait, marts_file)
        with duckdb.connect(str(self.warehouse.work_build), read_only=True) as connection:
            (as_of,) = connection.execute(
                "select as_of_date from intermediate.int_as_of"
            ).fetchone()
        proposals = StateStore(self.folder / f"proposals-{self.build_count}")
        propose_identity(
            marts_file, self.warehouse.state, proposals, build_id, as_of, datetime.now(UTC)
        )
        self.warehouse.state.absorb(proposals.folder)
        with duckdb.connect(str(marts_file), read_only=True) as connection:

            def read(what: str) -> list[tuple]:
                return connection.execute(f"select {what} order by all").fetchall()

            return Outcome(
                dict(read("record_id, customer_id from marts.bridge_customer_identities")),
                dict(read("alias_customer_id, customer_id from marts.customer_id_aliases")),
                dict(read("native_order_id, customer_id from marts.fct_orders")),
                read(
                    "event, from_customer_id, to_customer_id, event_number, reason, records_count,"
                    " event_date from marts.identity_log"
                ),
                read("review_type, record_id, other_record_id from marts.identity_review"),
                marts_file,
            )


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """Return the builds of a company's life, by name."""
    folder = tmp_path_factory.mktemp("lasting")
    project = copied_project(
        folder / "project",
        ("models", "macros", "seeds"),
        ("generic", "assertions"),
        with_parse=False,
    )
    with Company.opened(project, folder / "company") as company:
        builds = {}
        company.deliver({"2026-02-01": [*ADA, *GRACE]})
        builds["first"] = company.build()
        company.deliver({"2026-02-01": [*ADA, *GRACE], "2026-02-02": [LATE]})
        builds["late"] = company.build()
        builds["ruled"] = company.build(SPLIT_AND_MERGED, is_landed=True)
        builds["undone"] = company.build(is_landed=True)
        # Nothing is left; the data come again in another order, in two loads, partly twice.
        shutil.rmtree(company.warehouse.root)
        company.deliver(
            {
                "2026-01-15": [*reversed(GRACE), ADA[2], ADA[2]],
                "2026-02-01": [*reversed(ADA), GRACE[0]],
            },
            [*reversed(BOUGHT), *BOUGHT],
        )
        builds["lost"] = company.build()
    return builds


def test_the_order_of_rows_and_loads_and_repetitions_change_nothing(story: dict) -> None:
    first, turned = story["first"], story["lost"]
    assert (turned.customers, turned.aliases, turned.buyers) == (
        *(first.customers, first.aliases, first.buyers),
    )
    assert first.id_of("A") == first.id_of("B") == first.id_of("C")
    assert len(set(first.customers.values())) == 4
    assert first.log == []


def test_a_record_found_late_with_an_earlier_date_changes_no_id(story: dict) -> None:
    first, late = story["first"], story["late"]
    assert late.id_of("Z") == first.id_of("A")
    assert {record: late.customers[record] for record in first.customers} == first.customers
    assert late.log == []


def test_a_rule_splits_a_person_and_every_fact_goes_back(story: dict) -> None:
    first, ruled = story["first"], story["ruled"]
    ada, grace = first.id_of("A"), first.id_of("D")
    assert ruled.id_of("A") == ruled.id_of("B") == ruled.id_of("Z") == ada
    assert ruled.id_of("C") not in set(first.customers.values())
    assert ruled.id_of("D") == ruled.id_of("E") == grace
    for number, record in enumerate("ABCDEF", 11):
        assert ruled.buyers[str(number)] == ruled.id_of(record)
    day = date(2026, 1, 16)
    assert ruled.log == [
        ("merge", first.id_of("E"), grace, 1, "steward", 1, day),
        ("split", ada, ruled.id_of("C"), 1, "never_rule", 1, day),
    ]
    assert ("rule_without_effect", "shop:A", "shop:nobody") in ruled.review
    # B and Z share C's mail address too, so that somebody should look at them.
    assert {row[0] for row in ruled.review} == {"never_rule", "rule_without_effect"}


def test_the_command_says_why(story: dict) -> None:
    said = "\n".join(why(story["ruled"].marts, "shop:A", "shop:C"))
    assert "are two customers" in said
    assert "a rule of the stewards keeps them apart" in said
    assert "The rule is about" in "\n".join(why(story["ruled"].marts, "shop:B", "shop:C"))
    assert "says that they are one person" in "\n".join(
        why(story["ruled"].marts, "shop:D", "shop:E")
    )
    assert "share no identifier" in "\n".join(why(story["ruled"].marts, "shop:A", "shop:D"))


def test_without_the_rules_all_is_as_before_and_the_log_tells(story: dict) -> None:
    late, ruled, undone = story["late"], story["ruled"], story["undone"]
    assert undone.customers == late.customers
    assert sorted(row[:5] for row in undone.log) == sorted(
        [
            ("merge", ruled.id_of("C"), late.id_of("A"), 1, "email"),
            ("merge", late.id_of("E"), late.id_of("D"), 1, "steward"),
            ("split", late.id_of("A"), ruled.id_of("C"), 1, "never_rule"),
            ("split", late.id_of("D"), late.id_of("E"), 1, "no_evidence"),
        ]
    )


def test_an_id_published_once_always_resolves(story: dict) -> None:
    published: set[str] = set()
    for name in ("first", "late", "ruled", "undone", "lost"):
        published |= set(story[name].customers.values())
        outcome = story[name]
        customers = set(outcome.customers.values())
        assert published <= set(outcome.aliases)
        assert {outcome.aliases[one] for one in published} <= customers
        assert all(outcome.aliases[one] == one for one in customers)
    # C's own id was published while the rule was there; without a registry too it leads to Ada.
    lost = story["lost"]
    assert lost.aliases[story["ruled"].id_of("C")] == lost.id_of("A")
    assert lost.log == []
