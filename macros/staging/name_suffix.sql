{% macro name_suffix(text) -%}
    {#-
        The generation that a name ends with: jr, sr, ii, iii or iv (Smith Jr., Smith, Senior); null where there is none.
        Of father and son of one name it is all that tells them apart.
    -#}
    {#- The mark tells what was found from a name that is nothing but such a word: Junior is a first name. -#}
    case {{ regex_replace(lower_text(text), '^.*' ~ name_suffix_pattern(), '|{1}') }}
        {% for suffix, words in {'jr': ['jr', 'jnr', 'junior'], 'sr': ['sr', 'snr', 'senior']}.items() -%}
            when '|{{ words[0] }}' then '{{ suffix }}'
            when '|{{ words[1] }}' then '{{ suffix }}'
            when '|{{ words[2] }}' then '{{ suffix }}'
        {% endfor -%}
        when '|ii' then 'ii'
        when '|iii' then 'iii'
        when '|iv' then 'iv'
    end
{%- endmacro %}

{% macro without_name_suffix(text) -%}
    {#-
        A name without the generation at its end, or a firm's without its legal form (Amber Shipping Co., Ltd), in lower
        case. Short words that are family names too (Sá, Co without a stop) stay.
    -#}
    {{ regex_replace(lower_text(text), '(' ~ name_suffix_pattern() ~ '|' ~ legal_form_pattern() ~ ')') }}
{%- endmacro %}

{% macro name_suffix_pattern() -%}
    {{ return('[, ]+(jr|jnr|junior|sr|snr|senior|ii|iii|iv)[.]? *$') }}
{%- endmacro %}

{% macro legal_form_pattern() -%}
    {#- The legal forms that a firm's name ends with. -#}
    {%- set words = [
        'ltd', 'limited', 'llc', 'llp', 'inc', 'incorporated', 'corp', 'corporation', 'company', 'co[.]', 'plc', 'gmbh',
        'mbh', 'kg', 'sarl', 'srl', 'bv', 'pty', 'pte', 'ooo', 'jsc', 'est[.]', 'establishment', 'group', 'holding', 'holdings'
    ] -%}
    {{ return('([, ]+(' ~ words | join('|') ~ ')[.]?)+ *$') }}
{%- endmacro %}

{% macro organisation_pattern() -%}
    {#- What the name of an organisation ends with: a legal form, or what says that it is none of one person. -#}
    {{ return('(' ~ legal_form_pattern() ~ '|[, ]+(association|foundation|institute|society|stiftung|trust) *$)') }}
{%- endmacro %}
