"""Archives and Excel files are read as the files in them would be, or refused with a sentence.

The contents are those of the fixtures of the adapters, so that the totals are known.
"""

import csv
import io
import random
import re
import struct
import tempfile
import zipfile
from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pytest
from openpyxl import Workbook

from portrait.errors import PortraitError
from portrait.landing import export_folders, export_sheets
from portrait.landing.export_folders import FoundFile, unpacked
from portrait.landing.export_sheets import read_sheets
from portrait.landing.imports import Imported, check_folder, import_folder

PROJECT = Path(__file__).resolve().parents[3]
FIXTURES = PROJECT / "tests" / "adapters"
HEADER = ["Name", "Email", "Created at", "Currency", "Subtotal", "Total", "Lineitem quantity",
          "Lineitem name", "Lineitem price"]  # fmt: skip
CSV = f"{','.join(HEADER)}\n#1,a@example.com,2026-03-01,EUR,10.00,10.00,1,Tea,10.00\n"
MOMENT = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2}) (\d{1,2}):(\d\d)(?::(\d\d))?")


def archive(path: Path, files: dict[str, bytes | str]) -> Path:
    """Write an archive of files by their names."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return path


def book(path: Path, **sheets: Iterable[Iterable[Any]]) -> Path:
    """Write an Excel file of sheets by their names; a pair is a value and its number format."""
    made = Workbook()
    made.remove(made.active)
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for number, row in enumerate(rows, start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place)
                if isinstance(value, tuple):
                    cell.value, cell.number_format = value
                else:
                    cell.value = value
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(path)
    return path


def order(name: Any = "#1", total: Any = 10) -> list[Any]:
    """A row of a short orders export of Shopify, as a sheet holds it."""
    return [name, "a@example.com", datetime(2026, 3, 1, 10), "EUR", total, total, 1, "Tea", total]


def sheets_of(path: Path, tmp_path: Path) -> tuple[dict[str, list[tuple[Any, ...]]], list[str]]:
    """The tables of an Excel file by their names, each with its header; and the remarks."""
    target = tmp_path / "sheets"
    target.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        found = read_sheets(connection, path, path.name, target)
        tables = {}
        for file, name in found.files:
            read = connection.execute(f"from read_parquet('{file}')")
            tables[name] = [tuple(one[0] for one in read.description), *read.fetchall()]
    return tables, found.remarks


def written(raw: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table that an import wrote."""
    with duckdb.connect() as connection:
        return {
            file.relative_to(raw).as_posix(): connection.execute(
                f"from '{file}' order by all"
            ).fetchall()
            for file in sorted(raw.rglob("*.parquet"))
        }


def taken_out(path: Path) -> list[str]:
    """The names of the files in an archive or Excel file."""
    with duckdb.connect() as connection, tempfile.TemporaryDirectory() as scratch:
        found, _ = unpacked(connection, FoundFile(path, path.name), Path(scratch))
        return [file.name for file in found]


def totals(done: Imported) -> list[Any]:
    return [done.rows_in, done.rows_taken, done.left_out, done.money]


# Archives.


@pytest.mark.parametrize("name", ["mailchimp", "ga4"])
def test_an_archive_is_read_as_the_folder_in_it(name: str, tmp_path: Path) -> None:
    files = {
        file.relative_to(FIXTURES / name).as_posix(): file.read_bytes()
        for file in (FIXTURES / name).rglob("*.*")
        if file.is_file() and file.name != "expected.yml"
    }
    packed = archive(tmp_path / "in" / "export.zip", {**files, "__MACOSX/._a.csv": b"x", "d/": b""})
    plain = import_folder(PROJECT, name, FIXTURES / name, tmp_path / "plain")
    done = import_folder(PROJECT, name, packed.parent, tmp_path / "raw")
    assert totals(done) == totals(plain)
    assert written(tmp_path / "raw") == written(tmp_path / "plain")
    assert not done.others
    lines = check_folder(PROJECT, packed)
    assert len(lines) == len(files)
    assert all(
        line.startswith("export.zip/") and f"portrait import {name}" in line for line in lines
    )


def test_what_is_not_read_in_an_archive_is_named(tmp_path: Path) -> None:
    inner = archive(tmp_path / "inner.zip", {"orders.csv": CSV}).read_bytes()
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = 0o120777 << 16
    packed = archive(
        tmp_path / "in" / "e.zip", {"orders.csv": CSV, "b.zip": inner, "c.xls": b"", "d.png": b""}
    )
    with zipfile.ZipFile(packed, "a") as opened:
        opened.writestr(link, "/etc/passwd")
    done = import_folder(PROJECT, "shopify", packed.parent, tmp_path / "raw")
    assert [one.split(";")[0].split(",")[0] for one in done.others] == [
        "e.zip/b.zip: an archive within an archive",
        "e.zip/c.xls: a spreadsheet of a kind that is not read",
        "e.zip/d.png: only .csv",
    ]
    assert done.rows_in == 1


