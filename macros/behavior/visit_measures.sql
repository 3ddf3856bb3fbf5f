{% macro visit_measures() %}
    {#- The columns in which daily tables count visits and events. -#}
    {% set measures = ['sessions_count', 'cart_sessions_count', 'abandoned_cart_sessions_count', 'events_count'] %}
    {% do measures.extend(event_counts()) %}
    {% for slot in hour_slots() %}
        {% do measures.append('events_' ~ slot ~ '_count') %}
    {% endfor %}
    {{ return(measures) }}
{% endmacro %}
