"""Landing: reads each new raw file once into Parquet, and says in a manifest what was landed.

The result, below `<warehouse>/landing/`, always equals a landing from nothing; only the work is
saved. It changes as a whole: new files are prepared aside, and nothing of the earlier landing is
touched before all of them are sound.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import duckdb

from portrait.contract import Table, load_contract
from portrait.database import connect
from portrait.errors import PortraitError
from portrait.landing.audience_files import prepare_audiences, swap_audiences
from portrait.landing.audience_rules import read_audiences
from portrait.landing.config_files import prepare_configuration, swap_configuration
from portrait.landing.configuration import Configuration, read_configuration
from portrait.landing.csv_files import Landed, land_csv
from portrait.landing.deliveries import read_deliveries, refuse_shrunk_snapshots
from portrait.landing.manifest import (
    BROKEN_LINES,
    MANIFEST,
    BrokenRow,
    ManifestRow,
    read_broken,
    read_manifest,
    write_rows,
)
from portrait.landing.parquet_files import land_parquet
from portrait.landing.raw_files import RawFile, UnknownFile, find_raw_files
from portrait.landing.tag_rules import require_readable_tags
from portrait.settings import Settings
from portrait.sql import sql_name, sql_text

EMPTY = "_empty.parquet"
_INCOMING = ".incoming-"


@dataclass(frozen=True)
class LandingResult:
    """What a landing did: files by their path in the raw folder, tables as `shop/orders`."""

    files: list[ManifestRow]
    landed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unknown: list[UnknownFile] = field(default_factory=list)
    extra_columns: dict[str, list[str]] = field(default_factory=dict)
    absent_columns: dict[str, list[str]] = field(default_factory=dict)
    absent_tables: list[str] = field(default_factory=list)
    tables_without_amounts: dict[str, list[str]] = field(default_factory=dict)
    configuration: Configuration = field(default_factory=Configuration)

    @property
    def landed_rows(self) -> int:
        """Rows of all files, those landed earlier included."""
        return sum(row.landed_rows for row in self.files)

    @property
    def broken_lines(self) -> int:
        """Broken lines of all files, those landed earlier included."""
        return sum(row.broken_rows for row in self.files)


@dataclass(frozen=True)
class _Entry:
    """A file of the new landing: its manifest row, broken lines and, if new, Parquet file."""

    row: ManifestRow
    broken: Sequence[BrokenRow]
    prepared: Path | None = None
    is_unchanged: bool = False


def land(settings: Settings, report: Callable[[str], None] = lambda line: None) -> LandingResult:
    """Make `<warehouse>/landing/` equal to the raw folder; `report` gets a line per table read.

    Call it under the warehouse's lock, which lets one command at a time write.

    Raises:
        PortraitError: nothing to land, a file that cannot be landed, or a fault of the company's
        configuration; the earlier landing then stays as it was.
    """
    tables = load_contract(settings.project)
    configuration = read_configuration(settings.project, settings.config_folder)
    require_readable_tags(settings.project, configuration)
    audiences = read_audiences(settings.project, configuration)
    raw_files, unknown = find_raw_files(
        settings.raw, tables, leave_out=(settings.warehouse, settings.config_folder)
    )
    deliveries = read_deliveries(settings.config_folder, tables)
    folder = settings.warehouse / "landing"
    with _incoming(folder) as incoming, _connected(incoming) as connection:
        earlier = {row.file: row for row in read_manifest(connection, folder)}
        earlier_broken = read_broken(connection, folder)
        entries = []
        for _, files in groupby(raw_files, key=lambda raw_file: raw_file.table.label):
            of_table = [
                _land_file(
                    connection,
                    raw_file,
                    folder,
                    incoming,
                    earlier.get(raw_file.file),
                    earlier_broken.get(raw_file.file, []),
                )
                for raw_file in files
            ]
            if new := [entry.row for entry in of_table if not entry.is_unchanged]:
                report(_sentence(new))
            entries += of_table
        kinds = {label: delivery.kind for label, delivery in deliveries.items()}
        entries = [_declared(entry, kinds) for entry in entries]
        for sentence in refuse_shrunk_snapshots(deliveries, [entry.row for entry in entries]):
            report(sentence)
        entries.sort(key=lambda e: (e.row.schema_name, e.row.table_name, e.row.file))
        _write_tables(connection, incoming, tables, entries)
        prepare_configuration(connection, configuration, incoming)
        prepare_audiences(connection, audiences, incoming)
        _swap(folder, incoming, tables, entries)
    removed = sorted(earlier.keys() - _files(entries))
    return _result(tables, entries, unknown, removed, configuration)


def changed_files(folder: Path) -> list[str]:
    """The files used in place that are no longer what was landed, by their path in the raw folder.

    Another time alone is no change: then the content decides.
    """
    with connect() as connection:
        rows = [row for row in read_manifest(connection, folder) if row.is_in_place]
    return [row.file for row in rows if not _is_as_landed(row)]


def _is_as_landed(row: ManifestRow) -> bool:
    path = Path(row.landed_path)
    try:
        if _stamp(path) == (row.size_bytes, row.modified_at):
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == row.sha256
    except OSError:
        return False


def landed_raw_folder(folder: Path) -> Path | None:
    """The raw folder that a landing was made from; None where it holds no file."""
    with connect() as connection:
        rows = read_manifest(connection, folder)
    return Path(rows[0].path.removesuffix(rows[0].file)) if rows else None


def landed_last(folder: Path) -> datetime | None:
    """When the newest file of a landing was read, in UTC."""
    with connect() as connection:
        moments = [row.landed_at for row in read_manifest(connection, folder)]
    return max(moments).replace(tzinfo=UTC) if moments else None


def _declared(entry: _Entry, kinds: dict[str, str]) -> _Entry:
    """The entry with how its table is delivered, which may change while the file stays."""
    label = f"{entry.row.system}/{entry.row.table_name}"
    return replace(entry, row=replace(entry.row, delivery=kinds.get(label)))


def _files(entries: Sequence[_Entry]) -> set[str]:
    return {entry.row.file for entry in entries}


def _result(
    tables: Sequence[Table],
    entries: Sequence[_Entry],
    unknown: list[UnknownFile],
    removed: list[str],
    configuration: Configuration,
) -> LandingResult:
    rows = [entry.row for entry in entries]
    present = {(row.system, row.table_name) for row in rows}
    return LandingResult(
        files=rows,
        landed=[entry.row.file for entry in entries if not entry.is_unchanged],
        unchanged=[entry.row.file for entry in entries if entry.is_unchanged],
        removed=removed,
        unknown=unknown,
        extra_columns={r.file: r.extra_columns.split(", ") for r in rows if r.extra_columns},
        absent_columns={r.file: r.absent_columns.split(", ") for r in rows if r.absent_columns},
        absent_tables=[t.label for t in tables if (t.system, t.name) not in present],
        tables_without_amounts=_tables_without_amounts(tables, rows),
        configuration=configuration,
    )


def _tables_without_amounts(
    tables: Sequence[Table], rows: Sequence[ManifestRow]
) -> dict[str, list[str]]:
    """The tables of orders of which no file has any column of amounts, with these columns."""
    found = {}
    for table in tables:
        amounts = [c.name for c in table.columns if c.name in ("gross_amount", "net_amount")]
        files = [row for row in rows if (row.system, row.table_name) == (table.system, table.name)]
        absent = [set((row.absent_columns or "").split(", ")) for row in files]
        if amounts and files and all(names.issuperset(amounts) for names in absent):
            found[table.label] = amounts
    return found


def _sentence(rows: Sequence[ManifestRow]) -> str:
    """Say what was read of a table: of its one file, or of all that are new together."""
    landed, broken = sum(row.landed_rows for row in rows), sum(row.broken_rows for row in rows)
    parts = [f"{landed:,} row{'' if landed == 1 else 's'}"]
    if len(rows) > 1:
        parts[0] += f" of {len(rows)} files"
    if all(row.is_in_place for row in rows):
        parts.append("used in place")
    if broken:
        parts.append(f"{broken:,} broken line{'' if broken == 1 else 's'}")
    if extra := ", ".join(dict.fromkeys(row.extra_columns for row in rows if row.extra_columns)):
        parts.append(f"left out: {extra}")
    name = rows[0].file if len(rows) == 1 else f"{rows[0].system}/{rows[0].table_name}"
    return f"{name}: {'; '.join(parts)}"


@contextlib.contextmanager
def _incoming(folder: Path) -> Iterator[Path]:
    """A folder for what is being prepared; what a killed landing left is removed."""
    for leftover in folder.glob(f"{_INCOMING}*"):
        shutil.rmtree(leftover, ignore_errors=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        incoming = tempfile.TemporaryDirectory(prefix=_INCOMING, dir=folder)
    except OSError as error:
        raise PortraitError(f"{folder}: could not be written ({error.strerror}).") from error
    with incoming as name:
        yield Path(name)


@contextlib.contextmanager
def _connected(incoming: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set temp_directory = {sql_text(incoming / 'spill')}")
        yield connection


def _land_file(
    connection: duckdb.DuckDBPyConnection,
    raw_file: RawFile,
    folder: Path,
    incoming: Path,
    earlier: ManifestRow | None,
    earlier_broken: list[BrokenRow],
) -> _Entry:
    """Take over what an earlier landing made of the file, or land it."""
    table = raw_file.table
    try:
        size, modified_at = _stamp(raw_file.path)
        kept = earlier if earlier and _is_usable(earlier, raw_file, earlier_broken) else None
        if kept and (kept.path, kept.size_bytes, kept.modified_at) == (
            str(raw_file.path),
            size,
            modified_at,
        ):
            return _Entry(kept, earlier_broken, is_unchanged=True)
        with raw_file.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        name = _file_name(raw_file, sha256)
        row = ManifestRow(
            system=table.system,
            schema_name=table.schema,
            table_name=table.name,
            file=raw_file.file,
            path=str(raw_file.path),
            size_bytes=size,
            modified_at=modified_at,
            sha256=sha256,
            load_date=raw_file.load_date,
            landed_rows=0,
            broken_rows=0,
            is_in_place=False,
            landed_path=str(folder / table.schema / table.name / name),
            extra_columns=None,
            absent_columns=None,
            landed_at=datetime.now(UTC).replace(tzinfo=None),
            contract_hash=table.contract_hash,
            instance=raw_file.instance,
        )
        if kept and kept.sha256 == sha256:
            return _Entry(_taken_over(row, kept), earlier_broken, is_unchanged=True)
        prepared = incoming / name
        if raw_file.format == "parquet":
            landed = land_parquet(connection, raw_file, prepared)
        else:
            landed = land_csv(connection, raw_file, prepared, incoming)
        if _stamp(raw_file.path) != (size, modified_at):
            raise PortraitError(f"{raw_file.file}: the file changed while it was read; land again.")
    except OSError as error:
        raise PortraitError(f"{raw_file.file}: could not be read ({error.strerror}).") from error
    return _entry(row, landed, prepared)


def _stamp(path: Path) -> tuple[int, datetime]:
    """Size in bytes and time of the last change, to the microsecond (UTC)."""
    stat = path.stat()
    seconds, nanoseconds = divmod(stat.st_mtime_ns, 1_000_000_000)
    modified_at = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return stat.st_size, modified_at.replace(microsecond=nanoseconds // 1000)


def _is_usable(earlier: ManifestRow, raw_file: RawFile, broken: Sequence[BrokenRow]) -> bool:
    """Whether what an earlier landing made of a file is all there and made by the same contract."""
    is_same_file = not earlier.is_in_place or earlier.path == str(raw_file.path)
    return (
        is_same_file
        and earlier.contract_hash == raw_file.table.contract_hash
        and earlier.system == raw_file.table.system
        and earlier.broken_rows == len(broken)
        and Path(earlier.landed_path).is_file()
    )


def _taken_over(row: ManifestRow, earlier: ManifestRow) -> ManifestRow:
    """The earlier row of a file with the same content under a new path or time."""
    seen = {"path": row.path, "modified_at": row.modified_at, "size_bytes": row.size_bytes}
    return ManifestRow(**{**earlier.__dict__, **seen})


def _file_name(raw_file: RawFile, sha256: str) -> str:
    """The name of a landed file: always the same for the same file, content and contract."""
    parts = "\0".join((raw_file.file, sha256, raw_file.table.contract_hash))
    return f"{hashlib.sha256(parts.encode()).hexdigest()[:20]}.parquet"


def _entry(row: ManifestRow, landed: Landed, prepared: Path) -> _Entry:
    broken = [
        BrokenRow(
            schema_name=row.schema_name,
            table_name=row.table_name,
            file=row.file,
            line_number=line.line_number,
            load_date=row.load_date,
            error=line.error,
            raw_line=line.raw_line,
        )
        for line in landed.broken
    ]
    learned = {
        "landed_rows": landed.rows,
        "broken_rows": len(broken),
        "is_in_place": landed.is_in_place,
        "extra_columns": ", ".join(landed.extra_columns) or None,
        "absent_columns": ", ".join(landed.absent_columns) or None,
    }
    if landed.is_in_place:
        learned["landed_path"] = row.path
    return _Entry(
        row=ManifestRow(**{**row.__dict__, **learned}),
        broken=broken,
        prepared=None if landed.is_in_place else prepared,
    )


def _write_tables(
    connection: duckdb.DuckDBPyConnection,
    incoming: Path,
    tables: Sequence[Table],
    entries: Sequence[_Entry],
) -> None:
    """Prepare the manifest, the broken lines and the empty file of every table."""
    write_rows(connection, [e.row for e in entries], ManifestRow, incoming / MANIFEST)
    broken = [line for entry in entries for line in entry.broken]
    write_rows(connection, broken, BrokenRow, incoming / BROKEN_LINES)
    for table in tables:
        texts = [f"cast(null as varchar) as {sql_name(name)}" for name in table.column_names]
        added = [
            "cast(null as varchar) as _file",
            "cast(null as bigint) as _row",
            "cast(null as date) as _load_date",
            "cast(null as varchar) as _instance",
            "cast(null as varchar) as _is_deleted",
        ]
        target = _prepared_empty(incoming, table)
        connection.execute(
            f"copy (select {', '.join([*texts, *added])} where false) to {sql_text(target)} "
            "(format parquet, compression zstd)"
        )


def _prepared_empty(incoming: Path, table: Table) -> Path:
    return incoming / f"{table.schema}.{table.name}.{EMPTY}"


def _swap(folder: Path, incoming: Path, tables: Sequence[Table], entries: Sequence[_Entry]) -> None:
    """Put the prepared files in place, the manifest last, then remove what it no longer names."""
    moves = [
        (_prepared_empty(incoming, table), folder / table.schema / table.name / EMPTY)
        for table in tables
    ]
    moves += [(e.prepared, Path(e.row.landed_path)) for e in entries if e.prepared]
    swap_configuration(folder, incoming)
    swap_audiences(folder, incoming)
    moves += [(incoming / name, folder / name) for name in (BROKEN_LINES, MANIFEST)]
    for source, target in moves:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(source, target)  # noqa: PTH105
    kept = {target for _, target in moves} | {Path(entry.row.landed_path) for entry in entries}
    for path in folder.glob("*/*/*.parquet"):
        if path not in kept:
            path.unlink()
    for level in ("*/*", "*"):
        for path in folder.glob(level):
            if path.is_dir() and not path.name.startswith(".") and not any(path.iterdir()):
                path.rmdir()
