with

relation_keys as (select * from {{ ref('int_relation_keys_gathered') }}),

terms as (select * from {{ ref('int_relation_terms_gathered') }}),

organisations as (select * from {{ ref('int_organisations_unioned') }}),

limits as (select * from {{ ref('relation_keys') }}),

shared as (
    select
        relation_key,
        key_value,
        count(*) as customers_count,
        bool_or(is_flat) as is_flat
    from relation_keys
    group by relation_key, key_value
    having count(*) > 1
),

family_names as (
    select
        relation_keys.relation_key,
        relation_keys.key_value,
        count(distinct terms.term_value) as family_names_count
    from relation_keys
    inner join shared
        on
            relation_keys.relation_key = shared.relation_key
            and relation_keys.key_value = shared.key_value
    inner join terms
        on
            relation_keys.customer_id = terms.customer_id
            and terms.term = 'family_name'
    group by relation_keys.relation_key, relation_keys.key_value
),

organisation_addresses as (
    select distinct
        'address' as relation_key,
        {{ folded_address('address', 'city') }} as key_value
    from organisations
    where address is not null
),

final as (
    select
        -- keys
        shared.relation_key,
        shared.key_value,

        -- attributes
        case
            when organisation_addresses.key_value is not null then 'organisation'
            when shared.customers_count > limits.maximum_customers then 'hub'
            else 'compared'
        end as key_status,

        -- measures
        shared.customers_count,
        coalesce(family_names.family_names_count, 0) as family_names_count,

        -- flags
        shared.is_flat,
        coalesce(family_names.family_names_count > limits.maximum_family_names, false)
            as is_crowded
    from shared
    inner join limits
        on shared.relation_key = limits.relation_key
    left join family_names
        on
            shared.relation_key = family_names.relation_key
            and shared.key_value = family_names.key_value
    left join organisation_addresses
        on
            shared.relation_key = organisation_addresses.relation_key
            and shared.key_value = organisation_addresses.key_value
)

select * from final
