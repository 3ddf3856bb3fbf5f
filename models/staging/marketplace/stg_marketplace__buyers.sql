with

delivered as (select * from {{ ref('base_marketplace__buyers') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

gender_words as (select * from {{ ref('gender_words') }}),

buyers as (
    select
        delivered.*,
        {{ erased_columns('delivered', lacks=['first_name']) }}
    from delivered
),

-- When it was first delivered.
earlier_versions as (
    {{ earlier_versions('buyers', 'buyer_id') }}
),

final as (
    select
        {{ customer_columns(
            'buyers', number='buyer_id', registered_at='registered_at',
            lacks=['loyalty_number', 'first_name', 'last_name', 'aliases', 'birth_date', 'birth_place',
                   'gender', 'occupation', 'education', 'income_band', 'organisation', 'organisation_id',
                   'has_email_consent', 'has_sms_consent', 'inviter_customer_id',
                   'marital_status', 'children_count', 'household_size', 'home',
                   'registration_source']
        ) }}
    from buyers
    left join country_names
        on lower(buyers.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('buyers.country') }} = calling_codes.country_code
    left join gender_words
        on cast(null as string) = gender_words.gender_word
    left join earlier_versions
        on buyers.buyer_id = earlier_versions.buyer_id
    where buyers.row_status = 'accepted'
)

select * from final
