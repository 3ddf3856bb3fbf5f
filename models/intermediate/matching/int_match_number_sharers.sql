with

rivals as (select * from {{ ref('int_match_rivals') }}),

compared as (select * from {{ ref('int_match_pairs_compared') }}),

-- Of names that are one character apart the birth dates say whether the company's customers have
-- relatives with such names, or typing errors.
names_one_character_apart as (
    select
        sum(
            case when {{ has_other_birth_date('compared') }} then 1 else -1 end
        ) >= 2 as are_of_relatives
    from compared
    where
        {{ shares_phone('compared') }}
        and {{ is_at_level('compared', 'han_name', 'one_character') }}
        and compared.birth_date_level is not null
),

-- Two records with one number and different first names, which share nothing but what a household
-- shares, show that the number is that of a household.
household_pairs as (
    select
        compared.record_key,
        compared.other_record_key
    from compared
    cross join names_one_character_apart
    where
        {{ shares_phone('compared') }}
        and (
            {{ is_at_level('compared', 'first_name', ['two_names', 'other_name', 'different']) }}
            or {{ is_at_level('compared', 'han_name', 'different') }}
            or (
                {{ is_at_level('compared', 'han_name', 'one_character') }}
                and names_one_character_apart.are_of_relatives
            )
            or {{ is_at_level('compared', 'gender', 'different') }}
            or (
                {{ has_other_birth_date('compared') }}
                and coalesce(compared.first_name_level, compared.han_name_level) is null
            )
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
