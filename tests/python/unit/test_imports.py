"""Adapters turn exports into raw files, lose no row and no cent, and say what they left out.

Each adapter has a folder below `tests/adapters/`: files in the real header, with what spreadsheets
and old programs do to them, and `expected.yml`, which says what must come of them.
"""

import re
import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from portrait.cli import cli
from portrait.contract import Column, Table, load_contract
from portrait.errors import PortraitError
from portrait.landing.adapters import Export, load_adapters
from portrait.landing.export_files import guess_encoding, open_export
from portrait.landing.imports import Imported, check_folder, import_folder
from portrait.landing.land import land
from portrait.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
FIXTURES = PROJECT / "tests" / "adapters"
PAGE = PROJECT / "docs" / "import.md"
ADAPTERS = load_adapters(PROJECT)
NAMES = sorted(ADAPTERS)
CONTRACT = {table.label: table for table in load_contract(PROJECT)}
# What staging reads as a moment: the year first, with or without a time and a zone, or seconds.
MOMENT = r"^([0-9]{4}[-/年][0-9]{1,2}[-/月][0-9]{1,2}.*|1[0-9]{9}|1[0-9]{12}|1[0-9]{15})$"


@pytest.fixture(scope="module")
def imports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Imported, Path]]:
    """What each adapter made of its fixture, and the raw folder that it wrote into."""
    made = {}
    for name in NAMES:
        raw = tmp_path_factory.mktemp(name) / "raw"
        options = expected(name).get("options", {})
        made[name] = import_folder(PROJECT, name, FIXTURES / name, raw, **options), raw
    return made


def expected(name: str) -> dict[str, Any]:
    """What is expected of an adapter's fixture."""
    text = (FIXTURES / name / "expected.yml").read_text("utf-8")
    content: dict[str, Any] = yaml.safe_load(text)
    # Values are texts as they stand, an empty one is none.
    return content | {"values": yaml.load(text, yaml.BaseLoader)["values"]}


