{% set systems = staged_models('products') %}
with

lines as (select * from {{ ref('int_order_lines_unioned') }}),

words as (select * from {{ ref('line_kind_words') }}),

{% for system, model in systems.items() %}
    {{ system }}_products as (select * from {{ ref(model) }}),

{% endfor %}
products as (
    {% for system in systems %}
        select
            '{{ system }}:' || native_product_id as product_id,
            product_type
        from {{ system }}_products
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- What may say what a line is, the surest first: its own type, the type of its product, the number
-- of the product, and, where it names no product, its text.
worded as (
    select
        lines.*,
        {{ status_word('lines.line_type_word') }} as line_word,
        {{ status_word('products.product_type') }} as product_word,
        {{ status_word(
            "substr(lines.product_id, length(split_part(lines.product_id, ':', 1)) + 2)"
        ) }} as number_word,
        case when lines.product_id is null then {{ status_word('lines.line_text') }} end
            as text_word
    from lines
    left join products
        on lines.product_id = products.product_id
),

-- A product that counts as goods may only lack a type: its number may say more.
final as (
    select
        worded.system,
        worded.native_order_id,
        worded.line_number,
        worded.product_id,
        worded.line_text,
        coalesce(
            line_words.line_kind,
            nullif(product_words.line_kind, 'goods'),
            number_words.line_kind,
            text_words.line_kind,
            'goods'
        ) as line_kind,
        case
            when worded.line_word is not null and line_words.line_kind is null
                then worded.line_type_word
        end as unknown_type_word,
        worded.quantity,
        worded.unit_price_local,
        worded.line_amount_local,
        worded.discount_amount_local
    from worded
    left join words as line_words
        on worded.line_word = line_words.line_word
    left join words as product_words
        on worded.product_word = product_words.line_word
    left join words as number_words
        on worded.number_word = number_words.line_word
    left join words as text_words
        on worded.text_word = text_words.line_word
)

select * from final
