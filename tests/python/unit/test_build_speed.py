"""The benchmark of whole builds: what it makes of moments, lines and figures."""

import json
from dataclasses import asdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.build_speed import beside, by_hand
from benchmarks.build_speed.build import (
    BETWEEN,
    BuildFigures,
    Cost,
    KeptResults,
    Span,
    covered,
    layers_of,
    model_spans,
    share,
    stages_of,
)
from benchmarks.build_speed.figures import Limit, Side, Size, load_size
from benchmarks.build_speed.goals import goals_of
from benchmarks.build_speed.plot import draw
from benchmarks.build_speed.process import Measured, Moment
from benchmarks.build_speed.report import report

GIB = 2**30


def span(begun: float, ended: float, name: str = "one", layer: str = "marts") -> Span:
    return Span(name, layer, begun, ended)


def a_size(people: int, seconds: float, hand: float = 10.0) -> Size:
    build = BuildFigures(
        seconds=seconds,
        cpu_seconds=2 * seconds,
        peak_bytes=3 * GIB,
        raw_rows=100 * people,
        raw_bytes=GIB,
        stages=[Cost("Publishing", "stage", 6.0, 1.0, GIB), Cost("Building", "stage", 9.0)],
        layers=[Cost("marts", "layer", 5.0, 6.0, GIB)],
        models=[Cost("int_slow", "model", 7.0, 8.0, GIB), Cost("fast", "model", 0.1)],
        tests=[Cost("assert_it", "test", 2.0)],
    )
    return Size(
        people,
        new_rows=300,
        full=build,
        new_day=BuildFigures(seconds=seconds / 5),
        limit=Limit(1.0, 2.0, GIB, 4.0),
        by_hand=[Side("by hand", hand, models_seconds=13.0)],
    )


def test_spans_that_overlap_are_covered_once() -> None:
    assert covered([span(0, 4), span(2, 5), span(7, 8), span(7.5, 7.6)]) == 6
    assert covered([]) == 0


def test_processor_time_is_shared_by_what_ran_at_the_time() -> None:
    moments = [Moment(0, 0, 10), Moment(1, 2, 30), Moment(2, 4, 20), Moment(3, 5, 40)]
    one, other = span(0, 2), span(1, 2, "other")
    # Alone in the first second, together in the second one; nothing ran in the third.
    assert share(moments, [one], [one, other]) == (3, 30)
    assert share(moments, [other], [one, other])[0] == 1
    assert share(moments, [], [one]) == (None, None)
    # Half of an interval: the other half belongs to nobody.
    assert share(moments, [span(0, 0.5)], [span(0, 0.5)])[0] == 1


def test_a_stage_runs_from_the_line_that_names_it_to_the_line_with_its_seconds() -> None:
    lines = [
        (1.0, "Landing …"),
        (2.0, "  100% (5 of 5)"),
        (3.0, "Landing: 2.0 s, 5 rows of 1 files"),
        (3.5, "Own seeds …"),
        (4.0, "Own seeds: 0.5 s"),
        (5.0, "Time: landing 2.0 s, together 4 s"),
    ]
    stages = stages_of(Measured(5, 5, 0, 0, True, lines))
    assert [(stage.name, stage.seconds) for stage in stages] == [
        ("Landing", 2.0),
        ("Own seeds", 0.5),
    ]


def test_models_are_timed_by_their_execution() -> None:
    nodes = {
        "model.a": {"name": "a", "resource_type": "model", "fqn": ["portrait", "staging", "a"]},
        "test.b": {"name": "b", "resource_type": "test"},
    }
    timing = [
        {"name": "compile", "started_at": "2026-01-01T00:00:00Z", "completed_at": None},
        {
            "name": "execute",
            "started_at": "2026-01-01T00:00:01Z",
            "completed_at": "2026-01-01T00:00:03.5Z",
        },
    ]
    results = [{"unique_id": name, "timing": timing} for name in ("model.a", "test.b", "gone")]
    (found,) = model_spans(results, nodes)
    assert (found.name, found.layer, found.seconds) == ("a", "staging", 2.5)


def test_what_no_model_did_is_between_the_models() -> None:
    moments = [Moment(second, second, 1) for second in range(11)]
    layers = layers_of(
        moments,
        [span(0, 10, "Building", "Building")],
        [span(1, 3, "a", "staging"), span(5, 7, "b", "marts")],
    )
    assert [(one.name, one.seconds, one.cpu_seconds) for one in layers] == [
        ("staging", 2, 2),
        ("marts", 2, 2),
        (BETWEEN, 6, 6),
    ]


