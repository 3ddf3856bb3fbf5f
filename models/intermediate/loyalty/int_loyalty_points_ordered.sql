with

as_of as (select * from {{ ref('int_as_of') }}),

loyalty_points as (select * from {{ ref('stg_crm__loyalty_points') }}),

records as (select * from {{ ref('int_records_clustered') }}),

entries as (
    select
        loyalty_points.entry_id,
        records.record_key,
        {{ key_part('loyalty_points.system') }} || ':' || loyalty_points.native_order_id
            as order_id,
        loyalty_points.entry_kind,
        loyalty_points.points,
        loyalty_points.occurred_at,
        loyalty_points.occurred_date,
        case
            when
                loyalty_points.points > 0
                and loyalty_points.expires_at > loyalty_points.occurred_at
                then loyalty_points.expires_at
        end as expires_at,
        as_of.as_of_date
    from loyalty_points
    inner join as_of
        on loyalty_points.occurred_date <= as_of.as_of_date
    inner join records
        on
            loyalty_points.system = records.system
            and loyalty_points.native_customer_id = records.native_customer_id
),

-- Points expire in the order in which they were credited: none expires before earlier ones.
dated_entries as (
    select
        entry_id,
        record_key,
        order_id,
        entry_kind,
        points,
        occurred_at,
        occurred_date,
        case
            when expires_at is not null
                then
                    max(expires_at) over (
                        partition by record_key
                        order by occurred_at asc nulls last, entry_id asc nulls last
                        rows between unbounded preceding and current row
                    )
        end as expires_at,
        max(expires_at) over (partition by record_key) is not null as has_expiry_dates,
        as_of_date
    from entries
),

steps as (
    select
        entry_id,
        record_key,
        order_id,
        case when points < 0 then 'take' else 'credit' end as step,
        case when points < 0 then 3 else 2 end as step_rank,
        entry_kind,
        points as stated_points,
        case when expires_at is not null then points else 0 end as dated_points,
        case when points > 0 and expires_at is null then points else 0 end as undated_points,
        -- where the points have expiry dates, an entry that says that they expired takes nothing
        case
            when points >= 0 or (entry_kind = 'expire' and has_expiry_dates) then 0
            else -points
        end as asked_points,
        0 as expiring_points,
        occurred_at as entered_at,
        occurred_at,
        occurred_date
    from dated_entries

    union all

    select
        entry_id,
        record_key,
        cast(null as string) as order_id,
        'expiry' as step,
        1 as step_rank,
        'expire' as entry_kind,
        cast(null as decimal(38, 4)) as stated_points,
        0 as dated_points,
        0 as undated_points,
        0 as asked_points,
        points as expiring_points,
        occurred_at as entered_at,
        expires_at as occurred_at,
        {{ business_date('expires_at') }} as occurred_date
    from dated_entries
    where {{ business_date('expires_at') }} <= as_of_date
),

numbered as (
    select
        entry_id,
        record_key,
        order_id,
        step,
        entry_kind,
        stated_points,
        dated_points,
        undated_points,
        asked_points,
        expiring_points,
        occurred_at,
        occurred_date,
        row_number() over (
            partition by record_key
            order by
                occurred_at asc nulls last,
                step_rank asc nulls last,
                entered_at asc nulls last,
                entry_id asc nulls last
        ) as step_number
    from steps
),

final as (
    select
        -- keys
        entry_id,
        step,
        record_key,
        order_id,

        -- attributes
        entry_kind,
        cast(step_number as bigint) as step_number,

        -- measures
        cast(stated_points as decimal(38, 4)) as stated_points,
        cast(undated_points as decimal(38, 4)) as undated_points,
        cast(asked_points as decimal(38, 4)) as asked_points,
        {% for measure in ['dated', 'asked', 'expiring'] %}
            cast(
                sum({{ measure }}_points) over (
                    partition by record_key
                    order by step_number asc nulls last
                    rows between unbounded preceding and current row
                ) as decimal(38, 4)
            ) as {{ measure }}_points_so_far,
        {% endfor %}
        cast(
            sum(case when step = 'credit' then 0 else 1 end) over (
                partition by record_key
                order by step_number asc nulls last
                rows between unbounded preceding and current row
            ) as bigint
        ) as bounds_so_far_count,

        -- dates and timestamps
        occurred_at,
        occurred_date
    from numbered
)

select * from final
