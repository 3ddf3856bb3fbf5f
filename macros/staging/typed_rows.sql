{% macro typed_rows(source_name, table_name) %}
{#-
    The query of a base model: every landed row of a source table, typed by its contract.

    Each column is cleaned (NFKC, blanks; a unit separator, U+001F, becomes a blank) and parsed. `row_status` says what
    becomes of the row. Each row has exactly one status: `later` (loaded after a given as-of date), `rejected` (with `rejection_reason`), `superseded` (another version
    of the same key is newer) or `accepted`. Reasons: missing_<column>, invalid_<column>, future_<column>,
    too_large_<product>.
-#}
{% set table = contract_table(source_name, table_name) if execute else {'columns': {}, 'meta': {'key': []}} %}
{% set columns = table.columns.values() | list %}
{% set as_of = setting('as_of') %}
{% set latest_day = add_days('coalesce(_load_date, ' ~ run_date() ~ ')', var('future_tolerance_days')) %}
{% set version = table.meta.get('version_column') %}
{% set separator = '\u001f' %}
{% set raw_columns = {} %}
{% for column in columns %}{% do raw_columns.update({column.name: column.name ~ '_raw'}) %}{% endfor %}
{% set times = columns | selectattr('data_type', 'in', ['date', 'timestamp']) | list %}
{% set dated = columns | selectattr('meta.business_date', 'defined') | list %}
with

landed as (select * from {{ source(source_name, table_name) }}),

-- NFKC runs once for the whole row. Once per column, planning took the database longer than running.
joined as (
    select
        *,
        {% for column in columns %}
        replace(coalesce({{ column.name }}, ''), '{{ separator }}', ' '){{ " || '" ~ separator ~ "' ||" if not loop.last }}
        {% endfor %}
            as written_row
    from landed
),

normalised as (
    select
        *,
        case when {{ is_ascii('written_row') }} then written_row else {{ nfkc('written_row') }} end as normal_row
    from joined
),

cleaned as (
    select
        {% for column in columns %}
        {{ column.name }} as {{ column.name }}_raw,
        {{ clean_text("split_part(normal_row, '" ~ separator ~ "', " ~ loop.index ~ ")") }} as {{ column.name }}_text,
        {% endfor %}
        _file,
        _row,
        _load_date
    from normalised
),

-- Each date and time is brought into ISO notation once, for both typing and judging.
noted as (
    select
        *,
        {% for column in times %}
        {{ iso_datetime_text(column.name ~ '_text') }} as {{ column.name }}_iso,
        {% endfor %}
        {{ latest_day }} as latest_possible_date
    from cleaned
),

typed as (
    select
        *,
        {% for column in columns %}
        {% set text = column.name ~ ('_iso' if column in times else '_text') %}
        {{ parse_column(column, text) }} as {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from noted
),

dated as (
    select
        {% for column in dated %}
        case
            when {{ is_date_only(column.name ~ '_iso') }} then {{ parse_date(column.name ~ '_iso') }}
            else {{ business_date(column.name) }}
        end as {{ column.meta.business_date }},
        {% endfor %}
        {% for column in columns if column.meta.event_time %}
        -- the zone is used only where the day in UTC does not decide
        case
            when cast({{ column.name }} as date) < latest_possible_date then false
            else {{ business_date(column.name) }} > latest_possible_date
        end as {{ column.name }}_is_future,
        {% endfor %}
        *
    from typed
),

judged as (
    select
        *,
        nullif(concat_ws(
            '; ',
            {% for column in columns %}
            {% if column.meta.required %}
            case when {{ column.name }}_text is null then 'missing_{{ column.name }}' end,
            {% endif %}
            {% if column.meta.required_without %}
            case
                when {{ column.name }}_text is null and {{ column.meta.required_without }}_text is null
                    then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.data_type != 'text' %}
            case
                when {{ column.name }}_text is not null and {{ column.name }} is null then 'invalid_{{ column.name }}'
                {% if 'above' in column.meta %}
                when {{ column.name }} <= {{ column.meta.above }} then 'invalid_{{ column.name }}'
                {% endif %}
                {% if 'below' in column.meta %}
                when {{ column.name }} >= {{ column.meta.below }} then 'invalid_{{ column.name }}'
                {% endif %}
                {% if column.meta.event_time %}
                when {{ column.name }}_is_future then 'future_{{ column.name }}'
                {% endif %}
            end,
            {% endif %}
            {% endfor %}
            {% for product, factors in table.meta.get('fits', {}).items() %}
            {{ too_large(product, factors) }},
            {% endfor %}
            null
        ), '') as rejection_reason,
        {% if as_of %}
        coalesce(_load_date > cast('{{ as_of }}' as date), false) as is_later
        {% else %}
        false as is_later
        {% endif %}
    from dated
),

-- Only the columns that are needed below, and the raw content of rejected rows only.
slimmed as (
    select
        {% for column in columns %}
        {{ column.name }},
        {% if column.meta.business_date %}
        {{ column.meta.business_date }},
        {% endif %}
        {% endfor %}
        case when rejection_reason is not null then {{ json_object_text(raw_columns) if raw_columns else "''" }} end
            as raw_row,
        rejection_reason,
        is_later,
        _file,
        _row,
        _load_date
    from judged
),

ranked as (
    select
        *,
        row_number() over (
            partition by {% for column in table.meta.key %}{{ column }}, {% endfor %}is_later, rejection_reason is null
            order by
                {% if version %}coalesce({{ version }}, cast(_load_date as timestamp)) desc nulls last,{% endif %}
                _load_date desc nulls last,
                _file desc nulls last,
                _row desc nulls last
        ) as version_rank
    from slimmed
),

final as (
    select
        {% for column in columns %}
        {{ column.name }},
        {% if column.meta.business_date %}
        {{ column.meta.business_date }},
        {% endif %}
        {% endfor %}
        case
            when is_later then 'later'
            when rejection_reason is not null then 'rejected'
            when version_rank > 1 then 'superseded'
            else 'accepted'
        end as row_status,
        case when not is_later then rejection_reason end as rejection_reason,
        case when not is_later then raw_row end as raw_row,
        _file,
        _row,
        _load_date
    from ranked
)

select * from final
{% endmacro %}
