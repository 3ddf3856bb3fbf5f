{% set parameters = ['r', 'alpha_days', 'a', 'b', 'p', 'q', 'gamma_amount'] %}
{% set of_bg_nbd = ['r', 'alpha_days', 'a', 'b'] %}
with

shipped as (select * from {{ ref('clv_parameters') }}),

fits as (select * from {{ ref('stg_state__clv_fits') }}),

purchase_days as (select * from {{ ref('int_customer_purchase_days') }}),

last_discards as (
    select
        model,
        max(event_id) as event_id
    from fits
    where event = 'shipped'
    group by model
),

-- The fits that were tried since somebody last went back to the shipped parameters.
attempts as (
    select
        fits.event_id,
        fits.model,
        fits.model_version,
        fits.event,
        fits.currency,
        fits.as_of_date,
        {% for parameter in parameters %}
            fits.{{ parameter }},
        {% endfor %}
        max(fits.event_id) over (partition by fits.model) as last_event_id
    from fits
    left join last_discards
        on fits.model = last_discards.model
    where
        fits.event <> 'shipped'
        and fits.event_id > coalesce(last_discards.event_id, '')
),

-- Amounts that were fitted in another currency do not hold in this one.
good_fits as (
    select
        model,
        model_version,
        as_of_date,
        {% for parameter in parameters %}
            {{ parameter }},
        {% endfor %}
        event_id = last_event_id as is_last,
        row_number() over (partition by model order by event_id desc nulls last) as recency_rank
    from attempts
    where
        event = 'fitted'
        and (model = 'bg_nbd' or currency = '{{ setting("currency") }}')
),

-- One row; its columns are null where there is no good fit.
fitted as (
    select
        max(case when model = 'bg_nbd' then model_version end) as bg_nbd_version,
        max(case when model = 'bg_nbd' then as_of_date end) as bg_nbd_as_of_date,
        coalesce(bool_or(model = 'bg_nbd' and is_last), false) as is_bg_nbd_last,
        max(case when model = 'gamma_gamma' then model_version end) as gamma_gamma_version,
        max(case when model = 'gamma_gamma' then as_of_date end) as gamma_gamma_as_of_date,
        coalesce(bool_or(model = 'gamma_gamma' and is_last), false) as is_gamma_gamma_last,
        {% for parameter in parameters %}
            max(case
                when model = '{{ 'bg_nbd' if parameter in of_bg_nbd else 'gamma_gamma' }}'
                    then {{ parameter }}
            end) as {{ parameter }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from good_fits
    where recency_rank = 1
),

shipped_spread as (
    select
        {% for parameter in parameters if parameter != 'gamma_amount' %}
            max(case when parameter = '{{ parameter }}' then value end) as {{ parameter }},
        {% endfor %}
        max(model_version) as model_version
    from shipped
),

mean_purchase as (
    select {{ divide('sum(realised_amount)', 'count(*)') }} as mean_day_amount
    from purchase_days
    where realised_amount > 0
),

final as (
    select
        -- keys
        coalesce(fitted.bg_nbd_version, shipped_spread.model_version) as bg_nbd_version,
        coalesce(fitted.gamma_gamma_version, shipped_spread.model_version)
            as gamma_gamma_version,

        -- attributes
        case
            when fitted.bg_nbd_version is null then 'shipped'
            when fitted.is_bg_nbd_last then 'fitted'
            else 'last_good'
        end as bg_nbd_source,
        case
            when fitted.gamma_gamma_version is null then 'shipped'
            when fitted.is_gamma_gamma_last then 'fitted'
            else 'last_good'
        end as gamma_gamma_source,

        -- measures
        {% for parameter in parameters if parameter != 'gamma_amount' %}
            coalesce(fitted.{{ parameter }}, shipped_spread.{{ parameter }}) as {{ parameter }},
        {% endfor %}
        -- The shipped amounts have no currency: they are scaled to the mean of the purchases in
        -- this warehouse.
        case
            when fitted.gamma_gamma_version is not null then fitted.gamma_amount
            else
                {{ divide('shipped_spread.q - 1', 'shipped_spread.p') }}
                * mean_purchase.mean_day_amount
        end as gamma_amount,

        -- dates and timestamps
        fitted.bg_nbd_as_of_date,
        fitted.gamma_gamma_as_of_date
    from fitted
    cross join shipped_spread
    cross join mean_purchase
)

select * from final
