with

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

organisations as (select * from {{ ref('int_organisations_unioned') }}),

final as (
    select
        -- keys
        cast(identifier_values.identifier_key as string) as identifier_id,
        identifier_values.organisation_id,

        -- attributes
        identifier_values.identifier_type,
        identifier_values.identifier_value,
        identifier_values.identifier_status,
        identifier_values.reason,
        organisations.organisation_name,

        -- measures
        identifier_values.records_count,
        identifier_values.first_names_count
    from identifier_values
    left join organisations
        on identifier_values.organisation_id = organisations.organisation_id
    where identifier_values.identifier_status in ('blocked', 'quarantined')
)

select * from final
