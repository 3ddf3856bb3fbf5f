"""The shipped audiences on the published sample: what dbt found is what a published file says."""

from __future__ import annotations

import re
import shutil
import textwrap
from pathlib import Path

import duckdb
import pytest
from builds import PROJECT, SAMPLE, portrait

from portrait.landing.audience_rules import read_audiences
from portrait.landing.configuration import AudienceFile, Configuration
from portrait.publishing.audience_export import (
    REASONS,
    Cap,
    chosen,
    read_people,
    sent_lately,
    usual_cap,
)
from portrait.publishing.audience_size import measured, query_of, size_of
from portrait.settings import Settings

SHIPPED = sorted((PROJECT / "audiences").glob("*.yml"))


def connected(published_sample: Path) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(published_sample / "portrait.duckdb"), read_only=True)


def test_the_published_file_gives_the_members_that_dbt_found(published_sample: Path) -> None:
    """One compiler, two writers of its pieces: the macro and Python."""
    query = query_of(read_audiences(PROJECT, Configuration()))
    with connected(published_sample) as connection:
        differences = connection.execute(
            f"(({query}) except select audience, customer_id from marts.audience_matches)"
            " union all"
            f" (select audience, customer_id from marts.audience_matches except ({query}))"
        ).fetchall()
        found = connection.execute("select count(*) from marts.audience_matches").fetchall()
    assert differences == []
    assert found[0][0] > 500


@pytest.mark.parametrize("path", SHIPPED, ids=[path.stem for path in SHIPPED])
def test_the_size_of_a_file_is_that_of_the_build(published_sample: Path, path: Path) -> None:
    settings = Settings(project=PROJECT, raw=SAMPLE, warehouse=published_sample.parent)
    size = size_of(settings, published_sample / "portrait.duckdb", path)
    with connected(published_sample) as connection:
        (row,) = connection.execute(
            "select matches_count, members_count, holdout_members_count from marts.audiences"
            " where is_current and audience = ?",
            [path.stem],
        ).fetchall()
    assert (size.matches, size.members, size.holdout) == row
    assert 0 < size.members < size.customers


def test_the_arms_of_everybody_are_dealt_evenly(published_sample: Path) -> None:
    """The place is uniform: each tenth of 2,000 customers within five standard deviations."""
    text = "title: T\nowner: o\nholdout_pct: 10\nconditions: [{column: frequency, at_least: 0}]\n"
    for salt in ("", "hash_salt: b\n", "hash_salt: c\n"):
        file = AudienceFile("everybody", "everybody.yml", text + salt)
        compiled = read_audiences(PROJECT, Configuration(), [file])
        (audience,) = (one for one in compiled.definitions if one.audience == "everybody")
        with connected(published_sample) as connection:
            size = measured(connection, compiled, audience)
        deviation = (size.members * 0.1 * 0.9) ** 0.5
        assert abs(size.holdout - 0.1 * size.members) < 5 * deviation
        assert size.members > 2000


def test_the_analyst_sees_members_under_pseudonyms(published_sample: Path) -> None:
    with duckdb.connect(str(published_sample / "analyst.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), count(*) filter (where customer_id like 'p\\_%' escape '\\')"
            " from marts.audience_members"
        ).fetchall()
    assert rows[0][0] == rows[0][1] > 500


def test_the_page_tells_what_an_export_of_the_sample_says(published_sample: Path) -> None:
    with connected(published_sample) as connection:
        people = read_people(connection, "discount_buyers")
    choice = chosen(people, "mail", {}, 0, {})
    told = [f"{choice.counts[reason]} {said}" for reason, said in REASONS.items()]
    members = sum(person.arm is not None for person in people)
    sentence = " + ".join(
        [f"{members} candidates = {len(choice.rows)} sent", *told, f"{choice.failed} fail"]
    )
    page = " ".join((PROJECT / "docs" / "audiences.md").read_text("utf-8").split())
    assert sentence in page


def test_the_audience_of_the_page_of_marketing_has_members(
    published_sample: Path, tmp_path: Path
) -> None:
    page = (PROJECT / "docs" / "marketing.md").read_text("utf-8")
    (shown,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "stopped.yml"
    file.write_text(textwrap.dedent(f"   {shown}" if shown[0] != " " else shown), "utf-8")
    settings = Settings(project=PROJECT, raw=SAMPLE, warehouse=published_sample.parent)
    size = size_of(settings, published_sample / "portrait.duckdb", file)
    assert size.members > 100
    assert size.holdout > 10


def test_strategies_and_exports_count_the_same_contacts(published_sample: Path) -> None:
    with connected(published_sample) as connection:
        often = sent_lately(connection, usual_cap())
        told = connection.execute(
            "select customer_id, contacts_recent_count from marts.customer_strategy"
            " where contacts_recent_count > 0"
        ).fetchall()
        # The campaigns of the sample lie further back than the cap looks.
        assert sent_lately(connection, Cap(1, 60))
    assert dict(told) == often


@pytest.mark.slow(reason="a build of its own; unit tests show each step of the same")
def test_ten_days_later_some_have_entered_and_some_have_left(
    sample_warehouse: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_warehouse, tmp_path / "warehouse", symlinks=True)
    command = ["build", "--accept-drift"]
    run = portrait(command, SAMPLE, tmp_path / "warehouse", as_of="2026-07-10")
    assert run.returncode == 0, run.stdout + run.stderr
    with connected(tmp_path / "warehouse" / "current") as connection:
        changes = connection.execute(
            "select cast(changed_date as varchar), change, reason, count(*) > 0"
            " from marts.audience_changes group by all order by all"
        ).fetchall()
        since = connection.execute(
            "select distinct cast(member_since_date as varchar) from marts.audience_members"
            " order by 1"
        ).fetchall()
        versions = connection.execute(
            "select distinct cast(first_date as varchar), cast(last_date as varchar), is_current"
            " from marts.audiences"
        ).fetchall()
        # Who left and is in another audience of the group now was taken by it.
        moved = connection.execute(
            "select count(*) from marts.audience_changes as changes"
            " inner join marts.audience_matches as matches using (audience, customer_id)"
            " where changes.reason = 'other audience' and matches.is_member"
        ).fetchall()
    assert changes[0] == ("2026-06-30", "entered", "new audience", True)
    assert set(changes[1:]) >= {
        ("2026-07-10", "entered", "customer", True),
        ("2026-07-10", "left", "customer", True),
    }
    assert "new audience" not in {reason for _, _, reason, _ in changes[1:]}
    assert since == [("2026-06-30",), ("2026-07-10",)]
    assert versions == [("2026-06-30", "2026-07-10", True)]
    assert moved == [(0,)]
