"""The materialisation components_kept_apart against a plain union-find, in a project of its own."""

from __future__ import annotations

import csv
import random
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, dbt_passed, environment

# from_key, to_key, edge_weight (None goes before all others), is_kept_apart
Link = tuple[int, int, float | None, bool]


def components(links: list[Link]) -> dict[int, int]:
    """Add edge after edge, the best first, but none that would join a pair that is kept apart."""
    edges = sorted(
        (
            (weight is not None, -(weight or 0.0), min(ends), max(ends))
            for *ends, weight, is_kept_apart in links
            if not is_kept_apart
        ),
    )
    apart = [(one, other) for one, other, _, is_kept_apart in links if is_kept_apart]
    cluster = {key: {key} for *_, low, high in edges for key in (low, high)}
    for *_, low, high in edges:
        joined = cluster[low] | cluster[high]
        if any(one != other and {one, other} <= joined for one, other in apart):
            continue
        for key in joined:
            cluster[key] = joined
    return {key: min(members) for key, members in cluster.items()}


def random_links(count: int, seed: int) -> list[Link]:
    """Return many small graphs side by side: dense and sparse ones, weights with many ties."""
    rng = random.Random(seed)
    links: list[Link] = []
    for graph in range(count):
        keys = [graph * 100 + number for number in range(rng.randint(2, 14))]
        rng.shuffle(keys)
        weights = rng.choice(
            [[None, 1.0], [1.0], [-2.5, 0.0, 3.25, None], [*map(float, range(50))]]
        )
        for _ in range(rng.randint(1, 3 * len(keys))):
            links.append((rng.choice(keys), rng.choice(keys), rng.choice(weights), False))
        for _ in range(rng.choice([0, 1, 1, 2, 3, 8])):
            links.append((rng.choice(keys), rng.choice(keys), None, True))
    return links


def chain(count: int, weight: Callable[[int], float]) -> list[Link]:
    """Return a chain whose ends are kept apart."""
    edges = [(low, high, weight(low), False) for low, high in pairwise(range(count))]
    return [*edges, (count - 1, 0, None, True)]


GRAPHS: dict[str, Callable[[], list[Link]]] = {
    "empty": list,
    "nothing_kept_apart": lambda: [(1, 2, 1.0, False), (2, 3, None, False), (5, 5, 1.0, False)],
    "kept_apart_and_never_joined": lambda: [
        (1, 2, 1.0, False),
        (3, 4, 1.0, False),
        (1, 4, None, True),
    ],
    "pair_of_no_edge": lambda: [(1, 2, 1.0, False), (8, 9, None, True), (1, 1, None, True)],
    # A weak edge between a and b stays although both ways over c are stronger and refused.
    "round_about": lambda: [
        *((1, 3, 3.0, False), (3, 2, 2.0, False), (1, 2, 1.0, False)),
        *((1, 3, None, True), (3, 2, None, True)),
    ],
    "chain_ascending": lambda: chain(2000, float),
    "chain_descending": lambda: chain(2000, lambda key: -float(key)),
    "chain_level": lambda: chain(2000, lambda _: 1.0),
    "all_kept_apart": lambda: [
        *((low, high, float(low + high), False) for low in range(12) for high in range(low)),
        *((low, high, None, True) for low in range(12) for high in range(low)),
    ],
    **{f"random_{seed}": lambda seed=seed: random_links(700, seed) for seed in (1, 2, 3)},
    "random_1_turned": lambda: [
        (high, low, weight, is_kept_apart)
        for low, high, weight, is_kept_apart in reversed(random_links(700, 1))
    ],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return the database of a dbt run over all graphs, and what dbt printed."""
    folder = tmp_path_factory.mktemp("apart") / "project"
    database = folder / "graphs.duckdb"
    (folder / "models").mkdir(parents=True)
    shutil.copytree(PROJECT / "macros" / "identity", folder / "macros")
    (folder / "macros" / "_macros.yml").unlink()
    (folder / "dbt_project.yml").write_text('name: graphs\nversion: "0.1.0"\nprofile: graphs\n')
    (folder / "profiles.yml").write_text(
        "graphs: {target: duckdb, outputs: {duckdb:"
        f" {{type: duckdb, path: '{database}', threads: 2}}}}}}\n"
    )
    with duckdb.connect(str(database)) as connection:
        for name, make in GRAPHS.items():
            connection.execute(
                f"create table {name}_links"
                " (from_key bigint, to_key bigint, edge_weight double, is_kept_apart boolean)"
            )
            # As a file: tens of thousands of single inserts take longer than all the rest.
            file = folder / f"{name}.csv"
            with file.open("w", encoding="utf-8", newline="") as target:
                csv.writer(target).writerows(make())
            connection.execute(f"copy {name}_links from '{file}' (header false, auto_detect false)")
            (folder / "models" / f"{name}.sql").write_text(
                "{{ config(materialized='components_kept_apart') }}\n"
                f"select from_key, to_key, edge_weight, is_kept_apart from main.{name}_links"
            )
    return database, dbt_passed(["run"], environment(folder, folder), folder, folder)


@pytest.mark.parametrize("name", GRAPHS)
def test_components_are_those_of_a_union_find(run: tuple[Path, str], name: str) -> None:
    with duckdb.connect(str(run[0]), read_only=True) as connection:
        rows = connection.execute(f"select node_key, component_key from {name}").fetchall()
    assert len(dict(rows)) == len(rows)
    assert dict(rows) == components(GRAPHS[name]())


def test_the_order_of_rows_and_of_ends_changes_nothing(run: tuple[Path, str]) -> None:
    with duckdb.connect(str(run[0]), read_only=True) as connection:
        assert (
            connection.execute("select * from random_1 order by all").fetchall()
            == connection.execute("select * from random_1_turned order by all").fetchall()
        )


def test_rounds_are_few(run: tuple[Path, str]) -> None:
    rounds = {
        name: int(count)
        for name, count in re.findall(r"(\w+): kept apart after (\d+) rounds", run[1])
    }
    # Only graphs in which a pair would be joined are looked at again.
    assert set(rounds) == set(GRAPHS) - {
        *("empty", "nothing_kept_apart", "kept_apart_and_never_joined", "pair_of_no_edge")
    }
    print(rounds)
    assert rounds["all_kept_apart"] == 0
    assert max(rounds.values()) <= 13


def test_no_work_table_is_left(run: tuple[Path, str]) -> None:
    with duckdb.connect(str(run[0]), read_only=True) as connection:
        rows = connection.execute("select table_name from duckdb_tables()").fetchall()
    assert {name for (name,) in rows} == {*GRAPHS, *(f"{name}_links" for name in GRAPHS)}
