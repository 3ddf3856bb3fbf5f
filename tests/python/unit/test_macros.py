"""Each macro answers as its table in tests/macros/ says, and as independent libraries do.

A table has a column per argument, `expected`, and `why` where a row needs a word. `null` stands for
null; control and invisible characters are written as \\n or \\u200b. CALLS says how a macro is
called with a row's columns. All rows of all tables go through dbt as one query, on DuckDB here and
on Spark in test_macros_on_spark.py.
"""

from __future__ import annotations

import csv
import fcntl
import json
import os
import random
import re
import shutil
import subprocess
import sys
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

PROJECT_DIR = Path(__file__).resolve().parents[3]
TABLES = PROJECT_DIR / "tests" / "macros"
SEED = PROJECT_DIR / "seeds" / "staging" / "country_calling_codes.csv"
ESCAPE = re.compile(r"\\(u[0-9a-f]{4}|[tnr\\])")


def _words(seed: str) -> str:
    """Return the rows of a seed of words as a Jinja literal; the tests load no seed."""
    path = PROJECT_DIR / "seeds" / "staging" / f"{seed}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [[_typed(text) for text in row] for row in csv.reader(file)][1:]
    return json.dumps(rows, ensure_ascii=False).replace("{", "{{").replace("}", "}}")


def _typed(text: str) -> str | bool:
    return {"true": True, "false": False}.get(text, text)


# A row of a table: column name to text; None for null.
Row = dict[str, "str | None"]


@dataclass(frozen=True)
class Call:
    """How a macro is called on the columns of its table."""

    # Jinja: `given.<column>` is a column in SQL, `{<column>}` the row's value as a Jinja literal.
    jinja: str
    # SQL types of columns that are not texts.
    types: dict[str, str] = field(default_factory=dict)
    # Columns that part the rows into selects: literals of the call, or rows that belong together.
    literals: tuple[str, ...] = ()
    # Where a row of the table stands for many: the select item that makes them, of an engine where
    # they differ, and the SQL of their one answer. `{call}` is the call in either.
    rows: dict[str, str] | None = None
    answer: str = "{call}"

    def rows_on(self, engine: str) -> str:
        """Return the select item that makes the many rows on an engine."""
        return (self.rows or {}).get(engine, "{call}")


