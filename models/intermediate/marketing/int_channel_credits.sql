{% set credits = {
    'first_touch': 'case when step_number = 1 then 1 else 0 end',
    'last_touch': 'case when step_number = steps_count then 1 else 0 end',
    'last_not_direct': 'case when step_number = last_step_number then 1 else 0 end',
    'linear': divide('1', 'steps_count'),
    'position_based': 'position_credit',
    'shapley': 'shapley_credit',
} %}
{% set separator = "', '" %}
{% set numbered_step = separator ~ " || lpad(cast(step_number as string), 6, '0') || channel" %}
{% set numbered_next_step = (
    separator ~ " || lpad(cast(step_number + 1 as string), 6, '0') || next_channel"
) %}
with

steps as (select * from {{ ref('int_path_steps_counted') }}),

removals as (select * from {{ ref('int_channel_removals') }}),

path_rates as (
    select
        path,
        -- as a decimal, so that the order of the rows does not matter
        {{ divide('conversions_count', 'paths_count', 'decimal(18, 15)') }} as conversion_rate
    from steps
    where step_number = 1
),

-- Without a step, equal channels on its two sides become one.
shortened as (
    select
        *,
        replace(
            {{ separator }} || numbered_path,
            {{ numbered_step }} || case
                when previous_channel = next_channel then {{ numbered_next_step }}
                else ''
            end,
            ''
        ) as rest_of_path
    from steps
),

named as (
    select
        *,
        replace(
            {{ regex_replace('substring(rest_of_path, 3)', '[0-9]') }}, {{ separator }}, ' > '
        ) as path_without_step
    from shortened
),

compared as (
    select
        named.*,
        greatest(
            path_rates.conversion_rate - coalesce(rates_without.conversion_rate, 0), 0
        ) as gain
    from named
    inner join path_rates
        on named.path = path_rates.path
    left join path_rates as rates_without
        on named.path_without_step = rates_without.path
),

credited as (
    select
        *,
        coalesce(
            max(case when channel <> 'direct' then step_number end) over (partition by path),
            steps_count
        ) as last_step_number,
        case
            when steps_count = 1 then 1
            when steps_count = 2 then 0.5
            when step_number in (1, steps_count) then 0.4
            else {{ divide('0.2', 'steps_count - 2') }}
        end as position_credit,
        coalesce(
            {{ divide('gain', 'sum(gain) over (partition by path)') }},
            case when step_number = steps_count then 1 else 0 end
        ) as shapley_credit
    from compared
),

totals as (
    select
        coalesce(sum(conversions_count), 0) as conversions_count,
        coalesce(sum(realised_amount), 0) as realised_amount
    from steps
    where step_number = 1
),

unioned as (
    {% for model, credit in credits.items() %}
        select
            '{{ model }}' as attribution_model,
            channel,
            sum(cast({{ credit }} as decimal(11, 10)) * conversions_count) as conversions_count,
            sum(
                cast({{ credit }} as decimal(11, 10)) * cast(realised_amount as decimal(26, 4))
            ) as realised_amount
        from credited
        group by channel

        union all

    {% endfor %}
    select
        'time_decay' as attribution_model,
        channel,
        sum(time_decay_conversions_count) as conversions_count,
        sum(time_decay_amount) as realised_amount
    from steps
    group by channel

    union all

    select
        'markov' as attribution_model,
        removals.channel,
        removals.markov_credit * totals.conversions_count as conversions_count,
        removals.markov_credit * cast(totals.realised_amount as decimal(26, 4)) as realised_amount
    from removals
    cross join totals
    where removals.markov_credit > 0
),

final as (
    select
        -- keys
        attribution_model,
        channel,

        -- measures
        cast(conversions_count as decimal(38, 8)) as conversions_count,
        cast(realised_amount as decimal(38, 8)) as realised_amount
    from unioned
)

select * from final