@pytest.mark.parametrize(
    "name", ["../orders.csv", "/orders.csv", "a/../../orders.csv", "a\\..\\orders.csv", "C:\\o.csv"]
)
def test_an_archive_that_names_places_outside_is_refused(name: str, tmp_path: Path) -> None:
    packed = archive(tmp_path / "e.zip", {"orders.csv": CSV, name: CSV})
    with pytest.raises(PortraitError, match=r"e\.zip: .* would lie outside"):
        taken_out(packed)


def encrypted(data: bytes) -> bytes:
    """The archive with the mark of encryption on each of its files."""
    changed = bytearray(data)
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(mark), data):
            changed[found.start() + flags] |= 1
    return bytes(changed)


def test_an_encrypted_archive_is_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path / "e.zip", {"orders.csv": CSV})
    packed.write_bytes(encrypted(packed.read_bytes()))
    sentence = "e.zip: orders.csv is encrypted. Unpack it with its password, and give the folder."
    with pytest.raises(PortraitError, match=re.escape(sentence)):
        import_folder(PROJECT, "shopify", packed, tmp_path / "raw")
    assert not (tmp_path / "raw").exists()
    assert check_folder(PROJECT, packed) == [sentence]


@pytest.mark.parametrize(
    ("bound", "files"),
    [("LARGEST_ARCHIVE_BYTES", {"a.csv": b"0" * 10_000}),
     ("MOST_FILES_OF_ARCHIVE", dict.fromkeys(map(str, range(1001)), b""))],
    ids=["bytes", "files"],
)  # fmt: skip
def test_a_bomb_is_refused_before_it_goes_off(
    bound: str, files: dict[str, bytes | str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_folders, bound, 1000)
    packed = archive(tmp_path / "e.zip", files)
    with pytest.raises(PortraitError, match=r"e\.zip: unpacked, this archive would have"):
        taken_out(packed)


def test_an_archive_that_hides_its_size_gives_no_more_than_it_says(tmp_path: Path) -> None:
    packed = archive(tmp_path / "e.zip", {"a.csv": b"0" * 1_000_000})
    data = packed.read_bytes().replace(struct.pack("<I", 1_000_000), struct.pack("<I", 10))
    packed.write_bytes(data)
    with pytest.raises(PortraitError, match=r"e\.zip: this archive could not be read"):
        taken_out(packed)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_twice_in_an_archive_is_refused(tmp_path: Path) -> None:
    packed = archive(tmp_path / "e.zip", {"orders.csv": CSV})
    with zipfile.ZipFile(packed, "a") as opened:
        opened.writestr("orders.csv", CSV)
    with pytest.raises(PortraitError, match=r"orders\.csv is in it twice"):
        taken_out(packed)


def test_the_names_in_an_archive_may_be_chinese(tmp_path: Path) -> None:
    packed = archive(tmp_path / "e.zip", {"XXXX.csv": CSV, "王.csv": CSV})
    packed.write_bytes(packed.read_bytes().replace(b"XXXX", "订单".encode("gb18030")))
    assert set(taken_out(packed)) == {"e.zip/订单.csv", "e.zip/王.csv"}


# Excel files.


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (7210448301122, "General", "7210448301122"),
        (7210448301122.0, "0", "7210448301122"),
        (999999999999999, "General", "999999999999999"),
        (1930679858170647, "General", "1.93067985817065E+15"),
        (1.93067985817064e18, "General", "1.93067985817064E+18"),
        (1234, "00000", "01234"),
        ("01234", "@", "01234"),
        ('="01234"', "@", None),
        (0.1 + 0.2, "General", "0.3"),
        (19.99, "0.0", "19.99"),
        (-12.5, "General", "-12.5"),
        (1e-7, "General", "0.0000001"),
        (12.0, "0.00", "12"),
        (0, "General", "0"),
        (True, "General", "TRUE"),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        (datetime(2026, 3, 1), "d/m/yy", "2026-03-01"),
        (datetime(2026, 3, 1), "d/m/yy hh:mm", "2026-03-01 00:00:00"),
        (datetime(2026, 3, 1, 22, 2, 11), "d/m/yy hh:mm", "2026-03-01 22:02:11"),
        (time(9, 5), "hh:mm", "09:05:00"),
        ("  two\nlines, \"quoted\"  ", "General", "two\nlines, \"quoted\""),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_it_was_meant(
    value: Any, number_format: str, text: str | None, tmp_path: Path
) -> None:
    path = book(tmp_path / "b.xlsx", S=[["a", "b"], [(value, number_format), "x"]])
    if text is None:
        with pytest.raises(PortraitError, match="row 2 of the sheet S has a formula without"):
            sheets_of(path, tmp_path)
        return
    tables, remarks = sheets_of(path, tmp_path)
    assert tables == {"b.xlsx": [("a", "b"), (text, "x")]}
    assert not remarks


def with_part(path: Path, part: str, change: Any) -> Path:
    """Change the text of a part of an Excel file."""
    with zipfile.ZipFile(path) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    name = next(one for one in parts if part in one)
    parts[name] = change(parts[name].decode()).encode()
    return archive(path, dict(parts))


def test_the_value_of_a_formula_is_read(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", S=[["a", "b"], ['="01234"', "=1/4"]])
    with_part(
        path, "sheet1.xml",
        lambda xml: re.sub(
            r'(<c r="A2") *>(<f>.*?</f>)<v ?/>', r'\1 t="str">\2<v>01234</v>', xml
        ).replace("<v />", "<v>0.25</v>").replace("<v/>", "<v>0.25</v>"),
    )  # fmt: skip
    assert sheets_of(path, tmp_path)[0] == {"b.xlsx": [("a", "b"), ("01234", "0.25")]}


def test_the_first_table_of_each_sheet_is_read_and_the_rest_is_named(tmp_path: Path) -> None:
    path = book(
        tmp_path / "b.xlsx",
        one=[["My orders"], [], ["a", "A", None, "c"], [1, 2, "lost", "#N/A"], [3], [], ["x", "y"]],
        two=[[], ["a", "b"]],
        empty=[["only a title"]],
    )
    tables, remarks = sheets_of(path, tmp_path)
    assert tables == {
        "b.xlsx/one": [("a", "A (2)", "c"), ("1", "2", None), ("3", None, None)],
        "b.xlsx/two": [("a", "b")],
    }
    assert remarks == [
        "b.xlsx/one: 1 row above the header",
        "b.xlsx/one: 1 row below an empty row",
        "b.xlsx/one: 1 cell in columns without a name",
        "b.xlsx/one: 1 cell with an error of the spreadsheet, such as #N/A",
        "b.xlsx: no table in the sheet empty",
    ]


def test_a_sheet_may_be_larger_than_it_says(tmp_path: Path) -> None:
    """Some programs write that a sheet has the one cell A1."""
    path = book(tmp_path / "b.xlsx", S=[["a", "b"], [1, 2]])
    with_part(path, "sheet1.xml", lambda xml: re.sub(r'ref="A1:B2"', 'ref="A1"', xml))
    assert sheets_of(path, tmp_path)[0] == {"b.xlsx": [("a", "b"), ("1", "2")]}


def as_excel_has_it(text: str) -> Any:
    """A value of a CSV file, as it stands in the cell that its program wrote."""
    if text.startswith('="') or not text:
        return text.removeprefix('="').removesuffix('"') or None
    if found := MOMENT.fullmatch(text):
        return datetime(*(int(part or 0) for part in found.groups()))
    if re.fullmatch(r"-?\d{1,6}\.\d\d", text):
        return float(text)
    return text


def test_an_excel_file_is_read_as_the_csv_files_of_its_sheets(tmp_path: Path) -> None:
    """Two exports of Taobao, as sheets of one file: the same rows and amounts."""
    sheets = {}
    for file in sorted((FIXTURES / "taobao").glob("*.csv")):
        read = csv.reader(io.StringIO(file.read_bytes().decode("gb18030")))
        sheets[file.stem[:20]] = [[as_excel_has_it(text) for text in row] for row in read]
    packed = book(tmp_path / "in" / "Export.xlsx", **sheets)
    plain = import_folder(PROJECT, "taobao", FIXTURES / "taobao", tmp_path / "plain")
    done = import_folder(
        PROJECT, "taobao", packed.parent, tmp_path / "raw", encoding="gb18030"
    )  # fmt: skip
    assert totals(done) == totals(plain)
    assert all("portrait import taobao" in line for line in check_folder(PROJECT, packed))

    def moments_aside(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        return [
            tuple(None if MOMENT.match(str(value)) else _plain(value) for value in row)
            for row in rows
        ]

    def _plain(value: Any) -> Any:
        return float(value) if re.fullmatch(r"-?\d{1,6}(\.\d+)?", str(value)) else value

    expected, found = written(tmp_path / "plain"), written(tmp_path / "raw")
    assert expected.keys() == found.keys()
    for name, rows in expected.items():
        assert moments_aside(rows) == moments_aside(found[name]), name


def test_a_number_that_excel_cut_short_is_left_out_with_the_reason(tmp_path: Path) -> None:
    rows = [HEADER, order(7210448301122), order(1930679858170647), order(1930679858170648)]
    book(tmp_path / "in" / "orders.xlsx", S=rows)
    done = import_folder(PROJECT, "shopify", tmp_path / "in", tmp_path / "raw")
    assert done.left_out == {"Name was shortened by a spreadsheet": 2}
    (orders,) = [rows for name, rows in written(tmp_path / "raw").items() if "orders/" in name]
    assert [row[0] for row in orders] == ["7210448301122"]
    lines = (tmp_path / "raw/.import/shopify/left_out.csv").read_text("utf-8").splitlines()
    assert lines[1].startswith("orders.xlsx,2,")


def test_an_excel_file_in_an_archive_is_read(tmp_path: Path) -> None:
    inner = book(tmp_path / "orders.xlsx", S=[HEADER, order()]).read_bytes()
    packed = archive(tmp_path / "in" / "e.zip", {"2026|03/orders.xlsx": inner})
    done = import_folder(PROJECT, "shopify", packed.parent, tmp_path / "raw")
    assert [read.file.name for read in done.files] == ["e.zip/2026|03/orders.xlsx"]
    assert done.rows_taken == 1


def test_a_spreadsheet_that_is_none_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0 as with a password")
    with pytest.raises(PortraitError, match=r"b\.xlsx: .* If it has a password"):
        sheets_of(path, tmp_path)
    book(path, S=[HEADER, order()])
    monkeypatch.setattr(export_sheets, "LARGEST_SHEETS_BYTES", 1000)
    with pytest.raises(PortraitError, match=r"b\.xlsx: unpacked, this spreadsheet would have"):
        sheets_of(path, tmp_path)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("sheet1.xml", 'r="2"', 'r="99999999"'),
        ("sheet1.xml", "<sheetData>", "<sheetData><broken>"),
        ("styles.xml", "<cellXfs", "<cellXfzz"),
        ("workbook.xml", "sheetId", "sheetld"),
    ],
    ids=["row without end", "broken", "styles", "workbook"],
)  # fmt: skip
def test_a_damaged_spreadsheet_has_a_sentence(
    part: str, old: str, new: str, tmp_path: Path
) -> None:
    path = book(tmp_path / "b.xlsx", S=[["a", "b"], [datetime(2026, 3, 1), 2]])
    with_part(path, part, lambda xml: xml.replace(old, new, 1))
    with pytest.raises(PortraitError, match=r"b\.xlsx: "):
        sheets_of(path, tmp_path)


def test_a_cell_that_grows_without_end_is_refused(tmp_path: Path) -> None:
    """Each entity is fifty times the one before: 60 MB of a few hundred letters."""
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 50}">' for old, new in ("ab", "bc", "cd", "de")
    )
    path = book(tmp_path / "b.xlsx", S=[["a", "b"], [1, 2]])
    with_part(
        path, "sheet1.xml",
        lambda xml: f"<!DOCTYPE a [{entities}]>" + xml.replace("<v>2</v>", "<v>&e;</v>"),
    )  # fmt: skip
    with pytest.raises(PortraitError, match=r"b\.xlsx: .*amplification"):
        sheets_of(path, tmp_path)


