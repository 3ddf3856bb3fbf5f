{% set keys = ['address', 'phone', 'email', 'device'] %}
{% set sources = keys + ['declaration'] %}
with

found as (select * from {{ ref('int_relation_pairs_found') }}),

relationships as (select * from {{ ref('int_customer_relationships') }}),

terms as (select * from {{ ref('int_relation_terms_gathered') }}),

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

relation_evidence as (select * from {{ ref('relation_evidence') }}),

declared as (
    select
        least(customer_id, related_customer_id) as customer_id,
        greatest(customer_id, related_customer_id) as related_customer_id,
        min(coalesce(since_date, {{ business_date('created_at') }})) as since_date
    from relationships
    where
        relationship_kind = 'family'
        and not is_same_customer
    group by least(customer_id, related_customer_id), greatest(customer_id, related_customer_id)
),

pairs as (
    select
        customer_id,
        related_customer_id
    from found
    where relation_key <> 'organisation'

    union

    select
        customer_id,
        related_customer_id
    from declared
),

-- A customer has one value of each term, or a few.
compared_terms as (
    select
        pairs.customer_id,
        pairs.related_customer_id,
        one.term,
        bool_or(one.term_value = other.term_value) as is_equal
    from pairs
    inner join terms as one
        on pairs.customer_id = one.customer_id
    inner join terms as other
        on
            pairs.related_customer_id = other.customer_id
            and one.term = other.term
    group by pairs.customer_id, pairs.related_customer_id, one.term
),

pair_terms as (
    select
        customer_id,
        related_customer_id,
        {% for term in ['first_name', 'family_name', 'birth_date', 'city', 'organisation'] %}
            bool_or(case when term = '{{ term }}' then is_equal end) as has_same_{{ term }}
            {%- if not loop.last %},{% endif %}
        {% endfor %}
    from compared_terms
    group by customer_id, related_customer_id
),

shared_values as (
    select
        customer_id,
        related_customer_id,
        {% for key in keys %}
            max(case when relation_key = '{{ key }}' then customers_count end)
                as {{ key }}_customers_count,
            bool_or(case when relation_key = '{{ key }}' then has_uncrowded_value end)
                as has_uncrowded_{{ key }},
        {% endfor %}
        bool_or(case when relation_key = 'address' then has_uncrowded_flat end)
            as has_uncrowded_flat,
        {{ business_date('min(since_at)') }} as since_date
    from found
    where relation_key <> 'organisation'
    group by customer_id, related_customer_id
),

-- Who says in every record that asks that nobody else lives there.
alone as (
    select records.customer_id
    from records
    inner join record_attributes
        on records.record_key = record_attributes.record_key
    group by records.customer_id
    having max(record_attributes.household_size) = 1
),

described as (
    select
        pairs.customer_id,
        pairs.related_customer_id,
        {% for key in keys %}
            shared_values.{{ key }}_customers_count,
            shared_values.has_uncrowded_{{ key }},
        {% endfor %}
        shared_values.has_uncrowded_flat,
        declared.customer_id is not null as is_declared,
        coalesce(pair_terms.has_same_family_name, false) as has_same_family_name,
        pair_terms.has_same_family_name as compared_family_name,
        coalesce(pair_terms.has_same_first_name, false) as has_same_first_name,
        pair_terms.has_same_birth_date,
        pair_terms.has_same_city,
        coalesce(pair_terms.has_same_organisation, false) as is_colleague,
        alone.customer_id is not null
        or others_alone.customer_id is not null as is_said_to_live_alone,
        least(shared_values.since_date, declared.since_date) as since_date
    from pairs
    left join shared_values
        on
            pairs.customer_id = shared_values.customer_id
            and pairs.related_customer_id = shared_values.related_customer_id
    left join declared
        on
            pairs.customer_id = declared.customer_id
            and pairs.related_customer_id = declared.related_customer_id
    left join pair_terms
        on
            pairs.customer_id = pair_terms.customer_id
            and pairs.related_customer_id = pair_terms.related_customer_id
    left join alone
        on pairs.customer_id = alone.customer_id
    left join alone as others_alone
        on pairs.related_customer_id = others_alone.customer_id
),

-- Of colleagues an office has one address, one number and one device: without a family name in
-- common these say nothing.
named as (
    select
        *,
        case
            when address_customers_count is null then null
            when has_same_family_name and has_uncrowded_flat then 'family_name_and_flat'
            when has_same_family_name and has_uncrowded_address then 'family_name_and_house'
            when has_same_family_name then 'family_name_and_crowded_address'
            when is_colleague then null
            when has_uncrowded_flat then 'flat'
            when has_uncrowded_address then 'house'
            else 'crowded_address'
        end as address_evidence,
        case
            when phone_customers_count is null or is_colleague then null
            when not has_uncrowded_phone then 'crowded_phone'
            when has_same_family_name then 'family_name_and_phone'
            when has_same_city then 'phone_and_city'
            else 'phone'
        end as phone_evidence,
        case
            when email_customers_count is null or is_colleague then null
            when has_uncrowded_email then 'email'
            else 'crowded_email'
        end as email_evidence,
        case
            when device_customers_count is null or is_colleague then null
            when not has_uncrowded_device then 'crowded_device'
            when has_same_family_name then 'family_name_and_device'
            when has_same_city then 'device_and_city'
            else 'device'
        end as device_evidence,
        case
            when not is_declared then null
            when
                has_same_city or has_same_city is null
                or address_customers_count is not null
                then 'declared_family'
            else 'declared_family_apart'
        end as declaration_evidence
    from described
),

-- Independent chances: the relation is wrong only where each source is.
weighed as (
    select
        named.*,
        {% for source in sources %}
            {{ source }}_weights.evidence_label as {{ source }}_label,
        {% endfor %}
        {% for source in sources %}
            case when named.{{ source }}_evidence is not null then 1 else 0 end
            {% if not loop.last %}+{% endif %}
        {% endfor %} as evidence_sources_count,
        100 - 100
        {% for source in sources %}
            * (1 - coalesce({{ source }}_weights.confidence_pct, 0) * cast(0.01 as decimal(5, 2)))
        {% endfor %} as confidence_pct
    from named
    {% for source in sources %}
        left join relation_evidence as {{ source }}_weights
            on named.{{ source }}_evidence = {{ source }}_weights.evidence
    {% endfor %}
),

final as (
    select
        -- keys
        customer_id,
        related_customer_id,

        -- attributes
        {% for source in sources %}
            {{ source }}_evidence,
        {% endfor %}
        concat_ws(
            '; ',
            {% for source in keys %}
                {{ source }}_label
                || ' (held by ' || cast({{ source }}_customers_count as string) || ' customers)',
            {% endfor %}
            declaration_label
        ) as evidence,

        -- measures
        evidence_sources_count,
        cast(confidence_pct as decimal(5, 2)) as confidence_pct,

        -- flags
        is_colleague,
        has_same_first_name
        and coalesce(compared_family_name, true)
        and coalesce(has_same_birth_date, true) as is_possible_duplicate,
        confidence_pct >= case
            when is_said_to_live_alone then {{ var('household_alone_minimum_pct') }}
            else {{ var('household_minimum_pct') }}
        end as is_household,

        -- dates and timestamps
        since_date
    from weighed
)

select * from final
