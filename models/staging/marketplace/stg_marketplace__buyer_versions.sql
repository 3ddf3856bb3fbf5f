with

delivered as (select * from {{ ref('base_marketplace__buyers') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

buyers as (
    select
        delivered.*,
        {{ erased_columns('delivered', lacks=['first_name']) }}
    from delivered
),

-- Most records came in one version, which says nothing of an earlier one.
earlier_versions as (
    {{ earlier_versions('buyers', 'buyer_id') }}
),

final as (
    select
        {{ version_columns('buyers', number='buyer_id') }}
    from buyers
    inner join earlier_versions
        on buyers.buyer_id = earlier_versions.buyer_id
    left join country_names
        on lower(buyers.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('buyers.country') }} = calling_codes.country_code
    where
        buyers.row_status in ('accepted', 'superseded', 'deleted')
        and buyers.doubt is null
)

select * from final
