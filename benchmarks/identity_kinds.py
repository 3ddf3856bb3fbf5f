"""Identity on companies of other kinds, through the whole way from raw files to clusters.

    python -m benchmarks.identity_kinds --set small census [--seed S] [--size N] [--explain]

Prints a line of a table for each set: pairs after clustering, B-cubed, which share of the true
pairs was compared at all, the seconds of the identity models, and dbt's peak of memory so far.
`--explain` adds false merges in words, the misses by reason, and which fields could find the pairs
that no rule compares; with a folder it writes them there as `<set>.txt`. Sets are those of
identity_sets.py, and the generator's with other profiles; the published ones lie in the folder
that PORTRAIT_REAL_DATA names.

To tune models, keep what does not change:

    python -m benchmarks.identity_kinds --set small lists --keep FOLDER          # lands and stages
    python -m benchmarks.identity_kinds --set small lists --keep FOLDER          # identity only

The second run builds again what follows from `--from` (int_record_attributes_unioned), and the
seeds of identity. After a change of staging, of the contract or of a set, add `--fresh`.
`--project` names another checkout whose models are to be built.

Models are developed on odd seeds. Even ones are for floors alone: nobody looks at their records.
Several seeds of a set have a line together, which small companies need.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations
from math import log2
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.identity_quality import FEW_FACTS, PROFILES, PROJECT, Companies
from benchmarks.identity_scores import Record, Scores, Truth, add_scores, read_truth
from benchmarks.identity_sets import SETS, write_set
from portrait.build.outcomes import read_artifact
from portrait.fitting.rendering import COMPARISONS
from portrait.sql import one_value

DEVELOPED_ON = 1
EXAMPLES = 15
CLUSTERS = "int_records_clustered"
FIRST_MODEL = "int_record_attributes_unioned"
SYSTEMS = ("shop", "pos", "marketplace", "crm")


def _without(*fields: str) -> dict[str, Any]:
    """The profile of a company whose systems do not ask for some fields, and which has no dirt
    that would fill them."""
    nothing = {
        f"{system}_{field}": 0.0
        for system in SYSTEMS
        for field in fields
        if (system, field) != ("marketplace", "birth_date")
    }
    dirt = {
        f"{field}_of_{whose}": 0.0
        for field in fields
        for whose in ("organisation", "store")
        if (field, whose) != ("email", "store") and field != "birth_date"
    }
    return FEW_FACTS | {
        "contact": nothing,
        "records": {"crm_knows_old_contact": 0.0},
        "text_dirt": dirt,
        "organisations": {"staff_email": 0.0} if "email" in fields else {},
    }


GENERATED: dict[str, dict[str, Any]] = PROFILES | {
    "without_email": _without("email"),
    "without_phone": _without("phone"),
    "without_birth_date": _without("birth_date"),
    "without_all_three": _without("email", "phone", "birth_date"),
    "few_people": FEW_FACTS,
    "many_records": FEW_FACTS
    | {
        "records": {
            **dict.fromkeys(("shop", "pos", "marketplace", "crm"), 0.9),
            "second_account": 0.9,
        },
        "contact": {"marketplace_email": 0.3},
        "text_dirt": {"name_typo": 0.1, "name_abbreviated": 0.05, "birth_date_typo": 0.05},
    },
    "names_of_the_world": FEW_FACTS
    | {
        "people": {"name_of_the_world": 0.9},
        "text_dirt": {"name_swapped": 0.15, "masked_name": 0.1},
    },
    "equal_initials": FEW_FACTS
    | {
        "people": {"in_family": 0.6, "equal_initials": 1.0},
        "text_dirt": {"name_abbreviated": 0.1},
    },
}
GENERATED_PEOPLE = {"few_people": 60}
NAMES = (*SETS, *GENERATED)


@dataclass
class Outcome:
    """The figures of a set. compared: true pairs that any rule or shared value brought together."""

    scores: Scores
    compared: int
    seconds: float
    peak_megabytes: float

    @property
    def compared_share(self) -> float:
        """Share of the true pairs that were compared at all; 1 without any."""
        return self.compared / self.scores.true if self.scores.true else 1.0


class Kinds(Companies):
    """Builds sets one after the other, and keeps what has landed and been staged of each."""

    def __init__(self, folder: Path, project: Path = PROJECT, first_model: str = FIRST_MODEL):
        """Work in a folder. A set kept there is built again from `first_model` on."""
        self.kept = folder / "kept"
        self.kept.mkdir(parents=True, exist_ok=True)
        self.from_model = f"{first_model}+,+{CLUSTERS}"
        self.first_model = first_model
        super().__init__(folder, project)
        self.truth: Truth
        # dbt reads the project before its first answer, which shall not count as building.
        self.dbt.run(("list", "--select", CLUSTERS), lambda *_: None)

    def measure(
        self,
        name: str,
        seed: int = DEVELOPED_ON,
        size: int | None = None,
        fresh: bool = False,
        twice_told: bool = False,
    ) -> Outcome:
        """Build a set as far as its clusters, and hold them against the truth.

        `twice_told`: every record of one of SETS repeats in other fields what it says already.
        """
        self._open(name, seed, size, fresh, twice_told)
        built = self.run(
            "--select", "path:seeds/identity", "int_match_levels_in_force", self.from_model
        )
        customers = {
            (system, native_id): customer
            for system, native_id, customer in self.query(
                f"select system, native_customer_id, customer_id from intermediate.{CLUSTERS}"
            )
        }
        scores = Scores()
        add_scores(scores, self.truth, customers)
        with self.pairs() as build:
            compared = one_value(build, "select count(*) from true_pairs where is_compared")
        return Outcome(scores, compared, built.seconds, self._peak_megabytes())

    def verdicts(self) -> dict[frozenset[str], str]:
        """The verdict on each pair of records that the score finds likely, in the build at hand."""
        rows = self.query(
            "select one.system || ':' || one.native_customer_id,"
            " other.system || ':' || other.native_customer_id, pairs.verdict"
            " from intermediate.int_match_pairs_explained as pairs"
            f" inner join intermediate.{CLUSTERS} as one on pairs.record_key = one.record_key"
            f" inner join intermediate.{CLUSTERS} as other"
            " on pairs.other_record_key = other.record_key"
        )
        return {frozenset((one, other)): verdict for one, other, verdict in rows}

    def _open(
        self, name: str, seed: int, size: int | None, fresh: bool, twice_told: bool = False
    ) -> None:
        """Make a set and stage it, unless it is kept; its warehouse is the one at hand."""
        parts = [name, str(seed), *([str(size)] if size else []), *(["twice"] * twice_told)]
        folder = self.kept / "-".join(parts)
        if fresh:
            shutil.rmtree(folder, ignore_errors=True)
        is_new = not (folder / "staged").exists()
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
            (folder / "warehouse").mkdir(parents=True)
        self.warehouse.unlink(missing_ok=True)
        self.warehouse.symlink_to(folder / "warehouse")
        raw = folder / "raw"
        if is_new:
            if name in GENERATED:
                made = self.generate(
                    seed, size or GENERATED_PEOPLE.get(name, 2000), name, GENERATED[name]
                )
                for suffix in ("", "_truth"):
                    made.with_name(made.name + suffix).rename(raw.with_name(raw.name + suffix))
            else:
                write_set(name, seed, raw, size, twice_told=twice_told)
            self.land(raw)
            self.run("--select", f"+{CLUSTERS}", "--exclude", f"{self.first_model}+")
            (folder / "staged").touch()
        self.truth = read_truth(raw.with_name("raw_truth"))

    def _peak_megabytes(self) -> float:
        """The most memory that dbt has had, which counts over all sets of a run."""
        status = Path(f"/proc/{self.dbt.process.pid}/status")
        lines = status.read_text().splitlines() if status.exists() else []
        peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        return peaks[0] / 1024 if peaks else 0.0

    @contextmanager
    def pairs(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Open the build at hand with the tables persons and true_pairs."""
        with duckdb.connect() as connection:
            connection.execute(
                f"attach '{self.warehouse / 'work' / 'build.duckdb'}' as build (read_only)"
            )
            connection.execute("create table persons (system text, native_id text, person text)")
            with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8") as file:
                for (system, native_id), person in self.truth.person.items():
                    print(system, native_id, person, sep="\t", file=file)
                file.flush()
                connection.execute(
                    f"copy persons from '{file.name}' (delimiter '\t', header false, quote '')"
                )
            connection.execute(TRUE_PAIRS)
            yield connection

    def explain(self, scores: Scores) -> str:
        """Say in words what was merged falsely, and what was missed, by reason."""
        comparisons = self._comparisons()
        with self.pairs() as build:
            said = dict(build.execute(RECORDS_IN_WORDS).fetchall())
            level_texts = LevelTexts(comparisons, build)
            lines = [scores.summary(), *_false_merges(scores, build, said, level_texts)]
            reasons = build.execute(
                "select reason, count(*), count(distinct person) from missed_pairs"
                " group by reason order by count(*) desc, reason"
            ).fetchall()
            lines += ["", "# Missed pairs by reason", ""]
            lines += [
                f"{count:8,} pairs of {people:,} people: {reason}"
                for reason, count, people in reasons
            ]
            lines += _equal_fields(build)
            for reason, count, _ in reasons:
                lines += ["", f"## {reason} ({count:,})"]
                chosen = build.execute(
                    "select record_key, other_record_key from missed_pairs where reason = ?"
                    " order by hash(record_key + other_record_key), record_key limit ?",
                    [reason, EXAMPLES],
                ).fetchall()
                for pair in chosen:
                    lines += [
                        "",
                        *(f"  {said[key]}" for key in pair),
                        f"    {level_texts.of(pair)}",
                    ]
        return "\n".join(lines)

    def _comparisons(self) -> list[dict[str, Any]]:
        """The comparisons of the project at hand."""
        compiled = self.dbt.run(["compile", "--inline", COMPARISONS], lambda *_: None)
        if not compiled.succeeded:
            raise RuntimeError("\n".join(compiled.errors))
        (result,) = read_artifact(self.dbt.target, "run_results.json")["results"]
        comparisons: list[dict[str, Any]] = json.loads(result["compiled_code"])["comparisons"]
        return comparisons


