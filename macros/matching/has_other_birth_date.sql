{% macro has_other_birth_date(pair) -%}
    {#-
        Whether the birth dates of a compared pair exclude each other. Brothers are not a year apart, and not of one first
        name: within a year of each other, the dates of two records with one name hold a slip.
    -#}
    coalesce(
        {{ pair }}.birth_date_level = 0
        or (
            {{ pair }}.birth_date_level = 1
            and greatest({{ pair }}.first_name_level, {{ pair }}.han_name_level, 0) < 2
        ),
        false
    )
{%- endmacro %}
