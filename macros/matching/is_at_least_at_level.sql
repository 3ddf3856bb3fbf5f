{% macro is_at_least_at_level(pair, comparison, level) -%}
    {#- Whether a compared pair is at least as close as this level of a comparison; false where the comparison says nothing. -#}
    coalesce({{ pair }}.{{ comparison }}_level >= {{ match_level(comparison, level) }}, false)
{%- endmacro %}
