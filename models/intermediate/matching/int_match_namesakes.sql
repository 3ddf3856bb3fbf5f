{% set name_key = "coalesce(records.han_name, records.first_name || ' ' || records.last_name)" %}
with

compared as (select * from {{ ref('int_match_pairs_compared') }}),

records as (select * from {{ ref('int_match_records') }}),

-- A birth date that hardly any record of the name has is an error.
shared_names as (
    select {{ name_key }} as name_key
    from compared
    inner join records
        on compared.record_key = records.record_key
    where
        compared.birth_date_level is not null
        and (
            {{ is_at_level('compared', 'han_name', 'equal') }}
            or (
                {{ is_at_level('compared', 'first_name', 'equal') }}
                and {{ is_at_level('compared', 'last_name', 'equal') }}
            )
        )
    group by {{ name_key }}
    having
        4 * sum(case when {{ has_other_birth_date('compared') }} then 1 else 0 end) >= count(*)
),

final as (
    select records.record_key
    from records
    inner join shared_names
        on {{ name_key }} = shared_names.name_key
)

select * from final
