{% macro run_date() -%}
    {#- The day of the run in the business time zone, as a date literal. -#}
    cast('{{ run_started_at.astimezone(modules.pytz.timezone(setting("timezone"))).strftime("%Y-%m-%d") }}' as date)
{%- endmacro %}
