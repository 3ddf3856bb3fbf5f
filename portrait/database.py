"""Connections to DuckDB within the limits of a run: of memory, and where to spill."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.sql import one_row, sql_text

# What DuckDB says where memory, or the folder that it spills to, is full.
FULL = ("Out of Memory Error", "failed to offload data block", "No space left on device")
# Two databases are open while a build is checked: of the tests, and of the expectations.
TESTS_SHARE, EXPECTATIONS_SHARE = 0.75, 0.25
_KIB = {"bytes": 2**-10, "KiB": 1, "MiB": 2**10, "GiB": 2**20, "TiB": 2**30}


@dataclass(frozen=True)
class Limits:
    """Memory as DuckDB writes it, empty for its own default; the folder for what does not fit."""

    memory: str
    spill: Path


_in_force: list[Limits] = []


def limit_databases(settings: Settings) -> None:
    """Let all connections of this process keep to the limits of a run."""
    _in_force[:] = [Limits(settings.memory_limit, settings.spill)]


def limits() -> Limits:
    """The limits in force; those of the environment where none were set."""
    if not _in_force:
        limit_databases(Settings.from_environment())
    return _in_force[0]


def connect(
    file: Path | str = ":memory:",
    *,
    read_only: bool = False,
    share: float = 1.0,
    config: dict[str, Any] | None = None,
) -> duckdb.DuckDBPyConnection:
    """Connect to a file, or to a database in memory, within the limits of the run.

    Args:
        file: of the database.
        read_only: whether nothing may be written.
        share: of the memory, where another database is open at the same time.
        config: further settings of DuckDB.
    """
    connection = duckdb.connect(str(file), read_only=read_only, config=config or {})
    (spill,) = one_row(connection, "select current_setting('temp_directory')")
    # Two connections to one file share a database, which may be spilling already.
    if spill != str(limits().spill):
        connection.execute(f"set temp_directory = {sql_text(limits().spill)}")
    if limits().memory or share < 1:
        limit = int(_memory(limits().memory) * share)
        connection.execute(f"set memory_limit = '{limit}KiB'")
    return connection


@cache
def _memory(limit: str) -> float:
    """A limit in KiB; the database's own where it is empty."""
    with duckdb.connect() as connection:
        if limit:
            connection.execute(f"set memory_limit = {sql_text(limit)}")
        (text,) = one_row(connection, "select current_setting('memory_limit')")
    number, unit = str(text).split()
    return float(number) * _KIB[unit]


@contextmanager
def cleared_spill(settings: Settings) -> Iterator[None]:
    """Leave nothing of the rows that did not fit into memory, nor what a killed build left."""
    # In a folder that others may write into, somebody's link would lead the rows elsewhere.
    if settings.spill.is_symlink():
        raise PortraitError(
            f"{settings.spill} is a link: remove it, or choose another folder in PORTRAIT_TEMP."
        )
    shutil.rmtree(settings.spill, ignore_errors=True)
    if settings.temp:
        settings.spill.mkdir(mode=0o700)
    try:
        yield
    finally:
        shutil.rmtree(settings.spill, ignore_errors=True)


def how_to_fit(message: str) -> str:
    """What to do about an error of DuckDB, as a sentence, where a run did not fit; else empty."""
    if not any(words in message for words in FULL):
        return ""
    own = limits().memory
    memory = f"{own} of memory" if own else "four fifths of the machine's memory"
    return (
        f"It did not fit into {memory} and the free space of {limits().spill.parent}: "
        "raise PORTRAIT_MEMORY_LIMIT, or name a folder with more room in PORTRAIT_TEMP."
    )
