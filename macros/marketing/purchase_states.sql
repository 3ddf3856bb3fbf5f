{% macro purchase_states() -%}
    {#- What purchase_state can be. -#}
    {{ return(['never_bought', 'one_order', 'several_orders', 'going', 'long_gone']) }}
{%- endmacro %}
