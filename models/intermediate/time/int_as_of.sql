with

data_days as (select * from {{ ref('int_data_days_counted') }}),

latest as (
    select
        min(date_day) as first_data_date,
        max(date_day) as last_data_date,
        max(case when not is_after_gap then date_day end) as latest_date
    from data_days
),

final as (
    select
        -- attributes
        '{{ setting("timezone") }}' as timezone,
        '{{ setting("currency") }}' as currency,

        -- flags
        {{ 'true' if setting('as_of') else 'false' }} as is_given,

        -- dates and timestamps
        {% if setting('as_of') %}
            cast('{{ setting("as_of") }}' as date) as as_of_date,
        {% else %}
            coalesce(latest_date, {{ run_date() }}) as as_of_date,
        {% endif %}
        first_data_date,
        last_data_date
    from latest
)

select * from final
