-- Which products are bought together far more often than by chance?
select
    coalesce(antecedents.product_name, rules.antecedent) as who_buys,
    second_antecedents.product_name as and_also,
    coalesce(consequents.product_name, rules.consequent_product_id) as buys,
    rules.orders_count,
    round(100 * rules.confidence, 1) as confidence_pct,
    round(rules.lift, 1) as lift
from marts.rpt_product_affinity as rules
inner join marts.dim_products as antecedents
    on rules.antecedent_product_id = antecedents.product_id
left join marts.dim_products as second_antecedents
    on rules.second_antecedent_product_id = second_antecedents.product_id
inner join marts.dim_products as consequents
    on rules.consequent_product_id = consequents.product_id
where rules.rule_rank = 1
order by rules.leverage desc, rules.antecedent asc
limit 20
