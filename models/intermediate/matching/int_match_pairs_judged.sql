{% set name_key = "coalesce(records.han_name, records.first_name || ' ' || records.last_name)" %}
with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

compared as (select * from {{ ref('int_match_pairs_compared') }}),

records as (select * from {{ ref('int_match_records') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

weighed as (
    select
        scored.record_key,
        scored.other_record_key,
        scored.match_weight,
        scored.match_probability,
        scored.household_weight,
        model.join_probability,
        model.differing_join_probability,
        model.household_threshold,
        model.ambiguous_bits,
        model.household_prior_bits,
        model.number_alone_joins,
        -- a short list does not show how many people have a name
        model.records_count < model.name_alone_records
        and greatest(
            scored.birth_date_weight, scored.email_weight, scored.phone_weight,
            scored.masked_phone_weight, scored.street_weight, scored.address_rest_weight,
            scored.postcode_weight, scored.city_weight, scored.birth_place_weight,
            scored.personal_number_weight, scored.other_number_weight
        ) <= 0 as rests_on_name,
        greatest(
            scored.birth_date_weight, scored.email_weight, scored.phone_weight,
            scored.masked_phone_weight, scored.street_weight, scored.personal_number_weight,
            scored.other_number_weight
        ) <= 0 as rests_on_name_and_place,
        -- among thousands of records many birth dates are made up
        greatest(
            scored.first_name_weight, scored.last_name_weight, scored.han_name_weight,
            scored.han_family_name_weight, scored.email_weight, scored.phone_weight,
            scored.masked_phone_weight, scored.street_weight, scored.address_rest_weight,
            scored.postcode_weight, scored.city_weight, scored.occupation_weight,
            scored.personal_number_weight, scored.other_number_weight
        ) <= 0 as rests_on_birth_date,
        model.records_count < model.name_alone_records
        and not (
            {{ is_at_least_at_level('scored', 'first_name', 'swapped') }}
            and (
                scored.last_name_level is null
                or {{ is_at_level('scored', 'last_name', 'equal') }}
            )
            or {{ is_at_least_at_level('scored', 'han_name', 'swapped') }}
        ) as has_near_name_in_short_list,
        -- sisters may share an initial or a character
        case
            when
                {{ is_at_level('scored', 'first_name', ['initial', 'similar', 'distant']) }}
                or {{ is_at_level('scored', 'han_name', 'one_character') }}
                then 0
            else scored.first_name_weight + scored.han_name_weight
        end
        + scored.birth_date_weight + least(scored.gender_weight, 0)
        + least(scored.birth_place_weight, 0)
        + greatest(scored.email_weight, 0) + greatest(scored.other_number_weight, 0)
        + greatest(scored.personal_number_weight, 0) as personal_weight,
        greatest(scored.other_number_weight, scored.personal_number_weight) <= 0
        and (
            scored.birth_date_level is null
            or not (
                {{ is_at_least_at_level('scored', 'first_name', 'near') }}
                or {{ is_at_least_at_level('scored', 'han_name', 'swapped') }}
            )
        ) as lacks_name_or_birth_date,
        0
        {% for comparison in match_comparisons() %}
            + least(scored.{{ comparison.name }}_weight, 0)
        {% endfor %}
            as weight_of_differences,
        {{ is_at_level('scored', 'birth_place', 'different') }} as has_other_birth_place,
        {{ is_at_level('scored', 'personal_number', 'different') }} as has_other_number,
        {{ is_at_level('scored', 'first_name', ['two_names', 'other_name']) }}
            as has_two_given_names,
        {{ is_at_level('scored', 'gender', 'different') }}
        or {{ is_at_level('scored', 'middle_name', 'different') }}
            as has_other_gender_or_middle_name,
        {{ is_at_level('scored', 'name_suffix', 'different') }} as has_other_suffix,
        {{ has_other_name('scored') }} as has_other_name,
        {{ has_other_birth_date('scored') }} as has_other_birth_date,
        {{ shares_phone('scored') }} as shares_phone,
        least(
            scored.email_weight, scored.gender_weight, scored.other_number_weight,
            scored.personal_number_weight, scored.street_weight, scored.postcode_weight,
            scored.city_weight, scored.birth_place_weight
        ) < 0 as has_contradiction
    from scored
    cross join model
),

-- Whether two members of one household explain the pair as well as one person does. Where something
-- differs outright, that few households are seen among the records counts for a few bits only.
explained as (
    select
        weighed.*,
        -- a number alone, or where more differs than a slip, has to be surer
        case
            when
                weighed.weight_of_differences < -2
                or (weighed.personal_weight <= 0 and weighed.shares_phone)
                then greatest(weighed.join_probability, weighed.differing_join_probability)
            else weighed.join_probability
        end as needed_probability,
        weighed.household_weight
        - case
            when weighed.has_two_given_names or weighed.has_other_number then 3
            else 0
        end
        - case
            when
                weighed.has_other_name
                or weighed.has_other_birth_date
                or weighed.has_other_gender_or_middle_name
                or weighed.has_other_number
                then least(greatest(priors.household_prior_weight, 0), weighed.household_prior_bits)
            else 0
        end
        < weighed.household_threshold as is_of_household
    from weighed
    cross join priors
),

-- A number alone identifies a person if all records that it leads to are one person.
ends as (
    select
        record_key,
        other_record_key,
        match_weight,
        ambiguous_bits,
        lacks_name_or_birth_date,
        personal_weight <= 0 and shares_phone as rests_on_number
    from explained
    where
        match_probability >= needed_probability
        and not (is_of_household and (has_other_name or has_other_birth_date))

    union all

    select
        other_record_key as record_key,
        record_key as other_record_key,
        match_weight,
        ambiguous_bits,
        lacks_name_or_birth_date,
        personal_weight <= 0 and shares_phone as rests_on_number
    from explained
    where
        match_probability >= needed_probability
        and not (is_of_household and (has_other_name or has_other_birth_date))
),

-- Pairs whose names or birth dates exclude each other, and for which nothing else makes up for it.
-- Where households are rare, what a third record says makes up for it too: these hold errors.
opposed as (
    select
        compared.record_key,
        compared.other_record_key,
        case
            when
                priors.household_prior_weight >= model.rare_household_bits
                and not coalesce(explained.is_of_household, false)
                then {{ match_evidence('compared', 'model') }} + priors.prior_weight
        end as weight_where_households_are_rare
    from compared
    cross join model
    cross join priors
    left join explained
        on
            compared.record_key = explained.record_key
            and compared.other_record_key = explained.other_record_key
    where
        ({{ has_other_name('compared') }} or {{ has_other_birth_date('compared') }})
        and (
            explained.record_key is null
            or explained.match_probability < explained.needed_probability
            or explained.is_of_household
        )
),

-- Names that several people have. A birth date that hardly any record of the name has is an error.
shared_names as (
    select {{ name_key }} as name_key
    from compared
    inner join records
        on compared.record_key = records.record_key
    where
        compared.birth_date_level is not null
        and (
            {{ is_at_level('compared', 'han_name', 'equal') }}
            or (
                {{ is_at_level('compared', 'first_name', 'equal') }}
                and {{ is_at_level('compared', 'last_name', 'equal') }}
            )
        )
    group by {{ name_key }}
    having
        4 * sum(case when {{ has_other_birth_date('compared') }} then 1 else 0 end) >= count(*)
),

-- What the records of such a name share with a namesake but the name may be the town of both.
people_of_one_name as (
    select records.record_key
    from records
    inner join shared_names
        on {{ name_key }} = shared_names.name_key
),

led_two_ways as (
    select
        ends.record_key,
        ends.other_record_key as one_end_key,
        other_ends.other_record_key as other_end_key,
        ends.rests_on_number or other_ends.rests_on_number as rests_on_number,
        ends.lacks_name_or_birth_date and other_ends.lacks_name_or_birth_date
            as lacks_name_or_birth_date,
        ends.match_weight - other_ends.match_weight as weight_difference,
        ends.ambiguous_bits
    from ends
    inner join ends as other_ends
        on
            ends.record_key = other_ends.record_key
            and ends.other_record_key < other_ends.other_record_key
    inner join opposed
        on
            ends.other_record_key = opposed.record_key
            and other_ends.other_record_key = opposed.other_record_key
    where
        opposed.weight_where_households_are_rare is null
        or opposed.weight_where_households_are_rare
        + least(ends.match_weight, other_ends.match_weight) < 0
),

led_to_two_people as (
    select record_key
    from led_two_ways
    where rests_on_number
    group by record_key
),

-- A record that could as well be the one as the other of two people.
rival_ends as (
    select
        record_key,
        one_end_key as end_key
    from led_two_ways
    where lacks_name_or_birth_date and weight_difference < ambiguous_bits

    union all

    select
        record_key,
        other_end_key as end_key
    from led_two_ways
    where lacks_name_or_birth_date and weight_difference > -ambiguous_bits
),

rivals as (
    select
        least(record_key, end_key) as record_key,
        greatest(record_key, end_key) as other_record_key
    from rival_ends
    group by least(record_key, end_key), greatest(record_key, end_key)
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
            when weighed.match_probability < weighed.needed_probability then 'unsure'
            -- a number with several slips is outweighed by a million to one
            when
                weighed.has_other_number
                and (weighed.is_of_household or weighed.match_weight < 20)
                then 'other_number'
            when
                weighed.has_other_suffix or (weighed.is_of_household and weighed.has_other_name)
                then 'other_name'
            when weighed.is_of_household and weighed.has_other_birth_date then 'other_birth_date'
            when
                weighed.personal_weight <= 0
                and not weighed.shares_phone
                and weighed.is_of_household
                then 'household'
            when
                weighed.personal_weight <= 0
                and weighed.shares_phone
                and (ambiguous.record_key is not null or other_ambiguous.record_key is not null)
                then 'several_people'
            when
                weighed.personal_weight <= 0
                and weighed.shares_phone
                and (
                    weighed.number_alone_joins = 0
                    or weighed.has_contradiction
                    or weighed.household_weight < 0
                )
                then 'number_alone'
            when weighed.personal_weight > 0 and weighed.is_of_household then 'household'
            when
                weighed.rests_on_name
                or (weighed.rests_on_name_and_place and weighed.has_near_name_in_short_list)
                then 'name_alone'
            when weighed.rests_on_birth_date and weighed.match_weight < 6 then 'unsure'
            when rivals.record_key is not null then 'several_people'
            when
                weighed.rests_on_name_and_place
                and (weighed.has_other_birth_place or namesakes.record_key is not null)
                then 'several_people'
            else 'joins'
        end as verdict,

        -- measures
        weighed.match_weight,
        weighed.match_probability,
        weighed.household_weight,
        weighed.personal_weight
    from explained as weighed
    left join rivals
        on
            weighed.record_key = rivals.record_key
            and weighed.other_record_key = rivals.other_record_key
    left join people_of_one_name as namesakes
        on weighed.record_key = namesakes.record_key
    left join ambiguous
        on weighed.record_key = ambiguous.record_key
    left join ambiguous as other_ambiguous
        on weighed.other_record_key = other_ambiguous.record_key
)

select * from final
