-- How many buyers does each incentive surely move, and what share of the revenue do they bring?
with

buyers as (
    select *
    from marts.customer_portrait
    where paid_orders_count > 0
),

bands as (
    select
        'discount' as incentive,
        discount_sensitivity as band,
        monetary_amount
    from buyers

    union all

    select
        'coupon' as incentive,
        coupon_sensitivity as band,
        monetary_amount
    from buyers

    union all

    select
        'promotion' as incentive,
        promotion_sensitivity as band,
        monetary_amount
    from buyers

    union all

    select
        'free shipping' as incentive,
        shipping_sensitivity as band,
        monetary_amount
    from buyers

    union all

    select
        'low price' as incentive,
        price_sensitivity as band,
        monetary_amount
    from buyers
)

select
    incentive,
    count(*) filter (where band = 'high') as moved_count,
    count(*) filter (where band = 'low') as unmoved_count,
    round(
        100 * sum(case when band = 'high' then monetary_amount else 0 end) / sum(monetary_amount),
        1
    ) as revenue_of_moved_pct
from bands
group by incentive
order by moved_count desc, incentive asc
