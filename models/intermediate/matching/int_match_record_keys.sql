{% set fields = match_fields() %}
with

names as (select * from {{ ref('int_match_names') }}),

rules as (select * from {{ ref('match_blocking_rules') }}),

-- Each rule names up to three fields; a record that lacks one of them is in no block of the rule.
keyed as (
    select
        records.record_key,
        records.alias_number,
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
    from names as records
    cross join rules
),

keys as (
    select
        record_key,
        alias_number,
        rule,
        first_value || '|' || second_value || '|' || third_value as block_value,
        priority
    from keyed
    where
        first_value is not null
        and second_value is not null
        and third_value is not null
),

aliased as (
    select record_key
    from names
    where alias_number > 0
    group by record_key
),

-- What an alias changes: a key without a name is the same under each name.
alias_keys as (
    select
        keys.record_key,
        keys.rule,
        keys.block_value,
        keys.priority
    from keys
    inner join aliased
        on keys.record_key = aliased.record_key
    group by keys.record_key, keys.rule, keys.block_value, keys.priority
    having min(keys.alias_number) > 0
),

final as (
    select
        -- keys
        record_key,
        rule,
        block_value,

        -- measures
        priority
    from keys
    where alias_number = 0

    union all

    select
        record_key,
        rule,
        block_value,
        priority
    from alias_keys
)

select * from final
