with

purchases as (select * from {{ ref('int_customer_purchases') }}),

survived as (select * from {{ ref('int_customer_attributes_survived') }}),

record_attributes as (select * from {{ ref('int_record_attributes_unioned') }}),

records as (select * from {{ ref('int_records_clustered') }}),

orders as (select * from {{ ref('int_orders_valued') }}),

visit_days as (select * from {{ ref('int_record_visits_daily') }}),

as_of as (select * from {{ ref('int_as_of') }}),

age_bands as (select * from {{ ref('age_bands') }}),

region_groups as (select * from {{ ref('region_groups') }}),

city_levels as (select * from {{ ref('city_levels') }}),

occupation_groups as (select * from {{ ref('occupation_groups') }}),

income_groups as (select * from {{ ref('income_groups') }}),

behavior_segments as (select * from {{ ref('behavior_segments') }}),

golden as (
    select
        customer_id,
        max(case when attribute = 'address' then record_key end) as address_record_key,
        cast(max(case when attribute = 'birth_date' then attribute_value end) as date)
            as birth_date,
        max(case when attribute = 'gender' then attribute_value end) as gender,
        {{ lower_text("max(case when attribute = 'occupation' then attribute_value end)") }}
            as occupation_word,
        {{ lower_text("max(case when attribute = 'income_band' then attribute_value end)") }}
            as income_word
    from survived
    where attribute in ('address', 'birth_date', 'gender', 'occupation', 'income_band')
    group by customer_id
),

profiles as (
    select
        purchases.customer_id,
        -- full years: the birthday itself counts
        year(purchases.as_of_date) - year(golden.birth_date) - case
            when
                month(purchases.as_of_date) < month(golden.birth_date)
                or (
                    month(purchases.as_of_date) = month(golden.birth_date)
                    and day(purchases.as_of_date) < day(golden.birth_date)
                )
                then 1
            else 0
        end as age_years,
        golden.gender,
        golden.occupation_word,
        golden.income_word,
        record_attributes.country_code,
        record_attributes.region,
        {{ lower_text('record_attributes.region') }} as region_word,
        {{ lower_text('record_attributes.city') }} as city_word
    from purchases
    left join golden
        on purchases.customer_id = golden.customer_id
    left join record_attributes
        on golden.address_record_key = record_attributes.record_key
),

-- A region has one name, however it is written: the spelling of most customers.
region_spellings as (
    select
        country_code,
        region_word,
        region,
        row_number() over (
            partition by country_code, region_word
            order by count(*) desc nulls last, region asc nulls last
        ) as spelling_rank
    from profiles
    where region is not null
    group by country_code, region_word, region
),

countries_ranked as (
    select
        country_code,
        row_number() over (order by count(*) desc nulls last, country_code asc nulls last)
            as country_rank
    from profiles
    where country_code is not null
    group by country_code
),

occupation_words as (
    select distinct occupation_word
    from profiles
    where occupation_word is not null
),

-- A word that matches several patterns belongs to the first group.
occupations_ranked as (
    select
        occupation_words.occupation_word,
        occupation_groups.occupation_group,
        row_number() over (
            partition by occupation_words.occupation_word
            order by
                occupation_groups.priority asc nulls last,
                occupation_groups.occupation_pattern asc nulls last
        ) as group_rank
    from occupation_words
    inner join occupation_groups
        on occupation_words.occupation_word like occupation_groups.occupation_pattern
),

recent_orders as (
    select
        records.customer_id,
        count(*) as paid_orders_365d_count
    from orders
    cross join as_of
    inner join records
        on orders.record_key = records.record_key
    where
        orders.is_paid
        and {{ in_window('orders.ordered_date', 'as_of.as_of_date', '365d') }}
    group by records.customer_id
),

recent_visits as (
    select
        records.customer_id,
        count(distinct visit_days.activity_date) as visit_days_30d_count
    from visit_days
    cross join as_of
    inner join records
        on visit_days.record_key = records.record_key
    where {{ in_window('visit_days.activity_date', 'as_of.as_of_date', '30d') }}
    group by records.customer_id
),

behaviors_ranked as (
    select
        purchases.customer_id,
        behavior_segments.behavior_segment,
        row_number() over (
            partition by purchases.customer_id
            order by behavior_segments.priority asc nulls last
        ) as segment_rank
    from purchases
    left join recent_orders
        on purchases.customer_id = recent_orders.customer_id
    left join recent_visits
        on purchases.customer_id = recent_visits.customer_id
    inner join behavior_segments
        on
            coalesce(recent_orders.paid_orders_365d_count, 0)
            >= coalesce(behavior_segments.minimum_paid_orders_365d, 0)
            and coalesce(recent_visits.visit_days_30d_count, 0)
            >= coalesce(behavior_segments.minimum_visit_days_30d, 0)
),

-- The seeds hold each age and each word once: no row is multiplied.
grouped as (
    select
        profiles.customer_id,
        coalesce(profiles.gender, 'unknown') as gender,
        coalesce(age_bands.age_band, 'unknown') as age_band,
        case
            when coalesce(profiles.country_code, profiles.region_word) is null then 'unknown'
            -- At home regions have their own names; elsewhere the group of the country says more.
            when home_countries.country_code is not null
                then
                    coalesce(
                        regions.region_group,
                        region_spellings.region,
                        countries.region_group,
                        profiles.country_code
                    )
            else
                coalesce(
                    regions.region_group,
                    countries.region_group,
                    region_spellings.region,
                    profiles.country_code
                )
        end as geographic_segment,
        case
            when profiles.city_word is null then 'unknown'
            else coalesce(city_levels.city_level, 'other')
        end as city_level,
        case
            when profiles.occupation_word is null then 'unknown'
            else coalesce(occupations_ranked.occupation_group, 'other')
        end as occupation_group,
        case
            when profiles.income_word is null then 'unknown'
            else coalesce(income_groups.income_group, 'other')
        end as income_group,
        behaviors_ranked.behavior_segment
    from profiles
    left join age_bands
        on
            profiles.age_years >= age_bands.from_age
            and profiles.age_years < coalesce(age_bands.to_age, 999)
    left join region_groups as regions
        on
            profiles.country_code = regions.country_code
            and profiles.region_word = regions.region_word
    left join region_groups as countries
        on
            profiles.country_code = countries.country_code
            and countries.region_word is null
    left join region_spellings
        on
            profiles.region_word = region_spellings.region_word
            and coalesce(profiles.country_code, '') = coalesce(region_spellings.country_code, '')
            and region_spellings.spelling_rank = 1
    left join countries_ranked as home_countries
        on
            profiles.country_code = home_countries.country_code
            and home_countries.country_rank = 1
    left join city_levels
        on
            profiles.country_code = city_levels.country_code
            and profiles.city_word = city_levels.city_word
    left join occupations_ranked
        on
            profiles.occupation_word = occupations_ranked.occupation_word
            and occupations_ranked.group_rank = 1
    left join income_groups
        on profiles.income_word = income_groups.income_word
    left join behaviors_ranked
        on
            profiles.customer_id = behaviors_ranked.customer_id
            and behaviors_ranked.segment_rank = 1
),

final as (
    select
        -- keys
        customer_id,

        -- attributes
        age_band,
        case
            when gender = 'unknown' and age_band = 'unknown' then 'unknown'
            else gender || ', ' || age_band
        end as demographic_segment,
        geographic_segment,
        city_level,
        occupation_group,
        income_group,
        behavior_segment
    from grouped
)

select * from final
