with

identifiers as (select * from {{ ref('int_identifiers_unioned') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

identifier_types as (select * from {{ ref('identifier_types') }}),

blocked_identifiers as (select * from {{ ref('blocked_identifiers') }}),

organisations as (select * from {{ ref('int_organisations_unioned') }}),

counted as (
    select
        identifiers.identifier_type,
        identifiers.identifier_value,
        count(*) as records_count,
        count(distinct record_attributes.folded_first_name) as first_names_count
    from identifiers
    left join record_attributes
        on identifiers.record_key = record_attributes.record_key
    group by identifiers.identifier_type, identifiers.identifier_value
),

-- The switchboard and the general mail address of an organisation identify none of its people. If
-- several organisations have one number (a firm and its parent), one of them is enough.
organisation_values as (
    {% for identifier_type in ['email', 'phone'] %}
        select
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            min(organisation_id) as organisation_id
        from organisations
        where {{ identifier_type }} is not null
        group by {{ identifier_type }}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- If several patterns fit a value, one reason is enough.
blocked as (
    select
        counted.identifier_type,
        counted.identifier_value,
        min(blocked_identifiers.reason) as reason
    from counted
    inner join blocked_identifiers
        on
            counted.identifier_type = blocked_identifiers.identifier_type
            and counted.identifier_value like blocked_identifiers.value_pattern
    group by counted.identifier_type, counted.identifier_value
),

typed as (
    select
        counted.identifier_type,
        counted.identifier_value,
        coalesce(identifier_types.strength, 'weak') as strength,
        coalesce(identifier_types.needs_agreement, false) as needs_agreement,
        identifier_types.priority,
        identifier_types.identifier_label,
        organisation_values.organisation_id,
        case
            when organisation_values.organisation_id is not null then 'organisation'
            else blocked.reason
        end as blocked_reason,
        identifier_types.maximum_records,
        identifier_types.maximum_names,
        counted.records_count,
        counted.first_names_count
    from counted
    left join identifier_types
        on counted.identifier_type = identifier_types.identifier_type
    left join blocked
        on
            counted.identifier_type = blocked.identifier_type
            and counted.identifier_value = blocked.identifier_value
    left join organisation_values
        on
            counted.identifier_type = organisation_values.identifier_type
            and counted.identifier_value = organisation_values.identifier_value
),

judged as (
    select
        identifier_type,
        identifier_value,
        strength,
        needs_agreement,
        priority,
        identifier_label,
        organisation_id,
        blocked_reason,
        maximum_records,
        maximum_names,
        records_count,
        first_names_count,
        case
            when blocked_reason is not null then 'blocked'
            when strength = 'weak' then 'weak'
            when
                records_count > maximum_records
                or first_names_count > maximum_names
                then 'quarantined'
            else 'joins'
        end as identifier_status
    from typed
),

final as (
    select
        -- keys
        identifier_type,
        identifier_value,
        organisation_id,

        -- attributes
        {{ hash_key(key_part('identifier_type') ~ " || '=' || identifier_value") }}
            as identifier_key,
        identifier_status,
        strength,
        priority,
        identifier_label,
        case
            when identifier_status = 'blocked' then blocked_reason
            when identifier_status = 'quarantined' and records_count > maximum_records
                then 'more than ' || cast(maximum_records as string) || ' records'
            when identifier_status = 'quarantined'
                then 'more than ' || cast(maximum_names as string) || ' first names'
        end as reason,

        -- measures
        records_count,
        first_names_count,

        -- flags
        needs_agreement
    from judged
)

select * from final
