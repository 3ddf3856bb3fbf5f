"""Answers queries of metrics: on standard input a JSON object of queries, as JSON their rows.

Run by tests/python/end_to_end/test_metrics.py in the environment of MetricFlow. A query is an
object of the arguments that MetricFlow takes: `metric_names`, `group_by_names`, `saved_query_name`,
`time_constraint_start`, `time_constraint_end`.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime
from typing import Any

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowEngine, MetricFlowQueryRequest

from portrait.metrics import prepare


def answer(engine: MetricFlowEngine, query: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of a query by the names of their columns."""
    times = {
        name: datetime.fromisoformat(value)
        for name, value in query.items()
        if name.startswith("time_constraint")
    }
    table = engine.query(MetricFlowQueryRequest.create(**query | times)).result_df
    return [dict(zip(table.column_names, row, strict=True)) for row in table.rows]


def main() -> None:
    """Answer what standard input asks."""
    asked = json.load(sys.stdin)
    prepare()
    configuration = CLIConfiguration()
    configuration.setup()
    engine = configuration.mf
    print(json.dumps({name: answer(engine, query) for name, query in asked.items()}, default=str))


if __name__ == "__main__":
    main()
