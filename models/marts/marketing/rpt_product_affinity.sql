with

rules as (select * from {{ ref('int_product_rules_measured') }}),

products as (select * from {{ ref('int_products_unioned') }}),

above_chance as (
    select *
    from rules
    where
        lift > 1
        and log_likelihood_ratio >= {{ var('affinity_minimum_likelihood_ratio') }}
),

named as (
    select
        above_chance.*,
        least(antecedents.product_id, second_antecedents.product_id) as antecedent_product_id,
        case
            when second_antecedents.product_id is not null
                then greatest(antecedents.product_id, second_antecedents.product_id)
        end as second_antecedent_product_id,
        consequents.product_id as consequent_product_id
    from above_chance
    inner join products as antecedents
        on above_chance.antecedent_product_key = antecedents.product_key
    left join products as second_antecedents
        on above_chance.second_antecedent_product_key = second_antecedents.product_key
    inner join products as consequents
        on above_chance.consequent_product_key = consequents.product_key
),

ranked as (
    select
        *,
        concat_ws(' + ', antecedent_product_id, second_antecedent_product_id) as antecedent,
        row_number() over (
            partition by antecedent_product_id, second_antecedent_product_id
            order by
                leverage desc nulls last,
                orders_count desc nulls last,
                consequent_product_id asc nulls last
        ) as rule_rank
    from named
),

final as (
    select
        -- keys
        antecedent,
        consequent_product_id,
        antecedent_product_id,
        second_antecedent_product_id,

        -- measures
        cast(rule_rank as bigint) as rule_rank,
        cast(orders_count as bigint) as orders_count,
        cast(antecedent_orders_count as bigint) as antecedent_orders_count,
        cast(consequent_orders_count as bigint) as consequent_orders_count,
        cast(all_orders_count as bigint) as all_orders_count,
        support,
        confidence,
        lift,
        leverage,
        conviction,
        log_likelihood_ratio
    from ranked
    where rule_rank <= {{ var('affinity_rules_kept_count') }}
)

select * from final
