"""What an adapter wrote goes through a whole build: an order of Shopify stands in the marts."""

from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, built

from portrait.landing.imports import import_folder


@pytest.mark.slow(reason="a whole build; the unit tests show what the adapters write")
def test_an_export_of_shopify_reaches_the_marts(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    import_folder(PROJECT, "shopify", PROJECT / "tests/adapters/shopify", raw)
    published = built(raw, tmp_path / "warehouse", timezone="Europe/Berlin", currency="EUR")
    with duckdb.connect(str(published / "portrait.duckdb"), read_only=True) as connection:

        def rows(query: str) -> list[tuple]:
            return connection.execute(query).fetchall()

        assert rows("select count(*) from quality.rejected_rows") == [(0,)]
        # 49.00 with 8.61 of tax in it, 20.00 less half of it, cancelled, 10.00 beside shipping.
        assert rows(
            "select native_order_id, currency, cast(net_amount_local as double), "
            "cast(realised_amount_local as double) from marts.fct_orders order by 1"
        ) == [
            ("#1001", "EUR", 40.39, 40.39),
            ("#1002", "USD", 20.0, 10.0),
            ("#1003", "EUR", 35.0, 0.0),
            ("#1004", "EUR", 10.0, 10.0),
        ]
        assert rows(
            "select full_name, postcode, has_email_consent from marts.dim_customers "
            "where email = 'anna.schmidt@example.com'"
        ) == [("Anna Schmidt", "04109", True)]
