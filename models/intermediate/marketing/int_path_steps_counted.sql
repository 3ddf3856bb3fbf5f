{% set in_path = 'partition by path_key order by step_number asc nulls last' %}
with

paths as (select * from {{ ref('int_conversion_paths') }}),

steps as (select * from {{ ref('int_conversion_path_steps') }}),

ordered_steps as (
    select
        *,
        lag(channel) over ({{ in_path }}) as previous_channel,
        lead(channel) over ({{ in_path }}) as next_channel
    from steps
),

final as (
    select
        -- keys
        paths.path,
        ordered_steps.step_number,

        -- attributes
        paths.numbered_path,
        ordered_steps.channel,
        ordered_steps.previous_channel,
        ordered_steps.next_channel,

        -- measures
        paths.steps_count,
        count(*) as paths_count,
        count(*) filter (where paths.is_converted) as conversions_count,
        cast(sum(paths.realised_amount) as decimal(38, 4)) as realised_amount,
        cast(coalesce(sum(ordered_steps.time_decay_credit), 0) as decimal(38, 10))
            as time_decay_conversions_count,
        cast(
            coalesce(
                sum(
                    ordered_steps.time_decay_credit
                    * cast(paths.realised_amount as decimal(26, 4))
                ), 0
            ) as decimal(38, 14)
        ) as time_decay_amount
    from paths
    inner join ordered_steps
        on paths.path_key = ordered_steps.path_key
    where
        paths.is_in_period
        and not paths.is_open
    group by
        paths.path,
        ordered_steps.step_number,
        paths.numbered_path,
        ordered_steps.channel,
        ordered_steps.previous_channel,
        ordered_steps.next_channel,
        paths.steps_count
)

select * from final
