"""`portrait why`: the path between two records in words, or what keeps them apart."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from portrait.cli import cli
from portrait.errors import PortraitError
from portrait.identity.why import Pair, shortest_path, why

CUSTOMERS = {"A": "c1", "B": "c1", "C": "c1", "D": "c4", "E": "c5", "F": "c6", "G": "c6"}
# what the score says: probability and levels
SCORES = {
    ("F", "G"): (0.99961, "first name equal +7.3, birth date slip +5.0"),
    ("D", "G"): (0.74, "han name equal +9.1"),
    ("A", "C"): (0.5, "birth date different -5.0"),
}
# record, other, verdict, weight, sentence, and the records of a rule
PAIRS = [
    ("A", "B", "joins", 30, "Share the loyalty number."),
    ("B", "C", "joins", None, "A rule of the stewards says that they are one person."),
    ("A", "C", "conflict", 16, "Share the phone number; birth dates differ. Not joined."),
    ("F", "G", "joins", 9.25, "Alike in their particulars."),
    ("D", "G", "unsure", 1.5, "Alike in their particulars. Not joined."),
    ("A", "D", "never_rule", 20, "Share the mail address. Not joined.", "B", "D"),
]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    file = tmp_path / "current" / "portrait.duckdb"
    file.parent.mkdir()
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "create schema marts;"
            "create table marts.bridge_customer_identities"
            " (record_id varchar, customer_id varchar);"
            "create table marts.identity_edges (record_id varchar, other_record_id varchar,"
            " customer_id varchar, other_customer_id varchar, verdict varchar, match_weight double,"
            " evidence varchar, apart_record_id varchar, apart_other_record_id varchar,"
            " match_probability double, score_levels varchar);"
            "create table marts.identity_identifiers (record_id varchar, identifier_id varchar,"
            " identifier_type varchar, identifier_label varchar, identifier_status varchar,"
            " reason varchar, records_count bigint);"
            "create table marts.identity_review"
            " (record_id varchar, other_record_id varchar, question varchar);"
            "insert into marts.identity_review values ('shop:D', 'shop:G', 'Ask both.')"
        )
        for record, customer in CUSTOMERS.items():
            connection.execute(
                "insert into marts.bridge_customer_identities values (?, ?)",
                [f"shop:{record}", customer],
            )
        for one, other, verdict, weight, evidence, *rule in PAIRS:
            rule = [f"shop:{record}" for record in rule] or [None, None]
            connection.execute(
                "insert into marts.identity_edges values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    *(f"shop:{one}", f"shop:{other}", CUSTOMERS[one], CUSTOMERS[other]),
                    *(verdict, weight, evidence, *rule),
                    *SCORES.get((one, other), (None, None)),
                ],
            )
        for record in ("D", "E"):
            connection.execute(
                "insert into marts.identity_identifiers values"
                " (?, '7', 'phone', 'the phone number', 'blocked', 'placeholder', 9),"
                " (?, '8', 'device', null, 'weak', null, 3)",
                [f"shop:{record}", f"shop:{record}"],
            )
    return file


def test_one_customer_is_a_chain_of_pairs(published: Path) -> None:
    assert why(published, "shop:C", "shop:A") == [
        "shop:C and shop:A are one customer, c1, joined in 2 steps:",
        "  1. shop:B and shop:C: A rule of the stewards says that they are one person.",
        "  2. shop:A and shop:B: Share the loyalty number. (weight 30)",
        "Between the two themselves: Share the phone number; birth dates differ. Not joined."
        " (weight 16) Score: probability 0.5; birth date different -5.0.",
    ]
    assert why(published, "shop:A", "shop:B")[0].endswith("c1, joined at once:")
    assert why(published, "shop:A", "shop:A") == ["shop:A is one record, of customer c1."]


def test_a_score_is_said_and_never_as_certain(published: Path) -> None:
    assert why(published, "shop:G", "shop:F") == [
        "shop:G and shop:F are one customer, c6, joined at once:",
        "  1. shop:F and shop:G: Alike in their particulars. (weight 9.25)"
        " Score: probability 0.999; first name equal +7.3, birth date slip +5.0.",
    ]


def test_two_customers_have_a_reason(published: Path) -> None:
    assert why(published, "shop:D", "shop:A") == [
        "shop:D and shop:A are two customers, c4 and c1.",
        "  shop:A and shop:D: Share the mail address. Not joined. (weight 20)"
        " The rule is about shop:B and shop:D.",
    ]
    assert why(published, "shop:B", "shop:D")[1:] == [
        "  The two share no identifier that could join them; they were not compared, or the"
        " score is below that of a review.",
        "Between other records of the two customers:",
        "  shop:A and shop:D: Share the mail address. Not joined. (weight 20)"
        " The rule is about shop:B and shop:D.",
    ]
    assert why(published, "shop:D", "shop:E")[1:] == [
        "  Both hold device, which joins nobody by its type; 3 records hold it.",
        "  Both hold the phone number, which is blocked (placeholder); 9 records hold it.",
    ]
    assert why(published, "shop:D", "shop:G")[1:] == [
        "  shop:D and shop:G: Alike in their particulars. Not joined. (weight 1.5)"
        " Score: probability 0.74; han name equal +9.1.",
        "  What would settle it: Ask both.",
    ]
    assert why(published, "shop:E", "shop:F")[1:] == [
        "  The two share no identifier that could join them; they were not compared, or the"
        " score is below that of a review."
    ]


def test_an_unknown_record_or_no_build_is_said(published: Path, tmp_path: Path) -> None:
    with pytest.raises(PortraitError, match="no source record shop:X"):
        why(published, "shop:A", "shop:X")
    with pytest.raises(PortraitError, match="Nothing is published"):
        why(tmp_path / "absent.duckdb", "shop:A", "shop:B")


def test_the_way_has_the_fewest_steps_and_of_equals_the_heaviest() -> None:
    def pair(record: str, other: str, weight: float) -> Pair:
        return Pair(record, other, "joins", "", weight)

    heavy = [pair("A", "B", 30), pair("B", "Z", 30)]
    light = [pair("A", "C", 1), pair("C", "Z", 1)]
    assert shortest_path([*heavy, *light], "A", "Z") == heavy
    assert shortest_path([*heavy, *light, pair("Z", "A", 0.5)], "A", "Z") == [pair("Z", "A", 0.5)]
    with pytest.raises(PortraitError, match="No chain"):
        shortest_path(heavy, "A", "Q")


def test_the_command_prints_it(published: Path) -> None:
    run = CliRunner().invoke(
        cli, ["why", "shop:E", "shop:F", "--warehouse", str(published.parents[1])]
    )
    assert run.exit_code == 0, run.output
    assert "are two customers, c5 and c6" in run.output
