/*
title: Klaviyo
exports:
  profiles:
    title: Klaviyo's profiles export
    source: help.klaviyo.com, "How to export all people in your account"
    keys: [Klaviyo ID]
    needed: [Email, Email Marketing Consent]
    moments: [Profile Created On, Date Added]
    columns: [First Name, Last Name, Phone Number, SMS Marketing Consent, Address, City, State / Region, Country, Zip Code,
      Organization]
    unused: [Address 2, Title, Latitude, Longitude, Source, Last Active, First Active, Last Open, Last Click, Locale,
      Initial Source, Last Source, "Predicted *", Total Customer Lifetime Value, Historic Number Of Orders]
  campaigns:
    title: Klaviyo's campaigns export
    source: help.klaviyo.com, "How to export campaign data"
    keys: [Campaign ID]
    needed: [Campaign Name, Send Time]
    moments: [Send Time]
    columns: [List | Lists, Campaign Channel]
    unused: [Subject, Send Weekday, Total Recipients, Unique Placed Order, Placed Order Rate, Revenue, Unique Opens,
      Open Rate, Total Opens, Unique Clicks, Click Rate, Total Clicks, Unsubscribes, Spam Complaints,
      Spam Complaints Rate, Successful Deliveries, Bounces, Bounce Rate, "Winning Variant?", Tags]
  events:
    title: Klaviyo's events
    source: developers.klaviyo.com, "Events API", each event as a row
    keys: [Event ID | event_id | uuid, Metric | metric | metric_name]
    needed: [Datetime | datetime, Profile ID | profile_id | person_id]
    moments: [Datetime]
    columns: [Email | email | profile_email, Campaign ID | campaign_id | $message, Campaign Name | campaign_name]
    unused: [timestamp, event_properties, $flow, Subject, URL]
*/

create schema crm;

insert into left_out
select _from, 'the profile is in a later row, too'
from exported.profiles
qualify row_number() over (partition by "Klaviyo ID" order by _number desc) > 1;

create table crm.contacts as
select
    "Klaviyo ID" as contact_id,
    "First Name" as first_name,
    "Last Name" as last_name,
    "Email" as email,
    "Phone Number" as phone,
    "Country" as country,
    "State / Region" as region,
    "City" as city,
    "Address" as address,
    "Zip Code" as postcode,
    "Organization" as organisation,
    "Email Marketing Consent" as has_email_consent,
    "SMS Marketing Consent" as has_sms_consent,
    coalesce("Profile Created On", "Date Added") as created_at,
    _from
from exported.profiles
where _from not in (select _from from left_out)
order by _number;

insert into left_out
select _from, 'the campaign is in a later row, too'
from exported.campaigns
qualify row_number() over (partition by "Campaign ID" order by _number desc) > 1;

insert into left_out
select _from, 'the event is in a later row, too'
from exported.events
qualify row_number() over (partition by "Event ID" order by _number desc) > 1;

create temporary table events as
select
    *,
    case lower("Metric")
        when 'received email' then 'delivered'
        when 'received sms' then 'delivered'
        when 'sent sms' then 'sent'
        when 'opened email' then 'opened'
        when 'clicked email' then 'clicked'
        when 'clicked sms' then 'clicked'
        when 'bounced email' then 'bounced'
        when 'dropped email' then 'bounced'
        when 'failed to deliver sms' then 'bounced'
        when 'unsubscribed' then 'unsubscribed'
        when 'unsubscribed from email marketing' then 'unsubscribed'
        when 'unsubscribed from sms marketing' then 'unsubscribed'
    end as kind
from exported.events
where _from not in (select _from from left_out);

insert into left_out
select _from, 'an event that is no message: ' || "Metric"
from events
where kind is null;

insert into left_out
select _from, 'a message of no campaign: ' || "Metric"
from events
where kind is not null and "Campaign ID" is null;

insert into left_out
select _from, 'an event of nobody'
from events
where kind is not null and "Campaign ID" is not null and "Profile ID" is null;

insert into used
select _from from events where _from not in (select _from from left_out);

create temporary table people as
select
    "Campaign ID" as campaign_id,
    "Profile ID" as profile_id,
    max("Campaign Name") as campaign_name,
    max("Email") as email,
    min("Datetime") as first_seen_at,
    min("Datetime") filter (kind in ('sent', 'delivered')) as sent_at,
    min("Datetime") filter (kind = 'delivered') as delivered_at,
    min("Datetime") filter (kind = 'opened') as opened_at,
    min("Datetime") filter (kind = 'clicked') as clicked_at,
    min("Datetime") filter (kind = 'bounced') as bounced_at,
    min("Datetime") filter (kind = 'unsubscribed') as unsubscribed_at
from events
where _from in (select _from from used)
group by all;

insert into crm.contacts by name
select profile_id as contact_id, max(email) as email
from people
where profile_id not in (select contact_id from crm.contacts)
group by profile_id
order by profile_id;

create table crm.campaigns as
select
    "Campaign ID" as campaign_id,
    "Campaign Name" as campaign_name,
    coalesce("Campaign Channel", 'email') as channel,
    "List" as audience,
    substr("Send Time", 1, 10) as start_date,
    _from
from exported.campaigns
where _from not in (select _from from left_out)
order by _number;

insert into crm.campaigns by name
select
    campaign_id,
    max(campaign_name) as campaign_name,
    'email' as channel,
    substr(min(first_seen_at), 1, 10) as start_date
from people
where campaign_id not in (select campaign_id from crm.campaigns)
group by campaign_id
order by campaign_id;

-- An event has the day of the delivery, which stands for that of the sending and of the choice.
create table crm.campaign_contacts as
select
    campaign_id || '/' || profile_id as campaign_contact_id,
    campaign_id,
    'crm' as system,
    written_out(profile_id) as native_id,
    coalesce(sent_at, first_seen_at) as assigned_at,
    sent_at,
    delivered_at,
    bounced_at,
    opened_at,
    clicked_at,
    unsubscribed_at
from people
order by campaign_id, profile_id;

insert into remarks
select
    'people of a campaign without an event of sending, whose first event stands for it: '
    || count(*)
from people
where sent_at is null
having count(*) > 0;
