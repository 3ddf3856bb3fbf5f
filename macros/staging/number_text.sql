{% macro signed_number(text) -%}
    {#- A number with its sign before it, without a blank between: -12.50 of (12.50), 12.50- and − 12.50. -#}
    {{ regex_replace(
        regex_replace(
            regex_replace("replace(" ~ text ~ ", '−', '-')", '^[(] ?([0-9.,].*[0-9.])[)]$', '-{1}'),
            '^([0-9.,].*[0-9.]) ?-$', '-{1}'
        ),
        '^([+-]) +', '{1}'
    ) }}
{%- endmacro %}

{% macro number_text(text, point="'.?'", signed=none) -%}
    {#-
        A number as SQL writes it, from the ways in which people write it: 1,234.50, 1.234,56, 1 234,56, 1'234.50,
        1,00,000.00, (12.50) and 12.50- for -12.50. Null where the text is no number, and where it may be two.

        1,500 and 1.500 may be. `point` says what the column of the file has shown (decimal_points): `,` or `.` is its
        decimal sign, `?` it has both. It has shown none where the code is longer: `,?` in a file whose other columns have decimal commas,
        so that 1,500 is 1.5 and 1.500 may be two numbers; `,.?` where they have both signs, so that both are 1.5; `.?` in
        any other file, so that 1.500 is 1.5 and 1,500 may be two numbers. `signed` is a column of signed_number, so that
        the expression does not stand there many times.
    -#}
    {%- set number = signed or signed_number(text) -%}
    {#- An apostrophe ends a literal, so the class holds its neighbours & and ( too. -#}
    {%- set groups = '[ &-(’]' -%}
    case
        when {{ point }} in ('.', '.?') and {{ regex_matches(text, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$') }}
            then {{ text }}
        when {{ regex_matches(number, '^[+-]?[1-9][0-9]{0,2},[0-9]{3}$') }}
            then
                case
                    when {{ point }} in (',', ',?', ',.?') then replace({{ number }}, ',', '.')
                    when {{ point }} = '.' then replace({{ number }}, ',', '')
                end
        when {{ regex_matches(number, '^[+-]?[1-9][0-9]{0,2}[.][0-9]{3}$') }}
            then
                case
                    when {{ point }} in ('.', '.?', ',.?') then {{ number }}
                    when {{ point }} = ',' then replace({{ number }}, '.', '')
                end
        when {{ regex_matches(number, '^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]+)?$') }}
            then {{ number }}
        when {{ regex_matches(number, '^[+-]?([0-9]+,[0-9]+|,[0-9]+)$') }}
            then replace({{ number }}, ',', '.')
        when {{ regex_matches(number, '^[+-]?[1-9][0-9]{0,2}(,[0-9]{2,3})*,[0-9]{3}([.][0-9]*)?$') }}
            then replace({{ number }}, ',', '')
        when {{ regex_matches(number, '^[+-]?[1-9][0-9]{0,2}([.][0-9]{3})+(,[0-9]+)?$') }}
            then replace(replace({{ number }}, '.', ''), ',', '.')
        when {{ regex_matches(number, '^[+-]?[1-9][0-9]{0,2}(' ~ groups ~ '[0-9]{3})+([.,][0-9]+)?$') }}
            then replace({{ regex_replace(number, groups) }}, ',', '.')
    end
{%- endmacro %}
