with

rules as (select * from {{ ref('match_blocking_rules') }}),

blocks as (select * from {{ ref('int_match_blocks') }}),

pairs as (select * from {{ ref('int_match_pairs') }}),

-- A record is in at most one block of each rule, so the records of the blocks can be added up.
blocks_counted as (
    select
        rule,
        sum(case when block_status = 'compared' then 1 else 0 end) as blocks_count,
        sum(case when block_status = 'compared' then pairs_count else 0 end) as pairs_count,
        sum(case when block_status = 'oversized' then 1 else 0 end) as skipped_blocks_count,
        sum(case when block_status = 'oversized' then records_count else 0 end)
            as skipped_records_count,
        sum(case when block_status = 'oversized' then pairs_count else 0 end) as skipped_pairs_count
    from blocks
    group by rule
),

pairs_counted as (
    select
        rule,
        count(*) as first_found_pairs_count
    from pairs
    group by rule
),

final as (
    select
        -- keys
        rules.rule,

        -- attributes
        concat_ws(' + ', rules.first_field, rules.second_field, rules.third_field) as fields,

        -- measures
        rules.priority,
        cast(coalesce(blocks_counted.blocks_count, 0) as bigint) as blocks_count,
        cast(coalesce(blocks_counted.pairs_count, 0) as bigint) as pairs_count,
        cast(coalesce(pairs_counted.first_found_pairs_count, 0) as bigint)
            as first_found_pairs_count,
        cast(coalesce(blocks_counted.skipped_blocks_count, 0) as bigint) as skipped_blocks_count,
        cast(coalesce(blocks_counted.skipped_records_count, 0) as bigint)
            as skipped_records_count,
        cast(coalesce(blocks_counted.skipped_pairs_count, 0) as bigint) as skipped_pairs_count
    from rules
    left join blocks_counted
        on rules.rule = blocks_counted.rule
    left join pairs_counted
        on rules.rule = pairs_counted.rule
)

select * from final
