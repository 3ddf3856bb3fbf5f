"""Landing reads each raw file once, loses nothing and says clearly what it cannot read."""

import csv
import gzip
import io
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portrait.cli import cli
from portrait.contract import Column, Table, load_contract
from portrait.errors import PortraitError
from portrait.landing.csv_files import Landed, choose_header, land_csv
from portrait.landing.csv_records import BrokenLine, SoundRecords, is_canonical, split_records
from portrait.landing.land import LandingResult, land
from portrait.landing.raw_files import RawFile
from portrait.settings import Settings
from portrait.warehouse import Warehouse

CONTRACT = """
sources:
  - name: raw_shop
    config: {meta: {system: shop}}
    tables:
      - name: customers
        config: {meta: {key: [customer_id]}}
        columns:
          - {name: customer_id, data_type: text, config: {meta: {required: true}}}
          - {name: full_name, data_type: text}
      - name: orders
        config: {meta: {key: [order_id]}}
        columns:
          - {name: order_id, data_type: text, config: {meta: {required: true}}}
          - {name: amount, data_type: decimal}
          - {name: ordered_at, data_type: timestamp, config: {meta: {required: true}}}
          - {name: due, data_type: date}
          - {name: is_paid, data_type: boolean}
"""
PLAIN = "* exclude (_file, _row, _instance, _is_deleted)"
HEADER = "order_id,amount,ordered_at\n"
ROW = "1,2.50,2024-01-01 10:00:00\n"


class Place:
    """A project with a contract of two tables, a raw folder and a warehouse."""

    def __init__(self, root: Path) -> None:
        self.raw = root / "raw"
        self.raw.mkdir(parents=True)
        self.contract = root / "models" / "staging" / "shop" / "_shop__sources.yml"
        self.contract.parent.mkdir(parents=True)
        self.contract.write_text(CONTRACT, encoding="utf-8")
        self.settings = Settings(project=root, raw=self.raw, warehouse=root / "warehouse")
        self.folder = root / "warehouse" / "landing"

    def write(self, file: str, content: str | bytes) -> Path:
        path = self.raw / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def parquet(self, file: str, select: str) -> Path:
        path = self.raw / file
        path.parent.mkdir(parents=True, exist_ok=True)
        target = str(path).replace("'", "''")
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(f"copy ({select}) to '{target}' (format parquet)")
        return path

    def land(self) -> LandingResult:
        return land(self.settings)

    def fails(self, *words: str) -> None:
        """Expect one sentence with these words, and no manifest."""
        with pytest.raises(PortraitError) as error:
            self.land()
        message = str(error.value)
        assert all(word in message for word in words), message
        assert "\n" not in message and message.endswith(".")
        assert not list(self.folder.glob(".incoming*"))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql.replace("@", str(self.folder))).fetchall()

    def rows(self, table: str = "orders", columns: str = PLAIN) -> list[Any]:
        return self.query(
            f"select {columns} from read_parquet('@/raw_shop/{table}/*.parquet', "
            "hive_partitioning = false) order by _file, _row"
        )

    def broken(self) -> list[Any]:
        return self.query(
            "select file, line_number, error, raw_line from '@/broken_lines.parquet' order by all"
        )

    def snapshot(self) -> dict[str, Any]:
        """All that a landing holds, but the time of its making."""
        files = {
            str(path.relative_to(self.folder)): self.query(f"from read_parquet('{path}')")
            for path in sorted(self.folder.glob("*/*/*.parquet"))
        }
        manifest = self.query("select * exclude (landed_at) from '@/manifest.parquet'")
        return {"files": files, "manifest": manifest, "broken": self.broken()}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "project")


# Finding files


