{% set schemes = var('profiled_segments') %}
{% set z = var('trait_bound_z') %}
{% set tags = registered_tags() %}
with

portraits as (select * from {{ ref('customer_portrait') }}),

flags as (select * from {{ ref('customer_tag_flags') }}),

registry as (select * from {{ ref('tag_registry') }}),

joined as (
    select
        flags.*,
        {% for scheme in schemes %}
            portraits.{{ scheme }} as scheme_{{ scheme }}{% if not loop.last %},{% endif %}
        {% endfor %}
    from flags
    inner join portraits
        on flags.customer_id = portraits.customer_id
),

-- One row per segment, and one of everybody, with a column per tag.
counts as (
    {% for scheme in schemes + ['everybody'] %}
        select
            '{{ scheme }}' as scheme,
            {% if scheme == 'everybody' %}'everybody'{% else %}scheme_{{ scheme }}{% endif %}
                as segment,
            {% for tag in tags %}
                count(nullif({{ tag["tag_code"] | lower }}, false)) as {{ tag["tag_code"] | lower }},
            {% endfor %}
            count(*) as customers_count
        from joined
        {% if scheme != 'everybody' %}
            where scheme_{{ scheme }} is not null
            group by scheme_{{ scheme }}
        {% endif %}
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

tag_counts as (
    select
        counts.scheme,
        counts.segment,
        registry.tag_code,
        counts.customers_count as segment_customers_count,
        case registry.tag_code
            {% for tag in tags %}
                when '{{ tag["tag_code"] }}' then counts.{{ tag['tag_code'] | lower }}
            {% endfor %}
            {% if not tags %}
                when '' then 0
            {% endif %}
        end as customers_count
    from counts
    cross join registry
),

everybody as (
    select
        tag_code,
        {{ divide('customers_count', 'segment_customers_count') }} as everybody_share
    from tag_counts
    where scheme = 'everybody'
),

-- The tags of a scheme's own segments would only repeat the scheme.
compared as (
    select
        tag_counts.scheme,
        tag_counts.segment,
        tag_counts.tag_code,
        registry.name_en,
        tag_counts.segment_customers_count,
        tag_counts.customers_count,
        everybody.everybody_share,
        {{ divide('tag_counts.customers_count', 'tag_counts.segment_customers_count') }} as share,
        {{ wilson_bound(
            'tag_counts.customers_count', 'tag_counts.segment_customers_count', 'lower', z
        ) }} as lower_share,
        {{ wilson_bound(
            'tag_counts.customers_count', 'tag_counts.segment_customers_count', 'upper', z
        ) }} as upper_share
    from tag_counts
    inner join everybody
        on tag_counts.tag_code = everybody.tag_code
    inner join registry
        on tag_counts.tag_code = registry.tag_code
    where
        tag_counts.scheme <> 'everybody'
        and tag_counts.scheme <> coalesce(registry.value_column, '')
        and everybody.everybody_share > 0
        and tag_counts.customers_count is not null
),

-- How far the nearer bound lies from everybody, in standard deviations of one customer. A tag that
-- hardly anybody of the segment has, or would have by chance, says nothing.
measured as (
    select
        *,
        case
            when
                greatest(customers_count, everybody_share * segment_customers_count)
                >= {{ var('trait_minimum_customers') }}
                then {{ divide(
                    'greatest(lower_share - everybody_share, everybody_share - upper_share, 0)',
                    'sqrt(greatest(everybody_share * (1 - everybody_share), 0.000001))', 'decimal(18, 8)'
                ) }}
            else cast(0 as decimal(18, 8))
        end as distance
    from compared
),

ranked as (
    select
        *,
        row_number() over (
            partition by scheme, segment
            order by distance desc nulls last, tag_code asc nulls last
        ) as trait_rank
    from measured
),

final as (
    select
        -- keys
        scheme,
        segment,
        tag_code,

        -- attributes
        case
            when distance > 0 and trait_rank <= 5
                then
                    name_en || ': '
                    || cast(cast(100 * share as decimal(5, 1)) as string) || ' % of them, '
                    || cast(cast(100 * everybody_share as decimal(5, 1)) as string) || ' % of all'
        end as trait,

        -- measures
        cast(case when distance > 0 and trait_rank <= 5 then trait_rank end as bigint)
            as trait_rank,
        segment_customers_count,
        customers_count,
        100 * share as share_pct,
        100 * lower_share as lower_share_pct,
        100 * upper_share as upper_share_pct,
        100 * everybody_share as everybody_share_pct,
        {{ divide('100 * share', 'everybody_share') }} as index_against_all,

        -- flags
        distance > 0 as is_surely_different
    from ranked
)

select * from final