CALLS = {
    "add_days": Call("add_days('given.date', 'given.days')", {"date": "date", "days": "int"}),
    "audience_sql": Call(
        "audience_sql(['coalesce(', {{'quotient': ['given.numerator', 'given.denominator']}}, ' >="
        " 2 and ', {{'window': ['given.date', 'given.as_of_date', '30d']}}, ' and given.text = ',"
        " {{'text': {text_of_file}}}, ', false)'])",
        {"numerator": "int", "denominator": "int", "date": "date", "as_of_date": "date"},
        ("text_of_file",),
    ),
    "begins_with": Call("begins_with('given.text', 'given.other_text')"),
    "business_date": Call("business_date('given.timestamp')", {"timestamp": "timestamp"}),
    "chi_square_tail": Call(
        "'cast(' ~ chi_square_tail('given.value', 'given.degrees') ~ ' as decimal(18, 10))'",
        {"value": "double", "degrees": "int"},
    ),
    "clean_text": Call("clean_text(nfkc('given.text'))"),
    "date_of_digits": Call("date_of_digits('given.digits')"),
    "days_between": Call(
        "days_between('given.start_date', 'given.end_date')",
        {"start_date": "date", "end_date": "date"},
    ),
    "days_in_range": Call(
        "days_in_range('given.start_date', 'given.end_date')",
        {"start_date": "date", "end_date": "date"},
        rows={},
        answer="min(listed.date_day) || ' to ' || max(listed.date_day) || ': ' || count(*)",
    ),
    "divide": Call(
        "divide('given.numerator', 'given.denominator', {type})",
        {"numerator": "int", "denominator": "int"},
        ("type",),
    ),
    "edit_distance": Call("edit_distance('given.text', 'given.other_text')"),
    "epoch_text_to_utc": Call("epoch_text_to_utc('given.text')"),
    "expm1": Call(
        "'cast(' ~ expm1('given.value') ~ ' * given.scale as decimal(18, 6))'",
        {"value": "double", "scale": "double"},
    ),
    "family_name": Call("family_name('given.text')"),
    "first_load_date": Call(
        "first_load_date('given.load_date', \"case when given.earlier <> 'none' then \""
        " ~ load_day('try_cast(given.earlier as date)') ~ ' end')",
        {"load_date": "date"},
    ),
    "first_name_level": Call(
        "first_name_level('given.full_name', 'given.first_name', 'given.last_name',"
        " 'given.other_full_name', 'given.other_first_name', 'given.other_last_name')"
    ),
    "fold_family_name": Call("fold_family_name('given.text')"),
    "fold_name": Call("fold_name('given.text')"),
    "fold_to_ascii": Call("fold_to_ascii('given.text')"),
    "folded_address": Call("folded_address('given.text', 'given.city')"),
    "folded_city": Call("folded_city('given.text')"),
    "given_name": Call("given_name('given.text')"),
    "hash_key": Call("hash_key('given.text')"),
    "household_id": Call("household_id('given.customer_id')"),
    "in_window": Call(
        "in_window('given.date', 'given.as_of_date', {window})",
        {"date": "date", "as_of_date": "date"},
        ("window",),
    ),
    "in_reporting_currency": Call(
        "in_reporting_currency('given.amount', 'given.rate')",
        {"amount": "decimal(38, 4)", "rate": "decimal(18, 8)"},
    ),
    "is_ambiguous_number": Call("is_ambiguous_number('given.text')"),
    "is_ascii": Call("is_ascii('given.text')"),
    "is_character_slip": Call("is_character_slip('given.text', 'given.other_text')"),
    "is_date_only": Call("is_date_only('given.text')"),
    "is_digit_slip": Call("is_digit_slip('given.digits', 'given.other_digits')"),
    "is_within_edits": Call(
        "is_within_edits('given.text', 'given.other_text', {edits} | int)", literals=("edits",)
    ),
    "iso_datetime_text": Call("iso_datetime_text('given.text')"),
    "iso_weekday": Call("iso_weekday('given.date')", {"date": "date"}),
    "json_object_text": Call(
        "json_object_text({{'first': 'given.first', 'second': 'given.second'}})"
    ),
    "local_to_utc": Call(
        "local_to_utc('given.timestamp', {zone})", {"timestamp": "timestamp"}, ("zone",)
    ),
    "log1p": Call(
        "'cast(' ~ log1p('given.value') ~ ' * given.scale as decimal(18, 6))'",
        {"value": "double", "scale": "double"},
    ),
    "lower_text": Call("lower_text('given.text')"),
    "masked_phone": Call("masked_phone('given.text')"),
    "newcombe_bound": Call(
        "'cast(' ~ newcombe_bound('given.successes', 'given.trials', 'given.other_successes',"
        " 'given.other_trials', {side}) ~ ' as decimal(18, 6))'",
        dict.fromkeys(("successes", "trials", "other_successes", "other_trials"), "bigint"),
        ("side",),
    ),
    "nfkc": Call("nfkc('given.text')"),
    "name_of_parts": Call("name_of_parts('given.first_name', 'given.last_name')"),
    "name_alias": Call("name_alias('given.text')"),
    "name_suffix": Call("name_suffix('given.text')"),
    "normal_tail": Call(
        "'cast(' ~ normal_tail('given.value') ~ ' as decimal(18, 12))'", {"value": "double"}
    ),
    "normalise_email": Call("normalise_email('given.text')"),
    "normalise_phone": Call(
        "normalise_phone('given.text', 'given.calling_code', 'given.trunk_prefix',"
        " 'given.shortest_number', 'given.longest_number')",
        {"shortest_number": "int", "longest_number": "int"},
    ),
    "parse_boolean": Call(f"parse_boolean('given.text', words={_words('boolean_words')})"),
    "parse_column": Call(
        "parse_column({{'name': 'x', 'data_type': {data_type}, 'meta': {{}}}},"
        " iso_datetime_text('given.text') if {data_type} in ('date', 'timestamp')"
        " else 'given.text')",
        literals=("data_type",),
    ),
    "parse_date": Call("parse_date('given.text')"),
    "parse_currency": Call(f"parse_currency('given.text', words={_words('currency_words')})"),
    "parse_decimal": Call("parse_decimal('given.text', point='given.point')"),
    "parse_timestamp": Call(
        f"parse_timestamp(iso_datetime_text('given.text'), {{zone}}, words={_words('zone_words')})",
        literals=("zone",),
    ),
    "percent_text": Call("percent_text('given.share')", {"share": "decimal(9, 4)"}),
    "potential_customer_id": Call("potential_customer_id('given.record_id')"),
    "product_of_amounts": Call(
        "product_of_amounts('given.one', 'given.other')",
        dict.fromkeys(("one", "other"), "decimal(38, 4)"),
    ),
    "rate_or_one": Call("rate_or_one('given.currency', 'given.rate')", {"rate": "decimal(18, 8)"}),
    "quoted_text": Call("'given.text = ' ~ quoted_text({literal})", literals=("literal",)),
    "regex_matches": Call("regex_matches('given.text', {pattern})", literals=("pattern",)),
    "regex_replace": Call(
        "regex_replace('given.text', {pattern}, {replacement})", literals=("pattern", "replacement")
    ),
    "seconds_between": Call(
        # a double is written in more than one way
        "'cast(' ~ seconds_between('given.start_timestamp', 'given.end_timestamp') ~ "
        "' as decimal(18, 6))'",
        {"start_timestamp": "timestamp", "end_timestamp": "timestamp"},
    ),
    "share_of_amount": Call(
        "share_of_amount('given.amount', 'given.part', 'given.whole')",
        dict.fromkeys(("amount", "part", "whole"), "decimal(38, 4)"),
    ),
    "share_worse_score": Call(
        "share_worse_score('given.measure', {worst_first})",
        {"measure": "int"},
        ("group", "worst_first"),
    ),
    "spelling": Call("spelling('given.name')"),
    "status_word": Call("status_word('given.text')"),
    "strip_accents": Call("strip_accents('given.text')"),
    "t_as_normal": Call(
        "'cast(2 * (' ~ normal_tail('(' ~ t_as_normal('given.value', 'given.degrees') ~ ')')"
        " ~ ') as decimal(18, 4))'",
        dict.fromkeys(("value", "degrees"), "double"),
    ),
    "t_quantile": Call(
        "'cast(' ~ t_quantile('given.degrees', 1.959963984540054) ~ ' as decimal(18, 4))'",
        {"degrees": "double"},
    ),
    "text_list": Call(
        "text_list('listed.word')",
        rows={
            "duckdb": "unnest(string_split(given.words, '|')) as word",
            "spark": "explode(split(given.words, '[|]')) as word",
        },
    ),
    "text_similarity": Call(
        # a double is written in more than one way
        "'cast(' ~ text_similarity('given.text', 'given.other_text') ~ ' as decimal(18, 6))'"
    ),
    "utc_to_local": Call(
        "utc_to_local('given.timestamp', {zone})", {"timestamp": "timestamp"}, ("zone",)
    ),
    "whole_number": Call("whole_number('given.text')"),
    "without_alias": Call("without_alias('given.text')"),
    "without_name_suffix": Call("without_name_suffix('given.text')"),
    "without_told_parts": Call(
        "without_told_parts(address_parts('given.address'),"
        " ['given.city', 'given.postcode', 'given.region'])"
    ),
    "word_pattern": Call(
        "regex_matches('given.text', '^' ~ word_pattern({word}.split('|')) ~ '$')",
        literals=("word",),
    ),
    "zoned_text_to_utc": Call("zoned_text_to_utc('given.text')"),
}

