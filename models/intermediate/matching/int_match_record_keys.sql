{% set fields = match_fields() %}
with

records as (select * from {{ ref('int_match_records') }}),

rules as (select * from {{ ref('match_blocking_rules') }}),

-- Each rule names up to three fields; a record that lacks one of them is in no block of the rule.
keyed as (
    select
        records.record_key,
        rules.rule,
        {% for part in ['first_field', 'second_field', 'third_field'] %}
            case rules.{{ part }}
                {% for field, expression in fields.items() %}
                    when '{{ field }}' then {{ expression }}
                {% endfor %}
                {% if part != 'first_field' %}
                    else case when rules.{{ part }} is null then '' end
                {% endif %}
            end as {{ part | replace('field', 'value') }},
        {% endfor %}
        rules.priority
    from records
    cross join rules
),

final as (
    select
        -- keys
        record_key,
        rule,
        first_value || '|' || second_value || '|' || third_value as block_value,

        -- measures
        priority
    from keyed
    where
        first_value is not null
        and second_value is not null
        and third_value is not null
)

select * from final
