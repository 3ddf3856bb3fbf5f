with

purchases as (select * from {{ ref('int_customer_purchases') }}),

members as (select * from {{ ref('int_household_members_listed') }}),

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

relation_keys as (select * from {{ ref('int_relation_keys_gathered') }}),

judged_keys as (select * from {{ ref('int_relation_keys_judged') }}),

households as (
    select
        members.household_id,
        count(*) as customers_count,
        {{ text_list('members.customer_id') }} as member_customer_ids,
        sum(purchases.realised_amount) as realised_amount
    from members
    inner join purchases
        on members.customer_id = purchases.customer_id
    group by members.household_id
),

told_sizes as (
    select
        customer_id,
        attribute_value as told_people_count
    from survived
    where attribute = 'household_size'
),

skipped_keys as (
    select
        relation_keys.customer_id,
        count(*) as skipped_values_count
    from relation_keys
    inner join judged_keys
        on
            relation_keys.relation_key = judged_keys.relation_key
            and relation_keys.key_value = judged_keys.key_value
    where judged_keys.key_status <> 'compared'
    group by relation_keys.customer_id
),

-- Who shares a household with nobody is one of their own.
final as (
    select
        -- keys
        purchases.customer_id,
        purchases.as_of_date,
        coalesce(
            members.household_id, {{ household_id('purchases.customer_id') }}
        ) as household_id,

        -- attributes
        coalesce(households.member_customer_ids, purchases.customer_id) as member_customer_ids,

        -- measures
        cast(coalesce(households.customers_count, 1) as bigint) as household_customers_count,
        cast(told_sizes.told_people_count as bigint) as told_household_size,
        cast(
            coalesce(households.realised_amount, purchases.realised_amount) as decimal(38, 4)
        ) as household_realised_amount,
        cast(coalesce(skipped_keys.skipped_values_count, 0) as bigint) as skipped_values_count,

        -- flags
        coalesce(households.customers_count > 1, false) as is_shared,
        coalesce(
            coalesce(households.customers_count, 1)
            > cast(told_sizes.told_people_count as bigint),
            false
        ) as is_larger_than_told
    from purchases
    left join members
        on purchases.customer_id = members.customer_id
    left join households
        on members.household_id = households.household_id
    left join told_sizes
        on purchases.customer_id = told_sizes.customer_id
    left join skipped_keys
        on purchases.customer_id = skipped_keys.customer_id
)

select * from final
