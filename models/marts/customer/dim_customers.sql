with

records as (select * from {{ ref('int_records_clustered') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

cluster_totals as (
    select
        customer_id,
        count(*) as record_count,
        min(first_seen_at) as first_seen_at,
        min(case when is_inferred then 1 else 0 end) = 1 as is_inferred
    from records
    group by customer_id
),

-- The golden record is the anchor's own until survivorship chooses per attribute.
final as (
    select
        -- keys
        anchors.customer_id,
        anchors.record_id as anchor_record_id,
        inviters.customer_id as inviter_customer_id,

        -- attributes
        record_attributes.full_name,
        record_attributes.first_name,
        record_attributes.last_name,
        record_attributes.email,
        record_attributes.phone,
        record_attributes.birth_date,
        record_attributes.gender,
        record_attributes.country_code,
        record_attributes.region,
        record_attributes.city,
        record_attributes.address,
        record_attributes.postcode,
        record_attributes.occupation,
        record_attributes.education,
        record_attributes.income_band,
        record_attributes.organisation,

        -- measures
        cluster_totals.record_count,

        -- flags
        record_attributes.has_email_consent,
        record_attributes.has_sms_consent,
        cluster_totals.is_inferred,

        -- dates and timestamps
        record_attributes.registered_at,
        cluster_totals.first_seen_at
    from records as anchors
    inner join cluster_totals
        on anchors.customer_id = cluster_totals.customer_id
    left join record_attributes
        on anchors.record_key = record_attributes.record_key
    left join records as inviters
        on record_attributes.inviter_record_key = inviters.record_key
    where anchors.is_anchor
)

select * from final
