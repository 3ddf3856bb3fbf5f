with

tags as (select * from {{ ref('customer_tags') }}),

final as (
    select
        customer_id,
        exclusive_group,
        count(*) as tags_count
    from tags
    where exclusive_group is not null
    group by customer_id, exclusive_group
    having count(*) > 1
)

select * from final
