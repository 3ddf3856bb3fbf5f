with

deliveries as (select * from {{ ref('int_orders_seen') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

lines as (select * from {{ ref('int_order_lines_classified') }}),

line_amounts as (select * from {{ ref('int_order_lines_valued') }}),

unknown_rows as (
    select
        system,
        {{ staged_table('orders', 'system') }} as table_name,
        'status' as column_name,
        status_word as written_as,
        'order_status_map' as seed_name,
        abs(net_amount) as amount,
        case when open_reason = 'unknown_order_status' then open_amount else 0 end
            as undecided_amount
    from orders
    where status = 'unmapped'

    union all

    select
        deliveries.system,
        {{ staged_table('orders', 'deliveries.system') }} as table_name,
        'order_type' as column_name,
        deliveries.order_type_word as written_as,
        'order_type_words' as seed_name,
        abs(orders.net_amount) as amount,
        case
            when orders.order_type <> 'unmapped' or orders.is_cancelled then 0
            else abs(orders.net_amount)
        end as undecided_amount
    from deliveries
    inner join orders
        on deliveries.order_key = orders.order_key
    where
        deliveries.order_type = 'unmapped'
        and deliveries.order_type_word is not null

    union all

    select
        system,
        {{ staged_table('payments', 'system') }} as table_name,
        'payment_type' as column_name,
        payment_type_word as written_as,
        'payment_type_words' as seed_name,
        amount,
        amount as undecided_amount
    from payments
    where
        payment_type = 'unmapped'
        and payment_type_word is not null

    union all

    -- Whether a payment moved decides nothing more where another one has paid the order.
    select
        payments.system,
        {{ staged_table('payments', 'payments.system') }} as table_name,
        'status' as column_name,
        payments.status_word as written_as,
        'payment_status_map' as seed_name,
        payments.amount,
        case
            when payments.payment_type = 'payment' and orders.is_paid then 0
            else payments.amount
        end as undecided_amount
    from payments
    left join orders
        on payments.order_key = orders.order_key
    where
        payments.is_status_unmapped
        and payments.status_word is not null

    union all

    -- A line of an unknown type counts as goods, as most lines are.
    select
        lines.system,
        {{ staged_table('order_lines', 'lines.system') }} as table_name,
        'line_type' as column_name,
        lines.unknown_type_word as written_as,
        'line_kind_words' as seed_name,
        abs({{ in_reporting_currency('line_amounts.net_amount_local', 'line_amounts.fx_rate') }})
            as amount,
        0 as undecided_amount
    from lines
    inner join deliveries
        on
            lines.system = deliveries.system
            and lines.native_order_id = deliveries.native_order_id
    inner join line_amounts
        on
            deliveries.order_key = line_amounts.order_key
            and lines.line_number = line_amounts.line_number
    where lines.unknown_type_word is not null
),

final as (
    select
        -- keys
        system,
        table_name,
        column_name,
        {{ status_word('written_as') }} as word,

        -- attributes
        min(written_as) as written_as,
        min(seed_name) as seed_name,

        -- measures
        count(*) as rows_count,
        cast(coalesce(sum(amount), 0) as decimal(38, 4)) as amount,
        cast(coalesce(sum(undecided_amount), 0) as decimal(38, 4)) as undecided_amount
    from unknown_rows
    group by system, table_name, column_name, {{ status_word('written_as') }}
)

select * from final
