with

weighed as (select * from {{ ref('int_match_pairs_weighed') }}),

compared as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

priors as (select * from {{ ref('int_match_prior') }}),

likely as (
    select *
    from weighed
    where is_likely_one_person
),

ends as (
    select
        record_key,
        other_record_key as end_key,
        match_weight,
        rests_on_number,
        lacks_name_or_birth_date
    from likely

    union all

    select
        other_record_key as record_key,
        record_key as end_key,
        match_weight,
        rests_on_number,
        lacks_name_or_birth_date
    from likely
),

-- Pairs whose names, birth dates or numbers exclude each other, and for which nothing else makes up
-- for it.
-- Where households are rare, what a third record says makes up for it too: these hold errors.
opposed as (
    select
        compared.record_key,
        compared.other_record_key,
        case
            when
                priors.household_prior_weight >= model.rare_household_bits
                and not coalesce(weighed.is_of_household, false)
                then {{ match_evidence('compared', 'model') }} + priors.prior_weight
        end as weight_where_households_are_rare
    from compared
    cross join model
    cross join priors
    left join weighed
        on
            compared.record_key = weighed.record_key
            and compared.other_record_key = weighed.other_record_key
    where
        (
            {{ has_other_name('compared') }}
            or {{ has_other_birth_date('compared') }}
            or {{ is_at_level('compared', 'personal_number', 'different') }}
        )
        and not coalesce(weighed.is_likely_one_person, false)
),

led_two_ways as (
    select
        ends.record_key,
        ends.end_key as one_end_key,
        other_ends.end_key as other_end_key,
        ends.match_weight - other_ends.match_weight as weight_difference,
        -- a number alone identifies a person if all records that it leads to are one person
        ends.rests_on_number or other_ends.rests_on_number as rests_on_number,
        ends.lacks_name_or_birth_date and other_ends.lacks_name_or_birth_date
            as lacks_name_or_birth_date
    from ends
    inner join ends as other_ends
        on
            ends.record_key = other_ends.record_key
            and ends.end_key < other_ends.end_key
    inner join opposed
        on
            ends.end_key = opposed.record_key
            and other_ends.end_key = opposed.other_record_key
    where
        opposed.weight_where_households_are_rare is null
        or opposed.weight_where_households_are_rare
        + least(ends.match_weight, other_ends.match_weight) < 0
),

final as (
    select
        -- keys
        led_two_ways.record_key,
        led_two_ways.one_end_key,
        led_two_ways.other_end_key,

        -- flags
        led_two_ways.rests_on_number,
        led_two_ways.lacks_name_or_birth_date
        and led_two_ways.weight_difference < model.ambiguous_bits as is_one_end_doubtful,
        led_two_ways.lacks_name_or_birth_date
        and led_two_ways.weight_difference > -model.ambiguous_bits as is_other_end_doubtful
    from led_two_ways
    cross join model
    where led_two_ways.rests_on_number or led_two_ways.lacks_name_or_birth_date
)

select * from final