class LevelTexts:
    """The levels and weights of any compared pair in words."""

    def __init__(
        self, comparisons: Sequence[dict[str, Any]], build: duckdb.DuckDBPyConnection
    ) -> None:
        """Take the comparisons, and the model in force of a build."""
        self.comparisons = comparisons
        self.build = build
        self.known = {
            (comparison, name): (m, u)
            for comparison, name, m, u in build.execute(
                "select comparison, level_name, m_probability, u_probability"
                " from build.intermediate.int_match_levels_in_force"
            ).fetchall()
        }

    def of(self, pair: Sequence[int]) -> str:
        """The levels of a pair, its probability where it was scored, and what numbers said."""
        texts = [
            f"{kind} shared: {verdict}"
            for kind, verdict in self._all(
                "select identifier_type, verdict"
                " from build.intermediate.int_identifier_pairs_judged",
                pair,
            )
        ]
        scored = self._all(
            "select verdict, score_levels, match_weight, match_probability"
            " from build.intermediate.int_match_pairs_explained",
            pair,
        )
        for verdict, levels, weight, probability in scored:
            texts.append(f"{verdict}, {probability:.3f} ({weight:+.1f}): {levels}")
        if not scored:
            texts += self._unscored(pair)
        return "; ".join(texts) or "not compared"

    def _unscored(self, pair: Sequence[int]) -> list[str]:
        compared = self.build.execute(
            "select * from build.intermediate.int_match_pairs_compared"
            " where record_key = ? and other_record_key = ?",
            [min(pair), max(pair)],
        )
        names = [column[0] for column in compared.description]
        row = compared.fetchone()
        if row is None:
            return []
        values = dict(zip(names, row, strict=True))
        texts, total = [], 0.0
        for comparison in self.comparisons:
            number = values.get(f"{comparison['name']}_level")
            for level in comparison["levels"]:
                if level["number"] == number:
                    m, u = self.known[comparison["name"], level["name"]]
                    if level.get("term"):
                        u = values.get(f"{level['term']}_share") or u
                    total += log2(m / u)
                    words = f"{comparison['name']} {level['name']}".replace("_", " ")
                    texts.append(f"{words} {log2(m / u):+.1f}")
        return [f"below review_probability ({total:+.1f} before the prior): {', '.join(texts)}"]

    def _all(self, select: str, pair: Sequence[int]) -> list[tuple[Any, ...]]:
        return self.build.execute(
            f"{select} where record_key = ? and other_record_key = ?", [min(pair), max(pair)]
        ).fetchall()


