with

bands as (select * from {{ ref('churn_risk_bands') }}),

-- No range begins or ends within a cell of the grid of all bounds, so the lowest corner of a cell
-- represents all of it.
p_alive_bounds as (
    select cast(0 as double) as p_alive
    union
    select from_p_alive as p_alive
    from bands
    where from_p_alive > 0
    union
    select to_p_alive as p_alive
    from bands
    where to_p_alive <= 1
),

overdue_bounds as (
    select cast(0 as double) as overdue_factor
    union
    select from_overdue_factor as overdue_factor
    from bands
    where from_overdue_factor > 0
    union
    select to_overdue_factor as overdue_factor
    from bands
    where to_overdue_factor > 0
),

counted as (
    select
        p_alive_bounds.p_alive,
        overdue_bounds.overdue_factor,
        count(bands.churn_risk_band) as ranges_count
    from p_alive_bounds
    cross join overdue_bounds
    left join bands
        on
            p_alive_bounds.p_alive >= bands.from_p_alive
            and p_alive_bounds.p_alive < coalesce(bands.to_p_alive, 2)
            and overdue_bounds.overdue_factor >= bands.from_overdue_factor
            and overdue_bounds.overdue_factor
            < coalesce(bands.to_overdue_factor, overdue_bounds.overdue_factor + 1)
    group by
        p_alive_bounds.p_alive,
        overdue_bounds.overdue_factor
),

final as (
    select
        'P(alive) from ' || cast(cast(p_alive as decimal(18, 4)) as string)
        || ' with an overdue factor from '
        || cast(cast(overdue_factor as decimal(18, 4)) as string)
        || ' is in ' || cast(ranges_count as string) || ' ranges' as finding
    from counted
    where ranges_count <> 1

    union all

    select 'a range of ' || churn_risk_band || ' holds nothing' as finding
    from bands
    where
        from_p_alive >= to_p_alive
        or from_overdue_factor >= to_overdue_factor
)

select * from final
