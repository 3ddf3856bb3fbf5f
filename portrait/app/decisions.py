"""Writes a steward's decision into the company's configuration, where the next build reads it."""

from pathlib import Path

from portrait.app.queries.identity import Rule, header
from portrait.errors import PortraitError
from portrait.landing.configuration import read_configuration

FILE = "seeds/identity_rules.csv"


def write_rule(project: Path, config_folder: Path, rule: Rule) -> Path:
    """Add a rule to the company's rows of the seed `identity_rules`; return the file.

    What the project cannot read is not kept.

    Raises:
        PortraitError: the rule is there already, or the file would not be read.
    """
    path = config_folder / FILE
    before = path.read_text("utf-8") if path.exists() else ""
    if rule.line() in before.splitlines():
        raise PortraitError(f"{path} holds this rule already.")
    text = before or f"{header()}\n"
    text += "" if text.endswith("\n") else "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{text}{rule.line()}\n", "utf-8")
    try:
        read_configuration(project, config_folder)
    except PortraitError:
        if before:
            path.write_text(before, "utf-8")
        else:
            path.unlink()
        raise
    return path
