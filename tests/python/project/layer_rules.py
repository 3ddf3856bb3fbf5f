"""The rules of layers, names and documentation, as functions over dbt's manifest.

Each rule takes the manifest and returns what breaks it, as "place: sentence"; an empty list is a
pass. test_layers.py runs each on the project, and on a manifest that it must refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml
from sql_text import bracketed, read_sql, windows
from star_rules import IMPORT_CTE, star_problems

Manifest = dict[str, Any]
Node = dict[str, Any]

PACKAGE = "portrait"
LAYERS = ("staging", "intermediate", "marts", "quality")
# Which layer may read which. Sources are the landed files.
READS = {
    "staging": {"source", "seed", "staging"},
    "intermediate": {"seed", "staging", "intermediate"},
    "marts": {"seed", "intermediate", "marts"},
    "quality": {"source", "seed", "staging", "intermediate", "marts", "quality"},
}
MART_NAME = re.compile(
    r"(dim|fct|bridge|customer|identity|audience|rpt)_[a-z0-9]+(_[a-z0-9]+)*|audiences"
)
INTERMEDIATE_NAME = re.compile(r"int_[a-z0-9]+(_[a-z0-9]+)+")
STAGING_NAME = re.compile(r"(stg|base)_(?P<system>[a-z0-9]+)__[a-z0-9]+(_[a-z0-9]+)*")
SINGULAR_NAME = re.compile(r"assert_[a-z0-9]+(_[a-z0-9]+)+")
ONE_ROW_PER = re.compile(r"One row( per |: )")
# In characters: up to here a description may be the same by chance.
SHORT_DESCRIPTION = 25
LAST_LINE = "select * from final"
ONE_MACRO_CALL = re.compile(r"\s*\{\{[^{}]*\}\}\s*", re.DOTALL)
CONFIG_CALL = re.compile(r"\{\{\s*config\(.*?\)\s*\}\}", re.DOTALL)
# The clock of the machine and the target of the run: a model knows neither.
FORBIDDEN_WORDS = {
    r"\btarget\.": "asks for the target; use a macro in macros/cross_db/",
    r"\bcurrent_(date|time|timestamp)\b": "reads the clock; use the as-of model",
    r"\b(now|today|get_current_timestamp|localtimestamp)\s*\(": "reads the clock",
    r"::": "casts with ::, write cast(x as t)",
}
IRREGULAR_PLURALS = ("children", "people")


def as_lines(found: list[str]) -> str:
    """Return what rules found, a line each, for the message of an assertion."""
    return "\n".join([f"{len(found)} found:", *found])


def models(manifest: Manifest) -> list[Node]:
    """Return the models of this project."""
    return _nodes(manifest, "model")


def data_tests(manifest: Manifest) -> list[Node]:
    """Return the data tests of this project, generic and singular."""
    return _nodes(manifest, "test")


def _nodes(manifest: Manifest, resource_type: str) -> list[Node]:
    return [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == resource_type and node["package_name"] == PACKAGE
    ]


def layer_of(node: Node) -> str:
    """Return the folder under models/ that a model lies in."""
    return PurePosixPath(node["original_file_path"]).parts[1]


def meta_of(item: Node) -> dict[str, Any]:
    """Return `config.meta` of a node or column."""
    return item.get("config", {}).get("meta") or item.get("meta") or {}


def _kind(manifest: Manifest, unique_id: str) -> tuple[str, str]:
    """Return (what a model may be said to read, name) for a node that it depends on."""
    resource_type, name = unique_id.split(".")[0], unique_id.split(".")[-1]
    if resource_type == "model":
        return layer_of(manifest["nodes"][unique_id]), name
    return resource_type, name


def reads_only_layers_below(manifest: Manifest) -> list[str]:
    """Only staging reads sources; marts never read staging; base_ stays inside of staging."""
    found = []
    for model in models(manifest):
        layer = layer_of(model)
        for unique_id in model["depends_on"]["nodes"]:
            kind, name = _kind(manifest, unique_id)
            if kind not in READS.get(layer, set()):
                found.append(f"{model['name']}: a model of {layer} reads {kind} ({name})")
            elif name.startswith("base_") and layer not in ("staging", "quality"):
                found.append(f"{model['name']}: reads {name}; base_ models are for staging only")
    return found


def names_follow_layers(manifest: Manifest) -> list[str]:
    """A model's name, its folder and its schema all say the same layer."""
    return [
        f"{model['original_file_path']}: {problem}"
        for model in models(manifest)
        for problem in _name_problems(model)
    ]


