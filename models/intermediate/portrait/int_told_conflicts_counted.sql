{% set word_attributes = {
    'education': 'education_group',
    'marital_status': 'marital_status',
    'home': 'home',
} %}
with

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

ranked as (select * from {{ ref('int_customer_attributes_ranked') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

{% for attribute in word_attributes %}
    {{ attribute }}_words as (select * from {{ ref(attribute ~ '_words') }}),

{% endfor %}
contested as (
    select
        customer_id,
        attribute
    from survived
    where
        conflicts_count > 0
        and attribute in (
            {% for attribute in word_attributes %}
                '{{ attribute }}',
            {% endfor %}
            'address'
        )
),

candidates as (
    select
        ranked.customer_id,
        ranked.attribute,
        ranked.candidate_rank,
        {% for attribute in word_attributes %}
            case
                when ranked.attribute = '{{ attribute }}'
                    then {{ status_word('ranked.attribute_value') }}
            end as {{ attribute }}_word,
        {% endfor %}
        coalesce({{ status_word('record_attributes.region') }}, record_attributes.country_code)
            as region,
        {{ status_word('record_attributes.city') }} as city
    from ranked
    inner join contested
        on
            ranked.customer_id = contested.customer_id
            and ranked.attribute = contested.attribute
    inner join record_attributes
        on ranked.record_key = record_attributes.record_key
),

-- The seeds hold each word once, so no row is multiplied.
said as (
    {% for attribute, column in word_attributes.items() %}
        select
            candidates.customer_id,
            '{{ attribute }}' as attribute,
            candidates.candidate_rank,
            coalesce({{ attribute }}_words.{{ column }}, candidates.{{ attribute }}_word) as said
        from candidates
        left join {{ attribute }}_words
            on candidates.{{ attribute }}_word = {{ attribute }}_words.{{ attribute }}_word
        where candidates.attribute = '{{ attribute }}'

        union all

    {% endfor %}
    select
        customer_id,
        'region' as attribute,
        candidate_rank,
        region as said
    from candidates
    where attribute = 'address'

    union all

    select
        customer_id,
        'city_level' as attribute,
        candidate_rank,
        city as said
    from candidates
    where attribute = 'address'
),

compared as (
    select
        customer_id,
        attribute,
        said,
        first_value(said) over (
            partition by customer_id, attribute
            order by candidate_rank asc nulls last
        ) as published
    from said
),

final as (
    select
        -- keys
        customer_id,
        attribute,

        -- measures
        cast(sum(case when said <> published then 1 else 0 end) as bigint) as conflicts_count
    from compared
    group by customer_id, attribute
)

select * from final
