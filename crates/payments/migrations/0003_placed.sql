-- What a merchant placed, newest first: the scope of an order is the merchant whose key placed it.
CREATE INDEX payments_orders_placed ON payments_orders (scope, id);
