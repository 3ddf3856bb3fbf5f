"""The company's own seeds and limits: what is read, what is refused with which sentence."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from portrait.build.outcomes import Outcome
from portrait.build.pipeline import configuration_remarks, landing_remarks, with_company_files
from portrait.errors import PortraitError
from portrait.expectations.config import Measure
from portrait.expectations.limits import read_thresholds
from portrait.landing.config_files import landed_files, landed_limits, rows_in_force
from portrait.landing.configuration import ConfigRow, read_configuration
from portrait.landing.land import land
from portrait.landing.seeds import load_seeds
from portrait.settings import Settings

PROJECT = Path(__file__).resolve().parents[3]
STATUSES = "status_word,status,is_paid,is_cancelled,is_refunded\n"
ORDERS = "order_id,customer_id,ordered_at\n1,c1,2026-01-01 10:00:00\n"


def written(folder: Path, files: dict[str, str]) -> Path:
    """Write files below a folder and return it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def settings_of(tmp_path: Path, **files: str) -> Settings:
    raw = written(tmp_path / "raw", {"shop/orders.csv": ORDERS})
    written(raw / "config", files)
    return Settings(project=PROJECT, raw=raw, warehouse=tmp_path / "warehouse")


def refusal(folder: Path) -> str:
    with pytest.raises(PortraitError) as caught:
        read_configuration(PROJECT, folder)
    return str(caught.value)


def test_every_seed_has_its_columns_and_all_but_ranges_have_a_key() -> None:
    seeds = load_seeds(PROJECT)
    files = {path.stem for path in (PROJECT / "seeds").glob("*/*.csv")}
    assert seeds.keys() == files
    assert {seed.name for seed in seeds.values() if not seed.key} == {"survey_score_groups"}
    for seed in seeds.values():
        keys = [tuple(row[column] for column in seed.key) for row in seed.rows()]
        assert not seed.key or len(keys) == len(set(keys)), seed.name
        assert set(seed.types) <= set(seed.columns), seed.name


def test_no_folder_changes_nothing(tmp_path: Path) -> None:
    assert read_configuration(PROJECT, tmp_path / "none").rows == ()


def test_rows_replace_those_of_their_key_and_the_others_are_added(tmp_path: Path) -> None:
    """Columns may stand in any order, behind any delimiter; notes and blank lines are no rows."""
    text = (
        "\ufeffis_paid; status;Status_Word;is_cancelled;is_refunded\n"
        "true;completed;given to the birds;false;false\n\n;;;;\nYES;paid;new;no;no\n"
    )
    folder = written(tmp_path, {"seeds/order_status_map.csv": text, "notes.md": "no rows"})
    found = read_configuration(PROJECT, folder)
    (row,) = found.rows
    assert (row.subject, row.is_whole, row.key_columns) == (
        "order_status_map",
        False,
        "status_word",
    )
    assert (row.replaced_rows, row.added_rows, row.removed_rows) == (1, 1, 0)
    assert found.seeds[0].rows == (
        # used_by may be empty, and so may be left out
        ("given to the birds", "completed", "true", "false", "false", None),
        ("new", "paid", "YES", "no", "no", None),
    )
    assert configuration_remarks(found) == [
        "config/seeds/order_status_map.csv: 1 row replaced, 1 row added"
    ]


def test_how_tables_are_delivered_is_named_too(tmp_path: Path) -> None:
    text = "shop/products: snapshot\nshop/order_items: changes\n"
    found = read_configuration(PROJECT, written(tmp_path, {"deliveries.yml": text}))
    assert [(row.subject, row.replaced_rows) for row in found.rows] == [("deliveries", 2)]
    assert configuration_remarks(found) == ["config/deliveries.yml: 2 tables declared"]


def test_a_seed_may_be_replaced_as_a_whole(tmp_path: Path) -> None:
    text = "value_tier,from_share_below,to_share_below\ntop,0.5,\nothers,0,0.5\n"
    found = read_configuration(PROJECT, written(tmp_path, {"seeds/value_tiers.replace.csv": text}))
    (row,) = found.rows
    assert (row.is_whole, row.replaced_rows, row.added_rows, row.removed_rows) == (True, 1, 1, 3)
    assert found.seeds[0].rows[0] == ("top", "0.5", None)


