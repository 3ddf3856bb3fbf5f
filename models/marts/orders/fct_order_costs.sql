with

fees as (select * from {{ ref('int_order_fees_valued') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

-- What the order itself says. The cost of the goods is known in the reporting currency only.
costs as (
    select
        cost_id,
        order_id,
        system,
        source_system,
        fee_type as cost_type,
        case when is_fee then 'fee' else 'nothing' end as counts_as,
        currency,
        amount,
        amount_local,
        fx_rate,
        charged_at,
        charged_date
    from fees

    {% for cost, amount in {'discount': 'discount', 'refund': 'refunded'}.items() %}
        union all

        select
            'order:' || order_id || ':{{ cost }}' as cost_id,
            order_id,
            system,
            cast(null as string) as source_system,
            '{{ cost }}' as cost_type,
            '{{ cost }}' as counts_as,
            currency,
            {{ amount }}_amount as amount,
            {{ amount }}_amount_local as amount_local,
            fx_rate,
            cast(null as timestamp) as charged_at,
            ordered_date as charged_date
        from orders
        where {{ amount }}_amount_local <> 0

    {% endfor %}
    union all

    select
        'order:' || order_id || ':goods' as cost_id,
        order_id,
        system,
        cast(null as string) as source_system,
        'goods' as cost_type,
        'goods' as counts_as,
        '{{ setting("currency") }}' as currency,
        cast(cost_amount as decimal(38, 4)) as amount,
        cast(cost_amount as decimal(38, 4)) as amount_local,
        cast(1 as decimal(18, 8)) as fx_rate,
        cast(null as timestamp) as charged_at,
        ordered_date as charged_date
    from orders
    where cost_amount <> 0
),

final as (
    select
        -- keys
        cost_id,
        order_id,
        system,
        source_system,

        -- attributes
        cost_type,
        counts_as,
        currency,

        -- measures
        amount,
        amount_local,
        fx_rate,

        -- dates and timestamps
        charged_at,
        charged_date
    from costs
)

select * from final
