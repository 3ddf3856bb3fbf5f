with

risk_lists as (select * from {{ ref('risk_lists') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- To block is the safer of two decisions, and of equal ones the latest counts.
ranked as (
    select
        records.customer_id,
        risk_lists.list_kind,
        risk_lists.reason,
        risk_lists.decided_by,
        risk_lists.decided_on,
        risk_lists.until_date,
        row_number() over (
            partition by records.customer_id
            order by
                risk_lists.list_kind desc nulls last,
                risk_lists.decided_on desc nulls last,
                records.record_key asc nulls last
        ) as decision_rank
    from risk_lists
    cross join as_of
    inner join records
        on
            risk_lists.system = records.system
            and risk_lists.native_customer_id = records.native_customer_id
    where
        risk_lists.decided_on <= as_of.as_of_date
        and (risk_lists.until_date is null or risk_lists.until_date >= as_of.as_of_date)
),

final as (
    select
        -- keys
        customer_id,

        -- attributes
        case when list_kind = 'block' then 'blocked' else 'allowed' end as list_status,
        reason,
        decided_by,

        -- dates and timestamps
        decided_on,
        until_date
    from ranked
    where decision_rank = 1
)

select * from final
