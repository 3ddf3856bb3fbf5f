with

identity_rules as (select * from {{ ref('identity_rules') }}),

source_records as (select * from {{ ref('int_source_records_unioned') }}),

-- The order of the two records of a rule does not matter.
paired as (
    select
        identity_rules.rule,
        identity_rules.system || ':' || identity_rules.native_customer_id as record_id,
        identity_rules.other_system || ':' || identity_rules.other_native_customer_id
            as other_record_id,
        identity_rules.reason,
        identity_rules.decided_on,
        records.record_key,
        other_records.record_key as other_record_key
    from identity_rules
    left join source_records as records
        on
            identity_rules.system = records.system
            and identity_rules.native_customer_id = records.native_customer_id
    left join source_records as other_records
        on
            identity_rules.other_system = other_records.system
            and identity_rules.other_native_customer_id = other_records.native_customer_id
),

turned as (
    select
        rule,
        least(record_key, other_record_key) as record_key,
        greatest(record_key, other_record_key) as other_record_key,
        case when record_key > other_record_key then other_record_id else record_id end
            as record_id,
        case when record_key > other_record_key then record_id else other_record_id end
            as other_record_id,
        reason,
        decided_on,
        record_key is not null and other_record_key is not null as has_both_records
    from paired
),

-- If the same rule is written twice, the first date counts.
ranked as (
    select
        rule,
        record_key,
        other_record_key,
        record_id,
        other_record_id,
        reason,
        decided_on,
        has_both_records,
        row_number() over (
            partition by rule, record_id, other_record_id
            order by decided_on asc nulls last, reason asc nulls last
        ) as rule_rank
    from turned
),

final as (
    select
        -- keys
        rule,
        record_id,
        other_record_id,
        case when has_both_records then record_key end as record_key,
        case when has_both_records then other_record_key end as other_record_key,

        -- attributes
        reason,

        -- flags
        has_both_records,

        -- dates and timestamps
        decided_on
    from ranked
    where rule_rank = 1
)

select * from final