def test_single_files_folders_and_load_dates_are_found(place: Place) -> None:
    place.write("shop/orders.csv", HEADER + ROW)
    place.write("shop/orders/load_date=2024-02-29/a/part.CSV", HEADER + ROW + ROW)
    place.write("shop/orders/b.csv.gz", gzip.compress((HEADER + ROW).encode()))
    place.write("shop/orders/.hidden.csv", "x")
    place.write("shop/orders/.folder/c.csv", "x")
    place.write("shop/orders/_SUCCESS", "")
    place.write("README.md", "notes")
    place.parquet("shop/customers.parquet/part-0.parquet", "select '1' as customer_id")
    result = place.land()
    assert [(f.file, f.landed_rows, f.load_date) for f in result.files] == [
        ("shop/customers.parquet/part-0.parquet", 1, None),
        ("shop/orders.csv", 1, None),
        ("shop/orders/b.csv.gz", 1, None),
        ("shop/orders/load_date=2024-02-29/a/part.CSV", 2, date(2024, 2, 29)),
    ]
    assert result.unknown == [] and result.absent_tables == []
    assert place.rows(columns="_file, _row, _load_date")[-2:] == [
        ("shop/orders/load_date=2024-02-29/a/part.CSV", 1, date(2024, 2, 29)),
        ("shop/orders/load_date=2024-02-29/a/part.CSV", 2, date(2024, 2, 29)),
    ]


def test_unknown_files_are_reported_with_what_was_meant(place: Place) -> None:
    place.write("shop/orders.csv", HEADER)
    place.write("shop/order.csv", HEADER)
    place.write("shp/customers/x.parquet", "")
    place.write("customers.csv", "")
    place.write("shop/orders.xlsx", "")
    place.write("shop/weather.csv", "")
    place.write("expected.yml", "")
    place.write("orders.json", "")
    hints = {unknown.file: unknown.hint for unknown in place.land().unknown}
    assert hints == {
        "customers.csv": "did you mean shop/customers.csv?",
        "orders.json": "did you mean shop/orders.csv?",
        "shop/order.csv": "did you mean shop/orders.csv?",
        "shop/orders.xlsx": "only .csv, .csv.gz and .parquet files are read",
        "shop/weather.csv": "",
        "shp/customers/x.parquet": "did you mean shop/customers.parquet?",
    }


def test_a_raw_folder_without_tables_says_what_was_looked_for(place: Place) -> None:
    place.write("order.csv", HEADER)
    place.fails(str(place.raw), "shop/customers, shop/orders", ".parquet", "did you mean")
    shutil.rmtree(place.raw)
    place.fails(str(place.raw), "does not exist", "shop/orders")


def test_a_load_date_that_is_none_stops(place: Place) -> None:
    path = place.write("shop/orders/load_date=2024-02-30/a.csv", HEADER)
    place.fails("load_date=2024-02-30", "YYYY-MM-DD")
    path.unlink()
    place.write("shop/orders/load_date=2024-01-01/load_date=2024-01-02/a.csv", HEADER)
    place.fails("2024-01-01 and 2024-01-02", "one date")


def test_the_warehouse_may_lie_in_the_raw_folder(place: Place) -> None:
    place.write("shop/orders.csv", HEADER)
    inside = Settings(place.settings.project, place.raw, place.raw / "shop" / "warehouse")
    land(inside)
    assert land(inside).unknown == []


@pytest.mark.parametrize("name", ["it's", "a b", "订单", "a[1]", "a*", "a?", "{a}", "a%20b", "$1"])
def test_any_file_name_works(place: Place, name: str) -> None:
    place.write(f"shop/orders/{name}/x.csv", HEADER + ROW)
    place.write("shop/orders/aXb/x.csv", HEADER + ROW)
    place.parquet(f"shop/orders/{name}/x.parquet", "select 1 as order_id, '2024-01-01' ordered_at")
    place.parquet(f"shop/customers/{name}/x.parquet", "select 'a' as customer_id, 'b' as full_name")
    result = place.land()
    assert {f.file: f.landed_rows for f in result.files} == {
        f"shop/customers/{name}/x.parquet": 1,
        f"shop/orders/{name}/x.csv": 1,
        f"shop/orders/{name}/x.parquet": 1,
        "shop/orders/aXb/x.csv": 1,
    }
    in_place = {f.is_in_place for f in result.files if f.table_name == "customers"}
    assert in_place == {not set(name) & set("[]*?")}


