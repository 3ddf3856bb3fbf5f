{% macro erased_columns(relation, lacks=[]) -%}
    {#- The select items that say whether the name and the mail address of a customer record are those of an erased account. -#}
    {%- set parts = "concat_ws(' ', " ~ relation ~ '.first_name, ' ~ relation ~ '.last_name)' -%}
    {%- set name = relation ~ '.full_name' -%}
    {{ is_erased(name if 'first_name' in lacks else 'coalesce(' ~ name ~ ', ' ~ parts ~ ')', 'name') }} as has_erased_name,
    {{ 'false' if 'email' in lacks else is_erased(relation ~ '.email', 'email') }} as has_erased_email
{%- endmacro %}
