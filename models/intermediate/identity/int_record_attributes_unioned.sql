with

shop_customers as (select * from {{ ref('stg_shop__customers') }}),

-- A further system joins here, with its own select of the same columns.
final as (
    select
        -- keys
        {{ hash_key("'shop:' || native_customer_id") }} as record_key,
        {{ hash_key("'shop:' || inviter_native_customer_id") }} as inviter_record_key,

        -- attributes
        full_name,
        first_name,
        last_name,
        email,
        phone,
        birth_date,
        gender,
        country_code,
        region,
        city,
        address,
        postcode,
        occupation,
        education,
        income_band,
        organisation,

        -- flags
        has_email_consent,
        has_sms_consent,

        -- dates and timestamps
        registered_at,
        updated_at
    from shop_customers
)

select * from final
