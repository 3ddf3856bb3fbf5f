{% macro is_at_level(pair, comparison, levels) -%}
    {#- Whether a compared pair is at one of these levels of a comparison; false where the comparison says nothing. -#}
    {%- set numbers = [] -%}
    {%- for level in ([levels] if levels is string else levels) -%}
        {%- do numbers.append(match_level(comparison, level)) -%}
    {%- endfor -%}
    coalesce({{ pair }}.{{ comparison }}_level in ({{ numbers | join(', ') }}), false)
{%- endmacro %}
