{% set most_codes = 10 %}
with

orders as (select * from {{ ref('int_orders_seen') }}),

coupons as (select * from {{ ref('int_coupons_unioned') }}),

coupon_codes as (
    select lower(coupon_code) as lower_code
    from coupons
    group by lower(coupon_code)
),

-- Several codes are divided by a semicolon, a comma or a bar, unless a coupon has just that code.
written as (
    select
        orders.order_key,
        orders.ordered_date,
        case
            when coupon_codes.lower_code is not null then orders.coupon_code
            else {{ regex_replace('orders.coupon_code', ' *[;,|] *', ';') }}
        end as codes,
        coupon_codes.lower_code is not null as is_one_code
    from orders
    left join coupon_codes
        on lower(orders.coupon_code) = coupon_codes.lower_code
    where orders.coupon_code is not null
),

numbered as (
    {% for number in range(1, most_codes + 1) %}
        select
            order_key,
            ordered_date,
            {{ number }} as code_number,
            {% if number == 1 %}
                case when is_one_code then codes else split_part(codes, ';', 1) end as coupon_code
            {% else %}
                case when not is_one_code then split_part(codes, ';', {{ number }}) end
                    as coupon_code
            {% endif %}
        from written
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

-- The company's coupons are valid in every channel. Tills and platforms write codes in upper or
-- lower case, so a code may fit several coupons: the one that is valid on the day counts, else the
-- newest.
candidates as (
    select
        numbered.order_key,
        numbered.code_number,
        numbered.coupon_code,
        coupons.coupon_id,
        coupons.coupon_type,
        coupons.valid_from_date,
        case
            when coupons.coupon_id is null then 'unknown'
            when numbered.ordered_date < coupons.valid_from_date then 'outside_validity'
            when numbered.ordered_date > coupons.valid_to_date then 'outside_validity'
            else 'valid'
        end as coupon_status
    from numbered
    left join coupons
        on lower(numbered.coupon_code) = lower(coupons.coupon_code)
    where numbered.coupon_code <> ''
),

-- A code that an order names twice counts once.
ranked as (
    select
        order_key,
        code_number,
        coupon_code,
        coupon_id,
        coupon_type,
        coupon_status,
        row_number() over (
            partition by order_key, lower(coupon_code)
            order by
                case when coupon_status = 'valid' then 0 else 1 end asc nulls last,
                valid_from_date desc nulls last,
                coupon_id asc nulls last,
                code_number asc nulls last
        ) as coupon_rank
    from candidates
),

chosen as (
    select *
    from ranked
    where coupon_rank = 1
),

-- The coupon of an order is the first of its codes that is valid, or else known, or else the first.
final as (
    select
        -- keys
        order_key,
        code_number,
        coupon_id,

        -- attributes
        coupon_code,
        coupon_type,
        coupon_status,

        -- measures
        row_number() over (
            partition by order_key
            order by
                case coupon_status when 'valid' then 0 when 'outside_validity' then 1 else 2 end
                asc nulls last,
                code_number asc nulls last
        ) as code_rank,
        count(*) over (partition by order_key) as codes_count
    from chosen
)

select * from final