# CSV


def test_a_moved_warehouse_keeps_its_landing(place: Place, tmp_path: Path) -> None:
    place.write("shop/orders.csv", HEADER + ROW)
    place.land()
    moved = tmp_path / "moved"
    shutil.move(place.folder.parent, moved)
    again = land(Settings(project=place.settings.project, raw=place.raw, warehouse=moved))
    assert (again.landed, len(again.unchanged)) == ([], 1)
    assert [Path(file.landed_path).is_file() for file in again.files] == [True]


def test_columns_are_matched_and_what_is_missing_is_null(place: Place) -> None:
    place.write(
        "shop/orders.csv",
        "\ufeff Ordered_At ;note;ORDER_ID;\r\n2024-01-01;x;007;\r\n2024-01-02;y; 8 ;\r\n",
    )
    result = place.land()
    assert place.rows() == [
        ("007", None, "2024-01-01", None, None, None),
        (" 8 ", None, "2024-01-02", None, None, None),
    ]
    assert result.extra_columns == {"shop/orders.csv": ["note"]}
    assert result.absent_columns == {"shop/orders.csv": ["amount", "due", "is_paid"]}
    assert result.absent_tables == ["shop/customers"]
    assert place.rows("customers") == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(place: Place, delimiter: str, end: str) -> None:
    lines = [("order_id", "ordered_at"), ("1", f'"a{delimiter}""b""{end}c"'), ("2", "d")]
    place.write("shop/orders.csv", end.join(delimiter.join(line) for line in lines))
    assert place.land().broken_lines == 0
    assert place.rows(columns="order_id, ordered_at") == [
        ("1", f'a{delimiter}"b"{end}c'),
        ("2", "d"),
    ]


def test_a_header_without_rows_is_an_empty_table(place: Place) -> None:
    place.write("shop/orders.csv", HEADER.strip())
    place.write("shop/customers.csv", "customer_id\n")
    assert place.land().landed_rows == 0
    assert place.rows() == place.rows("customers") == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", ["is empty", "order_id"]),
        (b"\xef\xbb\xbf\r\n\r\n", ["is empty"]),
        ("a,b\n1,2\n", ["no known column", "a, b", "order_id"]),
        ("order_id,amount\n1,2\n", ["ordered_at", "required", "absent"]),
        ("order_id,ordered_at,Amount,amount\n", ["2 columns", "amount"]),
        ("order_id,ordered_at,x,X\n", ["2 columns", "x"]),
        ('"order_id,ordered_at\n1,2\n', ["no known column"]),
        ("order_id,ordered_at,金额\n".encode("gb18030"), ["header", "UTF-8"]),
        ("order_id,ordered_at\n".encode("utf-16"), ["UTF-8"]),
        ("order_id,ordered_at\n1,北京\n2,上海\n3,x\n".encode("gb18030"), ["2 of 3", "UTF-8"]),
    ],
)
def test_an_unusable_csv_is_one_sentence(
    place: Place, content: str | bytes, words: list[str]
) -> None:
    place.write("shop/orders.csv", content)
    place.fails("shop/orders.csv", *words)


