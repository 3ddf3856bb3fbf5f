"""Two stray quotes must not hide the records between them; texts over several lines are sound."""

import time
from pathlib import Path

import pytest

from portrait.contract import Table, load_contract
from portrait.landing.csv_files import choose_header
from portrait.landing.csv_records import BrokenLine, is_canonical, split_records
from portrait.landing.raw_files import RawFile

TABLES = {table.label: table for table in load_contract(Path(__file__).resolve().parents[3])}
ORDERS = "order_id,customer_id,status,ordered_at,currency,net_amount,coupon_code,updated_at"


def order(number: int, coupon: str = "") -> str:
    moment = f"2026-06-{1 + number % 28:02d} 10:00:00"
    return f"B{number},,paid,{moment},CNY,100.00,{coupon},{moment}"


def read(table: Table, lines: list[str], end: str = "\n") -> tuple[int, list[BrokenLine], bool]:
    """The sound records and the broken ones, and whether DuckDB is left to read the file alone."""
    content = end.join([*lines, ""]).encode()
    header = choose_header(content, RawFile(table, Path("t.csv"), "t.csv", "csv"))
    parts = list(split_records(content, header, tuple(range(len(header.names)))))
    broken = [part for part in parts if isinstance(part, BrokenLine)]
    sound = sum(part.count for part in parts if not isinstance(part, BrokenLine))
    return sound, broken, is_canonical(content, header)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("between", [0, 1, 3, 40])
@pytest.mark.parametrize("around", [0, 1, 500])
def test_a_pair_of_stray_quotes_breaks_the_line_of_the_first(
    end: str, between: int, around: int
) -> None:
    numbers = iter(range(10_000))
    rows = [order(next(numbers)) for _ in range(around)]
    rows.append(order(next(numbers), '"WELCOME'))
    rows += [order(next(numbers)) for _ in range(between)]
    rows.append(order(next(numbers), '10"'))
    rows += [order(next(numbers)) for _ in range(around)]
    sound, broken, is_left_to_duckdb = read(TABLES["shop/orders"], [ORDERS, *rows], end)
    assert sound == len(rows) - 1
    assert [(one.line_number, one.error, one.raw_line) for one in broken] == [
        (around + 2, "a quote swallows the records after it", rows[around])
    ]
    assert not is_left_to_duckdb


def test_each_pair_in_a_file_is_found() -> None:
    rows = [
        order(i, '"A' if i % 10 == 3 else 'B"' if i % 10 == 7 else "SUMMER") for i in range(2000)
    ]
    sound, broken, _ = read(TABLES["shop/orders"], [ORDERS, *rows])
    assert (sound, len(broken)) == (1800, 200)


def test_a_table_of_texts_alone_has_its_required_fields() -> None:
    lines = ["system,native_id,identifier_type,identifier_value,issuer"]
    lines += [f"shop,{i},email,p{i}@example.test," for i in range(3)]
    lines += ['shop,3,email,"p3@example.test,', "shop,4,email,p4@example.test,", 'shop,5,email,p",']
    sound, broken, _ = read(TABLES["crm/identifiers"], lines)
    assert (sound, [one.line_number for one in broken]) == (5, [5])


@pytest.mark.parametrize(
    "text",
    [
        "Leave it\nat the door, please",
        "one, two, three,\nfour, five, six, seven, eight\nnine",
        "A table:\na,b,c,d,e,f,g,h\n,,,,,,,",
        "1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8\n1,2,3,4,5,6,7,8",
        'she said ""yes,\nplease"", twice',
        "\n\n\n",
    ],
)
@pytest.mark.parametrize("column", [1, 6])
def test_a_text_over_several_lines_is_no_fault(text: str, column: int) -> None:
    rows = []
    for i in range(50):
        fields = order(i).split(",")
        fields[column] = f'"{text}"'
        rows.append(",".join(fields))
    sound, broken, is_left_to_duckdb = read(TABLES["shop/orders"], [ORDERS, *rows])
    assert (sound, broken, is_left_to_duckdb) == (50, [], True)


def test_a_large_file_with_texts_over_several_lines_stays_fast() -> None:
    plain = [order(i, '"SUMMER"') for i in range(200_000)]
    texts = [order(i, '"a text,\nand more"') if i % 20 == 0 else order(i) for i in range(200_000)]
    seconds = []
    for rows in (plain, texts):
        content = "\n".join([ORDERS, *rows, ""]).encode()
        header = choose_header(
            content, RawFile(TABLES["shop/orders"], Path("t.csv"), "t.csv", "csv")
        )
        started = time.monotonic()
        assert is_canonical(content, header)
        seconds.append(time.monotonic() - started)
    # 14 MB each; a quarter of a second on an idle core.
    assert max(seconds) < 5
