"""Time, memory and recall of identity on generated companies of several sizes, beside Splink.

    python -m benchmarks.identity_speed --millions 0.1 --millions 1 --folder target/bench-identity

Each size is a generated company whose customer tables go through landing, staging and the models of
identity by dbt on DuckDB, in a process per step: its seconds are those of the models, and its peak
memory is that of the process. Splink then gets the same records, comparisons, m, u, term shares and
prior, and the blocks as columns, without those that are skipped as oversized, so that both score
the same pairs; a process loads them, predicts and clusters. A second run has 1 % records that were
withheld from the first.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import PROJECT, MeasuredWarehouse, Step, run_measured
from portrait.fitting.match_model import MatchModel, read_shipped_model, splink_settings
from portrait.fitting.rendering import render
from portrait.sql import sql_path

RECORDS_PER_PERSON = 1.79
DAYS = 180
# Orders and events say nothing about who is who.
PROFILE = "size: {orders_per_person: 0, events_per_person: 0, stores: 24}\n"
AS_OF = "2026-06-30"
THREADS = 2
# The models of each step; what they read besides is made before, and timed as `records`.
STEPS = {
    # Splink gets the blocks as columns.
    "blocks": "int_match_names int_match_record_keys int_match_blocks",
    "blocking": "int_match_pairs",
    "scoring": "int_match_levels_in_force int_match_model int_match_term_shares"
    " int_match_names_counted int_match_pairs_aliased int_match_pairs_compared int_match_prior"
    " int_match_pairs_scored int_match_pairs_weighed int_match_rivals int_match_number_sharers"
    " int_match_namesakes int_match_pairs_judged",
    # Evidence of scored pairs; the edges read it.
    "explanation": "int_match_pairs_explained",
    "clustering": "int_identifier_pairs_compared int_identifier_pairs_judged int_match_edges"
    " int_records_joined_strongly int_records_joined_at_first int_identity_conflicts"
    " int_identity_edges_proposed int_identity_edges_tied int_records_joined",
    "evidence": "int_identity_edges int_record_matches_explained",
    "registry": "int_customer_ids_registered int_records_clustered int_identity_events_published",
}
GIVEN_STEPS = ("blocks",)
COMPARED_STEPS = (*GIVEN_STEPS, "blocking", "scoring", "clustering")
RECORDS_STEP = "records"
# One in this many records of each customer table is new in the second run.
WITHHELD = 100
KEYS = {
    ("shop", "customers"): "customer_id",
    ("pos", "members"): "member_id",
    ("marketplace", "buyers"): "buyer_id",
    ("crm", "contacts"): "contact_id",
}
SPLINK_STEPS = ("blocking and scoring", "clustering")


@dataclass
class Rule:
    """What a blocking rule finds: pairs, true ones, and true ones that no other rule finds."""

    name: str
    pairs: int
    oversized_blocks: int
    recall: float
    alone: float


@dataclass
class Size:
    """The figures of one size."""

    records: int = 0
    pairs: int = 0
    joined_pairs: int = 0
    true_pairs: int = 0
    blocking_recall: float = 0.0
    steps: list[Step] = field(default_factory=list)
    second_run: list[Step] = field(default_factory=list)
    new_records: int = 0
    rules: list[Rule] = field(default_factory=list)
    splink: list[Step] = field(default_factory=list)
    splink_pairs: int = 0
    greatest_difference: float = 0.0

    def seconds(self, names: Sequence[str] = COMPARED_STEPS) -> float:
        """The seconds of some steps."""
        return sum(step.seconds for step in self.steps if step.name in names)


class Company(MeasuredWarehouse):
    """A generated company with a warehouse of its own."""

    def __init__(self, folder: Path, people: int, seed: int) -> None:
        """Name the folder, which need not exist."""
        super().__init__(folder, AS_OF)
        self.people, self.seed = people, seed

    def generate(self) -> None:
        """Make the raw files again."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        profile = self.folder / "profile.yml"
        profile.write_text(PROFILE)
        self.portrait(
            *("generate", "--people", str(self.people), "--seed", str(self.seed)),
            *("--days", str(DAYS), "--format", "parquet"),
            *("--profile", str(profile), "--out", str(self.raw)),
        )

    def withhold(self) -> None:
        """Put the raw files aside, and leave one without the new records in the place of each."""
        (self.folder / "whole").mkdir()
        for (system, table), key in KEYS.items():
            source = self.raw / system / table
            aside = self.folder / "whole" / f"{system}-{table}"
            shutil.move(source, aside)
            for file in aside.rglob("*.parquet"):
                target = source / file.relative_to(aside)
                target.parent.mkdir(parents=True, exist_ok=True)
                duckdb.sql(
                    f"copy (select * from read_parquet({sql_path(file)}, hive_partitioning = false)"
                    f" where {key} is null or hash({key}) % {WITHHELD} <> 0)"
                    f" to {sql_path(target)} (format parquet)"
                )

    def deliver_withheld(self) -> None:
        """Put the whole files back."""
        for system, table in KEYS:
            shutil.rmtree(self.raw / system / table)
            shutil.move(self.folder / "whole" / f"{system}-{table}", self.raw / system / table)

    def run_all(self) -> list[Step]:
        """Run identity, step by step."""
        models = " ".join(STEPS.values()).split()
        made_later = [f"{model}+" for model in models]
        steps = [self.run_step(RECORDS_STEP, [f"+{model}" for model in models], made_later)]
        return steps + [self.run_step(name, listed.split()) for name, listed in STEPS.items()]

    def count(self, size: Size) -> None:
        """Count pairs, and compare them with the truth."""
        truth = str(self.folder / "raw_truth" / "records*.parquet")
        with duckdb.connect(str(self.build), read_only=True) as connection:
            connection.execute(
                "create temp table persons as select record_key, any_value(person_id) as person_id"
                " from intermediate.int_match_records"
                " join intermediate.int_source_records_unioned as source_records using (record_key)"
                f" join read_parquet('{truth}') as truth"
                " on truth.system = source_records.system"
                " and truth.native_id = source_records.native_customer_id group by record_key"
            )

            def one(sql: str) -> int:
                return int(connection.execute(sql).fetchall()[0][0] or 0)

            size.records = one("select count(*) from intermediate.int_match_records")
            size.pairs = one("select count(*) from intermediate.int_match_pairs")
            size.joined_pairs = one("select count(*) from intermediate.int_match_edges")
            size.true_pairs = one(
                "select sum(n * (n - 1) / 2) from"
                " (select count(*) as n from persons group by person_id)"
            )
            connection.execute(
                "create temp table true_found as select pairs.rule, pairs.rules_count"
                " from intermediate.int_match_pairs as pairs"
                " join persons as one on pairs.record_key = one.record_key"
                " join persons as other on pairs.other_record_key = other.record_key"
                " where one.person_id = other.person_id"
            )
            all_pairs = max(size.true_pairs, 1)
            size.blocking_recall = one("select count(*) from true_found") / all_pairs
            found = connection.execute(f"""
                with in_blocks as (
                    select rule, block_value, person_id, count(*) as n
                    from intermediate.int_match_record_keys as keys
                    join intermediate.int_match_blocks as blocks using (rule, block_value)
                    join persons using (record_key)
                    where blocks.block_status = 'compared'
                    group by all
                ),
                true_pairs as (
                    select rule, sum(n * (n - 1) / 2) as pairs from in_blocks group by rule
                ),
                blocks as (
                    select
                        rule,
                        min(priority) as priority,
                        sum(pairs_count) filter (block_status = 'compared') as pairs,
                        count(*) filter (block_status = 'oversized') as oversized
                    from intermediate.int_match_blocks group by rule
                ),
                alone as (
                    select rule, count(*) as pairs from true_found where rules_count = 1
                    group by rule
                )
                select
                    blocks.rule, coalesce(blocks.pairs, 0), oversized,
                    coalesce(true_pairs.pairs, 0) / {all_pairs},
                    coalesce(alone.pairs, 0) / {all_pairs}
                from blocks left join true_pairs using (rule) left join alone using (rule)
                order by priority
            """).fetchall()
            size.rules = [
                Rule(rule, int(pairs), oversized, float(recall), float(alone))
                for rule, pairs, oversized, recall, alone in found
            ]

    def run_splink(self, size: Size) -> None:
        """Let Splink do the same in a process of its own."""
        answer = self.folder / "splink.json"
        run_measured(
            [
                *(sys.executable, "-m", "benchmarks.identity_speed", "--splink"),
                *(str(self.build), "--folder", str(self.folder)),
            ],
            self.environment,
        )
        said = json.loads(answer.read_text())
        size.splink = [Step(**step) for step in said["steps"]]
        size.splink_pairs, size.greatest_difference = said["pairs"], said["difference"]


