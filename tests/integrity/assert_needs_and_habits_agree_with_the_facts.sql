with

customers as (select * from {{ ref('dim_customers') }}),

needs as (select * from {{ ref('customer_needs') }}),

habits as (select * from {{ ref('customer_habits') }}),

loyalty as (select * from {{ ref('customer_loyalty') }}),

tickets as (select * from {{ ref('fct_tickets') }}),

interactions as (select * from {{ ref('fct_interactions') }}),

reviews as (select * from {{ ref('fct_reviews') }}),

social_profiles as (select * from {{ ref('dim_social_profiles') }}),

sessions as (select * from {{ ref('fct_sessions') }}),

counted as (
    select
        customer_id,
        'tickets' as subject,
        count(*) as rows_count
    from tickets
    where customer_id is not null
    group by customer_id

    union all

    select
        customer_id,
        'open_tickets' as subject,
        count(*) as rows_count
    from tickets
    where
        customer_id is not null
        and ticket_status = 'open'
    group by customer_id

    union all

    select
        interactions.customer_id,
        'interactions' as subject,
        count(*) as rows_count
    from interactions
    inner join needs
        on interactions.customer_id = needs.customer_id
    where {{ in_window('interactions.started_date', 'needs.as_of_date', '90d') }}
    group by interactions.customer_id

    {% for subject in ['reviews', 'social_profiles', 'sessions'] %}
        union all

        select
            customer_id,
            '{{ subject }}' as subject,
            count(*) as rows_count
        from {{ subject }}
        where customer_id is not null
        group by customer_id
    {% endfor %}
),

facts as (
    select
        customer_id,
        {% for subject in [
            'tickets', 'open_tickets', 'interactions', 'reviews', 'social_profiles', 'sessions'
        ] %}
            sum(case when subject = '{{ subject }}' then rows_count else 0 end)
                as {{ subject }}_count{% if not loop.last %},{% endif %}
        {% endfor %}
    from counted
    group by customer_id
),

final as (
    select
        customers.customer_id,
        needs.tickets_count,
        habits.sessions_count
    from customers
    left join needs
        on customers.customer_id = needs.customer_id
    left join habits
        on customers.customer_id = habits.customer_id
    left join loyalty
        on customers.customer_id = loyalty.customer_id
    left join facts
        on customers.customer_id = facts.customer_id
    where
        needs.customer_id is null
        or habits.customer_id is null
        or needs.tickets_count <> coalesce(facts.tickets_count, 0)
        or needs.open_tickets_count <> coalesce(facts.open_tickets_count, 0)
        or needs.interactions_90d_count <> coalesce(facts.interactions_count, 0)
        or needs.reviews_count <> coalesce(facts.reviews_count, 0)
        or needs.social_profiles_count <> coalesce(facts.social_profiles_count, 0)
        or coalesce(needs.last_nps_score, -1) <> coalesce(loyalty.last_nps_score, -1)
        or habits.sessions_count <> coalesce(facts.sessions_count, 0)
        or habits.system_orders_count <> loyalty.paid_orders_count
)

select * from final
