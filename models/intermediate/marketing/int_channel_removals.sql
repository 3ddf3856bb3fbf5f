{% set channels = attribution_channels() %}
{% set columns = channels + ['conversion'] %}
with

steps as (select * from {{ ref('int_path_steps_counted') }}),

channels as (
    {% for channel in channels %}
        select '{{ channel }}' as state

        union all

    {% endfor %}
    select 'start' as state
),

-- Each path starts, goes from step to step, and ends with an order or without.
transitions as (
    select
        'start' as from_state,
        channel as to_state,
        paths_count as transitions_count
    from steps
    where step_number = 1

    union all

    select
        channel as from_state,
        coalesce(next_channel, 'conversion') as to_state,
        case when next_channel is null then conversions_count else paths_count end
            as transitions_count
    from steps

    union all

    select
        channel as from_state,
        'no_conversion' as to_state,
        paths_count - conversions_count as transitions_count
    from steps
    where next_channel is null
),

counted as (
    select
        from_state,
        {% for column in columns %}
            sum(case when to_state = '{{ column }}' then transitions_count else 0 end)
                as to_{{ column }}_count,
        {% endfor %}
        sum(transitions_count) as transitions_count
    from transitions
    group by from_state
),

-- With Q the probabilities from channel to channel, r those from a channel to an order, and q those
-- of the first channel: the rows are (1 - Q, r), and below them (-q, 0).
matrix as (
    select
        channels.state,
        {% for column in columns %}
            case when channels.state = '{{ column }}' then 1 else 0 end
            {% if column == 'conversion' -%} + {%- else -%} - {%- endif %}
            coalesce(
                {{ divide('counted.to_' ~ column ~ '_count', 'counted.transitions_count') }}, 0
            ) as to_{{ column }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from channels
    left join counted
        on channels.state = counted.from_state
),

{% for channel in channels %}
    swept_{{ channel }} as (
        {{ swept_state(channel, columns, 'matrix' if loop.first else 'swept_' ~ loop.previtem) }}
    ),

{% endfor %}
-- The swept rows are the visits to each channel from each, N = (1 - Q)^-1, and the probability of
-- an order from it, Nr; the last row holds the visits from the start, qN, and qNr. A path reaches a
-- channel with probability (qN)c / Ncc, and then goes on like any other that is there.
from_start as (
    {% for channel in channels %}
        select
            '{{ channel }}' as channel,
            to_{{ channel }} as visits,
            to_conversion as conversion_probability
        from swept_{{ channels[-1] }}
        where state = 'start'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

from_itself as (
    {% for channel in channels %}
        select
            state as channel,
            to_{{ channel }} as visits,
            to_conversion as conversion_probability
        from swept_{{ channels[-1] }}
        where state = '{{ channel }}'
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

removed as (
    select
        from_itself.channel,
        -- as a decimal, so that the order of the rows does not matter
        {{ divide(
            'from_start.visits * from_itself.conversion_probability', 'from_itself.visits',
            'decimal(18, 15)'
        ) }} as removed_probability,
        from_start.conversion_probability
    from from_itself
    inner join from_start
        on from_itself.channel = from_start.channel
),

final as (
    select
        -- keys
        channel,

        -- measures
        conversion_probability,
        {{ divide('removed_probability', 'conversion_probability') }} as removal_effect,
        cast(
            {{ divide('removed_probability', 'sum(removed_probability) over ()') }}
            as decimal(11, 10)
        ) as markov_credit
    from removed
)

select * from final
