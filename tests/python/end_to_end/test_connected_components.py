"""The materialisation connected_components against SciPy, in a dbt project of its own."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from itertools import pairwise
from math import log2
from pathlib import Path

import duckdb
import numpy as np
import pytest
from builds import PROJECT, dbt_passed, environment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Edges = list[tuple[int, int]]

CHAIN = 100_000


def chain(keys: list[int]) -> Edges:
    """Return the edges from each key to the next."""
    return list(pairwise(keys))


def shuffled(count: int, seed: int = 7) -> list[int]:
    """Return 1 … count in random order."""
    keys = list(range(1, count + 1))
    random.Random(seed).shuffle(keys)
    return keys


def zigzag(count: int) -> list[int]:
    """Return 1, count, 2, count - 1, …: every other node is a smallest neighbour."""
    return [key // 2 + 1 if key % 2 == 0 else count - key // 2 for key in range(count)]


def bit_reversed(bits: int) -> list[int]:
    """Return 1 … 2^bits so ordered that each round leaves as many ends as it can."""
    return [int(f"{number:0{bits}b}"[::-1], 2) + 1 for number in range(2**bits)]


def random_graph(nodes: int, edges: int, seed: int) -> Edges:
    """Return edges between random 60-bit keys, loops and repetitions among them."""
    rng = random.Random(seed)
    keys = [rng.getrandbits(60) for _ in range(nodes)]
    return [(rng.choice(keys), rng.choice(keys)) for _ in range(edges)]


GRAPHS: dict[str, Callable[[], Edges]] = {
    "empty": list,
    "one_node": lambda: [(5, 5)],
    "one_edge": lambda: [(9, 3)],
    "both_ways": lambda: [(9, 3), (3, 9), (9, 3)],
    "chain_ascending": lambda: chain(list(range(1, CHAIN + 1))),
    "chain_descending": lambda: chain(list(range(10_000, 0, -1))),
    "chain_shuffled": lambda: chain(shuffled(CHAIN)),
    "chain_zigzag": lambda: chain(zigzag(10_001)),
    "chain_bit_reversed": lambda: chain(bit_reversed(12)),
    "ring": lambda: [*chain(list(range(1, 1001))), (1000, 1)],
    "star": lambda: [(500, key) for key in range(1, 1001)],
    "clique": lambda: [(low, high) for low in range(60) for high in range(low + 1, 60)],
    "two_chains_joined_last": lambda: [
        *chain(list(range(1, 500))),
        *chain(list(range(1000, 1500))),
        (499, 1499),
    ],
    **{
        f"random_{nodes}_{edges}": lambda nodes=nodes, edges=edges: random_graph(
            nodes, edges, nodes + edges
        )
        for nodes, edges in [(10, 5), (100, 60), (1000, 500), (1000, 1000), (5000, 4000)]
    },
}


def smallest_reachable(edges: Edges) -> dict[int, int]:
    """Return the component of each node by SciPy: node to the smallest node of its component."""
    if not edges:
        return {}
    nodes, positions = np.unique(np.array(edges, dtype=np.int64), return_inverse=True)
    ends = positions.reshape(-1, 2)
    size = len(nodes)
    matrix = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(size, size))
    labels = connected_components(matrix, directed=False)[1]
    # the nodes are in ascending order, so the first of a component is its smallest
    first = {}
    for node, label in zip(nodes.tolist(), labels.tolist(), strict=True):
        first.setdefault(label, node)
    return {n: first[label] for n, label in zip(nodes.tolist(), labels.tolist(), strict=True)}


class Run:
    """A dbt run over all graphs: the database it made, and rounds and jumps of each."""

    def __init__(self, folder: Path) -> None:
        self.database = folder / "graphs.duckdb"
        self._write_project(folder)
        with duckdb.connect(str(self.database)) as connection:
            for name, make in GRAPHS.items():
                connection.execute(f"create table {name}_edges (from_key bigint, to_key bigint)")
                ends = np.array(make(), dtype=np.int64).reshape(-1, 2)
                columns = {"from_key": ends[:, 0], "to_key": ends[:, 1]}
                connection.register("columns", columns)
                connection.execute(f"insert into {name}_edges select from_key, to_key from columns")
        printed = dbt_passed(["run"], environment(folder, folder), folder, folder)
        lines = re.findall(r"(\w+): components after (\d+) rounds, (\d+) jumps", printed)
        self.rounds = {name: int(rounds) for name, rounds, _ in lines}
        self.jumps = {name: int(jumps) for name, _, jumps in lines}

    def _write_project(self, folder: Path) -> None:
        (folder / "models").mkdir(parents=True)
        (folder / "macros").mkdir()
        source = PROJECT / "macros" / "identity" / "connected_components.sql"
        shutil.copy(source, folder / "macros")
        (folder / "dbt_project.yml").write_text('name: graphs\nversion: "0.1.0"\nprofile: graphs\n')
        (folder / "profiles.yml").write_text(
            "graphs: {target: duckdb, outputs: {duckdb:"
            f" {{type: duckdb, path: '{self.database}', threads: 2}}}}}}\n"
        )
        for name in GRAPHS:
            (folder / "models" / f"{name}.sql").write_text(
                "{{ config(materialized='connected_components') }}\n"
                f"select from_key, to_key from main.{name}_edges"
            )


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("graphs") / "project")


@pytest.mark.parametrize("name", GRAPHS)
def test_components_are_those_of_scipy(run: Run, name: str) -> None:
    with duckdb.connect(str(run.database), read_only=True) as connection:
        rows = connection.execute(f"select node_key, component_key from {name}").fetchall()
    assert len(dict(rows)) == len(rows)
    assert dict(rows) == smallest_reachable(GRAPHS[name]())


def test_rounds_grow_with_the_logarithm_of_the_nodes(run: Run) -> None:
    for name, edges in GRAPHS.items():
        nodes = len({key for edge in edges() for key in edge})
        assert run.rounds[name] <= max(log2(nodes), 1) if nodes else run.rounds[name] == 0
        assert run.jumps[name] <= (log2(max(nodes, 2)) + 1) * max(run.rounds[name], 1)
    assert (run.rounds["chain_ascending"], run.jumps["chain_ascending"]) == (1, 17)
    print({name: (run.rounds[name], run.jumps[name]) for name in GRAPHS})


def test_no_work_table_is_left(run: Run) -> None:
    with duckdb.connect(str(run.database), read_only=True) as connection:
        tables = {
            name
            for (name,) in connection.execute("select table_name from duckdb_tables()").fetchall()
        }
    assert tables == {*GRAPHS, *(f"{name}_edges" for name in GRAPHS)}
