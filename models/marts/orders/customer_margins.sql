{% set amounts = [
    'gross', 'discount', 'cancelled', 'open', 'refunded', 'applied_return', 'realised', 'uncosted', 'goods',
    'shipping_fee', 'packaging_fee', 'commission_fee', 'payment_fee', 'other_fee', 'margin',
    'shipping_charged',
] %}
with

margins as (select * from {{ ref('int_order_margins') }}),

totals as (
    select
        customer_id,
        count(*) as orders_count,
        count(*) filter (where has_margin) as margin_orders_count,
        count(*) filter (where is_without_fee) as orders_without_fee_count,
        {% for amount in amounts %}
            coalesce(sum({{ amount }}_amount), 0) as {{ amount }}_amount,
        {% endfor %}
        max(ordered_date) as last_ordered_date
    from margins
    where customer_id is not null
    group by customer_id
),

final as (
    select
        -- keys
        customer_id,

        -- measures
        orders_count,
        margin_orders_count,
        orders_without_fee_count,
        {% for amount in amounts %}
            cast({{ amount }}_amount as decimal(38, 4)) as {{ amount }}_amount,
        {% endfor %}
        {{ divide('100 * margin_amount', 'realised_amount - uncosted_amount') }} as margin_pct,

        -- dates and timestamps
        last_ordered_date
    from totals
)

select * from final