@pytest.mark.parametrize(
    ("file", "text", "sentence"),
    [
        ("seeds/order_statuses.csv", STATUSES, "there is no seed order_statuses"),
        ("order_status_map.csv", STATUSES, "config/order_status_map.csv is no file of the"),
        ("seeds/limits.yml", "", "config/seeds/limits.yml is no file of the configuration"),
        (
            "seeds/order_status_map.csv",
            "status_word,status,is_paid,is_refunded\n",
            "config/seeds/order_status_map.csv lacks the column is_cancelled",
        ),
        (
            "seeds/order_status_map.csv",
            STATUSES.replace("\n", ",meaning\n"),
            "has an unknown column meaning: the seed has the columns status_word, status,",
        ),
        ("seeds/order_status_map.csv", STATUSES.replace("status,", "status,status,", 1), "repeats"),
        (
            "seeds/order_status_map.csv",
            STATUSES + "a,paid,true,false,false\n\nb,paid,perhaps,false,false\n",
            "config/seeds/order_status_map.csv, line 4: 'perhaps' in column is_paid is no boolean.",
        ),
        (
            "seeds/order_status_map.csv",
            STATUSES + "a,paid,true,false\n",
            "line 2: expected 5 values, found 4.",
        ),
        (
            "seeds/order_status_map.csv",
            STATUSES + "a,paid,true,false,false\na,placed,false,false,false\n",
            "line 3: its status_word stands in line 2 already.",
        ),
        (
            "seeds/order_status_map.csv",
            STATUSES + '"a,paid,true,false,false\n',
            "line 2: unexpected end",
        ),
        (
            "seeds/survey_score_groups.csv",
            "score_group\n",
            "Give the whole seed as seeds/survey_score_groups.replace.csv.",
        ),
        ("expectations.yml", "staging: [", "config/expectations.yml: this is not readable YAML"),
        (
            "expectations.yml",
            "staging: {tables: {base_shop__orders: [{name: guest_share, at_most: 1}]}}",
            "staging: base_shop__orders: guest_share is unknown; did you mean guest_share_pct.",
        ),
        (
            "expectations.yml",
            "staging: {tables: {base_shop__order: []}}",
            "staging: base_shop__order is unknown; did you mean base_shop__orders.",
        ),
        ("expectations.yml", "mart: {}", "mart is unknown; did you mean marts."),
        (
            "expectations.yml",
            "staging: {tables: {base_shop__orders: [{name: guest_share_pct, at_least: 1}]}}",
            "guest_share_pct: at_least is unknown",
        ),
        (
            "expectations.yml",
            "marts: {tables: {fct_orders: [{name: paid_share_pct, at_least: none}]}}",
            "marts: fct_orders: paid_share_pct: at_least is 'none', and no number.",
        ),
        ("expectations.yml", "landing: {rules: {filed: {at_least_pct: 1}}}", "did you mean filled"),
    ],
)
def test_a_fault_is_one_sentence_that_names_the_place(
    tmp_path: Path, file: str, text: str, sentence: str
) -> None:
    assert sentence in refusal(written(tmp_path, {file: text}))


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    file = written(tmp_path, {"seeds/order_status_map.csv": STATUSES})
    with (file / "seeds/order_status_map.csv").open("ab") as end:
        end.write(b"annul\xe9e,cancelled,false,true\n")
    assert "order_status_map.csv, line 2: expected text in UTF-8" in refusal(tmp_path)


def test_no_message_shows_what_may_tell_who_a_person_is(tmp_path: Path) -> None:
    text = (
        "rule,system,native_customer_id,other_system,other_native_customer_id,reason,steward,"
        "decided_on\nnever,shop,4711,crm,4712,they say so,Ada,yesterday\n"
    )
    message = refusal(written(tmp_path, {"seeds/identity_rules.csv": text}))
    assert "line 2: 'yesterday' in column decided_on is no date." in message
    assert "4711" not in message


def measure(measures: tuple[Measure, ...], name: str) -> Measure:
    return next(one for one in measures if one.name == name)


def test_limits_say_only_what_differs() -> None:
    limits = """
        landing: {rules: {filled: {at_least_pct: 50, reason: Our till leaves much empty.}}}
        staging:
          every_table: [{name: rejected_share_pct, at_most: 15}]
          tables:
            base_shop__orders: [{name: guest_share_pct, at_most: 100}]
            base_pos__stores: [{name: rejected_share_pct, at_most: 60}]
        marts:
          tables: {fct_orders: [{name: paid_share_pct, at_least: 1, minimum_rows: 50}]}
          drift: {customer_segments: [{name: "share_of_{value}_change", at_least: -40}]}
    """
    shipped, own = read_thresholds(PROJECT), read_thresholds(PROJECT, limits, "limits")
    assert own.rules["filled"].at_least_pct == 50
    assert own.rules["filled"].reason == "Our till leaves much empty."
    assert own.rules["parsed"] == shipped.rules["parsed"]
    assert measure(own.staging.every_table, "rejected_share_pct").at_most == 15
    assert measure(own.staging.tables["base_shop__orders"], "guest_share_pct").at_most == 100
    assert measure(own.staging.tables["base_pos__stores"], "rejected_share_pct").at_most == 60
    paid = measure(own.marts.tables["fct_orders"], "paid_share_pct")
    assert (paid.at_least, paid.minimum_rows) == (1, 50)
    drift = own.marts.drift["customer_segments"]
    assert {one.at_least for one in drift} == {-40}
    assert "staging: base_shop__orders: guest_share_pct: at_most 100 instead of 90" in own.changes
    assert len(own.changes) == 6 + len(drift)
    assert shipped.changes == ()