def test_a_cut_gzip_file_stops(place: Place) -> None:
    packed = gzip.compress((HEADER + ROW * 1000).encode())
    place.write("shop/orders.csv.gz", packed[: len(packed) // 2])
    place.fails("shop/orders.csv.gz", "gzip")
    place.write("shop/orders.csv.gz", HEADER)
    place.fails("shop/orders.csv.gz", "gzip")


def test_broken_lines_are_kept_and_the_others_landed(place: Place) -> None:
    place.write(
        "shop/orders/load_date=2024-03-01/o.csv",
        b"order_id,amount,ordered_at\n"
        b"1,1,a\n"
        b"2,2\n"
        b"\n"
        b"3,3,c,\n"
        b'4,"4\n\n4",d\n'
        b"5,\xff,e\n"
        b'6,"6"x,f\n'
        b"7,7,g",
    )
    assert place.land().broken_lines == 4
    assert place.rows(columns="order_id, _row") == [("1", 1), ("4", 2), ("7", 3)]
    file = "shop/orders/load_date=2024-03-01/o.csv"
    assert place.broken() == [
        (file, 3, "2 fields, expected 3", "2,2"),
        (file, 5, "4 fields, expected 3", "3,3,c,"),
        (file, 9, "not UTF-8", "5,\\xff,e"),
        (file, 10, "a quote is not closed, or text follows a closing quote", '6,"6"x,f'),
    ]
    assert place.query("select distinct load_date from '@/broken_lines.parquet'") == [
        (date(2024, 3, 1),)
    ]


@pytest.mark.parametrize(
    "rest",
    [
        '5,ok,6\n6,"x",7\n7,y,8\n',
        "5,ok,6\n6,yy,7\n7,y,8\n",
        '5,ok,6\n6,y,"7"\n7,y,8\n',
        '5,ok,6\n6,"a\nb",7\n7,y,8',
    ],
)
def test_an_unclosed_quote_breaks_its_own_line_only(place: Place, rest: str) -> None:
    place.write("shop/orders.csv", f'order_id,amount,ordered_at\n1,a,3\n4,"zz,4\n{rest}')
    place.land()
    assert [row[0] for row in place.rows()] == ["1", "5", "6", "7"]
    assert [row[1::2] for row in place.broken()] == [(3, '4,"zz,4')]


def test_an_unclosed_quote_on_the_last_line_is_not_lost(place: Place) -> None:
    place.write("shop/orders.csv", 'order_id,amount,ordered_at\n1,a,3\n"\n')
    place.land()
    assert [row[3] for row in place.broken()] == ['"']


def test_an_empty_field_too_many_is_no_sound_record(place: Place) -> None:
    place.write("shop/orders.csv", "order_id,amount,ordered_at\n1,a,3\n2,b,c,\n")
    place.land()
    assert [row[0] for row in place.rows()] == ["1"]
    assert [row[1:] for row in place.broken()] == [(3, "4 fields, expected 3", "2,b,c,")]


def test_line_ends_may_be_mixed_and_blanks_stand_around_quotes(place: Place) -> None:
    place.write("shop/orders.csv", 'order_id,amount,ordered_at\r\n1, "2" ,3\n\n4,5,"6"\r7, 8,9\r\n')
    assert place.land().broken_lines == 0
    assert place.rows(columns="order_id, amount, ordered_at") == [
        ("1", "2", "3"),
        ("4", "5", "6"),
        ("7", " 8", "9"),
    ]


def test_a_record_may_not_be_without_end(place: Place) -> None:
    place.write("shop/orders.csv", f"{HEADER}{'x' * 2_100_000},1,2\n{ROW}")
    assert place.land().broken_lines == 1
    assert len(place.rows()) == 1
    assert "2,000,000 bytes" in place.broken()[0][2]


def test_an_undecodable_extra_column_breaks_nothing(place: Place) -> None:
    place.write("shop/orders.csv", b"order_id,note,ordered_at\n1,\xff,a\n2,x\n")
    assert place.land().broken_lines == 1
    assert [row[0] for row in place.rows()] == ["1"]


def test_one_column_is_enough_where_the_contract_says_so(place: Place) -> None:
    place.write("shop/customers.csv", "customer_id\n1\n\n2\n")
    place.land()
    assert [row[0] for row in place.rows("customers")] == ["1", "2"]


THREE = Table("t", "raw_t", "t", ("a",), None, tuple(Column(name, "text") for name in "abc"))
VALUES = st.text(st.sampled_from("ab 1\",;|\t\n\r\\中é\x00\ufeff'#"), max_size=6)
PIECES = st.sampled_from(
    ["a", '"', '""', ",", ",", "\n", "\r\n", "\r", " ", "中", '"x"', "1,2,3\n"]
)

FUZZ = settings(
    max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def land_bytes(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[bytes], tuple[Landed, list[Any]]]:
    folder = tmp_path_factory.mktemp("csv")
    connection = duckdb.connect()

    def land_one(content: bytes) -> tuple[Landed, list[Any]]:
        path = folder / "t.csv"
        path.write_bytes(content)
        target = folder / "t.parquet"
        landed = land_csv(connection, RawFile(THREE, path, "t/t.csv", "csv"), target, folder)
        rows = connection.execute(f"select a, b, c from '{target}' order by _row").fetchall()
        return landed, rows

    return land_one


@FUZZ
@given(
    rows=st.lists(st.tuples(VALUES, VALUES, VALUES), max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    is_all_quoted=st.booleans(),
)
def test_well_formed_files_equal_pythons_reading(
    land_bytes: Callable[[bytes], tuple[Landed, list[Any]]],
    rows: list[tuple[str, str, str]],
    delimiter: str,
    end: str,
    is_all_quoted: bool,
) -> None:
    def written(value: str) -> str:
        is_quoted = is_all_quoted or re.search(rf'["\r\n{re.escape(delimiter)}]', value)
        return '"' + value.replace('"', '""') + '"' if is_quoted else value

    lines = [delimiter.join(map(written, row)) + end for row in [("a", "b", "c"), *rows]]
    text = "".join(lines)
    expected = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))[1:]
    assert expected == [list(row) for row in rows]
    landed, got = land_bytes(text.encode())
    assert [[value or "" for value in row] for row in got] == expected
    assert landed.broken == () and landed.rows == len(expected)


@FUZZ
@given(pieces=st.lists(PIECES, max_size=25), bad_byte=st.booleans())
def test_every_line_of_a_damaged_file_is_landed_or_broken(
    land_bytes: Callable[[bytes], tuple[Landed, list[Any]]], pieces: list[str], bad_byte: bool
) -> None:
    body = "".join(pieces).encode() + (b"\xff" if bad_byte else b"")
    content = b"a,b,c\n" + body
    raw_file = RawFile(THREE, Path("t.csv"), "t/t.csv", "csv")
    header = choose_header(content, raw_file)
    parts = list(split_records(content, header, (0, 1, 2)))
    # Nothing is lost: the parts, in order, are the file, but for blank lines and blanks at quotes.
    seen = b"".join(
        part.raw if isinstance(part, SoundRecords) else part.raw_line.encode() for part in parts
    )
    assert _bare(seen) == _bare(body.replace(b"\xff", b"\\xff"))
    # Broken lines are where they say they are.
    ends = [m.end() for m in re.finditer(rb"\r\n|\r|\n", content)]
    for part in parts:
        if isinstance(part, BrokenLine):
            start = ends[part.line_number - 2]
            assert content[start:].replace(b"\xff", b"\\xff").startswith(part.raw_line.encode())
    sound = sum(part.count for part in parts if isinstance(part, SoundRecords))
    broken = [part for part in parts if isinstance(part, BrokenLine)]
    if sum(line.is_undecodable for line in broken) > sound:
        with pytest.raises(PortraitError, match="UTF-8"):
            land_bytes(content)
        return
    landed, rows = land_bytes(content)
    assert (landed.rows, landed.broken) == (sound, tuple(broken))
    assert len(rows) == sound
    assert not (broken and is_canonical(content, header)) or bad_byte


def _bare(content: bytes) -> bytes:
    return re.sub(rb"[\r\n ]", b"", content)


def test_order_and_quoted_newlines_survive_in_a_large_file(place: Place) -> None:
    texts = ["plain", '"1,2,3\n4,5,6\n"', '"say ""hi"", or\n"', "中文"]
    body = "".join(f"{i},{texts[i % 4]},2024-01-01\n" for i in range(60_000))
    place.write("shop/orders/sound.csv", HEADER + body)
    place.write("shop/orders/unsound.csv", HEADER + body + "1,2\n")
    result = place.land()
    assert [(f.landed_rows, f.broken_rows) for f in result.files] == [(60_000, 0), (60_000, 1)]
    wrong = place.query(
        "select count(*) from '@/raw_shop/orders/*.parquet' where cast(order_id as int) + 1 <> _row"
    )
    assert wrong == [(0,)]


# Parquet

IN_PLACE = (
    "select 1 as order_id, 1.5::double as amount, timestamp '2024-01-01' as ordered_at, "
    "date '2024-01-02' as due, true as is_paid"
)
REWRITTEN = ("1", "1.5", "2024-01-01 00:00:00", "2024-01-02", "true")


def test_parquet_of_the_contracts_shape_is_used_in_place(place: Place) -> None:
    path = place.parquet("shop/orders.parquet", f"{IN_PLACE}, [1] as tags")
    result = place.land()
    (file,) = result.files
    assert (file.is_in_place, file.landed_path, file.landed_rows) == (True, str(path), 1)
    assert result.extra_columns == {"shop/orders.parquet": ["tags"]}
    assert place.rows() == []


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        (
            "select '1' as order_id, timestamptz '2024-01-01 08:00:00+08' as ordered_at",
            ("1", None, "2024-01-01 00:00:00+00", None, None),
        ),
        (IN_PLACE.replace("order_id", '"Order_ID "'), REWRITTEN),
        (f"{IN_PLACE}, 1 as filename", REWRITTEN),
        (
            IN_PLACE.replace("1.5::double", "'nan'::double"),
            ("1", None, *REWRITTEN[2:]),
        ),
        (
            IN_PLACE.replace("date '2024-01-02'", "timestamp_ns '2024-01-02 00:00:00'"),
            REWRITTEN,
        ),
        (
            IN_PLACE.replace("true as is_paid", "null::double as is_paid"),
            (*REWRITTEN[:4], None),
        ),
        (IN_PLACE.replace("select 1", "select 1::decimal(9,0)"), None),
        (IN_PLACE.replace("date '2024-01-02'", "'soon'"), None),
    ],
)
def test_other_parquet_is_rewritten_as_text(
    place: Place, select: str, expected: tuple[str | None, ...] | None
) -> None:
    place.parquet("shop/orders.parquet", select)
    (file,) = place.land().files
    assert file.is_in_place == (expected is None)
    assert place.rows() == ([] if expected is None else [(*expected, None)])


