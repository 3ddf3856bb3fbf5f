{% macro iso_datetime_text(text) -%}
    {#- 2026/3/1, 2026.3.1, 20260301 and 2026年3月1日, with or without a time, with dashes as in ISO 8601. -#}
    case
        when {{ regex_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[ T][0-9])') }} then {{ text }}
        else {{ regex_replace(
        regex_replace(
            'trim(' ~ regex_replace(text, '^([0-9]{4} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2}) ?日 ?', '{1} ') ~ ')',
            '^([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2})', '{1}-{2}-{3}'
        ),
        '^([0-9]{4})([0-9]{2})([0-9]{2})($|[ T])', '{1}-{2}-{3}{4}'
    ) }}
    end
{%- endmacro %}
