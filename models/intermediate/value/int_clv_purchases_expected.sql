{% set node_rows, node_columns = 11, 8 %}
{% set last_node = node_rows * node_columns - 1 %}
{% set horizon = var('clv_horizon_days') | int %}
{% set growth = 1 + var('clv_annual_discount_rate') %}
{# Gauss and Legendre's five places between 0 and 1, with their weights. #}
{% set places = {
    'place_1': (0.046910077030668, 0.118463442528095),
    'place_2': (0.230765344947158, 0.239314335249683),
    'place_3': (0.5, 0.284444444444444),
    'place_4': (0.769234655052842, 0.239314335249683),
    'place_5': (0.953089922969332, 0.118463442528095),
} %}
{% set days = [30, 90, 365] + ([horizon] if horizon not in [30, 90, 365] else []) %}
{% set ends = days + places.keys() | list %}
with

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

in_force as (select * from {{ ref('int_clv_parameters') }}),

parameters as (
    select
        r,
        alpha_days,
        a,
        -- MBG/NBD has one more chance to leave, at the first purchase, that was not taken.
        b + first_chances_count as b
    from in_force
    where purchase_model is not null
),

histories as (
    select distinct
        repeat_days_count,
        observed_days
    from summaries
),

repeat_counts as (
    select distinct repeat_days_count
    from histories
),

-- A customer who is still there after x repeat purchases leaves with probability p after each
-- further one. p has the distribution Beta(a, b + x), whose density in y = ln(p) - ln(1 - p) is
-- highest at ln(a) - ln(b + x).
densities as (
    select
        repeat_counts.repeat_days_count,
        parameters.a,
        parameters.b + repeat_counts.repeat_days_count as b_after,
        ln(parameters.a) - ln(parameters.b + repeat_counts.repeat_days_count) as top_y,
        parameters.a * (
            ln(parameters.a)
            - ln(parameters.a + parameters.b + repeat_counts.repeat_days_count)
        )
        + (parameters.b + repeat_counts.repeat_days_count) * (
            ln(parameters.b + repeat_counts.repeat_days_count)
            - ln(parameters.a + parameters.b + repeat_counts.repeat_days_count)
        ) as log_top
    from repeat_counts
    cross join parameters
),

-- Outside of these bounds the density is below e^-24 of its maximum.
widths as (
    select
        repeat_days_count,
        a,
        b_after,
        top_y,
        log_top,
        0.5 * sqrt({{ divide('a + b_after', 'a * b_after') }}) as half_width,
        {{ divide('24 - log_top', 'a') }} as left_fall,
        {{ divide('24 - log_top', 'b_after') }} as right_fall
    from densities
),

ends as (
    select
        repeat_days_count,
        a,
        b_after,
        top_y,
        log_top,
        half_width,
        {{ divide(
            '-1 * case when left_fall > 30 then left_fall else ln(exp(left_fall) - 1) end - top_y',
            'half_width'
        ) }} as left_end,
        {{ divide(
            'case when right_fall > 30 then right_fall else ln(exp(right_fall) - 1) end - top_y',
            'half_width'
        ) }} as right_end
    from widths
),

-- y = top + half width * sinh(v): an even grid of v is dense at the top and wide in the tails.
grid_ends as (
    select
        repeat_days_count,
        a,
        b_after,
        top_y,
        log_top,
        half_width,
        sign(left_end) * ln(abs(left_end) + sqrt(left_end * left_end + 1)) as first_v,
        sign(right_end) * ln(abs(right_end) + sqrt(right_end * right_end + 1)) as last_v
    from ends
),

{% for name, count in [('node_highs', node_rows), ('node_lows', node_columns)] -%}
    {{ name }} as (
        {% for digit in range(count) %}
            select {{ digit }} as digit
            {{ 'union all' if not loop.last }}
        {% endfor %}
    ),

{% endfor -%}
nodes as (
    select {{ node_columns }} * node_highs.digit + node_lows.digit as node_number
    from node_highs
    cross join node_lows
),

grid as (
    select
        grid_ends.repeat_days_count,
        grid_ends.a,
        grid_ends.b_after,
        grid_ends.top_y,
        grid_ends.log_top,
        grid_ends.half_width,
        grid_ends.first_v
        + (grid_ends.last_v - grid_ends.first_v)
        * {{ divide('nodes.node_number', last_node) }} as v
    from grid_ends
    cross join nodes
),

placed as (
    select
        repeat_days_count,
        a,
        b_after,
        log_top,
        top_y + half_width * 0.5 * (exp(v) - exp(-1 * v)) as y,
        0.5 * (exp(v) + exp(-1 * v)) as slope
    from grid
),

-- A p below e^-400 gives the same result, and a quotient with it would fail.
weighted as (
    select
        repeat_days_count,
        exp(greatest(least(y, 0) - {{ log1p('exp(-1 * abs(y))') }}, -400)) as p,
        slope * exp(
            a * (least(y, 0) - {{ log1p('exp(-1 * abs(y))') }})
            - b_after * (greatest(y, 0) + {{ log1p('exp(-1 * abs(y))') }})
            - log_top
        ) as weight
    from placed
),

weight_totals as (
    select
        repeat_days_count,
        sum(cast(weight as decimal(38, 18))) as weight
    from weighted
    group by repeat_days_count
),

weighted_by_p as (
    select
        weighted.repeat_days_count,
        weighted.p,
        {{ divide('weighted.weight', 'weighted.p * cast(weight_totals.weight as double)') }}
            as weight_by_p
    from weighted
    inner join weight_totals
        on weighted.repeat_days_count = weight_totals.repeat_days_count
),

timed as (
    select
        histories.repeat_days_count,
        histories.observed_days,
        parameters.r + histories.repeat_days_count as shape,
        parameters.alpha_days + histories.observed_days as scale_days,
        {{ log1p(divide(horizon, 'parameters.alpha_days + histories.observed_days')) }}
            as log_horizon
    from histories
    cross join parameters
),

-- Future times, written as parts u of alpha + T. The discount is evaluated at points that are
-- evenly spaced in the logarithm of time, where the expectation is closest to a straight line.
scaled as (
    select
        repeat_days_count,
        observed_days,
        shape,
        scale_days,
        log_horizon,
        {% for day in days %}
            {{ divide(day, 'scale_days') }} as u_{{ day }},
        {% endfor %}
        {% for name, (place, _) in places.items() %}
            {{ expm1(place ~ ' * log_horizon') }} as u_{{ name }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from timed
),

-- A customer who never leaves buys (r + x) u times within u, on average.
paced as (
    select
        repeat_days_count,
        observed_days,
        shape,
        scale_days,
        log_horizon,
        {% for end in ends %}
            u_{{ end }},
            shape * u_{{ end }} as pace_{{ end }},
            {{ divide(1, 'shape * u_' ~ end) }}
                as by_pace_{{ end }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from scaled
),

-- A customer who leaves with probability p after each purchase buys (1 - (1 + p u)^-(r + x)) / p
-- times: here as a share of what one who never leaves buys.
kept as (
    select
        paced.repeat_days_count,
        paced.observed_days,
        {% for end in ends %}
            -1 * weighted_by_p.weight_by_p * paced.by_pace_{{ end }}
            * {{ expm1('-1 * paced.shape * ' ~ log1p('weighted_by_p.p * paced.u_' ~ end)) }}
                as share_{{ end }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from paced
    inner join weighted_by_p
        on paced.repeat_days_count = weighted_by_p.repeat_days_count
),

-- Sums of decimals are the same in any order; sums of doubles are not.
summed as (
    select
        repeat_days_count,
        observed_days,
        {% for end in ends %}
            sum(cast(share_{{ end }} as decimal(18, 17)))
                as share_{{ end }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from kept
    group by
        repeat_days_count,
        observed_days
),

bought as (
    select
        paced.repeat_days_count,
        paced.observed_days,
        paced.scale_days,
        paced.log_horizon,
        {% for end in ends %}
            paced.pace_{{ end }} * cast(summed.share_{{ end }} as double)
                as bought_{{ end }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from paced
    inner join summed
        on
            paced.repeat_days_count = summed.repeat_days_count
            and paced.observed_days = summed.observed_days
),

final as (
    select
        -- keys
        repeat_days_count,
        observed_days,

        -- measures
        bought_30 as alive_purchases_30d_count,
        bought_90 as alive_purchases_90d_count,
        bought_365 as alive_purchases_365d_count,
        -- Integrated by parts: all purchases at the discount of the horizon, plus what earlier ones
        -- gain.
        power({{ growth }}, {{ -horizon / 365 }}) * bought_{{ horizon }}
        + ln({{ growth }}) * {{ 1 / 365 }} * scale_days * log_horizon * (
            {% for name, (place, weight) in places.items() %}
                {{ '+ ' if not loop.first -}}
                {{ weight }} * exp({{ place }} * log_horizon) * bought_{{ name }} * power(
                    {{ growth }},
                    {{ -1 / 365 }} * scale_days * {{ expm1(place ~ ' * log_horizon') }}
                )
            {% endfor %}
        ) as alive_discounted_purchases_count
    from bought
)

select * from final
