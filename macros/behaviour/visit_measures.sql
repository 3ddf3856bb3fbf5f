{% macro visit_measures() %}
    {#- The columns that tables by day count of visits. -#}
    {{ return(
        ['sessions_count', 'cart_sessions_count', 'abandoned_cart_sessions_count', 'events_count']
        + event_counts() | list + hour_slots() | list
    ) }}
{% endmacro %}
