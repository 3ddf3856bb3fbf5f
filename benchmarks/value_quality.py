"""How well lifetime value predicts purchases and churn: fitted on one part, judged on the rest.

    python -m benchmarks.value_quality [--set cdnow] [--folder /tmp/value]

The sets lie in the folder that PORTRAIT_REAL_DATA names (default data/real). Each is built by the
project's own models as of the end of its first part, fitted by `portrait fit clv`, scored in SQL,
and compared with the days of purchase that the raw file shows afterwards: by decile of the
expectation, and beside the plain rule that everybody goes on as before. Who is lost (buys nothing
in the 90 days after the cut, or in all the rest) is predicted by the probability of no purchase in
90 days; beside it stand the plain rule "no purchase in 90 days", the days since the last purchase,
and what else could rank customers. Both models of purchases are printed with their parameters, and
how well each predicted the set's own past, by which the one in force was chosen.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import click
import duckdb
import pandas
from scipy.stats import mannwhitneyu

from portrait.state.store import StateStore

PROJECT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Split:
    """A set of real data: its example, where it is cut and where it ends, and its settings."""

    example: str
    fitted_to: date
    ends: date
    timezone: str
    currency: str

    @property
    def days(self) -> int:
        """Length of the part that is predicted."""
        return (self.ends - self.fitted_to).days


SPLITS = {
    "cdnow": Split("cdnow", date(1997, 9, 30), date(1998, 6, 30), "America/New_York", "USD"),
    "online_retail": Split(
        "online_retail", date(2011, 9, 10), date(2011, 12, 9), "Europe/London", "GBP"
    ),
}
CHURN_DAYS = 90
PLAIN_RULE = f"no purchase in {CHURN_DAYS} days"
CHURN_SCORE = "probability of no purchase"
# Rankings of customers by how likely they are lost: the likeliest has the greatest number.
CHURN_SCORES = {
    CHURN_SCORE: "value.no_purchase_90d_probability",
    PLAIN_RULE: f"case when value.since_last_purchase_days >= {CHURN_DAYS} then 1 else 0 end",
    "days since the last purchase": "value.since_last_purchase_days",
    "overdue factor": "value.overdue_factor",
    "1 - P(alive)": "1 - value.p_alive",
    "fewest expected purchases": "-value.expected_purchases_90d_count",
    "the same if alive": "-expected.alive_purchases_90d_count",
    "the same by overdue factor": (
        "-expected.alive_purchases_90d_count / (1 + value.overdue_factor)"
    ),
}
# Days with a sale after the cut, by the customer number of the raw file; both sets are shop/orders.
ACTUAL = """
    select
        customer_id as native_customer_id, count(distinct cast(ordered_at as date)) as bought,
        min(cast(ordered_at as date)) <= date '{fitted_to}' + {churn_days} as is_soon
    from read_parquet('{orders}')
    where cast(ordered_at as date) > date '{fitted_to}' and customer_id is not null {sales}
    group by customer_id
"""
PREDICTED = """
    select
        records.native_customer_id, value.p_alive, value.is_one_timer, value.purchase_model,
        value.churn_probability,
        value.p_alive * expected.alive_discounted_purchases_count as expected,
        value.repeat_days_count * {days} / greatest(value.observed_days, 1) as as_before,
        value.churn_risk_band, {churn_scores}
    from portrait.marts.customer_lifetime_value as value
    join intermediate.int_clv_purchases_expected as expected
        using (repeat_days_count, observed_days)
    join intermediate.int_records_clustered as clustered using (customer_id)
    join intermediate.int_source_records_unioned as records using (record_key)
    where clustered.is_anchor
