"""Lift and its bounds, as the models calculate them, are what scipy says of the same numbers.

The SQL is that of the models, as dbt compiles it: on the mail test of 64,000 people that the
generator makes, and on random splits of its people, where nothing was done to anybody.
"""

from __future__ import annotations

import re
from math import sqrt

import duckdb
import numpy as np
import pandas
import pytest
from scipy import stats

from portrait.generator.mail_test import ARMS, MailTest, make_mail_test

PEOPLE, SPLITS = 64_000, 1_000
RELATION = re.compile(r'(?:"?\w+"?\.)+"?((?:int|stg)_\w+)"?')


def run_models(
    connection: duckdb.DuckDBPyConnection, compiled: dict[str, str], *models: str
) -> None:
    """Make each model as a table, on the tables that the connection has."""
    for model in models:
        sql = RELATION.sub(r"\1", compiled[model])
        connection.execute(f"create table {model} as {sql}")


@pytest.fixture(scope="module")
def mail_test() -> MailTest:
    return make_mail_test(17, PEOPLE)


@pytest.fixture(scope="module")
def lifts(compiled: dict[str, str], mail_test: MailTest) -> pandas.DataFrame:
    """The rows of the mail test in int_campaign_lifts_measured, by group."""
    with duckdb.connect() as connection:
        arms = np.array(ARMS)[mail_test.arm]
        people = pandas.DataFrame(
            {"arm": arms, "bought": mail_test.has_bought, "spend": mail_test.spend}
        )
        connection.register("people", people)
        connection.execute(
            "create table int_campaign_customers as select 'M' as campaign_id, arm,"
            " arm = 'holdout' as is_holdout, false as is_in_several_arms,"
            " 'all' as purchase_state, 'all' as rfm_segment, bought::bigint as paid_orders_count,"
            " 0 as orders_without_amount_count, spend::decimal(38, 4) as realised_amount"
            " from people"
        )
        run_models(connection, compiled, "int_campaign_arm_totals", "int_campaign_lifts_measured")
        rows = connection.execute(
            "from int_campaign_lifts_measured where scheme = 'everybody'"
        ).df()
    return rows.set_index("arm")


def newcombe(successes: int, trials: int, other: int, other_trials: int) -> tuple[float, float]:
    """Newcombe's interval (1998, method 10) of Wilson's intervals by scipy."""
    share, other_share = successes / trials, other / other_trials
    own = stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
    others = stats.binomtest(other, other_trials).proportion_ci(0.95, "wilson")
    difference = share - other_share
    return (
        difference - sqrt((share - own.low) ** 2 + (others.high - other_share) ** 2),
        difference + sqrt((own.high - share) ** 2 + (other_share - others.low) ** 2),
    )


def holm(p_values: list[float]) -> list[float]:
    """The probabilities after Holm (1979)."""
    adjusted, least = dict.fromkeys(range(len(p_values)), 1.0), 0.0
    for rank, place in enumerate(np.argsort(p_values)):
        least = max(least, min(1.0, p_values[place] * (len(p_values) - rank)))
        adjusted[int(place)] = least
    return list(adjusted.values())


def test_the_mail_test_has_a_row_for_each_group(lifts: pandas.DataFrame) -> None:
    assert sorted(lifts.index) == ["mens", "womens"]


@pytest.mark.parametrize("arm", [1, 2], ids=ARMS[1:])
def test_rates_are_as_scipy_says(lifts: pandas.DataFrame, mail_test: MailTest, arm: int) -> None:
    row = lifts.loc[ARMS[arm]]
    bought, other = (mail_test.has_bought[mail_test.arm == number] for number in (arm, 0))
    low, high = newcombe(int(bought.sum()), bought.size, int(other.sum()), other.size)
    assert row["response_lift_points"] == pytest.approx(100 * (bought.mean() - other.mean()))
    assert row["lower_response_lift_points"] == pytest.approx(100 * low, rel=1e-6)
    assert row["upper_response_lift_points"] == pytest.approx(100 * high, rel=1e-6)
    table = [[group.sum(), group.size - group.sum()] for group in (bought, other)]
    expected = stats.chi2_contingency(table, correction=False).pvalue
    assert row["response_p_value"] == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize("arm", [1, 2], ids=ARMS[1:])
