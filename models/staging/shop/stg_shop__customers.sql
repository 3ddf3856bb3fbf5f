with

customers as (select * from {{ ref('base_shop__customers') }}),

country_names as (select * from {{ ref('country_names') }}),

calling_codes as (select * from {{ ref('country_calling_codes') }}),

gender_words as (select * from {{ ref('gender_words') }}),

final as (
    select
        -- keys
        customers.customer_id as native_customer_id,
        customers.inviter_customer_id as inviter_native_customer_id,

        -- attributes
        coalesce(
            customers.full_name,
            nullif(concat_ws(' ', customers.first_name, customers.last_name), '')
        ) as full_name,
        customers.first_name,
        customers.last_name,
        {{ fold_name(
            "coalesce(customers.full_name, concat_ws(' ', customers.first_name, customers.last_name))"
        ) }} as folded_full_name,
        {{ fold_name('customers.first_name') }} as folded_first_name,
        {{ fold_name('customers.last_name') }} as folded_last_name,
        customers.email as written_email,
        {{ normalise_email('customers.email') }} as email,
        customers.phone as written_phone,
        {{ normalise_phone(
            'customers.phone', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
            'calling_codes.shortest_number', 'calling_codes.longest_number'
        ) }} as phone,
        customers.birth_date,
        coalesce(gender_words.gender, case when customers.gender is not null then 'other' end)
            as gender,
        customers.country as written_country,
        country_names.country_code,
        customers.region,
        customers.city,
        customers.address,
        customers.postcode,
        customers.occupation,
        customers.education,
        customers.income_band,
        customers.organisation,

        -- flags
        customers.has_email_consent,
        customers.has_sms_consent,

        -- dates and timestamps
        customers.registered_at,
        customers.updated_at
    from customers
    left join country_names
        on lower(customers.country) = country_names.country_name
    left join calling_codes
        on country_names.country_code = calling_codes.country_code
    left join gender_words
        on lower(customers.gender) = gender_words.gender_word
    where customers.row_status = 'accepted'
)

select * from final