"""


def deciles(customers: pandas.DataFrame) -> pandas.DataFrame:
    """Expectation against purchases, by tenth of the customers, the greatest expectation first.

    customers: one row per customer, with `expected` and `bought`. Ties are kept in their order.
    Bias is the mean of expected less bought, MAE the mean of its absolute value.
    """
    ranked = customers.sort_values("expected", ascending=False, kind="stable")
    tenth = pandas.Series(range(len(ranked)), index=ranked.index) * 10 // max(len(ranked), 1) + 1
    error = ranked["expected"] - ranked["bought"]
    return (
        ranked.assign(decile=tenth, bias=error, mae=error.abs())
        .groupby("decile")
        .agg(
            customers=("bought", "size"),
            expected=("expected", "mean"),
            bought=("bought", "mean"),
            bias=("bias", "mean"),
            mae=("mae", "mean"),
        )
    )


def auc(scores: pandas.Series, is_lost: pandas.Series) -> float:
    """Share of the pairs of a lost and a kept customer that a score ranks rightly; ties: half."""
    lost, kept = scores[is_lost], scores[~is_lost]
    return float(mannwhitneyu(lost, kept).statistic / (len(lost) * len(kept)))


def top_decile_precision(scores: pandas.Series, is_lost: pandas.Series) -> float:
    """Share of lost customers in the tenth of the highest scores.

    Customers of equal score at its edge are in it with equal probability: so a rule that knows two
    scores only has a precision too, that of the tenth drawn from the customers it names.
    """
    size = -(-len(scores) // 10)
    edge = scores.nlargest(size).min()
    above, tied = scores > edge, scores == edge
    return float((is_lost[above].sum() + (size - above.sum()) * is_lost[tied].mean()) / size)


def run(split: Split, folder: Path, *command: str) -> None:
    """Run a command of Python with the settings of the split."""
    done = subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env=os.environ
        | {
            "PYTHONPATH": str(PROJECT),
            "PORTRAIT_RAW": str(folder / "raw"),
            "PORTRAIT_WAREHOUSE": str(folder),
            "PORTRAIT_AS_OF": split.fitted_to.isoformat(),
            "PORTRAIT_TIMEZONE": split.timezone,
            "PORTRAIT_CURRENCY": split.currency,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise click.ClickException(f"{command} failed:\n{done.stdout[-3000:]}\n{done.stderr}")


def build(split: Split, folder: Path, selected: str) -> None:
    """Land, and build some models; the value of the predicted days is then their purchases."""
    run(split, folder, "-m", "portrait.cli", "land")
    variables = {"clv_horizon_days": split.days, "clv_annual_discount_rate": 0}
    run(
        split,
        folder,
        *("-c", "from dbt.cli.main import cli; cli()", "build", "--select", selected),
        *("--exclude-resource-type", "unit_test", "test", "--vars", json.dumps(variables)),
        *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
    )


def predictions(split: Split, folder: Path) -> pandas.DataFrame:
    """One row per customer of the first part.

    `expected`, `as_before` and `bought` are days of purchase in the rest, `is_lost_soon` and
    `is_lost` whether there was none in its first CHURN_DAYS and in all of it; a column per score.
    """
    adapter = str(PROJECT / "examples" / "run_adapter.py")
    run(split, folder, adapter, split.example, "--warehouse", str(folder))
    build(split, folder, "+customer_lifetime_value")
    run(split, folder, "-m", "portrait.cli", "fit", "clv")
    build(split, folder, "stg_state__clv_fits+,+customer_lifetime_value")
    orders = folder / "raw" / "shop" / "orders.parquet"
    with duckdb.connect(str(folder / "work" / "build.duckdb"), read_only=True) as connection:
        connection.execute(f"attach '{folder}/work/portrait.duckdb' as portrait (read_only)")
        columns = {row[0] for row in connection.execute(f"describe from '{orders}'").fetchall()}
        sales = "and order_type = 'sale'" if "order_type" in columns else ""
        actual = ACTUAL.format(
            orders=orders, fitted_to=split.fitted_to, sales=sales, churn_days=CHURN_DAYS
        )
        churn_scores = ", ".join(f'{score} as "{name}"' for name, score in CHURN_SCORES.items())
        predicted = PREDICTED.format(days=split.days, churn_scores=churn_scores)
        return connection.execute(
            "select predicted.*, coalesce(actual.bought, 0) as bought,"
            " not coalesce(actual.is_soon, false) as is_lost_soon,"
            " actual.bought is null as is_lost"
            f" from ({predicted}) as predicted"
            f" left join ({actual}) as actual using (native_customer_id)"
            " order by native_customer_id"
        ).df()


def print_table(name: str, split: Split, customers: pandas.DataFrame) -> None:
    """Print a line per decile, one of all, and one of the plain rule."""
    print(f"\n{name}: fitted to {split.fitted_to}, {split.days} days predicted")
    print("| Decile | Customers | Expected | Bought | Bias | MAE |")
    print("|---|---|---|---|---|---|")
    plain = customers.assign(expected=customers["as_before"])
    lines = {str(decile): row for decile, row in deciles(customers).iterrows()}
    for label, frame in {"all": customers, "all, as before": plain}.items():
        error = frame["expected"] - frame["bought"]
        lines[label] = pandas.Series(
            {"customers": len(frame), "expected": frame["expected"].mean(),
             "bought": frame["bought"].mean(), "bias": error.mean(), "mae": error.abs().mean()}
        )  # fmt: skip
    for label, row in lines.items():
        print(
            f"| {label} | {row['customers']:,.0f} | {row['expected']:.3f} | {row['bought']:.3f}"
            f" | {row['bias']:+.3f} | {row['mae']:.3f} |",
            flush=True,
        )
    print(f"Sum expected {customers['expected'].sum():,.0f}, bought {customers['bought'].sum():,}.")


def print_churn(split: Split, customers: pandas.DataFrame) -> None:
    """Print how well each score ranks who is lost, and how many are lost of each band."""
    repeaters = customers[~customers["is_one_timer"]]
    targets = {"is_lost_soon": CHURN_DAYS, "is_lost": split.days}
    for target, days in targets.items():
        if target == "is_lost" and days == CHURN_DAYS:
            continue
        print(f"\nNo purchase in {days} days: {customers[target].mean():.1%} of all")
        print("| Score | AUC | Precision of the top decile | AUC, repeat customers |")
        print("|---|---|---|---|")
        for score in CHURN_SCORES:
            print(
                f"| {score} | {auc(customers[score], customers[target]):.4f}"
                f" | {top_decile_precision(customers[score], customers[target]):.4f}"
                f" | {auc(repeaters[score], repeaters[target]):.4f} |"
            )
    print("\n| Band | Customers | Predicted | Lost |")
    print("|---|---|---|---|")
    bands = customers.groupby("churn_risk_band").agg(
        size=("is_lost_soon", "size"),
        predicted=("churn_probability", "mean"),
        lost=("is_lost_soon", "mean"),
    )
    for band in bands.sort_values("predicted").itertuples():
        print(f"| {band.Index} | {band.size:,} | {band.predicted:.1%} | {band.lost:.1%} |")


def print_models(folder: Path, customers: pandas.DataFrame) -> None:
    """Print both models of purchases with their fits, and which of them is in force."""
    state = StateStore(folder / "state")
    print("\n| Model | r | alpha, days | a | b | Log-likelihood | Score in the past |")
    print("|---|---|---|---|---|---|---|")
    for row in duckdb.sql(
        "select model, r, alpha_days, a, b, log_likelihood, holdout_score"
        f" from ({state.select('clv_fits')}) where model like '%bg_nbd' and event <> 'failed'"
        " order by event_id, model"
    ).fetchall():
        model, *numbers, log_likelihood, score = row
        values = " | ".join(f"{number:.4f}" for number in numbers)
        print(f"| {model} | {values} | {log_likelihood:,.2f} | {score:.5f} |")
    (in_force,) = customers["purchase_model"].unique()
    print(f"In force: {in_force}.", flush=True)


@click.command()
@click.option("--set", "names", multiple=True, type=click.Choice(list(SPLITS)), help="One set.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to build (temporary).")
def main(names: tuple[str, ...], folder: Path | None) -> None:
    """Print the tables of calibration and of churn."""
    with tempfile.TemporaryDirectory() as temporary:
        for name in names or SPLITS:
            place = (folder or Path(temporary)).absolute() / name
            place.mkdir(parents=True, exist_ok=True)
            customers = predictions(SPLITS[name], place)
            print_table(name, SPLITS[name], customers)
            print_models(place, customers)
            print_churn(SPLITS[name], customers)


if __name__ == "__main__":
    main()
