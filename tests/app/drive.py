"""Drives the app without a browser (AppTest), and says as JSON what it showed.

Run by tests/python/end_to_end/test_app.py in the environment of the app, in the folder of the
project: `.venv-app/bin/python tests/app/drive.py pages`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

PROJECT = Path(__file__).resolve().parents[2]
MAIN = PROJECT / "portrait" / "app" / "main.py"
PAGES = ("overview", "segments", "audiences", "customer", "identity", "campaigns", "quality")


def opened(**address: str) -> AppTest:
    """The app at an address."""
    test = AppTest.from_file(str(MAIN), default_timeout=120)
    for name, value in address.items():
        test.query_params[name] = value
    return test.run()


def shown(test: AppTest) -> dict[str, Any]:
    """What the app shows: title, headings, texts, and what went wrong."""
    return {
        "title": [one.value for one in test.title],
        "headings": [one.value for one in test.subheader],
        "html": "\n".join(one.proto.body for one in test.get("html")),
        "code": [one.value for one in test.code],
        "errors": [one.value for one in test.error],
        "warnings": [one.value for one in test.warning],
        "successes": [one.value for one in test.success],
        "exceptions": [one.message for one in test.exception],
        "charts": len(test.get("vega_lite_chart")),
        "buttons": [one.label for one in test.button],
    }


def pages(customer: str) -> dict[str, Any]:
    """Every page in both languages."""
    found = {}
    for language in ("en", "zh"):
        for name in PAGES:
            address = {"page": name, "lang": language}
            if name == "customer":
                address["customer_id"] = customer
            found[f"{name} {language}"] = shown(opened(**address))
    return found


def page(name: str) -> dict[str, Any]:
    """One page."""
    return {"page": shown(opened(page=name))}


def languages() -> dict[str, Any]:
    """The switch from English to Chinese, and a page that the address names by its customer."""
    test = opened()
    first = shown(test)
    test.segmented_control(key="language").set_value("zh").run()
    return {"before": first, "after": shown(test), "address": dict(test.query_params)}


def customer(wanted: str) -> dict[str, Any]:
    """The page that an address with a customer alone leads to."""
    return {"customer": shown(opened(customer_id=wanted))}


def audience() -> dict[str, Any]:
    """An audience of tags and conditions, saved."""
    test = opened(page="audiences")
    test.multiselect(key="all_tags").set_value(["CONS_ORDER_REPEAT_EVER"])
    test.multiselect(key="no_tags").set_value(["SOC_TICKET_OPEN_NOW"])
    test.multiselect(key="not_in").set_value(["unhappy_customers"])
    test.number_input(key="conditions_").set_value(2)
    test.run()
    test.selectbox(key="subject_0").set_value("orders")
    test.selectbox(key="subject_1").set_value("value_tier")
    test.run()
    test.selectbox(key="value_1_value_tier_is").set_value("low").run()
    test.button[0].click()
    return {"audience": shown(test.run())}


def conditions() -> dict[str, Any]:
    """An audience of each kind of condition, in Chinese, saved: steps as a person takes them."""
    test = opened(page="audiences", lang="zh")
    test.number_input(key="conditions_").set_value(5).run()
    test.selectbox(key="subject_0").set_value("tickets").run()
    test.number_input(key="conditions_0_tickets").set_value(1).run()
    test.selectbox(key="subject_0_tickets_0").set_value("ticket_text").run()
    written = [one.key for one in test.text_input if "ticket_text" in (one.key or "")]
    for place, subject in enumerate(
        ("order_lines", "orders", "in_household_of", "audience", "region")
    ):
        test.selectbox(key=f"subject_{place}").set_value(subject)
    test.run()
    # At least two lines of a category in the last 90 days.
    test.selectbox(key="rows_0").set_value("count").run()
    test.number_input(key="value_0_order_lines_at_least").set_value(2)
    test.number_input(key="conditions_0_order_lines").set_value(1).run()
    test.selectbox(key="subject_0_order_lines_0").set_value("category").run()
    category = test.selectbox(key="value_0_order_lines_0_category_is")
    category.set_value("鞋包").run()
    # The sum of a column, ever, of rows of which one of two things holds.
    test.selectbox(key="rows_1").set_value("sum").run()
    test.selectbox(key="of_1_orders_1").set_value("net_amount")
    test.number_input(key="days_1").set_value(0)
    test.number_input(key="conditions_1_orders").set_value(2).run()
    test.selectbox(key="hold_1_orders").set_value("any")
    test.selectbox(key="subject_1_orders_0").set_value("is_paid")
    test.selectbox(key="subject_1_orders_1").set_value("payment_method").run()
    test.selectbox(key="comparison_1_orders_1_text").set_value("in").run()
    incomplete = shown(test)
    test.multiselect(key="value_1_orders_1_payment_method_in").set_value(["alipay", "card"])
    # Somebody else of the household has a tag, and has not bought.
    test.number_input(key="conditions_2").set_value(2).run()
    test.selectbox(key="subject_2_0").set_value("tag")
    test.selectbox(key="subject_2_1").set_value("orders").run()
    test.selectbox(key="tag_2_0").set_value("CONS_VALUE_TIER_TOP")
    test.checkbox(key="not_2_1").set_value(True)
    test.selectbox(key="audience_3").set_value("best_customers")
    test.selectbox(key="comparison_4_text").set_value("is_known").run()
    test.selectbox(key="value_4_region_is_known").set_value(False)
    test.selectbox(key="hold_").set_value("any")
    test.text_input(key="group").set_value("lifecycle")
    test.number_input(key="priority").set_value(15).run()
    test.button[0].click()
    return {
        "written_by_people": written, "categories": category.options, "incomplete": incomplete,
        "complete": shown(test.run()),
    }  # fmt: skip


def decision() -> dict[str, Any]:
    """A rule about the first case of the queue, written."""
    test = opened(page="identity")
    test.radio(key="rule").set_value("always")
    test.text_input(key="reason").set_value('Called, "same" person')
    test.text_input(key="steward").set_value("Li Na")
    test.run()
    if test.button:
        test.button[0].click()
        test.run()
    return {"decision": shown(test)}


def export() -> dict[str, Any]:
    """An audience, exported."""
    test = opened(page="audiences")
    test.selectbox(key="export_audience").set_value("discount_buyers").run()
    found = {"before": shown(test)}
    if test.button:
        test.button[0].click()
        test.run()
    return found | {"after": shown(test)}


def rebuilt(current: str, after: str) -> dict[str, Any]:
    """A page before and after the link `current` leads to the build `after`."""
    test = opened(page="quality")
    before = shown(test)
    link = Path(current)
    new = link.with_name("new")
    new.symlink_to(after)
    new.replace(link)
    return {"before": before, "after": shown(test.run())}


def main() -> None:
    name, *told = sys.argv[1:]
    scenarios = {
        "pages": pages, "page": page, "languages": languages, "customer": customer,
        "audience": audience, "conditions": conditions, "decision": decision, "export": export,
        "rebuilt": rebuilt,
    }  # fmt: skip
    print(json.dumps(scenarios[name](*told), ensure_ascii=False, default=str))


if __name__ == "__main__":
    main()