@pytest.mark.parametrize(
    ("select", "words"),
    [
        (IN_PLACE.replace("1 as", "1::double as"), ["order_id", "DOUBLE", "text or integer"]),
        (IN_PLACE.replace("1 as", "1.5::decimal(9,2) as"), ["order_id", "text or integer"]),
        (IN_PLACE.replace("1 as", "'x'::blob as"), ["order_id", "BLOB"]),
        (IN_PLACE.replace("true", "[true]"), ["is_paid", "BOOLEAN[]", "boolean"]),
        (IN_PLACE.replace("true", "{'a': true}"), ["is_paid", "STRUCT"]),
        (IN_PLACE.replace("true", "map {'a': true}"), ["is_paid", "MAP"]),
        (IN_PLACE.replace("timestamp '2024-01-01'", "1"), ["ordered_at", "INTEGER", "timestamp"]),
        (IN_PLACE.replace("1.5::double", "true"), ["amount", "BOOLEAN", "a number or text"]),
        ("select 1 as order_id", ["ordered_at", "absent"]),
        (f'{IN_PLACE}, 1 as "Amount "', ["2 columns", "amount"]),
        ("select 1 as x", ["order_id", "absent", "x"]),
    ],
)
def test_an_unusable_parquet_is_one_sentence(place: Place, select: str, words: list[str]) -> None:
    place.parquet("shop/orders.parquet", select)
    place.fails("shop/orders.parquet", *words)


