{% macro publish_build(base, build_id, kept_builds=3) %}
    {#- Lets readers see a build that passed. -#}
    {{ return(adapter.dispatch('publish_build')(base, build_id, kept_builds)) }}
{% endmacro %}

{% macro default__publish_build(base, build_id, kept_builds) %}
    {{ exceptions.raise_compiler_error('On this engine `portrait build` publishes, as files.') }}
{% endmacro %}

{% macro spark__publish_build(base, build_id, kept_builds) %}
    {#-
        Each build lies in schemas of its own, <base>_<build>_<layer>. Readers use views in <base>_marts and
        <base>_quality, which are replaced one after the other; when all point at the build, a row of <base>.builds says
        so. Who must not see two builds at once reads its last row and takes the schemas that it names. Schemas of older
        builds are dropped, but for the last ones, which readers may still be using.
    -#}
    {% set build = base ~ '_' ~ build_id %}
    {% for layer in ['marts', 'quality'] %}
        {% set published = base ~ '_' ~ layer %}
        {% set tables = run_query('show tables in ' ~ build ~ '_' ~ layer).columns[1].values() | list %}
        {% do run_query('create schema if not exists ' ~ published) %}
        {% for table in tables %}
            {% do run_query(
                'create or replace view ' ~ published ~ '.' ~ table ~ ' as select * from ' ~ build ~ '_' ~ layer ~ '.' ~ table
            ) %}
        {% endfor %}
        {% for view in run_query('show views in ' ~ published).columns[1].values() if view not in tables %}
            {% do run_query('drop view ' ~ published ~ '.' ~ view) %}
        {% endfor %}
    {% endfor %}
    {% do run_query('create schema if not exists ' ~ base) %}
    {% do run_query(
        'create table if not exists ' ~ base ~ '.builds (build_id string, schema_prefix string, published_at timestamp) using parquet'
    ) %}
    {% do run_query(
        "insert into " ~ base ~ ".builds select '" ~ build_id ~ "', '" ~ build ~ "', current_timestamp()"
    ) %}
    {% do log('Published ' ~ build_id ~ ' in ' ~ base ~ '_marts and ' ~ base ~ '_quality.', info=true) %}
    {{ drop_older_builds(base, kept_builds) }}
{% endmacro %}

{% macro drop_older_builds(base, kept_builds) %}
    {#- Drops the schemas of builds that are not among the last ones published, nor in the making. -#}
    {% set published = run_query(
        'select build_id from ' ~ base ~ '.builds group by build_id order by max(published_at) desc'
    ).columns[0].values() | list %}
    {% for schema in run_query("show schemas like '" ~ base ~ "_*'").columns[0].values() %}
        {% for build_id in published[kept_builds:] if schema.startswith(base ~ '_' ~ build_id ~ '_') %}
            {% do run_query('drop schema ' ~ schema ~ ' cascade') %}
        {% endfor %}
    {% endfor %}
{% endmacro %}
