"""What the summary shows, whatever the company."""

import io
from decimal import Decimal

from rich.console import Console

from portrait.build.summary import print_table


def test_amounts_of_trillions_are_shown_whole_on_a_narrow_screen():
    names = ["type", "orders", "gross", "net", "cancelled", "refunded", "realised"]
    amount = Decimal("301001037000012.31")
    shown = io.StringIO()
    console = Console(file=shown, width=80)
    print_table(console, "Orders", names, [["sale", 47, *[amount] * 5]])
    assert shown.getvalue().count("301,001,037,000,012.31") == 5