def measure_splink(build: Path, folder: Path) -> None:
    """Predict and cluster with Splink on the records and blocks of a build; the figures as JSON."""
    from portrait.fitting.identity import make_linker

    shipped = read_shipped_model(PROJECT, render(PROJECT)[0])
    scratch = folder / "splink.duckdb"
    scratch.unlink(missing_ok=True)
    with duckdb.connect(str(scratch)) as connection:
        connection.execute(f"set threads = {THREADS}; set preserve_insertion_order = false")
        connection.execute(f"attach {sql_path(build)} as build (read_only)")
        _records_with_blocks(connection, shipped)
        ((prior,),) = connection.execute(
            "select prior_probability from build.intermediate.int_match_prior"
        ).fetchall()
        settings = splink_settings(shipped, prior) | {
            "blocking_rules_to_generate_predictions": [
                {"blocking_rule": f"l.block_{rule.name} = r.block_{rule.name}"}
                for rule in shipped.rules
            ]
        }
        steps = []
        begun = time.monotonic()
        term_shares = "build.intermediate.int_match_term_shares"
        linker = make_linker(connection, "splink_input", settings, term_shares)
        review = shipped.settings["review_probability"]
        predictions = linker.inference.predict(threshold_match_probability=review)
        steps.append(_splink_step(SPLINK_STEPS[0], begun))
        begun = time.monotonic()
        linker.clustering.cluster_pairwise_predictions_at_threshold(
            predictions, threshold_match_probability=shipped.settings["join_probability"]
        )
        steps.append(_splink_step(SPLINK_STEPS[1], begun))
        pairs, difference = connection.execute(
            "select count(*), max(abs(coalesce(ours.match_probability, 0)"
            " - coalesce(theirs.match_probability, 0))) filter (aliased.record_key is null)"
            " from build.intermediate.int_match_pairs_scored as ours"
            f" full join {predictions.physical_name} as theirs"
            " on ours.record_key = least(theirs.record_key_l, theirs.record_key_r)"
            " and ours.other_record_key = greatest(theirs.record_key_l, theirs.record_key_r)"
            # Splink compares the names in force only.
            " left join (select distinct record_key, other_record_key"
            " from build.intermediate.int_match_pairs_aliased) as aliased"
            " on aliased.record_key = coalesce("
            "ours.record_key, least(theirs.record_key_l, theirs.record_key_r))"
            " and aliased.other_record_key = coalesce("
            "ours.other_record_key, greatest(theirs.record_key_l, theirs.record_key_r))"
        ).fetchall()[0]
    scratch.unlink()
    text = json.dumps({"steps": [asdict(one) for one in steps], "pairs": pairs,
                       "difference": difference})  # fmt: skip
    (folder / "splink.json").write_text(text)


