{# More interests than a profile names. #}
{% set most_interests = 50 %}
with

social_profiles as (select * from {{ ref('int_social_profiles_seen') }}),

records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

numbers as (
    {% for number in range(1, most_interests + 1) %}
        select {{ number }} as interest_number
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- One row per profile and interest that it names.
stated as (
    select
        records.customer_id,
        social_profiles.social_profile_id,
        {{ lower_text(
            "trim(split_part(social_profiles.interests, ';', numbers.interest_number))"
        ) }} as interest,
        social_profiles.platform,
        social_profiles.observed_date
    from social_profiles
    inner join numbers
        on
            numbers.interest_number
            <= 1 + length(social_profiles.interests)
            - length(replace(social_profiles.interests, ';', ''))
    inner join records
        on social_profiles.record_key = records.record_key
),

final as (
    select
        -- keys
        stated.customer_id,
        stated.interest,
        as_of.as_of_date,

        -- attributes
        {{ text_list('stated.platform') }} as platforms,

        -- measures
        count(distinct stated.social_profile_id) as profiles_count,

        -- dates and timestamps
        max(stated.observed_date) as last_observed_date
    from stated
    cross join as_of
    where stated.interest <> ''
    group by stated.customer_id, stated.interest, as_of.as_of_date
)

select * from final
