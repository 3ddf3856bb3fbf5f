{% macro lifecycle_stage() -%}
    {#- The stage of `lifecycle_stage_joins`: one by the first order goes before one by the last; null without orders. -#}
    coalesce(first_stages.lifecycle_stage, last_stages.lifecycle_stage)
{%- endmacro %}
