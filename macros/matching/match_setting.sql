{% macro match_setting(setting) -%}
    {#- The value of a setting of the model in force, in a group of rows of match_settings. -#}
    max(case when settings.setting = '{{ setting }}' then settings.value end)
{%- endmacro %}
