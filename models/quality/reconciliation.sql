with

landed_rows as (select * from {{ ref('int_landed_rows_reconciled') }}),

net_amounts as (select * from {{ ref('int_net_amounts_reconciled') }}),

paid_amounts as (select * from {{ ref('int_paid_amounts_reconciled') }}),

returns as (select * from {{ ref('int_returns_reconciled') }}),

missing_rates as (select * from {{ ref('int_missing_rates_reconciled') }}),

outside_rows as (select * from {{ ref('int_outside_rows_reconciled') }}),

doubtful_rows as (select * from {{ ref('int_doubtful_rows_reconciled') }}),

days_after_gap as (select * from {{ ref('int_days_after_gap_reconciled') }}),

{% set parts = [
    'landed_rows',
    'net_amounts',
    'paid_amounts',
    'returns',
    'missing_rates',
    'outside_rows',
    'doubtful_rows',
    'days_after_gap',
] %}
buckets as (
    {% for part in parts %}
        select
            topic,
            system,
            subject,
            bucket,
            rows_count,
            amount_local,
            amount
        from {{ part }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        topic,
        coalesce(system, 'all') as system,
        subject,
        bucket,

        -- measures
        cast(rows_count as bigint) as rows_count,
        cast(amount_local as decimal(38, 4)) as amount_local,
        cast(amount as decimal(38, 4)) as amount
    from buckets
)

select * from final
