{% macro potential_customer_id(record_id) -%}
    {#- The id that a record's customer has where the record is the anchor: c and 15 hex digits of its hash. -#}
    'c' || substr(md5({{ record_id }}), 1, 15)
{%- endmacro %}
