"""The layers are kept apart, and names, contracts, tests and documentation are where they belong.

Each rule runs twice: on the project, where it must find nothing, and on a small manifest with one
fault, where it must find that fault and only that.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import layer_rules as rules
import pytest
import yaml
from code_reads import tables_read

EXCEPTIONS: dict[str, dict[str, str]] = yaml.safe_load(
    Path(__file__).with_name("layer_exceptions.yml").read_text(encoding="utf-8")
)
Manifest = dict[str, Any]

RULES: list[Callable[[Manifest], list[str]]] = [
    rules.reads_only_layers_below,
    rules.names_follow_layers,
    rules.yaml_lies_beside,
    rules.unit_tests_lie_beside,
    rules.descriptions_state_the_grain,
    rules.counts_are_plural,
    rules.keys_are_named_and_proven,
    rules.unit_tests_are_named,
    rules.tests_state_their_assumption,
    rules.severity_is_error,
    rules.tests_are_enabled,
    rules.sql_follows_the_grammar,
    rules.macros_are_documented,
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_project_keeps(rule: Callable[[Manifest], list[str]], manifest: Manifest) -> None:
    found = rule(manifest)
    assert not found, rules.as_lines(found)


def test_project_contracts_its_marts(manifest: Manifest) -> None:
    found = rules.public_models_are_contracted(manifest, EXCEPTIONS["without_contract"])
    assert not found, rules.as_lines(found)


def test_project_unit_tests_its_logic(manifest: Manifest) -> None:
    found = rules.logic_is_unit_tested(manifest, EXCEPTIONS["without_unit_test"])
    assert not found, rules.as_lines(found)


def test_project_keeps_cross_db_macros_alone(manifest: Manifest) -> None:
    found = rules.cross_db_macros_are_alone(manifest, EXCEPTIONS["not_dispatched"])
    assert not found, rules.as_lines(found)


def test_project_names_its_windows_once(project_dir: Path, manifest: Manifest) -> None:
    project = yaml.safe_load((project_dir / "dbt_project.yml").read_text(encoding="utf-8"))
    found = rules.windows_are_constants(
        manifest, project["vars"], EXCEPTIONS["var_beside_its_number"]
    )
    assert not found, rules.as_lines(found)


def test_project_writes_each_description_once(project_dir: Path) -> None:
    paths = (project_dir / "models").rglob("*.yml")
    found = rules.descriptions_stand_once({str(path): path.read_text("utf-8") for path in paths})
    assert not found, rules.as_lines(found)


def test_project_exposes_what_reads_the_marts(manifest: Manifest, project_dir: Path) -> None:
    analyses = (path for path in project_dir.glob("analyses/**/*") if path.is_file())
    paths = {path.relative_to(project_dir).as_posix() for path in analyses}
    named = {rules.meta_of(exposure).get("file", "") for exposure in manifest["exposures"].values()}
    programs = {path for path in named if path.startswith("portrait/")}
    files = {
        path: text_of(project_dir / path)
        for path in sorted((paths | named) - programs)
        if (project_dir / path).exists()
    }
    public = rules.public_tables(manifest)
    code = {
        path: tables_read(project_dir, path, public)
        for path in sorted(programs | {"portrait/app", "portrait/report"})
    } | {"models/semantic": rules.tables_of_metrics(manifest)}
    assert all(code.values())
    found = rules.exposures_name_what_is_read(manifest, files, code)
    assert not found, rules.as_lines(found)


def text_of(place: Path) -> str:
    """Return the text of a file, or of all files that export a board into a folder."""
    files = sorted(place.rglob("*.yaml")) if place.is_dir() else [place]
    return "\n".join(file.read_text("utf-8") for file in files)


def test_every_exception_has_a_reason() -> None:
    reasons = [reason for group in EXCEPTIONS.values() for reason in group.values()]
    assert all(isinstance(reason, str) and len(reason) > 20 for reason in reasons)


# --- manifests with one fault ---------------------------------------------------------------

GOOD_SQL = """with

orders as (select * from {{ ref('int_orders_priced') }}),

final as (
    select
        orders.order_id,
        count(*) as lines_count
    from orders
    group by orders.order_id
)

