{% macro business_zone(zone='business') %}
    {#- The IANA name of a column's zone: `business` stands for the setting. -#}
    {{ return(setting('timezone') if zone in (none, 'business') else zone) }}
{% endmacro %}
