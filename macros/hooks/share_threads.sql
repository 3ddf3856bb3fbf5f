{% macro share_threads() %}
    {#-
        Before a run on DuckDB: each model that dbt runs at a time has a thread of its own, and the database as many more as
        cores are left. With more threads than cores a build takes a tenth more processor time.
    -#}
    {% do run_query('reset threads') %}
    {% set cores = run_query("select current_setting('threads')").columns[0][0] | int %}
    {% do run_query('set threads = ' ~ [cores - target.threads + 1, 1] | max) %}
{% endmacro %}
