{% set z = var('trait_bound_z') %}
{% set tags = registered_tags() %}
with

members as (select * from {{ ref('audience_members') }}),

flags as (select * from {{ ref('customer_tag_flags') }}),

registry as (select * from {{ ref('tag_registry') }}),

joined as (
    select
        flags.*,
        members.audience
    from flags
    inner join members
        on flags.customer_id = members.customer_id
),

-- One row per audience, and one of everybody, with a column per tag.
counts as (
    select
        audience,
        {% for tag in tags %}
            count(*) filter (where {{ tag['tag_code'] | lower }}) as {{ tag['tag_code'] | lower }},
        {% endfor %}
        count(*) as customers_count
    from joined
    group by audience

    union all

    select
        cast(null as string) as audience,
        {% for tag in tags %}
            count(*) filter (where {{ tag['tag_code'] | lower }}) as {{ tag['tag_code'] | lower }},
        {% endfor %}
        count(*) as customers_count
    from flags
),

tag_counts as (
    select
        counts.audience,
        registry.tag_code,
        registry.name_en,
        counts.customers_count as members_count,
        case registry.tag_code
            {% for tag in tags %}
                when '{{ tag["tag_code"] }}' then counts.{{ tag['tag_code'] | lower }}
            {% endfor %}
            {% if not tags %}
                when '' then 0
            {% endif %}
        end as tagged_members_count
    from counts
    cross join registry
),

everybody as (
    select
        tag_code,
        {{ divide('tagged_members_count', 'members_count') }} as everybody_share
    from tag_counts
    where audience is null
),

compared as (
    select
        tag_counts.audience,
        tag_counts.tag_code,
        tag_counts.name_en,
        tag_counts.members_count,
        tag_counts.tagged_members_count,
        everybody.everybody_share,
        {{ divide('tag_counts.tagged_members_count', 'tag_counts.members_count') }} as share,
        {{ wilson_bound(
            'tag_counts.tagged_members_count', 'tag_counts.members_count', 'lower', z
        ) }} as lower_share,
        {{ wilson_bound(
            'tag_counts.tagged_members_count', 'tag_counts.members_count', 'upper', z
        ) }} as upper_share
    from tag_counts
    inner join everybody
        on tag_counts.tag_code = everybody.tag_code
    where
        tag_counts.audience is not null
        and everybody.everybody_share > 0
        and tag_counts.tagged_members_count is not null
),

-- A tag that hardly anybody of the audience has, or would have by chance, says nothing.
final as (
    select
        -- keys
        audience,
        tag_code,

        -- attributes
        name_en,

        -- measures
        members_count,
        tagged_members_count,
        100 * share as share_pct,
        100 * lower_share as lower_share_pct,
        100 * upper_share as upper_share_pct,
        100 * everybody_share as everybody_share_pct,
        {{ divide('100 * share', 'everybody_share') }} as index_against_all,

        -- flags
        (lower_share > everybody_share or upper_share < everybody_share)
        and greatest(tagged_members_count, everybody_share * members_count)
        >= {{ var('trait_minimum_customers') }} as is_surely_different
    from compared
)

select * from final
