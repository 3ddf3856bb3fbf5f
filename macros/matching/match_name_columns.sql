{% macro match_name_columns(relation, first_name, last_name) -%}
    {#-
        The select items of the name of a record, or of an alias, as scored matching compares it: Latin letters and Chinese
        characters apart, since each part of a name is in one of the two scripts. The relation says which by
        has_han_first_name and has_han_last_name, and is joined to the seed match_nicknames (as nicknames) by the first name.
    -#}
    {%- set first_name = relation ~ '.' ~ first_name -%}
    {%- set last_name = relation ~ '.' ~ last_name -%}
    case when not {{ relation }}.has_han_first_name then {{ first_name }} end as first_name,
    case
        when not {{ relation }}.has_han_first_name
            then coalesce(nicknames.name_root, {{ first_name }})
    end as first_name_root,
    case
        when not {{ relation }}.has_han_first_name
            then coalesce(nicknames.other_root, nicknames.name_root, {{ first_name }})
    end as first_name_other_root,
    case
        when not {{ relation }}.has_han_first_name then {{ spelling(first_name) }}
    end as first_name_spelling,
    case when not {{ relation }}.has_han_last_name then {{ last_name }} end as last_name,
    case
        when {{ relation }}.has_han_first_name and {{ relation }}.has_han_last_name
            then {{ last_name }} || {{ first_name }}
    end as han_name,
    case when {{ relation }}.has_han_first_name then {{ first_name }} end as han_given_name,
    case when {{ relation }}.has_han_last_name then {{ last_name }} end as han_family_name
{%- endmacro %}
