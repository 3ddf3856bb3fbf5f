with

social_profiles as (select * from {{ ref('int_social_profiles_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

final as (
    select
        -- keys
        social_profiles.social_profile_id,
        records.customer_id,
        records.record_id,
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
    left join records
        on social_profiles.record_key = records.record_key
)

select * from final
