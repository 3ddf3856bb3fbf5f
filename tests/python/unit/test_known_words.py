"""The words that systems publish have a meaning in the seeds, and the limit for unknown ones holds.

The lists are those of the systems' own documentation: the states of orders and payments, and the
types of documents and transactions.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from recompute_customers import word_key

from portrait.build.words import accept, find_words, refusal
from portrait.errors import PortraitError
from portrait.settings import Settings
from portrait.state.store import StateStore

OPEN, SOLD, CANCELLED, BACK, PART_BACK = "open", "sold", "cancelled", "back", "part back"
# System -> meaning -> what it writes as the status of an order.
ORDER_STATUSES = {
    "Shopify": {
        OPEN: "PENDING AUTHORIZED PARTIALLY_PAID UNFULFILLED ON_HOLD SCHEDULED OPEN",
        SOLD: "PAID FULFILLED IN_PROGRESS PENDING_FULFILLMENT PARTIALLY_FULFILLED partial shipped",
        CANCELLED: "VOIDED EXPIRED REQUEST_DECLINED",
        BACK: "REFUNDED RESTOCKED",
        PART_BACK: "PARTIALLY_REFUNDED",
    },
    "WooCommerce": {
        OPEN: "wc-pending wc-on-hold pending on-hold new",
        SOLD: "wc-processing wc-completed processing completed",
        CANCELLED: "wc-cancelled wc-failed wc-checkout-draft checkout-draft auto-draft draft trash",
        BACK: "wc-refunded refunded",
    },
    "Magento": {
        OPEN: "pending pending_payment pending_paypal payment_review holded",
        SOLD: "processing complete paypal_canceled_reversal",
        CANCELLED: "canceled fraud",
        BACK: "paypal_reversed",
    },
    "Shopware": {
        OPEN: "open paid_partially authorized reminded unconfirmed",
        SOLD: "in_progress completed paid shipped shipped_partially",
        CANCELLED: "cancelled failed",
        BACK: "returned refunded chargeback",
        PART_BACK: "returned_partially refunded_partially",
    },
    "Amazon": {
        OPEN: "Pending Unshipped PendingAvailability InvoiceUnconfirmed",
        SOLD: "Shipped PartiallyShipped|Shipped - Delivered to Buyer",
        CANCELLED: "Canceled Unfulfillable|Shipped - Lost in Transit",
        BACK: "|Shipped - Returned to Seller|Shipped - Rejected by Buyer",
    },
    "eBay": {
        OPEN: "Active CancelPending NOT_STARTED Incomplete PENDING",
        SOLD: "Completed InProcess IN_PROGRESS FULFILLED PAID",
        CANCELLED: "Cancelled Inactive FAILED",
        BACK: "FULLY_REFUNDED",
        PART_BACK: "PARTIALLY_REFUNDED",
    },
    "Mercado Libre": {
        OPEN: "payment_required payment_in_process partially_paid pending_cancel",
        SOLD: "confirmed paid ready_to_ship shipped delivered",
        CANCELLED: "cancelled invalid not_delivered",
        BACK: "refunded charged_back",
        PART_BACK: "partially_refunded in_mediation",
    },
    "Olist": {
        OPEN: "created",
        SOLD: "approved invoiced processing shipped delivered",
        CANCELLED: "canceled unavailable",
    },
    "Taobao": {
        OPEN: "TRADE_NO_CREATE_PAY WAIT_BUYER_PAY PAY_PENDING WAIT_PRE_AUTH_CONFIRM",
        SOLD: "WAIT_SELLER_SEND_GOODS SELLER_CONSIGNED_PART WAIT_BUYER_CONFIRM_GOODS"
        " TRADE_BUYER_SIGNED TRADE_FINISHED",
        CANCELLED: "TRADE_CLOSED_BY_TAOBAO",
        BACK: "TRADE_CLOSED",
    },
    "JD": {
        OPEN: "LOCKED PAUSE",
        SOLD: "WAIT_SELLER_STOCK_OUT SEND_TO_DISTRIBUTION_CENER DISTRIBUTION_CENTER_RECEIVED"
        " WAIT_GOODS_RECEIVE_CONFIRM RECEIPTS_CONFIRM WAIT_SELLER_DELIVERY FINISHED_L",
        CANCELLED: "TRADE_CANCELED",
    },
    "Square": {
        OPEN: "OPEN PENDING PROPOSED RESERVED",
        SOLD: "COMPLETED PREPARED",
        CANCELLED: "CANCELED DRAFT FAILED",
    },
    "Stripe": {
        OPEN: "requires_payment_method requires_confirmation requires_action requires_capture",
        SOLD: "processing succeeded",
        CANCELLED: "canceled",
    },
    "PayPal": {
        OPEN: "CREATED SAVED PAYER_ACTION_REQUIRED PENDING_APPROVAL",
        SOLD: "APPROVED COMPLETED",
        CANCELLED: "VOIDED Denied",
        BACK: "Refunded Reversed",
    },
    "en": {
        OPEN: "unpaid placed|awaiting payment",
        SOLD: "paid dispatched|in transit",
        CANCELLED: "cancel rejected declined deleted|Canceled by customer",
    },
    "zh": {
        OPEN: "待付款 未付款 待支付",
        SOLD: "已付款 待发货 已发货 已签收 已完成 交易成功",
        CANCELLED: "已取消 已关闭 交易关闭 支付失败",
        BACK: "已退款 已退货 拒收",
        PART_BACK: "部分退款",
    },
    "zh-Hant": {
        OPEN: "等待買家付款 未出貨",
        SOLD: "待出貨 已發貨 已簽收 處理中",
        CANCELLED: "交易關閉 已關閉 訂單取消 付款失敗",
        BACK: "已退貨",
        PART_BACK: "部分退貨",
    },
    "de": {
        OPEN: "offen ausstehend teilbezahlt|Zahlung ausstehend|in Wartestellung",
        SOLD: "bezahlt versendet geliefert abgeschlossen|in Bearbeitung",
        CANCELLED: "storniert Stornert abgebrochen fehlgeschlagen abgelehnt Entwurf Papierkorb",
        BACK: "erstattet Rückerstattet retourniert",
        PART_BACK: "teilerstattet|teilweise erstattet",
    },
    "fr": {
        OPEN: "|en attente de paiement|non payée",
        SOLD: "payée expédiée livrée terminée|en préparation",
        CANCELLED: "annulée annulé refusée expirée brouillon|paiement échoué",
        BACK: "remboursée retournée",
        PART_BACK: "|partiellement remboursée",
    },
    "es": {
        OPEN: "pendiente|pendiente de pago|parcialmente pagado",
        SOLD: "pagado enviado entregado completado|en tránsito",
        CANCELLED: "cancelado anulada rechazado fallido caducado",
        BACK: "reembolsado devuelto",
        PART_BACK: "|parcialmente reembolsado",
    },
    "pt": {
        OPEN: "pendente|aguardando pagamento|Aguardando Pagamento|parcialmente pago",
        SOLD: "pago faturado enviado entregue concluído|em separação",
        CANCELLED: "cancelado recusado indisponível|não aprovado",
        BACK: "reembolsado estornado devolvido",
        PART_BACK: "|parcialmente reembolsado",
    },
    "it": {
        OPEN: "|in attesa di pagamento|parzialmente pagato",
        SOLD: "pagato spedito consegnato evaso|in lavorazione",
        CANCELLED: "annullato rifiutato scaduto bozza",
        BACK: "rimborsato reso",
        PART_BACK: "|parzialmente rimborsato",
    },
    "nl": {
        OPEN: "onbetaald|in afwachting van betaling|gedeeltelijk betaald",
        SOLD: "betaald verzonden geleverd voltooid|in behandeling",
        CANCELLED: "geannuleerd mislukt geweigerd verlopen",
        BACK: "terugbetaald geretourneerd",
        PART_BACK: "|gedeeltelijk terugbetaald",
    },
    "pl": {
        OPEN: "nieopłacone|oczekuje na płatność|częściowo opłacone",
        SOLD: "opłacone wysłane dostarczone zrealizowane|w realizacji",
        CANCELLED: "anulowane odrzucone nieudane wygasłe",
        BACK: "zwrócone",
        PART_BACK: "|częściowo zwrócone",
    },
    "ja": {
        OPEN: "未払い 入金待ち 一部入金",
        SOLD: "支払済み 発送済み 配達完了 完了",
        CANCELLED: "キャンセル 取消 決済失敗 期限切れ",
        BACK: "返品済み 返金済み",
        PART_BACK: "一部返金",
    },
}
MOVED, WAITS, FAILED = "moved", "waits", "failed"
PAYMENT_STATES = {
    "Shopify": {MOVED: "SUCCESS", WAITS: "PENDING AWAITING_RESPONSE", FAILED: "FAILURE ERROR"},
    "Shopware": {
        MOVED: "paid refunded_partially",
        WAITS: "open in_progress authorized reminded unconfirmed paid_partially",
        FAILED: "cancelled failed",
        BACK: "refunded chargeback",
    },
    "PayPal": {
        MOVED: "Completed Processed Canceled-Reversal Partially-Refunded Cleared",
        WAITS: "Pending In-Progress Created Uncleared",
        FAILED: "Denied Expired Failed Voided",
        BACK: "Refunded Reversed",
    },
    "Stripe": {
        MOVED: "succeeded",
        WAITS: "requires_payment_method requires_confirmation requires_action requires_capture"
        " processing pending",
        FAILED: "canceled failed",
    },
    "Square": {MOVED: "COMPLETED APPROVED", WAITS: "PENDING", FAILED: "CANCELED FAILED REJECTED"},
    "Mercado Libre": {
        MOVED: "approved in_mediation",
        WAITS: "pending authorized in_process",
        FAILED: "rejected cancelled",
        BACK: "refunded charged_back",
    },
    "eBay": {
        MOVED: "PAID PARTIALLY_REFUNDED",
        WAITS: "PENDING",
        FAILED: "FAILED",
        BACK: "FULLY_REFUNDED",
    },
    "Taobao": {
        MOVED: "TRADE_SUCCESS TRADE_FINISHED",
        WAITS: "WAIT_BUYER_PAY TRADE_PENDING",
        FAILED: "TRADE_CLOSED",
    },
    "languages": {
        MOVED: "bezahlt payé pagado aprovado pagato betaald opłacone 支払済み 已支付 付款成功",
        WAITS: "ausstehend pendiente pendente 待支付 処理中|en attente|in attesa|in afwachting",
        FAILED: "fehlgeschlagen échoué rechazado recusado rifiutato mislukt nieudane"
        " 決済失敗 支付失败",
        BACK: "erstattet remboursé reembolsado estornado rimborsato terugbetaald zwrócone"
        " 返金済み 已退款",
    },
}
ORDER_TYPES = {
    "sale": "sale Order StandardOrder Preorder shop_order invoice fixed 订单 訂單"
    " Bestellung commande pedido venda ordine bestelling zamówienie 注文",
    "service": "service services Dienstleistung serviço servizio usługa 服务|service order",
    "return": "return refund credit_note creditmemo shop_order_refund RMA 退货 退款 退貨 Retoure"
    " Gutschrift retour avoir devolución devolução reso creditnota zwrot 返品",
}
PAYMENT_TYPES = {
    (
        "payment",
        "true",
    ): "payment sale SALE capture charge CHARGE payment_intent 付款 Zahlung paiement"
    " pago pagamento betaling płatność 入金 refund_failure|chargeback reversal",
    ("payment", "false"): "authorization AUTHORIZATION void EMV_AUTHORIZATION Autorisierung 预授权",
    ("refund", "true"): "refund Refund chargeback CHARGEBACK partial_refund payment_refund dispute"
    " reversal 退款 Erstattung remboursement reembolso estorno rimborso terugbetaling zwrot 返金",
    ("other", "true"): "fee payout stripe_fee transfer adjustment commission 手续费 Gebühr taxa",
}


def words_of(text: str) -> list[str]:
    """Return the words of a list: parts between bars; the first part one word between blanks."""
    first, *others = text.split("|")
    return [*first.split(), *others]


def seed(project_dir: Path, name: str) -> dict[str, dict[str, str]]:
    """Return the rows of a seed by its first column."""
    path = project_dir / "seeds" / "staging" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return {next(iter(row.values())): row for row in csv.DictReader(stream)}


def order_meaning(row: dict[str, str] | None) -> str:
    """Return what a row of order_status_map says of the money."""
    if row is None:
        return "unknown"
    if row["is_cancelled"] == "true":
        return CANCELLED
    if row["is_refunded"] == "true":
        return BACK
    if row["status"] == "returned":
        return PART_BACK
    return SOLD if row["is_paid"] == "true" else OPEN


def payment_meaning(row: dict[str, str] | None) -> str:
    """Return what a row of payment_status_map says of the money."""
    if row is None:
        return "unknown"
    if row["is_refunded"] == "true":
        return BACK
    return {"succeeded": MOVED, "pending": WAITS, "failed": FAILED}[row["status"]]


@pytest.mark.parametrize("system", ORDER_STATUSES)
def test_each_published_order_status_has_its_meaning(project_dir: Path, system: str) -> None:
    rows = seed(project_dir, "order_status_map")
    wrong = {
        word: order_meaning(rows.get(word_key(word)))
        for meaning, text in ORDER_STATUSES[system].items()
        for word in words_of(text)
        if order_meaning(rows.get(word_key(word))) != meaning
    }
    assert wrong == {}


@pytest.mark.parametrize("system", PAYMENT_STATES)
def test_each_published_payment_state_has_its_meaning(project_dir: Path, system: str) -> None:
    rows = seed(project_dir, "payment_status_map")
    wrong = {
        word: payment_meaning(rows.get(word_key(word)))
        for meaning, text in PAYMENT_STATES[system].items()
        for word in words_of(text)
        if payment_meaning(rows.get(word_key(word))) != meaning
    }
    assert wrong == {}


def test_each_published_type_has_its_meaning(project_dir: Path) -> None:
    orders, payments = (seed(project_dir, f"{name}_type_words") for name in ("order", "payment"))
    wrong = [
        word
        for meaning, text in ORDER_TYPES.items()
        for word in words_of(text)
        if orders.get(word_key(word), {}).get("order_type") != meaning
    ] + [
        word
        for (meaning, moves), text in PAYMENT_TYPES.items()
        for word in words_of(text)
        if (payments.get(word_key(word), {}).get("payment_type") != meaning)
        or payments[word_key(word)]["is_money_moved"] != moves
    ]
    assert wrong == []


@pytest.mark.parametrize("word", ["credit", "debit"])
def test_words_with_two_opposite_meanings_are_left_out(project_dir: Path, word: str) -> None:
    row = seed(project_dir, "payment_type_words").get(word)
    assert row is None or "en" not in row["used_by"].split("; ")


# ---------------------------------------------------------------------------------------------
# The limit
# ---------------------------------------------------------------------------------------------

WORD_COLUMNS = (
    "system varchar, table_name varchar, column_name varchar, word varchar, written_as varchar,"
    " seed_name varchar, rows_count bigint, amount decimal(18, 4), undecided_amount decimal(18, 4)"
)


def built_file(folder: Path, orders: list[tuple], words: list[tuple]) -> Path:
    """Return a file of marts: orders of a type with an amount, and unknown words."""
    path = folder / "portrait.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts; create schema quality")
        connection.execute(
            "create table marts.fct_orders (order_type varchar, net_amount decimal(18, 4))"
        )
        connection.execute(f"create table quality.unknown_words ({WORD_COLUMNS})")
        connection.executemany("insert into marts.fct_orders values (?, ?)", orders)
        for row in words:
            connection.execute(
                "insert into quality.unknown_words values ('shop', ?, ?, ?, ?, ?, ?, ?, ?)", row
            )
    return path


ODD = ("orders", "status", "odd", "Odd", "order_status_map", 2, 30, 10)


@pytest.mark.parametrize(
    ("orders", "words", "share"),
    [
        ([("sale", 1000), ("return", -500)], [ODD], 1),
        ([("sale", 1000)], [], 0),
        # Without amounts the documents are counted, and payments are none.
        (
            [("sale", 0)] * 8,
            [(*ODD[:6], 0, 0), ("payments", "status", "odd", "odd", "payment_status_map", 5, 0, 0)],
            25,
        ),
        ([("sale", 0)], [("payments", "status", "odd", "odd", "payment_status_map", 1, 9, 9)], 100),
    ],
)
def test_the_share_is_of_the_undecided_money(
    tmp_path: Path, orders: list[tuple], words: list[tuple], share: int
) -> None:
    found = find_words(built_file(tmp_path, orders, words), StateStore(tmp_path / "state"))
    assert found.share_pct == Decimal(share)
    assert len(found.words) == len(words)


def test_accepted_words_are_not_asked_for_again(tmp_path: Path) -> None:
    new = ("orders", "order_type", "odd", "odd", "order_type_words", 1, 20, 20)
    file = built_file(tmp_path, [("sale", 1000)], [ODD, new])
    state = StateStore(tmp_path / "state")
    found = find_words(file, state)
    accept(state, "first", [word for word in found.words if word.column_name == "status"])
    # The same word in another column is another word.
    again = find_words(file, state)
    assert again.share_pct == 2
    assert [word.seed_name for word in again.not_accepted] == ["order_type_words"]
    assert len(again.words) == 2
    message, lines = refusal(again, 1)
    assert "2.00 % of the net amount (20.00 of 1,000.00), and the limit is 1 %" in message
    assert lines[0] == (
        "shop/orders, order_type 'odd': 1 row, 20.00, of it undecided 20.00; "
        "map 'odd' in order_type_words"
    )


def test_a_file_without_the_table_has_no_unknown_words(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "portrait.duckdb")):
        pass
    found = find_words(tmp_path / "portrait.duckdb", StateStore(tmp_path / "state"))
    assert (found.words, found.share_pct) == ((), 0)


@pytest.mark.parametrize(("text", "limit"), [("", 1), ("0", 0), ("2.5", 2.5), ("100", 100)])
def test_the_limit_is_a_setting(text: str, limit: float) -> None:
    settings = Settings.from_environment({"PORTRAIT_UNKNOWN_WORDS_MAX_PCT": text})
    assert settings.unknown_words_max_pct == limit


@pytest.mark.parametrize("text", ["1%", "-1", "101", "one", "nan"])
def test_a_limit_that_is_no_percentage_is_refused(text: str) -> None:
    with pytest.raises(PortraitError, match="expected a percentage from 0 to 100"):
        Settings.from_environment({"PORTRAIT_UNKNOWN_WORDS_MAX_PCT": text})


@pytest.mark.parametrize(
    "seed", ["campaign_channel_words", "contact_channel_words", "referrer_words"]
)
def test_a_name_with_a_capital_inside_is_found_as_its_owner_writes_it(
    seed: str, project_dir: Path
) -> None:
    # A word is looked up in small letters, with a blank before a capital inside it.
    owners = ("WhatsApp", "TikTok", "YouTube", "LinkedIn", "WeChat", "WeCom", "DuckDuckGo")
    path = project_dir / "seeds" / "staging" / f"{seed}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        meanings = {row[0]: row[1] for row in list(csv.reader(file))[1:]}
    known = [name for name in owners if name.lower() in meanings]
    assert known
    for name in known:
        assert meanings.get(word_key(name)) == meanings[name.lower()], name
