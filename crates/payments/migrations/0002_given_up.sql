-- Orders that were given up and are looked at again: the channel may have taken the money late.
CREATE INDEX payments_orders_watched ON payments_orders (id)
    WHERE finished_at IS NOT NULL AND next_at IS NOT NULL;
