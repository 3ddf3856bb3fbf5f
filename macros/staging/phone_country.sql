{% macro phone_country(country) -%}
    {#-
        The code of the country whose phone numbers a record writes: that of the seed country_names, or, where the record
        names none at all, the setting PORTRAIT_COUNTRY.
    -#}
    {%- if setting('country') -%}
        coalesce(country_names.country_code, case when {{ country }} is null then '{{ setting('country') }}' end)
    {%- else -%}
        country_names.country_code
    {%- endif -%}
{%- endmacro %}