def test_landing_keeps_the_configuration_and_sees_each_change(tmp_path: Path) -> None:
    """The folder is no system of the raw files; what is gone from it is gone from the landing."""
    limits = "staging: {tables: {base_shop__orders: [{name: guest_share_pct, at_most: 100}]}}"
    settings = settings_of(
        tmp_path,
        **{
            "seeds/match_settings.csv": "model_version,setting,value\nown,join_probability,0.99\n",
            "seeds/value_tiers.replace.csv": "value_tier,from_share_below,to_share_below\nall,0,\n",
            "expectations.yml": limits,
        },
    )
    result = land(settings)
    assert result.unknown == []
    landing = settings.warehouse / "landing"
    assert [(row.file, row.subject) for row in landed_files(landing)] == [
        ("expectations.yml", "expectations"),
        ("seeds/match_settings.csv", "match_settings"),
        ("seeds/value_tiers.replace.csv", "value_tiers"),
    ]
    assert landed_limits(landing) == limits
    seeds = load_seeds(PROJECT)
    own = {row["setting"]: row["value"] for row in rows_in_force(seeds["match_settings"], landing)}
    shipped = {row["setting"]: row["value"] for row in seeds["match_settings"].rows()}
    assert own == shipped | {"join_probability": "0.99"}
    assert [row["value_tier"] for row in rows_in_force(seeds["value_tiers"], landing)] == ["all"]
    assert rows_in_force(seeds["gender_words"], landing) == seeds["gender_words"].rows()

    (settings.config_folder / "expectations.yml").unlink()
    (settings.config_folder / "seeds/value_tiers.replace.csv").unlink()
    (settings.config_folder / "seeds/match_settings.csv").write_text(
        "model_version,setting,value\nown-1,join_probability,0.8\n", "utf-8"
    )
    assert land(settings).unchanged == ["shop/orders.csv"]
    assert landed_limits(landing) is None
    assert [row.subject for row in landed_files(landing)] == ["match_settings"]
    value = duckdb.sql(f"select value from '{landing}/config/match_settings.parquet'").fetchall()
    assert value == [("0.8",)]
    assert not (landing / "config" / "value_tiers.parquet").exists()


def test_landing_tells_of_empty_files_and_orders_without_amounts(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    written(settings.raw, {"shop/payments.csv": "payment_id,order_id,amount,paid_at\n"})
    remarks = landing_remarks(land(settings))
    assert "no rows: shop/payments.csv" in remarks
    without = (
        "no amounts in shop/orders (gross_amount, net_amount): they are those of its lines, or zero"
    )
    assert without in remarks
    written(settings.raw, {"shop/orders.csv": ORDERS.replace("at\n", "at,net_amount\n")})
    assert without not in landing_remarks(land(settings))


def test_a_fault_of_the_configuration_leaves_the_landing_as_it_was(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, **{"seeds/gender_words.csv": "gender_word,gender\nx,other\n"})
    land(settings)
    before = landed_files(settings.warehouse / "landing")
    written(settings.config_folder, {"seeds/gender_words.csv": "gender_word\nx\n"})
    with pytest.raises(PortraitError, match="lacks the column gender"):
        land(settings)
    assert landed_files(settings.warehouse / "landing") == before


def test_the_folder_may_lie_elsewhere(tmp_path: Path) -> None:
    folder = written(tmp_path / "ours", {"seeds/gender_words.csv": "gender_word,gender\nx,other\n"})
    environment = {"PORTRAIT_RAW": str(tmp_path / "raw"), "PORTRAIT_CONFIG": str(folder)}
    assert Settings.from_environment(environment).config_folder == folder
    assert Settings.from_environment({"PORTRAIT_RAW": "/data"}).config_folder == Path(
        "/data/config"
    )
    with pytest.raises(PortraitError, match="PORTRAIT_CONFIG is '/none': there is no such folder"):
        Settings.from_environment({"PORTRAIT_CONFIG": "/none"})


def test_a_failed_test_of_a_seed_names_the_companys_file() -> None:
    def failed(layer: str, subject: str) -> Outcome:
        return Outcome("test", "t", layer, subject, "error", "fail", 1, None, "Got 1 result")

    row = ConfigRow("seeds/age_bands.csv", "age_bands", "age_band", False, 1, 0, 0, "")
    named, other = with_company_files(
        [failed("reference", "age_bands"), failed("reference", "value_tiers")], [row]
    )
    assert named.message == (
        "Got 1 result\nThe company changes this seed in config/seeds/age_bands.csv."
    )
    assert other.message == "Got 1 result"