# Runs a query from stdin through dbt, in a process of its own, and prints the rows.
THROUGH_DBT = """
import json, sys
from dbt.cli.main import dbtRunner
run = dbtRunner().invoke(
    ["--quiet", "show", "--inline", sys.stdin.read(), "--limit", "-1", *sys.argv[1:]]
)
if not run.success:
    sys.exit(str(run.exception or [result.message for result in run.result.results]))
json.dump([list(row) for row in run.result.results[0].agate_table.rows], open("answers.json", "w"))
"""


# --- tables ---------------------------------------------------------------------------------


def read_table(macro: str) -> list[Row]:
    """Return the rows of a macro's table."""
    with (TABLES / f"{macro}.csv").open(encoding="utf-8", newline="") as file:
        rows = [{name: _value(text) for name, text in row.items()} for row in csv.DictReader(file)]
    return [_with_country(row) for row in rows] if macro == "normalise_phone" else rows


def _value(text: str) -> str | None:
    if text == "null":
        return None
    return ESCAPE.sub(lambda match: json.loads(f'"{match.group()}"'), text)


def _with_country(row: Row) -> Row:
    return {**row, **COUNTRIES.get(row["country"] or "", NO_COUNTRY)}


def read_countries() -> dict[str, Row]:
    """Return the seed country_calling_codes by country; an empty cell is null, as dbt loads it."""
    with SEED.open(encoding="utf-8", newline="") as file:
        return {
            row.pop("country_code"): {name: text or None for name, text in row.items()}
            for row in csv.DictReader(file)
        }


