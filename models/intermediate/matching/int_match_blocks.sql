with

record_keys as (select * from {{ ref('int_match_record_keys') }}),

rules as (select * from {{ ref('match_blocking_rules') }}),

counted as (
    select
        rule,
        block_value,
        count(*) as record_count
    from record_keys
    group by rule, block_value
    having count(*) > 1
),

final as (
    select
        -- keys
        counted.rule,
        counted.block_value,

        -- attributes
        case
            when counted.record_count > rules.maximum_records then 'oversized'
            else 'compared'
        end as block_status,
        case
            when counted.record_count > rules.maximum_records
                then 'more than ' || cast(rules.maximum_records as string) || ' records'
        end as reason,

        -- measures
        rules.priority,
        counted.record_count,
        cast(counted.record_count as bigint) * (counted.record_count - 1) * 0.5 as pair_count
    from counted
    inner join rules
        on counted.rule = rules.rule
)

select * from final
