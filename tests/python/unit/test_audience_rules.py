"""What an audience may say, what is said of the rest, and whom it then holds.

The audiences are compiled as landing compiles them and run on small tables in DuckDB.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent, indent

import duckdb
import jinja2
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from portrait.errors import PortraitError
from portrait.landing.audience_parts import (
    Part,
    Quotient,
    Text,
    Window,
    as_json,
    duckdb_sql,
)
from portrait.landing.audience_rules import (
    FACTS,
    MEASURES,
    OPERATORS,
    RELATIONS,
    Compiled,
    Vocabulary,
    compile_audiences,
    read_audiences,
    vocabulary,
)
from portrait.landing.configuration import AudienceFile, Configuration, read_configuration
from portrait.publishing.audience_export import CHANNELS

PROJECT = Path(__file__).parents[3]
WORDS = Vocabulary(
    portrait={
        "frequency": "number", "region": "text", "is_overdue": "boolean",
        "last_order_date": "date", "next_date": "date", "seen_at": "timestamp",
    },
    facts={
        "orders": {
            "net_amount": "number", "ordered_date": "date", "is_paid": "boolean",
            "channel": "text", "order_type": "text",
        },
    },
    tags=frozenset({"VIP_TAG_ONE"}),
)  # fmt: skip
HEAD = "title: A title\nowner: me\n"


def file(name: str, conditions: str, head: str = HEAD) -> AudienceFile:
    return AudienceFile(
        name, f"audiences/{name}.yml", f"{head}conditions:\n{indent(conditions, '  ')}"
    )


def compiled(*conditions: str) -> Compiled:
    """Compile audiences a, b, …, each of one text of conditions."""
    names = "abcdefgh"[: len(conditions)]
    files = [file(name, text) for name, text in zip(names, conditions, strict=True)]
    return compile_audiences(files, WORDS)


def refused(*conditions: str) -> str:
    with pytest.raises(PortraitError) as error:
        compiled(*conditions)
    return str(error.value)


# Five customers: ann invited bob and shares a household with eve; joe and kim are alone. As-of date
# 2026-06-30. kim has nothing: no order, no tag, and nothing is known.
TABLES = """
create table portraits as select * from (values
    ('ann', 5, 'north', true, date '2026-06-30', 'h1', null),
    ('bob', 1, 'it''s', false, date '2026-06-01', 'h2', 'ann'),
    ('eve', 0, null, null, date '2026-05-31', 'h1', 'bob'),
    ('joe', 3, 'south', false, null, null, null),
    ('kim', null, null, null, null, null, 'nobody')
) as customers(customer_id, frequency, region, is_overdue, last_order_date, household_id,
    inviter_customer_id);
