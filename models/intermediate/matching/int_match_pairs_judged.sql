with

weighed as (select * from {{ ref('int_match_pairs_weighed') }}),

rivals as (select * from {{ ref('int_match_rivals') }}),

number_sharers as (select * from {{ ref('int_match_number_sharers') }}),

namesakes as (select * from {{ ref('int_match_namesakes') }}),

-- Pairs of a record that could as well be somebody else.
doubtful_pairs as (
    select
        least(record_key, one_end_key) as record_key,
        greatest(record_key, one_end_key) as other_record_key
    from rivals
    where is_one_end_doubtful

    union

    select
        least(record_key, other_end_key) as record_key,
        greatest(record_key, other_end_key) as other_record_key
    from rivals
    where is_other_end_doubtful
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
                weighed.has_other_suffix
                or weighed.has_other_word_of_firm
                or (weighed.is_of_household and weighed.has_other_name)
                then 'other_name'
            when weighed.is_of_household and weighed.has_other_birth_date then 'other_birth_date'
            when weighed.is_of_household and not weighed.rests_on_number then 'household'
            when
                weighed.rests_on_number
                and (sharers.record_key is not null or other_sharers.record_key is not null)
                then 'several_people'
            when weighed.needs_more_than_number then 'number_alone'
            when weighed.needs_more_than_name then 'name_alone'
            when weighed.rests_on_birth_date and weighed.match_weight < 6 then 'unsure'
            when doubtful_pairs.record_key is not null then 'several_people'
            -- what the records of such a name share but the name may be the town of both
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
    from weighed
    left join doubtful_pairs
        on
            weighed.record_key = doubtful_pairs.record_key
            and weighed.other_record_key = doubtful_pairs.other_record_key
    left join namesakes
        on weighed.record_key = namesakes.record_key
    left join number_sharers as sharers
        on weighed.record_key = sharers.record_key
    left join number_sharers as other_sharers
        on weighed.other_record_key = other_sharers.record_key
)

select * from final
