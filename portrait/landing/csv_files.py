"""Lands one CSV file as Parquet: the contract's columns as text, nothing guessed or lost."""

import gzip
import mmap
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from portrait.contract import Table
from portrait.errors import PortraitError
from portrait.landing.csv_records import (
    BYTE_ORDER_MARK,
    DELIMITERS,
    BrokenLine,
    Buffer,
    Header,
    SoundRecords,
    is_canonical,
    read_header,
    split_records,
)
from portrait.landing.deliveries import told_columns, told_names
from portrait.landing.raw_files import RawFile
from portrait.sql import one_value, sql_name, sql_path, sql_text

_NUMBERS, _DATES = ("decimal", "rate"), ("date", "timestamp")


@dataclass(frozen=True)
class Landed:
    """What landing made of one file; a file in place has no separate Parquet file."""

    rows: int
    broken: tuple[BrokenLine, ...] = ()
    extra_columns: tuple[str, ...] = ()
    absent_columns: tuple[str, ...] = ()
    is_in_place: bool = False


def land_csv(
    connection: duckdb.DuckDBPyConnection, raw_file: RawFile, target: Path, scratch: Path
) -> Landed:
    """Write the records of a CSV file to the Parquet file `target`; `scratch` is a folder to use.

    DuckDB reads a flawless file by itself. Any other file is split exactly (csv_records), and
    DuckDB reads the sound records only.

    Raises:
        PortraitError: the file cannot be read as the table at all.
    """
    with _plain_file(raw_file, scratch) as source, _mapped(source) as buffer:
        header = choose_header(buffer, raw_file)
        positions = {name.lower(): i for i, name in enumerate(header.names)}
        told = told_names(raw_file.table, header.names)
        columns = [positions.get(name) for name in (*raw_file.table.column_names, *told)]
        broken: tuple[BrokenLine, ...] = ()
        rows = None
        if is_canonical(buffer, header):
            rows = _read_sound_file(connection, raw_file, source, header, columns, target)
        if rows is None:
            rows, broken = _read_exactly(
                connection, raw_file, buffer, header, columns, target, scratch
            )
    known = {*raw_file.table.column_names, *told}
    return Landed(
        rows=rows,
        broken=broken,
        extra_columns=tuple(name for name in header.names if name and name.lower() not in known),
        absent_columns=tuple(n for n in raw_file.table.column_names if n not in positions),
    )


def choose_header(buffer: Buffer, raw_file: RawFile) -> Header:
    """Read the header with the delimiter that recognises most of the table's columns.

    Raises:
        PortraitError: there is no header that serves.
    """
    table, file = raw_file.table, raw_file.file
    expected = f"expected a header with columns of {table.label} ({_some(table.column_names)})"
    if not buffer[:100_000].removeprefix(BYTE_ORDER_MARK).strip():
        raise PortraitError(f"{file}: the file is empty, {expected}.")
    try:
        headers = [h for mark in DELIMITERS if (h := read_header(buffer, mark))]
    except UnicodeDecodeError as error:
        raise PortraitError(f"{file}: the header is not UTF-8; save the file as UTF-8.") from error
    known = set(table.column_names)
    counts = [len(known.intersection(name.lower() for name in h.names)) for h in headers]
    if not headers or max(counts) == 0:
        found = f" (found: {_some(headers[0].names)})" if headers else ""
        raise PortraitError(
            f"{file}: the first line names no known column{found}, {expected}, in UTF-8, "
            "divided by comma, semicolon, tab or |."
        )
    header = headers[counts.index(max(counts))]
    check_names(file, table, header.names)
    positions = {name.lower(): i for i, name in enumerate(header.names)}
    columns = [(c, positions[c.name]) for c in table.columns if c.name in positions]
    return replace(
        header,
        filled=tuple(i for c, i in columns if c.required),
        typed=tuple(i for c, i in columns if c.data_type in (*_NUMBERS, *_DATES)),
        dated=tuple(i for c, i in columns if c.data_type in _DATES),
    )


def check_names(file: str, table: Table, names: tuple[str, ...]) -> None:
    """Compare the column names of a file with those of the table.

    Raises:
        PortraitError: a name occurs twice, or a required column is absent.
    """
    folded = [name.strip().lower() for name in names]
    for name, count in Counter(folded).items():
        if name and count > 1:
            raise PortraitError(f"{file}: {count} columns are named {name}, expected one of each.")
    for column in table.columns:
        if column.required and column.name not in folded:
            raise PortraitError(
                f"{file}: the column {column.name}, required in {table.label}, is absent; "
                f"found: {_some(names)}."
            )


