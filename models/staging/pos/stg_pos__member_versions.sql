with

delivered as (select * from {{ ref('base_pos__members') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

members as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- Most records came in one version, which says nothing of an earlier one.
earlier_versions as (
    {{ earlier_versions('members', 'member_id') }}
),

final as (
    select
        {{ version_columns('members', number='member_id') }}
    from members
    inner join earlier_versions
        on members.member_id = earlier_versions.member_id
    left join country_names
        on lower(members.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('members.country') }} = calling_codes.country_code
    where
        members.row_status in ('accepted', 'superseded', 'deleted')
        and members.doubt is null
)

select * from final
