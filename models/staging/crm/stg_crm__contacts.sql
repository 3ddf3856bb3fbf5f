with

delivered as (select * from {{ ref('base_crm__contacts') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

gender_words as (select * from {{ ref('gender_words') }}),

contacts as (
    select
        delivered.*,
        {{ erased_columns('delivered') }}
    from delivered
),

-- When it was first delivered.
earlier_versions as (
    {{ earlier_versions('contacts', 'contact_id') }}
),

final as (
    select
        {{ customer_columns(
            'contacts', number='contact_id', registered_at='created_at',
            lacks=['platform_id', 'inviter_customer_id', 'registration_source']
        ) }}
    from contacts
    left join country_names
        on lower(contacts.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('contacts.country') }} = calling_codes.country_code
    left join gender_words
        on {{ status_word('contacts.gender') }} = gender_words.gender_word
    left join earlier_versions
        on contacts.contact_id = earlier_versions.contact_id
    where contacts.row_status = 'accepted'
)

select * from final
