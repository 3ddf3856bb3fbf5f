with

delivered as (select * from {{ ref('base_pos__members') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

gender_words as (select * from {{ ref('gender_words') }}),

members as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- When it was first delivered.
earlier_versions as (
    {{ earlier_versions('members', 'member_id') }}
),

final as (
    select
        {{ customer_columns(
            'members', number='member_id', registered_at='joined_at',
            lacks=['platform_id', 'organisation', 'organisation_id', 'inviter_customer_id',
                   'registration_source']
        ) }}
    from members
    left join country_names
        on lower(members.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('members.country') }} = calling_codes.country_code
    left join gender_words
        on {{ status_word('members.gender') }} = gender_words.gender_word
    left join earlier_versions
        on members.member_id = earlier_versions.member_id
    where members.row_status = 'accepted'
)

select * from final