def _name_problems(model: Node) -> Iterator[str]:
    name, layer = model["name"], layer_of(model)
    folders = PurePosixPath(model["original_file_path"]).parts[2:-1]
    if layer not in LAYERS:
        yield f"{layer} is no layer"
        return
    if model["schema"] != layer:
        yield f"lies in schema {model['schema']}, not {layer}"
    if layer == "staging":
        match = STAGING_NAME.fullmatch(name)
        if not match:
            yield "is not named stg_<system>__<entity> or base_<system>__<entity>"
            return
        expected = (match["system"], "base") if name.startswith("base_") else (match["system"],)
        if folders != expected:
            yield f"belongs in models/staging/{'/'.join(expected)}/"
    elif layer == "intermediate":
        if not INTERMEDIATE_NAME.fullmatch(name):
            yield "is not named int_<entity>_<verbed>"
        if len(folders) != 1:
            yield "belongs in models/intermediate/<concept>/"
    elif layer == "marts":
        if not MART_NAME.fullmatch(name):
            yield "is not named dim_, fct_, bridge_, customer_, identity_, audience_ or rpt_"
        if len(folders) != 1:
            yield "belongs in models/marts/<area>/"


def yaml_lies_beside(manifest: Manifest) -> list[str]:
    """Each model has a YAML file of its own, of the same name, in the same folder."""
    found = []
    for model in models(manifest):
        expected = str(PurePosixPath(model["original_file_path"]).with_suffix(".yml"))
        actual = (model.get("patch_path") or "://no file").split("://")[1]
        if actual != expected:
            found.append(f"{model['original_file_path']}: described in {actual}, not {expected}")
    return found


def unit_tests_lie_beside(manifest: Manifest) -> list[str]:
    """Each unit test lies in <model>__unit_tests.yml, in the folder of its model."""
    paths = {
        model["name"]: PurePosixPath(model["original_file_path"]) for model in models(manifest)
    }
    found = []
    for test in manifest["unit_tests"].values():
        if test.get("package_name", PACKAGE) != PACKAGE or test["model"] not in paths:
            continue
        expected = str(paths[test["model"]].with_name(f"{test['model']}__unit_tests.yml"))
        if test["original_file_path"] != expected:
            found.append(f"{test['name']}: lies in {test['original_file_path']}, not {expected}")
    return found


def descriptions_state_the_grain(manifest: Manifest) -> list[str]:
    """Each model's description starts "One row per …" ("One row: …" where there is only one)."""
    return [
        f"{model['name']}: description does not start with 'One row per'"
        for model in models(manifest)
        if not ONE_ROW_PER.match(model.get("description") or "")
    ]


def descriptions_stand_once(files: dict[str, str]) -> list[str]:
    """A description of more than a few words is in one model; for several, in a doc block.

    files: the text of the models' YAML files by path.
    """
    places: dict[str, set[str]] = {}
    for path, text in files.items():
        for model in (yaml.safe_load(text) or {}).get("models", []):
            for column in model.get("columns", []):
                description = " ".join((column.get("description") or "").split())
                if len(description) > SHORT_DESCRIPTION and "{{" not in description:
                    places.setdefault(description, set()).add(path)
    return [
        f"{', '.join(sorted(paths))}: '{description}' belongs into a doc block"
        for description, paths in places.items()
        if len(paths) > 1
    ]


