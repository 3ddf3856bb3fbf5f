"""How long selections by tags take: three tags, the profile over all tags, and all overlaps.

    python -m benchmarks.tag_speed [--customers 1000000]

The table has the columns of customer_tag_flags by the seed tag_registry, filled at random: each tag
is held by a share of the customers between one in a hundred and a half. Times are the best of five,
in seconds; beside a selection stands the same on customer_tags, one row per customer and tag.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable
from pathlib import Path

import click
import duckdb
import numpy as np

from benchmarks.measuring import PROJECT

REGISTRY = PROJECT / "seeds" / "portrait" / "tag_registry.csv"
REPEATS = 5
CHUNK = 100_000


def tag_columns(registry: Path = REGISTRY) -> list[str]:
    """The columns of customer_tag_flags."""
    with registry.open(encoding="utf-8", newline="") as file:
        return sorted(row["tag_code"].lower() for row in csv.DictReader(file))


def make_tables(connection: duckdb.DuckDBPyConnection, columns: list[str], customers: int) -> None:
    """Make `flags`, wide, and `tags`, long, of the same customers."""
    shares = np.linspace(0.01, 0.5, len(columns))
    flags = ", ".join(
        f"hash(customer, {number}) % 10000 < {int(10000 * share)} as {name}"
        for number, (name, share) in enumerate(zip(columns, shares, strict=True))
    )
    connection.execute(
        "create table flags as select 'c' || lpad(cast(customer as varchar), 15, '0')"
        f" as customer_id, {flags} from range({customers}) as numbers(customer)"
    )
    connection.execute(
        "create table tags as select customer_id, tag_code from (unpivot flags on"
        f" {', '.join(columns)} into name tag_code value is_held) where is_held"
    )


def overlaps(connection: duckdb.DuckDBPyConnection, columns: list[str]) -> np.ndarray:
    """Customers who have both tags, for each pair: a matrix product of the flags, in chunks.

    Shape: tags × tags; the diagonal holds the customers of each tag.
    """
    found = np.zeros((len(columns), len(columns)), dtype=np.float64)
    result = connection.execute(f"select {', '.join(columns)} from flags")
    while True:
        chunk = result.fetch_df_chunk(CHUNK // 2048)
        if chunk.empty:
            return found
        held = chunk.to_numpy(dtype=np.float32)
        found += held.T @ held


def best_of(repeats: int, work: Callable[[], object]) -> float:
    """The shortest of several runs, in seconds."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


@click.command()
@click.option("--customers", default=1_000_000, show_default=True)
def main(customers: int) -> None:
    """Print the seconds."""
    columns = tag_columns()
    one, other, third = columns[len(columns) // 4], columns[len(columns) // 2], columns[-1]
    with duckdb.connect() as connection:
        make_tables(connection, columns, customers)
        wide = f"select count(*) from flags where {one} and {other} and {third}"
        long = (
            "select count(*) from (select customer_id from tags where tag_code in"
            f" ('{one}', '{other}', '{third}') group by customer_id having count(*) = 3)"
        )
        assert connection.execute(wide).fetchall() == connection.execute(long).fetchall()
        sums = ", ".join(f"count(nullif({name}, false))" for name in columns)
        profile = f"select {sums} from flags where {one}"
        click.echo(f"{customers:,} customers, {len(columns)} tags:")
        for name, work in {
            "three tags, wide": lambda: connection.execute(wide).fetchall(),
            "three tags, long": lambda: connection.execute(long).fetchall(),
            "profile over all tags": lambda: connection.execute(profile).fetchall(),
        }.items():
            click.echo(f"  {name}: {best_of(REPEATS, work):.3f} s")
        seconds = best_of(1, lambda: overlaps(connection, columns))
        click.echo(f"  all {len(columns)} x {len(columns)} overlaps: {seconds:.1f} s")


if __name__ == "__main__":
    main()
