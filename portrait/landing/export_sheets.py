"""Reads the first table of each sheet of an Excel file, as texts.

Excel keeps 15 digits of a number, a day as a number, and 0.3 as 0.29999999999999998. So a day is
written in ISO 8601, a decimal with the digits that Excel shows, and a whole number with its digits
as long as Excel has them all; a longer one is written as `1.93067985817064E+15`, which the import
takes for what it is: shortened by a spreadsheet.
"""

import csv
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from portrait.errors import PortraitError
from portrait.sql import sql_name, sql_path, sql_text

SHEET_ENDINGS = (".xlsx", ".xlsm")
# All cells of a file are held in memory, at about four times this size.
LARGEST_SHEETS_BYTES = 1_000_000_000
# Of an Excel file; of any other one a row could have any number.
LAST_ROW = 1_048_576
LEAST_FILLED = 2
EXACT_DIGITS = 15
_ZEROS = re.compile("0{2,}")
# What openpyxl raises of a file that is none, or is damaged somewhere within.
_FAULTS = (
    InvalidFileException, zipfile.BadZipFile, zlib.error, OSError, EOFError, KeyError, ValueError,
    TypeError, AttributeError, IndexError, SyntaxError, NotImplementedError, RuntimeError,
    OverflowError,
)  # fmt: skip


@dataclass
class Sheets:
    """The tables of a spreadsheet, as Parquet files with what they are called, and remarks."""

    files: list[tuple[Path, str]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass
class _Table:
    """The first table of a sheet, its header among its rows, and what of the sheet is not in it."""

    sheet: str
    first_row: int = 0
    rows: list[list[str]] = field(default_factory=list)
    above: int = 0
    below: int = 0
    errors: int = 0
    formulas: list[tuple[int, int]] = field(default_factory=list)

    def text(self, row: int, column: int) -> str:
        """What stands in a cell, by its place in the sheet; empty outside of the table."""
        place = row - self.first_row
        if not 0 <= place < len(self.rows) or column >= len(self.rows[place]):
            return ""
        return self.rows[place][column]


def read_sheets(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, target: Path
) -> Sheets:
    """Write the first table of each sheet as a Parquet file of texts into the folder `target`.

    Raises:
        PortraitError: the file is damaged, protected, too large, or a formula in it has no value.
    """
    try:
        _require_sound(path, name)
        tables = _tables(path, name)
    except _FAULTS as error:
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise PortraitError(
            f"{name}: this spreadsheet could not be read ({reason}). If it has a password, save it "
            "without one."
        ) from error
    found = Sheets()
    whole = [table for table in tables if table.rows]
    for number, table in enumerate(whole):
        label = name if len(whole) == 1 else f"{name}/{table.sheet}"
        file = target / f"{number}.parquet"
        unnamed = _write(connection, table, file)
        found.files.append((file, label))
        for count, words in (
            (table.above, "{} above the header"),
            (table.below, "{} below an empty row"),
        ):
            if count:
                rows = f"{count:,} row{'' if count == 1 else 's'}"
                found.remarks.append(f"{label}: {words.format(rows)}")
        for count, words in (
            (unnamed, "{} in columns without a name"),
            (table.errors, "{} with an error of the spreadsheet, such as #N/A"),
        ):
            if count:
                cells = f"{count:,} cell{'' if count == 1 else 's'}"
                found.remarks.append(f"{label}: {words.format(cells)}")
    found.remarks += [
        f"{name}: no table in the sheet {table.sheet}" for table in tables if not table.rows
    ]
    return found


def _require_sound(path: Path, name: str) -> None:
    with zipfile.ZipFile(path) as opened:
        size = sum(info.file_size for info in opened.infolist())
    if size > LARGEST_SHEETS_BYTES:
        raise PortraitError(
            f"{name}: unpacked, this spreadsheet would have {size / 1e9:,.1f} GB, and "
            f"{LARGEST_SHEETS_BYTES / 1e9:,.1f} GB are read at most. Save it as CSV."
        )


def _tables(path: Path, name: str) -> list[_Table]:
    """The first table of each sheet. The values of formulas are read in a second pass, if any."""
    tables = _read(path, name, with_values=False)
    if not any(table.formulas for table in tables):
        return tables
    calculated = _read(path, name, with_values=True)
    for before, after in zip(tables, calculated, strict=True):
        for row, column in before.formulas:
            if not after.text(row, column):
                raise PortraitError(
                    f"{name}: row {row:,} of the sheet {after.sheet} has a formula without a value."
                    " Open the file in a spreadsheet program, and save it again."
                )
    return calculated


def _read(path: Path, name: str, *, with_values: bool) -> list[_Table]:
    # The name of a file within an archive may be any; openpyxl looks at that of a path.
    with path.open("rb") as file, warnings.catch_warnings():
        # Of styles and extensions, which are not read.
        warnings.simplefilter("ignore")
        book = load_workbook(file, read_only=True, keep_links=False, data_only=with_values)
        return [_first_table(sheet, name) for sheet in book.worksheets]


def _first_table(sheet: Any, name: str) -> _Table:
    """From the first row in which several cells are filled to the first in which none is."""
    # What a sheet says of its own size is wrong in the files of some programs.
    sheet.reset_dimensions()
    table = _Table(sheet.title)
    is_over = False
    for number, row in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise PortraitError(f"{name}: the sheet {sheet.title} has more rows than Excel allows.")
        texts = [_text(cell, table, number, place) for place, cell in enumerate(row)]
        filled = sum(map(bool, texts))
        if is_over:
            table.below += filled > 0
        elif table.rows:
            is_over = not filled
            if filled:
                table.rows.append(texts)
        elif filled >= LEAST_FILLED:
            table.first_row = number
            table.rows.append(texts)
        else:
            table.above += filled
    return table


def _text(cell: Any, table: _Table, row: int, column: int) -> str:
    """A cell as a text."""
    value = cell.value
    match value:
        case None:
            return ""
        case _ if cell.data_type == "f":
            table.formulas.append((row, column))
            return "="
        case _ if cell.data_type == "e":
            table.errors += 1
            return ""
        case bool():
            return str(value).upper()
        case int() | float():
            return _number(value, cell.number_format)
        case datetime() if value.time() == time() and "h" not in cell.number_format.lower():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "milliseconds" if value.microsecond else "seconds")
        case date() | time():
            return value.isoformat()
    return str(value).strip()


