{% set tables = staged_tables() %}
with

{% for system, names in tables.items() %}
    {% for name in names %}
        {{ system }}_{{ name }} as (select * from {{ ref('base_' ~ system ~ '__' ~ name) }}),

    {% endfor %}
{% endfor %}
final as (
    {% for system, names in tables.items() %}
        {% set outer = loop %}
        {% for name in names %}
            select
                '{{ system }}' as system,
                '{{ name }}' as table_name,
                _file as file,
                _row as row_number_in_file,
                _load_date as load_date,
                row_status,
                rejection_reason,
                status_reason,
                raw_row,
                unreadable_values,
                doubt,
                doubt_key,
                doubt_amount_local,
                used_amount_local,
                used_file,
                used_row
            from {{ system }}_{{ name }}
            {% if not (outer.last and loop.last) %}
                union all
            {% endif %}
        {% endfor %}
    {% endfor %}
)

select * from final
