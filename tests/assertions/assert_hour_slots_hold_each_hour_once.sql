with

slots as (select * from {{ ref('hour_slots') }}),

hours as (
    {% for hour in range(24) %}
        select {{ hour }} as hour_of_day
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

slot_counts as (
    select
        hour_of_day,
        count(hour_slot) as slot_count
    from slots
    group by hour_of_day
),

slot_bounds as (
    select
        hour_slot,
        lpad(cast(min(hour_of_day) as string), 2, '0')
        || '-' || lpad(cast(max(hour_of_day) as string), 2, '0') as name_of_hours
    from slots
    group by hour_slot
),

-- The columns of the tables by day and by window.
columns_of_slots as (
    {% for hour_slot in hour_slots().values() %}
        select '{{ hour_slot }}' as hour_slot
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        'hour '
        || coalesce(cast(coalesce(slot_counts.hour_of_day, hours.hour_of_day) as string), '(empty)')
        || ' has ' || cast(coalesce(slot_counts.slot_count, 0) as string) || ' slots'
        || case when hours.hour_of_day is null then ' and is no hour' else '' end as finding
    from hours
    full outer join slot_counts
        on hours.hour_of_day = slot_counts.hour_of_day
    where
        hours.hour_of_day is null
        or coalesce(slot_counts.slot_count, 0) <> 1

    union all

    select 'slot ' || hour_slot || ' holds the hours ' || name_of_hours as finding
    from slot_bounds
    where hour_slot <> name_of_hours

    union all

    select
        'slot ' || coalesce(slot_bounds.hour_slot, columns_of_slots.hour_slot)
        || ' is not both in the seed and a column' as finding
    from slot_bounds
    full outer join columns_of_slots
        on slot_bounds.hour_slot = columns_of_slots.hour_slot
    where
        slot_bounds.hour_slot is null
        or columns_of_slots.hour_slot is null
)

select * from final
