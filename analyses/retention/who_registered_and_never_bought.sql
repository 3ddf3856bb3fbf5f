-- Who registered, may be written to, and never bought?
select
    customers.customer_id,
    customers.full_name,
    customers.email,
    customers.registered_at
from marts.dim_customers as customers
inner join marts.customer_segments as segments
    on customers.customer_id = segments.customer_id
where
    segments.lifecycle_stage = 'prospect'
    and customers.has_email_consent
    and customers.email is not null
order by customers.registered_at asc, customers.customer_id asc
