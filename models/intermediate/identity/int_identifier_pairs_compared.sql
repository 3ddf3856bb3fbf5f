with

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

joining as (
    select
        identifiers.record_key,
        identifier_values.identifier_key,
        identifier_values.identifier_type,
        identifier_values.strength,
        identifier_values.priority,
        identifier_values.needs_agreement,
        record_attributes.folded_full_name,
        record_attributes.folded_first_name,
        record_attributes.folded_last_name,
        record_attributes.birth_date,
        record_attributes.folded_first_name is null
        and record_attributes.birth_date is null as is_faceless
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    left join record_attributes
        on identifiers.record_key = record_attributes.record_key
    where
        identifier_values.identifier_status = 'joins'
        and identifier_values.records_count > 1
),

-- Who else has this name, or this birthday, on the same value: twins, father and son.
with_namesakes as (
    select
        record_key,
        identifier_key,
        identifier_type,
        strength,
        priority,
        needs_agreement,
        folded_full_name,
        folded_first_name,
        folded_last_name,
        birth_date,
        is_faceless,
        min(birth_date) over (partition by identifier_key, folded_first_name) as first_date_of_name,
        max(birth_date) over (partition by identifier_key, folded_first_name) as last_date_of_name,
        min(folded_first_name) over (partition by identifier_key, birth_date) as first_name_of_date,
        max(folded_first_name) over (partition by identifier_key, birth_date) as last_name_of_date
    from joining
),

-- As many pairs as a value has, which its greatest number of records bounds.
compared as (
    select
        joining.record_key,
        others.record_key as other_record_key,
        joining.identifier_key,
        joining.identifier_type,
        joining.strength,
        joining.priority,
        joining.needs_agreement,
        {{ first_name_level(
            'joining.folded_full_name', 'joining.folded_first_name', 'joining.folded_last_name',
            'others.folded_full_name', 'others.folded_first_name', 'others.folded_last_name'
        ) }} as first_name_level,
        case
            when joining.birth_date = others.birth_date then 'equal'
            when joining.birth_date <> others.birth_date then 'different'
            else 'unknown'
        end as birth_date_level,
        coalesce(
            left(joining.folded_last_name, length(others.folded_last_name))
            <> others.folded_last_name
            and left(others.folded_last_name, length(joining.folded_last_name))
            <> joining.folded_last_name,
            false
        ) as has_other_last_name,
        joining.is_faceless,
        others.is_faceless as is_other_faceless,
        least(joining.first_date_of_name, others.first_date_of_name)
        = greatest(joining.last_date_of_name, others.last_date_of_name) as has_one_date_of_name,
        joining.first_date_of_name is null
        and others.first_date_of_name is null as has_no_date_of_name,
        joining.first_name_of_date = joining.last_name_of_date as has_one_name_of_date
    from with_namesakes as joining
    inner join with_namesakes as others
        on
            joining.identifier_key = others.identifier_key
            and joining.record_key < others.record_key
),

-- Of two people with one phone number and first name the family names tell.
named as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        priority,
        needs_agreement,
        first_name_level,
        birth_date_level,
        first_name_level = 'swapped'
        or (first_name_level = 'equal' and not has_other_last_name) as agrees_by_name,
        has_no_date_of_name,
        has_one_date_of_name,
        has_one_name_of_date,
        is_faceless,
        is_other_faceless
    from compared
),

opposed as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        priority,
        needs_agreement,
        first_name_level,
        birth_date_level,
        first_name_level = 'different' or birth_date_level = 'different' as has_conflict,
        first_name_level in ('equal', 'swapped') and birth_date_level = 'equal' as agrees_fully,
        agrees_by_name or birth_date_level = 'equal' as agrees,
        -- on a value of several people only what belongs to one of them says who it is
        (agrees_by_name and (has_no_date_of_name or has_one_date_of_name))
        or (birth_date_level = 'equal' and has_one_name_of_date) as agrees_alone,
        is_faceless,
        is_other_faceless
    from named
),

shared as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        priority,
        needs_agreement,
        first_name_level,
        birth_date_level,
        has_conflict,
        agrees_fully,
        agrees,
        agrees_alone,
        is_faceless,
        is_other_faceless,
        max(case when has_conflict then 1 else 0 end) over (partition by identifier_key) = 1
            as is_of_several_people
    from opposed
),

judged as (
    select
        record_key,
        other_record_key,
        identifier_key,
        identifier_type,
        strength,
        priority,
        first_name_level,
        birth_date_level,
        agrees_fully,
        is_faceless,
        is_other_faceless,
        case
            when strength = 'strong' then 'joins'
            when has_conflict then 'conflict'
            when agrees_fully then 'joins'
            when is_of_several_people and agrees_alone then 'joins'
            when is_of_several_people then 'several_people'
            when needs_agreement and not agrees then 'no_agreement'
            else 'joins'
        end as verdict
    from shared
),

-- A record without name and birthday could join two people: it follows one of its medium values.
faceless_choices as (
    select
        record_key,
        identifier_key,
        priority
    from judged
    where
        is_faceless
        and strength = 'medium'
        and verdict = 'joins'

    union all

    select
        other_record_key as record_key,
        identifier_key,
        priority
    from judged
    where
        is_other_faceless
        and strength = 'medium'
        and verdict = 'joins'
),

faceless_ranked as (
    select
        record_key,
        identifier_key,
        dense_rank() over (
            partition by record_key
            order by priority asc nulls last, identifier_key asc nulls last
        ) as choice_rank
    from faceless_choices
),

faceless_followed as (
    select
        record_key,
        identifier_key
    from faceless_ranked
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
            when
                judged.verdict = 'joins'
                and judged.strength = 'medium'
                and (
                    (judged.is_faceless and followed.record_key is null)
                    or (judged.is_other_faceless and other_followed.record_key is null)
                )
                then 'other_value_followed'
            else judged.verdict
        end as verdict,

        -- measures
        judged.priority,

        -- flags
        judged.agrees_fully
    from judged
    left join faceless_followed as followed
        on
            judged.record_key = followed.record_key
            and judged.identifier_key = followed.identifier_key
    left join faceless_followed as other_followed
        on
            judged.other_record_key = other_followed.record_key
            and judged.identifier_key = other_followed.identifier_key
)

select * from final
