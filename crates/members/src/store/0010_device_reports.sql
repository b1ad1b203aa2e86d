-- When the app last reported of a key's device; what it reported stands in integrity.
ALTER TABLE member_device_key ADD COLUMN reported_at BIGINT;