def exposures_name_what_is_read(
    manifest: Manifest, files: Mapping[str, str], code: Mapping[str, set[str]]
) -> list[str]:
    """Each analysis and each program has its exposure, which names just what is read there.

    files: the text of the analyses, and of the other files that exposures name, by path.
    code: the tables that programs read, by path, where no text of one file says it.
    """
    exposures = {
        exposure["name"]: exposure
        for exposure in manifest.get("exposures", {}).values()
        if exposure["package_name"] == PACKAGE
    }
    public = {model["name"]: model["unique_id"] for model in _public(manifest)}
    found = [
        f"{path}: has no exposure {PurePosixPath(path).stem}"
        for path in files
        if path.startswith("analyses/") and PurePosixPath(path).stem not in exposures
    ]
    named = {meta_of(exposure).get("file") for exposure in exposures.values()}
    found += [f"{path}: has no exposure" for path in code if path not in named]
    for name, exposure in exposures.items():
        path = meta_of(exposure).get("file")
        if path not in files and path not in code:
            found.append(f"{name}: config.meta.file is {path}, which is no file")
            continue
        if path.startswith("analyses/") and PurePosixPath(path).stem != name:
            found.append(f"{name}: is not named as {path}")
        if not (exposure.get("owner", {}).get("name") and exposure.get("description")):
            found.append(f"{name}: has no owner or no description")
        tables = code[path] if path in code else tables_in_text(path, files[path])
        read = {public[table] for table in tables if table in public}
        for unique_id in read ^ set(exposure["depends_on"]["nodes"]):
            verb = "reads" if unique_id in read else "does not read"
            found.append(f"{name}: {path} {verb} {unique_id.split('.')[-1]}")
    return found


def tables_in_text(path: str, text: str) -> set[str]:
    """Return what a text names as marts.x or quality.x, of a page its queries alone.

    The files of a board name a table by `table_name`, with its schema beside it.
    """
    if path.endswith(".md"):
        text = "\n".join(re.findall(r"```sql\n(.*?)```", text, re.DOTALL))
    boards = re.findall(r"^ *table_name: *(\w+) *$", text, re.MULTILINE)
    return {*re.findall(r"\b(?:marts|quality)\.(\w+)", text), *boards}


def public_tables(manifest: Manifest) -> set[str]:
    """Return the names of the models that are published."""
    return {model["name"] for model in _public(manifest)}


def tables_of_metrics(manifest: Manifest) -> set[str]:
    """Return the tables that the semantic models read, and the calendar that they are joined to."""
    read = {
        unique_id.split(".")[-1]
        for semantic in manifest["semantic_models"].values()
        for unique_id in semantic["depends_on"]["nodes"]
    }
    return read | {model["name"] for model in models(manifest) if model.get("time_spine")}


def public_models_are_contracted(manifest: Manifest, exceptions: dict[str, str]) -> list[str]:
    """Marts and quality: contract enforced, each column described and typed.

    Those with a reason in `exceptions` describe what columns they list, without a contract.
    """
    found = []
    for model in _public(manifest):
        name = model["name"]
        is_contracted = model["config"].get("contract", {}).get("enforced")
        if name in exceptions:
            if is_contracted:
                found.append(f"{name}: needs no exception any more")
            continue
        if not is_contracted:
            found.append(f"{name}: contract is not enforced")
        if not model["columns"]:
            found.append(f"{name}: no columns in its YAML")
        for column in model["columns"].values():
            if not (column.get("description") or "").strip():
                found.append(f"{name}.{column['name']}: no description")
            if not column.get("data_type"):
                found.append(f"{name}.{column['name']}: no data_type")
    return found


def _public(manifest: Manifest) -> list[Node]:
    return [model for model in models(manifest) if layer_of(model) in ("marts", "quality")]


