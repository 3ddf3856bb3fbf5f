{% macro household_id(customer_id) -%}
    {#- The id of the household whose smallest customer id this is: h and 15 hex digits of its hash. -#}
    'h' || substr(md5({{ customer_id }}), 1, 15)
{%- endmacro %}
