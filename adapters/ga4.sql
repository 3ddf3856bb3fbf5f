/*
title: Google Analytics 4
exports:
  events:
    title: GA4's BigQuery export of events
    source: support.google.com/analytics, "[GA4] BigQuery Export schema"
    keys: [event_timestamp, event_name, user_pseudo_id]
    needed: [event_date]
    moments: [event_timestamp, user_first_touch_timestamp]
    columns: [event_params, user_id, user_first_touch_timestamp, device, app_info, items, collected_traffic_source,
      event_bundle_sequence_id, batch_page_id, batch_ordering_id, batch_event_index,
      page_location | event_params.page_location, page_path, search_term | event_params.search_term,
      medium | event_params.medium, source | event_params.source,
      collected_traffic_source.manual_medium | collected_traffic_source_manual_medium,
      collected_traffic_source.manual_source | collected_traffic_source_manual_source,
      collected_traffic_source.manual_campaign_id | collected_traffic_source_manual_campaign_id,
      item_id | items.item_id, device.mobile_brand_name | device_mobile_brand_name,
      device.mobile_model_name | device_mobile_model_name, device.operating_system | device_operating_system,
      app_info.version | app_info_version]
    unused: [event_previous_timestamp, event_value_in_usd, event_server_timestamp_offset, privacy_info, user_properties,
      user_ltv, geo, traffic_source, stream_id, platform, event_dimensions, ecommerce, is_active_user,
      session_traffic_source_last_click, publisher, ga_session_id, ga_session_number, page_title, page_referrer,
      "event_params.*", "user_properties.*", "privacy_info.*", "user_ltv.*", "device.*", "geo.*", "app_info.*",
      "traffic_source.*", "collected_traffic_source.*", "session_traffic_source_last_click.*", "ecommerce.*", "items.*",
      "device_*", "geo_*", "traffic_source_*", "ecommerce_*"]
*/

create schema app;

-- A list in JSON, in CSV files sometimes within an object with its name; nothing where it is none.
create macro listed(text, name) as
    case
        when not json_valid(text) then null
        when json_type(text) = 'ARRAY' then text
        when json_type(text, '$.' || name) = 'ARRAY' then json_extract(text, '$.' || name)
    end;

-- An event has no number of its own. All that tells it from others makes one.
create temporary table rows_read as
select
    *,
    md5(concat_ws(
        '|', "user_pseudo_id", "event_timestamp", "event_name", "event_bundle_sequence_id",
        "batch_page_id", "batch_ordering_id", "batch_event_index", "event_params", "items",
        "page_location", "item_id"
    )) as event_id,
    case "event_name"
        when 'page_view' then 'page_view'
        when 'screen_view' then 'page_view'
        when 'view_item' then 'product_view'
        when 'search' then 'search'
        when 'view_search_results' then 'search'
        when 'add_to_wishlist' then 'favourite'
        when 'add_to_cart' then 'cart_add'
        when 'remove_from_cart' then 'cart_remove'
        when 'login' then 'login'
        when 'click' then 'click'
        when 'select_item' then 'click'
        when 'select_content' then 'click'
        when 'select_promotion' then 'click'
    end as event_type,
    listed("event_params", 'event_params') as params_json,
    listed("items", 'items') as items_json,
    if(json_valid("device"), "device", null) as device_json,
    if(json_valid("app_info"), "app_info", null) as app_json,
    if(json_valid("collected_traffic_source"), "collected_traffic_source", null) as traffic_json
from exported.events;

insert into left_out
select _from, 'the same event is in a later row, too'
from rows_read
qualify row_number() over (partition by event_id order by _number desc) > 1;

insert into left_out
select _from, 'an event of no kind of the contract: ' || "event_name"
from rows_read
where event_type is null and _from not in (select _from from left_out);

create temporary table events as
select * from rows_read where _from not in (select _from from left_out);

-- The parameters are [{key, value: {string_value, int_value, …}}].
create temporary table params as
select
    _from,
    json_extract_string(param, '$.key') as key,
    coalesce(
        json_extract_string(param, '$.value.string_value'),
        json_extract_string(param, '$.value.int_value'),
        json_extract_string(param, '$.value.double_value'),
        json_extract_string(param, '$.value.float_value')
    ) as value
from (
    select
        _from,
        unnest(cast(params_json as json [])) as param
    from events
    where params_json is not null
);

create temporary table told as
select
    _from,
    max(value) filter (key = 'page_location') as page_location,
    max(value) filter (key = 'page_path') as page_path,
    max(value) filter (key = 'firebase_screen') as screen,
    max(value) filter (key = 'search_term') as search_term,
    max(value) filter (key = 'medium') as medium,
    max(value) filter (key = 'source') as source,
    max(value) filter (key = 'campaign_id') as campaign_id
from params
group by all;

create temporary table described as
select
    events.*,
    -- Behind the question mark stand search words, mail addresses and numbers of persons.
    regexp_replace(
        coalesce(events."page_path", told.page_path, events."page_location", told.page_location,
            told.screen),
        '[?#].*$', ''
    ) as page,
    coalesce(events."search_term", told.search_term) as search_text,
    coalesce(
        events."medium", told.medium, events."collected_traffic_source.manual_medium",
        json_extract_string(traffic_json, '$.manual_medium')
    ) as visit_medium,
    coalesce(
        events."source", told.source, events."collected_traffic_source.manual_source",
        json_extract_string(traffic_json, '$.manual_source')
    ) as visit_source,
    coalesce(
        events."collected_traffic_source.manual_campaign_id",
        json_extract_string(traffic_json, '$.manual_campaign_id'), told.campaign_id
    ) as campaign_id,
    coalesce(
        events."device.mobile_brand_name", json_extract_string(device_json, '$.mobile_brand_name')
    ) as brand,
    coalesce(
        events."device.mobile_model_name", json_extract_string(device_json, '$.mobile_model_name')
    ) as device_model,
    coalesce(
        events."device.operating_system", json_extract_string(device_json, '$.operating_system')
    ) as operating_system,
    coalesce(events."app_info.version", json_extract_string(app_json, '$.version'))
        as app_version
from events
left join told on events._from = told._from;

-- An event with several items is one for each of them.
create temporary table item_rows as
select
    _from,
    unnest(cast(items_json as json [])) as item,
    generate_subscripts(cast(items_json as json []), 1) as place
from events
where
    items_json is not null
    and event_type in ('product_view', 'favourite', 'cart_add', 'cart_remove');

create table app.events as
select
    described.event_id || if(coalesce(place, 1) > 1, '/' || place, '') as event_id,
    "user_pseudo_id" as device_id,
    "user_id" as customer_id,
    event_type,
    "event_timestamp" as occurred_at,
    page,
    coalesce(json_extract_string(item, '$.item_id'), "item_id") as product_id,
    search_text,
    case
        when visit_medium in ('(none)', '(not set)') or visit_medium is null
            then if(visit_source = '(direct)', 'direct', null)
        else visit_medium
    end as referrer,
    campaign_id,
    described._from
from described
left join item_rows on described._from = item_rows._from
order by _number, place;

create table app.devices as
select
    "user_pseudo_id" as device_id,
    max_by(device_model, _number) as device_model,
    max_by(brand, _number) as brand,
    max_by(operating_system, _number) as operating_system,
    max_by(app_version, _number) as app_version,
    min("user_first_touch_timestamp") as first_seen_at
from described
group by all
order by min(_number);
