with

record_keys as (select * from {{ ref('int_match_record_keys') }}),

rules as (select * from {{ ref('match_blocking_rules') }}),

records as (select * from {{ ref('int_match_records') }}),

records_counted as (
    select
        count(*) as records_count,
        sum(case when email is null and phone is null then 1 else 0 end) as without_contact_count
    from records
),

-- Mail addresses and numbers find most pairs. The more pairs lack both, the larger blocks may be.
allowed as (
    select
        greatest(
            {{ var('match_few_pairs') }},
            greatest(
                {{ var('match_few_pairs_without_contact') }},
                {{ var('match_pairs_per_record') }} * records_count
            )
            * {{ divide('without_contact_count', 'records_count') }}
            * {{ divide('without_contact_count', 'records_count') }}
            * {{ divide('without_contact_count', 'records_count') }}
        ) as pairs_allowed
    from records_counted
),

counted as (
    select
        rule,
        block_value,
        count(*) as records_count,
        cast(count(*) as bigint) * (count(*) - 1) * 0.5 as pairs_count
    from record_keys
    group by rule, block_value
    having count(*) > 1
),

-- Blocks of the same size are all compared or all skipped, so that their order does not matter.
totalled as (
    select
        rule,
        block_value,
        records_count,
        pairs_count,
        sum(pairs_count) over (
            partition by rule
            order by records_count asc nulls last
            range between unbounded preceding and current row
        ) as smaller_blocks_pair_count
    from counted
),

-- As long as the pairs of a rule are few in total, no block is skipped, however large it is.
judged as (
    select
        totalled.rule,
        totalled.block_value,
        totalled.records_count,
        totalled.pairs_count,
        rules.priority,
        rules.maximum_records,
        totalled.records_count > rules.maximum_records
        and totalled.smaller_blocks_pair_count
        > coalesce(rules.allowed_pairs, allowed.pairs_allowed) as is_oversized
    from totalled
    inner join rules
        on totalled.rule = rules.rule
    cross join allowed
),

final as (
    select
        -- keys
        rule,
        block_value,

        -- attributes
        case when is_oversized then 'oversized' else 'compared' end as block_status,
        case
            when is_oversized then 'more than ' || cast(maximum_records as string) || ' records'
        end as reason,

        -- measures
        priority,
        records_count,
        pairs_count
    from judged
)

select * from final
