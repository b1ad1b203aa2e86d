-- Both sides of a day, joined by flow and our number; every pair gets one class.
--
-- How their rows come by a key is put in by plan.rs.
-- A repeated number joins the like repetition of the other side, or stands alone: only then is the
-- first occurrence free to match.
WITH o AS (
    SELECT *, row_number() OVER (PARTITION BY flow, our_no ORDER BY line) AS n
    FROM ours
), keyed AS (
    $KEYED
), t AS (
    SELECT *, row_number() OVER (PARTITION BY flow, key ORDER BY line) AS n
    FROM keyed
)
SELECT
    CASE
        WHEN coalesce(o.n, 1) > 1 OR coalesce(t.n, 1) > 1 THEN 1  -- duplicate
        WHEN o.n IS NULL AND t.status = 0 THEN 2                  -- missing at us
        WHEN t.n IS NULL AND o.status = 0 THEN 3                  -- missing at the channel
        WHEN o.n IS NULL OR t.n IS NULL THEN 7                    -- absent, and rightly so
        WHEN (o.status = 0) <> (t.status = 0) THEN 4              -- status
        WHEN o.status <> 0 THEN 0                                 -- no money on either side
        WHEN o.amount <> t.amount THEN 5                          -- amount
        WHEN o.fee <> t.fee THEN 6                                -- fee
        ELSE 0                                                    -- matched
    END AS class,
    coalesce(o.flow, t.flow) AS flow,
    coalesce(o.our_no, t.key) AS key,
    coalesce(t.n, o.n) AS n,
    o.line AS o_line, o.our_no AS o_our_no, o.channel_no AS o_channel_no,
    o.refund_of AS o_refund_of, o.amount AS o_amount, o.fee AS o_fee, o.status AS o_status,
    o.at AS o_at, o.reference AS o_reference,
    t.line AS t_line, t.our_no AS t_our_no, t.channel_no AS t_channel_no,
    t.refund_of AS t_refund_of, t.amount AS t_amount, t.fee AS t_fee, t.status AS t_status,
    t.at AS t_at, t.reference AS t_reference
FROM o FULL OUTER JOIN t ON o.flow = t.flow AND o.our_no = t.key AND o.n = t.n