def test_changed_bytes_are_read_or_refused_with_a_sentence(tmp_path: Path) -> None:
    chance = random.Random(18)
    sheet = book(tmp_path / "b.xlsx", S=[HEADER, order(), order("#2", 1.5)])
    with zipfile.ZipFile(sheet) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    packed = archive(tmp_path / "e.zip", {"orders.csv": CSV, "b.xlsx": sheet.read_bytes()})
    refused = 0
    for turn in range(120):
        if turn % 3:
            # Of a part, so that its sum still holds and the reader within is reached.
            name = chance.choice(sorted(parts))
            path = archive(tmp_path / f"{turn}.xlsx", {**parts, name: changed(parts[name], chance)})
        else:
            path = tmp_path / f"{turn}.zip"
            path.write_bytes(changed(packed.read_bytes(), chance))
        try:
            taken_out(path)
        except PortraitError as error:
            assert re.match(rf"{re.escape(path.name)}(/b\.xlsx)?: ", str(error))
            refused += 1
    assert 20 < refused < 120


def changed(data: bytes, chance: random.Random) -> bytes:
    """Some bytes changed, doubled, or cut off."""
    made = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(made))
        match chance.randrange(3):
            case 0:
                made[place] = chance.randrange(256)
            case 1:
                made[place:place] = made[place : place + chance.randint(1, 40)]
            case 2:
                del made[place : place + chance.randint(1, 40)]
    return bytes(made)
