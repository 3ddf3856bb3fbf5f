{{ typed_rows('raw_crm', 'campaign_contacts') }}