COUNTRIES = read_countries()
NO_COUNTRY: Row = dict.fromkeys(next(iter(COUNTRIES.values())))


# --- what independent libraries say ---------------------------------------------------------

# Where the macro knowingly differs: country, kind of number, notation.
KNOWN_PHONE_DIFFERENCES = {
    # Argentina writes 15 behind the area code for what is 9 before it from abroad.
    ("AR", "mobile", "NATIONAL"),
}
PHONE_KINDS = {"fixed": PhoneNumberType.FIXED_LINE, "mobile": PhoneNumberType.MOBILE}


@cache
def phone_examples() -> list[Row]:
    """Return libphonenumber's example numbers of all countries in several notations."""
    rows: list[Row] = []
    for country in sorted(COUNTRIES):
        for kind, number_type in PHONE_KINDS.items():
            number = phonenumbers.example_number_for_type(country, number_type)
            if number is None:
                continue
            written = {
                notation: phonenumbers.format_number(number, getattr(PhoneNumberFormat, notation))
                for notation in ("NATIONAL", "INTERNATIONAL", "E164")
            }
            written["00"] = "00" + written["E164"].removeprefix("+")
            written["bare"] = phonenumbers.national_significant_number(number)
            rows += [
                {"text": text, "country": country, "expected": written["E164"]}
                for notation, text in written.items()
                if (country, kind, notation) not in KNOWN_PHONE_DIFFERENCES
            ]
    return [_with_country(row) for row in rows]


