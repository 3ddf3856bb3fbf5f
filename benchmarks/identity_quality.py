"""Identity on generated companies: how right it is, what it misses, and which people it mixes up.

    python -m benchmarks.identity_quality [--people N] [--seed S ...] [--profile default|typing]

A company is generated, landed and built as far as its clusters, and those are held against the
truth that the generator wrote. The companies have the people, records and dirt of a profile, but
few orders and events, which tell nothing of who is who. Prints the figures, recall by what was
planted, and a list of the false merges with what their records say.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import yaml

from benchmarks.identity_scores import Record, Scores, add_scores, read_truth
from portrait.build.dbt_runner import MODELS_AND_SEEDS, DbtResult, DbtSession

PROJECT = Path(__file__).resolve().parents[1]
FEW_FACTS = {"size": {"orders_per_person": 1, "events_per_person": 1, "stores": 24}}
# Other dirt than that of the default profile: three times as many slips, fewer masks.
TYPING = {
    "contact": {"marketplace_email": 0.4, "address": 0.9},
    "text_dirt": {
        "name_typo": 0.06,
        "name_swapped": 0.03,
        "name_abbreviated": 0.03,
        "email_typo": 0.03,
        "phone_typo": 0.03,
        "birth_date_typo": 0.03,
        "masked_phone": 0.2,
        "masked_name": 0.1,
    },
}
PROFILES: dict[str, dict[str, Any]] = {"default": FEW_FACTS, "typing": FEW_FACTS | TYPING}


class Companies:
    """Builds one company after the other in one warehouse, so that dbt reads the project once."""

    def __init__(self, folder: Path, project: Path = PROJECT) -> None:
        """Work in a folder of its own, with the models of a project; `with` ends dbt."""
        self.folder = folder
        self.project = project
        self.warehouse = folder / "warehouse"
        settings = {"PORTRAIT_WAREHOUSE": str(self.warehouse)}
        self.dbt = DbtSession(project, folder / "target", folder / "logs", settings)

    def __enter__(self) -> Companies:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End dbt."""
        self.dbt.close()

    def generate(
        self,
        seed: int,
        people: int,
        profile: str = "default",
        content: Mapping[str, Any] | None = None,
    ) -> Path:
        """Generate the company of a seed; its raw folder, the truth is `<raw>_truth`.

        The profile is one of PROFILES, or `content` under that name.
        """
        raw = self.folder / f"raw-{profile}-{seed}"
        settings = self.folder / f"{profile}.yml"
        settings.write_text(yaml.safe_dump(content or PROFILES[profile]))
        self._run(
            [
                *(sys.executable, "-m", "portrait.cli", "generate", "--people", str(people)),
                *("--seed", str(seed), "--days", "180", "--profile", str(settings)),
                *("--out", str(raw)),
            ],
            raw,
        )
        return raw

    def cluster(self, raw: Path) -> dict[Record, str]:
        """Build identity and households from raw files; the customer of each record."""
        self.build(raw, "+int_records_clustered", "+int_household_members_listed")
        rows = self.query(
            "select system, native_customer_id, customer_id from intermediate.int_records_clustered"
        )
        return {(system, native_id): customer for system, native_id, customer in rows}

    def build(self, raw: Path, *selected: str, state: Path | None = None) -> None:
        """Land raw files and build the selected models, as dbt selects them.

        `state` is what earlier builds published, a folder of the state store.
        """
        shutil.rmtree(self.warehouse, ignore_errors=True)
        if state and state.exists():
            shutil.copytree(state, self.warehouse / "state")
        self.land(raw)
        self.run("--select", *selected)

    def land(self, raw: Path) -> None:
        """Land raw files."""
        self._run([sys.executable, "-m", "portrait.cli", "land"], raw)

    def run(self, *selected: str) -> DbtResult:
        """Build models and seeds from what has landed, by options of dbt."""
        built = self.dbt.run(("build", *MODELS_AND_SEEDS, *selected), lambda *_: None)
        if not built.succeeded:
            failed = [f"{outcome.name}: {outcome.message}" for outcome in built.failed]
            raise RuntimeError("\n".join([*built.errors, *failed]))
        return built

    def query(self, sql: str) -> list[tuple[str, ...]]:
        """Query the build at hand; what it has built of marts is in the database `portrait`."""
        work = self.warehouse / "work"
        with duckdb.connect(str(work / "build.duckdb"), read_only=True) as build:
            if (work / "portrait.duckdb").exists():
                build.execute(f"attach '{work / 'portrait.duckdb'}' as portrait (read_only)")
            return build.execute(sql).fetchall()

    def false_merges(self, scores: Scores) -> list[str]:
        """Return clusters of more than one person of the build at hand, in words."""
        said = {
            (system, native_id): ", ".join(text for text in values if text)
            for system, native_id, *values in self.query(
                "select records.system, records.native_customer_id, full_name,"
                " cast(birth_date as varchar), gender, email, coalesce(phone, masked_phone),"
                " address, city"
                " from intermediate.int_record_attributes_unioned as attributes"
                " inner join intermediate.int_source_records_unioned as records"
                " on attributes.record_key = records.record_key"
            )
        }
        lines = []
        for number, members in enumerate(scores.false_merges, 1):
            lines.append(f"False merge {number}:")
            lines += [
                f"  person {person}: {record[0]}:{record[1]} {said.get(record, '')}"
                for person, record in members
            ]
        return lines

    def _run(self, command: Sequence[str], raw: Path) -> None:
        inherited = {name: value for name, value in os.environ.items() if "PORTRAIT_" not in name}
        own = {"PORTRAIT_RAW": str(raw), "PORTRAIT_WAREHOUSE": str(self.warehouse)}
        run = subprocess.run(
            command,
            cwd=self.project,
            env=inherited | own | {"PYTHONPATH": str(self.project)},
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode:
            raise RuntimeError(run.stdout[-3000:] + run.stderr[-3000:])


def main() -> None:
    """Print the report of each company, and of all together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=3000)
    parser.add_argument("--seed", type=int, nargs="+", default=[811, 812, 813])
    parser.add_argument("--profile", choices=PROFILES, nargs="+", default=list(PROFILES))
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Companies(Path(folder)) as companies:
        for profile in options.profile:
            together = Scores()
            for seed in options.seed:
                raw = companies.generate(seed, options.people, profile)
                scores = Scores()
                truth = read_truth(raw.with_name(f"{raw.name}_truth"))
                customers = companies.cluster(raw)
                for each in (scores, together):
                    add_scores(each, truth, customers)
                print(f"\n## Profile {profile}, seed {seed}\n{scores.summary()}")
                print("\n".join(companies.false_merges(scores)), flush=True)
            print(f"\n## Profile {profile}, all seeds\n{together.report()}", flush=True)


if __name__ == "__main__":
    main()
