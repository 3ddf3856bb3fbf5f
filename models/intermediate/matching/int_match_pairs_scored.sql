{% set comparisons = match_comparisons() %}
with

pairs as (select * from {{ ref('int_match_pairs_compared') }}),

model as (select * from {{ ref('int_match_model') }}),

weighed as (
    select
        pairs.record_key,
        pairs.other_record_key,
        pairs.rule,
        model.model_version,
        model.prior_weight,
        model.join_probability,
        model.review_probability,
        {% for comparison in comparisons %}
            pairs.{{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            case pairs.{{ comparison.name }}_level
                {% for level in comparison.levels %}
                    {% set number = comparison.levels | length - loop.index %}
                    {% set weight = 'model.' ~ comparison.name ~ '_' ~ number %}
                    when {{ number }}
                        {% if level.term %}
                            -- the value's own frequency in the place of u
                            then {{ weight }}_m - log2(pairs.{{ level.term }}_share)
                        {% else %}
                            then {{ weight }}
                        {% endif %}
                {% endfor %}
                else 0
            end as {{ comparison.name }}_weight{{ ',' if not loop.last }}
        {% endfor %}
    from pairs
    cross join model
),

summed as (
    select
        record_key,
        other_record_key,
        rule,
        model_version,
        join_probability,
        review_probability,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        prior_weight
        {% for comparison in comparisons %}
            + {{ comparison.name }}_weight
        {% endfor %}
            as match_weight
    from weighed
),

-- Beyond 300 bits a double knows no power of two, and the probability is 0 or 1 long before.
probable as (
    select
        record_key,
        other_record_key,
        rule,
        model_version,
        join_probability,
        review_probability,
        match_weight,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        {{ divide('1', '1 + power(cast(2 as double), least(greatest(-match_weight, -300), 300))') }}
            as match_probability,
        coalesce(first_name_level = 0 or han_name_level = 0, false) as has_other_name,
        coalesce(birth_date_level <= 1, false) as has_other_birth_date,
        coalesce(phone_level = 2 or masked_phone_level = 1 or street_level = 5, false)
            as shares_household,
        -- what members of a household do not share
        greatest(email_weight, 0) + greatest(other_number_weight, 0) as contact_weight,
        first_name_weight + han_name_weight + birth_date_weight + gender_weight
        + greatest(email_weight, 0) + greatest(other_number_weight, 0) as personal_weight
    from summed
),

-- A number or an address that two people have says nothing of which of them a third record is.
contested as (
    select record_key
    from probable
    where shares_household and (has_other_name or has_other_birth_date)

    union

    select other_record_key as record_key
    from probable
    where shares_household and (has_other_name or has_other_birth_date)
),

judged as (
    select
        probable.*,
        case
            when probable.match_probability < probable.join_probability then 'unsure'
            when
                probable.has_other_name
                and (probable.birth_date_weight <= 0 or probable.contact_weight <= 0)
                then 'other_name'
            when probable.has_other_birth_date and probable.contact_weight <= 0
                then 'other_birth_date'
            when
                probable.personal_weight <= 0
                and (contested.record_key is not null or others_contested.record_key is not null)
                then 'several_people'
            else 'joins'
        end as verdict
    from probable
    left join contested
        on probable.record_key = contested.record_key
    left join contested as others_contested
        on probable.other_record_key = others_contested.record_key
    where probable.match_probability >= probable.review_probability
),

final as (
    select
        -- keys
        record_key,
        other_record_key,

        -- attributes
        rule,
        model_version,
        verdict,

        -- measures
        match_weight,
        match_probability,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight{{ ',' if not loop.last }}
        {% endfor %}
    from judged
)

select * from final
