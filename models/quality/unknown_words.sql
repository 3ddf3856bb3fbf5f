{#-
    Words that decide nothing about money: system, table, column, staging model, its column, seed,
    the seed's column.
-#}
{% set plain_words = [
    ('crm', 'tickets', 'category', 'stg_crm__tickets', 'category_word', 'pain_point_words', 'pain_point_word'),
    ('crm', 'tickets', 'channel', 'stg_crm__tickets', 'channel_word', 'contact_channel_words', 'contact_channel_word'),
    ('crm', 'tickets', 'status', 'stg_crm__tickets', 'status_word', 'ticket_status_words', 'ticket_status_word'),
    ('crm', 'interactions', 'topic', 'stg_crm__interactions', 'topic_word', 'pain_point_words', 'pain_point_word'),
    ('crm', 'interactions', 'channel', 'stg_crm__interactions', 'channel_word', 'contact_channel_words',
     'contact_channel_word'),
    ('crm', 'interactions', 'direction', 'stg_crm__interactions', 'direction_word', 'contact_direction_words',
     'contact_direction_word'),
    ('crm', 'campaigns', 'channel', 'stg_crm__campaigns', 'channel_word', 'campaign_channel_words',
     'campaign_channel_word'),
    ('crm', 'campaigns', 'kind', 'stg_crm__campaigns', 'kind_word', 'campaign_kind_words', 'campaign_kind_word'),
    ('crm', 'campaign_contacts', 'channel', 'stg_crm__campaign_contacts', 'channel_word', 'campaign_channel_words',
     'campaign_channel_word'),
    ('shop', 'coupon_issues', 'channel', 'stg_shop__coupon_issues', 'channel_word', 'campaign_channel_words',
     'campaign_channel_word'),
    ('shop', 'order_events', 'event', 'stg_shop__order_events', 'event_word', 'order_event_words', 'order_event_word'),
    ('ops', 'order_costs', 'cost_type', 'stg_ops__order_costs', 'cost_type_word', 'order_cost_words',
     'order_cost_word'),
    ('ops', 'marketing_costs', 'channel', 'stg_ops__marketing_costs', 'channel_word', 'referrer_words',
     'referrer_word'),
    ('app', 'devices', 'price_class', 'stg_app__devices', 'price_class_word', 'device_price_words',
     'device_price_word'),
    ('app', 'events', 'referrer', 'stg_app__events', 'referrer_word', 'referrer_words', 'referrer_word'),
    ('shop', 'customers', 'registration_source', 'stg_shop__customers', 'registration_source', 'referrer_words',
     'referrer_word'),
    ('shop', 'customers', 'gender', 'stg_shop__customers', 'written_gender', 'gender_words', 'gender_word'),
    ('crm', 'contacts', 'gender', 'stg_crm__contacts', 'written_gender', 'gender_words', 'gender_word'),
    ('pos', 'members', 'gender', 'stg_pos__members', 'written_gender', 'gender_words', 'gender_word'),
    ('shop', 'products', 'audience', 'stg_shop__products', 'audience_word', 'audience_words', 'audience_word'),
] %}
{% set models, seeds = [], {} %}
{% for system, table, column, model, word_column, seed, seed_word in plain_words %}
    {% do models.append(model) if model not in models %}
    {% do seeds.update({seed: seed_word}) %}
{% endfor %}
with

deliveries as (select * from {{ ref('int_orders_seen') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

payments as (select * from {{ ref('int_payments_valued') }}),

lines as (select * from {{ ref('int_order_lines_classified') }}),

line_amounts as (select * from {{ ref('int_order_lines_valued') }}),

{% for model in models %}
    {{ model }} as (select * from {{ ref(model) }}),

{% endfor %}
{% for seed in seeds %}
    {{ seed }} as (select * from {{ ref(seed) }}),

{% endfor %}
-- Each word once, before it is looked up: an app has far more events than words.
written_words as (
    {% for system, table, column, model, word_column, seed, seed_word in plain_words %}
        select
            '{{ system }}' as system,
            '{{ table }}' as table_name,
            '{{ column }}' as column_name,
            {{ word_column }} as written_as,
            '{{ seed }}' as seed_name,
            count(*) as rows_count
        from {{ model }}
        where {{ word_column }} is not null
        group by {{ word_column }}
        {% if not loop.last %}
            union all

        {% endif %}
    {% endfor %}
),

known_words as (
    {% for seed, seed_word in seeds.items() %}
        select
            '{{ seed }}' as seed_name,
            {{ seed_word }} as word
        from {{ seed }}
        {% if not loop.last %}
            union all

        {% endif %}
    {% endfor %}
),

unknown_rows as (
    select
        system,
        {{ staged_table('orders', 'system') }} as table_name,
        'status' as column_name,
        status_word as written_as,
        'order_status_map' as seed_name,
        1 as rows_count,
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
        1 as rows_count,
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
        1 as rows_count,
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
        1 as rows_count,
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
        1 as rows_count,
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

    union all

    select
        written_words.system,
        written_words.table_name,
        written_words.column_name,
        written_words.written_as,
        written_words.seed_name,
        written_words.rows_count,
        0 as amount,
        0 as undecided_amount
    from written_words
    left join known_words
        on
            written_words.seed_name = known_words.seed_name
            and {{ status_word('written_words.written_as') }} = known_words.word
    where known_words.word is null
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
        cast(sum(rows_count) as bigint) as rows_count,
        cast(coalesce(sum(amount), 0) as decimal(38, 4)) as amount,
        cast(coalesce(sum(undecided_amount), 0) as decimal(38, 4)) as undecided_amount
    from unknown_rows
    group by system, table_name, column_name, {{ status_word('written_as') }}
)

select * from final
