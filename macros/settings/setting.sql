{% macro setting(name) %}
    {#- A setting of the project: the dbt var of that name, else the environment's, else the default. -#}
    {% set from_environment = {
        'warehouse': env_var('PORTRAIT_WAREHOUSE', 'warehouse'),
        'as_of': env_var('PORTRAIT_AS_OF', ''),
        'as_of_max_gap_days': env_var('PORTRAIT_AS_OF_MAX_GAP_DAYS', '31'),
        'timezone': env_var('PORTRAIT_TIMEZONE', 'Asia/Shanghai'),
        'currency': env_var('PORTRAIT_CURRENCY', 'CNY'),
        'country': env_var('PORTRAIT_COUNTRY', ''),
        'memory_limit': env_var('PORTRAIT_MEMORY_LIMIT', ''),
        'temp': env_var('PORTRAIT_TEMP', ''),
    } %}
    {{ return(var(name, from_environment[name])) }}
{% endmacro %}
