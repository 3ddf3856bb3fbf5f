{% macro has_other_birth_date(pair) -%}
    {#-
        Whether the birth dates of a compared pair exclude each other. Brothers are not a year apart, and not of one first
        name: within a year of each other, the dates of two records with one name hold a slip.
    -#}
    (
        {{ is_at_level(pair, 'birth_date', 'different') }}
        or (
            {{ is_at_level(pair, 'birth_date', 'year_apart') }}
            and not {{ is_at_least_at_level(pair, 'first_name', 'initial') }}
            and not {{ is_at_least_at_level(pair, 'han_name', 'swapped') }}
        )
    )
{%- endmacro %}