def test_a_damaged_parquet_stops(place: Place) -> None:
    path = place.parquet("shop/orders.parquet", f"from ({IN_PLACE}), range(5000)")
    content = path.read_bytes()
    for damaged in (b"", b"order_id", content[:-50], content[:20] + b"\xff" * 60 + content[80:]):
        path.write_bytes(damaged)
        place.fails("shop/orders.parquet", "expected a Parquet file")


# Again


def test_a_second_landing_reads_only_what_is_new(place: Place) -> None:
    first = place.write("shop/orders/a.csv", HEADER + ROW + "broken\n")
    second = place.write("shop/orders/b.csv", HEADER + ROW)
    place.parquet("shop/orders/c.parquet", IN_PLACE)
    place.land()
    landed = {path: path.stat().st_mtime_ns for path in place.folder.glob("*/*/[!_]*.parquet")}
    assert len(landed) == 2

    again = place.land()
    assert (again.landed, len(again.unchanged), again.broken_lines) == ([], 3, 1)
    assert len(place.broken()) == 1

    os.utime(first)
    touched = place.land()
    assert (touched.landed, len(touched.unchanged)) == ([], 3)

    second.write_text(HEADER + ROW + ROW)
    place.write("shop/orders/d.csv", HEADER + ROW)
    changed = place.land()
    assert changed.landed == ["shop/orders/b.csv", "shop/orders/d.csv"]
    assert {path for path in landed if path.exists()} == {
        Path(f.landed_path) for f in changed.files if f.file == "shop/orders/a.csv"
    }

    first.unlink()
    removed = place.land()
    assert (removed.removed, removed.landed) == (["shop/orders/a.csv"], [])
    assert place.broken() == []

    incremental = place.snapshot()
    shutil.rmtree(place.folder)
    place.land()
    assert place.snapshot() == incremental