def _equal_fields(build: duckdb.DuckDBPyConnection) -> list[str]:
    """Which fields are equal in true pairs that were never compared: what could find them."""
    described = build.execute("select * from build.intermediate.int_match_records limit 0")
    names = [column[0] for column in described.description if column[0] != "record_key"]
    equal = ", ".join(f"case when one.{name} = other.{name} then '{name}' end" for name in names)
    rows = build.execute(
        f"select concat_ws(', ', {equal}) as fields, count(*) from true_pairs"
        " inner join build.intermediate.int_match_records as one"
        " on true_pairs.record_key = one.record_key"
        " inner join build.intermediate.int_match_records as other"
        " on true_pairs.other_record_key = other.record_key"
        f" where not is_compared group by 1 order by 2 desc, 1 limit {2 * EXAMPLES}"
    ).fetchall()
    return [
        "",
        "# Equal fields of true pairs that were never compared",
        "",
        *(f"{count:8,} {fields or 'none'}" for fields, count in rows),
    ]


def _false_merges(
    scores: Scores,
    build: duckdb.DuckDBPyConnection,
    said: dict[int, str],
    level_texts: LevelTexts,
) -> list[str]:
    """Clusters of more than one person: how many by what joined them, and some in words."""
    by_kind = build.execute(
        "select kinds, count(*) from (select string_agg(distinct identifier_type, ', ' order by"
        " identifier_type) as kinds from false_edges group by record_key, other_record_key)"
        " group by kinds order by count(*) desc, kinds"
    ).fetchall()
    lines = [
        "",
        "# False merges",
        "",
        f"{scores.wrong:,} wrong pairs in {len(scores.false_merges):,} clusters.",
        *(f"{count:8,} edges between two people by {kind}" for kind, count in by_kind),
    ]
    key_of: dict[Record, int] = {
        (system, native_id): key
        for system, native_id, key in build.execute(
            "select system, native_customer_id, record_key"
            " from build.intermediate.int_source_records_unioned"
        ).fetchall()
    }
    edges = build.execute("select record_key, other_record_key from false_edges").fetchall()
    ends = {frozenset(edge) for edge in edges}
    for number, members in enumerate(scores.false_merges[:EXAMPLES], 1):
        lines += ["", f"False merge {number}, {len(members)} records:"]
        keys = [key_of[record] for _, record in members]
        lines += [f"  {said[key]}" for key in keys]
        lines += [
            f"    {said[one].split(' ')[1]} ~ {said[other].split(' ')[1]}: "
            + level_texts.of((one, other))
            for one, other in combinations(keys, 2)
            if frozenset((one, other)) in ends
        ][:EXAMPLES]
    return lines


