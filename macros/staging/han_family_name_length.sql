{% macro han_family_name_length(text) -%}
    {#- 2 where a Chinese name begins with one of the usual compound family names and has a given name, else 1. -#}
    case
        when
            length({{ text }}) > 2
            and substr({{ text }}, 1, 2) in (
                '欧阳', '司马', '上官', '诸葛', '司徒', '皇甫', '东方', '令狐', '慕容', '尉迟', '公孙', '夏侯', '长孙', '宇文',
                '轩辕', '端木', '独孤', '南宫', '西门', '百里', '闻人', '申屠', '淳于', '单于', '歐陽', '諸葛', '東方', '司馬'
            )
            then 2
        else 1
    end
{%- endmacro %}
