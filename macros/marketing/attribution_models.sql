{% macro attribution_models() -%}
    {#- The attribution models, in the order in which the pages name them. -#}
    {{ return([
        'first_touch', 'last_touch', 'last_not_direct', 'linear', 'position_based', 'time_decay', 'shapley', 'markov'
    ]) }}
{%- endmacro %}
