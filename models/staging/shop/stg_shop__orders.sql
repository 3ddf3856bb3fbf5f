{{ web_order_rows(
    ref('base_shop__orders'),
    ref('order_status_map'),
    ref('order_type_words'),
    ref('country_names'),
    customer_number='customer_id',
) }}
