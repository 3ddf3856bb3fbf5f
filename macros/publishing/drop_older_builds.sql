{% macro drop_older_builds(base, kept_builds) %}
    {#- Drops the schemas of builds that are neither among the last published ones nor still being built. -#}
    {% set published = run_query(
        'select build_id from ' ~ base ~ '.builds group by build_id order by max(published_at) desc'
    ).columns[0].values() | list %}
    {% for schema in run_query("show schemas like '" ~ base ~ "_*'").columns[0].values() %}
        {% for build_id in published[kept_builds:] if schema.startswith(base ~ '_' ~ build_id ~ '_') %}
            {% do run_query('drop schema ' ~ schema ~ ' cascade') %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
