"""No SQL of the project means one thing on DuckDB and another on Spark, except in cross_db."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import portability_rules as rules
import pytest
from layer_rules import PACKAGE, as_lines, data_tests, layer_of, models

from portrait.landing.audience_parts import Part, Quotient, Text, Window
from portrait.landing.audience_rules import read_audiences
from portrait.landing.configuration import AudienceFile, Configuration

FOLDERS = ("models", "macros", "tests")


def _files(project_dir: Path) -> list[Path]:
    return [
        path.relative_to(project_dir)
        for folder in FOLDERS
        for path in sorted((project_dir / folder).rglob("*.sql"))
    ]


def _is_checked(path: Path) -> bool:
    is_cross_db = path.parts[:2] == ("macros", "cross_db")
    return not is_cross_db and str(path) not in rules.REGISTRY["files_excepted"]


def test_project_runs_on_both_engines(project_dir: Path) -> None:
    found = [
        f"{path}: {problem}"
        for path in filter(_is_checked, _files(project_dir))
        for problem in rules.problems((project_dir / path).read_text(encoding="utf-8"))
    ]
    assert not found, as_lines(found)


# All kinds of conditions that the shipped audiences do not use.
MORE_CONDITIONS = """
title: More
owner: me
conditions:
- orders: {measure: average, of: net_amount, window_days: 30, where: [{column: status, in: [a]}]}
  at_least: 2.5
- orders: {measure: most, of: ordered_date}
  from: 2026-01-01
- orders: {measure: least, of: net_amount}
  is_known: true
- orders: {rows: all, where: {not: {column: is_paid, is: true}}}
- column: last_order_date
  within_days: 7
- column: region
  not_in: [x, y]
