{% set terms = match_terms() %}
{% set name_terms = ['first_name', 'last_name', 'han_name', 'han_family_name'] %}
with

names as (select * from {{ ref('int_match_names') }}),

levels as (select * from {{ ref('int_match_levels_in_force') }}),

settings as (select * from {{ ref('match_settings') }}),

trust as (
    select {{ match_setting('frequency_records') }} as frequency_records
    from settings
),

-- How rare a value is on average, and how often two records of one person agree, by the model.
usual_shares as (
    select
        case
            {% for comparison in match_comparisons() %}
                {% for level in comparison.levels if level.term %}
                    when comparison = '{{ comparison.name }}' and level_name = '{{ level.name }}'
                        then '{{ level.term }}'
                {% endfor %}
            {% endfor %}
        end as term,
        m_probability,
        u_probability as usual_share
    from levels
    where is_term_adjusted
),

counted as (
    {% for term in terms %}
        select
            '{{ term }}' as term,
            {{ term }} as term_value,
            count(*) as records_count
        from names
        where
            {{ term }} is not null
            {% if term not in name_terms %}
                and alias_number = 0
            {% endif %}
        group by {{ term }}
        {% if not loop.last %}

            union all

        {% endif %}
    {% endfor %}
),

totalled as (
    select
        counted.term,
        counted.term_value,
        counted.records_count,
        usual_shares.m_probability,
        usual_shares.usual_share,
        trust.frequency_records,
        sum(counted.records_count) over (partition by counted.term) as term_records_count
    from counted
    inner join usual_shares
        on counted.term = usual_shares.term
    cross join trust
),

-- How often another record has the value of a record. A short list does not show how rare a value
-- is: what is seen once there is no rarer than usual. What nearly everybody has says nothing, but
-- neither does it speak against one person.
final as (
    select
        -- keys
        term,
        term_value,

        -- measures
        records_count,
        least(
            m_probability,
            greatest(
                {{ divide('records_count - 1', 'greatest(term_records_count - 1, 1)') }},
                {{ divide(
                    'records_count + frequency_records * usual_share', 'term_records_count + frequency_records'
                ) }}
            )
        ) as term_share
    from totalled
)

select * from final
