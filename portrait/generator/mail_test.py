"""A mail test: two treatments and a hold-out of many customers, with visits, purchases and spend.

It is made in the shape of the test that Kevin Hillstrom published in 2008 (64,000 customers of a
mail-order shop; a mail on men's goods, one on women's, none), with its published rates, so that a
report of lift can be compared with what statistical packages say of the same numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np

from portrait.generator.random_streams import stream
from portrait.sql import sql_text

ARMS = ("holdout", "mens", "womens")
# Shares of those who visit and who buy, and the mean of what a buyer spends, by group.
VISITS = (0.106, 0.183, 0.151)
CONVERSIONS = (0.00573, 0.01253, 0.00884)
SPENDS = (114.0, 113.5, 122.0)
SPREAD = 0.7  # of the logarithm of what a buyer spends
WINDOW_DAYS = 14
CAMPAIGN = "MAILTEST"


@dataclass(frozen=True)
class MailTest:
    """Arrays with one value per person: the group (place in ARMS), and what the person did.

    `spend` is in the reporting currency, with two places; 0 for who buys nothing.
    """

    arm: np.ndarray
    has_visited: np.ndarray
    has_bought: np.ndarray
    spend: np.ndarray


def make_mail_test(seed: int, people: int = 64_000) -> MailTest:
    """Draw the test: each person into one of the groups by chance, and what the person does."""
    dice = stream(seed, -1, "mail test")
    arm = dice.integers(0, len(ARMS), people)
    drawn = dice.random(people)
    bought = drawn < np.array(CONVERSIONS)[arm]
    mean = np.log(np.array(SPENDS)[arm]) - SPREAD**2 / 2
    spend = np.rint(100 * dice.lognormal(mean, SPREAD)) / 100
    return MailTest(
        arm=arm,
        # Who buys has visited.
        has_visited=drawn < np.array(VISITS)[arm],
        has_bought=bought,
        spend=np.where(bought, np.maximum(spend, 0.01), 0.0),
    )


def write_mail_test(
    out: Path, seed: int, people: int = 64_000, start: date = date(2026, 6, 1)
) -> MailTest:
    """Write the raw files of a company that made this test and nothing else, as Parquet.

    Below `out` are shop/customers, shop/orders (with an order for each buyer, in the window of the
    campaign), app/events (a visit for each visitor), and the campaign with its groups and contacts.
    """
    test = make_mail_test(seed, people)
    moment = f"timestamp '{start} 10:00:00'"
    end = start + timedelta(days=WINDOW_DAYS - 1)
    with duckdb.connect() as con:
        con.register("test_in", {
            "number": np.arange(people), "arm": test.arm, "has_visited": test.has_visited,
            "has_bought": test.has_bought, "cents": np.rint(test.spend * 100).astype(np.int64),
        })  # fmt: skip
        con.execute("create temp table people as select * from test_in order by number")
        person = "'C' || lpad(cast(number as varchar), 8, '0')"
        # One order or visit an hour after the other, over the days of the window.
        later = f"{moment} + to_hours(cast(1 + number * 7 % {24 * (WINDOW_DAYS - 1)} as integer))"
        queries = {
            "shop/customers": f"""
                select {person} as customer_id, '2025-01-01' as registered_at from people
            """,
            "shop/orders": f"""
                select 'S' || lpad(cast(number as varchar), 8, '0') as order_id,
                    {person} as customer_id, 'paid' as status,
                    cast({later} as varchar) as ordered_at,
                    cast(cast(cents / 100.0 as decimal(18, 2)) as varchar) as net_amount
                from people where has_bought
            """,
            "app/events": f"""
                select 'E' || lpad(cast(number as varchar), 8, '0') as event_id,
                    'D' || lpad(cast(number as varchar), 8, '0') as device_id,
                    {person} as customer_id, 'page_view' as event_type,
                    cast({later} - interval 9 hours as varchar) as occurred_at
                from people where has_visited
            """,
            "crm/campaigns": f"""
                select '{CAMPAIGN}' as campaign_id, 'Mail test' as campaign_name,
                    'email' as channel, 'test' as kind, '33.3333' as holdout_pct,
                    '{WINDOW_DAYS}' as window_days,
                    '{start}' as start_date, '{end}' as end_date
            """,
            "crm/campaign_arms": f"""
                select '{CAMPAIGN}' as campaign_id, arm, '33.3333' as share_pct,
                    cast(arm = '{ARMS[0]}' as varchar) as is_holdout
                from (select unnest({list(ARMS)}) as arm)
            """,
            "crm/campaign_contacts": f"""
                select 'M' || lpad(cast(number as varchar), 8, '0') as campaign_contact_id,
                    '{CAMPAIGN}' as campaign_id, 'shop' as system, {person} as native_id,
                    {list(ARMS)}[arm + 1] as arm, cast({moment} as varchar) as assigned_at,
                    case when arm > 0 then cast({moment} as varchar) end as sent_at
                from people
            """,
        }
        for table, query in queries.items():
            folder = out / table
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{table.split('/')[1]}.parquet"
            con.execute(f"copy ({query}) to {sql_text(path)} (format parquet)")
    return test
