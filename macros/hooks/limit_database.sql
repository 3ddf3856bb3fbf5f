{% macro limit_database() %}
    {#-
        Before a run on DuckDB: its limit of memory, and the folder for what does not fit. Each model that dbt runs at a time
        has a thread of its own, and the database as many more as cores are left: with more threads than cores a build takes
        a tenth more processor time.
    -#}
    {% set memory, spill = setting('memory_limit'), setting('temp') %}
    {% if memory %}
        {% do run_query("set memory_limit = '" ~ memory ~ "'") %}
    {% endif %}
    {#- A database that has spilled once keeps its folder. -#}
    {% if spill and run_query("select current_setting('temp_directory')").columns[0][0] != spill %}
        {% do run_query('set temp_directory = ' ~ text_of(spill)) %}
    {% endif %}
    {% do share_cores() %}
{% endmacro %}

{% macro share_cores() %}
    {#- DuckDB gets the cores that are left if each model that dbt runs at a time has one of its own. -#}
    {% if execute and target.type == 'duckdb' %}
        {% do run_query('reset threads') %}
        {% set cores = run_query("select current_setting('threads')").columns[0][0] | int %}
        {% do run_query('set threads = ' ~ [cores - target.threads + 1, 1] | max) %}
    {% endif %}
{% endmacro %}

{% macro take_all_cores() %}
    {#- Before a model that others wait for: DuckDB gets all cores, until share_cores. -#}
    {% if execute and target.type == 'duckdb' %}
        {% do run_query('reset threads') %}
    {% endif %}
{% endmacro %}
