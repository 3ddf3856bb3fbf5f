{% set comparisons = match_comparisons() %}
with

settings as (select * from {{ ref('match_settings') }}),

levels as (select * from {{ ref('match_levels') }}),

records as (select * from {{ ref('int_match_records') }}),

settings_spread as (
    select
        settings.model_version,
        {{ match_setting('pairs_per_record') }} as pairs_per_record,
        {{ match_setting('join_probability') }} as join_probability,
        {{ match_setting('review_probability') }} as review_probability,
        {{ match_setting('number_alone_joins') }} as number_alone_joins
    from settings
    group by settings.model_version
),

levels_spread as (
    select
        {% for comparison in comparisons %}
            {% for level in comparison.levels %}
                {% set number = comparison.levels | length - loop.index %}
                max(case
                    when comparison = '{{ comparison.name }}' and level = {{ number }}
                        {% if level.term %}
                            then log2(m_probability)
                        {% else %}
                            then log2(m_probability) - log2(u_probability)
                        {% endif %}
                end) as {{ comparison.name }}_{{ number }}{{ '_m' if level.term }},
            {% endfor %}
        {% endfor %}
        model_version
    from levels
    group by model_version
),

counted as (
    select count(*) as record_count
    from records
),

-- How likely two records drawn at random are one person falls with the number of records: what
-- stays the same is how many partners a record has.
sized as (
    select
        settings_spread.model_version,
        settings_spread.join_probability,
        settings_spread.review_probability,
        settings_spread.number_alone_joins,
        counted.record_count,
        least(
            {{ divide(
                '2 * settings_spread.pairs_per_record', 'greatest(counted.record_count - 1, 0)'
            ) }},
            0.5
        ) as prior_probability
    from settings_spread
    cross join counted
),

final as (
    select
        -- keys
        sized.model_version,

        -- measures
        sized.record_count,
        sized.prior_probability,
        log2(sized.prior_probability) - log2(1 - sized.prior_probability) as prior_weight,
        sized.join_probability,
        sized.review_probability,
        {% for comparison in comparisons %}
            {% for level in comparison.levels %}
                {% set number = comparison.levels | length - loop.index %}
                levels_spread.{{ comparison.name }}_{{ number }}{{ '_m' if level.term }},
            {% endfor %}
        {% endfor %}
        sized.number_alone_joins
    from sized
    inner join levels_spread
        on sized.model_version = levels_spread.model_version
)

select * from final
