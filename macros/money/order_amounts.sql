{% macro order_amounts() %}
    {#- The amounts of an order document, each in the order's and in the reporting currency (docs/money.md). -#}
    {{ return([
        'gross', 'discount', 'net', 'unitemised', 'cancelled', 'refunded', 'open', 'applied_return', 'realised', 'paid',
    ]) }}
{% endmacro %}
