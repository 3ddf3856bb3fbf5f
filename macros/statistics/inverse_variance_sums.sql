{% macro inverse_variance_sums(value, variance) -%}
    {#-
        The select items weights, weighted_values, weighted_squares and squared_weights: sums over values that weigh as the inverse
        of their variance. Decimals add up to the same in any order.
    -#}
    sum(cast({{ divide('1', variance) }} as decimal(28, 8))) as weights,
    sum(cast({{ divide(value, variance) }} as decimal(28, 8))) as weighted_values,
    sum(cast({{ divide('power(' ~ value ~ ', 2)', variance) }} as decimal(28, 8)))
        as weighted_squares,
    sum(cast(power({{ divide('1', variance) }}, 2) as decimal(36, 4))) as squared_weights
{%- endmacro %}
