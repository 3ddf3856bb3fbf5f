{{ web_order_rows(
    ref('base_shop__orders'),
    ref('order_status_map'),
    ref('order_type_words'),
    customer_number='customer_id',
) }}
