{% macro typed_rows(source_name, table_name, documents=none) %}
{#-
    The query of a base model: every landed row of a source table, typed by its contract.

    Each column is cleaned (NFKC, blanks; a unit separator, U+001F, becomes a blank); words for nothing and placeholders
    instead of a customer become null; the rest is parsed. `row_status` says what becomes of the row. Each row has exactly
    one status: `later` (loaded after a given as-of date), `rejected` (with `rejection_reason`), `deleted` (it says so, or
    the newest snapshot lacks its key), `superseded` (another version of the same key is newer, or a newer delivery of its
    order lacks it) or `accepted`. Reasons of a rejection: missing_<column>, placeholder_<column>, invalid_<column>,
    ambiguous_<column>, impossible_<column>, future_<column>, early_<column> (the row's own moment lies before
    `earliest_date`: a default of a program, such as 1900-01-01), too_large_<product>. What nothing depends on
    (must_be_readable) rejects no row: it becomes null and stands in `unreadable_values`. Two contents under one key and
    one version are a `doubt`: the choice between them follows from the contents, never from the order of the rows.
    `documents` is the base model of the orders that own the rows of a table of lines (docs/source_contract.md).
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
{% set own_ids = table.meta.get('own_ids', []) %}
{% set party = table.meta.get('party') if table.meta.get('party') in table.columns else none %}
{% set amount = delivered_amount(table.columns) %}
{% set document_key = table.meta.key[0] if table.meta.key else none %}
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
        {{ hash_key('normal_row') }} as content_key,
        coalesce(_is_deleted = 'true', false) as is_deleted,
        _is_deleted,
        _instance,
        _delivery,
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
            else {{ "coalesce(_instance || '/', '') || " if column.name in own_ids }}{{ column.name }}_clean
        end as {{ column.name }}_text{{ ',' if not loop.last }}
        {% endfor %}
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
        rows_noted.*,
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
        {{ latest_day }} as latest_possible_date
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
        {{ parse_column(column, text, column.name ~ '_point', column.name ~ '_signed') }} as {{ column.name }}{{ '_told' if column in clocks }}
        {{- ',' if not loop.last }}
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
            case when _is_deleted <> 'true' then 'invalid_is_deleted' end,
            {% for column in columns %}
            {# a row that says that it is deleted needs no more than its key and version #}
            {% set is_needed = column.name in table.meta.key or column.name == version %}
            {% if column.meta.required %}
            case
                {% if column.meta.names_somebody %}
                when {{ column.name }}_text is null and {{ regex_matches(column.name ~ '_clean', placeholder) }}
                    then 'placeholder_{{ column.name }}'
                {% endif %}
                when {{ column.name }}_text is null{{ ' and not is_deleted' if not is_needed }} then 'missing_{{ column.name }}'
            end,
            {% endif %}
            {% if column.meta.required_without %}
            case
                when
                    {{ column.name }}_text is null and {{ column.meta.required_without }}_text is null
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
        is_deleted,
        content_key,
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
),

ranked as (
    select
        *,
        row_number() over newest_first as version_rank,
        first_value(version_at) over newest_first as used_version_at,
        first_value(_load_date) over newest_first as used_load_date,
        first_value(content_key) over newest_first as used_content_key,
        first_value(is_deleted) over newest_first as used_is_deleted,
        {% if party %}
        first_value({{ party }}) over newest_first as used_party,
        {% endif %}
        first_value({{ amount }}) over newest_first as used_amount_local,
        first_value(_file) over newest_first as used_file,
        first_value(_row) over newest_first as used_row
    from slimmed
    window newest_first as (
        partition by {% for column in table.meta.key %}{{ column }}, {% endfor %}is_later, rejection_reason is null
        order by
            version_at desc nulls last,
            _load_date desc nulls last,
            case when is_deleted and version_at is not null then 0 else 1 end asc nulls last,
            _file desc nulls last,
            content_key desc nulls last,
            _row desc nulls last
    )
),

-- The keys of the newest load of a table that comes as snapshots; other tables have none here.
snapshots as (
    select
        coalesce(_instance, '') as instance,
        max(_load_date) as snapshot_date
    from slimmed
    where
        _delivery = 'snapshot'
        and not is_later
        and _load_date is not null
    group by coalesce(_instance, '')
),

snapshot_keys as (
    select
        {% for column in table.meta.key %}
        coalesce(cast(slimmed.{{ column }} as string), '') as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from slimmed
    inner join snapshots
        on
            coalesce(slimmed._instance, '') = snapshots.instance
            and slimmed._load_date = snapshots.snapshot_date
    where not slimmed.is_later
    group by {% for column in table.meta.key %}coalesce(cast(slimmed.{{ column }} as string), ''){{ ', ' if not loop.last }}{% endfor %}

),

{% if documents %}
documents as (select * from {{ documents }}),

-- Orders that were delivered again: the load of their newest version, with what it says of their lines.
newest_documents as (
    select
        {{ document_key }},
        max(case when row_status = 'accepted' then _load_date end) as document_load_date,
        max(case when row_status = 'accepted' then gross_amount end) as gross_amount,
        max(case when row_status = 'accepted' then net_amount end) as net_amount,
        coalesce(min(coalesce(net_amount, gross_amount)) = max(coalesce(net_amount, gross_amount)), false)
            as is_amount_unchanged
    from documents
    where row_status in ('accepted', 'superseded')
    group by {{ document_key }}
    having
        min({{ load_day('_load_date') }}) < max(case when row_status = 'accepted' then _load_date end)
),

-- Of these the ones whose lines came again, too, and whose amount speaks for it: it is that of the lines which came, or
-- it has changed, or nobody knows it. It speaks against it where it is the sum of all lines that were ever delivered.
{% set line_amounts = {'net_amount': amount, 'gross_amount': delivered_gross_amount(table.columns)} %}
newer_documents as (
    select
        ranked.{{ document_key }},
        newest_documents.document_load_date
    from ranked
    inner join newest_documents
        on ranked.{{ document_key }} = newest_documents.{{ document_key }}
    where
        not ranked.is_later
        and not ranked.is_deleted
        and ranked._delivery is null
    group by
        ranked.{{ document_key }},
        newest_documents.document_load_date,
        newest_documents.gross_amount,
        newest_documents.net_amount,
        newest_documents.is_amount_unchanged
    having
        max(case when ranked._load_date = newest_documents.document_load_date then 1 else 0 end) = 1
        -- what a rejected line is worth nobody knows, and so neither whether the amount is that of all lines
        and count(ranked.rejection_reason) = 0
        {% for told, of_line in line_amounts.items() %}
        and not coalesce(
            abs(sum(case when ranked.version_rank = 1 then {{ of_line }} end) - newest_documents.{{ told }}) < 0.005,
            false
        )
        {% endfor %}
        and (
            not newest_documents.is_amount_unchanged
            {% for told, of_line in line_amounts.items() %}
            or coalesce(
                abs(
                    sum(
                        case
                            when ranked.version_rank = 1 and ranked._load_date = newest_documents.document_load_date
                                then {{ of_line }}
                        end
                    ) - newest_documents.{{ told }}
                ) < 0.005,
                false
            )
            {% endfor %}
        )
),

document_keys as (
    select
        {% for column in table.meta.key %}
        slimmed.{{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from slimmed
    inner join newer_documents
        on
            slimmed.{{ document_key }} = newer_documents.{{ document_key }}
            and slimmed._load_date = newer_documents.document_load_date
    where not slimmed.is_later
    group by {% for column in table.meta.key %}slimmed.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

),

{% endif %}
settled as (
    select
        ranked.*,
        case
            when ranked.is_later or ranked.rejection_reason is not null then null
            when ranked.is_deleted then 'deleted'
            when ranked.version_rank > 1 then 'newer_version'
            when snapshots.instance is not null and snapshot_keys.{{ document_key }} is null then 'absent_from_snapshot'
            {% if documents %}
            when newer_documents.{{ document_key }} is not null and document_keys.{{ document_key }} is null
                then 'newer_document'
            {% endif %}
        end as status_reason,
        case
            when
                ranked.is_later
                or ranked.rejection_reason is not null
                or ranked.version_rank = 1
                or ranked.is_deleted
                or ranked.used_is_deleted
                or ranked.content_key = ranked.used_content_key
                then null
            when
                ranked.version_at = ranked.used_version_at
                and coalesce(ranked._load_date = ranked.used_load_date, ranked.used_load_date is null)
                then 'equal_version'
            when
                ranked.version_at is null
                and ranked.used_version_at is null
                and ranked._file = ranked.used_file
                then 'equal_version'
            {% if party %}
            when
                coalesce(ranked._load_date = ranked.used_load_date, ranked.used_load_date is null and ranked._load_date is null)
                and ranked.{{ party }} <> ranked.used_party
                then 'other_customer'
            {% endif %}
        end as doubt
    from ranked
    left join snapshots
        on coalesce(ranked._instance, '') = snapshots.instance
    left join snapshot_keys
        on
            {% for column in table.meta.key %}
            coalesce(cast(ranked.{{ column }} as string), '') = snapshot_keys.{{ column }}
            {{- ' and' if not loop.last }}
            {% endfor %}
    {% if documents %}
    left join newer_documents
        on
            ranked.{{ document_key }} = newer_documents.{{ document_key }}
            and {{ load_day('ranked._load_date') }} < newer_documents.document_load_date
    left join document_keys
        on
            {% for column in table.meta.key %}
            ranked.{{ column }} = document_keys.{{ column }}
            {{- ' and' if not loop.last }}
            {% endfor %}
    {% endif %}
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
            when status_reason in ('deleted', 'absent_from_snapshot') then 'deleted'
            when status_reason is not null then 'superseded'
            else 'accepted'
        end as row_status,
        case when not is_later then rejection_reason end as rejection_reason,
        status_reason,
        case when not is_later then raw_row end as raw_row,
        case when not is_later then unreadable_values end as unreadable_values,
        doubt,
        case when doubt is not null then concat_ws(' / ', {{ table.meta.key | join(', ') }}) end as doubt_key,
        case when doubt is not null then {{ amount }} end as doubt_amount_local,
        case when doubt is not null then used_amount_local end as used_amount_local,
        case when doubt is not null then used_file end as used_file,
        case when doubt is not null then used_row end as used_row,
        _file,
        _row,
        _load_date
    from settled
)

select * from final
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
