{% macro staged_tables() %}
    {#- The tables of the contract that base models type, by system; a test fails where one is missing. -#}
    {{ return({
        'shop': ['customers', 'orders', 'order_items', 'payments', 'products', 'coupons', 'reviews',
                 'coupon_issues', 'coupon_redemptions', 'order_events'],
        'pos': ['members', 'receipts', 'receipt_items', 'stores'],
        'marketplace': ['buyers', 'orders', 'order_items', 'fees'],
        'app': ['events', 'devices'],
        'crm': ['contacts', 'identifiers', 'organisations', 'relationships', 'loyalty_points', 'surveys',
                'tickets', 'interactions', 'social_profiles', 'campaigns', 'campaign_arms', 'campaign_contacts'],
        'ops': ['fx_rates', 'order_costs', 'marketing_costs'],
    }) }}
{% endmacro %}
