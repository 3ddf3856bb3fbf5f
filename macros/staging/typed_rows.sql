{% macro typed_rows(source_name, table_name) %}
{#-
    The query of a base model: every landed row of a source table, typed by its contract.

    Each column is cleaned (NFKC, blanks; a unit separator, U+001F, becomes a blank); words for nothing and placeholders
    instead of a customer become null; the rest is parsed. `row_status` says what becomes of the row. Each row has exactly
    one status: `later` (loaded after a given as-of date), `rejected` (with `rejection_reason`), `superseded` (another
    version of the same key is newer) or `accepted`. Reasons: missing_<column>, placeholder_<column>, invalid_<column>,
    ambiguous_<column>, impossible_<column>, future_<column>, early_<column> (the row's own moment lies before
    `earliest_date`: a default of a program, such as 1900-01-01), too_large_<product>. What nothing depends on
    (must_be_readable) rejects no row: it becomes null and stands in `unreadable_values`.
-#}
{% if not execute %}
    {#- A parse knows no columns yet, and so calls none of the macros that read these seeds. -#}
    {% for seed in ['null_words_kept', 'boolean_words', 'currency_words', 'zone_words'] %}
        {% do read_seed(seed, []) %}
    {% endfor %}
{% endif %}
{% set table = contract_table(source_name, table_name) if execute else {'columns': {}, 'meta': {'key': []}} %}
{% set columns = table.columns.values() | list %}
{% set as_of = setting('as_of') %}
{% set latest_day = add_days('coalesce(_load_date, ' ~ run_date() ~ ')', var('future_tolerance_days')) %}
{% set version = table.meta.get('version_column') %}
{% set separator = '\u001f' %}
{% set raw_columns = {} %}
{% for column in columns %}{% do raw_columns.update({column.name: column.name ~ '_raw'}) %}{% endfor %}
{% set times = columns | selectattr('data_type', 'in', ['date', 'timestamp']) | list %}
{% set numbers = columns | selectattr('data_type', 'in', ['decimal', 'rate']) | list %}
{% set dated = columns | selectattr('meta.business_date', 'defined') | list %}
{% set clocks = columns | selectattr('meta.not_before', 'defined') | list %}
{% set currency = (columns | selectattr('name', 'equalto', 'currency') | map(attribute='name') | first) or none %}
{% set null_word = null_word_pattern() %}
{% set placeholder = '^(?:' ~ placeholder_pattern() ~ ')$' %}
{% set listed = [] %}
{% for column in columns if not must_be_readable(table, column) and column.data_type != 'text' %}
    {% do listed.append(column) %}
{% endfor %}
with

landed as (select * from {{ source(source_name, table_name) }}),

{% if numbers %}
{{ decimal_points(source(source_name, table_name), numbers | map(attribute='name') | list) }}
{% endif %}
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

-- Whether a row holds a word for nothing at all is asked once, too: most rows hold none.
cleaned as (
    select
        {% for column in columns %}
        {{ column.name }} as {{ column.name }}_raw,
        {{ clean_text("split_part(normal_row, '" ~ separator ~ "', " ~ loop.index ~ ")") }} as {{ column.name }}_clean,
        {% endfor %}
        {{ regex_matches(
            'normal_row',
            '(?:^|' ~ separator ~ ')[[:space:]]*' ~ null_word ~ '[[:space:]]*(?:' ~ separator ~ '|$)'
        ) }} as holds_null_word,
        _file,
        _row,
        _load_date
    from normalised
),

filled as (
    select
        *,
        {% for column in columns %}
        {% set kept = words_kept(column.name) %}
        case
            when
                holds_null_word
                and {{ regex_matches(column.name ~ '_clean', '^' ~ null_word ~ '$') }}
                {{ 'and ' ~ column.name ~ "_clean not in ('" ~ kept | join("', '") ~ "')" if kept }}
                then null
            {% if column.meta.names_somebody %}
            when {{ regex_matches(column.name ~ '_clean', placeholder) }} then null
            {% endif %}
            else {{ column.name }}_clean
        end as {{ column.name }}_text{{ ',' if not loop.last }}
        {% endfor %}
    from cleaned
),

-- Each date and time is brought into ISO notation once, for both typing and judging; each number is freed of its unit.
noted as (
    select
        filled.*,
        {% for column in times %}
        {{ iso_datetime_text('filled.' ~ column.name ~ '_text') }} as {{ column.name }}_iso,
        {% endfor %}
        {% for column in numbers %}
        {{ number_without_unit('filled.' ~ column.name ~ '_text', column.name, 'filled.' ~ currency ~ '_text' if currency) }}
            as {{ column.name }}_number,
        coalesce(decimal_points.{{ column.name }}_point, '.?') as {{ column.name }}_point,
        {% endfor %}
        {{ latest_day }} as latest_possible_date
    from filled
    {% if numbers %}
    left join decimal_points
        on filled._file = decimal_points.file
    {% endif %}
),

typed as (
    select
        *,
        {% for column in columns %}
        {% set text = column.name ~ (
            '_iso' if column in times else '_number' if column in numbers else '_text'
        ) %}
        {{ parse_column(column, text, column.name ~ '_point') }} as {{ column.name }}{{ '_told' if column in clocks }}
        {{- ',' if not loop.last }}
        {% endfor %}
    from noted
),

{% if clocks %}
-- A clock that cannot be right gives way to the time of receipt.
clocked as (
    select
        *,
        {% for column in clocks %}
        {% set wrong = is_wrong_clock(column) %}
        {{ wrong }} as {{ column.name }}_is_wrong,
        case
            when {{ wrong }}
                then {% if column.meta.received -%}
                    case when cast({{ column.meta.received }} as date) <= latest_possible_date then {{ column.meta.received }} end
                {%- else -%}
                    cast(null as timestamp)
                {%- endif %}
            else {{ column.name }}_told
        end as {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from typed
),
{% endif %}

dated as (
    select
        {% for column in dated %}
        case
            when {{ is_date_only(column.name ~ '_iso') }}{{ ' and not ' ~ column.name ~ '_is_wrong' if column in clocks }}
                then {{ parse_date(column.name ~ '_iso') }}
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
        {% for column in columns if column.meta.at_most_years_old %}
        -- an age that nobody has, or a day that has not come
        {{ column.name }} > latest_possible_date
        or extract(year from latest_possible_date) - extract(year from {{ column.name }})
        > {{ column.meta.at_most_years_old }} as {{ column.name }}_is_impossible,
        {% endfor %}
        *
    from {{ 'clocked' if clocks else 'typed' }}
),

judged as (
    select
        *,
        nullif(concat_ws(
            '; ',
            {% for column in columns %}
            {% if column.meta.required %}
            case
                {% if column.meta.names_somebody %}
                when {{ column.name }}_text is null and {{ regex_matches(column.name ~ '_clean', placeholder) }}
                    then 'placeholder_{{ column.name }}'
                {% endif %}
                when {{ column.name }}_text is null then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.meta.required_without %}
            case
                when {{ column.name }}_text is null and {{ column.meta.required_without }}_text is null
                    then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.data_type != 'text' and column not in listed %}
            case
                {% if column in numbers %}
                when
                    {{ column.name }}_text is not null and {{ column.name }} is null
                    and {{ is_ambiguous_number(column.name ~ '_number') }}
                    then 'ambiguous_{{ column.name }}'
                {% endif %}
                {% if column in clocks %}
                when {{ column.name }}_is_wrong and {{ column.name }} is null then 'impossible_{{ column.name }}'
                {% endif %}
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
                {% if column.meta.event_time and column.meta.business_date %}
                when {{ column.meta.business_date }} < cast('{{ var("earliest_date") }}' as date) then 'early_{{ column.name }}'
                {% endif %}
            end,
            {% endif %}
            {% endfor %}
            {% for product, factors in table.meta.get('fits', {}).items() %}
            {{ too_large(product, factors) }},
            {% endfor %}
            null
        ), '') as rejection_reason,
        nullif(concat_ws(
            '{{ record_separator() }}',
            {% for column in columns if column in listed or column in clocks %}
            case
                {% if column in clocks %}
                when {{ column.name }}_is_wrong then 'impossible_{{ column.name }}{{ separator }}' || {{ column.name }}_clean
                {% endif %}
                {% if column.meta.at_most_years_old %}
                when {{ column.name }}_is_impossible
                    then 'impossible_{{ column.name }}{{ separator }}' || {{ column.name }}_clean
                {% endif %}
                {% if column in listed and column.meta.event_time %}
                when {{ column.name }}_is_future then 'future_{{ column.name }}{{ separator }}' || {{ column.name }}_clean
                {% endif %}
                {% if column in listed %}
                when {{ column.name }}_text is not null and {{ column.name }} is null
                    then 'invalid_{{ column.name }}{{ separator }}' || {{ column.name }}_clean
                {% endif %}
            end,
            {% endfor %}
            null
        ), '') as unreadable_values,
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
        {% if column in listed and column.meta.event_time %}
        case when not {{ column.name }}_is_future then {{ column.name }} end as {{ column.name }},
        {% elif column in listed and column.meta.at_most_years_old %}
        case when not {{ column.name }}_is_impossible then {{ column.name }} end as {{ column.name }},
        {% else %}
        {{ column.name }},
        {% endif %}
        {% if column.meta.business_date %}
        {{ column.meta.business_date }},
        {% endif %}
        {% endfor %}
        case when rejection_reason is not null then {{ json_object_text(raw_columns) if raw_columns else "''" }} end
            as raw_row,
        rejection_reason,
        unreadable_values,
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
        case when not is_later then unreadable_values end as unreadable_values,
        _file,
        _row,
        _load_date
    from ranked
)

select * from final
{% endmacro %}
