{% macro has_tag(tag) -%}
    {#-
        Whether a row of customer_portrait has the tag: its condition holds, and its evidence is not older than the tag lasts.
        Not null: what is unknown is not so.
    -#}
    coalesce(
        ({{ tag['condition'] }})
        {%- if tag['expires_after_days'] is not none %}
            and {{ days_between(tag['evidence_date_column'] or 'as_of_date', 'as_of_date') }}
            < {{ tag['expires_after_days'] }}
        {%- endif %},
        false
    )
{%- endmacro %}
