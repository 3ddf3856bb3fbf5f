-- Why is nothing done with some customers, and which strategies were weighed for them?
select
    options.strategy_code,
    strategy.blocked_reason,
    count(*) as customers_count,
    round(avg(options.contacts_recent_count), 2) as mean_contacts_count
from marts.customer_strategy as strategy
inner join marts.customer_strategy_options as options
    on strategy.customer_id = options.customer_id
where strategy.strategy_code = 'leave_alone'
group by options.strategy_code, strategy.blocked_reason
order by customers_count desc, options.strategy_code asc, strategy.blocked_reason asc
