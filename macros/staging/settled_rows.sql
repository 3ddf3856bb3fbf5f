{% macro settled_rows(table, judged, documents=none) %}
{#-
    The query of those judged rows of a table (judged_rows) that other rows set aside, by _file and _row: why, and whether
    that is in doubt. `status_reason` is `newer_version` (another version of the same key is newer), `newer_document` (a
    newer delivery of its order lacks it) or `absent_from_snapshot`. Two contents under one key and one version are a
    `doubt`: the choice between them follows from the contents, never from the order of the rows.

    Only keys that stand twice are ranked: in most tables hardly any does. `documents` is the base model of the orders
    that own the rows of a table of lines (docs/source_contract.md).
-#}
{% set columns = table.columns.values() | list %}
{% set key = table.meta.key | join(', ') %}
{% set party = table.meta.get('party') if table.meta.get('party') in table.columns else none %}
{% set amount = delivered_amount(table.columns) %}
{% set document_key = table.meta.key[0] if table.meta.key else none %}
with

judged as (select * from {{ judged }}),

-- What was loaded by the as-of date, and of it what is not rejected.
loaded as (select * from judged where not {{ is_later() }}),

sound as (select * from loaded where rejection_reason is null),

repeated_keys as (
    select {{ key }}
    from sound
    group by {{ key }}
    having count(*) > 1
),

repeated as (
    select
        sound.*,
        {{ content_key(columns, 'sound') }} as content_key
    from sound
    inner join repeated_keys
        on {{ is_same_key(table, 'sound', 'repeated_keys') }}
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
    from repeated
    window newest_first as (
        partition by {{ key }}
        order by
            version_at desc nulls last,
            _load_date desc nulls last,
            case when is_deleted and version_at is not null then 0 else 1 end asc nulls last,
            _file desc nulls last,
            content_key desc nulls last,
            _row desc nulls last
    )
),

older_versions as (
    select
        _file,
        _row,
        'newer_version' as status_reason,
        case
            when is_deleted or used_is_deleted or content_key = used_content_key then null
            when
                version_at = used_version_at
                and coalesce(_load_date = used_load_date, used_load_date is null)
                then 'equal_version'
            when
                version_at is null
                and used_version_at is null
                and _file = used_file
                then 'equal_version'
            {% if party %}
            when
                coalesce(_load_date = used_load_date, used_load_date is null and _load_date is null)
                and {{ party }} <> used_party
                then 'other_customer'
            {% endif %}
        end as doubt,
        concat_ws(' / ', {{ key }}) as doubt_key,
        {{ amount }} as doubt_amount_local,
        used_amount_local,
        used_file,
        used_row
    from ranked
    where version_rank > 1
),

-- The keys of the newest load of a table that comes as snapshots; other tables have none here.
snapshots as (
    select
        coalesce(_instance, '') as instance,
        max(_load_date) as snapshot_date
    from loaded
    where
        _delivery = 'snapshot'
        and _load_date is not null
    group by coalesce(_instance, '')
),

snapshot_keys as (
    select distinct {% for column in table.meta.key %}loaded.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

    from loaded
    inner join snapshots
        on
            coalesce(loaded._instance, '') = snapshots.instance
            and loaded._load_date = snapshots.snapshot_date
),

absent_rows as (
    select
        sound._file,
        sound._row
    from sound
    inner join snapshots
        on coalesce(sound._instance, '') = snapshots.instance
    where
        not exists (
            select 1 from snapshot_keys
            where {{ is_same_key(table, 'sound', 'snapshot_keys') }}
        )
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
document_lines as (
    select
        loaded.*,
        older_versions._row is null as is_newest,
        newest_documents.document_load_date,
        newest_documents.gross_amount as told_gross_amount,
        newest_documents.net_amount as told_net_amount,
        newest_documents.is_amount_unchanged
    from loaded
    inner join newest_documents
        on loaded.{{ document_key }} = newest_documents.{{ document_key }}
    left join older_versions
        on
            loaded._file = older_versions._file
            and loaded._row = older_versions._row
    where
        not loaded.is_deleted
        and loaded._delivery is null
),

newer_documents as (
    select
        {{ document_key }},
        document_load_date
    from document_lines
    group by {{ document_key }}, document_load_date, told_gross_amount, told_net_amount, is_amount_unchanged
    having
        max(case when _load_date = document_load_date then 1 else 0 end) = 1
        -- what a rejected line is worth nobody knows, and so neither whether the amount is that of all lines
        and count(rejection_reason) = 0
        {% for told, of_line in line_amounts.items() %}
        and not coalesce(
            abs(sum(case when is_newest then {{ of_line }} end) - told_{{ told }}) < 0.005,
            false
        )
        {% endfor %}
        and (
            not is_amount_unchanged
            {% for told, of_line in line_amounts.items() %}
            or coalesce(
                abs(
                    sum(case when is_newest and _load_date = document_load_date then {{ of_line }} end)
                    - told_{{ told }}
                ) < 0.005,
                false
            )
            {% endfor %}
        )
),

document_keys as (
    select distinct {% for column in table.meta.key %}loaded.{{ column }}{{ ', ' if not loop.last }}{% endfor %}

    from loaded
    inner join newer_documents
        on
            loaded.{{ document_key }} = newer_documents.{{ document_key }}
            and loaded._load_date = newer_documents.document_load_date
),

replaced_lines as (
    select
        sound._file,
        sound._row
    from sound
    inner join newer_documents
        on
            sound.{{ document_key }} = newer_documents.{{ document_key }}
            and {{ load_day('sound._load_date') }} < newer_documents.document_load_date
    where
        not exists (
            select 1 from document_keys
            where {{ is_same_key(table, 'sound', 'document_keys') }}
        )
),
{% endif %}

-- Of several reasons for one row the first holds.
reasons as (
    select * from older_versions
    {% for name, reason in {
        'absent_rows': 'absent_from_snapshot',
        'replaced_lines': 'newer_document',
    }.items() if reason != 'newer_document' or documents %}
    union all
    select
        _file,
        _row,
        '{{ reason }}' as status_reason,
        cast(null as string) as doubt,
        cast(null as string) as doubt_key,
        cast(null as decimal(38, 4)) as doubt_amount_local,
        cast(null as decimal(38, 4)) as used_amount_local,
        cast(null as string) as used_file,
        cast(null as bigint) as used_row
    from {{ name }}
    {% endfor %}
),

numbered as (
    select
        *,
        row_number() over (
            partition by _file, _row
            order by
                case status_reason when 'newer_version' then 1 when 'absent_from_snapshot' then 2 else 3 end
                    asc nulls last
        ) as reason_rank
    from reasons
),

final as (
    select
        _file,
        _row,
        status_reason,
        doubt,
        case when doubt is not null then doubt_key end as doubt_key,
        case when doubt is not null then doubt_amount_local end as doubt_amount_local,
        case when doubt is not null then used_amount_local end as used_amount_local,
        case when doubt is not null then used_file end as used_file,
        case when doubt is not null then used_row end as used_row
    from numbered
    where reason_rank = 1
)

select * from final
{% endmacro %}

{% macro is_later(relation='judged') -%}
    {#- Whether a row was loaded after a given as-of date. -#}
    {%- set as_of = setting('as_of') -%}
    {%- if as_of -%}
        coalesce({{ relation }}._load_date > cast('{{ as_of }}' as date), false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}

{% macro is_same_key(table, one, other) -%}
    {#- Whether two rows of a table have the same key. A part of it that may be empty is compared as empty. -#}
    {% for column in table.meta.key -%}
        {{ one }}.{{ column }} {{ '=' if table.columns[column].meta.required else 'is not distinct from' }} {{ other }}.{{ column }}
        {{- ' and ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{% macro content_key(columns, relation) -%}
    {#-
        A number for what a row says, by its typed values and those that could not be read: the same number on every
        engine. A rate is counted in its last place, since engines write small numbers in two ways.
    -#}
    {% set texts = [] %}
    {% for column in columns %}
        {% set value = relation ~ '.' ~ column.name %}
        {% if column.data_type == 'rate' %}
            {% set value = 'cast(cast(' ~ value ~ ' as decimal(38, 8)) * 100000000 as bigint)' %}
        {% endif %}
        {% do texts.append("coalesce(cast(" ~ value ~ " as string), '')") %}
    {% endfor %}
    {% do texts.append("coalesce(" ~ relation ~ ".unreadable_values, '')") %}
    {{ hash_key("concat_ws('" ~ record_separator() ~ "', " ~ texts | join(', ') ~ ')') }}
{%- endmacro %}
