{% set tags = registered_tags() %}
with

portraits as (select * from {{ ref('customer_portrait') }}),

final as (
    select
        -- keys
        customer_id,
        {% for tag in tags %}
            {{ has_tag(tag) }} as {{ tag['tag_code'] | lower }},
        {% endfor %}

        -- dates and timestamps
        as_of_date
    from portraits
)

select * from final
