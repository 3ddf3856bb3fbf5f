"""How right tags are: a sample of the customers of each tag, held against the truth.

    python -m benchmarks.tag_accuracy [--people N] [--seed S] [--sample N] [--folder FOLDER]

A company with large families and people who take advantage is generated and built as far as its
tags. Of each tag that the truth can judge, a sample of customers is drawn by a hash of their ids;
accuracy is the share of them of whom the truth says the same. Customers whose records are of
several people are wrong, whatever their tag.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import click
import duckdb

from benchmarks.measuring import PROJECT, MeasuredWarehouse
from portrait.sql import sql_text

PROFILE = PROJECT / "portrait" / "generator" / "profiles" / "portrait.yml"

# Tags by the start of their codes, and the code that the truth of a person gives, or whether it
# holds. Where the truth says nothing (null), the tag is not judged.
TRUE_CODES = {
    "ATTR_AGE_BAND_": """'ATTR_AGE_BAND_' || case
        when age < 18 then 'U18' when age < 25 then '18_24' when age < 35 then '25_34'
        when age < 45 then '35_44' when age < 55 then '45_54' when age < 65 then '55_64'
        else 'O65' end""",
    "ATTR_GENDER_NATURAL_": "'ATTR_GENDER_NATURAL_' || upper(gender)",
    "ATTR_MARITAL_STATUS_": "'ATTR_MARITAL_STATUS_' || upper(marital_status)",
    "ATTR_HOME_KIND_": "'ATTR_HOME_KIND_' || upper(home_kind)",
    "ATTR_FAMILY_CHILDREN_": (
        "'ATTR_FAMILY_CHILDREN_' || if(children_count::int > 0, 'YES', 'NO')"
    ),
    "BEHAV_CHANNEL_BEFORE_": "'BEHAV_CHANNEL_BEFORE_' || upper(information_channel)",
}
TRUE_CONDITIONS = {
    # The truth knows no person who shops for both.
    "ATTR_GENDER_SHOPPING_FEMALE": "shopping_gender = 'female'",
    "ATTR_GENDER_SHOPPING_MALE": "shopping_gender = 'male'",
    "ATTR_FAMILY_SIZE_LARGE": "household_size::int >= 5",
    "ATTR_ORGANISATION_CONTACT_YES": "organisation_id is not null",
    "CONS_SENSITIVE_PROMOTION_HIGH": "loves_promotions = 'true'",
    "SOC_HOUSEHOLD_SHARED_YES": "people_of_household > 1",
    "RISK_SCORE_BAND_HIGH": ("'true' in (is_coupon_abuser, is_refund_abuser, is_order_brusher)"),
    "RISK_REASON_MAIN_COUPON_RING": "is_coupon_abuser = 'true'",
    "RISK_REASON_MAIN_ORDER_BURST": "is_order_brusher = 'true'",
    "RISK_REASON_MAIN_REFUND_HABIT": "is_refund_abuser = 'true'",
}


@dataclass(frozen=True)
class TagAccuracy:
    """Customers of a tag that the truth can judge, how many were drawn, and how many are right."""

    tag_code: str
    customers: int
    sampled: int
    right: int

    @property
    def share(self) -> float:
        """The share of the drawn that are right, 0 to 1."""
        return self.right / self.sampled


def tag_accuracies(folder: Path, people: int, seed: int, sample: int) -> list[TagAccuracy]:
    """Generate a company, build its tags, and judge a sample of each; by tag code."""
    folder.mkdir(parents=True, exist_ok=True)
    place = MeasuredWarehouse(folder, "")
    place.portrait(
        *("generate", "--people", str(people), "--seed", str(seed), "--days", "730"),
        *("--profile", str(PROFILE), "--out", str(place.raw)),
    )
    place.land()
    place.run_step("tags", ["+customer_tags", "bridge_customer_identities"])
    with duckdb.connect() as connection:
        portrait = place.warehouse / "work" / "portrait.duckdb"
        connection.execute(f"attach {sql_text(portrait)} as portrait (read_only)")
        truth = place.raw.with_name(f"{place.raw.name}_truth")
        rows = connection.execute(_accuracy_query(truth, sample)).fetchall()
    return [TagAccuracy(*row) for row in rows]


def _accuracy_query(truth: Path, sample: int) -> str:
    codes = " ".join(
        f"when starts_with(tag_code, '{start}') then tag_code = {code}"
        for start, code in TRUE_CODES.items()
    )
    conditions = " ".join(
        f"when tag_code = '{code}' then {condition}" for code, condition in TRUE_CONDITIONS.items()
    )
    return f"""
        with people as (
            select
                people.*, date_sub('year', birth_date::date, as_of_date) as age,
                count(*) over (
                    partition by coalesce(household_id, 'person ' || person_id)
                ) as people_of_household
            from read_csv({sql_text(truth / "people.csv")}, all_varchar = true) as people
            cross join (select distinct as_of_date from portrait.marts.customer_portrait)
        ),
        customers as (
            select
                records.customer_id, min(truth.person_id) as person_id,
                count(distinct truth.person_id) as people_count
            from portrait.marts.bridge_customer_identities as records
            join read_csv({sql_text(truth / "records.csv")}, all_varchar = true) as truth
                on records.system = truth.system and records.native_customer_id = truth.native_id
            group by records.customer_id
        ),
        judged as (
            select
                tags.tag_code, tags.customer_id,
                people_count = 1 and case {codes} {conditions} end as is_right
            from portrait.marts.customer_tags as tags
            join customers using (customer_id)
            join people using (person_id)
            where (case {codes} {conditions} end) is not null
        ),
        drawn as (
            select
                *, count(*) over (partition by tag_code) as customers_count,
                row_number() over (
                    partition by tag_code order by md5(customer_id)
                ) as place
            from judged
        )
        select
            tag_code, any_value(customers_count), count(*),
            count(*) filter (where is_right)
        from drawn
        where place <= {sample}
        group by tag_code
        order by tag_code
    """


@click.command()
@click.option("--people", default=2000, show_default=True, help="People of the company.")
@click.option("--seed", default=816, show_default=True)
@click.option("--sample", default=100, show_default=True, help="Customers drawn of each tag.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to build (default: away).")
def main(people: int, seed: int, sample: int, folder: Path | None) -> None:
    """Print the accuracy of each tag as a table of Markdown."""
    with tempfile.TemporaryDirectory() as away:
        found = tag_accuracies((folder or Path(away)).resolve(), people, seed, sample)
    click.echo("| Tag | Customers | Drawn | Right |\n|---|---:|---:|---:|")
    for tag in found:
        click.echo(f"| {tag.tag_code} | {tag.customers} | {tag.sampled} | {tag.share:.1%} |")
    sampled, right = sum(tag.sampled for tag in found), sum(tag.right for tag in found)
    click.echo(f"\n{len(found)} tags, {right} of {sampled} right: {right / sampled:.1%}.")


if __name__ == "__main__":
    main()