ZONES = (
    *("Asia/Shanghai", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"),
    *("America/Sao_Paulo", "Pacific/Apia", "UTC"),
)
FIRST_DAY, LAST_DAY = datetime(1985, 1, 1, tzinfo=UTC), datetime(2024, 12, 31, tzinfo=UTC)


@cache
def zone_examples() -> tuple[list[Row], list[Row]]:
    """Return rows for utc_to_local and local_to_utc, at the changes of clocks and between them.

    A local time that comes twice is the second one: DuckDB's reading, not that of every engine.
    """
    to_local: list[Row] = []
    to_utc: list[Row] = []
    for zone in ZONES:
        for moment in _moments(ZoneInfo(zone)):
            local = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
            to_local.append({"timestamp": _text(moment), "zone": zone, "expected": _text(local)})
            if _reading(local, zone, fold=1) == moment:
                to_utc.append({"timestamp": _text(local), "zone": zone, "expected": _text(moment)})
    return to_local, to_utc


def _moments(zone: ZoneInfo) -> list[datetime]:
    days = [FIRST_DAY + timedelta(days=day) for day in range((LAST_DAY - FIRST_DAY).days)]
    moments = days[::397]
    for day in days:
        if _offset(day, zone) == _offset(day + timedelta(days=1), zone):
            continue
        halves = [day + timedelta(minutes=30 * half) for half in range(49)]
        change = next(half for half in halves[1:] if _offset(half, zone) != _offset(day, zone))
        moments += [change - timedelta(seconds=1)]
        moments += [change + timedelta(minutes=30 * step) for step in range(-3, 4)]
    return moments


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta | None:
    return moment.astimezone(zone).utcoffset()


def _reading(local: datetime, zone: str, fold: int) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S")


@cache
def score_examples() -> list[Row]:
    """Return 250 customers, many of them with one purchase, and the score by its definition."""
    rows: list[Row] = []
    chance = random.Random(5)
    for once in (0, 10, 88, 150, 249):
        values = [1] * once + [chance.randint(2, 9) for _ in range(250 - once)]
        worse = {value: sum(other < value for other in values) for value in set(values)}
        rows += [
            {
                "group": f"{once} bought once",
                "measure": str(value),
                "worst_first": "asc",
                "expected": str(min(5, 1 + int(5 * Fraction(worse[value], len(values))))),
            }
            for value in values
        ]
    return rows


def day_examples() -> list[Row]:
    """Return days of many years with the day of the week that Python's calendar gives them."""
    days = [datetime(1900, 1, 1) + timedelta(days=439 * step) for step in range(120)]
    return [{"date": f"{day:%Y-%m-%d}", "expected": str(day.isoweekday())} for day in days]


def examples() -> dict[str, tuple[str, list[Row]]]:
    """Return all rows by name: the macro they are for, and the rows."""
    to_local, to_utc = zone_examples()
    return {
        **{macro: (macro, read_table(macro)) for macro in CALLS},
        "phonenumbers": ("normalise_phone", phone_examples()),
        "zoneinfo to local": ("utc_to_local", to_local),
        "zoneinfo to UTC": ("local_to_utc", to_utc),
        "scores": ("share_worse_score", score_examples()),
        "calendar": ("iso_weekday", day_examples()),
    }


# --- the query ------------------------------------------------------------------------------


def query(named_rows: dict[str, tuple[str, list[Row]]], engine: str = "duckdb") -> str:
    """Return one query that answers all rows: (name, number of the row, '=' and the answer)."""
    selects = []
    for name, (macro, rows) in named_rows.items():
        groups: dict[tuple[str | None, ...], list[tuple[int, Row]]] = defaultdict(list)
        for number, row in enumerate(rows):
            groups[tuple(row[literal] for literal in CALLS[macro].literals)].append((number, row))
        selects += [_select(name, CALLS[macro], group, engine) for group in groups.values()]
    functions = "{% if execute %}{% do create_sql_functions() %}{% endif %}\n"
    return functions + "\nunion all\n".join(selects)


def _select(name: str, call: Call, rows: list[tuple[int, Row]], engine: str) -> str:
    item = call.rows_on(engine)
    columns = [
        column
        for column in rows[0][1]
        if re.search(rf"given\.{column}\b", call.jinja + item) and column not in call.literals
    ]
    tuples = [
        [
            str(number),
            *(_sql(row[column], call.types.get(column, "string"), engine) for column in columns),
        ]
        for number, row in rows
    ]
    values = ",\n".join(f"({', '.join(items)})" for items in tuples)
    literals = {literal: _jinja(rows[0][1][literal]) for literal in call.literals}
    macro = "{{ " + call.jinja.format(**literals) + " }}"
    given = f"(values\n{{% raw %}}{values}{{% endraw %}}\n) as given(row_id, {', '.join(columns)})"
    if call.rows is None:
        return (
            f"select '{name}' as name, given.row_id, '=' || cast({macro} as string) as answer\n"
            f"from {given}"
        )
    item, answer = (sql.format(call=macro) for sql in (item, call.answer))
    return (
        f"select '{name}' as name, given.row_id, '=' || answered.answer as answer\nfrom {given}\n"
        f"left join (select listed.row_id, {answer} as answer\n"
        f"from (select given.row_id, {item} from {given}) as listed\n"
        "group by listed.row_id) as answered on given.row_id = answered.row_id"
    )


def _sql(value: str | None, sql_type: str, engine: str) -> str:
    if value is None:
        literal = "null"
    elif engine == "spark":
        literal = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    else:
        literal = "'" + value.replace("'", "''") + "'"
    return f"cast({literal} as {sql_type})"


def _jinja(value: str | None) -> str:
    return "none" if value is None else json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True)
