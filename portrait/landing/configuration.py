"""Reads and checks the company's configuration folder: rows of seeds, and limits of expectations.

`seeds/<seed>.csv` holds rows of a seed: those whose key the seed has replace its rows, the others
are added. `seeds/<seed>.replace.csv` is the whole seed. `expectations.yml` holds limits.
`audiences/<name>.yml` is an audience; audience_rules.py reads it.
"""

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from portrait.contract import load_contract
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.expectations.limits import read_thresholds
from portrait.landing.csv_records import DELIMITERS
from portrait.landing.deliveries import FILE_NAME as DELIVERIES
from portrait.landing.deliveries import read_deliveries
from portrait.landing.seeds import Seed, load_seeds

SEEDS = "seeds"
LIMITS = "expectations.yml"
LIMITS_SUBJECT = "expectations"
DELIVERIES_SUBJECT = "deliveries"
AUDIENCES, AUDIENCES_SUBJECT = "audiences", "audience"
# Subjects of files that change no seed.
NO_SEEDS = (LIMITS_SUBJECT, DELIVERIES_SUBJECT, AUDIENCES_SUBJECT)
WHOLE = ".replace"
CONFIGURATION = (".csv", ".yml", ".yaml")


@dataclass(frozen=True)
class CompanySeed:
    """The company's rows of a seed, as text (None: an empty cell), and what they do to it."""

    seed: Seed
    is_whole: bool
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True)
class AudienceFile:
    """The text of an audience's file; `file` is its path as messages show it."""

    name: str
    file: str
    text: str


@dataclass(frozen=True)
class ConfigRow:
    """A file of the configuration that is in force.

    `subject` is the seed, or one of NO_SEEDS. The counts are rows of the seed, limits, declared
    tables, or audiences. The key's columns are divided by ', ', null without one.
    """

    file: str
    subject: str
    key_columns: str | None
    is_whole: bool
    replaced_rows: int
    added_rows: int
    removed_rows: int
    sha256: str


@dataclass(frozen=True)
class Configuration:
    """What the company changes: seeds, limits (the text, a sentence each), audiences; its files."""

    seeds: tuple[CompanySeed, ...] = ()
    limits: str | None = None
    changes: tuple[str, ...] = ()
    rows: tuple[ConfigRow, ...] = ()
    audiences: tuple[AudienceFile, ...] = ()


def read_configuration(project: Path, folder: Path) -> Configuration:
    """Read and check what lies in the folder; empty where there is no folder.

    Raises:
        PortraitError: a file that means no seed, an unknown, missing or repeated column, a value
        that its column cannot hold, a key that stands twice, a limit of no expectation.
    """
    if not folder.is_dir():
        return Configuration()
    shipped = load_seeds(project)
    seeds: list[CompanySeed] = []
    rows: list[ConfigRow] = []
    limits: str | None = None
    changes: tuple[str, ...] = ()
    audiences: list[AudienceFile] = []
    with connect() as connection:
        for path in _files(folder):
            file = path.relative_to(folder).as_posix()
            text = _text(path, file)
            if file == DELIVERIES:
                counts = (len(read_deliveries(folder, load_contract(project))), 0, 0)
                subject, key, is_whole = DELIVERIES_SUBJECT, None, False
            elif file == LIMITS:
                limits = text
                changes = read_thresholds(project, text, f"config/{LIMITS}").changes
                counts = (len(changes), 0, 0)
                subject, key, is_whole = LIMITS_SUBJECT, None, False
            elif path.parent == folder / AUDIENCES and path.suffix == ".yml":
                audiences.append(AudienceFile(path.stem, f"config/{file}", text))
                is_shipped = (project / AUDIENCES / path.name).is_file()
                counts = (int(is_shipped), int(not is_shipped), 0)
                subject, key, is_whole = AUDIENCES_SUBJECT, None, False
            else:
                seed, is_whole = _meant(file, shipped)
                company = _company_seed(connection, file, text, seed, is_whole)
                seeds.append(company)
                counts = _counts(connection, company)
                subject, key = seed.name, ", ".join(seed.key) or None
            sha256 = hashlib.sha256(text.encode()).hexdigest()
            rows.append(ConfigRow(file, subject, key, is_whole, *counts, sha256))
    return Configuration(tuple(seeds), limits, changes, tuple(rows), tuple(audiences))