TRUE_PAIRS = """
    create table labels as
    select records.record_key, persons.person, clustered.customer_id
    from build.intermediate.int_source_records_unioned as records
    inner join build.intermediate.int_records_clustered as clustered
        on records.record_key = clustered.record_key
    inner join persons
        on records.system = persons.system and records.native_customer_id = persons.native_id;

    create table number_pairs as
    select
        record_key, other_record_key,
        string_agg(
            distinct identifier_type || ': ' || verdict, ', '
            order by identifier_type || ': ' || verdict
        ) as verdicts
    from build.intermediate.int_identifier_pairs_judged
    group by all;

    create table true_pairs as
    select
        one.record_key, other.record_key as other_record_key, one.person,
        one.customer_id = other.customer_id as is_found,
        matched.record_key is not null as is_matched,
        matched.record_key is not null or numbers.record_key is not null as is_compared,
        numbers.verdicts
    from labels as one
    inner join labels as other
        on one.person = other.person and one.record_key < other.record_key
    left join build.intermediate.int_match_pairs as matched
        on one.record_key = matched.record_key and other.record_key = matched.other_record_key
    left join number_pairs as numbers
        on one.record_key = numbers.record_key and other.record_key = numbers.other_record_key;

    create view false_edges as
    select edges.*
    from build.intermediate.int_identity_edges_proposed as edges
    inner join labels as one on edges.record_key = one.record_key
    inner join labels as other on edges.other_record_key = other.record_key
    where one.person <> other.person and one.customer_id = other.customer_id;

    create view missed_pairs as
    with lost as (
        select * from true_pairs where not is_found
    ),
    edges as (
        select distinct record_key, other_record_key
        from build.intermediate.int_identity_edges_proposed
    ),
    in_skipped_block as (
        select lost.record_key, lost.other_record_key, min(blocks.rule) as rule
        from lost
        inner join build.intermediate.int_match_record_keys as one
            on lost.record_key = one.record_key
        inner join build.intermediate.int_match_record_keys as other
            on
                lost.other_record_key = other.record_key
                and one.rule = other.rule and one.block_value = other.block_value
        inner join build.intermediate.int_match_blocks as blocks
            on one.rule = blocks.rule and one.block_value = blocks.block_value
        where not lost.is_compared
        group by all
    )
    select
        lost.*,
        case
            when edges.record_key is not null then 'joins, refused by a conflict in the component'
            when judged.verdict = 'joins' then 'joins, left out: too many records are connected'
            when judged.verdict is not null
                then judged.verdict || coalesce(' (' || lost.verdicts || ')', '')
            when lost.is_matched
                then 'scored below review_probability'
                    || coalesce(' (' || lost.verdicts || ')', '')
            when lost.is_compared then 'only a shared number: ' || lost.verdicts
            when skipped.record_key is not null then 'never compared: only in blocks too large'
            else 'never compared: no blocking rule finds it'
        end as reason
    from lost
    left join edges
        on
            lost.record_key = edges.record_key
            and lost.other_record_key = edges.other_record_key
    left join build.intermediate.int_match_pairs_judged as judged
        on
            lost.record_key = judged.record_key
            and lost.other_record_key = judged.other_record_key
    left join in_skipped_block as skipped
        on
            lost.record_key = skipped.record_key
            and lost.other_record_key = skipped.other_record_key;
"""
RECORDS_IN_WORDS = """
    with numbers as (
        select
            record_key,
            string_agg(identifier_type || ' ' || identifier_value, ', ' order by all) as numbers
        from build.intermediate.int_identifiers_unioned
        where identifier_type not in ('email', 'phone')
        group by record_key
    )
    select
        records.record_key,
        concat_ws(
            ', ', coalesce(persons.person, '?') || ' ' || records.record_id,
            coalesce(said.full_name, said.masked_name || '*'), cast(said.birth_date as varchar),
            said.gender, said.email, coalesce(said.phone, said.masked_phone), said.address,
            said.postcode, said.city, said.region, said.country_code, said.occupation,
            numbers.numbers
        )
    from build.intermediate.int_source_records_unioned as records
    left join build.intermediate.int_record_attributes_unioned as said
        on records.record_key = said.record_key
    left join numbers on records.record_key = numbers.record_key
    left join persons
        on records.system = persons.system and records.native_customer_id = persons.native_id
"""

