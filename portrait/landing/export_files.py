"""Reads the files that other systems export: any usual encoding, and what spreadsheets did to them.

A file becomes a table of texts with the columns that its adapter knows. What a cell holds is kept,
but for the marks that a spreadsheet writes around a text (`="00123"`, `'00123`) and the notation of
amounts, which becomes plain where it can be read in one way only.
"""

import gzip
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import duckdb

from portrait.contract import Column, Table
from portrait.errors import PortraitError
from portrait.landing.adapters import FROM, Export
from portrait.landing.csv_files import land_csv
from portrait.landing.csv_records import DELIMITERS, BrokenLine, read_header
from portrait.landing.raw_files import RawFile
from portrait.sql import one_row, one_value, sql_name, sql_path, sql_text

CSV_ENDINGS = (".csv", ".txt", ".tsv")
PARQUET_ENDINGS = (".parquet",)
JSON_ENDINGS = (".json", ".jsonl", ".ndjson")
ENDINGS = CSV_ENDINGS + PARQUET_ENDINGS + JSON_ENDINGS
_HEAD_BYTES = 200_000
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HIGH = re.compile(rb"[\x80-\xff]+")
# The two bytes of the six thousand characters that GB2312 has, and Chinese texts mostly use.
_COMMON_GB = re.compile(rb"(?:[\xa1-\xf7][\xa1-\xfe])+")

# Signs that stand for one currency alone.
SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "元": "CNY"}
_SIGN = r"(?:[A-Z]{3}|[$€£¥￥₹]|元)"
_SPACE = r"[\s\x{00a0}\x{202f}]*"
_AMOUNT = (
    rf"^[-+(]?{_SPACE}{_SIGN}?{_SPACE}[-+]?{_SPACE}[0-9](?:[0-9.,'\s\x{{00a0}}\x{{202f}}]*[0-9])?"
    rf"{_SPACE}{_SIGN}?{_SPACE}[-)]?$"
)
_COMMA_DECIMAL = r"^([0-9]{1,3}(\.[0-9]{3})+,[0-9]+|[0-9]+,([0-9]{1,2}|[0-9]{4,})|0,[0-9]+)$"
_POINT_DECIMAL = r"^([0-9]{1,3}(,[0-9]{3})+\.[0-9]+|[0-9]+\.([0-9]{1,2}|[0-9]{4,})|0\.[0-9]+)$"
_SHORTENED = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"
_MOMENT = r"^([0-9]{4}[-/.年]|[0-9]{8}|1[0-9]{9}|1[0-9]{12}|1[0-9]{15}|[A-Z][a-z]{2}, [0-9])"


@dataclass(frozen=True)
class ExportFile:
    """A file of an export, as its first bytes show it."""

    path: Path
    name: str
    header: tuple[str, ...]
    encoding: str = "utf-8"


@dataclass
class ReadFile:
    """What became of a file: its rows, what was left out of it, and what is odd in it."""

    file: ExportFile
    export: Export
    rows: int = 0
    broken: Sequence[BrokenLine] = ()
    unknown: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def ending(name: str) -> str:
    """The ending of the name of a file, in lower case, without that of gzip."""
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix


