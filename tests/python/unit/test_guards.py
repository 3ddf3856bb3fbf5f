"""What a build must not be published with is refused, with a sentence that says what to do."""

import json
import os
import socket
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from portrait.build.guards import (
    require_data_up_to_as_of,
    require_known_currency,
    require_not_emptied,
    require_rows_up_to,
    require_same_settings,
    require_some_readable,
    require_unchanged_files,
    require_whole_run,
)
from portrait.contract import load_contract
from portrait.errors import PortraitError
from portrait.landing.land import LandingResult, land
from portrait.settings import Settings, pseudonym_key
from portrait.warehouse import Warehouse

PROJECT = Path(__file__).resolve().parents[3]
CONTRACT = load_contract(PROJECT)


def settings_of(folder: Path, **values: object) -> Settings:
    return Settings(PROJECT, folder / "raw", folder / "warehouse", **values)


def landed(folder: Path, files: dict[str, str]) -> LandingResult:
    for name, text in files.items():
        file = folder / "raw" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return land(settings_of(folder))


def orders(*currencies: str) -> str:
    rows = (f"{i},2026-06-01 10:00:00,{word}\n" for i, word in enumerate(currencies))
    return "order_id,ordered_at,currency\n" + "".join(rows)


RATES = "rate_date,from_currency,to_currency,rate\n2026-06-01,USD,CNY,7.1\n"


# The reporting currency ---------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("CNY", "CNY", "USD"), ("CNY", "cny ", "", "CNY", "")])
def test_a_currency_of_no_row_and_no_rate_is_refused(tmp_path, words):
    result = landed(tmp_path, {"shop/orders.csv": orders(*words), "ops/fx_rates.csv": RATES})
    with pytest.raises(PortraitError, match=r"XYZ, which no row is in and no rate .* CNY"):
        require_known_currency(settings_of(tmp_path, currency="XYZ"), CONTRACT, result.files)


@pytest.mark.parametrize(
    ("currency", "words", "rates"),
    [
        ("CNY", ("CNY", "USD"), ""),
        ("CNY", ("USD", "USD"), RATES),
        ("EUR", ("eur ", "USD"), RATES),
        ("EUR", ("", "", "USD"), ""),
        ("EUR", ("€", "€", "USD"), ""),
        ("EUR", (), RATES),
    ],
)
def test_a_currency_that_something_is_in_or_leads_to_is_taken(tmp_path, currency, words, rates):
    files = {"shop/orders.csv": orders(*words)} | ({"ops/fx_rates.csv": rates} if rates else {})
    result = landed(tmp_path, files)
    require_known_currency(settings_of(tmp_path, currency=currency), CONTRACT, result.files)


# A table of which nothing can be read -------------------------------------------------------------


def test_a_table_without_a_readable_record_is_refused(tmp_path):
    # A comma behind every row, and not behind the header.
    broken = orders("CNY", "CNY", "CNY").replace("CNY\n", "CNY,\n")
    files = {"shop/orders/a.csv": broken, "shop/customers.csv": "customer_id\n1\n"}
    result = landed(tmp_path, files)
    landing = tmp_path / "warehouse" / "landing"
    with pytest.raises(
        PortraitError, match=r"shop/orders: none of its 3 records .* reason: 4 fields, expected 3"
    ):
        require_some_readable(landing, result.files)
    result = landed(tmp_path, {"shop/orders/b.csv": orders("CNY")})
    require_some_readable(landing, result.files)


# The as-of date -----------------------------------------------------------------------------------


def test_an_as_of_date_before_every_load_is_refused(tmp_path):
    files = {f"shop/orders/load_date=2026-06-{day}/a.csv": orders("CNY") for day in (29, 30)}
    result = landed(tmp_path, files)
    with pytest.raises(PortraitError, match=r"2026-06-28 lies before .*2026-06-29"):
        require_rows_up_to(settings_of(tmp_path, as_of=date(2026, 6, 28)), result.files)
    for as_of in (None, date(2026, 6, 29)):
        require_rows_up_to(settings_of(tmp_path, as_of=as_of), result.files)
    # A file without a load date may have been there always.
    result = landed(tmp_path, {"shop/customers.csv": "customer_id\n1\n"})
    require_rows_up_to(settings_of(tmp_path, as_of=date(2020, 1, 1)), result.files)


def write_as_of(warehouse: Warehouse, **values: object) -> None:
    row = {
        "timezone": "Asia/Shanghai",
        "currency": "CNY",
        "is_given": False,
        "as_of_date": date(2026, 6, 30),
        "first_data_date": date(2026, 1, 1),
        **values,
    }
    warehouse.work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(warehouse.work_build)) as connection:
        names = ", ".join(f"cast(? as {_type(value)}) as {name}" for name, value in row.items())
        connection.execute("create schema if not exists intermediate")
        connection.execute(
            f"create or replace table intermediate.int_as_of as select {names}", [*row.values()]
        )


def _type(value: object) -> str:
    return {str: "varchar", bool: "boolean"}.get(type(value), "date")


