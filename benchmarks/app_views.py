"""Opens a view of the app in a process of its own, and says as JSON how long it took.

    .venv-app/bin/python -m benchmarks.app_views VIEW CUSTOMER OTHER_CUSTOMER

benchmarks.app_speed runs it in the environment of the app, with the file to show in
PORTRAIT_WAREHOUSE. A view is run without a browser (AppTest): the script of the page with its
questions, and all that Streamlit sends.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.measuring import PROJECT

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

MAIN = PROJECT / "portrait" / "app" / "main.py"
# Nothing of the app: what Streamlit and Altair prepare once, at the first page of a server.
FIRST_PAGE = """
import altair, pandas, streamlit
streamlit.segmented_control("a", ["b", "c"])
data = pandas.DataFrame({"x": [1], "y": [2]})
streamlit.altair_chart(altair.Chart(data).mark_line().encode(x="x:Q", y="y:Q"))
"""
SLOWEST = 120


class Customers(NamedTuple):
    """Whose pages are opened: the ids of one with as many orders as any, and of one with two."""

    most: str
    few: str


def at(**address: str) -> AppTest:
    """The app at an address, not run yet."""
    from streamlit.testing.v1 import AppTest

    test = AppTest.from_file(str(MAIN), default_timeout=SLOWEST)
    for name, value in address.items():
        test.query_params[name] = value
    return test


def page(name: str) -> Callable[[Customers], AppTest]:
    """A page as the menu opens it."""
    return lambda _: at(page=name)


def with_most_orders(customers: Customers) -> AppTest:
    """The page of the customer who bought most often."""
    return at(page="customer", customer_id=customers.most)


def with_few_orders(customers: Customers) -> AppTest:
    """The page of a customer who bought twice."""
    return at(page="customer", customer_id=customers.few)


def another_customer(customers: Customers) -> AppTest:
    """The page of a customer after that of another."""
    with_most_orders(customers).run()
    return with_few_orders(customers)


def another_scheme(_: Customers) -> AppTest:
    """The segments by another column than the first."""
    test = at(page="segments").run()
    test.selectbox[0].set_value("value_tier")
    return test


def tags_chosen(_: Customers) -> AppTest:
    """An audience of tags."""
    test = at(page="audiences").run()
    test.multiselect(key="all_tags").set_value(["CONS_ORDER_REPEAT_EVER"])
    test.multiselect(key="no_tags").set_value(["SOC_TICKET_OPEN_NOW"])
    return test


def conditions_chosen(customers: Customers) -> AppTest:
    """An audience of tags and conditions, without the members of another."""
    test = tags_chosen(customers)
    test.multiselect(key="not_in").set_value(["unhappy_customers"])
    test.number_input(key="conditions").set_value(3)
    test.run()
    test.selectbox(key="subject_0").set_value("orders")
    test.selectbox(key="subject_1").set_value("sessions")
    test.selectbox(key="subject_2").set_value("value_tier")
    test.run()
    test.selectbox(key="value_2_value_tier_is").set_value("high")
    return test


def another_kind(_: Customers) -> AppTest:
    """The queue of another kind of case."""
    test = at(page="identity").run()
    kinds = test.selectbox[0]
    kinds.select_index(len(kinds.options) - 1)
    return test


def another_campaign(_: Customers) -> AppTest:
    """Another campaign than the latest."""
    test = at(page="campaigns").run()
    test.selectbox[0].select_index(1)
    return test


VIEWS: dict[str, Callable[[Customers], AppTest]] = {
    "Overview": page("overview"),
    "Segments": page("segments"),
    "Segments: sorted by another column": another_scheme,
    "Audiences": page("audiences"),
    "Audiences: tags chosen": tags_chosen,
    "Audiences: tags and conditions chosen": conditions_chosen,
    "Customer: whom to begin with": page("customer"),
    "Customer: one with most orders": with_most_orders,
    "Customer: one with few orders": with_few_orders,
    "Customer: another one": another_customer,
    "Identity review": page("identity"),
    "Identity review: another kind of case": another_kind,
    "Campaigns": page("campaigns"),
    "Campaigns: another one": another_campaign,
    "Quality": page("quality"),
}


def start() -> None:
    """Load all modules, and show a page that is not of the app: once per server."""
    from streamlit.testing.v1 import AppTest

    import portrait.app.main  # noqa: F401

    AppTest.from_string(FIRST_PAGE, default_timeout=SLOWEST).run()


def measured(work: Callable[[], Any]) -> dict[str, float]:
    """Seconds of some work, by the clock and of the processors."""
    begun, used = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - used}


def opened(test: AppTest) -> dict[str, float]:
    """What a run of the app takes.

    Raises:
        RuntimeError: the page says that something went wrong.
    """
    found = measured(test.run)
    wrong = [one.message for one in test.exception] + [one.value for one in test.error]
    if wrong:
        raise RuntimeError("; ".join(wrong))
    return found


def main() -> None:
    """Measure the view that is named."""
    name, *ids = sys.argv[1:]
    view, customers = VIEWS[name], Customers(*ids)
    found = {"start": measured(start)}
    found |= {part: opened(view(customers)) for part in ("first", "again")}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
