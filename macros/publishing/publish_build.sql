{% macro publish_build(base, build_id, kept_builds=3) %}
    {#-
        Lets readers on Spark see a build that passed (DuckDB's is published as files, by the package).

        Each build has its own schemas, <base>_<build>_<layer>. Readers use views in <base>_marts and
        <base>_quality, which are replaced one after the other; when all point at the build, a row of <base>.builds says
        so. A reader who must not see two builds at once reads its last row and uses the schemas that it names. Schemas of
        older builds are dropped, except the last ones, which readers may still be using.
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
        "insert into " ~ base ~ ".builds select '" ~ build_id ~ "', '" ~ build
        ~ "', cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S') ~ "' as timestamp)"
    ) %}
    {% do log('Published ' ~ build_id ~ ' in ' ~ base ~ '_marts and ' ~ base ~ '_quality.', info=true) %}
    {{ drop_older_builds(base, kept_builds) }}
{% endmacro %}