def _content(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.name.lower().endswith(".gz") else data
    except (OSError, EOFError) as error:
        raise PortraitError(f"{path.name}: could not be read ({error}).") from error


def open_export(
    connection: duckdb.DuckDBPyConnection, path: Path, name: str, encoding: str | None = None
) -> ExportFile:
    """Look at a file: its header, and its encoding where `encoding` does not name it.

    Raises:
        PortraitError: the file is empty or damaged, or its encoding is not known.
    """
    if ending(path.name) not in CSV_ENDINGS:
        return ExportFile(path, name, tuple(_fields(connection, path, name)))
    data = _content(path)
    if not data.strip():
        raise PortraitError(f"{name}: the file is empty, expected a header and rows.")
    found = encoding or guess_encoding(data, name)
    text = _as_utf8(data[:_HEAD_BYTES] if len(data) > _HEAD_BYTES else data, found, name)
    try:
        headers = [header for mark in DELIMITERS if (header := read_header(text, mark))]
    except UnicodeDecodeError as error:
        raise PortraitError(f"{name}: the header is not {found}; name its --encoding.") from error
    if not headers:
        raise PortraitError(f"{name}: the first line is no header of columns.")
    widest = max(headers, key=lambda header: len(header.names))
    return ExportFile(path, name, widest.names, found)


def guess_encoding(data: bytes, name: str) -> str:
    """The encoding of a file: by its mark, else UTF-8, GB18030 or Windows-1252.

    GB18030 needs that nine tenths of its bytes beyond ASCII come in pairs of common characters:
    letters with accents in Windows-1252 stand alone between others.

    Raises:
        PortraitError: it is none of these.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    head = data[:_HEAD_BYTES]
    if head.count(0) > len(head) // 5:
        return "utf-16-le" if head[1::2].count(0) >= head[::2].count(0) else "utf-16-be"
    try:
        data.decode("utf-8")
        return "utf-8"
    except UnicodeDecodeError:
        pass
    lines = [line for line in data.splitlines() if not line.isascii()]
    if 2 * sum(_decodes(line, "utf-8") for line in lines) > len(lines):
        return "utf-8"  # a few lines are broken, and are left out as such
    runs = _HIGH.findall(data)
    common = sum(len(run) for run in runs if _COMMON_GB.fullmatch(run))
    if 10 * common >= 9 * sum(len(run) for run in runs) and _decodes(data, "gb18030"):
        return "gb18030"
    if _decodes(data, "windows-1252"):
        return "windows-1252"
    raise PortraitError(
        f"{name}: this is neither UTF-8, UTF-16, GB18030 nor Windows-1252; name its --encoding."
    )


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(data: bytes, encoding: str, name: str) -> bytes:
    """The content as UTF-8; bytes that are not UTF-8 in a file that else is are kept as they are.

    Raises:
        PortraitError: the encoding that was named is unknown, or not that of the file.
    """
    for mark, _ in _MARKS:
        data = data.removeprefix(mark)
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "utf-8-sig"):
        return data
    if encoding.startswith("utf-16"):
        data = data[: len(data) // 2 * 2]
    try:
        # The head of a file may end within a character.
        errors = "ignore" if len(data) == _HEAD_BYTES else "strict"
        return data.decode(encoding, errors).encode()
    except (LookupError, UnicodeDecodeError) as error:
        raise PortraitError(f"{name}: could not be read as {encoding} ({error}).") from error


def _scan(path: Path) -> str:
    if ending(path.name) in PARQUET_ENDINGS:
        return f"read_parquet({sql_path(path)}, hive_partitioning = false)"
    # All values stay JSON: read as a time, one would lose its zone.
    return f"read_json({sql_path(path)}, maximum_depth = 1, sample_size = -1)"


def _fields(connection: duckdb.DuckDBPyConnection, path: Path, name: str) -> dict[str, str]:
    """Names and types of the columns of a Parquet or JSON file."""
    try:
        rows = connection.execute(f"describe select * from {_scan(path)}").fetchall()
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"{name}: could not be read ({reason}).") from error
    return {row[0]: row[1] for row in rows}


def read_export(
    connection: duckdb.DuckDBPyConnection, file: ExportFile, export: Export, scratch: Path
) -> ReadFile:
    """Add the rows of a file to the table `delivered.<export>`, which must be there.

    Raises:
        PortraitError: the file cannot be read as this export.
    """
    read = ReadFile(file, export)
    read.unknown = [name for name in file.header if name and export.column_of(name) is None]
    headers = {
        name.lower(): column
        for name in file.header
        if (column := export.column_of(name)) is not None and column not in export.unused
    }
    found = set(headers.values())
    read.absent = [column for column in export.read if column not in found]
    landed = scratch / "landed.parquet"
    if ending(file.path.name) in CSV_ENDINGS:
        _land_text(connection, read, headers, scratch, landed)
    else:
        _land_typed(connection, read, headers, landed)
    texts = _columns(export, headers)
    _clean(connection, export, texts, landed)
    read.remarks = _remarks(connection, export)
    _append(connection, export, file)
    return read


def _land_text(
    connection: duckdb.DuckDBPyConnection,
    read: ReadFile,
    headers: Mapping[str, str],
    scratch: Path,
    target: Path,
) -> None:
    export, file = read.export, read.file
    copy = scratch / "export.csv"
    copy.write_bytes(_as_utf8(_content(file.path), file.encoding, file.name))
    columns = tuple(
        Column(name, _type_of(export, column), required=column in export.keys)
        for name, column in headers.items()
    )
    table = Table("export", "exported", export.name, (), None, columns)
    landed = land_csv(connection, RawFile(table, copy, file.name, "csv"), target, scratch)
    read.rows, read.broken = landed.rows + len(landed.broken), landed.broken


def _type_of(export: Export, column: str) -> str:
    if column in export.amounts:
        return "decimal"
    return "timestamp" if column in export.moments else "text"


def _land_typed(
    connection: duckdb.DuckDBPyConnection, read: ReadFile, headers: Mapping[str, str], target: Path
) -> None:
    """Write a Parquet or JSON file as texts; what is nested becomes JSON."""
    fields = {
        name.lower(): (name, kind)
        for name, kind in _fields(connection, read.file.path, read.file.name).items()
    }
    texts = []
    for header in headers:
        name, kind = fields[header]
        value = sql_name(name)
        if kind == "JSON":
            value = f"json_extract_string({value}, '$')"
        elif kind.endswith("]") or kind.startswith(("STRUCT", "MAP")):
            value = f"to_json({value})"
        texts.append(f"cast({value} as varchar) as {sql_name(header)}")
    try:
        connection.execute(
            f"copy (select {', '.join(texts)}, row_number() over () as _row "
            f"from {_scan(read.file.path)}) to {sql_text(target)} (format parquet)"
        )
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        raise PortraitError(f"{read.file.name}: could not be read ({reason}).") from error
    read.rows = one_value(connection, f"select count(*) from read_parquet({sql_text(target)})")


def _columns(export: Export, headers: Mapping[str, str]) -> dict[str, str]:
    """For each column of an export the SQL of its text: that of the names which a file has."""
    texts = {}
    for column in export.read:
        values = [
            f"nullif(trim({sql_name(h)}), '')" for h, name in headers.items() if name == column
        ]
        listed = ", ".join(values) or "cast(null as varchar)"
        is_list = column.endswith("*")
        texts[column] = (
            f"nullif(concat_ws(chr(10), {listed}), '')" if is_list else f"coalesce({listed}, null)"
        )
    return texts


def _clean(
    connection: duckdb.DuckDBPyConnection, export: Export, texts: dict[str, str], landed: Path
) -> None:
    """Make the table `cleaned`: without a spreadsheet's marks, amounts in plain notation."""
    written = ", ".join(f"{text} as {sql_name(name)}" for name, text in texts.items())
    connection.execute(
        f"create or replace temp table written as select {written}, _row "
        f"from read_parquet({sql_text(landed)}) order by _row"
    )
    unmarked = ", ".join(
        f"case when {sql_name(name)} similar to '=\".*\"' "
        f"then nullif(trim(substr({sql_name(name)}, 3, length({sql_name(name)}) - 3)), '') "
        f"when regexp_matches({sql_name(name)}, '^''[-+=@0-9]') "
        f"then substr({sql_name(name)}, 2) else {sql_name(name)} end as {sql_name(name)}"
        for name in texts
    )
    connection.execute(
        f"create or replace temp table unmarked as select {unmarked}, _row from written"
    )
    comma, point, sign = _notation(connection, export)
    values = {
        name: _plain_amount(sql_name(name), comma, point)
        if name in export.amounts
        else sql_name(name)
        for name in texts
    }
    plain = ", ".join(f"{value} as {sql_name(name)}" for name, value in values.items())
    currency = sql_text(sign) if sign else "cast(null as varchar)"
    connection.execute(
        f"create or replace temp table cleaned as "
        f"select {plain}, {currency} as _currency, _row from unmarked"
    )


def _digits(value: str) -> str:
    return f"regexp_replace({value}, '[^0-9.,]', '', 'g')"


def _notation(
    connection: duckdb.DuckDBPyConnection, export: Export
) -> tuple[bool, bool, str | None]:
    """Whether the amounts of a file show decimal commas, decimal points; the currency they name."""
    if not export.amounts:
        return False, False, None
    values = " union all ".join(
        f"select {sql_name(name)} as value from unmarked where {sql_name(name)} is not null"
        for name in export.amounts
    )
    sound = f"(select value from ({values}) where regexp_matches(value, {sql_text(_AMOUNT)}))"
    comma, point = one_row(
        connection,
        f"select coalesce(bool_or(regexp_matches({_digits('value')}, '{_COMMA_DECIMAL}')), false), "
        f"coalesce(bool_or(regexp_matches({_digits('value')}, '{_POINT_DECIMAL}')), false) "
        f"from {sound}",
    )
    signs = connection.execute(
        f"select distinct regexp_extract(value, {sql_text(_SIGN)}) from {sound}"
    ).fetchall()
    marks = {sign for (sign,) in signs if sign}
    if len(marks) != 1:
        return comma, point, None
    (mark,) = marks
    return comma, point, SIGNS.get(mark) or (mark if len(mark) == 3 else None)


def _plain_amount(value: str, comma: bool, point: bool) -> str:
    """SQL of an amount without signs of currencies and thousands; as written where it is not sure.

    `1,500` and `1.500` may be two numbers. The other amounts of the file decide, as in staging.
    """
    digits = _digits(value)
    as_comma = f"replace(replace({digits}, '.', ''), ',', '.')"
    as_point = f"replace({digits}, ',', '')"
    one_comma = as_comma if comma and not point else as_point if point and not comma else value
    one_point = as_comma if comma and not point else value if comma else as_point
    minus = (
        f"case when contains({value}, '-') or starts_with({value}, '(') then '-' else '' end || "
    )
    number = f"""
        case
            when not regexp_matches({value}, {sql_text(_AMOUNT)}) then {value}
            when regexp_matches({digits}, '^[0-9]+$') then {minus}{digits}
            when regexp_matches({digits}, '{_COMMA_DECIMAL}') then {minus}{as_comma}
            when regexp_matches({digits}, '{_POINT_DECIMAL}') then {minus}{as_point}
            when regexp_matches({digits}, '^[0-9]{{1,3}},[0-9]{{3}}$')
                then {one_comma if one_comma == value else minus + one_comma}
            when regexp_matches({digits}, '^[0-9]{{1,3}}[.][0-9]{{3}}$')
                then {one_point if one_point == value else minus + one_point}
            when regexp_matches({digits}, '^[0-9]{{1,3}}(,[0-9]{{3}}){{2,}}$')
                then {minus}{as_point}
            when regexp_matches({digits}, '^[0-9]{{1,3}}([.][0-9]{{3}}){{2,}}$')
                then {minus}{as_comma}
            else {value}
        end"""
    return number


def _remarks(connection: duckdb.DuckDBPyConnection, export: Export) -> list[str]:
    """What a spreadsheet did to a file, and what cannot be read, with how many values."""
    kinds = [(name, *kind) for name in export.read for kind in _kinds(export, name)]
    counts = ", ".join(
        f"count(*) filter (written.{sql_name(name)} is not null and {condition})"
        for name, condition, _ in kinds
    )
    found = one_row(
        connection,
        f"select {counts} from written inner join cleaned on written._row = cleaned._row",
    )
    return [
        f"{name}: {count:,} value{'' if count == 1 else 's'} {words}"
        for (name, _, words), count in zip(kinds, found, strict=True)
        if count
    ]


def _kinds(export: Export, name: str) -> list[tuple[str, str]]:
    """What may be odd in the values of a column: the condition, and how it is said."""
    column = sql_name(name)
    kinds = [
        (f"written.{column} similar to '=\".*\"'", 'written in ="…", taken out of it'),
        (
            f"regexp_matches(written.{column}, '^''[-+=@0-9]')",
            "with an apostrophe before it, taken without",
        ),
    ]
    if name in export.amounts:
        unread = f"try_cast(cleaned.{column} as decimal(18, 4)) is null"
        return [*kinds, (unread, "no number that reads in one way only, kept as written")]
    shortened = f"regexp_matches(cleaned.{column}, '{_SHORTENED}')"
    kinds.append((shortened, "shortened by a spreadsheet, kept as written: export it again"))
    if name in export.moments:
        unread = f"not {shortened} and not regexp_matches(cleaned.{column}, '{_MOMENT}')"
        kinds.append((unread, "no date with the year first, kept as written"))
    return kinds


def create_delivered(connection: duckdb.DuckDBPyConnection, exports: Sequence[Export]) -> None:
    """Make the empty tables `delivered.<export>`, and that of the rows that are left out."""
    connection.execute("create schema delivered")
    connection.execute("create schema exported")
    connection.execute("create table left_out (_from varchar, reason varchar)")
    for export in exports:
        columns = ", ".join(f"{sql_name(name)} varchar" for name in export.read)
        connection.execute(
            f"create table delivered.{sql_name(export.name)} ({columns}, "
            f"_currency varchar, _file varchar, _row bigint, _number bigint, {FROM} varchar)"
        )


def _append(connection: duckdb.DuckDBPyConnection, export: Export, file: ExportFile) -> None:
    """Add the rows of a file behind those of the files before; `_number` counts through all."""
    columns = ", ".join(sql_name(name) for name in export.read)
    table = f"delivered.{sql_name(export.name)}"
    before = one_value(connection, f"select count(*) from {table}")
    connection.execute(
        f"insert into {table} select {columns}, coalesce(_currency, "
        f"cast(getvariable('currency') as varchar)), {sql_text(file.name)}, _row, "
        f"{before} + row_number() over (order by _row), "
        f"{sql_text(f'{export.name}|{file.name}|')} || _row from cleaned order by _row"
    )


def take_over(connection: duckdb.DuckDBPyConnection, export: Export) -> None:
    """Make `exported.<export>` of the rows that have a key; leave out the others with the reason.

    Of two orders 1234567890123 and 1234567890456 a spreadsheet makes 1.23457E+12: one would take
    the place of the other.
    """
    table = f"delivered.{sql_name(export.name)}"
    for key in export.keys:
        column = sql_name(key)
        shortened = f"regexp_matches({column}, '{_SHORTENED}')"
        connection.execute(
            f"insert into left_out select {FROM}, case when {column} is null "
            f"then {sql_text(f'{key} is empty')} "
            f"else {sql_text(f'{key} was shortened by a spreadsheet')} end "
            f"from {table} where ({column} is null or {shortened}) "
            f"and {FROM} not in (select {FROM} from left_out)"
        )
    connection.execute(
        f"create table exported.{sql_name(export.name)} as select * from {table} "
        f"where {FROM} not in (select {FROM} from left_out) order by _number"
    )
