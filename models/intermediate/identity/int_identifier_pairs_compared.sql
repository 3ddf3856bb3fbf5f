with

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

match_records as (select * from {{ ref('int_match_records') }}),

-- Of an anonymous record neither first name nor birth date is known.
holders as (
    select
        identifiers.record_key,
        identifiers.is_superseded,
        identifiers.held_from,
        identifiers.held_until,
        identifier_values.identifier_key,
        identifier_values.identifier_type,
        identifier_values.strength,
        identifier_values.priority,
        identifier_values.needs_agreement,
        record_attributes.folded_full_name,
        record_attributes.folded_first_name,
        record_attributes.folded_last_name,
        record_attributes.birth_date,
        match_records.name_suffix,
        {% for place in range(1, 4) %}
            match_records.single_number_{{ place }},
        {% endfor %}
        record_attributes.folded_first_name is null
        and record_attributes.birth_date is null as is_anonymous
    from identifiers
    inner join identifier_values
        on
            identifiers.identifier_type = identifier_values.identifier_type
            and identifiers.identifier_value = identifier_values.identifier_value
    left join record_attributes
        on identifiers.record_key = record_attributes.record_key
    left join match_records
        on identifiers.record_key = match_records.record_key
    where
        identifier_values.identifier_status = 'joins'
        and identifier_values.records_count > 1
),

-- Who else has this name, or this birth date, on the same value: father and son, twins.
holders_with_namesakes as (
    select
        *,
        min(birth_date) over (partition by identifier_key, folded_first_name) as first_date_of_name,
        max(birth_date) over (partition by identifier_key, folded_first_name) as last_date_of_name,
        min(folded_first_name) over (partition by identifier_key, birth_date) as first_name_of_date,
        max(folded_first_name) over (partition by identifier_key, birth_date) as last_name_of_date
    from holders
),

-- A value has no more pairs than its greatest number of records allows.
compared as (
    select
        one.record_key,
        other.record_key as other_record_key,
        one.identifier_key,
        one.identifier_type,
        one.strength,
        one.priority,
        one.needs_agreement,
        {{ first_name_level(
            'one.folded_full_name', 'one.folded_first_name', 'one.folded_last_name',
            'other.folded_full_name', 'other.folded_first_name', 'other.folded_last_name'
        ) }} as first_name_level,
        case
            when one.birth_date = other.birth_date then 'equal'
            when one.birth_date <> other.birth_date then 'different'
            else 'unknown'
        end as birth_date_level,
        coalesce(not {{ begins_with('one.folded_last_name', 'other.folded_last_name') }}, false)
            as has_other_last_name,
        {% for comparison in match_comparisons() %}
            {% if comparison.name in ['name_suffix', 'personal_number'] %}
                coalesce(
                    {{ reached_match_level(comparison) }}
                    = {{ match_level(comparison.name, 'different') }},
                    false
                ) as has_other_{{ comparison.name }},
            {% endif %}
        {% endfor %}
        -- a script of letters has capitals
        coalesce(
            length(one.folded_first_name) = 1
            and upper(one.folded_first_name) <> one.folded_first_name,
            false
        ) as is_initial,
        one.is_anonymous,
        other.is_anonymous as is_other_anonymous,
        one.is_superseded or other.is_superseded as is_earlier,
        -- what one gave up before the other had it, or may have, was perhaps given away again
        (one.is_superseded and coalesce(one.held_until <= other.held_from, true))
        or (other.is_superseded and coalesce(other.held_until <= one.held_from, true))
            as is_apart_in_time,
        least(one.first_date_of_name, other.first_date_of_name)
        = greatest(one.last_date_of_name, other.last_date_of_name) as has_one_date_of_name,
        one.first_date_of_name is null
        and other.first_date_of_name is null as has_no_date_of_name,
        one.first_name_of_date = one.last_name_of_date as has_one_name_of_date
    from holders_with_namesakes as one
    inner join holders_with_namesakes as other
        on
            one.identifier_key = other.identifier_key
            and one.record_key < other.record_key
),

-- Two people may have one phone number and one first name: their family names tell them apart. An
-- initial is no name.
names_judged as (
    select
        *,
        first_name_level = 'swapped'
        or (first_name_level = 'equal' and not has_other_last_name and not is_initial)
            as agrees_by_name
    from compared
),

agreements as (
    select
        *,
        first_name_level = 'different'
        or birth_date_level = 'different'
        or has_other_name_suffix
        or has_other_personal_number as has_conflict,
        first_name_level in ('equal', 'swapped') and birth_date_level = 'equal' as agrees_fully,
        agrees_by_name or birth_date_level = 'equal' as agrees,
        -- on a value of several people only what belongs to one of them says who it is
        (agrees_by_name and (has_no_date_of_name or has_one_date_of_name))
        or (birth_date_level = 'equal' and has_one_name_of_date) as agrees_with_one_person
    from names_judged
),

final as (
    select
        -- keys
        record_key,
        other_record_key,
        identifier_key,

        -- attributes
        identifier_type,
        strength,
        first_name_level,
        birth_date_level,

        -- measures
        -- what both still have says more
        priority + case when is_earlier then 100 else 0 end as priority,

        -- flags
        is_earlier,
        needs_agreement or is_apart_in_time as needs_agreement,
        has_conflict,
        agrees,
        agrees_fully,
        agrees_with_one_person,
        is_anonymous,
        is_other_anonymous
    from agreements
)

select * from final
