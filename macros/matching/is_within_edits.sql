{% macro is_within_edits(text, other_text, edits) -%}
    {#-
        Whether no more letters than `edits` have to be changed, put in or taken out (edit_distance), which takes long to
        count: texts whose lengths differ by more are not.
    -#}
    case
        when abs(length({{ text }}) - length({{ other_text }})) > {{ edits }} then false
        else {{ edit_distance(text, other_text) }} <= {{ edits }}
    end
{%- endmacro %}