def test_a_change_of_the_contract_lands_again(place: Place) -> None:
    place.write("shop/orders.csv", HEADER.replace("\n", ",note\n") + ROW.replace("\n", ",x\n"))
    place.parquet("shop/customers.parquet", "select '1' as customer_id, 'a' as full_name")
    place.land()
    place.contract.write_text(
        place.contract.read_text() + "          - {name: note, data_type: text}\n"
    )
    result = place.land()
    assert (result.landed, result.unchanged) == (["shop/orders.csv"], ["shop/customers.parquet"])
    assert place.rows(columns="note") == [("x",)]
    assert load_contract(place.settings.project)[1].column_names[-1] == "note"


def test_what_was_lost_of_the_landing_is_landed_again(place: Place) -> None:
    place.write("shop/orders.csv", HEADER + ROW + "broken\n")
    place.land()
    whole = place.snapshot()
    for lost in ("broken_lines.parquet", "manifest.parquet", "raw_shop"):
        path = place.folder / lost
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        assert place.land().landed == ["shop/orders.csv"]
        assert place.snapshot() == whole
    (place.folder / "manifest.parquet").write_bytes(b"torn")
    assert place.land().landed == ["shop/orders.csv"]


def test_an_aborted_landing_changes_nothing(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("shop/orders/a.csv", HEADER + ROW)
    place.land()
    before = place.snapshot()
    place.write("shop/orders/a.csv", HEADER + ROW + ROW)
    place.write("shop/orders/b.csv", HEADER + ROW)
    place.write("shop/orders/c.csv", "no,header\n")
    place.fails("shop/orders/c.csv")
    assert place.snapshot() == before

    (place.raw / "shop/orders/c.csv").unlink()
    (place.folder / ".incoming-killed").mkdir()
    replace = os.replace

    def killed(source: Path, target: Path) -> None:
        if target.name == "manifest.parquet":
            raise KeyboardInterrupt
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            place.land()
    assert place.snapshot()["manifest"] == before["manifest"]
    assert all(Path(row[12]).is_file() for row in before["manifest"])

    place.land()
    healed = place.snapshot()
    shutil.rmtree(place.folder)
    place.land()
    assert place.snapshot() == healed
    assert len(healed["files"]) == 4


@pytest.mark.parametrize("command", ["land", "build", "spark build", "parity"])
def test_one_landing_at_a_time(place: Place, command: str) -> None:
    place.write("shop/orders.csv", HEADER)
    place.land()
    place.write("shop/orders.csv", HEADER + ROW)
    before = place.snapshot()
    folders = ("--raw", str(place.raw), "--warehouse", str(place.settings.warehouse))
    with Warehouse(place.settings.warehouse).locked():
        run = CliRunner().invoke(cli, [*command.split(), *folders])
    assert isinstance(run.exception, PortraitError)
    assert str(run.exception).startswith("Another portrait command")
    assert place.snapshot() == before


def test_the_manifest_says_what_was_landed(place: Place) -> None:
    path = place.write("shop/orders/load_date=2024-01-05/a.csv", "x,y," + HEADER + "0,0," + ROW)
    place.land()
    described = place.query("describe select * from '@/manifest.parquet'")
    assert [row[:2] for row in described] == [
        ("system", "VARCHAR"),
        ("schema_name", "VARCHAR"),
        ("table_name", "VARCHAR"),
        ("file", "VARCHAR"),
        ("path", "VARCHAR"),
        ("size_bytes", "BIGINT"),
        ("modified_at", "TIMESTAMP"),
        ("sha256", "VARCHAR"),
        ("load_date", "DATE"),
        ("landed_rows", "BIGINT"),
        ("broken_rows", "BIGINT"),
        ("is_in_place", "BOOLEAN"),
        ("landed_path", "VARCHAR"),
        ("extra_columns", "VARCHAR"),
        ("absent_columns", "VARCHAR"),
        ("landed_at", "TIMESTAMP"),
        ("contract_hash", "VARCHAR"),
        ("instance", "VARCHAR"),
        ("delivery", "VARCHAR"),
    ]
    row = place.query(
        "select system, schema_name, table_name, file, path, size_bytes, load_date, landed_rows, "
        "broken_rows, is_in_place, extra_columns, absent_columns from '@/manifest.parquet'"
    )
    file = "shop/orders/load_date=2024-01-05/a.csv"
    assert row == [
        (
            "shop",
            "raw_shop",
            "orders",
            file,
            str(path),
            path.stat().st_size,
            date(2024, 1, 5),
            1,
            0,
            False,
            "x, y",
            "due, is_paid",
        )
    ]
    columns = place.query("describe select * from '@/raw_shop/customers/_empty.parquet'")
    assert [column[:2] for column in columns] == [
        ("customer_id", "VARCHAR"),
        ("full_name", "VARCHAR"),
        ("_file", "VARCHAR"),
        ("_row", "BIGINT"),
        ("_load_date", "DATE"),
        ("_instance", "VARCHAR"),
        ("_is_deleted", "VARCHAR"),
    ]


def test_the_landing_sources_describe_every_column(place: Place, project_dir: Path) -> None:
    place.write("shop/orders.csv", HEADER)
    place.land()
    path = project_dir / "models/staging/landing/_landing__sources.yml"
    (source,) = yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]
    files = ("manifest", "broken_lines", "config_files")
    files += ("audiences", "audience_steps", "audience_uses")
    for table, name in zip(source["tables"], files, strict=True):
        written = place.query(f"describe select * from '@/{name}.parquet'")
        described = [
            (column["name"], column["data_type"].upper().replace(", ", ","))
            for column in table["columns"]
        ]
        assert described == [row[:2] for row in written]
        assert all(column["description"] for column in table["columns"])
