{% set identifiers = ['email', 'phone', 'loyalty_number', 'platform_id'] %}
{% set told = [
    'birth_date', 'gender', 'occupation', 'education', 'income_band', 'marital_status', 'children_count',
    'household_size', 'home', 'organisation', 'organisation_id'
] %}
{% set parts = ['full_name', 'country_code', 'region', 'city', 'address', 'postcode'] %}
{% set consents = ['has_email_consent', 'has_sms_consent'] %}
with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

identifier_values as (select * from {{ ref('int_identifier_values_judged') }}),

system_trust as (select * from {{ ref('system_trust') }}),

members as (
    select
        records.customer_id,
        records.record_id,
        records.system,
        record_attributes.record_key,
        record_attributes.full_name,
        record_attributes.folded_first_name,
        record_attributes.folded_last_name,
        {% for column in identifiers + told + consents %}
            record_attributes.{{ column }},
        {% endfor %}
        record_attributes.country_code,
        record_attributes.region,
        record_attributes.city,
        record_attributes.address,
        record_attributes.postcode,
        coalesce(record_attributes.updated_at, record_attributes.registered_at)
            as record_updated_at,
        (
            0
            {% for column in parts + identifiers + told %}
                + case when record_attributes.{{ column }} is null then 0 else 1 end
            {% endfor %}
        ) as filled_count
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
),

-- A blocked or quarantined value does not count as a person's mail address or phone number.
unusable_values as (
    select
        identifier_type,
        identifier_value
    from identifier_values
    where identifier_status in ('blocked', 'quarantined')
),

-- The parts of a name stay together, and so do those of an address; a complete one goes before a
-- part.
candidates as (
    select
        customer_id,
        record_key,
        record_id,
        system,
        'name' as attribute,
        full_name as attribute_value,
        record_updated_at,
        filled_count,
        case
            when folded_first_name is null or folded_last_name is null then 1
            -- an initial, in a script that has capitals
            when
                length(folded_first_name) = 1
                and lower(folded_first_name) <> upper(folded_first_name)
                then 1
            else 0
        end as is_partial
    from members
    where full_name is not null

    union all

    select
        customer_id,
        record_key,
        record_id,
        system,
        'address' as attribute,
        coalesce(address, city, postcode, region, country_code) as attribute_value,
        record_updated_at,
        filled_count,
        case when address is null and city is null then 1 else 0 end as is_partial
    from members
    where coalesce(address, city, postcode, region, country_code) is not null

    {% for column in identifiers %}
        union all

        select
            members.customer_id,
            members.record_key,
            members.record_id,
            members.system,
            '{{ column }}' as attribute,
            members.{{ column }} as attribute_value,
            members.record_updated_at,
            members.filled_count,
            0 as is_partial
        from members
        left join unusable_values
            on
                unusable_values.identifier_type = '{{ column }}'
                and members.{{ column }} = unusable_values.identifier_value
        where
            members.{{ column }} is not null
            and unusable_values.identifier_value is null

    {% endfor %}
    {% for column in told + consents %}
        union all

        select
            customer_id,
            record_key,
            record_id,
            system,
            '{{ column }}' as attribute,
            cast({{ column }} as string) as attribute_value,
            record_updated_at,
            filled_count,
            0 as is_partial
        from members
        where {{ column }} is not null

    {% endfor %}
),

-- Of statements on consent a refusal counts, in whatever system, and also before a later
-- permission: somebody else may have ticked that box.
weighed as (
    select
        candidates.customer_id,
        candidates.record_key,
        candidates.record_id,
        candidates.system,
        candidates.attribute,
        candidates.attribute_value,
        candidates.record_updated_at,
        candidates.filled_count,
        candidates.is_partial,
        case
            when candidates.attribute in ('has_email_consent', 'has_sms_consent') then 0
            else coalesce(attribute_trust.trust, other_trust.trust, 0)
        end as trust,
        case
            when
                candidates.attribute in ('has_email_consent', 'has_sms_consent')
                and candidates.attribute_value = 'true'
                then 1
            else 0
        end as is_permission
    from candidates
    left join system_trust as attribute_trust
        on
            candidates.system = attribute_trust.system
            and candidates.attribute = attribute_trust.attribute
    left join system_trust as other_trust
        on
            candidates.system = other_trust.system
            and other_trust.attribute = 'any'
),

final as (
    select
        -- keys
        customer_id,
        attribute,
        record_key,
        record_id,

        -- attributes
        system,
        attribute_value,

        -- measures
        row_number() over (
            partition by customer_id, attribute
            order by
                is_partial asc nulls last,
                is_permission asc nulls last,
                trust desc nulls last,
                record_updated_at desc nulls last,
                filled_count desc nulls last,
                record_id asc nulls last
        ) as candidate_rank,
        trust,
        filled_count,
        is_partial,
        is_permission,

        -- dates and timestamps
        record_updated_at
    from weighed
)

select * from final
