{% macro typed_rows(source_name, table_name, documents=none) %}
{#-
    The query of a base model: every landed row of a source table, typed by its contract, with what becomes of it. Each row
    has exactly one `row_status`: `later` (loaded after a given as-of date), `rejected` (with `rejection_reason`), `deleted`
    (it says so, or the newest snapshot lacks its key), `superseded` (another version of the same key is newer, or a newer
    delivery of its order lacks it) or `accepted`. It puts together what is said of a row by itself (judged_rows) and what
    other rows make of it (settled_rows). `documents` is the base model of the orders that own the rows of a table of lines.
-#}
{% if not execute %}
    {#- A parse knows no columns yet, and so calls none of the macros that read these seeds. -#}
    {% for seed in ['null_words_kept', 'boolean_words', 'currency_words', 'zone_words'] %}
        {% do read_seed(seed, []) %}
    {% endfor %}
{% endif %}
{% set table = contract_table(source_name, table_name) if execute else {'columns': {}, 'meta': {'key': []}} %}
with

judged as (
    {{ judged_rows(table, source(source_name, table_name)) }}
),

settled as (
    {{ settled_rows(table, 'judged', documents) }}
),

final as (
    {{ base_rows(table, 'judged', 'settled') }}
)

select * from final
{% endmacro %}

{% macro base_rows(table, judged, settled) %}
{#- The query of the rows of a base model: the judged rows with what the settled ones say of them. -#}
    select
        {% for column in table.columns.values() %}
        judged.{{ column.name }},
        {% if column.meta.business_date %}
        judged.{{ column.meta.business_date }},
        {% endif %}
        {% endfor %}
        case
            when {{ is_later() }} then 'later'
            when judged.rejection_reason is not null then 'rejected'
            when judged.is_deleted or settled.status_reason = 'absent_from_snapshot' then 'deleted'
            when settled.status_reason is not null then 'superseded'
            else 'accepted'
        end as row_status,
        case when not {{ is_later() }} then judged.rejection_reason end as rejection_reason,
        case
            when {{ is_later() }} or judged.rejection_reason is not null then null
            when judged.is_deleted then 'deleted'
            else settled.status_reason
        end as status_reason,
        case when not {{ is_later() }} then judged.raw_row end as raw_row,
        case when not {{ is_later() }} then judged.unreadable_values end as unreadable_values,
        settled.doubt,
        settled.doubt_key,
        settled.doubt_amount_local,
        settled.used_amount_local,
        settled.used_file,
        settled.used_row,
        judged._file,
        judged._row,
        judged._load_date
    from {{ judged }} as judged
    left join {{ settled }} as settled
        on
            judged._file = settled._file
            and judged._row = settled._row
{% endmacro %}

{% macro delivered_amount(columns) -%}
    {#- The amount that a row of a table states, in its own currency: of a line, an order or a payment; null of others. -#}
    {%- if 'quantity' in columns and 'unit_price' in columns -%}
        {{ delivered_gross_amount(columns) }}
        {%- if 'discount_amount' in columns %} - coalesce(case when quantity < 0 then -abs(discount_amount) else abs(discount_amount) end, 0){% endif %}
    {%- elif 'net_amount' in columns -%}
        {%- if 'gross_amount' in columns -%}
            coalesce(net_amount, gross_amount - coalesce(discount_amount, 0))
        {%- else -%}
            net_amount
        {%- endif -%}
    {%- elif 'amount' in columns -%}
        amount
    {%- else -%}
        cast(null as decimal(38, 4))
    {%- endif -%}
{%- endmacro %}

{% macro delivered_gross_amount(columns) -%}
    {#- Quantity × price of a line, or the amount that it states instead of a price. -#}
    {%- set product = 'cast(round(' ~ product_of_amounts('quantity', 'unit_price') ~ ', 4) as decimal(38, 4))' -%}
    {{ 'coalesce(' ~ product ~ ', line_amount)' if 'line_amount' in columns else product }}
{%- endmacro %}
