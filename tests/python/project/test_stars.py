"""The rule on stars accepts those that hide nothing, and refuses each of the others."""

from __future__ import annotations

import pytest
from star_rules import star_problems

COLUMNS_OF = {"int_orders_priced": {"order_key", "net_amount", "currency"}}
MODEL = """with

orders as (select * from {{ ref('int_orders_priced') }}),

rates as (select * from {{ ref('int_fx_rates_daily') }}),

/* the CTE of the case */

final as (
    select
        valued.order_key,
        count(*) as lines_count
    from valued
    group by valued.order_key
)

select * from final
"""
ADDS_COLUMNS = """valued as (
    select
        orders.*,
        rates.fx_rate,
        100 * orders.net_amount as cents
    from orders
    left join rates
        on orders.currency = rates.currency
),"""


def _problems(cte: str, *, may_end_in_star: bool = False) -> list[str]:
    sql = MODEL.replace("/* the CTE of the case */", cte)
    return star_problems(sql, may_end_in_star=may_end_in_star, columns_of=COLUMNS_OF)


def _changed(old: str, new: str) -> str:
    assert old in ADDS_COLUMNS
    return ADDS_COLUMNS.replace(old, new)


@pytest.mark.parametrize(
    "cte",
    [
        pytest.param(ADDS_COLUMNS, id="adds columns from a join"),
        pytest.param(
            "valued as (select *, net_amount * 2 as twice from orders),", id="adds one column"
        ),
        pytest.param(
            _changed(
                "        rates.fx_rate,\n",
                "        {% for part in parts %}\n"
                "            {{ divide(part, 2) }} as {{ part }}_half,\n"
                "        {% endfor %}\n",
            ),
            id="adds columns by a loop",
        ),
        pytest.param(
            "valued as (select *, row_number() over (order by order_key) as order_rank"
            " from orders),",
            id="adds a rank",
        ),
        pytest.param(
            "valued as (select * from orders where net_amount > 0),", id="keeps some rows"
        ),
        pytest.param(
            "valued as (select orders.* from orders inner join rates"
            " on orders.currency = rates.currency),",
            id="keeps the rows that a join finds",
        ),
        pytest.param(
            "valued as (select order_key, net_amount * 2 as twice, count(*) as n from orders"
            " group by order_key, net_amount),",
            id="no star: a product and a count",
        ),
    ],
)
def test_star_that_hides_nothing_is_accepted(cte: str) -> None:
    assert _problems(cte) == []


@pytest.mark.parametrize(
    ("cte", "sentence"),
    [
        pytest.param(
            # The comma is Jinja's: a rule that looks for `select *` or `, *` does not see the star.
            "valued as (\n    select\n        {% for term in terms %}\n"
            "            {{ term }}_shares.term_share as {{ term }}_share,\n"
            "        {% endfor %}\n        orders.*\n    from orders\n),",
            "not the first term",
            id="a star behind Jinja",
        ),
        pytest.param(
            "valued as (select order_key, * from orders),", "not the first term", id="a later star"
        ),
        pytest.param(
            "valued as (select 1 as one from orders where exists (select * from rates)),",
            "not the first term",
            id="a star within brackets",
        ),
        pytest.param(_changed("rates.fx_rate", "rates.*"), "more than one star", id="two stars"),
        pytest.param(_changed("orders.*", "*"), "several tables", id="a star of two tables"),
        pytest.param(
            "valued as (select *, 1 as one from orders union all select *, 2 as one from orders),",
            "union",
            id="a star in a union",
        ),
        pytest.param(
            "valued as (select order_key from rates union all select * from orders),",
            "not the first term",
            id="a star in the second part of a union",
        ),
        pytest.param(
            "valued as (select distinct * from orders),", "distinct", id="a star with distinct"
        ),
        pytest.param(
            "valued as (select orders.*, count(*) as n from orders group by all),",
            "group by",
            id="a star with group by",
        ),
        pytest.param(
            "valued as (select * from orders),", "adds no column", id="a star that adds nothing"
        ),
        pytest.param(
            _changed("100 * orders.net_amount as cents", "100 * orders.net_amount"),
            "without a name",
            id="an added column without a name",
        ),
        pytest.param(
            _changed("as cents", "as net_amount"),
            "adds net_amount, which its star brings already",
            id="a column twice, known from the YAML",
        ),
        pytest.param(
            ADDS_COLUMNS.replace("valued as", "priced as")
            + "\n\nvalued as (select priced.*, 1 as cents from priced),",
            "adds cents, which its star brings already",
            id="a column twice, known from the CTE above",
        ),
    ],
)
def test_star_that_hides_something_is_refused(cte: str, sentence: str) -> None:
    found = _problems(cte)
    assert any(sentence in problem for problem in found), found


def test_only_a_model_that_publishes_nothing_may_end_in_a_star() -> None:
    sql = MODEL.replace("/* the CTE of the case */", "").replace(
        "valued.order_key,\n        count(*) as lines_count\n    from valued\n"
        "    group by valued.order_key",
        "orders.*,\n        2 as two\n    from orders",
    )
    assert "orders.*" in sql
    assert star_problems(sql, may_end_in_star=True, columns_of=COLUMNS_OF) == []
    (problem,) = star_problems(sql, may_end_in_star=False, columns_of=COLUMNS_OF)
    assert problem.startswith("final: final lists its columns")


def test_star_outside_of_a_cte_is_refused() -> None:
    sql = MODEL.replace("select * from final", "select * from valued")
    assert "select * outside of a CTE" in star_problems(
        sql.replace("/* the CTE of the case */", ADDS_COLUMNS),
        may_end_in_star=True,
        columns_of=COLUMNS_OF,
    )
