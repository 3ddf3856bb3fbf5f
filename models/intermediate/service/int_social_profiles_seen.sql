with

social_profiles as (select * from {{ ref('stg_crm__social_profiles') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

final as (
    select
        -- keys
        social_profiles.social_profile_id,
        records.record_key,
        social_profiles.system,

        -- attributes
        social_profiles.platform,
        social_profiles.handle,
        social_profiles.interests,

        -- measures
        social_profiles.followers_count,
        social_profiles.sentiment,

        -- dates and timestamps
        social_profiles.observed_at,
        social_profiles.observed_date
    from social_profiles
    inner join as_of
        on coalesce(social_profiles.observed_date, as_of.as_of_date) <= as_of.as_of_date
    left join records
        on
            social_profiles.system = records.system
            and social_profiles.native_customer_id = records.native_customer_id
)

select * from final