def test_revenue_is_as_scipy_says(lifts: pandas.DataFrame, mail_test: MailTest, arm: int) -> None:
    row = lifts.loc[ARMS[arm]]
    spend, other = (mail_test.spend[mail_test.arm == number] for number in (arm, 0))
    expected = max(
        (stats.ttest_ind(spend, other, equal_var=is_pooled) for is_pooled in (False, True)),
        key=lambda test: test.pvalue,
    )
    bounds = expected.confidence_interval(0.95)
    assert row["realised_lift_amount"] == pytest.approx(spend.mean() - other.mean())
    assert row["lower_realised_lift_amount"] == pytest.approx(bounds.low, rel=1e-6)
    assert row["upper_realised_lift_amount"] == pytest.approx(bounds.high, rel=1e-6)
    assert row["realised_p_value"] == pytest.approx(expected.pvalue, rel=1e-6)


@pytest.mark.parametrize("test", ["response", "realised"])
def test_several_groups_are_told_apart_by_holm(lifts: pandas.DataFrame, test: str) -> None:
    assert list(lifts[f"{test}_holm_p_value"]) == pytest.approx(
        holm(list(lifts[f"{test}_p_value"]))
    )


def test_an_effect_of_the_smallest_size_is_seen_in_four_of_five_tests(
    lifts: pandas.DataFrame, mail_test: MailTest
) -> None:
    """By the power of a test of two means, at the spread that was seen."""
    spend, other = (mail_test.spend[mail_test.arm == number] for number in (1, 0))
    tests = [stats.ttest_ind(spend, other, equal_var=is_pooled) for is_pooled in (False, True)]
    error = max((spend.mean() - other.mean()) / test.statistic for test in tests)
    smallest = lifts.loc["mens", "smallest_realised_lift_amount"]
    power = stats.norm.sf(stats.norm.ppf(0.975) - smallest / error)
    assert power == pytest.approx(0.8, abs=1e-3)


def split_at_random(
    compiled: dict[str, str], mail_test: MailTest, people: int, holdout_share: float
) -> pandas.DataFrame:
    """1,000 random splits of so many of the people: lift where there is none."""
    chance = np.random.default_rng(93)
    bought, spend = mail_test.has_bought.astype(float), mail_test.spend
    everybody = np.column_stack([np.ones(PEOPLE), bought, spend, spend**2])
    totals = []
    for split in range(SPLITS):
        outcomes = everybody
        if people < PEOPLE:
            outcomes = everybody[chance.choice(PEOPLE, people, replace=False)]
        is_holdout = chance.random(people) < holdout_share
        held = is_holdout.astype(float) @ outcomes
        for arm, (count, buyers, total, squares) in (
            ("holdout", held),
            ("treatment", outcomes.sum(axis=0) - held),
        ):
            variance = (squares - total**2 / count) / (count - 1)
            totals.append((f"{split:04}", arm, int(count), int(buyers), total, variance))
    frame = pandas.DataFrame(
        totals, columns=["campaign_id", "arm", "people", "buyers", "total", "variance"]
    )
    with duckdb.connect() as connection:
        connection.register("frame", frame)
        connection.execute(
            "create table int_campaign_arm_totals as select campaign_id, 'everybody' as scheme,"
            " 'everybody' as segment, arm, people as customers_count, buyers as responders_count,"
            " buyers as paid_orders_count, 0 as orders_without_amount_count,"
            " total::decimal(38, 4) as realised_amount,"
            " variance as realised_variance, arm = 'holdout' as is_holdout from frame"
        )
        run_models(connection, compiled, "int_campaign_lifts_measured")
        return connection.execute("from int_campaign_lifts_measured order by campaign_id").df()


@pytest.fixture(scope="module")
def splits(compiled: dict[str, str], mail_test: MailTest) -> pandas.DataFrame:
    """1,000 random halves of all people."""
    return split_at_random(compiled, mail_test, PEOPLE, 0.5)


@pytest.mark.parametrize("lift", ["response_lift_points", "realised_lift_amount"])
def test_of_1000_random_splits_nearly_95_of_100_intervals_cover_zero(
    splits: pandas.DataFrame, lift: str
) -> None:
    assert len(splits) == SPLITS
    covers = (splits[f"lower_{lift}"] < 0) & (splits[f"upper_{lift}"] > 0)
    assert 0.935 <= covers.mean() <= 0.965


