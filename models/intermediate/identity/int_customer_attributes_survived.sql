with

ranked as (select * from {{ ref('int_customer_attributes_ranked') }}),

winners as (
    select
        customer_id,
        attribute,
        record_key,
        record_id,
        system,
        attribute_value,
        trust,
        filled_count,
        is_partial,
        is_permission,
        record_updated_at
    from ranked
    where candidate_rank = 1
),

runners_up as (
    select
        customer_id,
        attribute,
        trust,
        filled_count,
        is_partial,
        is_permission,
        record_updated_at
    from ranked
    where candidate_rank = 2
),

totals as (
    select
        ranked.customer_id,
        ranked.attribute,
        count(*) as candidates_count,
        count(distinct ranked.attribute_value) as values_count,
        sum(case when ranked.attribute_value = winners.attribute_value then 0 else 1 end)
            as conflicts_count
    from ranked
    inner join winners
        on
            ranked.customer_id = winners.customer_id
            and ranked.attribute = winners.attribute
    group by ranked.customer_id, ranked.attribute
),

final as (
    select
        -- keys
        winners.customer_id,
        winners.attribute,
        winners.record_key,
        winners.record_id,

        -- attributes
        winners.system,
        winners.attribute_value,
        case
            when runners_up.customer_id is null then 'only_candidate'
            when winners.is_partial < runners_up.is_partial then 'whole_value'
            when winners.is_permission < runners_up.is_permission then 'refusal'
            when winners.trust > runners_up.trust then 'trust'
            when
                winners.record_updated_at > runners_up.record_updated_at
                or (winners.record_updated_at is not null and runners_up.record_updated_at is null)
                then 'recency'
            when winners.filled_count > runners_up.filled_count then 'completeness'
            else 'record_id'
        end as survivorship_rule,

        -- measures
        totals.candidates_count,
        totals.values_count,
        cast(totals.conflicts_count as bigint) as conflicts_count,

        -- dates and timestamps
        winners.record_updated_at
    from winners
    inner join totals
        on
            winners.customer_id = totals.customer_id
            and winners.attribute = totals.attribute
    left join runners_up
        on
            winners.customer_id = runners_up.customer_id
            and winners.attribute = runners_up.attribute
)

select * from final
