{#-
    The company's rows of a seed (docs/configuration.md), as `portrait land` checked and landed them. They replace the
    seed's rows of the same key and are added where it has none, or they are the whole seed. It runs after each seed is
    loaded, so that the tests of the seed, and all that reads it, see the result.
-#}
{% macro apply_company_rows() %}
    {% if execute %}
        {% for is_whole, key_columns in run_query(
            "select is_whole, key_columns from landing.config_files where subject = '" ~ model.name ~ "'"
        ) %}
            {% set columns = adapter.get_columns_in_relation(this) %}
            {% set key = [] if is_whole else key_columns.split(', ') %}
            {% do replace_seed_rows(this, columns, company_rows(model.name, columns), key) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{% macro company_rows(seed, columns) %}
    {#- A select of the company's rows, with the types of the seed's columns. -#}
    select
        {% for column in columns %}
        cast({{ column.name }} as {{ column.dtype }}) as {{ column.name }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ landed_config(seed) }}
{% endmacro %}

{% macro has_company_row(company, key) %}
    {#- Whether the company has a row of the same key; always, without a key: then its rows are the whole seed. -#}
    {% if key %}
        exists (
            select 1 from ({{ company }}) as company
            where {% for column in key -%}
                company.{{ column }} is not distinct from seed.{{ column }}{{ ' and ' if not loop.last }}
            {%- endfor %}
        )
    {% else %}
        true
    {% endif %}
{% endmacro %}
