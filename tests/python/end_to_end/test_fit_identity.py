"""`portrait fit identity`: the next build scores with what it found, until it is discarded."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from builds import dbt_session, environment, landed, portrait, run_passed

from portrait.build.dbt_runner import DbtSession
from portrait.state.store import StateStore
from portrait.warehouse import Warehouse

PEOPLE = 600
# What a new model changes, up to the scores.
CHANGED = " ".join(
    f"stg_state__match_{table}+,+int_match_pairs_scored" for table in ("models", "levels")
)
FEW_FACTS = "size: {orders_per_person: 1, events_per_person: 1, stores: 4}\n"


@dataclass
class Company:
    """A generated company, of which only what scored matching reads is built."""

    folder: Path
    dbt: DbtSession

    @property
    def warehouse(self) -> Path:
        """The folder of the results."""
        return self.folder / "warehouse"

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run `portrait <command>`."""
        return portrait(command, self.folder / "raw", self.warehouse)

    def build(self, selected: str) -> None:
        """Build some models, with what the state store holds now."""
        Warehouse(self.warehouse).land_state()
        options = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")
        run_passed(self.dbt, "build", "--select", *selected.split(), *options)

    def query(self, sql: str) -> list[tuple]:
        """Query the build."""
        with duckdb.connect(str(self.warehouse / "work" / "build.duckdb"), read_only=True) as build:
            return build.execute(sql).fetchall()

    def scores(self) -> tuple[set[str], int]:
        """The versions that scored pairs name, and how many of the pairs are likely."""
        ((versions, joining),) = self.query(
            "select list(distinct model_version), count(*) filter (match_probability >= 0.9)"
            " from intermediate.int_match_pairs_scored"
        )
        return set(versions), joining


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    pytest.importorskip("splink", reason="Splink, which fits the model, is not installed")
    folder = tmp_path_factory.mktemp("fit")
    settings = environment(folder / "raw", folder / "warehouse")
    with dbt_session(settings, folder) as dbt:
        made = Company(folder, dbt)
        (made.folder / "profile.yml").write_text(FEW_FACTS)
        generated = made.run(
            *("generate", "--people", str(PEOPLE), "--seed", "51", "--days", "90"),
            *("--profile", str(made.folder / "profile.yml"), "--out", str(made.folder / "raw")),
        )
        assert generated.returncode == 0, generated.stdout + generated.stderr
        landed(made.folder / "raw", made.warehouse)
        made.build("+int_match_pairs_scored")
        yield made


def test_a_fitted_model_scores_the_next_build_until_it_is_discarded(company: Company) -> None:
    versions, shipped_joining = company.scores()
    (shipped,) = versions
    assert shipped_joining > 100
    record_count = company.query("select count(*) from intermediate.int_match_records")[0][0]

    fit = company.run("fit", "identity")
    assert fit.returncode == 0, fit.stdout + fit.stderr
    assert f"against {shipped}, weights in bits" in fit.stdout
    assert f"to {record_count:,} records; " in fit.stdout
    # The builds of today's readers do not change.
    assert company.scores() == ({shipped}, shipped_joining)

    state = StateStore(company.warehouse / "state")
    ((version, base, records, pairs),) = duckdb.sql(
        "select model_version, base_version, record_count, pairs_per_record"
        f" from ({state.select('match_models')})"
    ).fetchall()
    assert (base, records) == (shipped, record_count)
    # In truth, this many pairs are one person; the fit has no labels that say so.
    assert pairs == pytest.approx(true_pairs(company) / record_count, rel=0.25)

    company.build(CHANGED)
    versions, joining = company.scores()
    assert versions == {version}
    assert 0.8 < joining / shipped_joining < 1.3
    ((weight, stored),) = company.query(
        "select birth_date_equal_weight, (select log2(m_probability / u_probability)"
        " from staging.stg_state__match_levels"
        " where comparison = 'birth_date' and level_name = 'equal')"
        " from intermediate.int_match_model"
    )
    assert weight == pytest.approx(stored)

    discarded = company.run("fit", "identity", "--discard")
    assert discarded.returncode == 0, discarded.stdout + discarded.stderr
    assert f"the shipped model, {shipped}." in discarded.stdout
    company.build(CHANGED)
    assert company.scores() == ({shipped}, shipped_joining)
    again = company.run("fit", "identity", "--discard")
    assert again.returncode == 1
    assert "in force already" in again.stderr


def true_pairs(company: Company) -> int:
    """How many pairs of the records at hand are one person."""
    truth = company.folder / "raw_truth" / "records.csv"
    ((pairs,),) = company.query(
        "select sum(n * (n - 1) / 2) from (select count(*) as n"
        " from intermediate.int_match_records"
        " join intermediate.int_source_records_unioned using (record_key)"
        f" join read_csv('{truth}', all_varchar = true) as truth"
        " on truth.system = int_source_records_unioned.system"
        " and truth.native_id = int_source_records_unioned.native_customer_id"
        " group by truth.person_id)"
    )
    return int(pairs)
