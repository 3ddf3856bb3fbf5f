"""The cases are what their script writes, and their three accounts agree: files, oracle, README."""

import re
import subprocess
import sys
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import recompute_cases as oracle
import yaml

MEASURES = ["net", "cancelled", "refunded", "open", "applied", "realised"]


@pytest.fixture(scope="module")
def expected() -> Any:
    return yaml.safe_load(oracle.EXPECTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "script", [oracle.CASES / "make_cases.py", Path(oracle.__file__)], ids=lambda p: p.stem
)
def test_committed_files_are_what_the_script_writes(script: Path) -> None:
    run = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_readme_worked_out_by_hand_agrees_with_the_oracle(expected: Any) -> None:
    by_hand = {}
    for line in (oracle.CASES / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"`O-[\w-]+`", cells[0]) and len(cells) == 2 + len(MEASURES):
            by_hand[cells[0].strip("`")] = [Decimal(cell) for cell in cells[2:]]
    by_oracle = {
        order_id: [Decimal(order[measure]) for measure in MEASURES]
        for order_id, order in expected["orders_by_hand"].items()
    }
    assert by_hand == by_oracle


def test_rows_and_money_are_conserved(expected: Any) -> None:
    for name, account in expected["records"].items():
        kept = account["accepted"] + account["superseded"] + account["rejected"]
        assert account["landed"] == kept, name
        assert account["rejected"] == sum(account["rejected_by_reason"].values()), name
    by_currency: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for name, amounts in expected["amounts_by_currency_and_customer_kind"].items():
        for measure, amount in amounts.items():
            by_currency[name.split()[0], measure] += Decimal(amount)
    for currency, amounts in expected["amounts_by_currency"].items():
        for measure, amount in amounts.items():
            assert by_currency[currency, measure] == Decimal(amount), (currency, measure)
        value = {measure: Decimal(amount) for measure, amount in amounts.items()}
        taken = value["cancelled"] + value["refunded"] + value["open"]
        assert value["realised"] == value["net"] - taken + value["applied"]


def test_payments_of_a_paid_order_add_up_to_its_net() -> None:
    loaded = {name: oracle.load(contract) for name, contract in oracle.TABLES.items()}
    orders = oracle.build_orders(loaded)
    paid: dict[str, Decimal] = defaultdict(Decimal)
    for row in loaded["payments"].accepted:
        if not oracle.is_refund(row) and row["status"] == "succeeded":
            paid[row["order_id"]] += row["amount"]
    differing = {
        order_id: amount
        for order_id, amount in paid.items()
        if order_id in orders and orders[order_id].net != amount
    }
    assert len(paid) > 700
    assert not differing


def test_the_cases_show_every_segment(expected: Any) -> None:
    assert set(expected["segments"]) == {*oracle.SEGMENTS, "Prospects"}
    codes = [code for codes in oracle.SEGMENTS.values() for code in codes.split()]
    assert len(codes) == len(set(codes)) == 125
