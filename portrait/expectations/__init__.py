"""The expectation suites on landing, staging and marts, run as one checkpoint."""

from portrait.expectations.checkpoint import run_checks
from portrait.expectations.results import Check, CheckResult

__all__ = ["Check", "CheckResult", "run_checks"]
