{#
    The rows are ranges, from `from_column` (included, empty: no lower bound) to `to_column` (not included, empty: no
    upper bound). Within a group they never overlap and leave no gap, and none is empty. `starts` names the groups that
    must hold every value, each with the smallest value there is (empty: none); without `group_column` the only group is
    called `all`. Where several groups share a start, `start_column` says which one. Each failing row is a sentence.
#}
{% test ranges_are_total(model, from_column, to_column, starts, group_column=none, start_column=none) %}

with

ranges as (
    select
        {{ group_column or "'all'" }} as range_group,
        {{ start_column or group_column or "'all'" }} as start_group,
        {{ from_column }} as from_value,
        {{ to_column }} as to_value
    from {{ model }}
),

numbered as (
    select
        range_group,
        from_value,
        to_value,
        row_number() over (
            partition by range_group
            order by from_value asc nulls first, to_value asc nulls last
        ) as range_number,
        count(*) over (partition by range_group) as range_count,
        lead(from_value) over (
            partition by range_group
            order by from_value asc nulls first, to_value asc nulls last
        ) as next_from_value
    from ranges
),

starts as (
    {% for group, start in starts.items() %}
        select
            '{{ group }}' as start_group,
            cast({{ 'null' if start is none else start }} as decimal(38, 4)) as start_value
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

started_groups as (
    select distinct
        start_group,
        range_group
    from ranges
),

groups as (
    select
        coalesce(started_groups.range_group, starts.start_group) as range_group,
        starts.start_value
    from starts
    left join started_groups
        on starts.start_group = started_groups.start_group
),

findings as (
    select groups.range_group || ': there is no range' as finding
    from groups
    left join numbered
        on groups.range_group = numbered.range_group
    where numbered.range_group is null

    union all

    select groups.range_group || ': nothing holds values below ' || cast(numbered.from_value as string) as finding
    from groups
    inner join numbered
        on groups.range_group = numbered.range_group
    where
        numbered.range_number = 1
        and numbered.from_value is not null
        and (groups.start_value is null or numbered.from_value > groups.start_value)

    union all

    select groups.range_group || ': nothing holds values from ' || cast(numbered.to_value as string) || ' on' as finding
    from groups
    inner join numbered
        on groups.range_group = numbered.range_group
    where
        numbered.range_number = numbered.range_count
        and numbered.to_value is not null

    union all

    select
        range_group || ': nothing holds values from ' || cast(to_value as string) || ' to '
        || cast(next_from_value as string) as finding
    from numbered
    where
        range_number < range_count
        and next_from_value > to_value

    union all

    select
        range_group || ': two ranges hold values from ' || coalesce(cast(next_from_value as string), 'no bound') || ' on'
            as finding
    from numbered
    where
        range_number < range_count
        and (to_value is null or next_from_value is null or next_from_value < to_value)

    union all

    select range_group || ': the range from ' || cast(from_value as string) || ' holds nothing' as finding
    from numbered
    where from_value >= to_value
)

select finding
from findings

{% endtest %}