def counts_are_plural(manifest: Manifest) -> list[str]:
    """A count in marts and quality is named <things>_count: records_count, orders_30d_count."""
    return [
        f"{model['name']}.{column}: counts are named in the plural, such as records_count"
        for model in _public(manifest)
        for column in model["columns"]
        if column.endswith("_count")
        and not any(
            word.endswith("s") or word in IRREGULAR_PLURALS
            for word in column.removesuffix("_count").split("_")
        )
    ]


def keys_are_named_and_proven(manifest: Manifest) -> list[str]:
    """Marts and quality: config.meta.key names the key, and key_is_unique proves it.

    The test reads the key there, so that it is written in one place.
    """
    found = []
    for model in _public(manifest):
        name, key = model["name"], meta_of(model).get("key")
        if not key or not isinstance(key, list):
            found.append(f"{name}: config.meta.key names no key (a list of columns)")
            continue
        found += [
            f"{name}: key column {column} is not a column"
            for column in key
            if column not in model["columns"]
        ]
        tests = _tests_of(manifest, model)
        proofs = [test for test in tests if test["test_metadata"]["name"] == "key_is_unique"]
        if not any(_holds_always(test) for test in proofs):
            found.append(f"{name}: no key_is_unique test proves its key ({', '.join(key)})")
        found += [
            f"{name}: its key_is_unique test is named {test['name']}, not key_is_unique_{name}"
            for test in proofs
            if test["name"] != f"key_is_unique_{name}"
        ]
        found += [
            f"{name}: {test['test_metadata']['name']} repeats the key, which key_is_unique proves"
            for test in tests
            if _repeats_key(test, key)
        ]
    return found


def _tests_of(manifest: Manifest, model: Node) -> list[Node]:
    return [
        test
        for test in data_tests(manifest)
        if test.get("test_metadata") and test.get("attached_node") == model["unique_id"]
    ]


def _holds_always(test: Node) -> bool:
    # A test of a part of the rows, or one that only warns, proves nothing about the key.
    return (
        not test["config"].get("where")
        and test["config"].get("severity", "error").lower() == "error"
    )


def _repeats_key(test: Node, key: list[str]) -> bool:
    metadata = test["test_metadata"]
    if metadata["name"] == "unique":
        return [test.get("column_name")] == key
    columns = set(metadata["kwargs"].get("columns", []))
    if metadata["name"] == "unique_combination":
        return columns == set(key)
    return metadata["name"] == "not_null_columns" and bool(columns & set(key))


def has_logic(raw_code: str) -> bool:
    """Return whether a model decides anything: a case, a window or a join."""
    return bool(re.search(r"\bcase\b|\bover\s*\(|\bjoin\b", read_sql(raw_code).code))


def logic_is_unit_tested(manifest: Manifest, exceptions: dict[str, str]) -> list[str]:
    """Each model with a case, a window or a join has a unit test, or a reason why not."""
    tested = {test["model"] for test in manifest["unit_tests"].values()}
    names = {model["name"] for model in models(manifest)}
    found = [f"{name}: excepted, but there is no such model" for name in exceptions.keys() - names]
    for model in models(manifest):
        name = model["name"]
        if name in exceptions and (name in tested or not has_logic(model["raw_code"])):
            found.append(f"{name}: needs no exception any more")
        elif name not in tested and name not in exceptions and has_logic(model["raw_code"]):
            found.append(f"{name}: has logic (case, window or join) and no unit test")
    return found


def unit_tests_are_named(manifest: Manifest) -> list[str]:
    """Unit tests are named <model>__<behavior>, and say in their description what they show."""
    found = []
    for test in manifest["unit_tests"].values():
        if test.get("package_name", PACKAGE) != PACKAGE:
            continue
        if not re.fullmatch(rf"{test['model']}__[a-z0-9_]+", test["name"]):
            found.append(f"{test['name']}: is not named {test['model']}__<behavior>")
    return found


