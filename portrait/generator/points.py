"""The loyalty programme: what members earn, spend and lose, entry by entry.

All draws have a stream of their own: they change nothing about accounts and orders. The balance is
kept as the programme keeps it: what has a date of expiry goes first, the oldest before the newer,
and nobody spends more than there is.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from portrait.generator.accounts import POS, SHOP, SYSTEMS, Accounts
from portrait.generator.calendar import DAY, Calendar
from portrait.generator.profile import Profile
from portrait.generator.purchases import (
    CANCELLED_PAID,
    REFUNDED,
    SALE,
    Frame,
    is_paid,
    joined,
    take,
)
from portrait.generator.random_streams import Ints, places_within, stream
from portrait.sql import sql_text

VALID_DAYS = 365
WELCOME = 100
LEAST_SPENT = 100  # a smaller balance buys nothing
POINTS_PER_UNIT = np.array([1, 7, 10, 8])  # of the currencies
KINDS = ("earn", "spend", "adjust", "expire")
EARN, SPEND, ADJUST, EXPIRE = range(4)
# At one moment what expires goes first, then comes what is credited, then goes what is taken.
LAPSE, CREDIT, TAKE = range(3)
NEVER = -1


@dataclass(frozen=True)
class Points:
    """The entries of a chunk, and by account what its ledger ends with.

    Columns of `entries`: account and document (positions; document -1: none), kind (as in KINDS),
    points (below zero where they go), occurred and expires (seconds, expires NEVER: none), and the
    flags is_orphan and is_overdrawn. Columns of `balances`: account, earned, expired, balance.
    """

    entries: Frame
    balances: Frame


def make_points(
    seed: int, chunk: int, accounts: Accounts, documents: Frame, calendar: Calendar,
    profile: Profile,
) -> Points:  # fmt: skip
    """Draw the entries of a chunk's accounts."""
    shares = profile["points"]
    dice = stream(seed, chunk, "points")
    size = len(accounts)
    is_member = (accounts.system == SHOP) & (dice.random(size) < shares["shop_account"])
    is_member = (is_member | (accounts.system == POS)) & accounts.is_delivered
    credits = joined([
        _credits_of_accounts(dice, accounts, is_member, calendar, profile),
        _credits_of_orders(dice, documents, is_member, calendar, profile),
    ])  # fmt: skip
    takes = joined([
        _spends(dice, documents, is_member, calendar, profile),
        _taken_back(documents, credits, calendar),
    ])  # fmt: skip
    takes, lapsed, balances = _settle(size, credits, takes, calendar)
    entries = joined([credits, take(takes, np.flatnonzero(takes["points"] != 0)), lapsed])
    return Points(entries, take(balances, np.flatnonzero(is_member)))


def _entries(
    account: Ints, document: Ints, kind: int, points: Ints, occurred: Ints, expires: Ints,
    **flags: np.ndarray,
) -> Frame:  # fmt: skip
    nothing = np.zeros(len(account), dtype=bool)
    return {
        "account": account.astype(np.int64),
        "document": document.astype(np.int64),
        "kind": np.full(len(account), kind, dtype=np.int64),
        "points": points.astype(np.int64),
        "occurred": occurred.astype(np.int64),
        "expires": expires.astype(np.int64),
        "is_orphan": nothing,
        "is_overdrawn": nothing,
        **flags,
    }


def _credits_of_accounts(
    dice: np.random.Generator, accounts: Accounts, is_member: np.ndarray, calendar: Calendar,
    profile: Profile,
) -> Frame:  # fmt: skip
    """What older members bring into the period, and what new ones are welcomed with."""
    size = len(accounts)
    shares = profile["points"]
    before = is_member & (accounts.registered < 0) & (dice.random(size) < shares["brought_along"])
    old = np.flatnonzero(before)
    days = 1 + (dice.random(size) * (VALID_DAYS - 2)).astype(np.int64)
    points = 20 + (dice.gamma(0.8, 400.0, size)).astype(np.int64)
    occurred = np.maximum(accounts.registered, -days * DAY)[old]
    opening = _entries(
        old, np.full(len(old), -1), EARN, points[old], occurred, occurred + VALID_DAYS * DAY
    )
    is_new = is_member & (accounts.registered >= 0) & (accounts.registered + 60 < calendar.end)
    new = np.flatnonzero(is_new & (dice.random(size) < shares["welcomed"]))
    nothing = np.full(len(new), -1)
    welcome = _entries(
        new, nothing, ADJUST, np.full(len(new), WELCOME), accounts.registered[new] + 60,
        np.full(len(new), NEVER),
    )  # fmt: skip
    return joined([opening, welcome])


