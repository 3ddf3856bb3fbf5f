{% macro create_sql_functions() %}
    {#- Makes the SQL functions that are too long to be written out in each model. -#}
    {{ return(adapter.dispatch('create_sql_functions')()) }}
{% endmacro %}

{% macro default__create_sql_functions() %}
    {#-
        DuckDB knows NFC but not NFKC. Each compatibility character is replaced, then NFC composes: the same as NFKC,
        since both forms are canonically equivalent and NFC is unique. Only texts that hold such a character pay;
        full-width ASCII, by far the most frequent, is 65,248 code points away from ASCII; the others are looked up, in
        parts of 150 characters: one table of them all took fifty times as long, and smaller parts longer to plan.
    -#}
    {% set unicode = unicode_compatibility() %}
    {% set lookups = [] %}
    {% for start in range(0, unicode.characters | length, 150) %}
        {% set characters = unicode.characters[start:start + 150] %}
        {% set replacements = unicode.replacements[start:start + 150] | join('␞') | replace("'", "''") %}
        {% do lookups.append(
            "when c <= '" ~ characters[-1] ~ "' then "
            ~ "split_part('" ~ replacements ~ "', '␞', instr('" ~ characters ~ "', c))"
        ) %}
    {% endfor %}
    {% set has_compatibility_character = "regexp_matches(<text>, '[" ~ unicode.class ~ "]')" %}
    {% do run_query(
        "create or replace macro portrait_nfkc(x) as case "
        ~ "when not regexp_matches(x, '[^\\x{20}-\\x{7E}]') then x "
        ~ "when not " ~ (has_compatibility_character | replace('<text>', 'x')) ~ " then nfc_normalize(x) "
        ~ "else nfc_normalize(array_to_string(list_transform(string_split(x, ''), lambda c: case "
        ~ "when c between '！' and '～' then chr(ord(c) - 65248) "
        ~ "when not " ~ (has_compatibility_character | replace('<text>', 'c')) ~ " then c "
        ~ lookups | join(' ') ~ " end), '')) end"
    ) %}
{% endmacro %}

{% macro spark__create_sql_functions() %}
    {#- None: what Spark lacks is short enough, or a call from Java. -#}
{% endmacro %}
