{% macro charge_kinds() %}
    {#-
        What an order charges beside its goods: each stands for `<name>_amount` and `<name>_amount_local`, and names the
        kinds of lines that it adds up (docs/money.md).
    -#}
    {{ return({
        'shipping': "('shipping')",
        'tax': "('tax')",
        'tip': "('tip')",
        'gift_card': "('gift_card')",
        'other_charge': "('packaging', 'surcharge')",
    }) }}
{% endmacro %}