def _files(folder: Path) -> Iterator[Path]:
    """The files that may be configuration, sorted; notes and hidden files are passed over."""
    for path in sorted(folder.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not is_hidden and path.suffix.lower() in CONFIGURATION:
            yield path


def _text(path: Path, file: str) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PortraitError(f"config/{file}: could not be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise PortraitError(f"config/{file}, line {line}: expected text in UTF-8.") from error


def _meant(file: str, shipped: Mapping[str, Seed]) -> tuple[Seed, bool]:
    """The seed that a file is about, and whether it is the whole of it."""
    parts = Path(file)
    name = parts.stem.removesuffix(WHOLE)
    if parts.parts[:-1] != (SEEDS,) or parts.suffix != ".csv":
        raise PortraitError(
            f"config/{file} is no file of the configuration: expected {LIMITS}, {DELIVERIES}, "
            f"{SEEDS}/<seed>.csv, {SEEDS}/<seed>{WHOLE}.csv or {AUDIENCES}/<name>.yml."
        )
    if name not in shipped:
        raise PortraitError(
            f"config/{file}: there is no seed {name}. The seeds are {', '.join(sorted(shipped))}."
        )
    seed, is_whole = shipped[name], parts.stem.endswith(WHOLE)
    if not seed.key and not is_whole:
        raise PortraitError(
            f"config/{file}: rows of {name} have no key by which they could replace others. "
            f"Give the whole seed as {SEEDS}/{name}{WHOLE}.csv."
        )
    return seed, is_whole


def _company_seed(
    connection: duckdb.DuckDBPyConnection, file: str, text: str, seed: Seed, is_whole: bool
) -> CompanySeed:
    lines, rows = _rows(file, text, seed)
    typed = _typed(connection, rows, seed)
    for line, row, values in zip(lines, rows, typed, strict=True):
        for column, cell, value in zip(seed.columns, row, values, strict=True):
            if cell is not None and value is None:
                shown = "the value" if column in seed.personal else repr(cell)
                raise PortraitError(
                    f"config/{file}, line {line}: {shown} in column {column} is no "
                    f"{seed.type_of(column)}."
                )
    if seed.key:
        places = [seed.columns.index(column) for column in seed.key]
        first: dict[tuple[object, ...], int] = {}
        for line, values in zip(lines, typed, strict=True):
            key = tuple(values[place] for place in places)
            if key in first:
                raise PortraitError(
                    f"config/{file}, line {line}: its {', '.join(seed.key)} stands in line "
                    f"{first[key]} already."
                )
            first[key] = line
    return CompanySeed(seed, is_whole, tuple(rows))


def _rows(file: str, text: str, seed: Seed) -> tuple[list[int], list[tuple[str | None, ...]]]:
    """The last line of each row, and its cells in the order of the seed's columns."""
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[int] = []
    rows: list[tuple[str | None, ...]] = []
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        _require_columns(file, header, seed)
        places = [header.index(name) if name in header else None for name in seed.columns]
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise PortraitError(
                    f"config/{file}, line {reader.line_num}: expected {len(header)} values, "
                    f"found {len(cells)}."
                )
            lines.append(reader.line_num)
            rows.append(
                tuple(None if place is None else cells[place].strip() or None for place in places)
            )
    except csv.Error as error:
        raise PortraitError(f"config/{file}, line {reader.line_num}: {error}.") from error
    return lines, rows


def _require_columns(file: str, header: Sequence[str], seed: Seed) -> None:
    faults = (
        ("has an unknown column", [name for name in header if name not in seed.columns]),
        (
            "lacks the column",
            [name for name in seed.columns if name in seed.required and name not in header],
        ),
        ("repeats the column", sorted({n for n in header if header.count(n) > 1})),
    )
    for fault, names in faults:
        if names:
            raise PortraitError(
                f"config/{file} {fault} {', '.join(names)}: "
                f"the seed has the columns {', '.join(seed.columns)}."
            )


def _typed(
    connection: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[str | None]], seed: Seed
) -> list[tuple[object, ...]]:
    """The rows with the types of the seed; None where a value cannot be read."""
    if not rows:
        return []
    casts = ", ".join(
        f"try_cast(unnest(?::varchar[]) as {seed.type_of(column)})" for column in seed.columns
    )
    cells = [list(column) for column in zip(*rows, strict=True)]
    return connection.execute(f"select {casts}", cells).fetchall()


def _counts(connection: duckdb.DuckDBPyConnection, company: CompanySeed) -> tuple[int, int, int]:
    """How many rows of the seed are replaced, added and removed by the company's."""
    seed = company.seed
    own = _typed(connection, company.rows, seed)
    shipped = _typed(
        connection, [[row[name] or None for name in seed.columns] for row in seed.rows()], seed
    )
    names = seed.key or seed.columns
    places = [seed.columns.index(name) for name in names]
    ours = {tuple(row[place] for place in places) for row in own}
    theirs = {tuple(row[place] for place in places) for row in shipped}
    removed = len(theirs - ours) if company.is_whole else 0
    return len(ours & theirs), len(ours - theirs), removed
