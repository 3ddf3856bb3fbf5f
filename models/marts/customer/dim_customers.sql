with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

inviters as (select * from {{ ref('int_customer_inviters') }}),

cluster_totals as (
    select
        records.customer_id,
        max(case when records.is_anchor then records.record_id end) as anchor_record_id,
        count(*) as records_count,
        count(distinct records.system) as systems_count,
        min(case when records.is_inferred then 1 else 0 end) = 1 as is_inferred,
        min(record_attributes.registered_at) as registered_at,
        min(records.first_seen_at) as first_seen_at
    from records
    left join record_attributes
        on records.record_key = record_attributes.record_key
    group by records.customer_id
),

golden as (
    select
        customer_id,
        max(case when attribute = 'name' then record_key end) as name_record_key,
        max(case when attribute = 'address' then record_key end) as address_record_key,
        {% for attribute in [
            'loyalty_number', 'platform_id', 'email', 'phone', 'birth_date', 'gender', 'occupation', 'education',
            'income_band', 'marital_status', 'children_count', 'household_size', 'home',
            'organisation', 'organisation_id', 'has_email_consent', 'has_sms_consent'
        ] %}
            max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }}
            {%- if not loop.last %},{% endif %}

        {% endfor %}
    from survived
    group by customer_id
),

final as (
    select
        -- keys
        cluster_totals.customer_id,
        cluster_totals.anchor_record_id,
        inviters.inviter_customer_id,
        golden.organisation_id,

        -- attributes
        golden.loyalty_number,
        golden.platform_id,
        names.full_name,
        names.first_name,
        names.last_name,
        golden.email,
        golden.phone,
        cast(golden.birth_date as date) as birth_date,
        golden.gender,
        addresses.country_code,
        addresses.region,
        addresses.city,
        addresses.address,
        addresses.postcode,
        golden.occupation,
        golden.education,
        golden.income_band,
        golden.marital_status,
        golden.home,
        golden.organisation,

        -- measures
        cast(floor(cast(golden.children_count as decimal(18, 0))) as bigint) as children_count,
        cast(floor(cast(golden.household_size as decimal(18, 0))) as bigint) as household_size,
        cluster_totals.records_count,
        cluster_totals.systems_count,

        -- flags
        cast(golden.has_email_consent as boolean) as has_email_consent,
        cast(golden.has_sms_consent as boolean) as has_sms_consent,
        cluster_totals.is_inferred,

        -- dates and timestamps
        cluster_totals.registered_at,
        cluster_totals.first_seen_at
    from cluster_totals
    left join golden
        on cluster_totals.customer_id = golden.customer_id
    left join record_attributes as names
        on golden.name_record_key = names.record_key
    left join record_attributes as addresses
        on golden.address_record_key = addresses.record_key
    left join inviters
        on cluster_totals.customer_id = inviters.customer_id
)

select * from final