def tests_state_their_assumption(manifest: Manifest) -> list[str]:
    """Singular tests, expressions and generic tests say in words what they assume."""
    found = []
    for test in data_tests(manifest):
        metadata = test.get("test_metadata")
        described = bool((test.get("description") or "").strip())
        if metadata is None:
            if not SINGULAR_NAME.fullmatch(test["name"]):
                found.append(f"{test['name']}: a singular test is named assert_<sentence>")
            if not described:
                found.append(f"{test['name']}: no description of what it assumes")
        elif metadata["name"] == "expression_is_true" and not described:
            expression = metadata["kwargs"].get("expression", "").strip()
            found.append(f"{test.get('file_key_name')}: '{expression}' has no description")
    for macro in _macros(manifest):
        if macro["name"].startswith("test_") and not (macro.get("description") or "").strip():
            found.append(f"{macro['name']}: generic test without a description")
    return found


def severity_is_error(manifest: Manifest) -> list[str]:
    """A test is an error, or a warning with reason, threshold and owner in config.meta."""
    found = []
    for test in data_tests(manifest):
        if test["config"].get("severity", "error").lower() == "error":
            continue
        missing = {"reason", "threshold", "owner"} - meta_of(test).keys()
        if missing:
            found.append(f"{test['name']}: warns without {', '.join(sorted(missing))}")
    return found


def tests_are_enabled(manifest: Manifest) -> list[str]:
    """Nothing is switched off: what is not wanted is deleted."""
    return [
        f"{node['name']}: is disabled"
        for versions in manifest.get("disabled", {}).values()
        for node in versions
        if node.get("package_name") == PACKAGE
    ]


def sql_follows_the_grammar(manifest: Manifest) -> list[str]:
    """`with` first, imports on top, `final` last, no clock, no target, no star that hides."""
    columns_of = {
        node["name"]: {name.lower() for name in node["columns"]}
        for node in (*manifest["nodes"].values(), *manifest.get("sources", {}).values())
        if node["resource_type"] in ("model", "seed", "source")
    }
    return [
        f"{model['original_file_path']}: {problem}"
        for model in models(manifest)
        for problem in grammar_problems(
            model["raw_code"],
            may_end_in_star=layer_of(model) in ("staging", "intermediate"),
            columns_of=columns_of,
        )
    ]


def grammar_problems(
    raw_code: str, *, may_end_in_star: bool, columns_of: Mapping[str, set[str]]
) -> list[str]:
    """Return what breaks the grammar of a model in its SQL as written.

    For may_end_in_star and columns_of see star_problems.
    """
    body = CONFIG_CALL.sub("", re.sub(r"\{#.*?#\}", "", raw_code, flags=re.DOTALL))
    code = read_sql(body).code
    found = [
        sentence
        for pattern, sentence in FORBIDDEN_WORDS.items()
        if re.search(pattern, code) or re.search(pattern, _jinja(body))
    ]
    found += [
        "row_number() without an order by"
        for function, window in windows(code)
        if function == "row_number" and not re.search(r"\border\s+by\b", window)
    ]
    if ONE_MACRO_CALL.fullmatch(_without_sql_comments(body)):
        return found
    lines = [line for line in body.strip().splitlines() if line.strip()]
    if code.split()[:1] != ["with"]:
        found.append("does not start with `with`")
    if lines[-1] != LAST_LINE:
        found.append(f"last line is not `{LAST_LINE}`")
    rest = IMPORT_CTE.sub("", _without_sql_comments("\n".join(lines[:-1])))
    found += star_problems(body, may_end_in_star=may_end_in_star, columns_of=columns_of)
    if "{{ ref(" in rest or "{{ source(" in rest:
        found.append("ref() or source() outside of an import CTE")
    return found


