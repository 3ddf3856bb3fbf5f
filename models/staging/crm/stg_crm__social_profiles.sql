with

social_profiles as (select * from {{ ref('base_crm__social_profiles') }}),

final as (
    select
        -- keys
        social_profile_id,
        lower(system) as system,
        native_id as native_customer_id,

        -- attributes
        {{ lower_text('platform') }} as platform,
        handle,
        {{ regex_replace('interests', '[[:space:]]*[,;|、][[:space:]]*', ';') }} as interests,

        -- measures
        followers_count,
        sentiment as written_sentiment,
        case when sentiment between -1 and 1 then sentiment end as sentiment,

        -- dates and timestamps
        observed_at,
        {{ business_date('observed_at') }} as observed_date,
        updated_at
    from social_profiles
    where row_status = 'accepted'
)

select * from final
