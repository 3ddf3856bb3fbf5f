{% macro iso_datetime_text(text) -%}
    {#-
        2026/3/1, 2026.3.1, 20260301 and 2026年3月1日, with or without a time, 20260301T123000 and 20260301123000, and
        Sun, 01 Mar 2026 12:30:00 as in mails (RFC 1123), with dashes as in ISO 8601. The name of a place behind an offset
        ([Europe/Berlin]) is dropped.
    -#}
    {%- set months = 'jan01feb02mar03apr04may05jun06jul07aug08sep09oct10nov11dec12' -%}
    {%- set mail = '^([A-Z][a-z]{2}, ?)?([0-9]{1,2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9:.]+)( ?[A-Z]{1,5}| ?[+-][0-9:]{4,5})?$' -%}
    {%- set month = "substr('" ~ months ~ "', instr('" ~ months ~ "', lower(" ~ regex_replace(text, mail, '{3}') ~ ")) + 3, 2)" -%}
    case
        when {{ regex_matches(text, '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[ T][0-9:.]+Z?$)') }} then {{ text }}
        when {{ regex_matches(text, mail) }}
            then
                {{ regex_replace(text, mail, '{4}') }} || '-' || {{ month }} || '-'
                || {{ regex_replace(text, mail, '{2} {5}{6}') }}
        else {{ regex_replace(
        regex_replace(
            regex_replace(
                regex_replace(
                    regex_replace(
                        'trim(' ~ regex_replace(text, '^([0-9]{4} ?年 ?[0-9]{1,2} ?月 ?[0-9]{1,2}) ?日 ?', '{1} ') ~ ')',
                        '^([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2})', '{1}-{2}-{3}'
                    ),
                    '^([0-9]{4})([0-9]{2})([0-9]{2})($|[ T])', '{1}-{2}-{3}{4}'
                ),
                '^([12][0-9]{3})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})$', '{1}-{2}-{3} {4}:{5}:{6}'
            ),
            '^([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2})([0-9]{2})([0-9]{2})?($|[.Z +-])', '{1} {2}:{3}:{4}{5}'
        ),
        '([0-9Z]) ?[\\[][A-Za-z_/+-]+]$', '{1}'
    ) }}
    end
{%- endmacro %}
