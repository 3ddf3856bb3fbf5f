"""The raw files of an invented company: made once, kept, and delivered as a history and a new day.

`portrait generate` writes every value as text. Here each column gets the type that the contract
names, as a company's own export has it, and each table has one file per load. The last load is one
day; with what comes late and corrected it holds three rows in a thousand.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from benchmarks.measuring import PROJECT, run_measured
from portrait.contract import Column, Table, load_contract
from portrait.sql import one_row, sql_name, sql_path, sql_text

PROFILE = Path(__file__).with_name("profile.yml")
# A load every 30 days: of so many days the last load has exactly one.
DAYS = 362
TYPES = {
    "date": "date",
    "timestamp": "timestamp",
    "decimal": "decimal(18, 4)",
    "rate": "decimal(18, 8)",
}
YES, NO = "('true', 't', 'yes', 'y', '1', '是')", "('false', 'f', 'no', 'n', '0', '否')"
# What is kept is made again when this changes.
VERSION = 1


@dataclass(frozen=True)
class Company:
    """A company's files: rows and bytes of its history and of its new day."""

    folder: Path
    people: int
    seed: int
    generate_seconds: float
    history_rows: int
    history_bytes: int
    new_rows: int
    new_bytes: int

    @property
    def history(self) -> Path:
        """The raw folder of all loads but the last."""
        return self.folder / "history"

    @property
    def new_day(self) -> Path:
        """The raw folder of the last load."""
        return self.folder / "new_day"

    def deliver(self, part: Path, raw: Path) -> None:
        """Put the files of a part into a raw folder, as links."""
        for file in sorted(part.rglob("*.parquet")):
            link = raw / file.relative_to(part)
            link.parent.mkdir(parents=True, exist_ok=True)
            os.link(file, link)


def company_of(folder: Path, people: int, seed: int) -> Company:
    """The kept company of a folder, or a new one where it has none of this kind."""
    note = folder / "company.json"
    wanted = {"version": VERSION, "people": people, "seed": seed}
    if note.exists():
        kept = json.loads(note.read_text())
        if {name: kept.pop(name, None) for name in ("version",)} | {
            name: kept.get(name) for name in ("people", "seed")
        } == wanted:
            return Company(folder=folder, **kept)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    company = make_company(folder, people, seed)
    kept = {name: value for name, value in asdict(company).items() if name != "folder"}
    note.write_text(json.dumps({"version": VERSION, **kept}, indent=1))
    return company


def make_company(folder: Path, people: int, seed: int) -> Company:
    """Generate a company and write its typed files."""
    begun = time.monotonic()
    generated = folder / "generated"
    run_measured(
        [
            *(sys.executable, "-m", "portrait.cli", "generate", "--people", str(people)),
            *("--seed", str(seed), "--days", str(DAYS), "--profile", str(PROFILE)),
            *("--format", "parquet", "--out", str(generated)),
        ],
        {**os.environ, "PYTHONPATH": str(PROJECT), "PORTRAIT_WAREHOUSE": str(folder / "none")},
    )
    shutil.rmtree(folder / "generated_truth")
    loads = sorted({path.name for path in generated.glob("*/*/load_date=*")})
    rows = {"history": 0, "new_day": 0}
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        for table in load_contract(PROJECT):
            if not (generated / table.system / table.name).is_dir():
                continue
            _require_all_typed(connection, generated, table)
            for load in loads:
                part = "new_day" if load == loads[-1] else "history"
                rows[part] += _write_typed(connection, generated, folder / part, table, load)
    shutil.rmtree(generated)
    return Company(
        folder, people, seed, time.monotonic() - begun,
        rows["history"], folder_bytes(folder / "history"),
        rows["new_day"], folder_bytes(folder / "new_day"),
    )  # fmt: skip


def folder_bytes(folder: Path) -> int:
    """The bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _typed(column: Column) -> str:
    name = sql_name(column.name)
    if column.data_type == "boolean":
        word = f"lower({name})"
        return f"case when {word} in {YES} then true when {word} in {NO} then false end"
    data_type = TYPES.get(column.data_type)
    return f"try_cast({name} as {data_type})" if data_type else name


def _require_all_typed(
    connection: duckdb.DuckDBPyConnection, generated: Path, table: Table
) -> None:
    """RuntimeError where a value of a table is lost when its column gets its type."""
    lost = ", ".join(
        f"count({sql_name(column.name)}) - count({_typed(column)})" for column in table.columns
    )
    files = sql_text(generated / table.system / table.name / "*" / "*.parquet")
    counts = one_row(connection, f"select {lost} from read_parquet({files})")
    found = [
        f"{column.name} ({count})"
        for column, count in zip(table.columns, counts, strict=True)
        if count
    ]
    if found:
        raise RuntimeError(f"{table.label}: values that have no type: {', '.join(found)}")


def _write_typed(
    connection: duckdb.DuckDBPyConnection, generated: Path, out: Path, table: Table, load: str
) -> int:
    """Write one load of a table as one file, if it has rows; their number."""
    parts = sorted((generated / table.system / table.name / load).glob("*.parquet"))
    if not parts:
        return 0
    file = out / table.system / table.name / load / f"{table.name}.parquet"
    file.parent.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(f"{_typed(column)} as {sql_name(column.name)}" for column in table.columns)
    files = ", ".join(sql_path(part) for part in parts)
    (count,) = one_row(
        connection,
        f"copy (select {columns} from read_parquet([{files}], hive_partitioning = false))"
        f" to {sql_text(file)} (format parquet, compression zstd)",
    )
    return int(count)
