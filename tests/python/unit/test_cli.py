"""The command line: options, messages a person can act on, and exit codes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from test_publish import PASSED, build_id, info, make_work, publish_number

from portrait.build.summary import print_summary
from portrait.cli import cli, with_settings
from portrait.console import make_console
from portrait.publishing.publish import write_state
from portrait.warehouse import Warehouse

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def warehouse(tmp_path):
    return make_work(tmp_path / "warehouse")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "portrait.cli", *arguments],
        cwd=PROJECT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_option_goes_before_the_environment(monkeypatch, tmp_path):
    seen = []

    @cli.command("show-settings")
    @with_settings("--raw", "--as-of", "--currency")
    def show_settings(settings):
        seen.append((settings.raw, str(settings.as_of), settings.currency, settings.timezone))

    monkeypatch.setenv("PORTRAIT_AS_OF", "2026-01-31")
    monkeypatch.setenv("PORTRAIT_CURRENCY", "EUR")
    monkeypatch.setenv("PORTRAIT_TIMEZONE", "Europe/London")
    result = CliRunner().invoke(
        cli,
        ["show-settings", "--raw", str(tmp_path), "--as-of", "2026-06-30"],
        catch_exceptions=False,
    )
    assert result.exit_code == 0
    assert seen == [(tmp_path, "2026-06-30", "EUR", "Europe/London")]
    del cli.commands["show-settings"]


def test_every_command_says_what_it_does():
    assert set(cli.commands) == {
        "land",
        "build",
        "check",
        "publish",
        "rollback",
        "replicate",
        "builds",
        "summary",
        "generate",
        "compare",
        "dictionary",
        "parity",
        "spark",
        "why",
        "show",
        "fit",
        "restate",
        "audience",
        "import",
    }
    spark = cli.commands["spark"]
    assert set(spark.commands) == {"build", "up", "down"}
    assert set(cli.commands["fit"].commands) == {"clv", "identity"}
    audience = cli.commands["audience"]
    assert set(audience.commands) == {"list", "size", "export"}
    imports = cli.commands["import"]
    assert set(imports.commands) == {"check"}  # the others are the adapters
    groups = (cli, spark, audience, imports)
    assert all(command.help for group in groups for command in group.commands.values())


def test_builds_and_rollback(warehouse):
    for number in (1, 2):
        publish_number(warehouse, number)
    write_state(warehouse.state, info(build_id(3)), [PASSED], "failed", "1 test failed.")
    folder = ("--warehouse", str(warehouse.root))
    listed = run("builds", *folder)
    assert listed.returncode == 0, listed.stderr
    lines = listed.stdout.splitlines()
    assert re.search(rf"{build_id(2)} .*2026-06-30 .*sample .*current", lines[2])
    assert build_id(1) in lines[3]
    assert "current" not in lines[3]
    assert f"{build_id(3)} failed: 1 test failed." in listed.stdout

    back = run("rollback", *folder)
    assert back.returncode == 0, back.stderr
    assert f"is now {build_id(1)}; it was {build_id(2)}." in back.stdout
    again = run("rollback", *folder)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == f"Error: There is no build before {build_id(1)} to go back to.\n"


@pytest.mark.parametrize("command", ["summary", "rollback", "publish", "check"])
def test_an_empty_warehouse_has_a_sentence_and_no_traceback(tmp_path, command):
    result = run(command, "--warehouse", str(tmp_path / "nothing"))
    assert result.returncode == 1
    assert re.fullmatch(r"(?s)Error: .*portrait build.*\.\n", result.stderr)


def test_a_wrong_setting_has_a_sentence_and_no_traceback(tmp_path):
    result = run("build", "--warehouse", str(tmp_path), "--as-of", "yesterday")
    assert result.returncode == 1
    assert "'yesterday'" in result.stderr
    assert "Traceback" not in result.stderr
    unknown = run("build", "--colour")
    assert unknown.returncode == 2
    assert "--colour" in unknown.stderr


def test_a_summary_shows_what_the_build_has(warehouse, capsys):
    with duckdb.connect(str(warehouse.work_portrait)) as connection:
        connection.execute(
            """
            create or replace table marts.dim_customers as
            select * from (values ('a', false), ('b', false), ('c', true))
            as t(customer_id, is_inferred);
            create table marts.fct_orders as
            select * from (values
                ('o1', 'a', 'known', 'sale', 1200.5, 1100.5, 0, 100.0, 1000.5),
                ('o2', null, 'guest', 'sale', 10, 10, 10.0, 0, 0)
            ) as t(
                order_id, customer_id, customer_kind, order_type, gross_amount, net_amount,
                cancelled_amount, refunded_amount, realised_amount
            );
            """
        )
    publish_number(warehouse, 1)
    print_summary(make_console(), Warehouse(warehouse.root))
    said = capsys.readouterr().out
    # A pseudonym is no anonymity, and nobody is told so.
    assert "analyst.duckdb: for analysts: pseudonyms instead of names, still personal data" in said
    assert f"build {build_id(1)}" in said
    assert "as of 2026-06-30 (30 days from 2026-06-01), amounts in CNY" in said
    assert "3 (2 known, 1 inferred from orders); guest orders: 1" in said
    assert re.search(r"all +2 +1,210\.50 +1,110\.50 +10\.00 +100\.00 +1,000\.50", said)
    assert re.search(r"dbt tests, marts +1 +0 +0 +0", said)
    assert "portrait.duckdb" in said
    assert all(len(line) <= 100 for line in said.splitlines() if "Files" not in line)
