{% set comparisons = match_comparisons() %}
with

settings as (select * from {{ ref('match_settings') }}),

levels as (select * from {{ ref('match_levels') }}),

fitting_events as (select * from {{ ref('stg_state__match_models') }}),

fitted_levels as (select * from {{ ref('stg_state__match_levels') }}),

last_event as (
    select max(event_id) as event_id
    from fitting_events
),

-- Empty if no model was fitted, or if the last event went back to the shipped one.
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
        levels.level_name,
        levels.model_version as shipped_version,
        levels.m_probability as shipped_m,
        levels.u_probability as shipped_u,
        levels.household_probability,
        fitted_model_levels.model_version as fitted_version,
        fitted_model_levels.pairs_per_record as fitted_pairs,
        fitted_model_levels.m_probability as fitted_m,
        fitted_model_levels.u_probability as fitted_u
    from levels
    left join fitted_model_levels
        on
            levels.comparison = fitted_model_levels.comparison
            and levels.level_name = fitted_model_levels.level_name
),

-- A model that was fitted to other levels than those of today is not used.
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

shipped as (
    select {{ match_setting('pairs_per_record') }} as pairs_per_record
    from settings
),

-- Of the settings only the pairs per record are fitted; the thresholds are the company's choice.
final as (
    select
        -- keys
        case
            when choice.is_fitted then levels_matched.fitted_version
            else levels_matched.shipped_version
        end as model_version,
        levels_matched.comparison,
        levels_matched.level_name,

        -- attributes
        case
            {% for comparison in comparisons %}
                {% for level in comparison.levels %}
                    when
                        levels_matched.comparison = '{{ comparison.name }}'
                        and levels_matched.level_name = '{{ level.name }}'
                        then {{ level.number }}
                {% endfor %}
            {% endfor %}
        end as level,

        -- measures
        case
            when choice.is_fitted then levels_matched.fitted_m
            else levels_matched.shipped_m
        end as m_probability,
        case
            when choice.is_fitted then levels_matched.fitted_u
            else levels_matched.shipped_u
        end as u_probability,
        levels_matched.household_probability,
        case
            when choice.is_fitted then choice.fitted_pairs
            else shipped.pairs_per_record
        end as pairs_per_record,

        -- flags
        choice.is_fitted,
        case
            {% for comparison in comparisons %}
                {% for level in comparison.levels %}
                    {% if level.term %}
                        when
                            levels_matched.comparison = '{{ comparison.name }}'
                            and levels_matched.level_name = '{{ level.name }}'
                            then true
                    {% endif %}
                {% endfor %}
            {% endfor %}
            else false
        end as is_term_adjusted
    from levels_matched
    cross join choice
    cross join shipped
)

select * from final
