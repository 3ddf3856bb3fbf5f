with

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

final as (
    select
        -- keys
        cast(identifier_key as string) as identifier_id,

        -- attributes
        identifier_type,
        identifier_value,
        identifier_status,
        reason,

        -- measures
        record_count,
        first_name_count
    from identifier_values
    where identifier_status in ('blocked', 'quarantined')
)

select * from final
