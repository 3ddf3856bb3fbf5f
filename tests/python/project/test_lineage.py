"""What a model must not depend on, however far up its lineage."""

from __future__ import annotations

from typing import Any

import pytest

Manifest = dict[str, Any]

# Model -> what must not be among its ancestors, and why.
INDEPENDENT = {
    # Without a rate an amount may be unknown, but never a customer.
    "int_source_records_unioned": "int_fx_rates_daily",
    "int_record_attributes_unioned": "int_fx_rates_daily",
    # Whether an order was paid is read before anything is counted against it.
    "int_orders_settled": "int_refund_events_unioned",
}
# A risk is a judgement of a person and no evidence of who that is; nor is a household.
NEVER_EVIDENCE = ("customer_risk", "customer_risk_reasons", "int_risk_evidence_unioned")
RELATIONS = ("int_household_pairs_judged", "int_household_members_listed", "customer_relations")


def ancestors(manifest: Manifest, model: str) -> set[str]:
    """Return the names of all nodes that a model reads, directly or through others."""
    found: set[str] = set()
    waiting = [f"model.portrait.{model}"]
    while waiting:
        for parent in manifest["parent_map"][waiting.pop()]:
            name = parent.split(".")[-1]
            if name not in found:
                found.add(name)
                waiting.append(parent)
    return found


@pytest.mark.parametrize(("model", "source"), INDEPENDENT.items())
def test_model_is_independent(manifest: Manifest, model: str, source: str) -> None:
    assert source not in ancestors(manifest, model)


@pytest.mark.parametrize("source", (*NEVER_EVIDENCE, *RELATIONS))
def test_neither_risk_nor_relations_decide_who_is_one_person(
    manifest: Manifest, source: str
) -> None:
    assert f"model.portrait.{source}" in manifest["nodes"]
    assert source not in ancestors(manifest, "int_records_clustered")


def test_ancestors_are_found_at_any_distance(manifest: Manifest) -> None:
    assert {"int_fx_rates_daily", "int_orders_priced", "stg_ops__fx_rates"} <= ancestors(
        manifest, "fct_orders"
    )
