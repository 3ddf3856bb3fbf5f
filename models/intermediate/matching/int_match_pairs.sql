with

record_keys as (select * from {{ ref('int_match_record_keys') }}),

blocks as (select * from {{ ref('int_match_blocks') }}),

rules as (select * from {{ ref('match_blocking_rules') }}),

members as (
    select
        record_keys.record_key,
        record_keys.rule,
        record_keys.block_value,
        record_keys.priority
    from record_keys
    inner join blocks
        on
            record_keys.rule = blocks.rule
            and record_keys.block_value = blocks.block_value
    where blocks.block_status = 'compared'
),

-- A block has at most as many pairs as the greatest number of records of its rule allows.
found as (
    select
        members.record_key,
        others.record_key as other_record_key,
        min(members.priority) as priority,
        count(*) as rules_count
    from members
    inner join members as others
        on
            members.rule = others.rule
            and members.block_value = others.block_value
            and members.record_key < others.record_key
    group by members.record_key, others.record_key
),

final as (
    select
        -- keys
        found.record_key,
        found.other_record_key,

        -- attributes
        rules.rule,

        -- measures
        cast(found.rules_count as integer) as rules_count
    from found
    inner join rules
        on found.priority = rules.priority
)

select * from final
