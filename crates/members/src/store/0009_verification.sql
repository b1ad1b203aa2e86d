-- What a check proved beside its channel: whether that is an independent external one, and how sure it makes (1 to 3).
ALTER TABLE member_check ADD COLUMN independent INTEGER NOT NULL DEFAULT 1;
ALTER TABLE member_check ADD COLUMN level INTEGER NOT NULL DEFAULT 2;
-- Cards were checked with all four factors until now.
UPDATE member_check SET level = 3 WHERE channel LIKE 'bank:%';
