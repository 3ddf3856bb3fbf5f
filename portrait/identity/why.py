"""Why two source records are one customer, or why not: in sentences, from the published file."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from portrait.database import connect
from portrait.errors import PortraitError

# More pairs than this between two customers are only counted.
MOST_PAIRS = 5


@dataclass(frozen=True)
class Pair:
    """A row of identity_edges; `weight` is in bits, None for a rule of the stewards.

    `probability` and `levels` are those of the score, None where the pair has none.
    """

    record: str
    other: str
    verdict: str
    evidence: str
    weight: float | None
    apart_record: str | None = None
    apart_other: str | None = None
    probability: float | None = None
    levels: str | None = None

    def said(self) -> str:
        """What it shares, its weight, and what the score says."""
        weight = "" if self.weight is None else f" (weight {self.weight:.3g})"
        if self.probability is None:
            return f"{self.evidence}{weight}"
        # not rounded up to certainty
        probability = math.floor(self.probability * 1000) / 1000
        return f"{self.evidence}{weight} Score: probability {probability:g}; {self.levels}."

    def sentence(self) -> str:
        """The pair, what is known about it, and the rule that it would have broken."""
        rule = ""
        if self.apart_record and {self.apart_record, self.apart_other} != {self.record, self.other}:
            what = "The conflict is" if self.verdict == "two_people" else "The rule is"
            rule = f" {what} about {self.apart_record} and {self.apart_other}."
        return f"{self.record} and {self.other}: {self.said()}{rule}"


PAIRS = (
    "select record_id, other_record_id, verdict, evidence, match_weight, apart_record_id,"
    " apart_other_record_id, match_probability, score_levels from marts.identity_edges"
)


def why(portrait: Path, record: str, other: str) -> list[str]:
    """Say why two records, `<system>:<native id>`, are one customer, or why they are not.

    PortraitError where the file does not exist or does not know a record.
    """
    if not portrait.exists():
        raise PortraitError("Nothing is published yet: run `portrait build`.")
    with connect(portrait, read_only=True) as connection:
        customer, other_customer = (customer_of(connection, name) for name in (record, other))
        if record == other:
            return [f"{record} is one record, of customer {customer}."]
        if customer == other_customer:
            return _joined(connection, customer, record, other)
        return _apart(connection, record, other, customer, other_customer)


def customer_of(connection: duckdb.DuckDBPyConnection, record: str) -> str:
    """The customer of a record; PortraitError where there is none."""
    row = connection.execute(
        "select customer_id from marts.bridge_customer_identities where record_id = ?", [record]
    ).fetchone()
    if row is None:
        raise PortraitError(
            f"There is no source record {record}: expected <system>:<native id>, such as shop:123."
        )
    return row[0]


def _joined(
    connection: duckdb.DuckDBPyConnection, customer: str, record: str, other: str
) -> list[str]:
    joining = _pairs(connection, f"{PAIRS} where verdict = 'joins' and customer_id = ?", [customer])
    path = shortest_path(joining, record, other)
    steps = "at once" if len(path) == 1 else f"in {len(path)} steps"
    lines = [f"{record} and {other} are one customer, {customer}, joined {steps}:"]
    lines += [f"  {number}. {pair.sentence()}" for number, pair in enumerate(path, 1)]
    direct = [pair for pair in _between_records(connection, record, other) if pair not in path]
    lines += [f"Between the two themselves: {pair.said()}" for pair in direct]
    return lines


def _apart(
    connection: duckdb.DuckDBPyConnection,
    record: str,
    other: str,
    customer: str,
    other_customer: str,
) -> list[str]:
    lines = [f"{record} and {other} are two customers, {customer} and {other_customer}."]
    direct = _between_records(connection, record, other)
    for pair in direct:
        lines.append(f"  {pair.sentence()}")
        lines += [
            f"  What would settle it: {question}"
            for (question,) in connection.execute(
                "select question from marts.identity_review"
                " where record_id = ? and other_record_id = ?",
                [pair.record, pair.other],
            ).fetchall()
        ]
    shared = connection.execute(
        "select ours.identifier_label, ours.identifier_type, ours.identifier_status, ours.reason,"
        " ours.records_count from marts.identity_identifiers as ours"
        " inner join marts.identity_identifiers as theirs using (identifier_id)"
        " where ours.record_id = ? and theirs.record_id = ? and ours.identifier_status <> 'joins'"
        " order by ours.identifier_type, ours.identifier_id",
        [record, other],
    ).fetchall()
    for identifier_label, type_, status, reason, count in shared:
        said = "joins nobody by its type" if status == "weak" else f"is {status} ({reason})"
        lines.append(
            f"  Both hold {identifier_label or type_}, which {said}; {count} records hold it."
        )
    if not direct and not shared:
        lines.append(
            "  The two share no identifier that could join them; they were not compared, or the"
            " score is below that of a review."
        )
    between = [
        pair
        for pair in _pairs(
            connection,
            f"{PAIRS} where least(customer_id, other_customer_id) = least(?, ?)"
            " and greatest(customer_id, other_customer_id) = greatest(?, ?)",
            [customer, other_customer] * 2,
        )
        if pair not in direct
    ]
    if between:
        lines.append("Between other records of the two customers:")
        lines += [f"  {pair.sentence()}" for pair in between[:MOST_PAIRS]]
    if len(between) > MOST_PAIRS:
        lines.append(f"  and {len(between) - MOST_PAIRS} more pairs.")
    return lines


def _between_records(connection: duckdb.DuckDBPyConnection, record: str, other: str) -> list[Pair]:
    return _pairs(
        connection,
        f"{PAIRS} where record_id in (?, ?) and other_record_id in (?, ?)",
        [record, other] * 2,
    )


def _pairs(connection: duckdb.DuckDBPyConnection, sql: str, values: list[str]) -> list[Pair]:
    """Pairs, the strongest first: rules of the stewards, then by weight."""
    order = "order by match_weight desc nulls first, record_id, other_record_id"
    return [Pair(*row) for row in connection.execute(f"{sql} {order}", values).fetchall()]


def shortest_path(pairs: list[Pair], record: str, other: str) -> list[Pair]:
    """The fewest pairs that lead from one record to the other; of equals the pairs given first.

    PortraitError where none do.
    """
    arrived: dict[str, Pair | None] = {record: None}
    waiting = deque([record])
    neighbours: dict[str, list[tuple[str, Pair]]] = {}
    for pair in pairs:
        neighbours.setdefault(pair.record, []).append((pair.other, pair))
        neighbours.setdefault(pair.other, []).append((pair.record, pair))
    while waiting and other not in arrived:
        here = waiting.popleft()
        for there, pair in neighbours.get(here, []):
            if there not in arrived:
                arrived[there] = pair
                waiting.append(there)
    if other not in arrived:
        raise PortraitError(f"No chain of pairs leads from {record} to {other}.")
    return list(_way_back(arrived, other))[::-1]


def _way_back(arrived: dict[str, Pair | None], record: str) -> Iterator[Pair]:
    while pair := arrived[record]:
        yield pair
        record = pair.record if record == pair.other else pair.other
