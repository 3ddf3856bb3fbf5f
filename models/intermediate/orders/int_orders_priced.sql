with

orders as (select * from {{ ref('int_orders_seen') }}),

order_lines as (select * from {{ ref('int_order_lines_signed') }}),

fx_rates as (select * from {{ ref('int_fx_rates_daily') }}),

-- The lines that are goods, and the lines of each kind of charge.
line_totals as (
    select
        order_key,
        count(*) as lines_count,
        sum(case when line_type = 'charge' then 0 else gross_amount_local end)
            as gross_amount_local,
        sum(case when line_type = 'charge' then 0 else discount_amount_local end)
            as discount_amount_local,
        sum(case when line_type = 'charge' then 0 else net_amount_local end) as net_amount_local,
        sum(case when line_type = 'charge' then gross_amount_local else 0 end)
            as charge_gross_amount_local,
        sum(case when line_type = 'charge' then net_amount_local else 0 end)
            as charge_net_amount_local,
        {% for charge, kinds in charge_kinds().items() %}
            sum(net_amount_local) filter (where line_type = 'charge' and charge_kind in {{ kinds }})
                as {{ charge }}_amount_local,
        {% endfor %}
        sum(case when line_type = 'sale' and charge_kind is null then quantity else 0 end)
            as items_count,
        coalesce(-sum(gross_amount_local) filter (where line_type = 'return'), 0)
            as return_gross_amount_local,
        coalesce(-sum(net_amount_local) filter (where line_type = 'return'), 0)
            as return_net_amount_local,
        count(*) filter (where line_type <> 'charge') as goods_lines_count,
        count(*) filter (where line_type = 'sale') as sale_lines_count,
        count(*) filter (where quantity < 0) as lines_back_count
    from order_lines
    group by order_key
),

-- A document takes back if all its goods come back, or, without goods, all that it charges.
typed as (
    select
        orders.order_key,
        orders.header_gross_amount_local,
        orders.header_discount_amount_local,
        orders.header_net_amount_local,
        orders.header_shipping_amount_local,
        orders.header_tax_amount_local,
        orders.header_tip_amount_local,
        orders.prices_include_tax,
        line_totals.lines_count,
        line_totals.gross_amount_local as line_gross_amount_local,
        line_totals.discount_amount_local as line_discount_amount_local,
        line_totals.net_amount_local as line_net_amount_local,
        coalesce(line_totals.charge_gross_amount_local, 0) as charge_gross_amount_local,
        coalesce(line_totals.charge_net_amount_local, 0) as charge_net_amount_local,
        {% for charge in charge_kinds() %}
            line_totals.{{ charge }}_amount_local as line_{{ charge }}_amount_local,
        {% endfor %}
        case
            when orders.order_type = 'return' then 'return'
            when line_totals.goods_lines_count > 0 and line_totals.sale_lines_count = 0
                then 'return'
            when
                line_totals.goods_lines_count = 0
                and line_totals.lines_back_count = line_totals.lines_count
                then 'return'
            when
                line_totals.lines_count is null
                and coalesce(orders.header_net_amount_local, orders.header_gross_amount_local) < 0
                then 'return'
            when orders.order_type in ('sale', 'service') then orders.order_type
            else 'unmapped'
        end as order_type
    from orders
    left join line_totals
        on orders.order_key = line_totals.order_key
),

-- A return document has a negative amount, even where its header is written as positive; its
-- discount makes it smaller.
signed as (
    select
        order_key,
        order_type,
        prices_include_tax,
        lines_count,
        line_gross_amount_local,
        line_discount_amount_local,
        line_net_amount_local,
        charge_gross_amount_local,
        charge_net_amount_local,
        {% for charge in charge_kinds() %}
            line_{{ charge }}_amount_local,
        {% endfor %}
        {% for amount in ['gross', 'discount', 'net', 'shipping', 'tax', 'tip'] %}
            case
                when order_type = 'return' then -abs(header_{{ amount }}_amount_local)
                else header_{{ amount }}_amount_local
            end as header_{{ amount }}_amount_local{% if not loop.last %},{% endif %}
        {% endfor %}
    from typed
),

-- The header's amounts are those of goods. A shop may count the charges of its lines among them
-- nevertheless: then all lines together make the header, to a cent for each line.
compared as (
    select
        *,
        coalesce(
            header_gross_amount_local <> line_gross_amount_local
            and abs(
                header_gross_amount_local - line_gross_amount_local - charge_gross_amount_local
            ) <= 0.01 * lines_count, false
        ) as holds_charges_in_gross,
        coalesce(
            header_net_amount_local + coalesce(header_discount_amount_local, 0)
            <> line_net_amount_local
            and abs(
                header_net_amount_local + coalesce(header_discount_amount_local, 0)
                - line_net_amount_local - charge_net_amount_local
            ) <= 0.01 * lines_count, false
        ) as holds_charges_in_net
    from signed
),