alter table portraits add column as_of_date date default date '2026-06-30';
create table tag_flags as
select customer_id, customer_id = 'ann' as vip_tag_one from portraits where customer_id <> 'kim';
create table as_of as select date '2026-06-30' as as_of_date;
create table orders as select * from (values
    ('ann', 10.0, date '2026-06-30', true, 'shop', 'sale'),
    ('ann', 20.0, date '2026-06-01', true, 'pos', 'sale'),
    ('ann', 60.0, date '2026-05-31', false, 'shop', 'sale'),
    ('ann', 999.0, date '2026-06-30', true, 'shop', 'return'),
    ('bob', null, date '2026-06-15', true, null, 'sale'),
    ('joe', 5.0, date '2026-06-20', null, 'shop', 'sale'),
    (null, 70.0, date '2026-06-20', true, 'shop', 'sale')
) as orders(customer_id, net_amount, ordered_date, is_paid, channel, order_type);
"""


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        yield connection


def matched(tables: duckdb.DuckDBPyConnection, audiences: Compiled) -> dict[str, str]:
    """Return the members of each audience, with a blank between."""
    steps = [f"{step.name} as ({duckdb_sql(step.parts)})" for step in audiences.steps]
    rows = tables.execute(
        f"with {', '.join(steps)} select audience, string_agg(customer_id, ' ' order by"
        " customer_id) from matched group by audience"
    ).fetchall()
    return dict(rows)


@pytest.mark.parametrize(
    ("conditions", "members"),
    [
        # Columns: bounds are included where the word says so; the unknown meets no comparison.
        ("- {column: frequency, at_least: 3}", "ann joe"),
        ("- {column: frequency, more_than: 3}", "ann"),
        ("- {column: frequency, at_most: 1}", "bob eve"),
        ("- {column: frequency, less_than: 1}", "eve"),
        ("- {column: frequency, at_least: 1, at_most: 3}", "bob joe"),
        ("- {column: frequency, is_not: 3}", "ann bob eve"),
        ("- {column: frequency, in: [0, 5]}", "ann eve"),
        ("- {column: frequency, not_in: [0, 5]}", "bob joe"),
        ("- {column: frequency, is_known: true}", "ann bob eve joe"),
        ("- {column: frequency, is_known: false}", "kim"),
        ("- {column: region, is: \"it's\"}", "bob"),
        ("- {column: region, is_not: north}", "bob joe"),
        ("- not: {column: region, is: north}", "bob eve joe kim"),
        ("- {column: is_overdue, is: true}", "ann"),
        ("- {column: is_overdue, is: false}", "bob joe"),
        # Dates: a window of 30 days holds the as-of date and the 29 days before it.
        ("- {column: last_order_date, within_days: 30}", "ann bob"),
        ("- {column: last_order_date, within_days: 31}", "ann bob eve"),
        ("- {column: last_order_date, from: 2026-06-01}", "ann bob"),
        ("- {column: last_order_date, until: 2026-06-01}", "bob eve"),
        ("- {column: last_order_date, is: '2026-05-31'}", "eve"),
        # Tags: without a row of tags there is none.
        ("- tag: VIP_TAG_ONE", "ann"),
        ("- not: {tag: VIP_TAG_ONE}", "bob eve joe kim"),
        # And, or, not.
        ("all: [{tag: VIP_TAG_ONE}, {column: frequency, at_least: 9}]", None),
        ("any: [{tag: VIP_TAG_ONE}, {column: frequency, is: 0}]", "ann eve"),
        ("not: [{tag: VIP_TAG_ONE}, {column: frequency, is: 5}]", "bob eve joe kim"),
        ("- any:\n  - tag: VIP_TAG_ONE\n  - all: [{column: frequency, is: 3}]", "ann joe"),
        # Rows: returns are no orders. Who has none has no order in a window either.
        ("- orders: {rows: any}", "ann bob joe"),
        ("- orders: {rows: none}", "eve kim"),
        ("- orders: {rows: any, window_days: 30, where: [{column: channel, is: pos}]}", "ann"),
        ("- orders: {rows: any, window_days: 29, where: [{column: channel, is: pos}]}", None),
        ("- orders: {rows: none, window_days: 15}", "bob eve kim"),
        ("- orders: {rows: all, where: [{column: is_paid, is: true}]}", "bob"),
        ("- orders: {rows: all, window_days: 30, where: [{column: is_paid, is: true}]}", "ann bob"),
        ("- orders: {rows: any, where: {not: {column: channel, is: shop}}}", "ann bob"),
        ("- orders: {rows: any, where: {any: [{column: net_amount, is: 60},"
         " {column: ordered_date, within_days: 11}]}}", "ann joe"),
        # Measures: nothing adds up to zero and has no average, no least and no most.
        ("- orders: {measure: count}\n  at_least: 3", "ann"),
        ("- orders: {measure: count}\n  is: 0", "eve kim"),
        ("- orders: {measure: sum, of: net_amount}\n  at_most: 5", "bob eve joe kim"),
        ("- orders: {measure: sum, of: net_amount, window_days: 30}\n  is: 30", "ann"),
        ("- orders: {measure: average, of: net_amount}\n  is: 30", "ann"),
        ("- orders: {measure: average, of: net_amount, window_days: 30}\n  at_most: 15", "ann joe"),
        ("- orders: {measure: average, of: net_amount}\n  is_known: false", "bob eve kim"),
        ("- orders: {measure: least, of: net_amount}\n  at_most: 10", "ann joe"),
        ("- orders: {measure: most, of: net_amount}\n  at_least: 60", "ann"),
        ("- orders: {measure: most, of: net_amount}\n  is_known: false", "bob eve kim"),
        ("- orders: {measure: least, of: ordered_date}\n  from: 2026-06-15", "bob joe"),
        ("- orders: {measure: most, of: ordered_date}\n  within_days: 11", "ann joe"),
        # Relations: nobody is in a household of one, nor related to nobody.
        ("- invited_by: {tag: VIP_TAG_ONE}", "bob"),
        ("- invited_by: {column: frequency, is_known: true}", "bob eve"),
        ("- not: {invited_by: {tag: VIP_TAG_ONE}}", "ann eve joe kim"),
        ("- in_household_of: {column: frequency, is_known: true}", "ann eve"),
        ("- in_household_of: {tag: VIP_TAG_ONE}", "eve"),
        ("- has_invited: {column: frequency, is: 0}", "bob"),
        ("- has_invited: [{column: frequency, at_least: 1}, {orders: {rows: any}}]", "ann"),
        ("- invited_by: {invited_by: {tag: VIP_TAG_ONE}}", "eve"),
    ],
)  # fmt: skip
def test_an_audience_holds_whom_it_says(
    tables: duckdb.DuckDBPyConnection, conditions: str, members: str | None
) -> None:
    assert matched(tables, compiled(conditions)).get("a") == members


def test_audiences_build_on_audiences(tables: duckdb.DuckDBPyConnection) -> None:
    found = matched(
        tables,
        compiled(
            "- audience: b\n- not: {audience: c}",
            "- {column: frequency, at_least: 0}",
            "- in_household_of: {audience: d}",
            "- {column: frequency, at_least: 5}",
            "- {column: frequency, at_least: 99}",
        ),
    )
    assert found == {"a": "ann bob joe", "b": "ann bob eve joe", "c": "eve", "d": "ann"}


def test_equal_measures_are_calculated_once() -> None:
    condition = "- orders: {rows: any, window_days: 30}"
    steps = {step.name: duckdb_sql(step.parts) for step in compiled(condition, condition).steps}
    assert steps["orders_measured"].count("count(") == 1


def test_only_rows_that_some_measure_takes_are_grouped(tables: duckdb.DuckDBPyConnection) -> None:
    found = compiled(
        "- orders: {rows: any, window_days: 11}",
        "- orders: {rows: any, where: [{column: channel, is: pos}]}",
    )
    (step,) = (duckdb_sql(one.parts) for one in found.steps if one.name == "orders_measured")
    grouped = tables.execute(f"select customer_id from ({step}) order by customer_id").fetchall()
    # The only order of bob is older, and of no channel.
    assert grouped == [("ann",), ("joe",)]
    assert matched(tables, found) == {"a": "ann joe", "b": "ann"}


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ("- {column: frequenzy, is: 1}",
         "audiences/a.yml, line 4: customer_portrait has no column frequenzy; did you mean "
         "frequency?."),
        ("\n\n- {column: frequency, is: many}", "line 6: `many` is no plain number."),
        ("- {column: frequency, is: 1e9}", "`1e9` is no plain number"),
        ("- {column: frequency, is: '1'}", "`1` is no plain number"),
        ("- {column: frequency, is: .inf}", "`.inf` is no plain number"),
        ("- {column: frequency, within_days: 3}", "`within_days` asks a date, and this is a"),
        ("- {column: frequency}", "frequency is compared with nothing"),
        ("- {column: frequency, at_lest: 1}", "`at_lest` means nothing here; did you mean at_lea"),
        ("- {column: frequency, from: 1}", "a number is not compared by `from`, but by is"),
        ("- {column: frequency, in: 1}", "`in` is a list with at least one entry, and this is a n"),
        ("- {column: frequency, in: []}", "and this is an empty list"),
        ("- {column: region, is: no}", "YAML reads `no` as a boolean: put a text in quotes"),
        ("- {column: region, is: 3}", "YAML reads `3` as a number: put a text in quotes"),
        ("- {column: region, is: ''}", "a text has 1 to 200 characters"),
        ("- {column: region, is: \"a\\nb\"}", "none of them a line break or invisible"),
        ("- {column: region, at_least: a}", "a text is not compared by `at_least`"),
        ("- {column: is_overdue, is: yes}", "true or false is expected, and this is `yes`"),
        ("- {column: last_order_date, from: 2026-02-30}", "`2026-02-30` is no date"),
        ("- {column: last_order_date, within_days: 0}", "a whole number from 1 to 3,660"),
        ("- {column: seen_at, is_known: true}", "seen_at is a timestamp, and no condition reads"),
        ("- {column: customer_id, is: a}", "customer_portrait has no column customer_id"),
        ("- tag: VIP_TAG_TWO", "there is no tag VIP_TAG_TWO; did you mean VIP_TAG_ONE?"),
        ("- tag: [VIP_TAG_ONE]", "a name is expected, and this is a list"),
        ("- {tag: VIP_TAG_ONE, is: true}", "`is` means nothing here"),
        ("- {tag: VIP_TAG_ONE, column: region}", "a condition has one of all, any, not, column"),
        ("- {}", "and this has nothing"),
        ("- VIP_TAG_ONE", "a condition is written as `key: value`, and this is a text"),
        ("any: []", "`any` is a list with at least one entry"),
        ("{any: [{tag: VIP_TAG_ONE}], not: {tag: VIP_TAG_ONE}}", "`any` stands alone"),
        ("- audience: nobody", "there is no audience nobody"),
        ("- audience: a", "audiences go round in a circle: a → a"),
        ("- orders: {rows: some}", "`some` is none of any, all, none"),
        ("- orders: {}", "`orders` has either rows (any, all, none) or measure"),
        ("- orders: {rows: any, measure: count}", "`orders` has either rows"),
        ("- orders: {rows: any}\n  at_least: 1", "`at_least` means nothing here"),
        ("- orders: {measure: count, of: net_amount}\n  is: 1", "`count` counts rows"),
        ("- orders: {measure: sum}\n  is: 1", "`sum` needs the column in `of`"),
        ("- orders: {measure: sum, of: channel}\n  is: 1", "channel is a text, of which there"),
        ("- orders: {measure: sum, of: net}\n  is: 1", "these rows have no column net"),
        ("- orders: {measure: count}", "is compared with nothing"),
        ("- orders: {rows: any, where: [{column: customer_id, is: a}]}", "orders have no column"),
        ("- orders: {rows: any, where: [{tag: VIP_TAG_ONE}]}", "a condition on rows has one of"),
        ("- tickets: {rows: any}", "there are no tickets in this project"),
        ("- tag: &x VIP_TAG_ONE", "references (& and *) are not read"),
        ("- tag: VIP_TAG_ONE\n  tag: VIP_TAG_ONE", "line 5: `tag` stands twice"),
        ("- {tag: VIP_TAG_ONE", "line 4: expected ',' or '}'"),
        ("- tag: !!python/object:os.system VIP_TAG_ONE", "a name is expected, and this is a other"),
        ("- " + "{not: " * 30 + "{tag: VIP_TAG_ONE}" + "}" * 30, "nested too deep"),
        ("- " + "{not: " * 900 + "{tag: VIP_TAG_ONE}" + "}" * 900, "nested too deep"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_file_line_and_reason(conditions: str, said: str) -> None:
    message = refused(conditions)
    assert said in message
    assert re.search(r"audiences/a\.yml, line \d+: ", message)


def test_a_circle_of_audiences_is_named() -> None:
    message = refused("- audience: b", "- not: {in_household_of: {audience: c}}", "- audience: a")
    assert "audiences go round in a circle: a → b → c → a" in message


def test_all_faults_are_named_at_once_up_to_ten() -> None:
    message = refused(*["- column: x\n- tag: y\n- {column: region, is: 1}"] * 4)
    assert message.count("\n  audiences/") == 10
    assert "and 2 more" in message


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("owner: me\n", "`title` is missing"),
        (HEAD + "colour: red\n", "`colour` is no key of an audience"),
        (HEAD + "priority: 0\n", "a whole number from 1 to 999"),
        (HEAD + "holdout_pct: 80\n", "a hold-out of more than 50 percent is a slip of the pen"),
        (HEAD + "holdout_pct: ten\n", "a percentage with at most two decimals"),
        (HEAD + "hash_salt: A B\n", "`A B` is no name"),
        (HEAD + "is_active: perhaps\n", "true or false is expected"),
        ("title: [a]\nowner: me\n", "a text is expected"),
    ],
)
def test_a_bad_head_is_refused(head: str, said: str) -> None:
    with pytest.raises(PortraitError, match=re.escape(said)):
        compile_audiences([file("a", "- tag: VIP_TAG_ONE", head)], WORDS)


def test_two_of_a_group_cannot_both_go_first() -> None:
    head = HEAD + "exclusive_group: g\npriority: 5\n"
    one, other = (file(name, "- tag: VIP_TAG_ONE", head) for name in "ab")
    with pytest.raises(PortraitError, match="line 4: a has priority 5 in the group g too"):
        compile_audiences([one, other], WORDS)


def test_the_name_of_a_file_is_the_name_of_the_audience() -> None:
    for name in ("Big", "a b", "1a", "a__b", "x" * 41):
        with pytest.raises(PortraitError, match="is no name of an audience"):
            compile_audiences([file(name, "- tag: VIP_TAG_ONE")], WORDS)


def test_a_version_is_what_decides_who_is_in_it() -> None:
    def versions(*conditions: str) -> list[str]:
        return [one.definition_hash for one in compiled(*conditions).definitions]

    base = versions("- {column: frequency, at_least: 3}")
    assert versions("# a remark\n- column:   frequency\n  at_least: 3") == base
    assert versions("- {column: frequency, at_least: 4}") != base
    with_other = versions("- audience: b", "- {column: frequency, is: 1}")
    assert versions("- audience: b", "- {column: frequency, is: 2}")[0] != with_other[0]
    (titled,) = compile_audiences(
        [file("a", "- {column: frequency, at_least: 3}", "title: B\nowner: you\n")], WORDS
    ).definitions
    assert titled.definition_hash == base[0]
    (held,) = compile_audiences(
        [file("a", "- {column: frequency, at_least: 3}", HEAD + "holdout_pct: 20\n")], WORDS
    ).definitions
    assert held.definition_hash != base[0]


def test_without_audiences_there_is_nothing() -> None:
    assert compile_audiences([], WORDS).definitions == ()


def test_the_shipped_audiences_are_readable_and_read_what_there_is() -> None:
    shipped = read_audiences(PROJECT, Configuration())
    assert len(shipped.definitions) >= 8
    assert {use.kind for use in shipped.uses} == {"tag", "column", "table", "relation", "audience"}
    assert vocabulary(PROJECT, Configuration()).facts.keys() == FACTS.keys()


def test_the_audience_of_the_page_is_readable() -> None:
    page = (PROJECT / "docs" / "audiences.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = AudienceFile("shoes_again", "page", dedent(text))
    found = read_audiences(PROJECT, Configuration(), [file])
    assert "shoes_again" in {one.audience for one in found.definitions}
    # The bad line that the page shows.
    bad = AudienceFile("shoes_again", "page", file.text.replace("recency_days", "recency_day"))
    with pytest.raises(PortraitError, match="line 9: customer_portrait has no column recency_day;"):
        read_audiences(PROJECT, Configuration(), [bad])


def test_the_page_names_the_shipped_audiences_and_the_tables() -> None:
    page = (PROJECT / "docs" / "audiences.md").read_text("utf-8")
    named = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    shipped = {path.stem for path in (PROJECT / "audiences").glob("*.yml")}
    assert named >= shipped | FACTS.keys() | set(CHANNELS)
    words = {word for kind in OPERATORS.values() for word in kind} | {*MEASURES, *RELATIONS}
    assert not sorted(word for word in words if word not in page)


def test_an_audience_of_the_company_is_added_or_takes_the_place(tmp_path: Path) -> None:
    folder = tmp_path / "audiences"
    folder.mkdir()
    text = f"{HEAD}conditions: [{{tag: CONS_VALUE_TIER_TOP}}]\n"
    (folder / "our_own.yml").write_text(text)
    (folder / "discount_buyers.yml").write_text(text)
    (folder / "welcome.yml").write_text("is_active: false\n")
    configuration = read_configuration(PROJECT, tmp_path)
    found = {one.audience: one for one in read_audiences(PROJECT, configuration).definitions}
    assert found["our_own"].file == "config/audiences/our_own.yml"
    assert found["discount_buyers"].title == "A title"
    assert "welcome" not in found
    assert {row.subject for row in configuration.rows} == {"audience"}


def test_a_bad_audience_of_the_company_is_named_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "audiences").mkdir()
    (tmp_path / "audiences" / "ours.yml").write_text(f"{HEAD}conditions:\n- tag: NO_SUCH_TAG\n")
    configuration = read_configuration(PROJECT, tmp_path)
    with pytest.raises(PortraitError, match=r"config/audiences/ours.yml, line 4: there is no tag"):
        read_audiences(PROJECT, configuration)


# Nothing that a person writes leaves its place.


def skeleton(parts: tuple[Part, ...]) -> str:
    """Return the SQL of the project's own, with a mark for each text."""
    return "".join("<text>" if isinstance(part, Text) else str(part) for part in parts)


