{% macro staged_models(concept) %}
    {#-
        The staging models that deliver a concept, by system: the one place that a further system joins. All models of
        one concept have the same columns (docs/adding_a_system.md).
    -#}
    {% set models = {
        'customers': {
            'shop': 'stg_shop__customers',
            'pos': 'stg_pos__members',
            'marketplace': 'stg_marketplace__buyers',
            'crm': 'stg_crm__contacts',
        },
        'customer_versions': {
            'shop': 'stg_shop__customer_versions',
            'pos': 'stg_pos__member_versions',
            'marketplace': 'stg_marketplace__buyer_versions',
            'crm': 'stg_crm__contact_versions',
        },
        'orders': {
            'shop': 'stg_shop__orders',
            'pos': 'stg_pos__receipts',
            'marketplace': 'stg_marketplace__orders',
        },
        'order_lines': {
            'shop': 'stg_shop__order_items',
            'pos': 'stg_pos__receipt_items',
            'marketplace': 'stg_marketplace__order_items',
        },
        'payments': {
            'shop': 'stg_shop__payments',
            'marketplace': 'stg_marketplace__refunds',
        },
        'products': {
            'shop': 'stg_shop__products',
        },
        'coupons': {
            'shop': 'stg_shop__coupons',
        },
        'coupon_issues': {
            'shop': 'stg_shop__coupon_issues',
        },
        'coupon_redemptions': {
            'shop': 'stg_shop__coupon_redemptions',
        },
        'stores': {
            'pos': 'stg_pos__stores',
        },
        'fees': {
            'marketplace': 'stg_marketplace__fees',
        },
        'organisations': {
            'crm': 'stg_crm__organisations',
        },
    } %}
    {{ return(models[concept]) }}
{% endmacro %}