-- Tax that the prices include is no revenue, if it is told and not taken out with a line of tax.
goods as (
    select
        order_key,
        order_type,
        line_gross_amount_local,
        line_discount_amount_local,
        line_net_amount_local,
        header_gross_amount_local
        - case when holds_charges_in_gross then charge_gross_amount_local else 0 end
            as header_gross_amount_local,
        header_discount_amount_local,
        header_net_amount_local
        - case when holds_charges_in_net then charge_net_amount_local else 0 end
            as header_net_amount_local,
        case
            when prices_include_tax and line_tax_amount_local is null
                then coalesce(header_tax_amount_local, 0)
            else 0
        end as included_tax_amount_local,
        {% for charge in charge_kinds() %}
            {% if charge in ['shipping', 'tax', 'tip'] %}
                coalesce(header_{{ charge }}_amount_local, line_{{ charge }}_amount_local, 0)
            {% else %}
                coalesce(line_{{ charge }}_amount_local, 0)
            {% endif %}
                as {{ charge }}_amount_local{% if not loop.last %},{% endif %}
        {% endfor %}
    from compared
),

-- The header says what the customer was charged; where it says nothing, the lines do.
charged as (
    select
        order_key,
        order_type,
        {% for charge in charge_kinds() %}
            {{ charge }}_amount_local,
        {% endfor %}
        coalesce(
            header_net_amount_local,
            header_gross_amount_local
            - coalesce(header_discount_amount_local, line_discount_amount_local, 0),
            line_net_amount_local - coalesce(header_discount_amount_local, 0)
        ) - included_tax_amount_local as net_amount_local,
        coalesce(
            header_gross_amount_local,
            line_gross_amount_local,
            header_net_amount_local + coalesce(header_discount_amount_local, 0)
        ) - included_tax_amount_local as gross_amount_local
    from goods
),

priced as (
    select
        order_key,
        order_type,
        {% for charge in charge_kinds() %}
            {{ charge }}_amount_local,
        {% endfor %}
        net_amount_local is not null as has_amount,
        case
            when order_type = 'return' then -abs(coalesce(net_amount_local, 0))
            else coalesce(net_amount_local, 0)
        end as net_amount_local,
        case
            when order_type = 'return' then -abs(coalesce(gross_amount_local, net_amount_local, 0))
            else coalesce(gross_amount_local, net_amount_local, 0)
        end as gross_amount_local
    from charged
),

final as (
    select
        -- keys
        orders.order_key,
        orders.record_key,
        orders.original_order_key,
        orders.order_id,
        orders.system,
        orders.native_order_id,
        orders.native_customer_id,
        orders.store_id,
        orders.seller_id,

        -- attributes
        priced.order_type,
        orders.status_word,
        orders.status,
        orders.currency,
        orders.coupon_code,
        orders.payment_method,

        -- measures
        cast(priced.gross_amount_local as decimal(38, 4)) as gross_amount_local,
        cast(priced.gross_amount_local - priced.net_amount_local as decimal(38, 4))
            as discount_amount_local,
        cast(priced.net_amount_local as decimal(38, 4)) as net_amount_local,
        cast(priced.net_amount_local - coalesce(line_totals.net_amount_local, 0) as decimal(38, 4))
            as unitemised_amount_local,
        -- what the document takes back: its return lines, or everything in a return document
        cast(
            case
                when priced.order_type = 'return' then -priced.gross_amount_local
                else coalesce(line_totals.return_gross_amount_local, 0)
            end as decimal(38, 4)
        ) as return_gross_amount_local,
        cast(
            case
                when priced.order_type = 'return' then -priced.net_amount_local
                else coalesce(line_totals.return_net_amount_local, 0)
            end as decimal(38, 4)
        ) as return_net_amount_local,
        {% for charge in charge_kinds() %}
            cast(priced.{{ charge }}_amount_local as decimal(38, 4))
                as {{ charge }}_amount_local,
        {% endfor %}
        cast(
            priced.net_amount_local
            {% for charge in charge_kinds() %}
                + priced.{{ charge }}_amount_local
            {% endfor %}
            as decimal(38, 4)
        ) as total_amount_local,
        cast(coalesce(line_totals.items_count, 0) as decimal(38, 4)) as items_count,
        coalesce(line_totals.lines_count, 0) as lines_count,
        {{ rate_or_one('orders.currency', 'fx_rates.rate') }} as fx_rate,

        -- flags
        orders.is_paid_by_status,
        orders.is_cancelled,
        priced.has_amount,

        -- dates and timestamps
        orders.ordered_at,
        orders.ordered_date,
        orders.cancelled_at,
        orders.approved_at,
        orders.shipped_at,
        orders.delivered_at,
        orders.promised_at
    from orders
    inner join priced
        on orders.order_key = priced.order_key
    left join line_totals
        on orders.order_key = line_totals.order_key
    left join fx_rates
        on
            orders.currency = fx_rates.currency
            and orders.ordered_date = fx_rates.valid_date
)

select * from final
