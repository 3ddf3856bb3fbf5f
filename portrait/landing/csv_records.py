"""Splits a CSV file into records: those that are sound, and the lines that are not.

This is the slow, exact reader behind DuckDB's fast one: it decides where a record ends, DuckDB
never sees what it refused. A record ends at \\n, \\r\\n or \\r outside quotes. A field is quoted if
its first character, after blanks, is a quote; within, a doubled quote is one quote. Blank lines are
no records.
"""

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

DELIMITERS = (",", ";", "\t", "|")
MAX_RECORD_BYTES = 2_000_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# A file in memory: bytes, or a map of a file.
Buffer = bytes | mmap.mmap

_LINE = re.compile(rb"[^\r\n]*+")
_END_OF_LINE = re.compile(rb"\r\n|\r|\n")
# A line with an odd number of quotes: a quoted field runs over its end, or begins before it.
_ODD_QUOTES = re.compile(rb'^[^"\r\n]*+"(?:[^"\r\n]*+"[^"\r\n]*+")*+[^"\r\n]*+$', re.MULTILINE)
# What a number, and what a date or a time begins with, in a field as it is written.
_NUMBER = re.compile(rb' *"?[ +-]*[0-9]')
_DATE = re.compile(rb' *"? *(?:[0-9]{1,4}[-/.]|[0-9]{8}|[0-9]{4}\xe5\xb9\xb4)')
# A run of sound records is taken in pieces, small ones after a fault.
_LEAST_RUN_BYTES, _MOST_RUN_BYTES = 1_000, 1_000_000


