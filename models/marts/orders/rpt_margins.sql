{% set amounts = [
    'gross', 'discount', 'cancelled', 'open', 'refunded', 'applied_return', 'realised', 'uncosted', 'goods',
    'shipping_fee', 'packaging_fee', 'commission_fee', 'payment_fee', 'other_fee', 'margin',
    'shipping_charged',
] %}
with

margins as (select * from {{ ref('int_order_margins') }}),

segments as (select * from {{ ref('customer_segments') }}),

-- An order of a guest has no segment.
placed as (
    select
        margins.*,
        cast(date_trunc('month', margins.ordered_date) as date) as month_start_date,
        coalesce(segments.rfm_segment, 'guest') as rfm_segment
    from margins
    left join segments
        on margins.customer_id = segments.customer_id
),

totals as (
    select
        month_start_date,
        system,
        rfm_segment,
        count(*) as orders_count,
        count(*) filter (where has_margin) as margin_orders_count,
        count(*) filter (where is_without_fee) as orders_without_fee_count,
        {% for amount in amounts %}
            coalesce(sum({{ amount }}_amount), 0) as {{ amount }}_amount
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from placed
    group by month_start_date, system, rfm_segment
),

final as (
    select
        -- keys
        month_start_date,
        system,
        rfm_segment,

        -- measures
        orders_count,
        margin_orders_count,
        orders_without_fee_count,
        {% for amount in amounts %}
            cast({{ amount }}_amount as decimal(38, 4)) as {{ amount }}_amount,
        {% endfor %}
        {{ divide('100 * margin_amount', 'realised_amount - uncosted_amount') }} as margin_pct
    from totals
)

select * from final
