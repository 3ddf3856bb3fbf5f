{% macro faded_weight(weight, date, as_of_date, half_life_days=none) -%}
    {#-
        What a signal of that date weighs on the as-of date: half of its weight is left after each half-life. A decimal,
        so that a sum of such weights is the same in whatever order it is made.
    -#}
    cast(
        {{ weight }} * power(
            cast(0.5 as double),
            {{ divide(days_between(date, as_of_date), half_life_days or var('interest_half_life_days')) }}
        ) as decimal(18, 8)
    )
{%- endmacro %}