SQL_WORDS = set(
    re.findall(
        r"\w+",
        "select from cross join left on where is not null and or in case when then end else as"
        " between group by count sum min max coalesce cast string date true false union all"
        " portraits tag_flags as_of orders orders_measured customers_measured customer_id"
        " inviter_customer_id household_id audience as_of_date Window Quotient column days"
        " numerator denominator",
    )
)
# Columns and steps that compiling names itself.
OWN_NAME = re.compile(r"[mrs]_\d+(_m_\d+)?|c_\w+|t_\w+|a_a|stage_\d+\w*|inviters")

# YAML folds what Unicode takes for the end of a line into a blank.
NASTY = st.sampled_from(
    ["' or true --", "''", "\\'", "\\", "{{ 1 }}", "${x}", "/*", ";", "%s", "中文"]
)
ANY_TEXT = (
    st.text(
        st.characters(codec="utf-8", exclude_characters="\x85\u2028\u2029\r\n\t"),
        min_size=1,
        max_size=60,
    )
    | NASTY
)


@settings(deadline=None, max_examples=100)
@given(ANY_TEXT)
def test_no_text_leaves_its_literal(text: str) -> None:
    conditions = json.dumps(
        [{"column": "region", "is": text}, {"column": "region", "in": [text]}], ensure_ascii=False
    )
    plain = compiled('[{"column": "region", "is": "x"}, {"column": "region", "in": ["x"]}]')
    try:
        found = compiled(conditions)
    except PortraitError as error:
        assert not text.isprintable() or not text.strip(), error
        return
    assert [skeleton(step.parts) for step in found.steps] == [
        skeleton(step.parts) for step in plain.steps
    ]
    with duckdb.connect() as connection:
        connection.execute("create table portraits (customer_id varchar, region varchar)")
        connection.executemany(
            "insert into portraits values (?, ?)", [["a", text], ["b", "x" + text]]
        )
        assert matched(connection, found) == {"a": "a"}


