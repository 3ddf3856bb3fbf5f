{{ web_order_rows(
    ref('base_marketplace__orders'),
    ref('order_status_map'),
    ref('order_type_words'),
    customer_number='buyer_id',
) }}
