{# Measure -> how many parts its unit has. #}
{% set measures = {'conversions_count': 1000000, 'realised_amount': 10000} %}
with

paths as (select * from {{ ref('int_conversion_paths') }}),

credits as (select * from {{ ref('int_channel_credits') }}),

as_of as (select * from {{ ref('int_as_of') }}),

attribution_models as (
    {% for model in attribution_models() %}
        select '{{ model }}' as attribution_model
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

totals as (
    select
        count(*) filter (where steps_count > 0) as attributed_conversions_count,
        coalesce(sum(case when steps_count > 0 then realised_amount end), 0)
            as attributed_realised_amount,
        count(*) filter (where steps_count = 0) as unknown_conversions_count,
        coalesce(sum(case when steps_count = 0 then realised_amount end), 0)
            as unknown_realised_amount
    from paths
    where
        is_converted
        and is_in_period
),

floored as (
    select
        credits.attribution_model,
        credits.channel,
        {% for measure, parts in measures.items() %}
            credits.{{ measure }},
            totals.attributed_{{ measure }},
            cast(floor(credits.{{ measure }} * {{ parts }}) as decimal(38, 0))
                as {{ measure }}_parts
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from credits
    cross join totals
),

ranked as (
    select
        *,
        count(*) over (partition by attribution_model) as channels_count,
        {% for measure, parts in measures.items() %}
            attributed_{{ measure }} * {{ parts }}
            - sum({{ measure }}_parts) over (partition by attribution_model)
                as {{ measure }}_missing_parts,
            row_number() over (
                partition by attribution_model
                order by
                    {{ measure }} * {{ parts }} - {{ measure }}_parts desc nulls last,
                    channel asc nulls last
            ) as {{ measure }}_rank
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from floored
),

-- What rounding down leaves goes to the largest remainders, one part to each: so that the channels
-- have exactly what there is. Were more left than channels are there, all have as much more.
rounded as (
    select
        *,
        {% for measure, parts in measures.items() %}
            floor({{ divide(measure ~ '_missing_parts', 'channels_count') }})
                as {{ measure }}_parts_of_all
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from ranked
),

shared as (
    select
        attribution_model,
        channel,
        {% for measure, parts in measures.items() %}
            {% set parts_of_all = 'cast(' ~ measure ~ '_parts_of_all as decimal(37, 0))' %}
            cast(
                {{ measure }}_parts + {{ parts_of_all }}
                + case
                    when
                        {{ measure }}_rank
                        <= {{ measure }}_missing_parts - channels_count * {{ parts_of_all }}
                        then 1
                    else 0
                end as decimal(28, 0)
            ) * cast({{ divide(1, parts, 'decimal(7, 6)') }} as decimal(7, 6)) as {{ measure }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from rounded
),

unioned as (
    select
        attribution_model,
        channel,
        conversions_count,
        realised_amount
    from shared

    union all

    select
        attribution_models.attribution_model,
        'unknown' as channel,
        totals.unknown_conversions_count as conversions_count,
        totals.unknown_realised_amount as realised_amount
    from attribution_models
    cross join totals
    where totals.unknown_conversions_count > 0
),

final as (
    select
        -- keys
        unioned.attribution_model,
        unioned.channel,

        -- measures
        cast(unioned.conversions_count as decimal(18, 6)) as attributed_orders_count,
        {{ divide(
            '100 * unioned.conversions_count',
            'sum(unioned.conversions_count) over (partition by unioned.attribution_model)'
        ) }} as orders_share_pct,
        cast(unioned.realised_amount as decimal(38, 4)) as attributed_amount,
        {{ divide(
            '100 * unioned.realised_amount',
            'sum(unioned.realised_amount) over (partition by unioned.attribution_model)'
        ) }} as amount_share_pct,

        -- dates and timestamps
        as_of.as_of_date
    from unioned
    cross join as_of
)

select * from final