select * from final
"""


def _model(path: str, reads: list[str], **changes: Any) -> dict[str, Any]:
    name, layer = Path(path).stem, Path(path).parts[1]
    return {
        "unique_id": f"model.portrait.{name}",
        "resource_type": "model",
        "package_name": "portrait",
        "name": name,
        "schema": layer,
        "original_file_path": path,
        "patch_path": f"portrait://{Path(path).with_suffix('.yml')}",
        "description": "One row per order.",
        "depends_on": {"nodes": reads},
        "raw_code": GOOD_SQL,
        "columns": {"order_id": {"name": "order_id", "description": "Key.", "data_type": "string"}},
        "config": {"contract": {"enforced": True}, "meta": {"key": ["order_id"]}},
    } | changes


def _test(kind: str, **changes: Any) -> dict[str, Any]:
    return {
        "unique_id": f"test.portrait.{kind}_fct_orders_order_id",
        "resource_type": "test",
        "package_name": "portrait",
        "name": f"{kind}_fct_orders_order_id",
        "attached_node": "model.portrait.fct_orders",
        "column_name": "order_id",
        "test_metadata": {"name": kind, "kwargs": {}},
        "config": {"severity": "ERROR"},
        "description": "",
    } | changes


def _test_of(kind: str, columns: list[str]) -> dict[str, Any]:
    metadata = {"name": kind, "kwargs": {"columns": columns}}
    return _test(kind, column_name=None, test_metadata=metadata)


def _macro(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "package_name": "portrait",
        "original_file_path": f"macros/cross_db/{name}.sql",
        "patch_path": "portrait://macros/cross_db/_macros.yml",
        "description": "The date so many days later.",
        "arguments": [
            {"name": "day", "type": "date", "description": "A date."},
            {"name": "days", "type": "integer", "description": "How many."},
        ],
        "macro_sql": "{% macro add_days(day, days=1) %}{{ return(adapter.dispatch('add_days')"
        "(day, days)) }}{% endmacro %}",
    } | changes


def _sound_manifest() -> Manifest:
    nodes = [
        _model("models/staging/shop/base/base_shop__orders.sql", ["source.portrait.shop.orders"]),
        _model("models/staging/shop/stg_shop__orders.sql", ["model.portrait.base_shop__orders"]),
        _model(
            "models/intermediate/orders/int_orders_priced.sql",
            ["model.portrait.stg_shop__orders", "seed.portrait.statuses"],
        ),
        _model("models/marts/orders/fct_orders.sql", ["model.portrait.int_orders_priced"]),
        _test(
            "key_is_unique",
            unique_id="test.portrait.key_is_unique_fct_orders",
            name="key_is_unique_fct_orders",
            column_name=None,
        ),
        _test(
            "assert_orders_are_kept",
            name="assert_orders_are_kept",
            test_metadata=None,
            attached_node=None,
            description="No order is lost between staging and marts.",
        ),
    ]
    return {
        "nodes": {node["unique_id"]: node for node in nodes},
        "unit_tests": {
            "unit_test.portrait.x": {
                "name": "fct_orders__counts_lines",
                "model": "fct_orders",
                "original_file_path": "models/marts/orders/fct_orders__unit_tests.yml",
                "package_name": "portrait",
            }
        },
        "macros": {
            "macro.portrait.add_days": _macro("add_days"),
            "macro.portrait.default__add_days": _macro(
                "default__add_days", original_file_path="macros/cross_db/add_days.sql"
            ),
        },
        "disabled": {},
    }


def _all_rules(manifest: Manifest) -> dict[str, list[str]]:
    found = {rule.__name__: rule(manifest) for rule in RULES}
    found["public_models_are_contracted"] = rules.public_models_are_contracted(manifest, {})
    found["logic_is_unit_tested"] = rules.logic_is_unit_tested(manifest, {})
    found["cross_db_macros_are_alone"] = rules.cross_db_macros_are_alone(manifest, {})
    return {name: problems for name, problems in found.items() if problems}


def test_sound_manifest_passes_every_rule() -> None:
    assert _all_rules(_sound_manifest()) == {}


MART = "model.portrait.fct_orders"
PRICED = "model.portrait.int_orders_priced"
STAGED = "model.portrait.stg_shop__orders"
SINGULAR = "test.portrait.assert_orders_are_kept_fct_orders_order_id"
KEY = "test.portrait.key_is_unique_fct_orders"
WARNS = {"severity": "warn", "meta": {"reason": "a", "threshold": "b", "owner": "c"}}


def _set(*path: str, to: Any) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        item = manifest
        for step in path[:-1]:
            item = item[step]
        item[path[-1]] = to

    return change


def _drop(*path: str) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        item = manifest
        for step in path[:-1]:
            item = item[step]
        del item[path[-1]]

    return change


def _sql(old: str, new: str) -> Callable[[Manifest], None]:
    assert old in GOOD_SQL
    return _set("nodes", MART, "raw_code", to=GOOD_SQL.replace(old, new))


def _add(path: str, reads: list[str], **changes: Any) -> Callable[[Manifest], None]:
    model = _model(path, reads, **changes)
    return _set("nodes", model["unique_id"], to=model)


FAULTS = [
    # layers
    ("reads_only_layers_below", _set("nodes", MART, "depends_on", "nodes", to=[STAGED])),
    ("reads_only_layers_below", _set("nodes", STAGED, "depends_on", "nodes", to=[MART])),
    (
        "reads_only_layers_below",
        _set("nodes", PRICED, "depends_on", "nodes", to=["source.portrait.shop.orders"]),
    ),
    (
        "reads_only_layers_below",
        _set("nodes", PRICED, "depends_on", "nodes", to=["model.portrait.base_shop__orders"]),
    ),
    # names
    ("names_follow_layers", _add("models/intermediate/orders/orders_priced.sql", [])),
    ("names_follow_layers", _add("models/intermediate/int_orders_priced_twice.sql", [])),
    ("names_follow_layers", _add("models/staging/shop/stg_orders.sql", [])),
    ("names_follow_layers", _add("models/staging/pos/stg_shop__receipts.sql", [])),
    ("names_follow_layers", _add("models/staging/shop/base_shop__items.sql", [])),
    ("names_follow_layers", _set("nodes", MART, "schema", to="staging")),
    # YAML
    ("yaml_lies_beside", _set("nodes", MART, "patch_path", to=None)),
    (
        "yaml_lies_beside",
        _set("nodes", MART, "patch_path", to="portrait://models/marts/orders/schema.yml"),
    ),
    (
        "unit_tests_lie_beside",
        _set(
            *("unit_tests", "unit_test.portrait.x", "original_file_path"),
            to="models/marts/orders/fct_orders.yml",
        ),
    ),
    (
        "unit_tests_lie_beside",
        _set(
            *("unit_tests", "unit_test.portrait.x", "original_file_path"),
            to="models/marts/fct_orders__unit_tests.yml",
        ),
    ),
    ("descriptions_state_the_grain", _set("nodes", MART, "description", to="All orders.")),
    # contracts and keys
    (
        "public_models_are_contracted",
        _set("nodes", MART, "config", "contract", "enforced", to=False),
    ),
    (
        "public_models_are_contracted",
        _set("nodes", MART, "columns", "order_id", "description", to=" "),
    ),
    (
        "public_models_are_contracted",
        _set("nodes", MART, "columns", "order_id", "data_type", to=None),
    ),
    (
        "counts_are_plural",
        _set(
            "nodes",
            MART,
            "columns",
            "visit_count",
            to={"name": "visit_count", "description": "Visits.", "data_type": "bigint"},
        ),
    ),
    ("keys_are_named_and_proven", _set("nodes", MART, "config", "meta", to={})),
    ("keys_are_named_and_proven", _set("nodes", MART, "config", "meta", "key", to=["number"])),
    ("keys_are_named_and_proven", _drop("nodes", KEY)),
    ("keys_are_named_and_proven", _set("nodes", KEY, "config", "where", to="order_id > 1")),
    ("keys_are_named_and_proven", _set("nodes", KEY, "config", to=WARNS)),
    ("keys_are_named_and_proven", _set("nodes", KEY, "name", to="key_is_unique_fct_orders_")),
    ("keys_are_named_and_proven", _set("nodes", "test.portrait.u", to=_test("unique"))),
    (
        "keys_are_named_and_proven",
        _set("nodes", "test.portrait.u", to=_test_of("unique_combination", ["order_id"])),
    ),
    (
        "keys_are_named_and_proven",
        _set("nodes", "test.portrait.n", to=_test_of("not_null_columns", ["paid", "order_id"])),
    ),
    # tests
    ("logic_is_unit_tested", _set("unit_tests", to={})),
    ("unit_tests_are_named", _set("unit_tests", "unit_test.portrait.x", "name", to="test_1")),
    ("tests_state_their_assumption", _set("nodes", SINGULAR, "description", to="")),
    ("tests_state_their_assumption", _set("nodes", SINGULAR, "name", to="orders_are_kept")),
    (
        "tests_state_their_assumption",
        _set("nodes", "test.portrait.e", to=_test("expression_is_true")),
    ),
    ("severity_is_error", _set("nodes", SINGULAR, "config", "severity", to="warn")),
    ("tests_are_enabled", _set("disabled", "x", to=[{"name": "x", "package_name": "portrait"}])),
    # grammar
    ("sql_follows_the_grammar", _sql("with\n", "-- no import\nselect 1 as one\n")),
    ("sql_follows_the_grammar", _sql("select * from final", "select order_id from final")),
    ("sql_follows_the_grammar", _sql("orders.order_id,\n", "orders.*,\n")),
    ("sql_follows_the_grammar", _sql("    select\n        orders.order_id,", "    select *,")),
    ("sql_follows_the_grammar", _sql("from orders", "from {{ ref('int_orders_priced') }}")),
    ("sql_follows_the_grammar", _sql("orders.order_id,\n", "orders.order_id::text as t,\n")),
    ("sql_follows_the_grammar", _sql("count(*)", "current_date")),
    ("sql_follows_the_grammar", _sql("count(*)", "now()")),
    ("sql_follows_the_grammar", _sql("count(*)", "{{ 1 if target.type == 'spark' }}")),
    (
        "sql_follows_the_grammar",
        _sql("count(*)", "row_number() over (partition by orders.order_id)"),
    ),
    # macros
    ("macros_are_documented", _set("macros", "macro.portrait.add_days", "description", to="")),
    (
        "macros_are_documented",
        _set("macros", "macro.portrait.add_days", "arguments", to=[]),
    ),
    (
        "macros_are_documented",
        _set("macros", "macro.portrait.add_days", "patch_path", to="portrait://macros/x.yml"),
    ),
    (
        "cross_db_macros_are_alone",
        _set(
            "macros",
            "m",
            to=_macro("add_weeks", original_file_path="macros/cross_db/add_days.sql"),
        ),
    ),
    (
        "cross_db_macros_are_alone",
        _set(
            "macros",
            "macro.portrait.add_days",
            "macro_sql",
            to="{% macro add_days(day, days) %}x{% endmacro %}",
        ),
    ),
]


@pytest.mark.parametrize(
    ("rule", "fault"), FAULTS, ids=[f"{number}-{rule}" for number, (rule, _) in enumerate(FAULTS)]
)
def test_rule_refuses(rule: str, fault: Callable[[Manifest], None]) -> None:
    manifest = _sound_manifest()
    if rule == "logic_is_unit_tested":
        manifest["nodes"][MART]["raw_code"] = GOOD_SQL.replace(
            "count(*)", "sum(case when orders.order_id is null then 0 else 1 end)"
        )
    broken = copy.deepcopy(manifest)
    fault(broken)
    found = _all_rules(broken)
    assert list(found) == [rule]


@pytest.mark.parametrize(
    ("column", "days", "exceptions", "found"),
    [
        ("orders_30d_count", 30, {}, ["fct_orders: var window_days repeats the 30d of a column"]),
        ("orders_30d_count", 30, {"window_days": "a reason"}, []),
        ("orders_30d_count", 31, {}, []),
        ("orders_130d_count", 30, {}, []),
        ("orders_count", 30, {"window_days": "x"}, ["window_days: needs no exception any more"]),
    ],
)
def test_var_beside_its_number_is_refused(
    column: str, days: int, exceptions: dict[str, str], found: list[str]
) -> None:
    manifest = _sound_manifest()
    manifest["nodes"][MART]["columns"] = {column: {"name": column}}
    manifest["nodes"][MART]["raw_code"] = GOOD_SQL + "-- {{ var('window_days') }}"
    assert rules.windows_are_constants(manifest, {"window_days": days}, exceptions) == found


def _described(description: str) -> str:
    return f"models: [{{name: m, columns: [{{name: c, description: {description}}}]}}]"


def test_description_written_twice_is_refused() -> None:
    text = _described("When the order was placed, in UTC".replace(",", " and"))
    folded = text.replace("was placed", "was\n  placed")
    assert rules.descriptions_stand_once({"a.yml": text}) == []
    assert rules.descriptions_stand_once({"a.yml": text, "b.yml": _described("'Another.'")}) == []
    found = rules.descriptions_stand_once({"a.yml": text, "b.yml": folded})
    assert len(found) == 1
    assert found[0].startswith("a.yml, b.yml: 'When the order was placed")
    block = _described("\"{{ doc('a_description_by_its_name') }}\"")
    assert rules.descriptions_stand_once({"a.yml": block, "b.yml": block}) == []
    assert rules.descriptions_stand_once({p: _described("Id.") for p in ("a.yml", "b.yml")}) == []


def _exposed(reads: list[str], file: str = "analyses/who_buys.sql", **changes: Any) -> Manifest:
    exposure = {
        "name": "who_buys",
        "package_name": "portrait",
        "description": "Who buys?",
        "owner": {"name": "A team"},
        "config": {"meta": {"file": file}},
        "depends_on": {"nodes": reads},
    }
    return _sound_manifest() | {"exposures": {"exposure.portrait.who_buys": exposure | changes}}


def test_exposure_of_something_else_is_refused() -> None:
    files = {
        "analyses/who_buys.sql": "select 1 from marts.fct_orders",
        "docs/a.md": "Not marts.fct_orders.\n```sql\nselect 1 from quality.build_info\n```\n",
    }

    def rule(manifest: Manifest, code: dict[str, set[str]] | None = None) -> list[str]:
        return rules.exposures_name_what_is_read(manifest, files, code or {})

    assert rule(_exposed([MART])) == []
    assert rule(_exposed([])) == ["who_buys: analyses/who_buys.sql reads fct_orders"]
    assert rule(_exposed([MART, PRICED])) == [
        "who_buys: analyses/who_buys.sql does not read int_orders_priced"
    ]
    assert rule(_exposed([MART], owner={})) == ["who_buys: has no owner or no description"]
    assert len(rule(_exposed([MART], file="analyses/none.sql"))) == 1
    assert len(rule(_exposed([MART], name="who_sells"))) == 2
    assert rule(_exposed([MART], file="docs/a.md")) == [
        "who_buys: docs/a.md does not read fct_orders"
    ]
    assert rule(_sound_manifest()) == ["analyses/who_buys.sql: has no exposure who_buys"]
    files.pop("analyses/who_buys.sql")
    assert rule(_sound_manifest(), {"portrait/app": set()}) == ["portrait/app: has no exposure"]
    app = _exposed([MART], file="portrait/app")
    assert rule(app, {"portrait/app": {"fct_orders"}}) == []
    assert rule(app, {"portrait/app": set()}) == ["who_buys: portrait/app does not read fct_orders"]


def test_a_board_names_its_tables() -> None:
    board = "schema: marts\ntable_name: fct_orders\ncolumns: []\nsql: select 1 from marts.audiences"
    assert rules.tables_in_text("boards", board) == {"fct_orders", "audiences"}


def test_code_is_followed_from_function_to_function(tmp_path: Path) -> None:
    """Another function of the same file, a docstring and the state's own tables are not read."""
    sources = {
        "app/page.py": '"""Of marts.told."""\nfrom portrait.queries import asked, shown\n'
        'def page(): return asked.sales("fct_orders"), shown\n',
        "queries/__init__.py": "",
        "queries/asked.py": "from portrait.state.store import kept\n"
        'def sales(table): """Of marts.told."""; return f"from marts.{table}", _more(), kept()\n'
        'def _more(): return "select 1 from quality.rejected_rows"\n'
        'def others(): return "select 1 from marts.told"\n',
        "queries/shown.py": 'TABLE = "told"\n',
        "state/store.py": 'def kept(): return "told"\n',
    }
    for path, text in sources.items():
        file = tmp_path / "portrait" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    public = {"fct_orders", "rejected_rows", "told"}
    assert tables_read(tmp_path, "portrait/app", public) == {"fct_orders", "rejected_rows"}
    assert tables_read(tmp_path, "portrait/queries/shown.py", public) == {"told"}


def test_needless_exception_is_refused() -> None:
    found = rules.logic_is_unit_tested(_sound_manifest(), {"fct_orders": "no reason any more"})
    assert found == ["fct_orders: needs no exception any more"]
    found = rules.public_models_are_contracted(_sound_manifest(), {"fct_orders": "no reason"})
    assert found == ["fct_orders: needs no exception any more"]