@pytest.mark.parametrize(
    ("as_of", "first", "is_refused"),
    [
        (date(2020, 1, 1), date(2026, 1, 1), True),
        (date(2026, 1, 1), date(2026, 1, 1), False),
        (date(2020, 1, 1), None, False),
    ],
)
def test_an_as_of_date_before_the_first_day_with_data_is_refused(
    tmp_path, as_of, first, is_refused
):
    warehouse = Warehouse(tmp_path)
    write_as_of(warehouse, as_of_date=as_of, first_data_date=first)
    if is_refused:
        with pytest.raises(PortraitError, match="2020-01-01 lies before the first day with data"):
            require_data_up_to_as_of(warehouse)
    else:
        require_data_up_to_as_of(warehouse)


# A build that has lost what the last one held -----------------------------------------------------


def write_marts(file: Path, raw: str = "raw", as_of: str = "2026-06-30", **rows: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(file)) as connection:
        connection.execute("create schema marts; create schema quality")
        for name, number in {"customer_rfm": 1, "rpt_kpis_daily": 1, **rows}.items():
            connection.execute(
                f"create table marts.{name} as select date '{as_of}' as as_of_date "
                f"from range({number})"
            )
        connection.execute(
            f"create table quality.build_info as select '{raw}' as raw_folder, "
            f"date '{as_of}' as as_of_date"
        )


FULL = {"dim_customers": 5, "fct_orders": 9, "fct_payments": 3, "fct_sessions": 0}


@pytest.mark.parametrize(
    ("now", "lost"),
    [
        ({"dim_customers": 0, "fct_orders": 0}, "dim_customers .5 rows., fct_orders .9 rows."),
        ({"fct_payments": 0}, "fct_payments .3 rows."),
        ({"fct_orders": 0, "as_of": "2020-01-01"}, "fct_orders"),
        ({"dim_customers": 0, "raw": "other"}, "dim_customers"),
        ({"fct_payments": 0, "as_of": "2020-01-01"}, ""),
        ({"fct_payments": 0, "raw": "other"}, ""),
        ({"rpt_kpis_daily": 0}, ""),
        ({"fct_orders": 1}, ""),
    ],
)
def test_a_table_that_is_empty_and_was_not_is_refused(tmp_path, now, lost):
    settings = settings_of(tmp_path)
    warehouse = Warehouse(settings.warehouse)
    write_marts(warehouse.builds / "20260630T101500Z-3f2a" / "portrait.duckdb", **FULL)
    warehouse.current.symlink_to("builds/20260630T101500Z-3f2a")
    raw = now.pop("raw", "raw") if "raw" in now else "raw"
    write_marts(warehouse.work_portrait, **{**FULL, **now})
    settings = Settings(PROJECT, tmp_path / raw, settings.warehouse)
    if lost:
        with pytest.raises(PortraitError, match=f"without a row in {lost}.*--accept-drift"):
            require_not_emptied(settings, warehouse, accept_drift=False)
    else:
        require_not_emptied(settings, warehouse, accept_drift=False)
    require_not_emptied(settings, warehouse, accept_drift=True)


def test_a_first_build_may_be_empty(tmp_path):
    settings = settings_of(tmp_path)
    warehouse = Warehouse(settings.warehouse)
    write_marts(warehouse.work_portrait, dim_customers=0, fct_orders=0)
    require_not_emptied(settings, warehouse, accept_drift=False)


# Publishing what a plain dbt build made -----------------------------------------------------------


@pytest.mark.parametrize(
    ("built", "asked", "said"),
    [
        ({"currency": "USD"}, {}, "PORTRAIT_CURRENCY was USD and is CNY"),
        ({"timezone": "UTC"}, {}, "PORTRAIT_TIMEZONE was UTC and is Asia/Shanghai"),
        ({"is_given": True}, {}, "PORTRAIT_AS_OF was 2026-06-30 and is not set"),
        ({}, {"as_of": date(2026, 6, 30)}, "PORTRAIT_AS_OF was not set and is 2026-06-30"),
        ({"is_given": True}, {"as_of": date(2026, 6, 30)}, ""),
        ({}, {}, ""),
    ],
)
def test_other_settings_than_those_of_the_dbt_build_are_refused(tmp_path, built, asked, said):
    landed(tmp_path, {"shop/orders.csv": orders("CNY")})
    settings = settings_of(tmp_path, **asked)
    warehouse = Warehouse(settings.warehouse)
    write_as_of(warehouse, **built)
    if said:
        with pytest.raises(PortraitError, match=said):
            require_same_settings(settings, warehouse)
    else:
        require_same_settings(settings, warehouse)
        elsewhere = Settings(PROJECT, tmp_path / "other", settings.warehouse, **asked)
        with pytest.raises(PortraitError, match=r"PORTRAIT_RAW was .*raw and is .*other"):
            require_same_settings(elsewhere, warehouse)


NODES = {
    "model.portrait.a": {"resource_type": "model"},
    "seed.portrait.b": {"resource_type": "seed"},
    "test.portrait.c": {"resource_type": "test"},
    "test.portrait.d": {"resource_type": "test"},
    "operation.portrait.e": {"resource_type": "operation"},
}


