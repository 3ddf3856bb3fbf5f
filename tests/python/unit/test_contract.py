"""The source contract is read from the YAML of the sources."""

from pathlib import Path

import pytest

from portrait.contract import TYPES, Table, load_contract
from portrait.errors import PortraitError
from portrait.settings import Settings


def write(project: Path, system: str, text: str) -> Path:
    path = project / "models" / "staging" / system / f"_{system}__sources.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def source(
    columns: str = "[{name: id, data_type: text}]", meta: str = "{key: [id]}", head: str = ""
) -> str:
    return f"""
sources:
  - name: raw_shop
    {head or "config: {meta: {system: shop}}"}
    tables:
      - name: orders
        config: {{meta: {meta}}}
        columns: {columns}
"""


def test_the_projects_own_contract_is_read(project_dir: Path) -> None:
    tables = {table.label: table for table in load_contract(project_dir)}
    assert {"shop/customers", "shop/orders", "shop/payments", "ops/fx_rates"} <= tables.keys()
    orders = tables["shop/orders"]
    assert (orders.schema, orders.key, orders.version_column) == (
        "raw_shop",
        ("order_id",),
        "updated_at",
    )
    columns = {column.name: column for column in orders.columns}
    assert columns["order_id"].required and not columns["order_id"].personal
    assert columns["customer_id"].personal
    assert columns["ordered_at"].meta["business_date"] == "ordered_date"
    assert {c.data_type for table in tables.values() for c in table.columns} <= set(TYPES)


def test_the_landing_is_no_raw_system(project_dir: Path) -> None:
    assert (project_dir / "models/staging/landing/_landing__sources.yml").is_file()
    assert "landing" not in {table.schema for table in load_contract(project_dir)}


def test_the_hash_follows_what_changes_landed_files(tmp_path: Path) -> None:
    def hash_of(columns: str) -> str:
        write(tmp_path, "shop", source(columns))
        return load_contract(tmp_path)[0].contract_hash

    plain = hash_of("[{name: id, data_type: text}, {name: n, data_type: decimal}]")
    described = hash_of(
        "[{name: id, data_type: text, description: Id.}, {name: n, data_type: decimal}]"
    )
    swapped = hash_of("[{name: n, data_type: decimal}, {name: id, data_type: text}]")
    retyped = hash_of("[{name: id, data_type: text}, {name: n, data_type: text}]")
    assert plain == described
    assert len({plain, swapped, retyped}) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (source(columns="[{name: id, data_type: varchar}]"), ["orders", "id", "'varchar'", "text"]),
        (source(columns="[{name: id}]"), ["orders", "id", "''"]),
        (source(columns="[]"), ["orders", "no columns"]),
        (source(columns="[{name: Id, data_type: text}]"), ["'Id'", "lower case"]),
        (source(columns="[{name: _row, data_type: text}]"), ["'_row'", "reserved"]),
        (source(columns="[{name: id, data_type: text}, {name: id, data_type: text}]"), ["id", "2"]),
        (source(meta="{}"), ["no key"]),
        (source(meta="{key: [nr]}"), ["nr", "key"]),
        (source(meta="{key: [id], version_column: at}"), ["at", "version_column"]),
        (
            source(
                columns="[{name: id, data_type: text, config: {meta: {required_without: amount}}}]"
            ),
            ["id", "without amount"],
        ),
        (source(head="description: no system"), ["No source contract"]),
        ("sources: [", ["_shop__sources.yml", "YAML"]),
        ("models: []", ["_shop__sources.yml", "'sources'"]),
    ],
)
def test_a_wrong_contract_is_one_sentence(tmp_path: Path, text: str, words: list[str]) -> None:
    write(tmp_path, "shop", text)
    with pytest.raises(PortraitError) as error:
        load_contract(tmp_path)
    message = str(error.value)
    assert all(word in message for word in words), message
    assert "\n" not in message


def test_a_table_named_twice_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "shop", source())
    write(tmp_path, "shop2", source())
    with pytest.raises(PortraitError, match="shop/orders 2 times"):
        load_contract(tmp_path)


def test_tables_know_their_label() -> None:
    assert Table("shop", "raw_shop", "orders", ("id",), None, ()).label == "shop/orders"


def test_settings_have_defaults_and_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings.from_environment({})
    assert settings.raw == tmp_path / "data" / "sample"
    assert settings.warehouse == tmp_path / "warehouse"
    assert (settings.as_of, settings.timezone, settings.currency) == (None, "Asia/Shanghai", "CNY")
    own = Settings.from_environment(
        {"PORTRAIT_RAW": "/raw", "PORTRAIT_AS_OF": "2024-02-29", "PORTRAIT_CURRENCY": "gbp"}
    )
    assert (own.raw, str(own.as_of), own.currency) == (Path("/raw"), "2024-02-29", "GBP")
    for name, value in (
        ("PORTRAIT_AS_OF", "2024-02-30"),
        ("PORTRAIT_AS_OF", "20240229"),
        ("PORTRAIT_TIMEZONE", "Mars/Olympus"),
        ("PORTRAIT_CURRENCY", "yuan"),
    ):
        with pytest.raises(PortraitError, match=name):
            Settings.from_environment({name: value})
