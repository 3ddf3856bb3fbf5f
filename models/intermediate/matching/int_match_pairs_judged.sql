with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

compared as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

weighed as (
    select
        scored.record_key,
        scored.other_record_key,
        scored.match_weight,
        scored.match_probability,
        scored.birth_date_weight,
        model.join_probability,
        model.number_alone_joins,
        -- what members of a household do not share, if it is equal: a similar number is often just
        -- the next one in a list
        {{ is_at_least_at_level('scored', 'email', 'local_part') }}
        or {{ is_at_level('scored', 'other_number', 'equal') }} as has_own_contact,
        -- sisters may share an initial or a character
        case
            when
                {{ is_at_level('scored', 'first_name', ['initial', 'similar']) }}
                or {{ is_at_level('scored', 'han_name', 'one_character') }}
                then 0
            else scored.first_name_weight + scored.han_name_weight
        end
        + scored.birth_date_weight + least(scored.gender_weight, 0)
        + greatest(scored.email_weight, 0) + greatest(scored.other_number_weight, 0)
            as personal_weight,
        {{ has_other_name('scored') }} as has_other_name,
        {{ has_other_birth_date('scored') }} as has_other_birth_date,
        {{ shares_phone('scored') }} as shares_phone,
        least(
            scored.email_weight, scored.gender_weight, scored.other_number_weight,
            scored.street_weight, scored.postcode_weight, scored.city_weight
        ) < 0 as has_contradiction
    from scored
    cross join model
),

-- A number alone identifies a person if all records that it leads to are one person.
ends as (
    select
        record_key,
        other_record_key,
        personal_weight <= 0 and shares_phone as rests_on_number
    from weighed
    where
        match_probability >= join_probability
        and not has_other_name
        and not has_other_birth_date

    union all

    select
        other_record_key as record_key,
        record_key as other_record_key,
        personal_weight <= 0 and shares_phone as rests_on_number
    from weighed
    where
        match_probability >= join_probability
        and not has_other_name
        and not has_other_birth_date
),

opposed as (
    select
        compared.record_key,
        compared.other_record_key
    from compared
    where {{ has_other_name('compared') }} or {{ has_other_birth_date('compared') }}
),

led_to_two_people as (
    select ends.record_key
    from ends
    inner join ends as other_ends
        on
            ends.record_key = other_ends.record_key
            and ends.other_record_key < other_ends.other_record_key
    inner join opposed
        on
            ends.other_record_key = opposed.record_key
            and other_ends.other_record_key = opposed.other_record_key
    where ends.rests_on_number or other_ends.rests_on_number
    group by ends.record_key
),

-- Two records with one number and different first names, which share nothing but what a household
-- shares, show that the number is that of a household.
household_pairs as (
    select
        compared.record_key,
        compared.other_record_key
    from compared
    where
        {{ shares_phone('compared') }}
        and (
            {{ is_at_level('compared', 'first_name', 'different') }}
            or {{ is_at_level('compared', 'han_name', 'different') }}
        )
        and not {{ is_closer_than_level('compared', 'birth_date', 'year_apart') }}
        and not {{ is_closer_than_level('compared', 'email', 'similar') }}
        and not {{ is_closer_than_level('compared', 'other_number', 'different') }}
),

ambiguous as (
    select record_key
    from led_to_two_people

    union

    select record_key
    from household_pairs

    union

    select other_record_key as record_key
    from household_pairs
),

final as (
    select
        -- keys
        weighed.record_key,
        weighed.other_record_key,

        -- attributes
        case
            when weighed.match_probability < weighed.join_probability then 'unsure'
            when
                weighed.has_other_name
                and (weighed.birth_date_weight <= 0 or not weighed.has_own_contact)
                then 'other_name'
            when weighed.has_other_birth_date and not weighed.has_own_contact
                then 'other_birth_date'
            when weighed.personal_weight <= 0 and not weighed.shares_phone then 'household'
            when
                weighed.personal_weight <= 0
                and (ambiguous.record_key is not null or other_ambiguous.record_key is not null)
                then 'several_people'
            when
                weighed.personal_weight <= 0
                and (weighed.number_alone_joins = 0 or weighed.has_contradiction)
                then 'number_alone'
            else 'joins'
        end as verdict,

        -- measures
        weighed.match_weight,
        weighed.match_probability,
        weighed.personal_weight
    from weighed
    left join ambiguous
        on weighed.record_key = ambiguous.record_key
    left join ambiguous as other_ambiguous
        on weighed.other_record_key = other_ambiguous.record_key
)

select * from final
