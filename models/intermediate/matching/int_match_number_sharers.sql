with

rivals as (select * from {{ ref('int_match_rivals') }}),

compared as (select * from {{ ref('int_match_pairs_compared') }}),

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

final as (
    select record_key
    from rivals
    where rests_on_number

    union

    select record_key
    from household_pairs

    union

    select other_record_key as record_key
    from household_pairs
)

select * from final
