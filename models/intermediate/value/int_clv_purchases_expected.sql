{% set node_rows, node_columns = 16, 8 %}
{% set last_node = node_rows * node_columns - 1 %}
{% set horizon = var('clv_horizon_days') | int %}
{% set step_ends = range(30, horizon, 30) | list + [horizon] %}
{% set times = ([30, 90, 365] + step_ends) | unique | sort | list %}
with

summaries as (select * from {{ ref('int_customer_purchase_summary') }}),

parameters as (select * from {{ ref('int_clv_parameters') }}),

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

-- Who is still there after x repeat purchases leaves with probability p after each further one: p
-- is of Beta(a, b + x), whose density in y = ln(p) - ln(1 - p) has its top at ln(a) - ln(b + x).
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

-- Outside of these the density is below e^-28 of its top.
widths as (
    select
        repeat_days_count,
        a,
        b_after,
        top_y,
        log_top,
        0.5 * sqrt({{ divide('a + b_after', 'a * b_after') }}) as half_width,
        {{ divide('28 - log_top', 'a') }} as left_fall,
        {{ divide('28 - log_top', 'b_after') }} as right_fall
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

-- y = top + half width * sinh(v): an even grid of v is fine at the top and wide in the tails.
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

weighted as (
    select
        repeat_days_count,
        exp(least(y, 0) - ln(1 + exp(-1 * abs(y)))) as p,
        slope * exp(
            a * (least(y, 0) - ln(1 + exp(-1 * abs(y))))
            - b_after * (greatest(y, 0) + ln(1 + exp(-1 * abs(y))))
            - log_top
        ) as weight
    from placed
),

-- Given p, somebody alive buys within t on average (1 - (1 + p u)^-(r + x)) / p times, where
-- u = t / (alpha + T). Short series stand where the difference from 1 would lose its digits.
scaled as (
    select
        histories.repeat_days_count,
        histories.observed_days,
        parameters.r + histories.repeat_days_count as shape,
        weighted.p,
        weighted.weight,
        {% for t in times %}
            {{ divide(t, 'parameters.alpha_days + histories.observed_days') }}
                as u_{{ t }}{{ ',' if not loop.last }}
        {% endfor %}
    from histories
    cross join parameters
    inner join weighted
        on histories.repeat_days_count = weighted.repeat_days_count
),

logged as (
    select
        repeat_days_count,
        observed_days,
        shape,
        p,
        weight,
        {% for t in times %}
            {% set pu = 'p * u_' ~ t %}
            -- ln(1 + p u) / p
            case
                when {{ pu }} < 0.0001
                    then
                        u_{{ t }} * (
                            1
                            - {{ pu }} * 0.5
                            + {{ pu }} * {{ pu }} * {{ divide(1, 3) }}
                            - {{ pu }} * {{ pu }} * {{ pu }} * 0.25
                        )
                else {{ divide('ln(1 + ' ~ pu ~ ')', 'p') }}
            end as log_{{ t }}{{ ',' if not loop.last }}
        {% endfor %}
    from scaled
),

bought as (
    select
        repeat_days_count,
        observed_days,
        weight,
        {% for t in times %}
            {% set fall = 'shape * p * log_' ~ t %}
            case
                when {{ fall }} < 0.0001
                    then
                        shape * log_{{ t }} * (
                            1 - {{ fall }} * 0.5 + {{ fall }} * {{ fall }} * {{ divide(1, 6) }}
                        )
                else {{ divide('1 - exp(-1 * ' ~ fall ~ ')', 'p') }}
            end as bought_{{ t }}{{ ',' if not loop.last }}
        {% endfor %}
    from logged
),

-- Sums of decimals are the same in any order; sums of doubles are not.
summed as (
    select
        repeat_days_count,
        observed_days,
        {% for t in times %}
            {{ divide(
                'sum(cast(weight * bought_' ~ t ~ ' as decimal(38, 18)))',
                'sum(cast(weight as decimal(38, 18)))'
            ) }} as bought_{{ t }}{{ ',' if not loop.last }}
        {% endfor %}
    from bought
    group by
        repeat_days_count,
        observed_days
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
        -- each step of 30 days at the discount of its middle
        0
        {% for end in step_ends %}
            {% set begin = 30 * loop.index0 %}
            + (
                bought_{{ end }}{{ ' - bought_' ~ begin if begin }}
            ) * power(
                1 + {{ var('clv_annual_discount_rate') }}, {{ -(begin + end) / 2 / 365 }}
            )
        {% endfor %}
            as alive_discounted_purchases_count
    from summed
)

select * from final
