with

identity_rules as (select * from {{ ref('int_identity_rules_resolved') }}),

records as (select * from {{ ref('int_records_clustered') }}),

edges as (select * from {{ ref('int_identity_edges') }}),

-- Where rules contradict each other, the rule `never` holds: a rule `always` may be refused, and
-- its edge says so.
refused_rules as (
    select
        record_key,
        other_record_key
    from edges
    where
        strength = 'rule'
        and is_refused
),

final as (
    select
        identity_rules.record_id,
        identity_rules.other_record_id
    from identity_rules
    inner join records
        on identity_rules.record_key = records.record_key
    inner join records as other_records
        on identity_rules.other_record_key = other_records.record_key
    left join refused_rules
        on
            identity_rules.record_key = refused_rules.record_key
            and identity_rules.other_record_key = refused_rules.other_record_key
    where
        (identity_rules.rule = 'never' and records.customer_id = other_records.customer_id)
        or (
            identity_rules.rule = 'always'
            and refused_rules.record_key is null
            and records.customer_id <> other_records.customer_id
        )
)

select * from final