def test_the_results_of_all_runs_of_dbt_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "run_results.json"
    file.write_text('{"results": [{"unique_id": "of the build before"}]}')
    kept = KeptResults(tmp_path)
    kept.look()
    assert not kept.results
    for name in ("first", "second"):
        file.unlink()
        file.write_text('{"results": [{"unique_id"')
        kept.look()
        file.unlink()
        file.write_text(json.dumps({"results": [{"unique_id": name}]}))
        kept.look()
    assert list(kept.results) == ["first", "second"]


@pytest.mark.parametrize(
    ("seconds", "hand", "verdicts"),
    [
        (300, 13, ["met, the aim too", "met", "met, the aim too"]),
        (500, 10, ["met", "met", "met"]),
        (700, 5, ["missed", "met", "missed"]),
    ],
)
def test_goals(seconds: float, hand: float, verdicts: list[str]) -> None:
    goals = {goal.name: goal for goal in goals_of([a_size(1_000_000, seconds, hand)])}
    found = [
        next(goal.verdict for goal in goals_of([a_size(1_000_000, seconds, hand)])),
        goals["its memory at the peak"].verdict,
        goals["models against the scripts by hand"].verdict,
    ]
    assert found == verdicts
    assert goals["publishing against copying its bytes"].measured == 1.5
    assert goals["a build after a new day against the first build"].measured == 20


def test_what_was_not_measured_meets_no_goal() -> None:
    failed = a_size(1_000_000, 5)
    failed.full.problem = "out of memory"
    assert {goal.verdict for goal in goals_of([failed])} == {"not measured"}
    different = a_size(1_000_000, 5)
    different.by_hand[0].problem = "orders: 1 only by hand"
    different.different_tables = ["portrait marts.fct_orders: 1 row"]
    verdicts = {goal.name: goal.verdict for goal in goals_of([different])}
    assert verdicts["models against the scripts by hand"] == "not measured"
    assert verdicts["tables that differ after a new day from a build of all"] == "missed"


def test_the_cost_of_a_row_is_compared_between_the_sizes() -> None:
    goals = goals_of([a_size(100_000, 50), a_size(1_000_000, 650)])
    growth = next(goal for goal in goals if goal.name.startswith("a raw row's cost"))
    assert (growth.measured, growth.verdict) == (pytest.approx(1.3), "missed")


def test_the_report_and_its_plot_hold_all_sizes() -> None:
    sizes = [a_size(100_000, 50), a_size(1_000_000, 500)]
    sizes[1].new_day.problem = "The build stopped."
    saved = [load_size(json.loads(json.dumps(asdict(size)))) for size in sizes]
    assert saved == sizes
    text = report(saved, "build_speed.svg")
    assert "| int_slow | model | 7.0 | 7.0 | 8.0 | 1.00 |" in text
    assert "| assert_it | test | 2.0 | 2.0 |  |  |" in text
    assert "The build after a new day of 1,000,000 people failed:" in text
    assert "| all | by hand |  |  | 10.00 | 0.00 |  | 13.00 | 1.30 | none |" in text
    ElementTree.fromstring(draw(sizes))
    ElementTree.fromstring(draw(sizes[:1]))


def test_models_are_compared_up_to_what_the_scripts_are_given() -> None:
    reads = {
        **{mart: ["int_orders_valued"] for mart, _ in beside.TABLES.values()},
        "int_orders_valued": ["base_shop__orders", "int_refund_events_unioned"],
        "int_refund_events_unioned": ["int_refunds_matched"],
        "base_shop__orders": [],
        "int_refunds_matched": [],
    }
    nodes = {
        f"model.{name}": {
            "unique_id": f"model.{name}",
            "name": name,
            "resource_type": "model",
            "depends_on": {"nodes": [f"model.{one}" for one in read] + ["seed.words"]},
        }
        for name, read in reads.items()
    }
    assert beside.compared_models({"nodes": nodes}) == {
        *(mart for mart, _ in beside.TABLES.values()),
        "int_orders_valued",
        "base_shop__orders",
    }


def test_each_step_by_hand_has_its_script() -> None:
    assert {script.stem for script in by_hand.SCRIPTS.glob("*.sql")} == set(by_hand.STEPS)
    assert set(beside.TABLES) < set(by_hand.STEPS)
