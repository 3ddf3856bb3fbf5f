{% set systems = staged_models('customers') %}
with

{% for system, model in systems.items() %}
    {{ system }}_customers as (select * from {{ ref(model) }}),

{% endfor %}
records as (
    {% for system in systems %}
        select
            '{{ system }}' as system,
            native_customer_id,
            inviter_native_customer_id,
            native_organisation_id,
            loyalty_number,
            platform_id,
            full_name,
            first_name,
            last_name,
            name_suffix,
            folded_full_name,
            folded_first_name,
            folded_last_name,
            masked_name,
            aliases,
            email,
            phone,
            masked_phone,
            birth_date,
            birth_place,
            gender,
            country_code,
            region,
            city,
            address,
            postcode,
            occupation,
            education,
            income_band,
            marital_status,
            children_count,
            household_size,
            home,
            registration_source,
            organisation,
            has_email_consent,
            has_sms_consent,
            is_erased,
            registered_at,
            updated_at,
            first_load_date
        from {{ system }}_customers
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

final as (
    select
        -- keys
        {{ hash_key("system || ':' || native_customer_id") }} as record_key,
        {{ hash_key("system || ':' || inviter_native_customer_id") }} as inviter_record_key,
        system || ':' || native_organisation_id as organisation_id,
        system,
        native_customer_id,

        -- attributes
        loyalty_number,
        platform_id,
        full_name,
        first_name,
        last_name,
        name_suffix,
        folded_full_name,
        -- a form of address is no first name, and nor is what a program writes where there is none
        case
            when
                folded_first_name not in (
                    'customer', 'client', 'guest', 'user', 'member', 'unknown', 'anonymous', 'test',
                    'kunde', 'kundin', 'gast', 'unbekannt', 'cliente', 'invitado', 'desconocido',
                    'convidado', 'ospite', 'invite', 'inconnu', 'klant', '顾客', '客户', '用户', '会员',
                    '先生', '女士', '小姐', '太太', '夫人', '老师', '师傅', 'mr', 'mrs', 'ms', 'miss',
                    'mister', 'dr', 'herr', 'frau', 'monsieur', 'madame', 'mme', 'mlle'
                )
                then folded_first_name
        end as folded_first_name,
        folded_last_name,
        masked_name,
        aliases,
        email,
        phone,
        masked_phone,
        birth_date,
        birth_place,
        gender,
        country_code,
        region,
        city,
        address,
        postcode,
        occupation,
        education,
        income_band,
        marital_status,
        home,
        registration_source,
        organisation,

        -- measures
        children_count,
        household_size,

        -- flags
        has_email_consent,
        has_sms_consent,
        is_erased,

        -- dates and timestamps
        registered_at,
        updated_at,
        first_load_date
    from records
)

select * from final
