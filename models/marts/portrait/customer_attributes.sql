{% set told_attributes = {
    'birth_date': 'age_band',
    'gender': 'natural_gender',
    'occupation': 'occupation',
    'education': 'education',
    'income_band': 'income',
    'marital_status': 'marital_status',
    'children_count': 'children_count',
    'household_size': 'household_members_count',
    'home': 'home',
    'address': 'region',
    'organisation_id': 'organisation_kind',
    'has_email_consent': 'has_email_consent',
    'has_sms_consent': 'has_sms_consent',
} %}
{% set word_attributes = {
    'education': 'education_word',
    'marital_status': 'marital_status_word',
    'home': 'home_word',
} %}
{% set device_attributes = ['device_brand', 'device_model', 'price_class', 'operating_system'] %}
with

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

conflicts as (select * from {{ ref('int_told_conflicts_counted') }}),

profiles as (select * from {{ ref('int_customer_profile_segments') }}),

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

organisations as (select * from {{ ref('int_organisations_unioned') }}),

devices as (select * from {{ ref('int_customer_devices') }}),

shopping_genders as (select * from {{ ref('int_customer_shopping_genders') }}),

education_words as (select * from {{ ref('education_words') }}),

marital_status_words as (select * from {{ ref('marital_status_words') }}),

home_words as (select * from {{ ref('home_words') }}),

organisation_kind_words as (select * from {{ ref('organisation_kind_words') }}),

referrer_words as (select * from {{ ref('referrer_words') }}),

as_of as (select * from {{ ref('int_as_of') }}),

