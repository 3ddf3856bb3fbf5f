with

scored as (select * from {{ ref('int_match_pairs_scored') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

records as (select * from {{ ref('int_match_records') }}),

organisations as (
    select record_key
    from records
    where is_organisation
),

weighed as (
    select
        scored.record_key,
        scored.other_record_key,
        scored.match_weight,
        scored.match_probability,
        scored.household_weight,
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
        0
        {% for comparison in match_comparisons() %}
            + least(scored.{{ comparison.name }}_weight, 0)
        {% endfor %}
            as weight_of_differences,
        greatest(
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
        (
            {{ is_at_least_at_level('scored', 'first_name', 'swapped') }}
            and (
                scored.last_name_level is null
                or {{ is_at_level('scored', 'last_name', 'equal') }}
            )
        )
        or {{ is_at_least_at_level('scored', 'han_name', 'swapped') }} as has_equal_name,
        greatest(scored.other_number_weight, scored.personal_number_weight) <= 0
        and (
            scored.birth_date_level is null
            or not (
                {{ is_at_least_at_level('scored', 'first_name', 'near') }}
                or {{ is_at_least_at_level('scored', 'han_name', 'swapped') }}
            )
        ) as lacks_name_or_birth_date,
        {{ has_other_name('scored') }} as has_other_name,
        {{ is_at_level('scored', 'first_name', ['two_names', 'other_name']) }}
            as has_two_given_names,
        {{ is_at_level('scored', 'name_suffix', 'different') }} as has_other_suffix,
        {{ has_other_birth_date('scored') }} as has_other_birth_date,
        {{ is_at_level('scored', 'birth_place', 'different') }} as has_other_birth_place,
        {{ is_at_level('scored', 'personal_number', 'different') }} as has_other_number,
        {{ is_at_level('scored', 'gender', 'different') }}
        or {{ is_at_level('scored', 'middle_name', 'different') }}
            as has_other_gender_or_middle_name,
        {{ shares_phone('scored') }} as shares_phone,
        organisations.record_key is not null
        or other_organisations.record_key is not null as is_of_organisation,
        (organisations.record_key is not null or other_organisations.record_key is not null)
        and {{ is_at_level('scored', 'middle_name', 'different') }} as has_other_word_of_firm,
        least(
            scored.email_weight, scored.gender_weight, scored.other_number_weight,
            scored.personal_number_weight, scored.street_weight, scored.postcode_weight,
            scored.city_weight, scored.birth_place_weight
        ) < 0 as has_contradiction
    from scored
    left join organisations
        on scored.record_key = organisations.record_key
    left join organisations as other_organisations
        on scored.other_record_key = other_organisations.record_key
),

grounded as (
    select
        weighed.*,
        weighed.personal_weight <= 0 and weighed.shares_phone as rests_on_number
    from weighed
),

-- Whether two members of one household explain the pair as well as one person does. Where something
-- differs outright, that few households are seen among the records counts for a few bits only.
explained as (
    select
        grounded.*,
        -- a number alone, or where more differs than a slip, has to be surer
        case
            when grounded.weight_of_differences < -2 or grounded.rests_on_number
                then greatest(model.join_probability, model.differing_join_probability)
            else model.join_probability
        end as needed_probability,
        grounded.household_weight
        - case
            when grounded.has_two_given_names or grounded.has_other_number then 3
            else 0
        end
        - case
            when
                grounded.has_other_name
                or grounded.has_other_birth_date
                or grounded.has_other_gender_or_middle_name
                or grounded.has_other_number
                then least(greatest(priors.household_prior_weight, 0), model.household_prior_bits)
            else 0
        end
        < model.household_threshold as is_of_household,
        -- a short list does not show how many people have a name; that of a firm is its own
        model.records_count < model.name_alone_records
        and (
            (
                grounded.rests_on_name
                and not (grounded.is_of_organisation and grounded.has_equal_name)
            )
            or (
                grounded.rests_on_name_and_place
                and (not grounded.has_equal_name or grounded.has_contradiction)
            )
        ) as needs_more_than_name,
        grounded.rests_on_number
        and (
            model.number_alone_joins = 0
            or grounded.has_contradiction
            or grounded.household_weight < 0
        ) as needs_more_than_number
    from grounded
    cross join model
    cross join priors
),

final as (
    select
        -- keys
        record_key,
        other_record_key,

        -- measures
        match_weight,
        match_probability,
        needed_probability,
        household_weight,
        personal_weight,

        -- flags
        rests_on_name_and_place,
        rests_on_birth_date,
        rests_on_number,
        needs_more_than_name,
        needs_more_than_number,
        lacks_name_or_birth_date,
        has_other_name,
        has_other_suffix,
        has_other_word_of_firm,
        has_other_birth_date,
        has_other_birth_place,
        has_other_number,
        is_of_household,
        match_probability >= needed_probability
        and not (is_of_household and (has_other_name or has_other_birth_date))
            as is_likely_one_person
    from explained
)

select * from final
