-- Which three tags set each audience apart from all customers most surely?
with

ranked as (
    select
        audience,
        name_en,
        tagged_members_count,
        share_pct,
        everybody_share_pct,
        index_against_all,
        row_number() over (
            partition by audience
            order by lower_share_pct - everybody_share_pct desc nulls last, tag_code asc nulls last
        ) as tag_rank
    from marts.rpt_audience_profiles
    where
        is_surely_different
        and lower_share_pct > everybody_share_pct
)

select
    audience,
    name_en as tag,
    round(share_pct, 1) as share_pct,
    round(everybody_share_pct, 1) as everybody_share_pct,
    round(index_against_all) as index_against_all
from ranked
where tag_rank <= 3
order by audience, tag_rank
