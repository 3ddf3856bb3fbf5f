{% macro share_worse_score(measure, worst_first='asc', within=none) -%}
    {#-
        A score of 1 to 5 by the share of rows with a strictly worse value: 1 + floor(5 × share), at most 5. Equal
        values score equally and the worst scores 1. `worst_first` is the order that begins with the worst value; rows
        are compared with those that have the same values in the columns `within`.
    -#}
    {%- set partition = 'partition by ' ~ within ~ ' ' if within else '' -%}
    cast(
        least(
            5,
            1 + floor({{ divide(
                '5 * (rank() over (' ~ partition ~ 'order by ' ~ measure ~ ' ' ~ worst_first ~ ' nulls last) - 1)',
                'count(*) over (' ~ partition | trim ~ ')'
            ) }})
        ) as integer
    )
{%- endmacro %}