@settings(deadline=None, max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
        lambda inner: st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "column", "tag", "audience", "orders", "rows",
                             "measure", "of", "where", "is", "in", "at_least", "window_days"])
            | ANY_TEXT,
            inner, max_size=3,
        ),
        max_leaves=8,
    )
)  # fmt: skip
def test_whatever_is_written_is_refused_or_reads_names_that_there_are(conditions: object) -> None:
    text = yaml.safe_dump(
        {"title": "t", "owner": "o", "conditions": conditions}, allow_unicode=True
    )
    try:
        found = compile_audiences([AudienceFile("a", "a.yml", text)], WORDS)
    except PortraitError:
        return
    known = SQL_WORDS | set(WORDS.portrait) | set(WORDS.facts["orders"]) | {"vip_tag_one"}
    for step in found.steps:
        sql = skeleton(step.parts).replace("<text>", "''")
        assert not re.search(r"[;\"\\{]|--|/\*", sql)
        names = set(re.findall(r"[^\W\d]\w*", re.sub(r"'[^']*'", "", sql)))
        assert not {name for name in names - known if not OWN_NAME.fullmatch(name)}


def test_no_text_is_a_variable_to_spark() -> None:
    """Spark puts the value of ${name} into a statement before it reads it, also within quotes."""
    text = (PROJECT / "macros" / "cross_db" / "quoted_text.sql").read_text("utf-8")
    quoted = jinja2.Environment(autoescape=False).from_string(text).module.spark__quoted_text
    assert quoted("${x} \\ '").strip() == "'\\u0024{x} \\\\ \\''"


def test_the_operators_are_those_of_the_grammar() -> None:
    assert {operator for kind in OPERATORS.values() for operator in kind.values()} == {
        "=", "<>", "<", "<=", ">", ">=", "in", "not in"
    }  # fmt: skip


def test_pieces_are_handed_on_as_json() -> None:
    parts: list[Part] = ["a ", "= ", Text('it\'s \\ "x"'), Window("d", "e", 30), Quotient("f", "g")]
    assert json.loads(as_json(parts)) == [
        "a = ", {"text": "it's \\ \"x\""}, {"window": ["d", "e", "30d"]}, {"quotient": ["f", "g"]}
    ]  # fmt: skip
