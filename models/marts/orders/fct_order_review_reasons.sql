with

measures as (select * from {{ ref('int_order_measures') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

risk as (select * from {{ ref('customer_risk') }}),

rules as (select * from {{ ref('order_review_rules') }}),

measured as (
    {% for code, column, noun in [
        ('amount_unusual', 'amount_times_usual', 'amount'),
        ('quantity_unusual', 'quantity_times_usual', 'number of items'),
    ] %}
        select
            order_key,
            '{{ code }}' as reason_code,
            {{ column }} as measure,
            not has_history as is_of_channel,
            '{{ noun }} is ' || cast({{ column }} as string) || ' times the usual of the '
            || case when has_history then 'customer' else 'channel' end as evidence
        from measures

        union all

    {% endfor %}
    select
        order_key,
        'address_unusual' as reason_code,
        other_address_orders_count as measure,
        false as is_of_channel,
        'only one of ' || cast(other_address_orders_count as string)
        || ' orders of the customer to its address' as evidence
    from measures

    union all

    select
        measures.order_key,
        'account_risk' as reason_code,
        risk.risk_score as measure,
        false as is_of_channel,
        'risk of the customer is ' || cast(risk.risk_score as string) || ' of 100 points'
            as evidence
    from measures
    inner join risk
        on measures.customer_id = risk.customer_id

    union all

    select
        order_key,
        'payment_short' as reason_code,
        unpaid_pct as measure,
        false as is_of_channel,
        cast(unpaid_pct as string) || ' percent of the total are not paid' as evidence
    from measures

    union all

    select
        order_key,
        'payment_method_other' as reason_code,
        1 as measure,
        false as is_of_channel,
        'paid in another way than was chosen' as evidence
    from measures
    where is_paid_otherwise

    {% for code, column, verb in [
        ('payment_slow', 'until_paid_seconds', 'paid'),
        ('shipping_slow', 'until_shipped_seconds', 'shipped'),
    ] %}
        union all

        select
            order_key,
            '{{ code }}' as reason_code,
            {{ divide(column, '3600') }} as measure,
            false as is_of_channel,
            '{{ verb }} after '
            || cast(cast(floor({{ divide(column, '3600') }}) as bigint) as string)
            || ' hours' as evidence
        from measures

    {% endfor %}
),

-- The usual order of a channel knows the customer less, so it asks for more.
limited as (
    select
        measured.*,
        rules.theme,
        case when measured.is_of_channel then rules.channel_threshold else rules.threshold end
            as threshold
    from measured
    inner join rules
        on measured.reason_code = rules.reason_code
),

ranked as (
    select
        *,
        row_number() over (
            partition by order_key
            order by
                {{ divide('measure', 'threshold') }} desc nulls last,
                reason_code asc nulls last
        ) as reason_rank
    from limited
    where measure >= threshold
),

final as (
    select
        -- keys
        orders.order_id,
        ranked.reason_code,

        -- attributes
        ranked.theme,
        ranked.evidence,

        -- measures
        cast(ranked.reason_rank as bigint) as reason_rank,
        cast(floor(ranked.measure) as bigint) as measure
    from ranked
    inner join orders
        on ranked.order_key = orders.order_key
)

select * from final
