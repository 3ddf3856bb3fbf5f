{% macro share_worse_score(measure, worst_first='asc') -%}
    {#-
        A score of 1 to 5 by the share of rows with a strictly worse value: 1 + floor(5 × share), at most 5. Equal
        values score equally and the worst scores 1. `worst_first` is the order that begins with the worst value.
    -#}
    cast(
        least(
            5,
            1 + floor({{ divide(
                '5 * (rank() over (order by ' ~ measure ~ ' ' ~ worst_first ~ ' nulls last) - 1)',
                'count(*) over ()'
            ) }})
        ) as integer
    )
{%- endmacro %}
