{% macro attribution_channels() -%}
    {#- The channels that a touch can come by: those of the seeds referrer_words and campaign_channel_words. -#}
    {{ return([
        'search', 'social', 'mail', 'message', 'direct', 'ad', 'referral', 'store', 'other', 'app', 'phone', 'letter'
    ]) }}
{%- endmacro %}