def _records_with_blocks(connection: duckdb.DuckDBPyConnection, model: MatchModel) -> None:
    """Make the table splink_input: the records, and a column per rule with the block, if any."""
    columns = ", ".join(
        f"max(keys.block_value) filter (keys.rule = '{rule.name}') as block_{rule.name}"
        for rule in model.rules
    )
    connection.execute(
        f"create table blocks_of_records as select record_key, {columns}"
        " from build.intermediate.int_match_record_keys as keys"
        " join build.intermediate.int_match_blocks as blocks using (rule, block_value)"
        " where blocks.block_status = 'compared' group by record_key"
    )
    connection.execute(
        "create table splink_input as select *"
        " from build.intermediate.int_match_records left join blocks_of_records using (record_key)"
    )
    connection.execute("drop table blocks_of_records")


def _splink_step(name: str, begun: float) -> Step:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Step(name, time.monotonic() - begun, 0.0, peak)


def has_splink() -> bool:
    """Whether Splink is installed."""
    try:
        import splink  # noqa: F401
    except ImportError:
        return False
    return True


def measure(folder: Path, millions: float, seed: int, again: bool) -> Size:
    """Measure one size; `again`: a second run with new records too."""
    size = Size()
    company = Company(folder, max(round(millions * 1e6 / RECORDS_PER_PERSON), 1), seed)
    company.generate()
    if again:
        company.withhold()
        company.land()
        first = company.run_all()
        company.count(size)
        before = size.records
        company.deliver_withheld()
        company.land()
        size.second_run = company.run_all()
        size.steps = first
        company.count(size)
        size.new_records = size.records - before
    else:
        company.land()
        size.steps = company.run_all()
        company.count(size)
    if has_splink():
        company.run_splink(size)
    (folder / "figures.json").write_text(json.dumps(asdict(size), indent=1))
    shutil.rmtree(company.warehouse)
    shutil.rmtree(company.raw)
    return size


