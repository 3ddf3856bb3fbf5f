"""Each published column that holds personal data says so, and no tag for analysts lets one out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import privacy_rules as rules
import pytest
import yaml
from layer_rules import as_lines

EXCEPTIONS: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("privacy_exceptions.yml").read_text(encoding="utf-8")
)
Manifest = dict[str, Any]


def test_personal_columns_are_tagged(manifest: Manifest) -> None:
    found = rules.untagged_columns(manifest, EXCEPTIONS)
    assert not found, as_lines(found)


def test_analysts_get_no_personal_column(manifest: Manifest) -> None:
    found = rules.analyst_leaks(manifest)
    assert not found, as_lines(found)


def test_source_contract_tags_what_looks_personal(manifest: Manifest) -> None:
    """The lineage by name stands on the contract's own tags: customers' columns carry them."""
    tagged = rules.personal_source_columns(manifest)
    assert {"customer_id", "full_name", "email", "phone", "birth_date", "address"} <= tagged


def test_every_exception_has_a_reason() -> None:
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in EXCEPTIONS.values())


def _manifest(
    columns: dict[str, bool], analyst: dict[str, Any] | None = None, layer: str = "marts"
) -> Manifest:
    forms = analyst or {}
    return {
        "nodes": {
            "model.portrait.dim_customers": {
                "resource_type": "model",
                "package_name": "portrait",
                "name": "dim_customers",
                "original_file_path": f"models/{layer}/customer/dim_customers.sql",
                "config": {"meta": {}},
                "columns": {
                    name: {
                        "name": name,
                        "config": {
                            "meta": ({"personal": True} if tag else {})
                            | ({"analyst": forms[name]} if name in forms else {})
                        },
                    }
                    for name, tag in columns.items()
                },
            }
        },
        "sources": {
            "source.portrait.raw_shop.customers": {
                "package_name": "portrait",
                "columns": {
                    "hobby": {"name": "hobby", "config": {"meta": {"personal": True}}},
                    "colour": {"name": "colour", "config": {"meta": {}}},
                },
            }
        },
    }


@pytest.mark.parametrize(
    "column",
    [
        *("full_name", "name", "first_name", "email", "email_folded", "mail_domain", "phone"),
        *("phone_e164", "birth_date", "gender", "address_line", "postcode", "city", "raw_row"),
        *("device_id", "ip", "inviter_customer_id", "income_band", "native_id", "hobby"),
    ],
)
@pytest.mark.parametrize("layer", ["marts", "quality"])
def test_untagged_column_is_found(column: str, layer: str) -> None:
    assert rules.untagged_columns(_manifest({column: False}, layer=layer), {})
    assert not rules.untagged_columns(_manifest({column: True}, layer=layer), {})


@pytest.mark.parametrize("column", ["order_id", "net_amount", "colour", "as_of_date", "package"])
def test_plain_column_is_left_alone(column: str) -> None:
    assert not rules.untagged_columns(_manifest({column: False}), {})


def test_inner_layers_are_left_alone() -> None:
    assert not rules.untagged_columns(_manifest({"email": False}, layer="intermediate"), {})


def test_exceptions_hold_where_needed_only() -> None:
    reason = "the name of a thing, not of a person"
    manifest = _manifest({"product_name": False})
    assert not rules.untagged_columns(manifest, {"product_name": reason})
    assert not rules.untagged_columns(manifest, {"dim_customers.product_name": reason})
    assert rules.untagged_columns(manifest, {"fct_orders.product_name": reason})
    assert rules.untagged_columns(_manifest({"email": True}), {"email": reason})


@pytest.mark.parametrize(
    ("forms", "word"),
    [
        ({"email": "keep"}, "kept"),
        ({"net_amount": "hash"}, "none of"),
        ({"net_amount": ["keep"]}, "none of"),
    ],
)
def test_leaking_analyst_tag_is_found(forms: dict[str, Any], word: str) -> None:
    columns = {"email": True, "net_amount": False}
    assert rules.analyst_leaks(_manifest(columns)) == []
    found = rules.analyst_leaks(_manifest(columns, forms))
    assert len(found) == 1
    assert word in found[0]


def test_analyst_list_on_the_model_is_found() -> None:
    manifest = _manifest({"net_amount": False})
    model = manifest["nodes"]["model.portrait.dim_customers"]
    model["config"]["meta"] = {"analyst": {"keep": ["net_amount"]}}
    assert len(rules.analyst_leaks(manifest)) == 1


def test_analyst_tag_outside_of_the_published_layers_is_found() -> None:
    tagged = _manifest({"net_amount": False}, {"net_amount": "keep"}, layer="intermediate")
    assert len(rules.analyst_leaks(tagged)) == 1


def test_sound_analyst_tags_pass() -> None:
    forms = {"net_amount": "keep", "email": "pseudonym", "birth_date": "year"}
    columns = {"email": True, "net_amount": False, "birth_date": True}
    assert rules.analyst_leaks(_manifest(columns, forms)) == []
