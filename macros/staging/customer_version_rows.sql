{% macro customer_version_rows(delivered, country_names, calling_codes, number, lacks=[]) %}
{#-
    The query of a staging model of the versions of customer records, the same for every system: the mail address and
    phone number of each version, normalised as those of the newest one (customer_rows). A column that the system
    `lacks` is null.
-#}
with

delivered as (select * from {{ delivered }}),

country_names as (select * from {{ country_names }}),

calling_codes as (select * from {{ calling_codes }}),

versions as (
    select
        delivered.*,
        {% for name in lacks %}
        cast(null as string) as {{ name }},
        {% endfor %}
        {{ erased_columns('delivered', lacks) }}
    from delivered
),

-- Most records came in one version, which says nothing of an earlier one.
earlier_versions as (
    {{ earlier_versions('delivered', number) }}
),

final as (
    select
        -- keys
        versions.{{ number }} as native_customer_id,
        versions._file as landed_file,
        versions._row as landed_row,

        -- attributes
        case when not versions.has_erased_email then {{ normalise_email('versions.email') }} end as email,
        {{ normalise_phone(
            'versions.phone', 'calling_codes.calling_code', 'calling_codes.trunk_prefix',
            'calling_codes.shortest_number', 'calling_codes.longest_number'
        ) }} as phone,

        -- flags
        versions.row_status = 'accepted' as is_in_use,
        versions.row_status = 'deleted' as is_deletion,

        -- dates and timestamps
        versions._load_date as load_date,
        coalesce(versions.updated_at, cast(versions._load_date as timestamp)) as version_at
    from versions
    inner join earlier_versions
        on versions.{{ number }} = earlier_versions.{{ number }}
    left join country_names
        on lower(versions.country) = country_names.country_name
    left join calling_codes
        on {{ phone_country('versions.country') }} = calling_codes.country_code
    where
        versions.row_status in ('accepted', 'superseded', 'deleted')
        and versions.doubt is null
)

select * from final
{% endmacro %}
