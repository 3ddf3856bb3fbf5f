{{ web_order_rows(
    ref('base_marketplace__orders'), ref('order_status_map'), customer_number='buyer_id'
) }}
