{% set of_purchases = [
    'r', 'alpha_days', 'a', 'b', 'churn_intercept', 'churn_slope', 'churn_ceiling'
] %}
{% set of_values = ['p', 'q', 'gamma_amount'] %}
with

fits as (select * from {{ ref('stg_state__clv_fits') }}),

by_family as (
    select
        *,
        case
            when model in ('gamma_gamma', 'credibility') then 'values' else 'purchases'
        end as family
    from fits
),

last_ends as (
    select
        family,
        max(event_id) as event_id
    from by_family
    where event in ('discarded', 'shipped')
    group by family
),

-- The fits that were tried since somebody last put all fits out of force.
attempts as (
    select
        by_family.*,
        max(by_family.event_id) over (partition by by_family.family) as last_event_id
    from by_family
    left join last_ends
        on by_family.family = last_ends.family
    where
        by_family.event not in ('discarded', 'shipped')
        and by_family.event_id > coalesce(last_ends.event_id, '')
),

-- One model of each family is fitted in an attempt at most. Amounts that were fitted in another
-- currency do not hold in this one.
good_fits as (
    select
        *,
        event_id = last_event_id as is_last,
        row_number() over (
            partition by family
            order by event_id desc nulls last, model asc nulls last
        ) as recency_rank
    from attempts
    where
        event = 'fitted'
        and (family = 'purchases' or currency = '{{ setting("currency") }}')
),

purchases as (
    select *
    from good_fits
    where
        recency_rank = 1
        and family = 'purchases'
),

purchase_values as (
    select *
    from good_fits
    where
        recency_rank = 1
        and family = 'values'
),

only_row as (select 1 as recency_rank),

final as (
    select
        -- keys
        purchases.event_id as purchase_event_id,
        purchase_values.event_id as value_event_id,

        -- attributes
        purchases.model as purchase_model,
        purchases.model_version as purchase_model_version,
        case
            when purchases.model is null then 'none'
            when purchases.is_last then 'fitted'
            else 'last_good'
        end as purchase_model_source,
        purchase_values.model as value_model,
        purchase_values.model_version as value_model_version,
        case
            when purchase_values.model is null then 'none'
            when purchase_values.is_last then 'fitted'
            else 'last_good'
        end as value_model_source,

        -- measures
        {% for parameter in of_purchases %}
            purchases.{{ parameter }},
        {% endfor %}
        -- MBG/NBD lets a customer leave after the first purchase, and BG/NBD does not.
        case when purchases.model = 'bg_nbd' then 0 else 1 end as first_chances_count,
        {% for parameter in of_values %}
            purchase_values.{{ parameter }},
        {% endfor %}

        -- dates and timestamps
        purchases.as_of_date as purchase_model_as_of_date,
        purchase_values.as_of_date as value_model_as_of_date
    from only_row
    left join purchases
        on only_row.recency_rank = purchases.recency_rank
    left join purchase_values
        on only_row.recency_rank = purchase_values.recency_rank
)

select * from final
