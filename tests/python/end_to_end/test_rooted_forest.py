"""The materialisation rooted_forest against a walk from each node, in a dbt project of its own."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, dbt_passed, environment

# node: (parent or None, order of the cut or None)
Forest = dict[int, tuple[int | None, int | None]]


def chain(length: int) -> Forest:
    """Return nodes of which each is the parent of the next."""
    return {1: (None, 0)} | {node: (node - 1, node) for node in range(2, length + 1)}


def random_parents(nodes: int, seed: int, is_acyclic: bool) -> Forest:
    """Return nodes with any node as a parent, or none; without rings only a smaller one."""
    rng = random.Random(seed)
    return {
        node: (
            rng.randrange(0, node if is_acyclic else nodes + 1) or None,
            rng.choice([None, rng.randrange(5)]),
        )
        for node in range(1, nodes + 1)
    }


FORESTS: dict[str, Callable[[], Forest]] = {
    "empty": dict,
    "one_root": lambda: {7: (None, None)},
    "one_edge": lambda: {7: (None, None), 3: (7, 1)},
    "chain": lambda: chain(1000),
    "star": lambda: {1: (None, 0)} | {node: (1, node) for node in range(2, 500)},
    "own_parent": lambda: {5: (5, 1), 6: (5, 1)},
    # of equal orders the greater key is cut, and an unknown order never is if another is known
    "ring_of_two": lambda: {5: (6, 1), 6: (5, 1), 7: (6, 9)},
    "ring_of_three": lambda: {1: (2, None), 2: (3, 4), 3: (1, 3), 4: (1, 99), 5: (4, None)},
    "two_rings_and_a_tree": lambda: (
        {1: (2, 1), 2: (1, 2), 3: (4, 8), 4: (3, 7), 5: (3, None)} | {8: (None, 1), 9: (8, 2)}
    ),
    "long_ring": lambda: {node: (node % 300 + 1, node % 7) for node in range(1, 301)},
    "long_tail_into_a_ring": lambda: (
        {node: (node - 1, 0) for node in range(3, 400)} | {1: (2, 5), 2: (1, 4)}
    ),
    "random_trees": lambda: random_parents(800, 1, is_acyclic=True),
    "random_rings": lambda: random_parents(800, 2, is_acyclic=False),
    "random_rings_again": lambda: random_parents(60, 3, is_acyclic=False),
}


def amount(node: int) -> int:
    """Return the amount of a node; some have none, some less than nothing."""
    return node % 11 - 3


def walked(forest: Forest) -> dict[int, tuple[int | None, int, int, int, int, bool]]:
    """Return parent, root, depth, number and amount below, and whether it was cut, of each node."""
    parents = {node: parent for node, (parent, _) in forest.items()}
    cut: set[int] = set()
    for start in forest:
        way: list[int] = []
        node: int | None = start
        while node is not None and node not in way:
            way.append(node)
            node = parents[node]
        if node is not None:
            ring = way[way.index(node) :]
            last = max(ring, key=lambda one: (forest[one][1] is not None, forest[one][1] or 0, one))
            parents[last] = None
            cut.add(last)
    found = {}
    below = dict.fromkeys(forest, (0, 0))
    for start in forest:
        way = [start]
        while (parent := parents[way[-1]]) is not None:
            way.append(parent)
            below[parent] = (below[parent][0] + 1, below[parent][1] + amount(start))
        found[start] = (way[-1], len(way) - 1)
    return {node: (parents[node], *found[node], *below[node], node in cut) for node in forest}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a database in which one run of dbt has built all forests."""
    folder = tmp_path_factory.mktemp("forests") / "project"
    database = folder / "forests.duckdb"
    (folder / "models").mkdir(parents=True)
    (folder / "macros").mkdir()
    for source in ("identity/connected_components.sql", "relations/rooted_forest.sql"):
        shutil.copy(PROJECT / "macros" / source, folder / "macros")
    (folder / "dbt_project.yml").write_text('name: forests\nversion: "0.1.0"\nprofile: forests\n')
    (folder / "profiles.yml").write_text(
        "forests: {target: duckdb, outputs: {duckdb:"
        f" {{type: duckdb, path: '{database}', threads: 2}}}}}}\n"
    )
    with duckdb.connect(str(database)) as connection:
        for name, make in FORESTS.items():
            (folder / "models" / f"{name}.sql").write_text(
                "{{ config(materialized='rooted_forest') }}\n"
                "select node_key, parent_key, cut_order, nullif(node_amount, 0) as node_amount"
                f" from main.{name}_nodes"
            )
            connection.execute(
                f"create table {name}_nodes"
                " (node_key bigint, parent_key bigint, cut_order bigint, node_amount bigint)"
            )
            rows = [(node, *about, amount(node)) for node, about in make().items()]
            if rows:
                connection.executemany(f"insert into {name}_nodes values (?, ?, ?, ?)", rows)
    dbt_passed(["run"], environment(folder, folder), folder, folder)
    return database


@pytest.mark.parametrize("name", FORESTS)
def test_forest_is_that_of_a_walk(database: Path, name: str) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            "select node_key, parent_key, root_key, depth, descendants_count,"
            f" cast(descendants_amount as bigint), is_cycle_cut from {name}"
        ).fetchall()
    assert len({row[0] for row in rows}) == len(rows)
    assert {row[0]: row[1:] for row in rows} == walked(FORESTS[name]())


def test_walk_cuts_the_latest_of_a_ring() -> None:
    """What the materialisation is held against is right itself."""
    assert walked({1: (2, 5), 2: (3, 9), 3: (1, None), 4: (1, 1)}) == {
        1: (2, 2, 1, 2, 4 - 3 + 3 - 3, False),
        2: (None, 2, 0, 3, 1 - 3 + 3 - 3 + 4 - 3, True),
        3: (1, 2, 2, 0, 0, False),
        4: (1, 2, 2, 0, 0, False),
    }


def test_no_work_table_is_left(database: Path) -> None:
    with duckdb.connect(str(database), read_only=True) as connection:
        tables = {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
    assert tables == {*FORESTS, *(f"{name}_nodes" for name in FORESTS)}