def _some(names: tuple[str, ...], most: int = 12) -> str:
    """Names for a sentence, cut short."""
    shown = [name if len(name) <= 60 else f"{name[:57]}..." for name in names[:most]]
    return ", ".join([*shown, "..."] if len(names) > most else shown)


@contextmanager
def _plain_file(raw_file: RawFile, scratch: Path) -> Iterator[Path]:
    """The file itself, or an unpacked copy: a gzip file that was cut short is refused here."""
    if raw_file.format != "csv.gz":
        yield raw_file.path
        return
    unpacked = scratch / "unpacked.csv"
    try:
        with gzip.open(raw_file.path) as packed, unpacked.open("wb") as plain:
            shutil.copyfileobj(packed, plain, 1 << 20)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise PortraitError(
            f"{raw_file.file}: this is not a whole gzip file ({error}), expected a CSV in gzip."
        ) from error
    try:
        yield unpacked
    finally:
        unpacked.unlink()


@contextmanager
def _mapped(path: Path) -> Iterator[Buffer]:
    if path.stat().st_size == 0:
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as buffer:
        yield buffer


def _read_sound_file(
    connection: duckdb.DuckDBPyConnection,
    raw_file: RawFile,
    source: Path,
    header: Header,
    columns: list[int | None],
    target: Path,
) -> int | None:
    """Let DuckDB read the whole file; None where it finds a fault (encoding, mixed line ends)."""
    try:
        return _copy(connection, raw_file, source, header, columns, target)
    except duckdb.Error:
        return None


def _read_exactly(
    connection: duckdb.DuckDBPyConnection,
    raw_file: RawFile,
    buffer: Buffer,
    header: Header,
    columns: list[int | None],
    target: Path,
    scratch: Path,
) -> tuple[int, tuple[BrokenLine, ...]]:
    """Split the file, let DuckDB read the sound records; give their number and the broken ones."""
    sound = scratch / "sound.csv"
    checked = tuple(i for i in columns if i is not None)
    broken: list[BrokenLine] = []
    records = 0
    with sound.open("wb") as file:
        file.write(header.delimiter.encode().join([b"c"] * len(header.names)) + b"\n")
        for part in split_records(buffer, header, checked):
            if isinstance(part, SoundRecords):
                records += part.count
                file.write(part.raw)
            else:
                broken.append(part)
    undecodable = sum(line.is_undecodable for line in broken)
    if undecodable > records:
        raise PortraitError(
            f"{raw_file.file}: {undecodable:,} of {records + len(broken):,} records are not UTF-8; "
            "save the file as UTF-8."
        )
    try:
        rows = _copy(connection, raw_file, sound, header, columns, target)
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"{raw_file.file}: could not be read as CSV ({reason}).") from error
    finally:
        sound.unlink()
    if rows != records:
        raise PortraitError(f"{raw_file.file}: {rows:,} of {records:,} sound records were read.")
    return rows, tuple(broken)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    raw_file: RawFile,
    source: Path,
    header: Header,
    columns: list[int | None],
    target: Path,
) -> int:
    """Copy a CSV file to Parquet in the order of its records and give their number.

    Not in parallel: DuckDB guesses then whether a piece of the file begins within quotes, and
    refuses sound files.
    """
    types = ", ".join(f"c{i}: 'VARCHAR'" for i in range(len(header.names)))
    names = raw_file.table.column_names
    texts = [
        f"{'cast(null as varchar)' if index is None else f'c{index}'} as {sql_name(name)}"
        for name, index in zip(names, columns[: len(names)], strict=True)
    ]
    told = told_names(raw_file.table, header.names)
    places = zip(told, columns[len(names) :], strict=True)
    added = meta_columns(raw_file, {name: f"c{index}" for name, index in places})
    select = ", ".join([*texts, *added])
    rows: int = one_value(
        connection,
        f"""
        copy (
            select {select}
            from read_csv(
                {sql_path(source)}, columns = {{{types}}}, auto_detect = false, header = true,
                delim = {sql_text(header.delimiter)}, quote = '"', escape = '"', strict_mode = true,
                parallel = false, compression = 'none', hive_partitioning = false
            )
        ) to {sql_text(target)} (format parquet, compression zstd)
        """,
    )
    return rows


def meta_columns(raw_file: RawFile, told: Mapping[str, str]) -> list[str]:
    """The select list of what landing adds to the rows of a file; `told` as in `told_columns`."""
    load_date = f"date '{raw_file.load_date}'" if raw_file.load_date else "cast(null as date)"
    return [
        f"{sql_text(raw_file.file)} as _file",
        "row_number() over () as _row",
        f"{load_date} as _load_date",
        *told_columns(raw_file.instance, told),
    ]