def report(sizes: Sequence[Size]) -> str:
    """The figures as Markdown tables."""
    lines = [
        "| Records | Pairs | Per record | Found | Step | Seconds | Peak MB | µs per pair |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for size in sizes:
        head = (
            f"| {size.records:,} | {size.pairs:,} | {size.pairs / max(size.records, 1):.1f}"
            f" | {size.blocking_recall:.4f}"
        )
        pairs = max(size.pairs, 1)
        rows = [(one.name, one.seconds, f"{one.peak_megabytes:,.0f}") for one in size.steps]
        rows.append(("blocks to clustering", size.seconds(), ""))
        start = sum(one.start_seconds for one in size.steps) / max(len(size.steps), 1)
        rows.append(("dbt's start, per step", start, ""))
        rows += [
            (f"Splink: {one.name}", one.seconds, f"{one.peak_megabytes:,.0f}")
            for one in size.splink
        ]
        if size.splink:
            rows.append(("Splink: both", sum(one.seconds for one in size.splink), ""))
        lines += [
            f"{head} | {name} | {seconds:.1f} | {peak} | {seconds / pairs * 1e6:.2f} |"
            for name, seconds, peak in rows
        ]
    for size in sizes:
        if size.splink:
            theirs = sum(one.seconds for one in size.splink)
            with_blocks = theirs + size.seconds(GIVEN_STEPS)
            lines += [
                "",
                f"{size.records:,} records: {size.seconds() / theirs:.2f} times Splink's seconds;"
                f" {size.seconds() / with_blocks:.2f} times, with the blocks, which it is given as"
                " columns, on both sides;"
                f" {size.splink_pairs:,} pairs above the review threshold, greatest difference of"
                f" probability {size.greatest_difference:.1e} where both records have one name.",
            ]
        if size.second_run:
            second = sum(one.seconds for one in size.second_run if one.name in COMPARED_STEPS)
            lines += [
                "",
                f"{size.records:,} records: a second run with {size.new_records:,} new records took"
                f" {second:.1f} s from blocks to clustering, the first one {size.seconds():.1f}.",
            ]
    names = list(dict.fromkeys(rule.name for size in sizes for rule in size.rules))
    heads = " | ".join(f"{size.records:,}: recall, alone, skipped" for size in sizes)
    lines += ["", f"| Rule | {heads} |", "|---" * (len(sizes) + 1) + "|"]
    for name in names:
        cells = [
            next(
                (
                    f"{rule.recall:.4f}, {rule.alone:.4f}, {rule.oversized_blocks:,}"
                    for rule in size.rules
                    if rule.name == name
                ),
                "",
            )
            for size in sizes
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    totals = " | ".join(f"{size.blocking_recall:.4f}" for size in sizes)
    return "\n".join([*lines, f"| all | {totals} |"])


@click.command()
@click.option(
    "--millions", type=float, multiple=True, default=(0.1, 0.3, 1.0, 2.0), show_default=True,
    help="Millions of records; may be given several times.",
)  # fmt: skip
@click.option(
    "--again", type=float, multiple=True, default=(1.0,), show_default=True,
    help="The sizes that get a second run with 1 % new records.",
)  # fmt: skip
@click.option("--folder", type=click.Path(path_type=Path), default=Path("target/bench-identity"))
@click.option("--seed", type=int, default=77, show_default=True)
@click.option("--splink", "build", type=click.Path(path_type=Path), hidden=True)
def main(
    millions: tuple[float, ...],
    again: tuple[float, ...],
    folder: Path,
    seed: int,
    build: Path | None,
) -> None:
    """Measure identity on generated companies, beside Splink."""
    if build is not None:
        measure_splink(build, folder)
        return
    if not has_splink():
        click.echo("Splink is not installed: it is left out.")
    sizes = []
    for one in millions:
        size = measure((folder / f"{one:g}").resolve(), one, seed, one in again)
        click.echo(
            f"{size.records:,} records: {size.pairs:,} pairs, {size.seconds():.1f} s from blocks"
            " to clustering"
        )
        sizes.append(size)
    click.echo(f"\n{report(sizes)}")


if __name__ == "__main__":
    main()
