{% macro in_window(date, as_of_date, days, days_before=0) -%}
    {#-
        Whether the date lies in the window of so many days that ends on the as-of date, both included (30 days are the
        as-of date and the 29 days before it), or in the window of that length that ends `days_before` days earlier.
    -#}
    {{ days_between(date, as_of_date) }} between {{ days_before }} and {{ days_before + days - 1 }}
{%- endmacro %}
