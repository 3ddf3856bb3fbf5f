{% macro is_erased(text, attribute) -%}
    {#- Whether a name or a mail address is what shops write into an account that they have erased (seed erased_accounts). -#}
    {%- set patterns = [] -%}
    {%- for row in read_seed('erased_accounts', ['attribute', 'value_pattern']) if row[0] == attribute -%}
        {%- do patterns.append(row[1] | replace('!_', '_')) -%}
    {%- endfor -%}
    {%- if patterns -%}
        coalesce({{ regex_matches(text, '^' ~ (word_pattern(patterns) | replace('[\\%]', '.*')) ~ '$') }}, false)
    {%- else -%}
        false
    {%- endif -%}
{%- endmacro %}
