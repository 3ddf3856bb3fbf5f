"""The Data Docs: the library's result pages and a first page, without anything from the network."""

import json
import shutil
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

from great_expectations.render import RenderedHeaderContent, RenderedStringTemplateContent
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView
from jinja2 import ChoiceLoader, Environment, FileSystemLoader

from portrait.expectations.results import Check, CheckResult
from portrait.expectations.suites import suite_name

TEMPLATES = Path(__file__).parent / "templates"
PAGES = "validations"


class OfflinePageView(DefaultJinjaPageView):
    """A page with the results of one suite, from the templates of this package where it has one."""

    def __init__(self, **arguments: Any) -> None:
        """Take the library's own arguments."""
        super().__init__(**arguments)
        own, the_library = FileSystemLoader(TEMPLATES), self.env.loader
        self.env.loader = ChoiceLoader([own, the_library]) if the_library else own


class SuiteResultsRenderer(ValidationResultsPageRenderer):
    """The content of such a page; its head links to no page that is not made."""

    @classmethod
    def _render_validation_header(cls, validation_results: Any) -> RenderedHeaderContent:
        statistics = validation_results.statistics
        met = f"{statistics['successful_expectations']} of {statistics['evaluated_expectations']}"
        return RenderedHeaderContent(
            header=_text(validation_results.asset_name or validation_results.suite_name, "h1"),
            subheader=_text(f"{met} expectations were met", "p"),
            styling={"classes": ["col-12"]},
        )

    @classmethod
    def _render_validation_statistics(
        cls, validation_results: Any
    ) -> RenderedStringTemplateContent:
        """Leave out the table of counts: the head of the page has them."""
        return _text("", "span")


def _text(text: str, tag: str) -> RenderedStringTemplateContent:
    return RenderedStringTemplateContent(string_template={"template": text, "tag": tag})


def clear_docs(docs_dir: Path) -> None:
    """Remove what an earlier run wrote, so that no page of it is left."""
    for name in (PAGES, "static"):
        shutil.rmtree(docs_dir / name, ignore_errors=True)
    for name in ("index.html", "checks.json"):
        (docs_dir / name).unlink(missing_ok=True)


def write_index(result: CheckResult, docs_dir: Path) -> None:
    """Write the first page, with what failed, warns or was skipped, and `checks.json`."""
    # Fonts and pictures of the library's own look, four megabytes.
    shutil.rmtree(docs_dir / "static", ignore_errors=True)
    docs_dir.mkdir(parents=True, exist_ok=True)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    page = environment.get_template("index.j2").render(
        result=result,
        run_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M}",
        layers={
            layer: [
                _table(table, list(checks), docs_dir)
                for table, checks in groupby(
                    sorted(of_layer, key=lambda c: c.table), key=lambda c: c.table
                )
            ]
            for layer, of_layer in groupby(result.checks, key=lambda check: check.layer)
        },
    )
    (docs_dir / "index.html").write_text(page, encoding="utf-8")
    records = json.dumps(result.to_json(), ensure_ascii=False, indent=1)
    (docs_dir / "checks.json").write_text(records + "\n", encoding="utf-8")


def _table(name: str, checks: list[Check], docs_dir: Path) -> dict[str, Any]:
    counts = {
        status: sum(1 for check in checks if check.status == status)
        for status in ("failed", "warned", "passed", "skipped")
    }
    pages = sorted((docs_dir / PAGES / suite_name(checks[0].layer, name)).rglob("*.html"))
    return {
        "name": name,
        "page": quote(pages[0].relative_to(docs_dir).as_posix()) if pages else None,
        "status": next(status for status, count in counts.items() if count),
        **counts,
    }