@pytest.mark.parametrize(
    ("left_out", "given", "said"),
    [
        (["test.portrait.c", "test.portrait.d"], {}, "left out 2 tests"),
        (["model.portrait.a", "test.portrait.d"], {}, "left out 1 model and 1 test"),
        ([], {"session_gap_minutes": 5}, "--vars session_gap_minutes"),
        ([], {"currency": "USD"}, ""),
        ([], {}, ""),
    ],
)
def test_a_run_that_left_out_a_part_is_refused(tmp_path, left_out, given, said):
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": NODES}))
    ran = [name for name in NODES if name not in [*left_out, "operation.portrait.e"]]
    run = {"args": {"vars": given}, "results": [{"unique_id": name} for name in ran]}
    if said:
        with pytest.raises(PortraitError, match=said):
            require_whole_run(tmp_path, run)
    else:
        require_whole_run(tmp_path, run)


def test_a_file_in_place_that_changed_after_the_landing_is_noticed(tmp_path):
    raw = tmp_path / "raw" / "shop"
    raw.mkdir(parents=True)
    columns = next(table for table in CONTRACT if table.label == "shop/payments").column_names
    select = ", ".join(f"cast('1' as varchar) as {name}" for name in columns)
    file = raw / "payments.parquet"
    duckdb.execute(f"copy (select {select}) to '{file}' (format parquet)")
    (raw / "orders.csv").write_text(orders("CNY"))
    warehouse = Warehouse(tmp_path / "warehouse")
    assert {row.file: row.is_in_place for row in land(settings_of(tmp_path)).files} == {
        "shop/orders.csv": False,
        "shop/payments.parquet": True,
    }
    require_unchanged_files(warehouse)
    # Another time is no other content; a landed copy does not need its raw file any more.
    os.utime(file, (0, 0))
    (raw / "orders.csv").unlink()
    require_unchanged_files(warehouse)
    duckdb.execute(f"copy (select {select.replace('1', '2')}) to '{file}' (format parquet)")
    with pytest.raises(PortraitError, match=r"shop/payments.parquet: .* used in place was changed"):
        require_unchanged_files(warehouse)
    file.unlink()
    with pytest.raises(PortraitError, match=r"shop/payments.parquet"):
        require_unchanged_files(warehouse)


# Settings -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTRAIT_AS_OF", "9999-12-31"),
        ("PORTRAIT_AS_OF", f"{datetime.now().year + 2}-01-01"),
        ("PORTRAIT_AS_OF_MAX_GAP_DAYS", "-1"),
        ("PORTRAIT_AS_OF_MAX_GAP_DAYS", "a month"),
        *(
            ("PORTRAIT_TIMEZONE", zone)
            for zone in ("Factory", "posix/Asia/Shanghai", "right/UTC", "localtime", "posixrules")
        ),
        *(("PORTRAIT_WAREHOUSE", f"/a/it{mark}s/b") for mark in "'\"#?;\n"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(name, value):
    with pytest.raises(PortraitError, match=name):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("zone", ["UTC", "Etc/GMT+8", "Europe/Berlin", "America/Argentina/Salta"])
def test_zones_of_places_are_taken(zone):
    assert Settings.from_environment({"PORTRAIT_TIMEZONE": zone}).timezone == zone


@pytest.mark.parametrize("key", ["a", " ", "0123456789abcde", "a" + " " * 40])
def test_a_short_pseudonym_key_is_refused(key):
    with pytest.raises(PortraitError, match="PORTRAIT_PSEUDONYM_KEY"):
        pseudonym_key({"PORTRAIT_PSEUDONYM_KEY": key})


def test_a_long_pseudonym_key_or_none_is_taken():
    assert pseudonym_key({"PORTRAIT_PSEUDONYM_KEY": "0123456789abcdef"}) == "0123456789abcdef"
    assert pseudonym_key({}) == ""


# Raw files that are none --------------------------------------------------------------------------


def test_a_pipe_a_socket_and_a_device_are_refused_and_not_read(tmp_path, monkeypatch):
    raw = tmp_path / "raw" / "shop"
    raw.mkdir(parents=True)
    file = raw / "payments.csv"
    os.mkfifo(file)
    with pytest.raises(PortraitError, match=r"shop/payments.csv: this is a pipe"):
        land(settings_of(tmp_path))
    file.unlink()
    file.symlink_to("/dev/zero")
    with pytest.raises(PortraitError, match=r"shop/payments.csv: this is a device"):
        land(settings_of(tmp_path))
    file.unlink()
    file.symlink_to("nowhere.csv")
    with pytest.raises(PortraitError, match=r"shop/payments.csv: could not be read"):
        land(settings_of(tmp_path))
    file.unlink()
    with socket.socket(socket.AF_UNIX) as one:
        monkeypatch.chdir(raw)
        one.bind("payments.csv")
        with pytest.raises(PortraitError, match=r"shop/payments.csv: this is a socket"):
            land(settings_of(tmp_path))
