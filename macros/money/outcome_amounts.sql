{% macro outcome_amounts(relation) %}
{#-
    The select items that say what became of an order's net amount: cancelled, open and realised, in the order's
    currency (docs/money.md). The one place of the rule: int_orders_valued reads it for the as-of date, and
    int_order_states for each day. What was refunded is not cancelled again, nor open.
-#}
{%- set cancelled -%}
    case
        when not {{ relation }}.is_cancelled then 0
        when {{ relation }}.net_amount_local < 0 then {{ relation }}.net_amount_local
        else greatest({{ relation }}.net_amount_local - {{ relation }}.refunded_amount_local, 0)
    end
{%- endset -%}
{%- set open -%}
    case
        when {{ relation }}.is_cancelled or {{ relation }}.is_paid or {{ relation }}.order_type = 'return' then 0
        else
            greatest(
                {{ relation }}.net_amount_local
                + {{ relation }}.applied_return_amount_local
                - {{ relation }}.refunded_amount_local,
                0
            )
    end
{%- endset -%}
cast({{ cancelled }} as decimal(18, 4)) as cancelled_amount_local,
cast({{ open }} as decimal(18, 4)) as open_amount_local,
cast(
    {{ relation }}.net_amount_local
    - {{ cancelled }}
    - {{ relation }}.refunded_amount_local
    - {{ open }}
    + {{ relation }}.applied_return_amount_local as decimal(18, 4)
) as realised_amount_local
{%- endmacro %}
