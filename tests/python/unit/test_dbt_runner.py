"""Running dbt: its events are followed, and it never outlives the build that started it."""

import json
import subprocess
import time
from pathlib import Path

import duckdb
import pytest

from portrait.build.dbt_runner import (
    MODELS_AND_SEEDS,
    DbtEvents,
    DbtResult,
    DbtSession,
    dbt_command,
)
from portrait.build.outcomes import Outcome, count_statuses, read_dbt_outcomes
from portrait.build.pipeline import BuildFailed, require_dbt_success


def event(name, msg="", level="info", **data):
    return json.dumps({"info": {"name": name, "msg": msg, "level": level}, "data": data})


def node(name, finished="2026-06-30T10:15:00", status="success", kind="model"):
    return {
        "unique_id": f"{kind}.portrait.{name}",
        "node_name": name,
        "node_finished_at": finished,
        "node_status": status,
        "resource_type": kind,
    }


def test_progress_counts_each_finished_node_once():
    seen = []
    events = DbtEvents(lambda done, total, text: seen.append((done, total, text)))
    events.take(event("ConcurrencyLine", node_count=3))
    events.take(event("LogStartLine", node_info=node("a", finished="", status="started")))
    events.take(event("LogModelResult", node_info=node("a")))
    events.take(event("NodeFinished", node_info=node("a")))
    events.take(event("LogTestResult", node_info=node("t", status="fail", kind="test")))
    events.take(event("SkippingDetails", node_info=node("b", finished="", status="skipped")))
    events.take(event("LogHookEndLine", node_info=node("hook", kind="operation")))
    assert seen == [(0, 3, ""), (1, 3, "a"), (2, 3, "t"), (3, 3, "b")]


def test_failing_rows_errors_and_foreign_lines_are_kept():
    events = DbtEvents(lambda *_: None)
    events.take(event("JinjaLogInfo", "failing row: assert_map_is_total: 555, null"))
    events.take(event("MainEncounteredError", "Compilation Error", level="error"))
    events.take("Traceback: something that is no JSON")
    events.take("")
    result = DbtResult(False, 1.0, [], events.failing_rows, events.errors)
    assert result.rows_of("assert_map_is_total") == ["555, null"]
    assert result.rows_of("assert_map") == []
    assert result.errors == ["Compilation Error", "Traceback: something that is no JSON"]


def test_outcomes_name_the_layer_of_what_a_test_is_about(tmp_path):
    models = {
        f"model.portrait.{name}": {
            "resource_type": "model",
            "name": name,
            "fqn": ["portrait", *folders, name],
        }
        for name, folders in {
            "stg_shop__orders": ["staging", "shop"],
            "fct_orders": ["marts", "orders"],
        }.items()
    }
    tests = {
        "test.portrait.unique": {
            "resource_type": "test",
            "name": "unique",
            "attached_node": "model.portrait.stg_shop__orders",
            "depends_on": {"nodes": list(models)},
            "config": {"severity": "WARN"},
        },
        "test.portrait.conserved": {
            "resource_type": "test",
            "name": "conserved",
            "depends_on": {"nodes": list(models)},
            "description": "Money is\n conserved.",
            "config": {},
        },
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"nodes": {**models, **tests}}))
    results = [
        {"unique_id": "model.portrait.fct_orders", "status": "success", "message": "OK"},
        {"unique_id": "test.portrait.unique", "status": "warn", "failures": 2},
        {"unique_id": "test.portrait.conserved", "status": "fail", "failures": 1},
        {"unique_id": "operation.portrait.hook", "status": "success"},
    ]
    (tmp_path / "run_results.json").write_text(json.dumps({"results": results}))
    outcomes = read_dbt_outcomes(tmp_path)
    assert [(o.kind, o.name, o.layer, o.subject, o.severity, o.status) for o in outcomes] == [
        ("model", "fct_orders", "marts", "fct_orders", "error", "pass"),
        ("test", "unique", "staging", "stg_shop__orders", "warn", "warn"),
        ("test", "conserved", "marts", "fct_orders", "error", "fail"),
    ]
    assert outcomes[2].description == "Money is conserved."
    assert count_statuses(outcomes) == {"passed": 0, "warned": 1, "failed": 1, "skipped": 0}


def outcome(kind, status):
    return Outcome(kind, f"{kind}_{status}", "marts", "m", "error", status, None, None)


