{% macro name_alias(text) -%}
    {#-
        The further name that a name holds, in lower case: what stands behind a.k.a., alias, née or 曾用名, or in brackets.
        Null where there is none. The word for a maiden name stays before it (née schmidt), and brackets without such a word
        around it, since what they hold may be a remark.
    -#}
    nullif(trim(
        case
            when {{ regex_matches(text, '[(（][^()（）]+[)）]') }}
                then {{ regex_replace(
                    regex_replace(
                        regex_replace(lower_text(text), '^[^(（]*[(（] *([^()（）]+)[)）].*$', '({1})'),
                        '^[(]' ~ alias_words() ~ '[:： ]*(.*)[)]$', '{2}'
                    ),
                    '^[(](' ~ maiden_name_words() ~ '.*)[)]$', '{1}'
                ) }}
            when {{ regex_matches(lower_text(text), alias_start()) }}
                then {{ regex_replace(
                    regex_replace(lower_text(text), '^.*?' ~ alias_start(), '{2}'), '^[:： ]+'
                ) }}
        end
    ), '')
{%- endmacro %}

{% macro without_alias(text) -%}
    {#- A name without the further name that it holds (name_alias), in lower case. -#}
    nullif(trim({{ regex_replace(
        lower_text(text), ' *[(（][^()（）]+[)）]|' ~ alias_start() ~ '.*$'
    ) }}), '')
{%- endmacro %}

{% macro alias_words() -%}
    {#- What stands before a further name, in lower case. -#}
    {{ return('(a[.]?k[.]?a[.]?|alias|also known as|曾用名|又名)') }}
{%- endmacro %}

{% macro maiden_name_words() -%}
    {#- What stands before a family name that somebody was born with, in lower case. -#}
    {{ return('(née|geb[.]|geborene)') }}
{%- endmacro %}

{% macro alias_start() -%}
    {#- The regular expression of where a further name begins; the words of a maiden name are its second group. -#}
    {{ return(
        '([ ,]+(?:a[.]?k[.]?a[.]?|alias|also known as)[: ]+|[ ,]*(?:曾用名|又名)[:： ]*|[ ,]+(née |geb[.]|geborene ))'
    ) }}
{%- endmacro %}
