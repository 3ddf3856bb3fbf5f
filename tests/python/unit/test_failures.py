"""What a failed build prints of its failures."""

import io

from rich.console import Console

from portrait.build.failures import show_failure
from portrait.build.outcomes import Outcome
from portrait.build.pipeline import BuildFailed

MESSAGE = """Database Error in model fct_orders
  Error running query: java.lang.OutOfMemoryError: Java heap space
  \tat org.apache.spark.sql.classic.SparkSession.$anonfun$sql$5(SparkSession.scala:614)
  \tat org.apache.spark.util.LazyTry.tryT$lzycompute(LazyTry.scala:46)
  Caused by: org.apache.spark.SparkException: at a loss (no frame)
  \tat java.base/java.lang.Thread.run(Thread.java:840)
  \t... 22 more"""


def test_a_message_is_shown_without_the_frames_of_its_stack() -> None:
    """Hundreds of frames push what went wrong out of the last lines that a log keeps."""
    failed = Outcome("model", "fct_orders", "marts", "", "error", "error", None, None, MESSAGE)
    out = io.StringIO()
    show_failure(
        Console(file=out, width=200), BuildFailed("1 model failed.", outcomes=[failed], rows={})
    )
    shown = [line.strip() for line in out.getvalue().splitlines() if line.strip()]
    assert shown == [
        "Failed model fct_orders",
        "Database Error in model fct_orders",
        "Error running query: java.lang.OutOfMemoryError: Java heap space",
        "Caused by: org.apache.spark.SparkException: at a loss (no frame)",
        "(4 lines of a stack trace are left out.)",
    ]
