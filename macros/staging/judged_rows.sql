{% macro judged_rows(table, relation, carried={}) %}
{#-
    The query of the landed rows of a table, each typed by the contract and judged by itself: by nothing but the row, what
    its file shows of decimal signs, seeds and settings. What a later load does to a row is up to settled_rows.

    Each column is cleaned (NFKC, blanks; a unit separator, U+001F, becomes a blank); words for nothing and placeholders
    instead of a customer become null; the rest is parsed. Reasons of a rejection: missing_<column>, placeholder_<column>,
    invalid_<column>, ambiguous_<column>, impossible_<column>, future_<column>, early_<column> (the row's own moment lies
    before `earliest_date`: a default of a program, such as 1900-01-01), too_large_<product>. What nothing depends on
    (must_be_readable) rejects no row: it becomes null and stands in `unreadable_values`.

    `relation` has the contract's columns as text. Columns in `carried` have their type already, by name and in the words
    of the database: these skip all that is about texts (carried_value), and are judged as any other.
-#}
{% set columns = table.columns.values() | list %}
{% set texts = columns | rejectattr('name', 'in', carried) | list %}
{% set latest_day = add_days('coalesce(_load_date, ' ~ run_date() ~ ')', var('future_tolerance_days')) %}
{% set version = table.meta.get('version_column') %}
{% set separator = '\u001f' %}
{% set own_ids = table.meta.get('own_ids', []) %}
{% set times = texts | selectattr('data_type', 'in', ['date', 'timestamp']) | list %}
{% set numbers = texts | selectattr('data_type', 'in', ['decimal', 'rate']) | list %}
{% set dated = columns | selectattr('meta.business_date', 'defined') | list %}
{% set clocks = columns | selectattr('meta.not_before', 'defined') | list %}
{% set currency = (columns | selectattr('name', 'equalto', 'currency') | map(attribute='name') | first) or none %}
{% set null_word = null_word_pattern() %}
{% set placeholder = '^(?:' ~ placeholder_pattern() ~ ')$' %}
{% set listed = [] %}
{% for column in columns if not must_be_readable(table, column) and column.data_type != 'text' %}
    {% do listed.append(column) %}
{% endfor %}
{#- Of each column: whether the row gives a value, the value as it was written, and as it was cleaned. -#}
{% set given, raw_columns, clean = {}, {}, {} %}
{% for column in columns %}
    {% set as_text = 'cast(' ~ column.name ~ '_carried as string)' %}
    {% set is_carried = column.name in carried %}
    {% do given.update({column.name: column.name ~ ('_carried' if is_carried else '_text')}) %}
    {% do raw_columns.update({column.name: as_text if is_carried else column.name ~ '_raw'}) %}
    {% do clean.update({column.name: as_text if is_carried else column.name ~ '_clean'}) %}
{% endfor %}
with

landed as (select * from {{ relation }}),

{% if numbers %}
{{ decimal_points(relation, numbers | map(attribute='name') | list) }}
{% endif %}
-- Most rows are plain: ASCII without control characters, each text without blanks at its ends. One look at the whole row
-- tells; such texts are what they are. NFKC of the others runs once for the whole row: once per column, planning took
-- the database longer than running.
joined as (
    select
        *,
        concat_ws('{{ separator }}', {% for column in texts %}coalesce({{ column.name }}, ''), {% endfor %}'') as written_row
    from landed
),

looked_at as (
    select
        *,
        {{ regex_matches(
            'written_row', '^(?:(?:' ~ plain_text_pattern() ~ ')?' ~ separator ~ '){' ~ texts | length ~ '}$'
        ) }} as is_plain
    from joined
),

separated as (
    select
        *,
        case when not is_plain then
            {% for column in texts %}
            replace(coalesce({{ column.name }}, ''), '{{ separator }}', ' '){{ " || '" ~ separator ~ "' ||" if not loop.last }}
            {% else %}
            ''
            {% endfor %}
        end as separated_row
    from looked_at
),

normalised as (
    select
        *,
        case
            when is_plain then written_row
            when {{ is_ascii('separated_row') }} then separated_row
            else {{ nfkc('separated_row') }}
        end as normal_row
    from separated
),

-- Each text of the row again: in a column, since cleaning names it several times. Whether a row holds a word for nothing at
-- all is asked once, too: most rows hold none.
in_parts as (
    select
        *,
        {% for column in texts %}
        case when not is_plain then split_part(normal_row, '{{ separator }}', {{ loop.index }}) end as {{ column.name }}_part,
        {% endfor %}
        {{ regex_matches(
            'normal_row',
            '(?:^|' ~ separator ~ ')[[:space:]]*' ~ null_word ~ '[[:space:]]*(?:' ~ separator ~ '|$)'
        ) }} as holds_null_word
    from normalised
),

cleaned as (
    select
        {% for column in columns if column.name in carried %}
        {{ column.name }} as {{ column.name }}_carried,
        {% endfor %}
        {% for column in texts %}
        {{ column.name }} as {{ column.name }}_raw,
        case
            when is_plain then nullif({{ column.name }}, '')
            else {{ clean_text(column.name ~ '_part') }}
        end as {{ column.name }}_clean,
        {% endfor %}
        holds_null_word,
        coalesce(_is_deleted = 'true', false) as is_deleted,
        _is_deleted,
        _instance,
        _delivery,
        _file,
        _row,
        _load_date
    from in_parts
),

filled as (
    select
        *,
        {% for column in texts %}
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
            {% if column.name in own_ids %}
            when _instance is not null then _instance || '/' || {{ column.name }}_clean
            {% endif %}
            else {{ column.name }}_clean
        end as {{ column.name }}_text,
        {% endfor %}
        {{ latest_day }} as latest_possible_date
    from cleaned
),

{% if numbers %}
-- Large expressions stand once each, in a column: planning what stands several times took longer than running it.
units as (
    select
        *,
        coalesce({% if currency %}{{ parse_currency('currency_text') }}, {% endif %}'{{ setting('currency') }}') as own_currency,
        {% for column in numbers %}
        {{ number_unit(column.name ~ '_text') }} as {{ column.name }}_unit,
        {{ number_digits(column.name ~ '_text') }} as {{ column.name }}_digits{{ ',' if not loop.last }}
        {% endfor %}
    from filled
),
{% endif %}

-- Each date and time is brought into ISO notation once, for both typing and judging; each number is freed of its unit.
noted as (
    select
        {% for column in times %}
        {{ iso_datetime_text('rows_noted.' ~ column.name ~ '_text') }} as {{ column.name }}_iso,
        {% endfor %}
        {% for column in numbers %}
        {{ number_without_unit(
            'rows_noted.' ~ column.name ~ '_text',
            'rows_noted.' ~ column.name ~ '_unit',
            'rows_noted.' ~ column.name ~ '_digits',
            'rows_noted.own_currency',
            column.name
        ) }} as {{ column.name }}_number,
        coalesce(decimal_points.{{ column.name }}_point, '.?') as {{ column.name }}_point,
        {% endfor %}
        rows_noted.*
    from {{ 'units' if numbers else 'filled' }} as rows_noted
    {% if numbers %}
    left join decimal_points
        on rows_noted._file = decimal_points.file
    {% endif %}
),

{% if numbers %}
signed as (
    select
        *,
        {% for column in numbers %}
        {{ signed_number(column.name ~ '_number') }} as {{ column.name }}_signed{{ ',' if not loop.last }}
        {% endfor %}
    from noted
),
{% endif %}

typed as (
    select
        *,
        {% for column in columns %}
        {% set text = column.name ~ (
            '_iso' if column in times else '_number' if column in numbers else '_text'
        ) %}
        {% set value = carried_value(column, carried[column.name]) if column.name in carried else parse_column(
            column, text, column.name ~ '_point', column.name ~ '_signed'
        ) %}
        {{ value }} as {{ column.name }}{{ '_told' if column in clocks }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ 'signed' if numbers else 'noted' }}
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
        {% set day = carried_day(column, carried[column.name]) if column.name in carried else none %}
        {% set is_wrong = column.name ~ '_is_wrong' if column in clocks else 'false' %}
        {% if day %}
        case when {{ column.name }} is null or {{ is_wrong }} then {{ business_date(column.name) }} else {{ day }} end
            as {{ column.meta.business_date }},
        {% elif column.name in carried %}
        {{ business_date(column.name) }} as {{ column.meta.business_date }},
        {% else %}
        case
            when {{ is_date_only(column.name ~ '_iso') }}{{ ' and not ' ~ is_wrong if column in clocks }}
                then {{ parse_date(column.name ~ '_iso') }}
            else {{ business_date(column.name) }}
        end as {{ column.meta.business_date }},
        {% endif %}
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
            case when _is_deleted <> 'true' then 'invalid_is_deleted' end,
            {% for column in columns %}
            {# a row that says that it is deleted needs no more than its key and version #}
            {% set is_needed = column.name in table.meta.key or column.name == version %}
            {% if column.meta.required %}
            case
                {% if column.meta.names_somebody and column in texts %}
                when {{ column.name }}_text is null and {{ regex_matches(column.name ~ '_clean', placeholder) }}
                    then 'placeholder_{{ column.name }}'
                {% endif %}
                when {{ given[column.name] }} is null{{ ' and not is_deleted' if not is_needed }} then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.meta.required_without %}
            case
                when
                    {{ given[column.name] }} is null and {{ given[column.meta.required_without] }} is null
                    and not is_deleted
                    then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.data_type != 'text' and column not in listed %}
            case
                {% if not is_needed %}
                when is_deleted then null
                {% endif %}
                {% if column in numbers %}
                when
                    {{ column.name }}_text is not null and {{ column.name }} is null
                    and {{ is_ambiguous_number(column.name ~ '_number') }}
                    then 'ambiguous_{{ column.name }}'
                {% endif %}
                {% if column in clocks %}
                when {{ column.name }}_is_wrong and {{ column.name }} is null then 'impossible_{{ column.name }}'
                {% endif %}
                when {{ given[column.name] }} is not null and {{ column.name }} is null then 'invalid_{{ column.name }}'
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
                when {{ column.name }}_is_wrong
                    then 'impossible_{{ column.name }}{{ separator }}' || {{ clean[column.name] }}
                {% endif %}
                {% if column.meta.at_most_years_old %}
                when {{ column.name }}_is_impossible
                    then 'impossible_{{ column.name }}{{ separator }}' || {{ clean[column.name] }}
                {% endif %}
                {% if column in listed and column.meta.event_time %}
                when {{ column.name }}_is_future then 'future_{{ column.name }}{{ separator }}' || {{ clean[column.name] }}
                {% endif %}
                {% if column in listed %}
                when {{ given[column.name] }} is not null and {{ column.name }} is null
                    then 'invalid_{{ column.name }}{{ separator }}' || {{ clean[column.name] }}
                {% endif %}
            end,
            {% endfor %}
            null
        ), '') as unreadable_values
    from dated
),

-- Only the columns that are needed below, and the raw content of rejected rows only.
final as (
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
        is_deleted,
        -- A row that only says that its key is deleted ends the versions of its load, and of all loads without load dates.
        coalesce(
            {% if version %}{{ version }},{% endif %}
            case
                when is_deleted
                    then coalesce(
                        cast({{ add_days('_load_date', 1) }} as timestamp), cast('9999-12-31 00:00:00' as timestamp)
                    )
            end,
            cast(_load_date as timestamp)
        ) as version_at,
        _instance,
        _delivery,
        _file,
        _row,
        _load_date
    from judged
)

select * from final
{% endmacro %}