"""


def _written(part: Part) -> str:
    match part:
        case Text():
            return "'text'"
        case Window():
            return "{{ in_window('date', 'as_of_date', '30d') }}"
        case Quotient():
            return "{{ divide('numerator', 'denominator') }}"
    return part


def test_audiences_are_compiled_to_sql_of_both_engines(project_dir: Path) -> None:
    file = AudienceFile("more", "more.yml", MORE_CONDITIONS)
    steps = read_audiences(project_dir, Configuration(), [file]).steps
    assert len(steps) > 10
    found = [
        f"{step.name}: {problem}"
        for step in steps
        for problem in rules.problems("".join(map(_written, step.parts)))
    ]
    assert not found, as_lines(found)


def test_expressions_in_yaml_run_on_both_engines(manifest: dict[str, Any]) -> None:
    found = []
    for test in data_tests(manifest):
        arguments = (test.get("test_metadata") or {}).get("kwargs", {})
        texts = [arguments.get("expression"), test["config"].get("where")]
        found += [
            f"{test['name']}: {problem}"
            for text in texts
            if text
            for problem in rules.problems(text)
        ]
    assert not found, as_lines(found)


def test_contracts_use_types_of_both_engines(manifest: dict[str, Any]) -> None:
    found = [
        f"{model['name']}.{column['name']}: {column['data_type']}"
        for model in models(manifest)
        if layer_of(model) in ("marts", "quality")
        for column in model["columns"].values()
        if column.get("data_type") and not rules.TYPE.fullmatch(column["data_type"].lower())
    ]
    assert not found, as_lines(found)


def test_every_excepted_file_exists_and_has_a_reason(project_dir: Path) -> None:
    for path, reason in rules.REGISTRY["files_excepted"].items():
        assert (project_dir / path).is_file(), path
        assert rules.problems((project_dir / path).read_text(encoding="utf-8")), f"{path}: needless"
        assert len(reason) > 20, path


def test_registry_says_one_thing_of_each_function() -> None:
    assert rules.ALLOWED.isdisjoint(rules.TRAPS)
    groups = rules.REGISTRY["allowed"] + rules.REGISTRY["traps"]
    names = [name for group in groups for name in group["names"]]
    assert len(names) == len(set(names))
    assert all(group["because"] for group in rules.REGISTRY["allowed"])


def test_macros_that_the_registry_names_exist(manifest: dict[str, Any]) -> None:
    macros = {m["name"] for m in manifest["macros"].values() if m["package_name"] == PACKAGE}
    hints = [group["use"] for group in rules.REGISTRY["traps"]]
    hints += [*rules.OPERATOR_HINTS.values(), *rules.SYNTAX.values()]
    named = {
        name
        for hint in hints
        for names in re.findall(r"((?:\w+(?:, | or ))*\w+) of macros/cross_db/", hint)
        for name in re.split(r", | or ", names)
    } - {"macro"}
    assert "add_days" in named
    assert named <= macros


@pytest.mark.parametrize(
    ("sql", "word"),
    [
        # functions
        ("select concat(first_name, last_name) from x", "concat()"),
        ("select avg(net_amount) from x", "avg()"),
        ("select regexp_replace(phone, 'a', 'b') from x", "regex_replace"),
        ("select max_by(city, updated_at) from x", "max_by()"),
        ("select string_agg(city, ',') from x", "string_agg()"),
        ("select split(city, '.') from x", "split()"),
        ("select levenshtein(a, b) from x", "levenshtein()"),
        ("select dayofweek(ordered_date) from x", "iso_weekday"),
        ("select log(x) from y", "log()"),
        ("select ntile(5) over (order by x nulls last) from y", "ntile()"),
        ("select datediff('day', a, b) from x", "days_between"),
        ("select strftime(ordered_date, '%Y') from x", "strftime()"),
        ("select generate_series(1, 3)", "generate_series()"),
        ("select list_sum(x) from y", "list_sum()"),
        ("select function_of_tomorrow(x) from y", "not known"),
        ("select LIST_SUM(x) from y", "list_sum()"),
        ("select extract(dow from ordered_date) from x", "extract(dow"),
        ("select extract(epoch from ordered_at) from x", "extract(epoch"),
        ("select {{ function }}(x) from y", "comes from Jinja"),
        ("select {{ first_row('list_sum(x)') }} from y", "list_sum()"),
        ("{% set total = 'avg(x)' %}select {{ total }} from y", "avg()"),
        # operators and literals
        ("select net_amount / orders_count from x", "divide"),
        ("select {{ share('a / b') }} from x", "divide"),
        ("select net_amount // 2 from x", "divides to integers"),
        ("select x::date from y", "cast(x as t)"),
        ("select 1 from x where phone ~ '[0-9]'", "regex_matches"),
        ("select 2 ^ 3", "power()"),
        ("select [1, 2]", "is a list"),
        ("select x[1] from y", "is a list"),
        ('select "name" from x', "quotes a name"),
        ("select x -> 1 from y", "lambda"),
        ("select {'a': 1}", "no operator"),
        ("select x & 1 from y", "no operator"),
        ("select 1 from x where a == b", "write ="),
        ("select replace(x, '\\n', '') from y", "backslash"),
        ("select 1_000", "write them out"),
        # syntax
        ("select x from y qualify row_number() over (order by x nulls last) = 1", "qualify"),
        ("select ordered_date + interval 30 day from x", "add_days"),
        ("select {{ shift('ordered_date + interval 30 day') }} from x", "add_days"),
        ("select ordered_date - 30 from x", "date arithmetic"),
        ("select as_of.as_of_date - orders.ordered_date from x", "date arithmetic"),
        ("select * exclude (x) from y", "list columns"),
        ("select * replace (1 as x) from y", "list columns"),
        ("select distinct on (x) x from y", "distinct on"),
        ("with recursive x as (select 1) select 1 from x", "recursion"),
        ("select 1 from a semi join b using (x)", "exists"),
        ("select 1 from a asof join b using (x)", "exists"),
        ("select 1 from x where y similar to 'a'", "regular expressions"),
        ("select current_date", "clock"),
        ("select city.lower() from x", "write f(x)"),
        ("select x from 'orders.parquet'", "use a source"),
        ("select x from y union all by name select x from z", "list columns"),
        ("select x from y order by all", "name the columns"),
        ("select lag(x ignore nulls) over (order by y nulls last) from z", "ignore nulls"),
        ("select x from y as materialized (select 1)", "materialized()"),
        # types and casts
        ("select cast(x as varchar) from y", "cast to varchar"),
        ("select cast(x as text) from y", "cast to text"),
        ("select try_cast(x as hugeint) from y", "cast to hugeint"),
        ("select cast(x as timestamp with time zone) from y", "cast to timestamp with"),
        ("select cast(net_amount as int) from x", "rounds a fraction"),
        ("select cast(2.5 as int) from x", "rounds a fraction"),
        ("select cast(sum(net_amount) as bigint) from x", "rounds a fraction"),
        ("select cast(case when a then 1 else rate end as int) from x", "rounds a fraction"),
        ("select try_cast(quantity as int) from x", "Spark gives null"),
        # windows
        ("select rank() over (order by x) from y", "nulls first or nulls last"),
        ("select rank() over (order by x nulls last, y desc) from z", "order by y desc"),
        (
            "select sum(x) over (order by a rows between 1 preceding and current row) from y",
            "order by a",
        ),
    ],
)
def test_refuses(sql: str, word: str) -> None:
    found = rules.problems(sql)
    assert any(word in problem for problem in found), found


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) filter (where a.is_paid) as n from a inner join b using (x)",
        "select x, count(distinct y) from z group by all having count(*) > 1",
        "select cast(sum(net_amount) as decimal(18, 4)) as net_amount from x",
        "select cast(count(*) as bigint) as n, cast(null as string), cast(null as int) from x",
        "select cast(sum(case when a then 1 else 0 end) as bigint) as n from x",
        "select cast(floor(net_amount) as int), cast(extract(year from d) as int) from x",
        "select cast({{ var('days') }} as int), cast(x as {{ dbt.type_string() }}) from y",
        "select sum(x) over (partition by a order by b desc nulls last, c nulls first"
        " rows between unbounded preceding and current row) from y",
        "select sum(x) over (order by ordered_date nulls last"
        " range between interval 29 days preceding and current row) from y",
        "select {{ add_days('ordered_date', 30) }}, {{ divide('sum(a)', 'count(*)') }} from x",
        "select a || '/' || b from x where c not in ('~', '[') and d is not distinct from e",
        "-- a / b :: c\nselect 1 /* [x] */ from x {# avg(x) #}",
        "select 1 from x where exists (select 1 from y) and (a or b) and (c is true)",
        "select {{ regex_replace('x', '^[0-9]{4} ?([-/.] ?a)(b)', '{1}/{2}') }} from y",
        "select cast(coalesce(orders_{{ days }}_count, 0) as bigint) from x",
        "select {{ parse_decimal('x', 'decimal(18, 8)') }} from y",
        "{{ config(materialized='table', tags=['a/b']) }}select 1 from {{ ref('x') }}",
        "select -1 * x, date '2020-01-01', x is null from y where a <> 'it''s'",
    ],
)
def test_accepts(sql: str) -> None:
    assert rules.problems(sql) == []


def test_no_seed_holds_the_word_null(project_dir: Path) -> None:
    """A text that dbt reads as no value, and DuckDB, which reads the file itself, as a word."""
    found = [
        f"{path.name}: {row}"
        for path in sorted((project_dir / "seeds").rglob("*.csv"))
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines())
        if any(cell.strip().lower() == "null" for cell in row)
    ]
    assert not found, as_lines(found)
