{% macro text_similarity(text, other_text) %}
    {#-
        Jaro-Winkler similarity from 0.7, where a common beginning counts, to 1; 0 below that, which nobody calls alike, and
        where a text is not plain ASCII; null where either is.
    -#}
    {{ return(adapter.dispatch('text_similarity')(text, other_text)) }}
{% endmacro %}

{% macro default__text_similarity(text, other_text) -%}
    {#- Bytes are counted on DuckDB, characters on Spark: the same for ASCII only. -#}
    case
        when {{ is_ascii(text) }} and {{ is_ascii(other_text) }}
            then jaro_winkler_similarity({{ text }}, {{ other_text }}, 0.7)
        when {{ text }} is not null and {{ other_text }} is not null then cast(0 as double)
    end
{%- endmacro %}

{% macro spark__text_similarity(text, other_text) -%}
    {#-
        Of letters in another order Spark counts half pairs, DuckDB as Winkler whole ones, which is up to 1/18 more:
        only what Spark finds near is counted again. Jaro's similarity (1989): letters of one text are looked for in the
        other, from its beginning on and no farther off than half the longer length; a third each of the share of found
        letters in either text, and of those in order.
    -#}
    {%- set jaro_similarity -%}
        aggregate(
            sequence(1, length({{ text }})),
            named_struct('places', cast(array() as array<int>), 'letters', ''),
            (found, place) -> get(
                transform(
                    array(get(
                        filter(
                            sequence(1, length({{ other_text }})),
                            other_place -> abs(other_place - place)
                            <= greatest(greatest(length({{ text }}), length({{ other_text }})) div 2 - 1, 0)
                            and substr({{ other_text }}, other_place, 1) = substr({{ text }}, place, 1)
                            and not array_contains(found.places, other_place)
                        ),
                        0
                    )),
                    match -> case
                        when match is null then found
                        else named_struct(
                            'places', array_append(found.places, match),
                            'letters', found.letters || substr({{ text }}, place, 1)
                        )
                    end
                ),
                0
            ),
            found -> case
                when size(found.places) = 0 then cast(0 as double)
                else (
                    size(found.places) / length({{ text }})
                    + size(found.places) / length({{ other_text }})
                    + (
                        size(found.places)
                        - size(filter(
                            sequence(1, size(found.places)),
                            place -> substr(found.letters, place, 1)
                            <> substr({{ other_text }}, get(array_sort(found.places), place - 1), 1)
                        )) div 2
                    ) / size(found.places)
                ) / 3
            end
        )
    {%- endset -%}
    case
        when {{ text }} is null or {{ other_text }} is null then null
        when length({{ text }}) * length({{ other_text }}) = 0 then cast(0 as double)
        when not {{ is_ascii(text) }} or not {{ is_ascii(other_text) }} then cast(0 as double)
        when {{ text }} = {{ other_text }} then cast(1 as double)
        when jaro_winkler_similarity({{ text }}, {{ other_text }}) < 0.64 then cast(0 as double)
        else
            get(
                transform(
                    array({{ jaro_similarity }}),
                    jaro -> case
                        when jaro < 0.7 then cast(0 as double)
                        when jaro = 0.7 then jaro
                        {% for letters in [4, 3, 2, 1] -%}
                            when left({{ text }}, {{ letters }}) = left({{ other_text }}, {{ letters }})
                                then jaro + cast(0.{{ letters }} as double) * (1 - jaro)
                        {% endfor -%}
                        else jaro
                    end
                ),
                0
            )
    end
{%- endmacro %}