@pytest.mark.parametrize("test", ["response", "realised"])
def test_without_an_effect_every_probability_is_as_likely(
    splits: pandas.DataFrame, test: str
) -> None:
    assert stats.kstest(splits[f"{test}_p_value"], "uniform").pvalue > 0.01


@pytest.mark.parametrize("holdout_share", [0.05, 0.1])
@pytest.mark.parametrize("people", [5_000, 10_000, 20_000, PEOPLE])
def test_a_small_hold_out_makes_no_more_false_claims_than_its_level(
    compiled: dict[str, str], mail_test: MailTest, people: int, holdout_share: float
) -> None:
    """At most 50 of 1,000, within three errors of chance; with few buyers nothing is judged."""
    split = split_at_random(compiled, mail_test, people, holdout_share)
    allowed = 0.05 + 3 * sqrt(0.05 * 0.95 / SPLITS)
    for test, lift in (("response", "response_lift_points"), ("realised", "realised_lift_amount")):
        is_judged = split[f"{test}_p_value"].notna()
        assert (split[f"{test}_p_value"] < 0.05).mean() <= allowed
        assert split.loc[is_judged, f"lower_{lift}"].notna().all()
    # The lift of revenue has no bounds either where it is not judged.
    assert (split["lower_realised_lift_amount"].notna() == split["realised_p_value"].notna()).all()
    excludes = (split["lower_realised_lift_amount"] > 0) | (split["upper_realised_lift_amount"] < 0)
    assert excludes.mean() <= allowed


def test_the_split_is_tested_as_scipy_says(compiled: dict[str, str]) -> None:
    """Campaign A as planned, B far from it, C without a plan, D with a group that was not planned.

    E tells the share of its hold-out alone: the other group has what is left. So does F, where two
    groups share what is left: nobody knows how, so they are compared together.
    """
    arms = {
        "A": {"holdout": 2010, "big": 3950, "small": 4040},
        "B": {"holdout": 1800, "big": 4100, "small": 4100},
        "C": {"holdout": 10, "big": 20},
        "D": {"holdout": 20, "big": 40, "small": 40, "other": 3},
        "E": {"holdout": 230, "treatment": 770},
        "F": {"holdout": 4, "one": 40, "two": 40},
    }
    plan = {"holdout": 20, "big": 40, "small": 40}
    contacts = pandas.DataFrame(
        [
            (campaign, arm, f"{arm}{number}")
            for campaign, groups in arms.items()
            for arm, count in groups.items()
            for number in range(count)
        ],
        columns=["campaign_id", "arm", "assigned_key"],
    )
    with duckdb.connect() as connection:
        connection.register("contacts", contacts)
        # Everybody of the hold-out stands there twice: the lot fell once.
        connection.execute(
            "create table int_campaign_contacts_seen as from contacts"
            " union all from contacts where arm = 'holdout'"
        )
        connection.execute(
            "create table int_campaigns_described as select distinct campaign_id,"
            " case campaign_id when 'E' then 20 when 'F' then 50 end::decimal(18, 4) as holdout_pct"
            " from contacts"
        )
        planned = [
            (campaign, arm, 0 if campaign == "D" and arm == "other" else share)
            for campaign in "ABD"
            for arm, share in {**plan, **({"other": 0} if campaign == "D" else {})}.items()
        ]
        connection.execute(
            "create table stg_crm__campaign_arms"
            " (campaign_id varchar, arm varchar, share_pct decimal(18, 4))"
        )
        connection.executemany("insert into stg_crm__campaign_arms values (?, ?, ?)", planned)
        run_models(connection, compiled, "int_campaign_splits_tested")
        found = dict(
            connection.execute(
                "select campaign_id, split_p_value from int_campaign_splits_tested"
            ).fetchall()
        )
    for campaign in "AB":
        observed = list(arms[campaign].values())
        expected = [share * sum(observed) / 100 for share in plan.values()]
        assert found[campaign] == pytest.approx(stats.chisquare(observed, expected).pvalue)
    assert found["B"] < 0.001 < found["A"]
    assert found["C"] is None
    assert found["D"] == 0
    assert found["F"] == pytest.approx(stats.chisquare([4, 80], [42, 42]).pvalue)
    assert found["E"] == pytest.approx(stats.chisquare([230, 770], [200, 800]).pvalue)