def test_a_failed_run_says_what_failed():
    failed = [outcome("model", "error"), outcome("test", "fail"), outcome("model", "skipped")]
    with pytest.raises(BuildFailed, match="1 model and 1 test failed, and 1 node behind") as raised:
        require_dbt_success(DbtResult(False, 1.0, failed, ["test_fail: 555"]))
    assert raised.value.outcomes == tuple(failed[:2])
    assert raised.value.rows["test_fail"] == ["555"]
    with pytest.raises(BuildFailed, match="before it built anything") as raised:
        require_dbt_success(DbtResult(False, 1.0, [], [], ["Compilation Error"]))
    assert raised.value.errors == ("Compilation Error",)
    require_dbt_success(DbtResult(True, 1.0, [outcome("test", "warn")]))


def test_a_later_run_replaces_what_ran_twice():
    def one(name, status):
        return Outcome("model", name, "marts", name, "error", status, None, None, unique_id=name)

    first = DbtResult(True, 1.0, [one("a", "pass"), one("b", "pass")], statements={"a": 1})
    second = DbtResult(False, 2.0, [one("b", "error")], errors=["b"], statements={"b": 2})
    both = first.followed_by(second)
    assert [(outcome.name, outcome.status) for outcome in both.outcomes] == [
        ("a", "pass"),
        ("b", "error"),
    ]
    assert (both.succeeded, both.seconds, both.errors) == (False, 3.0, ["b"])
    assert both.statements == {"a": 1, "b": 2}


def test_dbt_ends_when_the_build_that_started_it_does(project_dir, tmp_path):
    command = dbt_command(project_dir, tmp_path / "target", tmp_path / "logs")
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as child:
        started = time.monotonic()
        child.stdin.close()
        assert child.wait(timeout=30) == 1
        assert time.monotonic() - started < 30


def project_of_one_model(folder: Path) -> Path:
    """A project of a model that builds, one that does not, and a test of each and of a setting."""
    (folder / "models").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "dbt_project.yml").write_text(
        "name: portrait\nprofile: portrait\nconfig-version: 2\ntest-paths: [tests]\n"
        "flags: {send_anonymous_usage_stats: false}\n"
    )
    (folder / "profiles.yml").write_text(
        "portrait: {target: duckdb, outputs: {duckdb: {type: duckdb, threads: 1, path: "
        "\"{{ env_var('PORTRAIT_WAREHOUSE', 'warehouse') }}/work/build.duckdb\"}}}\n"
    )
    (folder / "models" / "numbers.sql").write_text(
        "select i as number, '{{ env_var('PORTRAIT_CURRENCY', 'CNY') }}' as currency "
        "from range(5) as one (i)"
    )
    (folder / "models" / "broken.sql").write_text("select * from nowhere")
    texts = {
        "assert_numbers_are_small": "select * from {{ ref('numbers') }} where number > 2",
        "assert_currency": "select * from {{ ref('numbers') }} "
        "where currency <> '{{ env_var('PORTRAIT_CURRENCY', 'CNY') }}'",
        "assert_broken": "select * from {{ ref('broken') }}",
    }
    for name, text in texts.items():
        (folder / "tests" / f"{name}.sql").write_text(text)
    return folder


def test_one_session_builds_compiles_and_keeps_its_parse(tmp_path):
    project = project_of_one_model(tmp_path / "project")
    parse = project / "target" / "parse" / "duckdb" / "partial_parse.msgpack"
    stamps = set()
    for currency in ("EUR", "USD"):
        warehouse = tmp_path / currency
        (warehouse / "work").mkdir(parents=True)
        environment = {"PORTRAIT_WAREHOUSE": str(warehouse), "PORTRAIT_CURRENCY": currency}
        with DbtSession(project, warehouse / "target", warehouse / "logs", environment) as dbt:
            built = dbt.run(("build", *MODELS_AND_SEEDS), lambda *_: None)
            statuses = {outcome.name: outcome.status for outcome in built.outcomes}
            assert statuses == {"numbers": "pass", "broken": "error"}
            assert not built.succeeded
            tests = {test["name"]: test for test in dbt.compiled_tests()}
            assert f"<> '{currency}'" in tests["assert_currency"]["compiled_code"]
            # The database is free between two runs.
            with duckdb.connect(str(warehouse / "work" / "build.duckdb"), read_only=True) as one:
                assert one.execute("select distinct currency from numbers").fetchall() == [
                    (currency,)
                ]
        stamps.add(parse.stat().st_mtime_ns)
    # Another warehouse and other settings need no other parse.
    assert len(stamps) == 1


def test_a_project_that_cannot_be_read_says_why(tmp_path):
    project = project_of_one_model(tmp_path / "project")
    (project / "models" / "numbers.sql").write_text("select * from {{ ref('nothing') }}")
    with DbtSession(project, tmp_path / "target", tmp_path / "logs", {}) as dbt:
        result = dbt.run(("build",), lambda *_: None)
    assert not result.succeeded
    assert result.outcomes == []
    assert any("nothing" in error for error in result.errors)
