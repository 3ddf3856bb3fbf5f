{% macro variance_beyond_chance(values_count, groups_count) -%}
    {#-
        How far true values differ, beyond what chance explains: the between-study variance of DerSimonian and Laird (1986). It is an
        aggregate of rows with the columns of inverse_variance_sums, one per group of values that share a mean; 0 where each group
        has one value.
    -#}
    coalesce(
        greatest(
            0,
            {{ divide(
                'sum(weighted_squares - ' ~ divide('power(weighted_values, 2)', 'weights') ~ ')'
                ~ ' - (sum(' ~ values_count ~ ') - ' ~ groups_count ~ ')',
                'sum(weights - ' ~ divide('squared_weights', 'weights') ~ ')'
            ) }}
        ),
        0
    )
{%- endmacro %}
