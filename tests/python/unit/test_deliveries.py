"""Deleted rows, instances of a system and declared snapshots, as landing reads them."""

from pathlib import Path

import pytest
from test_landing import HEADER, ROW, Place

TOLD = "order_id, _is_deleted, _instance"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path / "project")


@pytest.mark.parametrize(
    ("column", "written", "landed"),
    [
        ("_deleted", "true", "true"),
        ("is_deleted", " YES ", "true"),
        ("Deleted", "1", "true"),
        ("_fivetran_deleted", "false", None),
        ("__deleted", "", None),
        ("op", "D", "true"),
        ("__op", "u", None),
        ("_change_type", "delete", "true"),
        ("_change_type", "update_postimage", None),
        ("deleted_at", "2024-01-02 10:00:00", "true"),
        ("deleted_at", "0000-00-00 00:00:00", None),
        ("_sdc_deleted_at", "NULL", None),
        ("_deleted", "perhaps", "perhaps"),
    ],
)
def test_a_row_says_that_it_is_deleted(
    place: Place, column: str, written: str, landed: str | None
) -> None:
    place.write("shop/orders.csv", f"order_id,ordered_at,{column}\n1,2024-01-01,{written}\n")
    result = place.land()
    assert place.rows(columns=TOLD) == [("1", landed, None)]
    assert not result.extra_columns


def test_one_of_several_columns_is_enough(place: Place) -> None:
    place.write(
        "shop/orders.csv",
        "order_id,ordered_at,op,deleted_at\n1,2024-01-01,u,2024-01-02\n2,2024-01-01,u,\n",
    )
    place.land()
    assert place.rows(columns=TOLD) == [("1", "true", None), ("2", None, None)]


def test_parquet_with_such_a_column_is_rewritten(place: Place) -> None:
    shape = "'1' as order_id, 1.5 as amount, timestamp '2024-01-01' as ordered_at"
    rest = "date '2024-01-01' as due, true as is_paid"
    place.parquet("shop/orders/a.parquet", f"select {shape}, {rest}")
    place.parquet("shop/orders/b.parquet", f"select {shape}, {rest}, true as _deleted")
    result = place.land()
    assert [row.is_in_place for row in result.files] == [True, False]
    assert place.rows(columns=TOLD) == [("1", "true", None)]


def test_an_instance_is_named_by_folder_or_column(place: Place) -> None:
    place.write("shop/orders.csv", HEADER + ROW)
    place.write("shop@berlin/orders/load_date=2024-01-05/a.csv", HEADER + ROW)
    place.write("shop/orders/instance=paris/a.csv", HEADER + ROW)
    place.write(
        "shop/orders/z.csv", "_instance,order_id,ordered_at\nRo/me,1,2024-01-01\n,2,2024-01-01\n"
    )
    result = place.land()
    assert not result.unknown
    assert sorted(place.rows(columns=TOLD), key=str) == [
        ("1", None, "berlin"),
        ("1", None, "paris"),
        ("1", None, "ro%2fme"),
        ("1", None, None),
        ("2", None, None),
    ]


@pytest.mark.parametrize(
    "folder", ["shop@/orders", "shop@Ber lin/orders", "shop@a/orders/instance=b"]
)
def test_an_instance_without_a_plain_name_stops(place: Place, folder: str) -> None:
    place.write(f"{folder}/a.csv", HEADER + ROW)
    place.fails("instance", "expected one name")


def declare(place: Place, text: str) -> None:
    place.write("config/deliveries.yml", text)


def test_a_declared_snapshot_stands_in_the_manifest_and_lands_nothing_again(place: Place) -> None:
    place.write("shop/orders/load_date=2024-01-01/a.csv", HEADER + ROW)
    place.land()
    declare(place, "shop/orders: snapshot\n")
    result = place.land()
    assert [row.delivery for row in result.files] == ["snapshot"] and not result.landed
    declare(place, "")
    assert [row.delivery for row in place.land().files] == [None]


def test_a_snapshot_that_lost_most_rows_is_refused(place: Place) -> None:
    place.write("shop/orders/load_date=2024-01-01/a.csv", HEADER + ROW * 4)
    place.write("shop/orders/load_date=2024-02-01/a.csv", HEADER + ROW)
    place.land()
    declare(place, "shop/orders: snapshot\n")
    place.fails("shop/orders", "2024-02-01", "1 rows", "least_share")
    declare(place, "shop/orders: {delivery: snapshot, least_share: 0.2}\n")
    place.land()
    place.write("shop/orders/load_date=2024-03-01/a.csv", HEADER)
    declare(place, "shop/orders: {delivery: snapshot, least_share: 0}\n")
    place.fails("0 rows")


def test_each_instance_has_its_own_snapshots(place: Place) -> None:
    declare(place, "shop/orders: snapshot\n")
    place.write("shop@a/orders/load_date=2024-01-01/a.csv", HEADER + ROW * 9)
    place.write("shop@b/orders/load_date=2024-02-01/a.csv", HEADER + ROW)
    place.land()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("shop/order: snapshot", ["shop/order", "no table"]),
        ("shop/orders: full", ["'full'", "snapshot or changes"]),
        ("shop/orders: {delivery: snapshot, least_share: 2}", ["least_share", "0 to 1"]),
        ("shop/orders: {delivery: snapshot, other: 2}", ["other", "least_share"]),
        ("- shop/orders", ["lines like"]),
        ("a: [", ["readable YAML"]),
    ],
)
def test_a_declaration_that_says_nothing_stops(place: Place, text: str, words: list[str]) -> None:
    place.write("shop/orders.csv", HEADER + ROW)
    declare(place, text)
    place.fails("deliveries.yml", *words)
