with

relation_keys as (select * from {{ ref('int_relation_keys_gathered') }}),

judged_keys as (select * from {{ ref('int_relation_keys_judged') }}),

holders as (
    select
        relation_keys.customer_id,
        relation_keys.relation_key,
        relation_keys.key_value,
        judged_keys.customers_count,
        judged_keys.is_flat,
        judged_keys.is_crowded,
        relation_keys.first_seen_at
    from relation_keys
    inner join judged_keys
        on
            relation_keys.relation_key = judged_keys.relation_key
            and relation_keys.key_value = judged_keys.key_value
    where judged_keys.key_status = 'compared'
),

-- A value has no more pairs than its greatest number of customers allows.
final as (
    select
        -- keys
        one.customer_id,
        other.customer_id as related_customer_id,
        one.relation_key,

        -- measures
        count(*) as shared_values_count,
        min(one.customers_count) as customers_count,

        -- flags
        bool_or(not one.is_crowded) as has_uncrowded_value,
        bool_or(one.is_flat and not one.is_crowded) as has_uncrowded_flat,

        -- dates and timestamps
        min(greatest(one.first_seen_at, other.first_seen_at)) as since_at
    from holders as one
    inner join holders as other
        on
            one.relation_key = other.relation_key
            and one.key_value = other.key_value
            and one.customer_id < other.customer_id
    group by one.customer_id, other.customer_id, one.relation_key
)

select * from final
