{% macro business_date(timestamp) -%}
    {#- The business date of a timestamp in UTC. -#}
    cast({{ utc_to_local(timestamp, business_zone()) }} as date)
{%- endmacro %}