HEADER = (
    "| Set, seed | Records | True pairs | Precision | Recall | F1 | B-cubed P | R | F1 |"
    " Compared | Wrong pairs | Seconds | MB |\n"
    "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def sum_of(outcomes: Sequence[Outcome]) -> Outcome:
    """Return what several companies of a kind are together, without their false merges."""
    together = Scores()
    for name in (
        "right", "wrong", "true", "records", "own_share", "person_share",
        "merged_households", "merged_colleagues",
    ):  # fmt: skip
        setattr(together, name, sum(getattr(outcome.scores, name) for outcome in outcomes))
    together.largest = max(outcome.scores.largest for outcome in outcomes)
    return Outcome(
        together,
        sum(outcome.compared for outcome in outcomes),
        sum(outcome.seconds for outcome in outcomes),
        max(outcome.peak_megabytes for outcome in outcomes),
    )


def _tell(text: str, where: str, name: str, seed: int) -> None:
    """Print an explanation, or write it into a folder."""
    if where == "-":
        print(f"\n{text}\n", flush=True)
        return
    Path(where).mkdir(parents=True, exist_ok=True)
    suffix = "" if seed == DEVELOPED_ON else f"-{seed}"
    (Path(where) / f"{name}{suffix}.txt").write_text(text, "utf-8")


def line(name: str, seed: str, outcome: Outcome) -> str:
    """Return the line of a set in the table."""
    scores = outcome.scores
    figures = (
        scores.precision, scores.recall, scores.f1, scores.b3_precision, scores.b3_recall,
        scores.b3_f1, outcome.compared_share,
    )  # fmt: skip
    return (
        f"| {name}, {seed} | {scores.records:,} | {scores.true:,} | "
        + " | ".join(f"{figure:.4f}" for figure in figures)
        + f" | {scores.wrong:,} | {outcome.seconds:.1f} | {outcome.peak_megabytes:,.0f} |"
    )


def main() -> None:
    """Print a line for each set, and what `--explain` asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--set", choices=NAMES, nargs="+", required=True)
    parser.add_argument("--seed", type=int, nargs="+", default=[DEVELOPED_ON])
    parser.add_argument("--size", type=int, help="records (people of the generated ones)")
    parser.add_argument("--keep", type=Path, help="folder for what is landed and staged")
    parser.add_argument("--fresh", action="store_true", help="make, land and stage again")
    parser.add_argument("--from", dest="first_model", default=FIRST_MODEL)
    parser.add_argument("--project", type=Path, default=PROJECT)
    parser.add_argument("--explain", nargs="?", const="-", help="print, or write into a folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep.resolve() if options.keep else Path(temporary)
        print(HEADER, flush=True)
        kinds = Kinds(folder, options.project.resolve(), options.first_model)
        with kinds:
            for name in options.set:
                outcomes = []
                for seed in options.seed:
                    outcomes.append(kinds.measure(name, seed, options.size, options.fresh))
                    print(line(name, str(seed), outcomes[-1]), flush=True)
                    if options.explain:
                        _tell(kinds.explain(outcomes[-1].scores), options.explain, name, seed)
                if len(outcomes) > 1:
                    print(line(name, "all", sum_of(outcomes)), flush=True)


if __name__ == "__main__":
    main()
