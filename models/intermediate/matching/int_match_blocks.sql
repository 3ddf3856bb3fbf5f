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

sizes as (
    select
        rule,
        records_count,
        sum(pairs_count) as pairs_count
    from counted
    group by rule, records_count
),

-- Blocks of the same size are all compared or all skipped, so that their order does not matter.
sizes_totalled as (
    select
        rule,
        records_count,
        sum(pairs_count) over (
            partition by rule
            order by records_count asc nulls last
            rows between unbounded preceding and current row
        ) as smaller_blocks_pair_count
    from sizes
),

-- As long as the pairs of a rule are few in total, no block is skipped, however large it is.
sizes_judged as (
    select
        sizes_totalled.rule,
        sizes_totalled.records_count,
        rules.priority,
        rules.maximum_records,
        sizes_totalled.records_count > rules.maximum_records
        and sizes_totalled.smaller_blocks_pair_count
        > coalesce(rules.allowed_pairs, allowed.pairs_allowed) as is_oversized
    from sizes_totalled
    inner join rules
        on sizes_totalled.rule = rules.rule
    cross join allowed
),

judged as (
    select
        counted.rule,
        counted.block_value,
        counted.records_count,
        counted.pairs_count,
        sizes_judged.priority,
        sizes_judged.maximum_records,
        sizes_judged.is_oversized
    from counted
    inner join sizes_judged
        on
            counted.rule = sizes_judged.rule
            and counted.records_count = sizes_judged.records_count
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