def windows_are_constants(
    manifest: Manifest, project_vars: dict[str, Any], exceptions: dict[str, str]
) -> list[str]:
    """No model takes from a var the number of days that is in the name of its column.

    A column of 30 days is named so; a var could change the number and not the name. The name of
    the window is the constant (in_window, window_days). `exceptions` names vars with a reason.
    """
    day_vars = {name: str(value) for name, value in project_vars.items() if name.endswith("_days")}
    found, needed = [], set()
    for model in models(manifest):
        tests = " ".join(str(test.get("test_metadata")) for test in _tests_of(manifest, model))
        in_names = {
            days
            for column in model["columns"]
            for days in re.findall(r"(?<![a-z0-9])([0-9]+)d(?![a-z0-9])", column)
        }
        for name, days in day_vars.items():
            if days in in_names and re.search(rf"\bvar\(\W*{name}\b", model["raw_code"] + tests):
                needed.add(name)
                if name not in exceptions:
                    found.append(f"{model['name']}: var {name} repeats the {days}d of a column")
    found += [f"{name}: needs no exception any more" for name in exceptions.keys() - needed]
    return found


def _jinja(body: str) -> str:
    return " ".join(re.findall(r"\{[{%].*?[%}]\}", body, flags=re.DOTALL))


def _without_sql_comments(body: str) -> str:
    return re.sub(r"--[^\n]*", "", body)


def macros_are_documented(manifest: Manifest) -> list[str]:
    """Each macro has a description and typed, described arguments in a _macros.yml."""
    found = []
    for macro in _macros(manifest):
        name = macro["name"]
        if _is_implementation(name):
            continue
        if not (macro.get("description") or "").strip():
            found.append(f"{name}: no description")
            continue
        if not name.startswith("test_") and not (macro.get("patch_path") or "").endswith(
            "/_macros.yml"
        ):
            found.append(f"{name}: described in {macro['patch_path']}, not in a _macros.yml")
        documented = [argument["name"] for argument in macro["arguments"]]
        actual = argument_names(macro["macro_sql"])
        if documented != actual:
            found.append(f"{name}: arguments are {actual}, documented are {documented}")
        found += [
            f"{name}: argument {argument['name']} has no {part}"
            for argument in macro["arguments"]
            for part in ("type", "description")
            if not (argument.get(part) or "").strip()
        ]
    return found


def argument_names(macro_sql: str) -> list[str]:
    """Return the names of the arguments in the head of a macro or generic test."""
    head = re.search(r"\{%-?\s*(?:macro|test|data_test)\s+\w+\s*\(", macro_sql)
    if not head:
        return []
    inner = bracketed(macro_sql, head.end() - 1)
    inner = re.sub(r"'[^']*'|\"[^\"]*\"|\[[^\]]*\]|\{[^}]*\}", "", inner)
    return [part.split("=")[0].strip() for part in inner.split(",") if part.strip()]


def cross_db_macros_are_alone(manifest: Manifest, exceptions: dict[str, str]) -> list[str]:
    """A file of macros/cross_db/ holds one dispatched macro of its name and its versions."""
    files: dict[str, list[Node]] = {}
    for macro in _macros(manifest):
        if macro["original_file_path"].startswith("macros/cross_db/"):
            files.setdefault(macro["original_file_path"], []).append(macro)
    found = []
    for path, macros in sorted(files.items()):
        stem = PurePosixPath(path).stem
        public = [macro for macro in macros if not _is_implementation(macro["name"])]
        if [macro["name"] for macro in public] != [stem]:
            found.append(f"{path}: holds {[macro['name'] for macro in public]}, not only {stem}")
        elif "adapter.dispatch(" not in public[0]["macro_sql"] and stem not in exceptions:
            found.append(f"{path}: is not dispatched, so it belongs elsewhere")
    return found


def _macros(manifest: Manifest) -> list[Node]:
    return [m for m in manifest["macros"].values() if m["package_name"] == PACKAGE]


def _is_implementation(name: str) -> bool:
    return bool(re.match(r"(default|duckdb|spark)__|materialization_", name))
