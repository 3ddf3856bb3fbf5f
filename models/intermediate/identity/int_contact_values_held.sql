{% set systems = staged_models('customer_versions') %}
with

{% for system, model in systems.items() %}
    {{ system }}_versions as (select * from {{ ref(model) }}),

{% endfor %}
record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

versions as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_customer_id,
            landed_file,
            landed_row,
            email,
            phone,
            is_in_use,
            is_deletion,
            load_date,
            version_at
        from {{ system }}_versions
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- What an account had that was erased or emptied since is nobody's.
versions_of_people as (
    select
        versions.*,
        record_attributes.record_key,
        record_attributes.registered_at
    from versions
    inner join record_attributes
        on
            versions.system = record_attributes.system
            and versions.native_customer_id = record_attributes.native_customer_id
    where
        not record_attributes.is_erased
        and coalesce(
            record_attributes.full_name, record_attributes.masked_name, record_attributes.email,
            record_attributes.phone
        ) is not null
),

numbered as (
    select
        *,
        row_number() over oldest_first as version_number,
        lead(version_at) over oldest_first as next_version_at
    from versions_of_people
    window oldest_first as (
        partition by record_key
        order by
            case when is_in_use then 1 else 0 end asc nulls last,
            version_at asc nulls first,
            case when is_deletion then 1 else 0 end asc nulls last,
            load_date asc nulls first,
            landed_file asc nulls last,
            landed_row asc nulls last
    )
),

-- What the first known version tells may have been so since the record was made.
dated as (
    select
        *,
        case when version_number = 1 then least(registered_at, version_at) else version_at end
            as told_from,
        max(case when is_deletion then version_number else 0 end) over (partition by record_key)
            as last_deletion_number
    from numbered
),

-- A number that comes back after its deletion may be another person's.
since_deletion as (
    select *
    from dated
    where version_number > last_deletion_number
),

told as (
    {% for identifier_type in ['email', 'phone'] %}
        select
            record_key,
            '{{ identifier_type }}' as identifier_type,
            {{ identifier_type }} as identifier_value,
            told_from,
            next_version_at,
            is_in_use
        from since_deletion
        where {{ identifier_type }} is not null
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        record_key,
        identifier_type,
        identifier_value,

        -- flags
        not bool_or(is_in_use) as is_superseded,

        -- dates and timestamps
        min(told_from) as held_from,
        case when not bool_or(is_in_use) then max(next_version_at) end as held_until
    from told
    group by record_key, identifier_type, identifier_value
)

select * from final
