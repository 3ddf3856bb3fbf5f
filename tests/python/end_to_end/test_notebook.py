"""The notebook runs from beginning to end on the published sample, by itself.

It runs in its own environment and is skipped, visibly, without it.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
from builds import PROJECT, SAMPLE, environment

pytestmark = pytest.mark.slow(reason="it runs the notebook twice, in marimo")

MARIMO = PROJECT / (os.environ.get("PORTRAIT_NOTEBOOK_ENV") or ".venv-notebook") / "bin" / "marimo"
NOTEBOOK = PROJECT / "notebooks" / "five_questions.py"
ASKED = re.compile(r' = ask\("(\w+/\w+)"\)')
CHART = "application/vnd.vegalite"


@pytest.fixture(scope="module")
def installed() -> None:
    if not MARIMO.exists():
        pytest.skip(f"marimo is not installed in {MARIMO.parents[1]}: `make notebook-env`")


def marimo(*told: str, warehouse: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run marimo in the project, as `make notebook` does."""
    return subprocess.run(
        [str(MARIMO), "--yes", *told],
        cwd=PROJECT,
        env=environment(SAMPLE, warehouse) | {"PYTHONPATH": str(PROJECT)} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_draws_its_questions_and_asks_nobody_else(
    installed: None, published_sample: Path, tmp_path: Path
) -> None:
    notebook = tmp_path / NOTEBOOK.name
    notebook.write_text(NOTEBOOK.read_text("utf-8"), "utf-8")
    page = tmp_path / "page.html"
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.setblocking(False)
        address = f"http://127.0.0.1:{proxy.getsockname()[1]}"
        run = marimo(
            "export", "html", str(notebook), "--output", str(page),
            warehouse=published_sample.parent,
            HTTPS_PROXY=address, HTTP_PROXY=address, ALL_PROXY=address, NO_PROXY="",
        )  # fmt: skip
        with pytest.raises(BlockingIOError):
            proxy.accept()
    assert run.returncode == 0, run.stderr
    asked = ASKED.findall(NOTEBOOK.read_text("utf-8"))
    assert len(set(asked)) == 5
    written = page.read_text("utf-8")
    assert written.count(CHART) == 5
    for name in asked:
        question = (PROJECT / "analyses" / f"{name}.sql").read_text("utf-8").splitlines()[0]
        assert question.removeprefix("-- ").split(",")[0] in written
    assert marimo("check", "--strict", str(notebook), warehouse=tmp_path).returncode == 0


def test_a_question_without_a_file_stops_it(
    installed: None, published_sample: Path, tmp_path: Path
) -> None:
    notebook = tmp_path / NOTEBOOK.name
    text = NOTEBOOK.read_text("utf-8").replace('ask("segments/', 'ask("no_topic/')
    notebook.write_text(text, "utf-8")
    run = marimo(
        "export", "html", str(notebook), "--output", str(tmp_path / "page.html"),
        warehouse=published_sample.parent,
    )  # fmt: skip
    assert run.returncode == 1
    assert "no_topic" in run.stderr
