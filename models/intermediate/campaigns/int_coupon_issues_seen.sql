{% set systems = staged_models('coupon_issues') %}
with

{% for system, model in systems.items() %}
    {{ system }}_issues as (select * from {{ ref(model) }}),

{% endfor %}
records as (select * from {{ ref('int_records_clustered') }}),

as_of as (select * from {{ ref('int_as_of') }}),

issues as (
    {% for system in systems %}
        select
            '{{ system }}' as issuing_system,
            coupon_issue_id,
            lower(coupon_code) as lower_code,
            system,
            native_customer_id,
            campaign_id,
            issued_date
        from {{ system }}_issues
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        issues.issuing_system,
        issues.coupon_issue_id,
        issues.lower_code,
        records.customer_id,
        issues.campaign_id,

        -- flags
        issues.native_customer_id is null as is_for_everybody,

        -- dates and timestamps
        issues.issued_date
    from issues
    inner join as_of
        on issues.issued_date <= as_of.as_of_date
    left join records
        on
            issues.system = records.system
            and issues.native_customer_id = records.native_customer_id
)

select * from final