-- The keys of the seeds, null for other attributes: a condition beside an equality would compare
-- each row with each word.
survived_words as (
    select
        *,
        case when attribute = 'organisation_id' then attribute_value end as organisation_id,
        {% for attribute, word in word_attributes.items() %}
            case when attribute = '{{ attribute }}' then {{ status_word('attribute_value') }} end
                as {{ word }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from survived
    where
        attribute in (
            {% for column in told_attributes %}
                '{{ column }}'{% if not loop.last %},{% endif %}
            {% endfor %}
        )
),

-- What a person or a system says. The seeds hold each word once, so no row is multiplied.
told_values as (
    select
        survived_words.customer_id,
        case survived_words.attribute
            {% for column, attribute in told_attributes.items() %}
                when '{{ column }}' then '{{ attribute }}'
            {% endfor %}
        end as attribute,
        case survived_words.attribute
            when 'birth_date' then nullif(profiles.age_band, 'unknown')
            when 'occupation' then profiles.occupation_group
            when 'education' then coalesce(education_words.education_group, 'other')
            when 'income_band' then profiles.income_group
            when 'marital_status' then coalesce(marital_status_words.marital_status, 'other')
            when 'home' then coalesce(home_words.home, 'other')
            when 'address' then nullif(profiles.geographic_segment, 'unknown')
            when 'organisation_id'
                then
                    case
                        when organisations.organisation_kind is not null
                            then coalesce(organisation_kind_words.organisation_kind, 'other')
                    end
            else survived_words.attribute_value
        end as attribute_value,
        survived_words.system as source,
        survived_words.candidates_count,
        survived_words.conflicts_count,
        {{ business_date('survived_words.record_updated_at') }} as evidence_date
    from survived_words
    inner join profiles
        on survived_words.customer_id = profiles.customer_id
    left join organisations
        on survived_words.organisation_id = organisations.organisation_id
    left join education_words
        on survived_words.education_word = education_words.education_word
    left join marital_status_words
        on survived_words.marital_status_word = marital_status_words.marital_status_word
    left join home_words
        on survived_words.home_word = home_words.home_word
    left join organisation_kind_words
        on
            {{ status_word('organisations.organisation_kind') }}
            = organisation_kind_words.organisation_kind_word
),

city_levels as (
    select
        survived.customer_id,
        'city_level' as attribute,
        profiles.city_level as attribute_value,
        survived.system as source,
        survived.candidates_count,
        survived.conflicts_count,
        {{ business_date('survived.record_updated_at') }} as evidence_date
    from survived
    inner join profiles
        on survived.customer_id = profiles.customer_id
    where
        survived.attribute = 'address'
        and profiles.city_level <> 'unknown'
),

told as (
    select
        customer_id,
        attribute,
        attribute_value,
        source,
        candidates_count,
        conflicts_count,
        evidence_date
    from told_values
    where attribute_value is not null

    union all

    select
        customer_id,
        attribute,
        attribute_value,
        source,
        candidates_count,
        conflicts_count,
        evidence_date
    from city_levels
),

told_counts as (
    select
        told.customer_id,
        told.attribute,
        told.attribute_value,
        told.source,
        told.candidates_count,
        coalesce(conflicts.conflicts_count, told.conflicts_count) as conflicts_count,
        told.evidence_date
    from told
    left join conflicts
        on
            told.customer_id = conflicts.customer_id
            and told.attribute = conflicts.attribute
),

registrations_ranked as (
    select
        records.customer_id,
        records.system,
        record_attributes.registered_at,
        {{ status_word('record_attributes.registration_source') }} as source_word,
        row_number() over (
            partition by records.customer_id
            order by
                record_attributes.registered_at asc nulls last, records.record_id asc nulls last
        ) as registration_rank
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
    where record_attributes.registered_at is not null
),

registrations as (
    select
        registrations_ranked.customer_id,
        registrations_ranked.system,
        case
            when registrations_ranked.source_word is not null
                then coalesce(referrer_words.information_channel, 'other')
        end as registration_source,
        {{ business_date('registrations_ranked.registered_at') }} as registered_date
    from registrations_ranked
    left join referrer_words
        on registrations_ranked.source_word = referrer_words.referrer_word
    where registrations_ranked.registration_rank = 1
),

system_accounts as (
    select
        customer_id,
        system,
        count(*) as accounts_count
    from records
    where not is_inferred
    group by customer_id, system
),

most_accounts as (
    select
        customer_id,
        max(accounts_count) as accounts_count
    from system_accounts
    group by customer_id
),

attributes as (
    -- of the records that tell an attribute, how many agree; before any, nine of ten are right
    select
        customer_id,
        attribute,
        attribute_value,
        'told' as source_kind,
        source,
        cast(null as double) as evidence_share_pct,
        candidates_count as evidence_pieces_count,
        conflicts_count as contradicting_records_count,
        {{ divide(
            '100 * (candidates_count - conflicts_count + ' ~ var('told_prior_share') ~ ')',
            'candidates_count + 1'
        ) }} as confidence_pct,
        evidence_date
    from told_counts

    union all

    select
        customer_id,
        'shopping_gender' as attribute,
        shopping_gender as attribute_value,
        'observed' as source_kind,
        'customer_preferences' as source,
        female_share_pct as evidence_share_pct,
        signals_count as evidence_pieces_count,
        0 as contradicting_records_count,
        confidence_pct,
        last_signal_date as evidence_date
    from shopping_genders

    {% for column in device_attributes %}
        union all

        select
            customer_id,
            '{{ "device_price_class" if column == "price_class" else column }}' as attribute,
            {{ column }} as attribute_value,
            'observed' as source_kind,
            'app' as source,
            cast(null as double) as evidence_share_pct,
            sessions_count as evidence_pieces_count,
            0 as contradicting_records_count,
            {{ divide('100 * sessions_count', 'sessions_count + ' ~ var('interest_prior_weight')) }}
                as confidence_pct,
            last_session_date as evidence_date
        from devices
        where
            is_main_device
            and {{ column }} is not null
    {% endfor %}

    union all

    select
        customer_id,
        'registration_source' as attribute,
        registration_source as attribute_value,
        'told' as source_kind,
        system as source,
        cast(null as double) as evidence_share_pct,
        1 as evidence_pieces_count,
        0 as contradicting_records_count,
        100 * {{ var('told_prior_share') }} as confidence_pct,
        registered_date as evidence_date
    from registrations
    where registration_source is not null

    union all

    select
        registrations.customer_id,
        'registration_age_days' as attribute,
        cast({{ days_between('registrations.registered_date', 'as_of.as_of_date') }} as string)
            as attribute_value,
        'observed' as source_kind,
        registrations.system as source,
        cast(null as double) as evidence_share_pct,
        1 as evidence_pieces_count,
        0 as contradicting_records_count,
        100 as confidence_pct,
        registrations.registered_date as evidence_date
    from registrations
    cross join as_of

    union all

    select
        customer_id,
        'has_several_accounts' as attribute,
        case when accounts_count > 1 then 'true' else 'false' end as attribute_value,
        'observed' as source_kind,
        'identity' as source,
        cast(null as double) as evidence_share_pct,
        accounts_count as evidence_pieces_count,
        0 as contradicting_records_count,
        100 as confidence_pct,
        cast(null as date) as evidence_date
    from most_accounts
),

final as (
    select
        -- keys
        attributes.customer_id,
        attributes.attribute,
        as_of.as_of_date,

        -- attributes
        attributes.attribute_value,
        attributes.source_kind,
        attributes.source,

        -- measures
        attributes.evidence_share_pct,
        cast(attributes.evidence_pieces_count as bigint) as evidence_pieces_count,
        cast(attributes.contradicting_records_count as bigint) as contradicting_records_count,
        cast(attributes.confidence_pct as double) as confidence_pct,

        -- dates and timestamps
        attributes.evidence_date
    from attributes
    cross join as_of
)

select * from final
