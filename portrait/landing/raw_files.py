"""Finds the raw files of the contract's tables in the raw folder."""

import difflib
import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath

from portrait.contract import Table
from portrait.errors import PortraitError
from portrait.settings import parse_date

FORMATS = ("csv", "csv.gz", "parquet")


@dataclass(frozen=True)
class RawFile:
    """A file of a contract table: `file` is relative to the raw folder, `format` one of FORMATS."""

    table: Table
    path: Path
    file: str
    format: str
    load_date: date | None = None
    instance: str | None = None


@dataclass(frozen=True)
class UnknownFile:
    """A file that belongs to no contract table, and what may have been meant ('' if no idea)."""

    file: str
    hint: str


def find_raw_files(
    raw: Path, tables: Sequence[Table], leave_out: Sequence[Path] = ()
) -> tuple[list[RawFile], list[UnknownFile]]:
    """Find the files of the tables below `raw`, sorted by path, and the files that belong to none.

    A table's files are `<system>/<table>.csv`, `.csv.gz` or `.parquet` and all such files at any
    depth below `<system>/<table>/` (or a folder named `<table>.parquet`, as Spark writes). Passed
    over are hidden files, the folders `leave_out`, and files of other formats that cannot have been
    meant as data: notes (.md), `_SUCCESS`, and what lies outside the systems' folders.

    Raises:
        PortraitError: the folder is missing, holds no file of any table, or a load date is no date.
    """
    labels = ", ".join(table.label for table in tables)
    wanted = f"looked for {labels}, each as .csv, .csv.gz, .parquet or a folder"
    if not raw.is_dir():
        raise PortraitError(f"The raw folder {raw} does not exist: {wanted} in it.")
    by_label = {table.label: table for table in tables}
    found: list[RawFile] = []
    unknown: list[UnknownFile] = []
    for path in _walk(raw, leave_out):
        file = path.relative_to(raw).as_posix()
        table = by_label.get(_label(file))
        name, form = _split_format(path.name)
        if table and form:
            _require_utf8(path)
            _require_file(path, file)
            found.append(RawFile(table, path, file, form, _load_date(file), _instance(file)))
        elif form or _is_meant(name, file, tables):
            unknown.append(UnknownFile(_printable(file), _hint(file, by_label)))
    if not found:
        instead = [f"{u.file} ({u.hint})" if u.hint else u.file for u in unknown[:3]]
        tail = f"; found only {', '.join(instead)}" if instead else ""
        raise PortraitError(f"No file of a known table is in {raw}: {wanted}{tail}.")
    return found, unknown


def _walk(raw: Path, leave_out: Sequence[Path]) -> Iterator[Path]:
    """Files below a folder, sorted; links are followed, but never back into a folder above."""
    left_out = {os.path.realpath(folder) for folder in leave_out}

    def below(folder: Path, above: frozenset[str]) -> Iterator[Path]:
        real = os.path.realpath(folder)
        if real in above or real in left_out:
            return
        try:
            entries = sorted(folder.iterdir())
        except OSError as error:
            raise PortraitError(f"{folder}: could not be read ({error.strerror}).") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                yield from below(entry, above | {real})
            else:
                yield entry

    yield from below(raw, frozenset())


def _split_format(name: str) -> tuple[str, str | None]:
    """Split a file or folder name into its stem and its format (None if it is not a known one)."""
    for form in FORMATS:
        if name.lower().endswith(f".{form}"):
            return name[: -len(form) - 1], form
    return name, None


def _label(file: str) -> str:
    """The `<system>/<table>` of a relative path: its first two parts, without format, instance."""
    parts = PurePosixPath(file).parts[:2]
    return "/".join((*(_system(part) for part in parts[:-1]), _split_format(parts[-1])[0]))


def _system(folder: str) -> str:
    """The system of a first folder: `shop` of `shop@berlin`."""
    return folder.partition("@")[0]


def _instance(file: str) -> str | None:
    """The instance of the system that a path names, as `shop@berlin/` or `instance=berlin/`."""
    folders = PurePosixPath(file).parts[:-1]
    values = [folders[0].partition("@")[2]] if folders and "@" in folders[0] else []
    values += [part.removeprefix("instance=") for part in folders if part.startswith("instance=")]
    if not values:
        return None
    if len(set(values)) > 1 or not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", values[0]):
        raise PortraitError(
            f"{_printable(file)}: the path gives the instance {' and '.join(values) or 'no name'}, "
            "expected one name of small letters, digits, _ and -."
        )
    return values[0]


def _load_date(file: str) -> date | None:
    """The date of the `load_date=` part of a path, None without one."""
    values = set()
    for part in PurePosixPath(file).parts:
        if part.startswith("load_date="):
            values.add(_split_format(part)[0].removeprefix("load_date="))
    if not values:
        return None
    dates = {parse_date(value) for value in values}
    if None in dates or len(dates) > 1:
        raise PortraitError(
            f"{file}: the path gives the load date {' and '.join(sorted(values))}, "
            "expected one date as load_date=YYYY-MM-DD."
        )
    return dates.pop()


def _is_meant(name: str, file: str, tables: Sequence[Table]) -> bool:
    """Whether a file of another format looks like data: no note, and in the folder of a system."""
    if name.startswith("_") or name.lower().endswith(".md"):
        return False
    stem = PurePosixPath(file).stem.lower()
    names = {table.name for table in tables}
    return _system(file.split("/")[0]) in {table.system for table in tables} or stem in names


def _hint(file: str, by_label: dict[str, Table]) -> str:
    """What the user may have meant with a file that belongs to no table."""
    label = _label(file)
    if label in by_label or re.sub(r"\.[^./]*$", "", label) in by_label:
        return "only .csv, .csv.gz and .parquet files are read"
    form = _split_format(PurePosixPath(file).name)[1] or FORMATS[0]
    system, _, stem = label.lower().rpartition("/")
    names = {table.name for table in by_label.values()}
    close = difflib.get_close_matches(stem, names, n=1)
    tables = [table for table in by_label.values() if table.name in close]
    if not tables:
        return ""
    nearest = max(
        tables, key=lambda table: difflib.SequenceMatcher(None, system, table.system).ratio()
    )
    return f"did you mean {nearest.label}.{form}?"


def _require_utf8(path: Path) -> None:
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise PortraitError(
            f"{_printable(str(path))}: the name of this file is not UTF-8, expected one that is."
        ) from error


def _require_file(path: Path, file: str) -> None:
    """Opening a pipe would wait for a writer, and a device may have no end."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise PortraitError(f"{file}: could not be read ({error.strerror}).") from error
    if not stat.S_ISREG(mode):
        kinds = ((stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
        kind = next((name for test, name in kinds if test(mode)), "a device")
        raise PortraitError(f"{file}: this is {kind}, expected a file.")


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()
