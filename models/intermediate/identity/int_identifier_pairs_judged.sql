with

compared as (select * from {{ ref('int_identifier_pairs_compared') }}),

conflicts_on_value as (
    select
        *,
        max(case when has_conflict then 1 else 0 end) over (partition by identifier_key) = 1
            as has_conflict_ever,
        max(case when has_conflict and not is_earlier then 1 else 0 end) over (
            partition by identifier_key
        ) = 1 as has_conflict_today
    from compared
),

-- Who had the value before says nothing of those who have it.
compared_on_value as (
    select
        *,
        has_conflict_today or (is_earlier and has_conflict_ever) as is_of_several_people
    from conflicts_on_value
),

judged as (
    select
        *,
        case
            when strength = 'strong' then 'joins'
            when has_conflict then 'conflict'
            when agrees_fully then 'joins'
            when is_of_several_people and agrees_with_one_person then 'joins'
            when is_of_several_people then 'several_people'
            when needs_agreement and not agrees then 'no_agreement'
            else 'joins'
        end as value_verdict
    from compared_on_value
),

-- An anonymous record, without first name and birth date, could join two people: it follows only
-- one of its medium values.
anonymous_choices as (
    select
        record_key,
        identifier_key,
        priority
    from judged
    where
        is_anonymous
        and strength = 'medium'
        and value_verdict = 'joins'

    union all

    select
        other_record_key as record_key,
        identifier_key,
        priority
    from judged
    where
        is_other_anonymous
        and strength = 'medium'
        and value_verdict = 'joins'
),

anonymous_choices_ranked as (
    select
        record_key,
        identifier_key,
        dense_rank() over (
            partition by record_key
            order by priority asc nulls last, identifier_key asc nulls last
        ) as choice_rank
    from anonymous_choices
),

values_followed as (
    select
        record_key,
        identifier_key
    from anonymous_choices_ranked
    where choice_rank = 1
    group by record_key, identifier_key
),

final as (
    select
        -- keys
        judged.record_key,
        judged.other_record_key,
        judged.identifier_key,

        -- attributes
        judged.identifier_type,
        judged.strength,
        judged.first_name_level,
        judged.birth_date_level,
        case
            when judged.value_verdict <> 'joins' or judged.strength <> 'medium'
                then judged.value_verdict
            when judged.is_anonymous and followed.record_key is null then 'other_value_followed'
            when judged.is_other_anonymous and other_followed.record_key is null
                then 'other_value_followed'
            else judged.value_verdict
        end as verdict,

        -- measures
        judged.priority,

        -- flags
        judged.agrees_fully,
        judged.is_earlier
    from judged
    left join values_followed as followed
        on
            judged.record_key = followed.record_key
            and judged.identifier_key = followed.identifier_key
    left join values_followed as other_followed
        on
            judged.other_record_key = other_followed.record_key
            and judged.identifier_key = other_followed.identifier_key
)

select * from final
