{% set tags = registered_tags() %}
with

portraits as (select * from {{ ref('customer_portrait') }}),

attributes as (select * from {{ ref('customer_attributes') }}),

tagged as (
    {% for tag in tags %}
        select
            customer_id,
            '{{ tag["tag_code"] }}' as tag_code,
            {% if tag['exclusive_group'] %}'{{ tag["exclusive_group"] }}'{% else %}cast(null as string){% endif %}
                as exclusive_group,
            {% if tag['value_column'] %}
                coalesce(cast({{ tag['value_column'] }} as string), 'true') as tag_value,
            {% else %}
                'true' as tag_value,
            {% endif %}
            {% if tag['owner_model'] == 'customer_attributes' and tag['value_column'] %}'{{ tag["value_column"] }}'{% else %}cast(null as string){% endif %}
                as attribute,
            {% if tag['confidence_column'] %}
                0.01 * cast({{ tag['confidence_column'] }} as double) as weight,
            {% else %}
                cast(null as double) as weight,
            {% endif %}
            {{ tag['evidence_date_column'] or 'cast(null as date)' }} as evidence_date,
            {% if tag['expires_after_days'] is not none %}
                {{ add_days(tag['evidence_date_column'] or 'as_of_date', tag['expires_after_days']) }}
            {% else %}
                cast(null as date)
            {% endif %}
                as expiry_date,
            {{ 'true' if tag['is_personal'] else 'false' }} as is_personal,
            as_of_date
        from portraits
        where {{ has_tag(tag) }}

        union all
    {% endfor %}

    select
        cast(null as string) as customer_id,
        cast(null as string) as tag_code,
        cast(null as string) as exclusive_group,
        cast(null as string) as tag_value,
        cast(null as string) as attribute,
        cast(null as double) as weight,
        cast(null as date) as evidence_date,
        cast(null as date) as expiry_date,
        false as is_personal,
        as_of_date
    from portraits
    where false
),

-- What the registry does not name, the attribute knows: how sure it is, and from when.
final as (
    select
        -- keys
        tagged.customer_id,
        tagged.tag_code,

        -- attributes
        tagged.exclusive_group,
        tagged.tag_value,

        -- measures
        coalesce(tagged.weight, 0.01 * attributes.confidence_pct, 1) as weight,

        -- flags
        tagged.is_personal,

        -- dates and timestamps
        coalesce(tagged.evidence_date, attributes.evidence_date, tagged.as_of_date)
            as evidence_date,
        tagged.expiry_date
    from tagged
    left join attributes
        on
            tagged.customer_id = attributes.customer_id
            and tagged.attribute = attributes.attribute
    -- The rows of a customer lie together, since they are looked up by customer.
    order by tagged.customer_id asc nulls last
)

select * from final