def _credits_of_orders(
    dice: np.random.Generator, documents: Frame, is_member: np.ndarray, calendar: Calendar,
    profile: Profile,
) -> Frame:  # fmt: skip
    """A point for each unit of the reporting currency that was paid, more or less."""
    drawn = dice.random(len(documents["person"]))
    worth = documents["net"] * POINTS_PER_UNIT[documents["currency"]] // 100
    some = _orders_of_members(documents, is_member, worth > 0)
    occurred = np.minimum(documents["moment"][some] + 60, calendar.end - 1)
    return _entries(
        documents["account"][some], some, EARN, worth[some], occurred, occurred + VALID_DAYS * DAY,
        is_orphan=drawn[some] < profile["points"]["orphan"],
    )  # fmt: skip


def _orders_of_members(documents: Frame, is_member: np.ndarray, wanted: np.ndarray) -> Ints:
    account = documents["account"]
    known = (account >= 0) & (documents["kind"] == SALE) & is_paid(documents)
    known[known] = is_member[account[known]]
    return np.flatnonzero(known & wanted)


def _spends(
    dice: np.random.Generator, documents: Frame, is_member: np.ndarray, calendar: Calendar,
    profile: Profile,
) -> Frame:  # fmt: skip
    """Orders at which points are spent: which share of them (in thousandths), or more than all."""
    size = len(documents["person"])
    wants = dice.random(size) < profile["points"]["spent_at_order"]
    part = dice.integers(200, 1001, size)
    more = dice.random(size) < profile["points"]["overdrawn"]
    some = _orders_of_members(documents, is_member, wants)
    return _entries(
        documents["account"][some], some, SPEND, np.where(more, 1001 + part // 4, part)[some],
        documents["moment"][some], np.full(len(some), NEVER), is_overdrawn=more[some],
    )  # fmt: skip


def _taken_back(documents: Frame, credits: Frame, calendar: Calendar) -> Frame:
    """What was earned by orders that were paid back whole."""
    document = credits["document"]
    rows = np.flatnonzero((document >= 0) & ~credits["is_orphan"])
    order = document[rows]
    back = np.isin(documents["fate"][order], [REFUNDED, CANCELLED_PAID])
    rows = rows[back & (documents["settled"][order] < calendar.end)]
    return _entries(
        credits["account"][rows], document[rows], ADJUST, -credits["points"][rows],
        documents["settled"][document[rows]], np.full(len(rows), NEVER),
    )  # fmt: skip


def _settle(
    size: int, credits: Frame, takes: Frame, calendar: Calendar
) -> tuple[Frame, Frame, Frame]:
    """Go through the accounts in the order of time: what is spent, what expires, what is left."""
    amounts = np.where(credits["is_orphan"], 0, credits["points"])
    dated = np.flatnonzero(credits["expires"] != NEVER)
    ends = dated[credits["expires"][dated] < calendar.end]
    step = np.repeat([LAPSE, CREDIT, TAKE], [len(ends), len(amounts), len(takes["account"])])
    row = np.concatenate([ends, np.arange(len(amounts)), np.arange(len(takes["account"]))])
    account = np.concatenate([credits["account"][ends], credits["account"], takes["account"]])
    moment = np.concatenate([credits["expires"][ends], credits["occurred"], takes["occurred"]])
    order = np.lexsort((row, step, moment, account))
    step, row, account = step[order], row[order], account[order]
    # All dated points credited up to each credit: when this one expires, all of them are gone.
    credited_until = np.zeros(len(amounts), dtype=np.int64)
    credited, gone, undated = (np.zeros(size, dtype=np.int64) for _ in range(3))
    expired, spent = np.zeros(len(amounts), np.int64), np.zeros(len(takes["account"]), np.int64)
    turn = places_within(np.unique(account, return_counts=True)[1])
    by_turn = np.argsort(turn, kind="stable")
    steps = np.cumsum(np.bincount(turn))
    for some in np.split(by_turn, steps[:-1]) if len(turn) else []:
        which = some[step[some] == LAPSE]
        who, lot = account[which], row[which]
        left = np.maximum(credited_until[lot] - gone[who], 0)
        expired[lot] = left
        gone[who] += left
        which = some[step[some] == CREDIT]
        who, lot = account[which], row[which]
        has_end = credits["expires"][lot] != NEVER
        credited[who] += np.where(has_end, amounts[lot], 0)
        undated[who] += np.where(has_end, 0, amounts[lot])
        credited_until[lot] = credited[who]
        which = some[step[some] == TAKE]
        who, entry = account[which], row[which]
        there = credited[who] - gone[who]
        asked = _asked(takes, entry, there + undated[who])
        from_dated = np.minimum(asked, there)
        gone[who] += from_dated
        undated[who] -= np.minimum(asked - from_dated, undated[who])
        spent[entry] = asked
    late = ends[(expired[ends] > 0) & (credits["expires"][ends] + 7200 < calendar.end)]
    lapsed = _entries(
        credits["account"][late], np.full(len(late), -1), EXPIRE, -expired[late],
        credits["expires"][late] + 7200, np.full(len(late), NEVER),
    )  # fmt: skip
    everybody = np.arange(size)
    balances = {
        "account": everybody,
        "earned": np.bincount(credits["account"], amounts, size).astype(np.int64),
        "expired": np.bincount(credits["account"], expired, size).astype(np.int64),
        "balance": credited - gone + undated,
    }
    return {**takes, "points": -spent}, lapsed, balances


def _asked(takes: Frame, entry: Ints, balance: Ints) -> Ints:
    """How much an entry asks for: a share of the balance, or what the order had earned."""
    part = takes["points"][entry]
    share = np.where(balance >= LEAST_SPENT, balance * part // 1000 // 10 * 10, 0)
    asked = np.where(takes["is_overdrawn"][entry], balance + part, share)
    return np.where(takes["kind"][entry] == SPEND, asked, -part)


def register_points(con: duckdb.DuckDBPyConnection, points: Points, first_entry: int) -> None:
    """Make the tables of a chunk's entries and balances; numbers begin with `first_entry`."""
    con.register("points_in", points.entries)
    con.execute(f"""
        create or replace temp table points as
        select
            *,
            {first_entry} - 1
                + row_number() over (order by occurred, account, kind, points, document) as number
        from points_in
    """)
    con.unregister("points_in")
    con.register("balances_in", points.balances)
    con.execute("create or replace temp table balances as select * from balances_in")
    con.unregister("balances_in")


def loyalty_points() -> str:
    """Rows of crm.loyalty_points. The tills write what is spent without a sign."""
    kinds = "[" + ", ".join(sql_text(kind) for kind in KINDS) + "]"
    return f"""
        select
            'L' || lpad(cast(points.number as varchar), 10, '0') as entry_id,
            {_systems()}[system + 1] as system,
            case when points.is_orphan then 'X' || native_id else native_id end as native_id,
            {kinds}[points.kind + 1] as kind,
            cast(
                case when system = {POS} and points.kind = {SPEND} then -points else points end
                as varchar
            ) as points,
            document_id as order_id, moment_text(occurred) as occurred_at,
            case when expires <> {NEVER} then moment_text(expires) end as expires_at,
            moment_text(occurred) as updated_at,
            occurred as _written, points.number as _order,
            case when points.is_orphan then 'orphan_points'
                when points.is_overdrawn then 'overdrawn_points' end as _dirt
        from points
        inner join accounts using (account)
        left join documents using (document)
    """


def truth_points() -> str:
    """What each account of the programme ends with."""
    return f"""
        select
            {_systems()}[system + 1] as system, native_id, earned as credited_points,
            expired as expired_points, balance as points_balance
        from balances inner join accounts using (account)
        order by account
    """


def _systems() -> str:
    return "[" + ", ".join(sql_text(system) for system in SYSTEMS) + "]"
