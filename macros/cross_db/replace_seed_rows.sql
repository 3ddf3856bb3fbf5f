{% macro replace_seed_rows(relation, columns, company, key) %}
    {#- Puts the company's rows into the table of a seed, in the place of those of the same key, or of all. -#}
    {{ adapter.dispatch('replace_seed_rows')(relation, columns, company, key) }}
{% endmacro %}

{% macro default__replace_seed_rows(relation, columns, company, key) %}
    {% do run_query('delete from ' ~ relation ~ ' as seed where ' ~ has_company_row(company, key)) %}
    {% do run_query('insert into ' ~ relation ~ ' by name ' ~ company) %}
{% endmacro %}

{% macro spark__replace_seed_rows(relation, columns, company, key) %}
    {#- Rows of Parquet cannot be deleted: the table is written anew and takes the place of the other. -#}
    {% set changed = relation.incorporate(path={'identifier': relation.identifier ~ '__company'}) %}
    {% set names = columns | map(attribute='name') | join(', ') %}
    {% do run_query('drop table if exists ' ~ changed) %}
    {% do run_query(
        'create table ' ~ changed ~ ' as select ' ~ names ~ ' from ' ~ relation ~ ' as seed where not '
        ~ has_company_row(company, key) ~ ' union all select ' ~ names ~ ' from (' ~ company ~ ') as company'
    ) %}
    {% do run_query('drop table ' ~ relation) %}
    {% do run_query('alter table ' ~ changed ~ ' rename to ' ~ relation) %}
{% endmacro %}
