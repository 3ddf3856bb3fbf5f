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
        model.join_probability,
        model.review_probability,
        model.number_alone_joins,
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
            end as {{ comparison.name }}_weight,
        {% endfor %}
        model.prior_weight
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
        number_alone_joins,
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
        number_alone_joins,
        match_weight,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        {{ divide('1', '1 + power(cast(2 as double), least(greatest(-match_weight, -300), 300))') }}
            as match_probability,
        coalesce(first_name_level = 0 or han_name_level = 0 or han_family_name_level = 0, false)
            as has_other_name,
        -- brothers are not a year apart, and not of one first name
        coalesce(
            birth_date_level = 0
            or (birth_date_level = 1 and coalesce(first_name_level, han_name_level, 0) < 2),
            false
        ) as has_other_birth_date,
        coalesce(phone_level >= 1 or masked_phone_level = 1, false) as shares_phone,
        least(
            email_weight, gender_weight, other_number_weight, street_weight, postcode_weight, city_weight
        ) < 0 as has_contradiction,
        -- what members of a household do not share
        greatest(email_weight, 0) + greatest(other_number_weight, 0) as contact_weight,
        -- sisters may share an initial or a character
        case
            when first_name_level in (1, 2) or han_name_level = 1 then 0
            else first_name_weight + han_name_weight
        end
        + birth_date_weight + least(gender_weight, 0)
        + greatest(email_weight, 0) + greatest(other_number_weight, 0) as personal_weight
    from summed
),

likely as (
    select
        record_key,
        other_record_key,
        rule,
        model_version,
        join_probability,
        number_alone_joins,
        match_weight,
        match_probability,
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        has_other_name,
        has_other_birth_date,
        shares_phone,
        has_contradiction,
        contact_weight,
        personal_weight
    from probable
    where match_probability >= review_probability
),

-- A number alone says who somebody is where all that it leads to is one person.
ends as (
    select
        record_key,
        other_record_key,
        personal_weight <= 0 and shares_phone as rests_on_number
    from likely
    where
        match_probability >= join_probability
        and not has_other_name
        and not has_other_birth_date

    union all

    select
        other_record_key as record_key,
        record_key as other_record_key,
        personal_weight <= 0 and shares_phone as rests_on_number
    from likely
    where
        match_probability >= join_probability
        and not has_other_name
        and not has_other_birth_date
),

opposed as (
    select
        record_key,
        other_record_key
    from probable
    where has_other_name or has_other_birth_date
),

torn as (
    select ends.record_key
    from ends
    inner join ends as other_ends
        on
            ends.record_key = other_ends.record_key
            and ends.other_record_key < other_ends.other_record_key
    inner join opposed
        on
            ends.other_record_key = opposed.record_key
            and other_ends.other_record_key = opposed.other_record_key
    where ends.rests_on_number or other_ends.rests_on_number
    group by ends.record_key
),

-- Who shares a number with somebody of another first name, and nothing with them that a household
-- does not share, lives in a household that the data show.
housemates as (
    select
        record_key,
        other_record_key
    from probable
    where
        shares_phone
        and coalesce(first_name_level, han_name_level) = 0
        and birth_date_weight <= 0
        and contact_weight <= 0
),

ambiguous as (
    select record_key
    from torn

    union

    select record_key
    from housemates

    union

    select other_record_key as record_key
    from housemates
),

judged as (
    select
        likely.record_key,
        likely.other_record_key,
        likely.rule,
        likely.model_version,
        likely.match_weight,
        likely.match_probability,
        likely.personal_weight,
        {% for comparison in comparisons %}
            likely.{{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            likely.{{ comparison.name }}_weight,
        {% endfor %}
        case
            when likely.match_probability < likely.join_probability then 'unsure'
            when
                likely.has_other_name
                and (likely.birth_date_weight <= 0 or likely.contact_weight <= 0)
                then 'other_name'
            when likely.has_other_birth_date and likely.contact_weight <= 0
                then 'other_birth_date'
            when likely.personal_weight <= 0 and not likely.shares_phone then 'household'
            when
                likely.personal_weight <= 0
                and (ambiguous.record_key is not null or other_ambiguous.record_key is not null)
                then 'several_people'
            when
                likely.personal_weight <= 0
                and (likely.number_alone_joins = 0 or likely.has_contradiction)
                then 'number_alone'
            else 'joins'
        end as verdict
    from likely
    left join ambiguous
        on likely.record_key = ambiguous.record_key
    left join ambiguous as other_ambiguous
        on likely.other_record_key = other_ambiguous.record_key
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
        {% for comparison in comparisons %}
            {{ comparison.name }}_level,
        {% endfor %}
        {% for comparison in comparisons %}
            {{ comparison.name }}_weight,
        {% endfor %}
        match_weight,
        match_probability,
        personal_weight
    from judged
)

select * from final
