"""The ledger of loyalty points against accounts kept lot by lot, on random entries.

The two models that keep the ledger are windows and a join over all entries at once. Here they run
as they lie in models/, on accounts so small that a loop over lots says what must come out.
"""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import jinja2
import pytest

MODELS = ("int_loyalty_points_ordered", "int_loyalty_points_ledger")
FIRST_MOMENT = datetime(2026, 1, 1)
AS_OF = date(2026, 1, 25)

# entry, movement, points, uncovered points, balance
Movement = tuple[str, str, Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Entry:
    """An entry as staged; points are below zero where they go."""

    number: str
    account: int
    kind: str
    points: Decimal
    at: datetime
    expires: datetime | None


def random_account(rng: random.Random, account: int, most: int = 14) -> list[Entry]:
    """Return some entries with many ties of time; often more is asked for than there is."""
    kinds = rng.choice([["earn", "spend"], ["earn", "spend", "adjust", "expire"]])
    valid = rng.choice([[5], [3, 5, 9], [None], [5, None], [0, 4, None]])
    entries = []
    for number in rng.sample(range(100, 1000), rng.randint(1, most)):
        kind = rng.choice(kinds)
        points = Decimal(rng.randint(0, 12)) / rng.choice([1, 1, 2])
        at = FIRST_MOMENT + timedelta(days=rng.randint(0, 29), hours=rng.choice([0, 12]))
        days = rng.choice(valid)
        entries.append(
            Entry(
                number=f"L{account}-{number}",
                account=account,
                kind=kind,
                points=-points if kind in ("spend", "expire") or rng.random() < 0.1 else points,
                at=at,
                expires=None if days is None else at + timedelta(days=days),
            )
        )
    return entries


def kept_by_lots(entries: list[Entry]) -> list[Movement]:
    """Return the movements of one account in the order in which they happen."""
    entries = sorted(
        (entry for entry in entries if entry.at.date() <= AS_OF),
        key=lambda entry: (entry.at, entry.number),
    )
    ends: dict[str, datetime] = {}
    latest = datetime.min
    for entry in entries:
        if entry.points > 0 and entry.expires is not None and entry.expires > entry.at:
            latest = max(latest, entry.expires)
            ends[entry.number] = latest
    steps = [(entry.at, 3 if entry.points < 0 else 2, entry.at, entry.number, entry)
             for entry in entries]  # fmt: skip
    steps += [(ends[entry.number], 1, entry.at, entry.number, entry)
              for entry in entries
              if entry.number in ends and ends[entry.number].date() <= AS_OF]  # fmt: skip
    lots: dict[str, Decimal] = {}
    undated = balance = Decimal(0)
    movements = []
    for _, rank, _, number, entry in sorted(steps, key=lambda step: step[:4]):
        uncovered = Decimal(0)
        if rank == 1:
            lots.pop(number)
        elif rank == 2:
            if number in ends:
                lots[number] = entry.points
            else:
                undated += entry.points
        elif entry.kind != "expire" or not ends:
            uncovered = -entry.points
            for lot in lots:
                part = min(uncovered, lots[lot])
                lots[lot] -= part
                uncovered -= part
            part = min(uncovered, undated)
            undated -= part
            uncovered -= part
        now = sum(lots.values()) + undated
        if rank != 1 or now != balance:
            movement = "expiry" if rank == 1 else "entry"
            movements.append((number, movement, now - balance, uncovered, now))
        balance = now
    return movements


@pytest.fixture(scope="module")
def accounts() -> dict[int, list[Entry]]:
    """Return the entries of many accounts."""
    rng = random.Random(20260630)
    # The last ones are long enough for several blocks of bounds.
    return {
        account: random_account(rng, account, most=14 if account <= 2900 else 900)
        for account in range(1, 3001)
    }


@pytest.fixture(scope="module")
def ledger(
    accounts: dict[int, list[Entry]], project_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[int, list[Movement]]:
    """Return what the models make of the entries, by account."""
    connection = duckdb.connect()
    connection.execute(f"create table int_as_of as select date '{AS_OF}' as as_of_date")
    connection.execute(
        "create table stg_crm__loyalty_points (entry_id varchar, system varchar,"
        " native_customer_id varchar, native_order_id varchar, entry_kind varchar,"
        " points decimal(18, 4), occurred_at timestamp, occurred_date date, expires_at timestamp)"
    )
    connection.execute(
        "create table int_records_clustered as select 'shop' as system, range as record_key,"
        " cast(range as varchar) as native_customer_id from range(1, 3001)"
    )
    # As a file: twenty thousand single inserts take longer than all the rest.
    file = tmp_path_factory.mktemp("points") / "entries.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(
            [entry.number, "shop", account, None, entry.kind, entry.points, entry.at,
             entry.at.date(), entry.expires]
            for account, entries in accounts.items()
            for entry in entries
        )  # fmt: skip
    connection.execute(f"copy stg_crm__loyalty_points from '{file}' (header false)")
    for model in MODELS:
        path = project_dir / "models" / "intermediate" / "loyalty" / f"{model}.sql"
        query = jinja2.Template(path.read_text(encoding="utf-8")).render(
            ref=lambda name: name,
            business_date=lambda column: f"cast({column} as date)",
            key_part=lambda column: column,
        )
        connection.execute(f"create table {model} as {query}")
    rows = connection.execute(
        "select record_key, entry_id, movement, points, uncovered_points, balance_points"
        " from int_loyalty_points_ledger order by record_key, step_number"
    ).fetchall()
    found: dict[int, list[Movement]] = {account: [] for account in accounts}
    for account, *movement in rows:
        found[account].append(tuple(movement))
    return found


def test_the_ledger_is_kept_as_lot_by_lot(
    accounts: dict[int, list[Entry]], ledger: dict[int, list[Movement]]
) -> None:
    for account, entries in accounts.items():
        assert ledger[account] == kept_by_lots(entries), f"account {account}"


def test_the_entries_try_all_that_bounds_a_balance(ledger: dict[int, list[Movement]]) -> None:
    movements = [movement for account in ledger.values() for movement in account]
    assert all(balance >= 0 for *_, balance in movements)
    assert sum(uncovered > 0 for *_, uncovered, _ in movements) > 1000
    assert sum(movement == "expiry" for _, movement, *_ in movements) > 1000
    # Bounds in turn: what expires after too little was there, and the other way round.
    both = [
        account
        for account in ledger.values()
        if any(uncovered > 0 for *_, uncovered, _ in account)
        and sum(movement == "expiry" for _, movement, *_ in account) > 1
    ]
    assert len(both) > 300
