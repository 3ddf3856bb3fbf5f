"""Which published columns hold personal data, found by name and by where they come from.

A column is personal where its YAML says `config: {meta: {personal: true}}`. These rules find
columns that should say so and don't, and tags for analysts that would let a personal value out.
"""

from __future__ import annotations

import re
from typing import Any

from layer_rules import PACKAGE, layer_of, meta_of, models

Manifest = dict[str, Any]

# Part of a column's name, between underscores. Organisations and products have names too: what is
# not personal is excepted by name, with a reason.
PERSONAL_NAME = re.compile(
    r"(^|_)("
    r"name|names|surname|forename|nickname|initials|salutation"
    r"|mail|email|phone|phones|mobile|telephone|tel|fax|contact|wechat|openid|unionid"
    r"|birth|birthday|birthdate|age|gender|sex|marital|nationality|ethnicity|religion"
    r"|address|street|house|postcode|postal|zip|city|region|country|latitude|longitude|location"
    r"|occupation|education|income|employer|organisation"
    r"|passport|licence|ssn|tax|identity|iban|card|account"
    r"|ip|device|cookie|imei|idfa"
    r"|inviter|recipient|consignee|buyer|member"
    r"|native_id|native_customer_id"
    r"|raw|free|comment|note|notes|remark"
    r")(_|$)"
)
PUBLISHED_LAYERS = ("marts", "quality")
# What an analyst's file may hold of a column, by config.meta.analyst of the column.
ANALYST_FORMS = ("keep", "pseudonym", "year", "month")


def personal_source_columns(manifest: Manifest) -> set[str]:
    """Return the names of the source columns that the contract calls personal."""
    return {
        column["name"]
        for source in manifest["sources"].values()
        if source["package_name"] == PACKAGE
        for column in source["columns"].values()
        if is_personal(column)
    }


def is_personal(column: dict[str, Any]) -> bool:
    """Return whether a column says of itself that it holds personal data."""
    return meta_of(column).get("personal") is True


def published_columns(manifest: Manifest) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Return (model, column) of every column that a published file may hold."""
    return [
        (model, column)
        for model in models(manifest)
        if layer_of(model) in PUBLISHED_LAYERS
        for column in model["columns"].values()
    ]


def untagged_columns(manifest: Manifest, exceptions: dict[str, str]) -> list[str]:
    """Return what looks personal, by its name or by the source's, and does not say so.

    exceptions: column name or model.column, each with the reason why it is not personal.
    """
    from_source = personal_source_columns(manifest)
    found, needed = [], set()
    for model, column in published_columns(manifest):
        name, place = column["name"], f"{model['name']}.{column['name']}"
        if name not in from_source and not PERSONAL_NAME.search(name):
            continue
        excepted = {name, place} & exceptions.keys()
        if is_personal(column):
            continue
        needed |= excepted
        if not excepted:
            why = "personal in the source contract" if name in from_source else "looks personal"
            found.append(f"{place}: {why}, and is not tagged config.meta.personal")
    found += [f"{name}: needs no exception" for name in sorted(exceptions.keys() - needed)]
    return found


def analyst_leaks(manifest: Manifest) -> list[str]:
    """Return where a tag for the analysts' file keeps a personal column or is not sound."""
    found = []
    for model in models(manifest):
        if "analyst" in meta_of(model):
            found.append(
                f"{model['name']}: config.meta.analyst stands on a column, not on the model"
            )
        for column in model["columns"].values():
            place, form = f"{model['name']}.{column['name']}", meta_of(column).get("analyst")
            if form is None:
                continue
            if form not in ANALYST_FORMS:
                found.append(f"{place}: config.meta.analyst is none of {ANALYST_FORMS}")
            if form == "keep" and is_personal(column):
                found.append(f"{place}: is personal and kept for the analysts' file")
            if layer_of(model) not in PUBLISHED_LAYERS:
                found.append(f"{place}: is tagged for the analysts' file and not published")
    return found