@dataclass(frozen=True, slots=True)
class Header:
    """The first record of a file: its names as written, and where the records after it begin.

    `line` is the physical line (from 1) at `end`; `is_first_line` is false where blank lines stand
    before the header. `filled` and `typed` are the positions of fields by which a record is told
    from a line of text: the required ones, and those of numbers, dates and times; `dated` are the
    latter two.
    """

    names: tuple[str, ...]
    delimiter: str
    end: int
    line: int
    is_first_line: bool
    filled: tuple[int, ...] = ()
    typed: tuple[int, ...] = ()
    dated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SoundRecords:
    """Sound records as RFC 4180 has them, each ended by \\n."""

    raw: bytes
    count: int


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A record that cannot be read: its first line, why, and its text (bad bytes as \\xNN)."""

    line_number: int
    error: str
    raw_line: str
    is_undecodable: bool = False


@dataclass(frozen=True)
class _Patterns:
    """Patterns of one delimiter: a field, a record of any width before an end of line."""

    field: re.Pattern[bytes]
    record: re.Pattern[bytes]


@lru_cache
def _patterns(delimiter: str) -> _Patterns:
    mark = re.escape(delimiter.encode())
    quoted = rb' *+"[^"]*+(?:""[^"]*+)*+" *+'
    plain = rb'(?! *+")[^' + mark + rb"\r\n]*+"
    field = rb"(?:" + quoted + rb"|" + plain + rb")"
    record = field + rb"(?:" + mark + field + rb")*+(?=[\r\n]|\Z)"
    return _Patterns(re.compile(field), re.compile(record))


@lru_cache
def _canonical_line(delimiter: str, width: int) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    """Patterns of one record (group 1) with its end, as in RFC 4180, and of several records."""
    mark = re.escape(delimiter.encode())
    quoted = rb'"[^"]*+(?:""[^"]*+)*+"'
    plain = rb'(?! *+")[^' + mark + rb"\r\n]*+"
    field = rb"(?:" + quoted + rb"|" + plain + rb")"
    record = field + rb"(?:" + mark + field + rb"){%d}" % (width - 1)
    end = rb"(?>\r\n|\r|\n)"
    return re.compile(rb"(" + record + rb")" + end), re.compile(rb"(?>" + record + end + rb")*+")


def raw_fields(record: bytes, delimiter: str) -> list[bytes]:
    """Split a sound record into its fields as written, quotes included."""
    if b'"' not in record:
        return record.split(delimiter.encode())
    pattern = _patterns(delimiter).field
    fields, position = [], 0
    while position <= len(record) and (found := pattern.match(record, position)):
        fields.append(found.group())
        position = found.end() + 1
    return fields


def field_value(field: bytes) -> bytes:
    """The value of a field as written: without its quotes, doubled ones single."""
    inner = field.strip(b" ")
    if inner.startswith(b'"'):
        return inner[1:-1].replace(b'""', b'"')
    return field


def read_header(buffer: Buffer, delimiter: str) -> Header | None:
    """Read the first record as a header; None where there is none or its quotes are broken.

    Raises:
        UnicodeDecodeError: the header is not UTF-8.
    """
    start = len(BYTE_ORDER_MARK) if buffer[:3] == BYTE_ORDER_MARK else 0
    position, line = start, 1
    while end := _END_OF_LINE.match(buffer, position):
        position, line = end.end(), line + 1
    limit = min(len(buffer), position + MAX_RECORD_BYTES)
    found = _patterns(delimiter).record.match(buffer, position, limit)
    if not found or not found.group().strip():
        return None
    names = tuple(
        field_value(field).decode().strip() for field in raw_fields(found.group(), delimiter)
    )
    line += 1 + len(_END_OF_LINE.findall(found.group()))
    end = _END_OF_LINE.match(buffer, found.end())
    is_first_line = position == start
    return Header(names, delimiter, end.end() if end else found.end(), line, is_first_line)


def split_records(
    buffer: Buffer, header: Header, checked: tuple[int, ...]
) -> Iterator[SoundRecords | BrokenLine]:
    """Give every record after the header, in order: sound if it has as many fields, else broken.

    A broken record is its physical lines up to where a record can begin again: where a quote is
    never closed, or is closed in the wrong place, only its first line is broken, and what it
    swallowed is read separately. Only the fields at the positions `checked` must be UTF-8.
    """
    size, position, line = len(buffer), header.end, header.line
    reach = _LEAST_RUN_BYTES
    while position < size:
        run = _sound_run(buffer, position, header, reach)
        reach = min(2 * reach, _MOST_RUN_BYTES) if run else _LEAST_RUN_BYTES
        if run:
            yield _ended_alike(run, header)
            position += len(run)
            line += _count_ends(run)
            continue
        raw, error, is_undecodable = _next_record(buffer, position, header, checked)
        if error is not None:
            text = raw.decode(errors="backslashreplace")
            yield BrokenLine(line, error, text, is_undecodable)
        elif raw:
            yield SoundRecords(_canonical(raw, header.delimiter) + b"\n", 1)
        end = _END_OF_LINE.match(buffer, position + len(raw))
        position = end.end() if end else size
        line += 1 + _count_ends(raw)


def is_canonical(buffer: Buffer, header: Header) -> bool:
    """Whether every record is as RFC 4180 has it and as wide as the header: DuckDB reads it so.

    In other files DuckDB 1.5.6 passes over faults without a word: it drops a record with an
    unclosed quote at the end of the file, and takes a field too many if that is empty.
    """
    if len(header.names) == 1 or not header.is_first_line:
        return False
    line, run = _canonical_line(header.delimiter, len(header.names))
    size, position = len(buffer), header.end
    while position < size:
        taken = _taken(run, buffer, position, min(size, position + _MOST_RUN_BYTES))
        if not taken:
            rest = buffer[position : position + MAX_RECORD_BYTES]
            is_whole = position + len(rest) == size and line.fullmatch(rest + b"\n") is not None
            return is_whole and not _swallows(rest, header)
        if _length_without_swallowed(taken, header) < len(taken):
            return False
        position += len(taken)
        if position < size and buffer[position - 1 : position + 1] == b"\r\n":
            position += 1  # the piece ended in between
    return True


def _taken(pattern: re.Pattern[bytes], buffer: Buffer, position: int, limit: int) -> bytes:
    """What a pattern takes from here on, up to the limit; empty if it does not match."""
    found = pattern.match(buffer, position, limit)
    return found.group() if found else b""


def _count_ends(raw: bytes) -> int:
    """How many lines end within."""
    return raw.count(b"\n") + raw.count(b"\r") - raw.count(b"\r\n")


def _sound_run(buffer: Buffer, position: int, header: Header, reach: int) -> bytes:
    """Give the records from here on, about `reach` bytes, that need no change; empty if none."""
    width, size = len(header.names), len(buffer)
    if width == 1:  # a blank line would match
        return b""
    line, run = _canonical_line(header.delimiter, width)
    limit = min(size, position + MAX_RECORD_BYTES)
    first = line.match(buffer, position, limit)
    if not first or (first.end() == limit < size) or not _is_utf8([first.group()]):
        return b""
    limit = min(size, max(position + reach, first.end()))
    raw = _taken(run, buffer, position, limit)
    if raw.endswith(b"\r") and position + len(raw) == limit < size:  # its \n may lie beyond
        raw = first.group()
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raw = _taken(run, buffer, position, position + error.start)
    return raw[: _length_without_swallowed(raw, header)]


def _ended_alike(run: bytes, header: Header) -> SoundRecords:
    """Count the records of a run and end each with \\n."""
    if b'"' in run:
        line = _canonical_line(header.delimiter, len(header.names))[0]
        return SoundRecords(*line.subn(rb"\1\n", run))
    raw = run.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in run else run
    return SoundRecords(raw, raw.count(b"\n"))


def _next_record(
    buffer: Buffer, position: int, header: Header, checked: tuple[int, ...]
) -> tuple[bytes, str | None, bool]:
    """Give the record that begins here, its error if it is broken, and whether by its encoding."""
    size, width = len(buffer), len(header.names)
    limit = min(size, position + MAX_RECORD_BYTES)
    found = _patterns(header.delimiter).record.match(buffer, position, limit)
    if found is None or (found.end() == limit and limit < size):
        raw = _taken(_LINE, buffer, position, size)
        if len(raw) > MAX_RECORD_BYTES or found:
            return raw, f"longer than {MAX_RECORD_BYTES:,} bytes", False
        return raw, "a quote is not closed, or text follows a closing quote", False
    raw = found.group()
    if not raw:
        return raw, None, False
    fields = raw_fields(raw, header.delimiter)
    if len(fields) != width:
        if _holds_record(raw, header):
            return _taken(_LINE, raw, 0, len(raw)), "a quote is not closed in its line", False
        found_fields = "1 field" if len(fields) == 1 else f"{len(fields)} fields"
        return raw, f"{found_fields}, expected {width}", False
    if _swallows(raw, header):
        return _taken(_LINE, raw, 0, len(raw)), "a quote swallows the records after it", False
    if not _is_utf8([fields[index] for index in checked]):
        return raw, "not UTF-8", True
    return raw, None, False


def _holds_record(raw: bytes, header: Header) -> bool:
    """Whether a line after the first is a sound record: then a stray quote swallowed it."""
    pattern = _patterns(header.delimiter).record
    width = len(header.names)
    return any(
        pattern.fullmatch(line) and len(raw_fields(line, header.delimiter)) == width
        for line in _END_OF_LINE.split(raw)[1:]
    )


def _length_without_swallowed(run: bytes, header: Header) -> int:
    """The bytes of a run of sound records up to the first that swallows others; all if none does.

    Only records over several lines can, and these are looked for by lines with an odd number of
    quotes: a run without any costs one search.
    """
    if b'"' not in run or not _has_odd_quotes(run):
        return len(run)
    line = _canonical_line(header.delimiter, len(header.names))[0]
    for found in line.finditer(run):
        record = found.group(1)
        if (b"\n" in record or b"\r" in record) and _swallows(record, header):
            return found.start()
    return len(run)


def _has_odd_quotes(run: bytes) -> bool:
    # `$` stands before \n only.
    return _ODD_QUOTES.search(run.replace(b"\r", b"\n") if b"\r" in run else run) is not None


def _swallows(record: bytes, header: Header) -> bool:
    """Whether a sound record over several lines holds other records, between two stray quotes.

    A line in its middle then is a whole record; or, if there is none in the middle, its first line
    is one without the quote that opens the field, and its last line is one as well.
    """
    if b'"' not in record:
        return False
    lines = _END_OF_LINE.split(record.rstrip(b"\r\n"))
    if len(lines) < 2:
        return False
    if any(_looks_like_record(line, header) for line in lines[1:-1]):
        return True
    first = _without_opening_quote(record, header)
    return _looks_like_record(first, header) and _looks_like_record(lines[-1], header)


def _without_opening_quote(record: bytes, header: Header) -> bytes:
    """The first line of a record over several, without the quote of the field that goes on."""
    pattern, position = _patterns(header.delimiter).field, 0
    while found := pattern.match(record, position):
        if b"\n" in found.group() or b"\r" in found.group():
            break
        position = found.end() + 1
    opened = record[:position] + record[position:].lstrip(b" ").removeprefix(b'"')
    return _taken(_LINE, opened, 0, len(opened))


def _looks_like_record(line: bytes, header: Header) -> bool:
    """Whether a line of its own is a record of the file, and no line of a text.

    It has the width of the header, a value in each required field, and in each field of numbers and
    dates nothing or what begins like one, in one of them at least. Where the contract knows no such
    field of the file, the required ones hold no blanks.
    """
    if not _patterns(header.delimiter).record.fullmatch(line):
        return False
    fields = raw_fields(line, header.delimiter)
    if len(fields) != len(header.names):
        return False
    required = [field_value(fields[index]).strip() for index in header.filled]
    if not all(required):
        return False
    typed = [index for index in header.typed if field_value(fields[index]).strip()]
    for index in typed:
        if not (_DATE if index in header.dated else _NUMBER).match(fields[index]):
            return False
    return bool(typed) if header.typed else bool(required) and not any(b" " in r for r in required)


def _is_utf8(texts: list[bytes]) -> bool:
    try:
        for text in texts:
            if not text.isascii():
                text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _canonical(record: bytes, delimiter: str) -> bytes:
    """The record as RFC 4180 has it: nothing between a quote and the delimiter."""
    if b'"' not in record:
        return record
    fields = raw_fields(record, delimiter)
    return delimiter.encode().join(
        stripped if (stripped := field.strip(b" ")).startswith(b'"') else field for field in fields
    )
