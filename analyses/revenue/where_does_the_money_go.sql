-- What becomes of the gross amount of a channel: discounts, refunds, goods, fees, and the margin?
select
    system,
    sum(gross_amount) as gross_amount,
    sum(discount_amount) as discount_amount,
    sum(refunded_amount) as refunded_amount,
    sum(goods_amount) as goods_amount,
    sum(
        shipping_fee_amount + packaging_fee_amount + commission_fee_amount + payment_fee_amount
        + other_fee_amount
    ) as fee_amount,
    sum(margin_amount) as margin_amount,
    round(
        100 * sum(margin_amount) / nullif(sum(realised_amount - uncosted_amount), 0), 1
    ) as margin_pct,
    sum(shipping_charged_amount) as shipping_charged_amount,
    sum(orders_without_fee_count) as orders_without_fee_count
from marts.rpt_margins
group by system
order by margin_amount desc, system asc
