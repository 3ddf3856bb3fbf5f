{% macro address_parts(address) -%}
    {#-
        What comes after the first comma of an address, folded (fold_name); a │ stands before each part between commas.
    -#}
    {%- set text = "replace(" ~ address ~ ", '，', ',')" -%}
    {{ fold_name(
        "replace(substr(" ~ text ~ ", length(split_part(" ~ text ~ ", ',', 1)) + 1), ',', '│')"
    ) }}
{%- endmacro %}

{% macro without_told_parts(parts, told) -%}
    {#-
        The text of address_parts, joined, without the parts that only repeat up to three columns of the record: `london`,
        `londonec1a` and `ec1alondon` of London and EC1A, but not `londonroad`. Null where nothing is left.
    -#}
    {#- the longest first -#}
    {%- set triples, pairs = [], [] -%}
    {%- for one in told -%}
        {%- for other in told if other != one -%}
            {%- do pairs.append(one ~ ' || ' ~ other) -%}
            {%- for third in told if third not in (one, other) -%}
                {%- do triples.append(one ~ ' || ' ~ other ~ ' || ' ~ third) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endfor -%}
    {#- two borders between parts, so that parts of which each is told are found one after the other -#}
    {%- set left = namespace(parts="replace(" ~ parts ~ " || '│', '│', '││')") -%}
    {%- for written in triples + pairs + told -%}
        {#- what the record does not tell is no part, and no folded text has a comma -#}
        {%- set part = "coalesce('│' || " ~ written ~ " || '│', ',')" -%}
        {%- set left.parts = "replace(" ~ left.parts ~ ", " ~ part ~ ", '')" -%}
    {%- endfor -%}
    nullif(replace({{ left.parts }}, '│', ''), '')
{%- endmacro %}
