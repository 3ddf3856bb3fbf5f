{% set facts = {
    'tickets': ('crm', 'fct_tickets'),
    'interactions': ('crm', 'fct_interactions'),
    'social_profiles': ('crm', 'dim_social_profiles'),
    'reviews': ('shop', 'fct_reviews'),
    'campaign_contacts': ('crm', 'fct_campaign_contacts'),
} %}
with

reconciliation as (select * from {{ ref('reconciliation') }}),

{% for subject, (system, mart) in facts.items() %}
    {{ subject }} as (select * from {{ ref(mart) }}),

{% endfor %}
counts as (
    select
        subject,
        sum(case when bucket = 'accepted' then rows_count else -rows_count end) as difference
    from reconciliation
    where
        system || '.' || subject in (
            {% for subject, (system, mart) in facts.items() %}
                '{{ system }}.{{ subject }}'{% if not loop.last %},{% endif %}
            {% endfor %}
        )
        and (
            (topic = 'rows_of_landing' and bucket = 'accepted')
            or (topic = 'outside_facts' and bucket = 'after_as_of_date')
        )
    group by subject

    {% for subject in facts %}
        union all

        select
            '{{ subject }}' as subject,
            -count(*) as difference
        from {{ subject }}
    {% endfor %}
),

final as (
    select
        subject,
        sum(difference) as difference
    from counts
    group by subject
    having sum(difference) <> 0
)

select * from final