def _number(value: float, number_format: str) -> str:
    if abs(value) >= 10**EXACT_DIGITS:
        return f"{Decimal(value):.{EXACT_DIGITS - 1}E}"
    if value == int(value):
        # A format of zeros alone shows the zeros before a number: a postcode, the number of a shop.
        width = len(number_format) if _ZEROS.fullmatch(number_format) else 0
        return str(int(value)).zfill(width)
    return f"{Decimal(f'{value:.{EXACT_DIGITS}g}'):f}"


def _write(connection: duckdb.DuckDBPyConnection, table: _Table, target: Path) -> int:
    """Write a table as a Parquet file; count the filled cells in columns without a name."""
    header, *rows = table.rows
    names = {place: name for place, name in enumerate(_different(header)) if name}
    unnamed = sum(
        bool(text) for row in rows for place, text in enumerate(row) if place not in names
    )
    copy = target.with_suffix(".csv")
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for row in rows:
            writer.writerow([row[place] if place < len(row) else "" for place in names])
    columns = ", ".join(f"{sql_text(f'c{place}')}: 'VARCHAR'" for place in names)
    selected = ", ".join(f"c{place} as {sql_name(name)}" for place, name in names.items())
    connection.execute(
        f"copy (select {selected} from read_csv({sql_path(copy)}, columns = {{{columns}}}, "
        "auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', "
        f"parallel = false, max_line_size = 100000000)) to {sql_text(target)} (format parquet)"
    )
    copy.unlink()
    return unnamed


def _different(header: list[str]) -> Iterator[str]:
    """The names of the columns; one that stands twice has a number."""
    seen: dict[str, int] = {}
    for name in header:
        count = seen[name.lower()] = seen.get(name.lower(), 0) + 1
        yield f"{name} ({count})" if name and count > 1 else name
