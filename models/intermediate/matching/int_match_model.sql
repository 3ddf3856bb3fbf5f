{% set comparisons = match_comparisons() %}
with

settings as (select * from {{ ref('match_settings') }}),

levels as (select * from {{ ref('match_levels') }}),

fitting_events as (select * from {{ ref('stg_state__match_models') }}),

fitted_levels as (select * from {{ ref('stg_state__match_levels') }}),

records as (select * from {{ ref('int_match_records') }}),

last_event as (
    select max(event_id) as event_id
    from fitting_events
),

-- No row where nothing was fitted, or the shipped model was called back.
fitted_model as (
    select
        fitting_events.model_version,
        fitting_events.pairs_per_record
    from fitting_events
    inner join last_event
        on fitting_events.event_id = last_event.event_id
    where fitting_events.event = 'fitted'
),

fitted_model_levels as (
    select
        fitted_model.model_version,
        fitted_model.pairs_per_record,
        fitted_levels.comparison,
        fitted_levels.level,
        fitted_levels.level_name,
        fitted_levels.m_probability,
        fitted_levels.u_probability
    from fitted_model
    inner join fitted_levels
        on fitted_model.model_version = fitted_levels.model_version
),

fitted_counted as (
    select count(*) as level_count
    from fitted_model_levels
),

levels_matched as (
    select
        levels.comparison,
        levels.level,
        levels.model_version as shipped_version,
        levels.m_probability as shipped_m,
        levels.u_probability as shipped_u,
        fitted_model_levels.model_version as fitted_version,
        fitted_model_levels.pairs_per_record as fitted_pairs,
        fitted_model_levels.m_probability as fitted_m,
        fitted_model_levels.u_probability as fitted_u
    from levels
    left join fitted_model_levels
        on
            levels.comparison = fitted_model_levels.comparison
            and levels.level = fitted_model_levels.level
            and levels.level_name = fitted_model_levels.level_name
),

-- What was fitted before the comparisons got other levels is out of force.
choice as (
    select
        coalesce(
            count(*) = count(levels_matched.fitted_m)
            and count(*) = max(fitted_counted.level_count),
            false
        ) as is_fitted,
        max(levels_matched.fitted_pairs) as fitted_pairs
    from levels_matched
    cross join fitted_counted
),

levels_in_force as (
    select
        levels_matched.comparison,
        levels_matched.level,
        case
            when choice.is_fitted then levels_matched.fitted_version
            else levels_matched.shipped_version
        end as model_version,
        case
            when choice.is_fitted then levels_matched.fitted_m
            else levels_matched.shipped_m
        end as m_probability,
        case
            when choice.is_fitted then levels_matched.fitted_u
            else levels_matched.shipped_u
        end as u_probability
    from levels_matched
    cross join choice
),

settings_shipped as (
    select
        {{ match_setting('pairs_per_record') }} as pairs_per_record,
        {{ match_setting('join_probability') }} as join_probability,
        {{ match_setting('review_probability') }} as review_probability,
        {{ match_setting('number_alone_joins') }} as number_alone_joins
    from settings
),

-- Of the settings only what the records tell is fitted; the thresholds are the company's.
in_force as (
    select
        case
            when choice.is_fitted then choice.fitted_pairs
            else settings_shipped.pairs_per_record
        end as pairs_per_record,
        settings_shipped.join_probability,
        settings_shipped.review_probability,
        settings_shipped.number_alone_joins
    from settings_shipped
    cross join choice
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
    from levels_in_force
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
        in_force.join_probability,
        in_force.review_probability,
        in_force.number_alone_joins,
        counted.record_count,
        least(
            {{ divide(
                '2 * in_force.pairs_per_record', 'greatest(counted.record_count - 1, 0)'
            ) }},
            0.5
        ) as prior_probability
    from in_force
    cross join counted
),

final as (
    select
        -- keys
        levels_spread.model_version,

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
    cross join levels_spread
)

select * from final
