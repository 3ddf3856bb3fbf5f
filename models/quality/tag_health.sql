with

registry as (select * from {{ ref('tag_registry') }}),

tags as (select * from {{ ref('customer_tags') }}),

customers as (select * from {{ ref('dim_customers') }}),

attributes as (select * from {{ ref('customer_attributes') }}),

published_counts as (select * from {{ ref('stg_state__tag_counts') }}),

audience_uses as (select * from {{ ref('stg_landing__audience_uses') }}),

customer_totals as (
    select count(*) as all_customers_count
    from customers
),

tag_totals as (
    select
        tag_code,
        count(*) as customers_count,
        max(evidence_date) as last_evidence_date
    from tags
    group by tag_code
),

-- Customers of a told tag of whom another record tells something else.
contradiction_totals as (
    select
        tags.tag_code,
        count(*) as contradicted_customers_count
    from tags
    inner join registry
        on tags.tag_code = registry.tag_code
    inner join attributes
        on
            tags.customer_id = attributes.customer_id
            and registry.value_column = attributes.attribute
    where attributes.contradicting_records_count > 0
    group by tags.tag_code
),

tag_users as (
    select
        used_name as tag_code,
        {{ text_list('audience') }} as audiences
    from audience_uses
    where used_kind = 'tag'
    group by used_name
),

-- The last published build, and when it was that a tag was first seen.
last_builds as (
    select max(build_id) as build_id
    from published_counts
),

previous as (
    select
        published_counts.tag_code,
        published_counts.customers_count,
        published_counts.all_customers_count
    from published_counts
    inner join last_builds
        on published_counts.build_id = last_builds.build_id
),

measured as (
    select
        registry.tag_code,
        registry.name_en,
        registry.theme,
        registry.tag_kind,
        registry.exclusive_group,
        registry.owner_model,
        nullif(
            concat_ws('; ', registry.used_by, 'audiences ' || tag_users.audiences), ''
        ) as used_by,
        registry.coverage_from_pct,
        registry.coverage_to_pct,
        coalesce(tag_totals.customers_count, 0) as customers_count,
        {{ divide(
            '100 * coalesce(tag_totals.customers_count, 0)', 'customer_totals.all_customers_count'
        ) }} as coverage_pct,
        previous.customers_count as previous_customers_count,
        {{ divide('100 * previous.customers_count', 'previous.all_customers_count') }}
            as previous_coverage_pct,
        coalesce(contradiction_totals.contradicted_customers_count, 0)
            as contradicted_customers_count,
        customer_totals.all_customers_count,
        tag_totals.last_evidence_date
    from registry
    cross join customer_totals
    left join tag_totals
        on registry.tag_code = tag_totals.tag_code
    left join contradiction_totals
        on registry.tag_code = contradiction_totals.tag_code
    left join tag_users
        on registry.tag_code = tag_users.tag_code
    left join previous
        on registry.tag_code = previous.tag_code
),

final as (
    select
        -- keys
        tag_code,

        -- attributes
        name_en,
        theme,
        tag_kind,
        exclusive_group,
        owner_model,
        used_by,

        -- measures
        customers_count,
        coverage_pct,
        coverage_from_pct,
        coverage_to_pct,
        previous_customers_count,
        previous_coverage_pct,
        {{ divide('100 * (coverage_pct - previous_coverage_pct)', 'previous_coverage_pct') }}
            as swing_pct,
        contradicted_customers_count,
        {{ divide('100 * contradicted_customers_count', 'customers_count') }} as contradicted_pct,

        -- flags
        coalesce(
            all_customers_count < {{ var('tag_swing_minimum_customers') }}
            or (
                coverage_pct >= coalesce(coverage_from_pct, 0)
                and coverage_pct <= coalesce(coverage_to_pct, 100)
            ), true
        ) as is_covered_as_expected,
        coalesce(
            100 * abs(coverage_pct - previous_coverage_pct)
            > {{ var('tag_swing_pct') }} * previous_coverage_pct
            and greatest(customers_count, previous_customers_count)
            >= {{ var('tag_swing_minimum_customers') }}, false
        ) as needs_reason,
        used_by is not null as is_used,

        -- dates and timestamps
        last_evidence_date
    from measured
)

select * from final
