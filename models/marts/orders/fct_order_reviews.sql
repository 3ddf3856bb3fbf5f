with

measures as (select * from {{ ref('int_order_measures') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

reasons as (select * from {{ ref('fct_order_review_reasons') }}),

reason_totals as (
    select
        order_id,
        count(*) as reasons_count,
        {% for rank in [1, 2, 3] %}
            max(case when reason_rank = {{ rank }} then reason_code end) as reason_{{ rank }}_code,
            max(case when reason_rank = {{ rank }} then evidence end) as reason_{{ rank }}_evidence
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from reasons
    group by order_id
),

final as (
    select
        -- keys
        orders.order_id,
        measures.customer_id,
        measures.system,

        -- attributes
        orders.order_type,
        case when reason_totals.order_id is null then 'approved' else 'to_look_at' end
            as review_status,
        {% for rank in [1, 2, 3] %}
            reason_totals.reason_{{ rank }}_code,
            reason_totals.reason_{{ rank }}_evidence,
        {% endfor %}

        -- measures
        coalesce(reason_totals.reasons_count, 0) as reasons_count,
        measures.amount_times_usual,
        measures.quantity_times_usual,
        measures.until_paid_seconds,
        measures.until_shipped_seconds,

        -- flags
        measures.has_history,

        -- dates and timestamps
        measures.ordered_date
    from measures
    inner join orders
        on measures.order_key = orders.order_key
    left join reason_totals
        on orders.order_id = reason_totals.order_id
)

select * from final