class Run:
    """What came out of dbt: the answers by name, and the database that it ran in."""

    answers: dict[str, dict[int, str | None]]
    database: Path


@pytest.fixture(scope="session")
def run(parsed: Path, tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Run:
    """Send all rows through dbt, once per test run, also when several workers share it."""
    base = tmp_path_factory.getbasetemp()
    base = base if worker_id == "master" else base.parent
    folder = base / "macros"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "answers.json").exists():
            _run_dbt(folder, parsed)
    return Run(read_answers(folder), parsed / "warehouse" / "work" / "build.duckdb")


def _run_dbt(folder: Path, parsed: Path) -> None:
    # The fixture's parse in the fixture's warehouse: so dbt need not parse again.
    (folder / "target").mkdir(exist_ok=True)
    shutil.copy(parsed / "target" / "partial_parse.msgpack", folder / "target")
    settings_of_the_sample = {
        name: text for name, text in os.environ.items() if not name.startswith("PORTRAIT_")
    }
    through_dbt(
        query(examples()),
        folder,
        {**settings_of_the_sample, "PORTRAIT_WAREHOUSE": str(parsed / "warehouse")},
    )


def through_dbt(sql: str, folder: Path, environment: dict[str, str], *options: str) -> None:
    """Let dbt answer the query, and write the rows to answers.json in the folder."""
    child = subprocess.run(
        [
            *(sys.executable, "-c", THROUGH_DBT),
            *("--project-dir", str(PROJECT_DIR), "--profiles-dir", str(PROJECT_DIR)),
            *("--target-path", str(folder / "target"), "--log-path", str(folder / "logs")),
            *options,
        ],
        input=sql,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if child.returncode != 0:
        words = child.stdout[-4000:] + child.stderr[-4000:]
        pytest.fail(f"dbt show failed:\n{words}", pytrace=False)


def read_answers(folder: Path) -> dict[str, dict[int, str | None]]:
    """Return the answers that through_dbt wrote, by name and number of the row."""
    answers: dict[str, dict[int, str | None]] = defaultdict(dict)
    for name, number, answer in json.loads((folder / "answers.json").read_text(encoding="utf-8")):
        answers[name][int(number)] = answer.removeprefix("=") if answer is not None else None
    return dict(answers)


def differences(rows: list[Row], answers: dict[int, str | None]) -> list[str]:
    """Return a line for each row whose answer is not the expected one."""
    assert len(rows) == len(answers)
    return [
        f"{_given(row)}: expected {row['expected']!r}, got {answers[number]!r}"
        for number, row in enumerate(rows)
        if answers[number] != row["expected"]
    ]


def _given(row: Row) -> Row:
    return {name: text for name, text in row.items() if name not in ("expected", "why")}


# --- tests ----------------------------------------------------------------------------------


def test_each_table_has_a_call_and_each_call_a_table() -> None:
    assert {path.stem for path in TABLES.glob("*.csv")} == CALLS.keys()


@pytest.mark.parametrize("macro", sorted(CALLS))
def test_macro_answers_as_its_table_says(macro: str, run: Run) -> None:
    found = differences(read_table(macro), run.answers[macro])
    assert not found, "\n".join(found)


@pytest.mark.parametrize("macro", sorted(CALLS))
def test_table_would_refuse_a_macro_that_does_nothing(macro: str) -> None:
    """Neither one answer for all rows nor an argument handed back passes a table."""
    rows = read_table(macro)
    assert len({row["expected"] for row in rows}) > 1
    assert any(row["expected"] not in _given(row).values() for row in rows)


def test_a_wrong_answer_is_found() -> None:
    rows: list[Row] = [{"text": "a", "expected": "A"}, {"text": "b", "expected": None}]
    assert not differences(rows, {0: "A", 1: None})
    assert differences(rows, {0: "A", 1: "B"}) == ["{'text': 'b'}: expected None, got 'B'"]


def test_phone_numbers_are_those_of_libphonenumber(run: Run) -> None:
    rows = phone_examples()
    assert len(rows) > 2000
    found = differences(rows, run.answers["phonenumbers"])
    assert not found, "\n".join(found)


def test_zones_are_those_of_python(run: Run) -> None:
    for name, rows in zip(("zoneinfo to local", "zoneinfo to UTC"), zone_examples(), strict=True):
        assert len(rows) > 2000
        found = differences(rows, run.answers[name])
        assert not found, "\n".join(found[:50])


def test_scores_and_weekdays_are_those_of_python(run: Run) -> None:
    assert not differences(score_examples(), run.answers["scores"])
    assert not differences(day_examples(), run.answers["calendar"])


def nfkc_of(database: Path, texts: str, parameters: list[Any]) -> dict[int, str]:
    """Return what the SQL function of nfkc changes in a query of (id, text), by id."""
    with duckdb.connect(str(database), read_only=True) as connection:
        rows = connection.execute(
            f"select id, portrait_nfkc(text) as answer from ({texts}) where answer <> text",
            parameters,
        ).fetchall()
    return dict(rows)


# Alone, and with neighbours that what a character becomes may join.
@pytest.mark.parametrize(("before", "after"), [("", ""), ("a", "\u0301"), ("", "\u3099")])
def test_nfkc_is_python_s_for_every_character(run: Run, before: str, after: str) -> None:
    assigned = [
        code
        for code in (*range(1, 0xD800), *range(0xE000, sys.maxunicode + 1))
        if unicodedata.category(chr(code)) not in ("Cn", "Co")
    ]
    texts = {code: before + chr(code) + after for code in assigned}
    expected = {code: unicodedata.normalize("NFKC", text) for code, text in texts.items()}
    answers = nfkc_of(
        run.database,
        "select id, ? || chr(id::int) || ? as text from range(1, 1114112) as codes(id)"
        " where id not between 55296 and 57343",
        [before, after],
    )
    found = [
        f"{code:x}: expected {expected[code]!r}, got {answers.get(code, text)!r}"
        for code, text in texts.items()
        if answers.get(code, text) != expected[code]
    ]
    assert not found, "\n".join(found[:50])


TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\0"),
        st.sampled_from("ａＡ１ﾞﾟｶﾊ\u0301\u0323\u0307ſﬁ①㍻ᄀ\u1161\u11a8"),
    ),
    max_size=8,
)


@settings(max_examples=20, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=50))
def test_nfkc_is_python_s_for_texts(run: Run, texts: list[str]) -> None:
    changed = {
        position: unicodedata.normalize("NFKC", text)
        for position, text in enumerate(texts)
        if unicodedata.normalize("NFKC", text) != text
    }
    query_of_texts = "select unnest(?) as id, unnest(?) as text"
    assert nfkc_of(run.database, query_of_texts, [list(range(len(texts))), texts]) == changed
