{% macro event_counts() %}
    {#- Column -> the type of the events that it counts, in tables of sessions, days and windows. -#}
    {{ return({
        'page_views_count': 'page_view',
        'product_views_count': 'product_view',
        'searches_count': 'search',
        'favourites_count': 'favourite',
        'cart_adds_count': 'cart_add',
        'cart_removes_count': 'cart_remove',
        'clicks_count': 'click',
        'logins_count': 'login',
    }) }}
{% endmacro %}