def rows(query: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


def files_of(raw: Path) -> dict[str, Path]:
    """The files that an adapter wrote, by their table."""
    files = sorted(raw.rglob("*.parquet"))
    return {"/".join(file.relative_to(raw).parts[:2]): file for file in files}


@pytest.mark.parametrize("name", NAMES)
def test_the_totals_of_a_fixture_come_out(
    name: str, imports: dict[str, tuple[Imported, Path]]
) -> None:
    done, raw = imports[name]
    told = expected(name)
    assert done.left_out == told.get("left_out", {})
    assert done.rows_in == told["rows_in"]
    assert done.rows_taken + sum(done.left_out.values()) == done.rows_in
    money = [
        [m.export, m.currency, *map(float, (m.came_in, m.went_out, m.not_in_parts, m.left_out))]
        for m in done.money
    ]
    assert money == told.get("money", [])
    for m in done.money:
        assert m.came_in == m.went_out + m.not_in_parts + m.left_out
    assert {table: len(rows(f"from '{file}'")) for table, file in files_of(raw).items()} == told[
        "written"
    ]
    assert {file.file.name: file.unknown for file in done.files if file.unknown} == told.get(
        "unknown", {}
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_values_of_a_fixture_are_as_expected(
    name: str, imports: dict[str, tuple[Imported, Path]]
) -> None:
    """`expected.yml` names some values of some rows, each by the table and its key."""
    files = files_of(imports[name][1])
    for label, wanted in expected(name)["values"].items():
        key = CONTRACT[label].key
        for told in wanted:
            condition = " and ".join(
                f"{column} is not distinct from '{told[column].replace(chr(39), chr(39) * 2)}'"
                for column in key
                if column in told
            )
            columns = ", ".join(f"cast({column} as varchar)" for column in told)
            found = rows(f"select {columns} from '{files[label]}' where {condition}")
            texts = [value or None for value in told.values()]
            assert [list(row) for row in found] == [texts], f"{label}: {told}"


@pytest.mark.parametrize("name", NAMES)
def test_what_an_adapter_writes_lands_as_it_is(
    name: str, imports: dict[str, tuple[Imported, Path]], tmp_path: Path
) -> None:
    """No unknown file or column, and no row that the contract rejects, but for those expected."""
    _, raw = imports[name]
    result = land(Settings(PROJECT, raw, tmp_path / "warehouse"))
    assert not result.unknown
    assert not result.extra_columns
    assert result.broken_lines == 0
    rejected = {
        label: sorted(faults_of(file, CONTRACT[label]))
        for label, file in files_of(raw).items()
        if faults_of(file, CONTRACT[label])
    }
    assert rejected == expected(name).get("rejected", {})


def faults_of(file: Path, table: Table) -> list[str]:
    """The rows of a file that staging would reject, as `column: value`; keys must be unique."""
    columns = {row[0] for row in rows(f"describe from '{file}'")}
    assert columns <= set(table.column_names)
    key = ", ".join(
        f"coalesce(cast({name} as varchar), '')" for name in table.key if name in columns
    )
    assert rows(f"select count(*) = count(distinct ({key})) from '{file}'") == [(True,)]
    found = []
    for column in table.columns:
        if column.name in columns:
            value = f"cast({column.name} as varchar)"
            faults = rows(
                f"select coalesce({value}, 'nothing') from '{file}' where {fault_of(column, value)}"
            )
            found += [f"{column.name}: {fault}" for (fault,) in faults]
        else:
            assert not column.required, f"{column.name} is required"
    return found


def fault_of(column: Column, value: str) -> str:
    """The condition under which staging rejects a row for a value."""
    decides = column.required or column.meta.get("decides") is True
    faults = [f"coalesce({value}, '') = ''"] if column.required else []
    if column.data_type in ("decimal", "rate") and column.meta.get("decides") is not False:
        faults.append(f"{value} is not null and try_cast({value} as decimal(18, 4)) is null")
    if column.data_type == "currency":
        faults.append(f"{value} is not null and not regexp_matches({value}, '^[A-Z]{{3}}$')")
    if column.data_type in ("timestamp", "date") and decides:
        faults.append(f"{value} is not null and not regexp_matches({value}, '{MOMENT}')")
    other = column.meta.get("required_without")
    return " or ".join(faults) if faults and not other else (faults[0] if faults else "false")


@pytest.mark.parametrize("name", NAMES)
def test_check_knows_the_files_of_a_fixture(name: str) -> None:
    """Each file is an export of its own adapter and of no other one."""
    files = {line.split(": ")[0]: line for line in check_folder(PROJECT, FIXTURES / name)}
    for file in (FIXTURES / name).rglob("*.*"):
        if file.name != "expected.yml":
            found = files[file.relative_to(FIXTURES / name).as_posix()]
            assert f"portrait import {name}" in found


# --- the page -------------------------------------------------------------------------------


def tables_of_the_page(name: str) -> set[str]:
    """The target columns that the page's section of an adapter names, as `shop/orders.status`."""
    title = re.escape(ADAPTERS[name].title)
    text = PAGE.read_text("utf-8")
    section = re.split(rf"^## {title}$", text, flags=re.MULTILINE)[1].split("\n## ")[0]
    return {
        f"{table}.{column}"
        for table, columns in re.findall(r"^\| `(\w+/\w+)` \| ([^|]*) \|", section, re.MULTILINE)
        for column in re.findall(r"`(\w+)`", columns)
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_page_maps_each_column_that_is_written(
    name: str, imports: dict[str, tuple[Imported, Path]]
) -> None:
    written = {
        f"{label}.{row[0]}"
        for label, file in files_of(imports[name][1]).items()
        for row in rows(f"describe from '{file}'")
    }
    assert tables_of_the_page(name) == written


@pytest.mark.parametrize("name", NAMES)
def test_the_page_names_the_exports_of_an_adapter(name: str) -> None:
    text = " ".join(PAGE.read_text("utf-8").split())
    for export in ADAPTERS[name].exports:
        assert export.title in text
        for column in export.unused:
            # Of columns with numbers the first stands for all.
            assert re.sub(r"(?<=[ _])[2-9](?= |$)", "1", column) in text, (
                f"{export.title}: {column}"
            )


@pytest.mark.parametrize("name", NAMES)
def test_each_column_that_an_adapter_knows_is_read(name: str) -> None:
    """But for those by which an export is told from others."""
    sql = ADAPTERS[name].sql.split("*/", 1)[1]
    for export in ADAPTERS[name].exports:
        for column in set(export.read) - set(export.needed):
            pattern = rf'"{re.escape(column)}"|(?<![\w"]){re.escape(column)}(?![\w"])'
            assert re.search(pattern, sql), f"{export.title}: {column} is neither read nor unused"


# --- files ----------------------------------------------------------------------------------

ORDERS = (
    "Name,Email,Created at,Currency,Subtotal,Total,Lineitem quantity,Lineitem name,Lineitem price"
)


def orders(folder: Path, *lines: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    """Write a short orders export of Shopify."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes("\n".join((ORDERS, *lines, "")).encode(encoding))
    return folder


def order(number: str, total: str = "10.00", name: str = "Tea") -> str:
    """A row of a short orders export."""
    return f"{number},a@example.com,2026-03-01 10:00:00 +0100,EUR,{total},{total},1,{name},{total}"


def shopify(folder: Path, raw: Path, **options: Any) -> Imported:
    return import_folder(PROJECT, "shopify", folder, raw, **options)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Müller 王小明"),
        ("utf-8-sig", "Müller 王小明"),
        ("utf-16", "Müller 王小明"),
        ("utf-16-be", "Mueller"),
        ("gb18030", "王小明，订单编号"),
        ("windows-1252", "Müller, Grüße, Café"),
    ],
)
def test_an_encoding_is_found(encoding: str, text: str, tmp_path: Path) -> None:
    folder = orders(tmp_path / "in", order("#1", name=f'"{text}"'), encoding=encoding)
    shopify(folder, tmp_path / "raw")
    file = tmp_path / "raw/shop/order_items/shopify.parquet"
    assert rows(f"select description from '{file}'") == [(text,)]


def test_an_encoding_may_be_named(tmp_path: Path) -> None:
    folder = orders(tmp_path / "in", order("#1", name="Ж"), encoding="koi8-r")
    shopify(folder, tmp_path / "raw", encoding="koi8-r")
    file = tmp_path / "raw/shop/order_items/shopify.parquet"
    assert rows(f"select description from '{file}'") == [("Ж",)]
    with pytest.raises(PortraitError, match="could not be read as nonsense"):
        shopify(folder, tmp_path / "raw", encoding="nonsense")


def test_one_bad_line_does_not_change_the_encoding() -> None:
    lines = ["é".encode()] * 3 + ["é".encode("windows-1252")]
    assert guess_encoding(b"\n".join(lines), "f.csv") == "utf-8"
    with pytest.raises(PortraitError, match="neither UTF-8"):
        guess_encoding(b"a\x81\x8db\x81", "f.csv")


@pytest.mark.parametrize(
    ("written", "other", "read"),
    [
        ("12.50", "1.00", "12.50"),
        ("12,50", "1,00", "12.50"),
        ("1.234,56", "1,00", "1234.56"),
        ("1,234.56", "1.00", "1234.56"),
        ("$1,234.50", "1.00", "1234.50"),
        ("-$8.00", "1.00", "-8.00"),
        ("(12.50)", "1.00", "-12.50"),
        ("12.50-", "1.00", "-12.50"),
        ("€ 12,50", "1,00", "12.50"),
        ("12,50 EUR", "1,00", "12.50"),
        ("1,500", "1.00", "1500"),
        ("1,500", "1,00", "1.500"),
        ("1,500", "1", "1,500"),  # it may be two numbers
        ("1.500", "1,00", "1500"),
        ("1.500", "1", "1.500"),
        ("1,234,567", "1", "1234567"),
        ('="12.50"', "1.00", "12.50"),
        ("1.5E+3", "1.00", "1.5E+3"),
        ("12.3.4", "1.00", "12.3.4"),
        ("free", "1.00", "free"),
    ],
)
def test_an_amount_is_read_where_it_is_sure(
    written: str, other: str, read: str, tmp_path: Path
) -> None:
    quoted = f'"{written.replace(chr(34), chr(34) * 2)}"'
    line = f'#1,,2026-03-01,EUR,"{other}","{other}",1,Tea,{quoted}'
    shopify(orders(tmp_path / "in", line), tmp_path / "raw")
    file = tmp_path / "raw/shop/order_items/shopify.parquet"
    assert rows(f"select unit_price from '{file}'") == [(read,)]


def test_amounts_without_a_currency_have_the_one_that_is_named(tmp_path: Path) -> None:
    line = order("#1").replace("EUR", "")
    done = shopify(orders(tmp_path / "in", line), tmp_path / "raw", currency="usd")
    assert [money.currency for money in done.money] == ["USD"]
    file = tmp_path / "raw/shop/orders/shopify.parquet"
    assert rows(f"select currency from '{file}'") == [("USD",)]


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_a_damaged_file_has_a_sentence(ending: str, tmp_path: Path) -> None:
    (tmp_path / f"events.{ending}").write_bytes(b'PAR1{"event_id": "a"\n[}PAR1')
    with pytest.raises(PortraitError, match=rf"events\.{ending}: could not be read"):
        import_folder(PROJECT, "klaviyo", tmp_path, tmp_path / "raw")


def test_values_in_json_and_parquet_files_stay_as_they_are(tmp_path: Path) -> None:
    """A time keeps its zone, and a number its places."""
    folder = tmp_path / "in"
    folder.mkdir()
    event = (
        '{"event_id": "%s", "metric": "Opened Email", "datetime": "2026-03-01T09:00:00+02:00", '
        '"profile_id": 17, "campaign_id": "1.10"}\n'
    )
    (folder / "events.jsonl").write_text(event % "a" + event % "b", "utf-8")
    with duckdb.connect() as connection:
        connection.execute(
            "copy (select 'c' as uuid, 'Opened Email' as metric, 17 as profile_id, '2' as "
            "campaign_id, timestamptz '2026-03-01 09:00:00+02' as datetime) "
            f"to '{folder / 'events.parquet'}' (format parquet)"
        )
    import_folder(PROJECT, "klaviyo", folder, tmp_path / "raw")
    file = tmp_path / "raw/crm/campaign_contacts/klaviyo.parquet"
    assert rows(f"select campaign_contact_id, opened_at from '{file}' order by 1") == [
        ("1.10/17", "2026-03-01T09:00:00+02:00"),
        ("2/17", "2026-03-01 07:00:00+00"),
    ]


def test_files_of_an_order_that_came_twice_count_once(tmp_path: Path) -> None:
    orders(tmp_path / "in", order("#1", "10.00"), order("#2", "5.00"), name="a.csv")
    orders(tmp_path / "in", order("#1", "12.00"), name="b.csv")
    done = shopify(tmp_path / "in", tmp_path / "raw")
    assert done.left_out == {"the order is in a later file, too": 1}
    file = tmp_path / "raw/shop/orders/shopify.parquet"
    assert rows(f"select order_id, net_amount from '{file}' order by 1") == [
        ("#1", "12.00"),
        ("#2", "5.00"),
    ]
    assert [(m.came_in, m.left_out) for m in done.money] == [(Decimal(27), Decimal(10))]


def test_a_missing_column_has_a_sentence_with_file_and_header(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "orders.csv").write_text(f"{ORDERS.replace('Total,', '')}\n", "utf-8")
    with pytest.raises(PortraitError) as error:
        shopify(folder, tmp_path / "raw")
    sentence = str(error.value)
    assert "orders.csv: this looks like Shopify's orders export" in sentence
    assert "the column Total is missing" in sentence
    assert "Lineitem quantity" in sentence
    assert not (tmp_path / "raw").exists()
    assert check_folder(PROJECT, folder) == [
        "orders.csv: almost Shopify's orders export (shopify), without Total"
    ]


def test_other_files_are_passed_over_and_named(tmp_path: Path) -> None:
    folder = orders(tmp_path / "in", order("#1"))
    (folder / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    (folder / "orders.xls").write_bytes(b"PK")
    (folder / "~$orders.xlsx").write_bytes(b"an open file of Excel")
    (folder / "photo.png").write_bytes(b"x")
    done = shopify(folder, tmp_path / "raw")
    assert done.others == [
        "notes.csv: no export of Shopify that is known",
        "orders.xls: a spreadsheet of a kind that is not read; save it as .xlsx or CSV",
        "photo.png: only .csv, .txt, .tsv, .parquet, .json, .jsonl, .ndjson, .xlsx, .xlsm, .zip "
        "are read",
    ]


@pytest.mark.parametrize("content", ["missing", "empty", "other", "blank"])
def test_nothing_to_import_has_a_sentence(content: str, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    if content != "missing":
        folder.mkdir()
    if content == "other":
        (folder / "notes.csv").write_text("a,b\n1,2\n", "utf-8")
    if content == "blank":
        (folder / "orders.csv").write_text(" \n", "utf-8")
    run = CliRunner().invoke(cli, ["import", "shopify", str(folder), "--to", str(tmp_path / "raw")])
    assert isinstance(run.exception, PortraitError)
    assert not (tmp_path / "raw").exists()


def test_a_load_date_and_an_instance_are_folders(tmp_path: Path) -> None:
    folder = orders(tmp_path / "in", order("#1"))
    raw = tmp_path / "raw"
    shopify(folder, raw, load_date=date(2026, 3, 2), instance="berlin")
    assert (raw / "shop@berlin/orders/load_date=2026-03-02/shopify.parquet").is_file()
    result = land(Settings(PROJECT, raw, tmp_path / "warehouse"))
    assert {(row.instance, row.load_date) for row in result.files} == {("berlin", date(2026, 3, 2))}


def test_a_second_import_replaces_the_first(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shopify(orders(tmp_path / "one", order("#1"), order("#2")), raw)
    done = shopify(orders(tmp_path / "two", order("#3")), raw)
    file = raw / "shop/orders/shopify.parquet"
    assert (done.before[file], done.written[file]) == (2, 1)
    assert rows(f"select order_id from '{file}'") == [("#3",)]


def test_what_a_second_import_does_not_have_is_left_and_named(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    shopify(FIXTURES / "shopify", raw)
    done = shopify(orders(tmp_path / "two", order("#3")), raw)
    assert done.kept == [raw / "shop/payments/shopify.parquet"]


def test_numbers_of_an_instance_are_written_out_where_others_name_them(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    import_folder(PROJECT, "klaviyo", FIXTURES / "klaviyo", raw, instance="news")
    file = raw / "crm@news/campaign_contacts/klaviyo.parquet"
    assert rows(f"select campaign_id, native_id from '{file}' order by 2 limit 1") == [
        ("01CMARCH", "news/01HADA")
    ]


def test_two_systems_of_a_kind_need_a_name(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    (raw / "shop").mkdir(parents=True)
    (raw / "shop/coupons.csv").write_text("coupon_code\n", "utf-8")  # in the way of nothing
    (raw / "shop/orders.csv").write_text("order_id,ordered_at\n", "utf-8")
    folder = orders(tmp_path / "in", order("#1"))
    with pytest.raises(PortraitError, match="--instance shopify"):
        shopify(folder, raw)
    shopify(folder, raw, instance="shopify")


def test_a_fault_of_an_adapter_writes_nothing(tmp_path: Path) -> None:
    """A row that is lost, one that is taken and left out, and amounts that do not come out."""
    project = tmp_path / "project"
    (project / "adapters").mkdir(parents=True)
    shutil.copytree(PROJECT / "models/staging", project / "models/staging")
    sql = ADAPTERS["shopify"].sql
    faults = {
        "neither taken over nor left out": "delete from shop.orders; delete from shop.order_items",
        "both taken over and left out": "insert into left_out select _from, 'no' from shop.orders",
        "in no part": "update money_out set amount = amount + 1",
        "could not work with these files": "select cast('x' as integer)",
    }
    folder = orders(tmp_path / "in", order("#1"))
    for sentence, fault in faults.items():
        (project / "adapters/shopify.sql").write_text(f"{sql}\n{fault};", "utf-8")
        with pytest.raises(PortraitError, match=sentence):
            import_folder(project, "shopify", folder, tmp_path / "raw")
        assert not (tmp_path / "raw").exists()


def test_an_adapter_is_found_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "adapters").mkdir()
    file = tmp_path / "adapters/kiosk.sql"
    file.write_text(
        "/*\ntitle: Kiosk\nexports:\n  sales: {title: sales, source: me, keys: [No]}\n*/"
    )
    (adapter,) = load_adapters(tmp_path).values()
    assert (adapter.name, adapter.exports[0].needed) == ("kiosk", ("No",))
    file.write_text("select 1")
    with pytest.raises(PortraitError, match=r"adapters/kiosk\.sql: the first comment says"):
        load_adapters(tmp_path)


def test_a_header_has_other_names() -> None:
    export = ADAPTERS["shopify"].exports[1]
    assert isinstance(export, Export)
    assert export.missing(["First Name", "last name", "Email", "Accepts Marketing"]) == []
    with duckdb.connect() as connection:
        file = open_export(connection, FIXTURES / "shopify/customers_export.csv", "c.csv")
    assert file.encoding == "windows-1252"


def test_the_commands_are_listed() -> None:
    listed = CliRunner().invoke(cli, ["import", "--help"]).output
    assert "check" in listed
    assert all(name in listed for name in NAMES)
    help_text = CliRunner().invoke(cli, ["import", "shopify", "--help"]).output
    assert "--load-date" in help_text


def test_the_command_says_what_it_did(tmp_path: Path) -> None:
    run = CliRunner().invoke(
        cli, ["import", "shopify", str(FIXTURES / "shopify"), "--to", str(tmp_path / "raw")]
    )
    assert run.exit_code == 0, run.output
    assert "unknown columns, not taken over: Gift Note" in run.output
    assert "Rows: 14 in = 9 taken over + 5 left out" in run.output
    assert "Money of orders: 21.60 USD in = 21.60" in run.output
    left_out = (tmp_path / "raw/.import/shopify/left_out.csv").read_text("utf-8").splitlines()
    assert left_out[0] == "file,row,reason,text"
    assert len(left_out) == 6
