with

value_groups as (select * from {{ ref('value_groups') }}),

halves as (
    select true as is_better
    union all
    select false as is_better
),

patterns as (
    select
        recency.is_better as is_recent,
        frequency.is_better as is_frequent,
        monetary.is_better as is_high_value
    from halves as recency
    cross join halves as frequency
    cross join halves as monetary
),

name_counts as (
    select
        patterns.is_recent,
        patterns.is_frequent,
        patterns.is_high_value,
        count(value_groups.value_group_pattern) as name_count
    from patterns
    left join value_groups
        on
            patterns.is_recent = value_groups.is_recent
            and patterns.is_frequent = value_groups.is_frequent
            and patterns.is_high_value = value_groups.is_high_value
    group by patterns.is_recent, patterns.is_frequent, patterns.is_high_value
),

-- The pattern in words says the same as the flags next to it.
misnamed as (
    select value_group_pattern
    from value_groups
    where
        value_group_pattern is null
        or value_group_pattern <> (
            case when is_recent then 'near' else 'far' end
            || case when is_frequent then '-high' else '-low' end
            || case when is_high_value then '-high' else '-low' end
        )
),

final as (
    select
        'pattern '
        || case when is_recent then 'near' else 'far' end
        || case when is_frequent then '-high' else '-low' end
        || case when is_high_value then '-high' else '-low' end
        || ' has ' || cast(name_count as string) || ' names' as finding
    from name_counts
    where name_count <> 1

    union all

    select
        'pattern ' || coalesce(value_group_pattern, '(empty)') || ' is not that of its flags'
            as finding
    from misnamed
)

select * from final
