{% macro normalise_phone(text, calling_code, trunk_prefix, shortest, longest) -%}
    {#-
        A phone number in E.164 (ITU-T). A number with + or 00 names its country; any other is taken as a number of the
        given country, with or without its calling code. The trunk prefix is dropped, also where it stands behind the
        calling code: +44 (0)20 …, +86 010 … Null where the country is not known, the length fits no number of it, the
        number begins with 0 behind the trunk prefix 0, or it holds anything but digits and separators (a masked
        138****1234). What stands before a number (tel:, the apostrophe of a spreadsheet) and an extension behind it are
        left out, and so is the .0 of a number that was taken for an amount.
    -#}
    {%- set written = text -%}
    {%- set text -%}
        case
            when not {{ regex_matches(written, '[^0-9+() /‐–—-]') }} then {{ written }}
            else {{ regex_replace(
            regex_replace(
                regex_replace(
                    regex_replace(
                        lower_text(written),
                        '^[^0-9+(*a-z\u00c0-\uffff]*((tel|phone|fon|telefon|mobil|mobile|mob|handy|whatsapp|电话|手机)[.:]* ?)?'
                    ),
                    '[,;]? ?(;ext=|;isub=|ext(ension)?[.:]?|x|durchwahl|dw[.]?|app[.]|poste|interno|转|轉|分机|內線|内線|#) ?[0-9]{1,6}$|;[a-z].*$'
                ),
                '[^0-9)*a-z\u00c0-\uffff]+$'
            ),
            '^([0-9]{7,})[.]0$', '{1}'
        ) }}
        end
    {%- endset -%}
    {%- set digits = regex_replace(regex_replace(text, '[(]0[)]'), '[^0-9]') -%}
    {%- set international = regex_replace(digits, '^00') -%}
    {%- set code_and_trunk = calling_code ~ ' || ' ~ trunk_prefix -%}
    {%- set national -%}
        case
            when {{ trunk_prefix }} <> '' and {{ digits }} like {{ trunk_prefix }} || '%'
                then substr({{ digits }}, length({{ trunk_prefix }}) + 1)
            else {{ digits }}
        end
    {%- endset -%}
    case
        when {{ regex_matches(text, '[^0-9+(). /‐–—-]') }} then null
        when {{ regex_matches(text, '^[(]?[+]|^00') }} then
            case
                when
                    {{ trunk_prefix }} like '0%'
                    and {{ international }} like {{ code_and_trunk }} || '%'
                    and length({{ international }}) - length({{ code_and_trunk }}) between {{ shortest }} and {{ longest }}
                    then '+' || {{ calling_code }} || substr({{ international }}, length({{ code_and_trunk }}) + 1)
                when {{ regex_matches(international, '^[1-9][0-9]{6,14}$') }} then '+' || {{ international }}
            end
        when
            {{ digits }} like {{ calling_code }} || '%'
            and length({{ digits }}) > {{ longest }}
            and length({{ digits }}) - length({{ calling_code }}) between {{ shortest }} and {{ longest }}
            then '+' || {{ digits }}
        when {{ trunk_prefix }} = '0' and {{ national }} like '0%' then null
        when length({{ national }}) between {{ shortest }} and {{ longest }}
            then '+' || {{ calling_code }} || {{ national }}
    end
{%- endmacro %}
