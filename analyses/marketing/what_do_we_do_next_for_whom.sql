-- What do we do next, for how many customers, on which channel, and what is it expected to bring?
select
    strategy_name,
    channel,
    blocked_reason,
    count(*) as customers_count,
    round(sum(expected_value_amount), 2) as expected_value_amount,
    round(sum(lower_expected_value_amount), 2) as lower_expected_value_amount,
    round(sum(upper_expected_value_amount), 2) as upper_expected_value_amount
from marts.customer_strategy
group by strategy_name, channel, blocked_reason
order by customers_count desc, strategy_name asc, channel asc, blocked_reason asc
