{% macro window_days(window) -%}
    {#-
        The length of a window in days, as its name says it: 30 of `30d` and of `prior_30d`. Columns carry the name of
        their window, so the number stands nowhere else.
    -#}
    {%- set length = modules.re.fullmatch('(?:prior_)?([1-9][0-9]*)d', window) -%}
    {%- if not length -%}
        {{ exceptions.raise_compiler_error("'" ~ window ~ "' is no window: write 30d, or prior_30d") }}
    {%- endif -%}
    {{ return(length.group(1) | int) }}
{%- endmacro %}
