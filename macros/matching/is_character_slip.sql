{% macro is_character_slip(text, other_text) -%}
    {#-
        Whether two names of Chinese characters differ by one of at least three: another one in its place, or the last one
        left out. Of names of two characters one in common says too little.
    -#}
    case
        when greatest(length({{ text }}), length({{ other_text }})) < 3 then false
        when length({{ text }}) = length({{ other_text }})
            then (
                {% for place in range(1, 5) %}
                    {{ '+ ' if not loop.first }}case
                        when substr({{ text }}, {{ place }}, 1) = substr({{ other_text }}, {{ place }}, 1) then 0
                        else 1
                    end
                {% endfor %}
            ) = 1
        when abs(length({{ text }}) - length({{ other_text }})) = 1
            then least(length({{ text }}), length({{ other_text }})) >= 2 and {{ begins_with(text, other_text) }}
        when abs(length({{ text }}) - length({{ other_text }})) > 1 then false
    end
{%- endmacro %}
