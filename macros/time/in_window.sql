{% macro in_window(date, as_of_date, window) -%}
    {#-
        Whether the date lies in a window: `30d` is the as-of date and the 29 days before it, `prior_30d` the 30 days
        before those.
    -#}
    {%- set days = window_days(window) -%}
    {%- set days_before = days if window.startswith('prior_') else 0 -%}
    {{ days_between(date, as_of_date) }} between {{ days_before }} and {{ days_before + days - 1 }}
{%- endmacro %}
