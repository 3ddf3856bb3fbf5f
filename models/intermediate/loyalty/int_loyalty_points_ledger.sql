{#
    The bounds of an account are put together in blocks of so many; a block has the number of its
    first one.
#}
{% set block_size = 64 %}

with

steps as (select * from {{ ref('int_loyalty_points_ordered') }}),

-- The balance of the points with an expiry date is dated - asked + correction, each summed so far.
-- After points were taken the balance is zero or more, so from there on the correction is at least
-- asked - dated. After points expired the balance is at most what has not expired, so the
-- correction is at most asked - expiring.
bounds as (
    select
        record_key,
        bounds_so_far_count as bound_number,
        bounds_so_far_count - bounds_so_far_count % {{ block_size }} as block_number,
        case when step = 'take' then asked_points_so_far - dated_points_so_far end as floor_points,
        case when step = 'expiry' then asked_points_so_far - expiring_points_so_far end
            as ceiling_points
    from steps
    where step <> 'credit'

    union all

    select
        record_key,
        0 as bound_number,
        0 as block_number,
        0 as floor_points,
        cast(null as decimal(38, 4)) as ceiling_points
    from steps
    where step_number = 1
),

-- This join is many to many on purpose: each bound meets all earlier ones of its account, but only
-- within its block, or the pairs would grow with the square of the account.
bounds_before as (
    select
        bounds.record_key,
        bounds.block_number,
        bounds.bound_number,
        earlier_bounds.floor_points,
        min(earlier_bounds.ceiling_points) over (
            partition by bounds.record_key, bounds.bound_number
            order by earlier_bounds.bound_number desc nulls last
            rows between unbounded preceding and current row
        ) as least_ceiling_points
    from bounds
    inner join bounds as earlier_bounds
        on
            bounds.record_key = earlier_bounds.record_key
            and bounds.block_number = earlier_bounds.block_number
            and bounds.bound_number >= earlier_bounds.bound_number
),

-- The bounds in their order: a lower bound counts as far as the upper bounds after it allow. The
-- correction with which the account enters the block counts as far as all of them allow.
bounds_of_block as (
    select
        record_key,
        block_number,
        bound_number,
        max(case when floor_points is not null then least(floor_points, least_ceiling_points) end)
            as floor_points,
        min(least_ceiling_points) as ceiling_points
    from bounds_before
    group by record_key, block_number, bound_number
),

-- What a whole block does to the correction. Only the last block of an account is not full.
blocks as (
    select
        record_key,
        block_number,
        floor_points,
        ceiling_points
    from bounds_of_block
    where bound_number % {{ block_size }} = {{ block_size }} - 1
),

-- Many to many on purpose, too: each full block meets all earlier ones of its account.
blocks_before as (
    select
        blocks.record_key,
        blocks.block_number,
        earlier_blocks.floor_points,
        min(earlier_blocks.ceiling_points) over (
            partition by blocks.record_key, blocks.block_number
            order by earlier_blocks.block_number desc nulls last
            rows between unbounded preceding and 1 preceding
        ) as least_ceiling_points
    from blocks
    inner join blocks as earlier_blocks
        on
            blocks.record_key = earlier_blocks.record_key
            and blocks.block_number >= earlier_blocks.block_number
),

entering as (
    select
        record_key,
        block_number + {{ block_size }} as block_number,
        max(least(floor_points, least_ceiling_points)) as correction_points
    from blocks_before
    where floor_points is not null
    group by record_key, block_number
),

corrections as (
    select
        bounds_of_block.record_key,
        bounds_of_block.bound_number,
        case
            when entering.correction_points is null then bounds_of_block.floor_points
            else
                greatest(
                    bounds_of_block.floor_points,
                    least(entering.correction_points, bounds_of_block.ceiling_points)
                )
        end as correction_points
    from bounds_of_block
    left join entering
        on
            bounds_of_block.record_key = entering.record_key
            and bounds_of_block.block_number = entering.block_number
),

dated_balances as (
    select
        steps.record_key,
        steps.step_number,
        steps.step,
        steps.undated_points,
        steps.asked_points,
        steps.dated_points_so_far
        - steps.asked_points_so_far
        + corrections.correction_points as dated_balance_points
    from steps
    inner join corrections
        on
            steps.record_key = corrections.record_key
            and steps.bounds_so_far_count = corrections.bound_number
),

-- Points without an expiry date are spent last: only for what the others do not cover.
undated_changes as (
    select
        record_key,
        step_number,
        asked_points,
        dated_balance_points,
        case
            when step = 'take'
                then
                    coalesce(
                        lag(dated_balance_points) over (
                            partition by record_key
                            order by step_number asc nulls last
                        ), 0
                    )
                    - dated_balance_points
                    - asked_points
            else undated_points
        end as undated_change_points
    from dated_balances
),

undated_totals as (
    select
        record_key,
        step_number,
        asked_points,
        dated_balance_points,
        sum(undated_change_points) over (
            partition by record_key
            order by step_number asc nulls last
            rows between unbounded preceding and current row
        ) as undated_total_points
    from undated_changes
),

balances as (
    select
        record_key,
        step_number,
        asked_points,
        dated_balance_points
        + undated_total_points
        - least(
            0,
            min(undated_total_points) over (
                partition by record_key
                order by step_number asc nulls last
                rows between unbounded preceding and current row
            )
        ) as balance_points
    from undated_totals
),

movements as (
    select
        record_key,
        step_number,
        asked_points,
        balance_points,
        balance_points - coalesce(
            lag(balance_points) over (
                partition by record_key
                order by step_number asc nulls last
            ), 0
        ) as points
    from balances
),

final as (
    select
        -- keys
        steps.entry_id,
        case when steps.step = 'expiry' then 'expiry' else 'entry' end as movement,
        steps.record_key,
        steps.order_id,

        -- attributes
        steps.entry_kind,
        steps.step_number,

        -- measures
        steps.stated_points,
        cast(movements.points as decimal(38, 4)) as points,
        cast(
            case when steps.step = 'take' then movements.asked_points + movements.points else 0 end
            as decimal(38, 4)
        ) as uncovered_points,
        cast(movements.balance_points as decimal(38, 4)) as balance_points,

        -- dates and timestamps
        steps.occurred_at,
        steps.occurred_date
    from steps
    inner join movements
        on
            steps.record_key = movements.record_key
            and steps.step_number = movements.step_number
    -- points that had been spent before they expired are no entry
    where
        steps.step <> 'expiry'
        or movements.points <> 0
)

select * from final
