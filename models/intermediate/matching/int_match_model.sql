{% set comparisons = match_comparisons() %}
with

settings as (select * from {{ ref('match_settings') }}),

levels as (select * from {{ ref('int_match_levels_in_force') }}),

records as (select * from {{ ref('int_match_records') }}),

thresholds as (
    select
        {{ match_setting('join_probability') }} as join_probability,
        {{ match_setting('differing_join_probability') }} as differing_join_probability,
        {{ match_setting('review_probability') }} as review_probability,
        {{ match_setting('number_alone_joins') }} as number_alone_joins,
        {{ match_setting('household_pairs_per_pair') }} as household_pairs_per_pair,
        {{ match_setting('household_odds') }} as household_odds,
        {{ match_setting('prior_records') }} as prior_records,
        {{ match_setting('ambiguous_bits') }} as ambiguous_bits,
        {{ match_setting('household_prior_bits') }} as household_prior_bits,
        {{ match_setting('rare_household_bits') }} as rare_household_bits,
        {{ match_setting('name_alone_records') }} as name_alone_records
    from settings
),

levels_spread as (
    select
        {% for comparison in comparisons %}
            {% for level in comparison.levels %}
                max(case
                    when comparison = '{{ comparison.name }}' and level_name = '{{ level.name }}'
                        {% if level.term %}
                            then log2(m_probability)
                        {% else %}
                            then log2(m_probability) - log2(u_probability)
                        {% endif %}
                end) as {{ match_weight_column(comparison, level) }},
                max(case
                    when comparison = '{{ comparison.name }}' and level_name = '{{ level.name }}'
                        then log2(m_probability) - log2(household_probability)
                end) as {{ household_weight_column(comparison, level) }},
            {% endfor %}
        {% endfor %}
        model_version,
        is_fitted,
        pairs_per_record
    from levels
    group by model_version, is_fitted, pairs_per_record
),

counted as (
    select count(*) as records_count
    from records
),

-- The more records there are, the less likely two of them, drawn at random, are one person. The
-- number of partners that a record has stays the same.
sized as (
    select
        levels_spread.model_version,
        counted.records_count,
        least(
            {{ divide(
                '2 * levels_spread.pairs_per_record', 'greatest(counted.records_count - 1, 0)'
            ) }},
            0.5
        ) as prior_probability
    from levels_spread
    cross join counted
),

final as (
    select
        -- keys
        levels_spread.model_version,

        -- measures
        sized.records_count,
        levels_spread.pairs_per_record,
        sized.prior_probability,
        log2(sized.prior_probability) - log2(1 - sized.prior_probability) as prior_weight,
        thresholds.household_pairs_per_pair,
        thresholds.join_probability,
        thresholds.differing_join_probability,
        thresholds.review_probability,
        thresholds.prior_records,
        thresholds.name_alone_records,
        {% for comparison in comparisons %}
            {% for level in comparison.levels %}
                levels_spread.{{ match_weight_column(comparison, level) }},
                levels_spread.{{ household_weight_column(comparison, level) }},
            {% endfor %}
        {% endfor %}
        log2(thresholds.household_odds) as household_threshold,
        thresholds.ambiguous_bits,
        thresholds.household_prior_bits,
        thresholds.rare_household_bits,
        thresholds.number_alone_joins
    from levels_spread
    inner join sized
        on levels_spread.model_version = sized.model_version
    cross join thresholds
)

select * from final
