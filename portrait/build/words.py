"""Words of status and type columns that no seed knows: how much money waits for their meaning.

Such money is neither revenue nor lost (docs/words.md). Where it is more than the setting
PORTRAIT_UNKNOWN_WORDS_MAX_PCT of the net amount, a build is not published before the words are
mapped or accepted. A word is accepted once: later builds do not ask for it again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import duckdb

from portrait.database import connect
from portrait.sql import one_value
from portrait.state.store import StateStore

WORDS = """
    select
        system, table_name, column_name, word, written_as, seed_name, rows_count, amount,
        undecided_amount
    from quality.unknown_words
    order by undecided_amount desc, amount desc, rows_count desc, system, table_name, column_name,
        word
"""
# What the shares are of: documents that sell, and their net amount.
NET = "select coalesce(sum(net_amount), 0) from marts.fct_orders where order_type <> 'return'"
ORDERS = "select count(*) from marts.fct_orders where order_type <> 'return'"
ORDER_SEEDS = ("order_status_map", "order_type_words")
WHERE_TO_MAP = (
    "Say what a word means in the seed that is named: a file <raw>/config/seeds/<seed>.csv of the "
    "company's own (docs/words.md)."
)


@dataclass(frozen=True)
class UnknownWord:
    """A row of quality.unknown_words; amounts are in the reporting currency."""

    system: str
    table_name: str
    column_name: str
    word: str
    written_as: str
    seed_name: str
    rows_count: int
    amount: Decimal
    undecided_amount: Decimal

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What a word is accepted by: the same word in another column is another word."""
        return self.system, self.table_name, self.column_name, self.word

    def sentence(self) -> str:
        """Return the word, its rows, its money and its seed in words."""
        rows = f"{self.rows_count:,} row" + ("" if self.rows_count == 1 else "s")
        return (
            f"{self.system}/{self.table_name}, {self.column_name} '{self.written_as}': {rows}, "
            f"{self.amount:,.2f}, of it undecided {self.undecided_amount:,.2f}; "
            f"map '{self.word}' in {self.seed_name}"
        )


@dataclass(frozen=True)
class WordsFound:
    """The unknown words of a build, and what share of the money waits for those not accepted."""

    words: tuple[UnknownWord, ...]
    not_accepted: tuple[UnknownWord, ...]
    share_pct: Decimal
    share_text: str


def find_words(portrait: Path, state: StateStore) -> WordsFound:
    """Read the unknown words of a built file and compare them with those accepted before."""
    with connect(portrait, read_only=True) as connection:
        words = read_words(connection)
        if not words:
            return WordsFound((), (), Decimal(0), "")
        net = Decimal(one_value(connection, NET))
        orders = Decimal(one_value(connection, ORDERS))
    accepted = accepted_places(state)
    open_words = tuple(word for word in words if word.place not in accepted)
    money = sum((word.undecided_amount for word in open_words), Decimal(0))
    if net > 0:
        share, of = 100 * money / net, f"{money:,.2f} of {net:,.2f}"
    elif money > 0:
        share, of = Decimal(100), f"{money:,.2f} beside orders without a net amount"
    else:
        # Orders without amounts: then the number of documents says how much a word matters.
        rows = sum(word.rows_count for word in open_words if word.seed_name in ORDER_SEEDS)
        share = 100 * Decimal(rows) / orders if orders else Decimal(0)
        of = f"{rows:,} of {orders:,} orders, which have no amounts"
    return WordsFound(words, open_words, share, of)


def read_words(connection: duckdb.DuckDBPyConnection) -> tuple[UnknownWord, ...]:
    """Return the rows of quality.unknown_words, the most undecided money first."""
    try:
        rows = connection.execute(WORDS).fetchall()
    except duckdb.CatalogException:
        return ()
    return tuple(UnknownWord(*row) for row in rows)


def accepted_places(state: StateStore) -> set[tuple[str, str, str, str]]:
    """Return what was accepted before: system, table, column and word."""
    with connect() as connection:
        rows = connection.execute(
            "select system, table_name, column_name, word "
            f"from ({state.select('accepted_words')}) as accepted"
        ).fetchall()
    return {(row[0], row[1], row[2], row[3]) for row in rows}


def accept(proposals: StateStore, name: str, words: Iterable[UnknownWord]) -> None:
    """Propose that the words be accepted: they are once the build is published."""
    now = datetime.now(UTC).replace(tzinfo=None)
    rows = [
        {
            "event_id": name,
            "accepted_at": now,
            "system": word.system,
            "table_name": word.table_name,
            "column_name": word.column_name,
            "word": word.word,
        }
        for word in words
    ]
    if rows:
        proposals.append("accepted_words", name, rows)


def refusal(found: WordsFound, limit_pct: float, most: int = 20) -> tuple[str, Sequence[str]]:
    """Return the sentence that a build stops with, and a line for each word."""
    lines = [word.sentence() for word in found.not_accepted[:most]]
    if (more := len(found.not_accepted) - most) > 0:
        lines.append(f"… and {more} more")
    lines.append(WHERE_TO_MAP)
    return (
        f"The build stopped: words that no seed knows hold {found.share_pct:.2f} % of the net "
        f"amount ({found.share_text}), and the limit is {limit_pct:g} % "
        "(PORTRAIT_UNKNOWN_WORDS_MAX_PCT). Nothing was published. Map the words, or accept them "
        "once with `portrait build --accept-words`: then their money stays open.",
        lines,
    )
