{% set named_fees = ['shipping', 'packaging', 'commission', 'payment'] %}
with

orders as (select * from {{ ref('int_orders_valued') }}),

fees as (select * from {{ ref('int_order_fees_valued') }}),

records as (select * from {{ ref('int_records_clustered') }}),

fee_totals as (
    select
        order_key,
        {% for fee in named_fees %}
            sum(case when fee_type = '{{ fee }}' then amount else 0 end) as {{ fee }}_fee_amount,
        {% endfor %}
        sum(
            case
                when
                    fee_type not in (
                        {% for fee in named_fees %}
                            '{{ fee }}'{% if not loop.last %},{% endif %}
                        {% endfor %}
                    )
                    then amount
                else 0
            end
        ) as other_fee_amount
    from fees
    where is_fee
    group by order_key
),

judged as (
    select
        orders.*,
        records.customer_id,
        coalesce(
            orders.realised_amount - orders.cost_amount - orders.fee_amount is not null, false
        ) as has_margin
    from orders
    left join records
        on orders.record_key = records.record_key
),

-- The costs of an order whose margin is not known explain none.
final as (
    select
        -- keys
        judged.order_key,
        judged.customer_id,
        judged.system,

        -- measures
        judged.gross_amount,
        judged.discount_amount,
        judged.cancelled_amount,
        judged.open_amount,
        judged.refunded_amount,
        judged.applied_return_amount,
        judged.realised_amount,
        cast(
            case when judged.has_margin then 0 else coalesce(judged.realised_amount, 0) end
            as decimal(38, 4)
        ) as uncosted_amount,
        cast(case when judged.has_margin then judged.cost_amount else 0 end as decimal(38, 4))
            as goods_amount,
        {% for fee in named_fees + ['other'] %}
            cast(
                case
                    when judged.has_margin then coalesce(fee_totals.{{ fee }}_fee_amount, 0) else 0
                end as decimal(38, 4)
            ) as {{ fee }}_fee_amount,
        {% endfor %}
        cast(
            judged.realised_amount - judged.cost_amount - judged.fee_amount as decimal(38, 4)
        ) as margin_amount,
        -- Beside the margin: how much of it is tax or went back is not always told.
        cast(
            case when judged.is_paid then coalesce(judged.shipping_amount, 0) else 0 end
            as decimal(38, 4)
        ) as shipping_charged_amount,

        -- flags
        judged.has_margin,
        judged.is_paid and judged.has_margin and fee_totals.order_key is null as is_without_fee,

        -- dates and timestamps
        judged.ordered_date
    from judged
    left join fee_totals
        on judged.order_key = fee_totals.order_key
)

select * from final
