{% macro is_date_only(text) -%}
    {#- Whether an ISO text (iso_datetime_text) has no time of day. -#}
    {{ regex_matches(text, '^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$') }}
{%- endmacro %}
