{{ typed_rows('raw_crm', 'contacts') }}
