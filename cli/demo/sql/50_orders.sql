-- Quotes of deals that came so far, orders of those won, and two more orders a deal that need no selling.
-- Deliveries: most come on the day promised; from the 60th to the 36th week before today many came late, until something was
-- done about it (`improvement.py`), and in the last eight weeks they get worse again, so that there is something to find.

CREATE TEMP TABLE offer ON COMMIT DROP AS
SELECT n, y.entered_at AS made_at, t.id AS opportunity_id, t.customer_id, t.owner_id, t.amount, t.status AS outcome, t.closed_at,
    pg_temp.key(y.entered_at, 18, n) AS id
FROM stay y JOIN standing t USING (n) WHERE y.position = 3;

INSERT INTO quote (id, created_at, updated_at, version, number, customer_id, opportunity_id, owner_id, status, currency, total, valid_until,
    sent_at, decided_at)
SELECT id, made_at, coalesce(closed_at, made_at), 1, 'DQ-' || lpad(n::text, 7, '0'), customer_id, opportunity_id, owner_id,
    CASE outcome WHEN 'won' THEN 'accepted' WHEN 'lost' THEN 'rejected' ELSE
        CASE WHEN made_at::date + 60 < today THEN 'expired' WHEN made_at + interval '1 day' > at THEN 'draft' ELSE 'sent' END END,
    'USD', amount, greatest(made_at::date + 60, closed_at::date),
    CASE WHEN outcome <> 'open' OR made_at + interval '1 day' <= at THEN least(made_at + interval '1 day', coalesce(closed_at, at)) END,
    CASE WHEN outcome <> 'open' THEN closed_at WHEN made_at::date + 60 < today THEN made_at + interval '61 days' END
FROM offer, span;

INSERT INTO quote_line (id, created_at, updated_at, version, quote_id, position, product_id, quantity, unit_price, discount, amount)
SELECT pg_temp.key(o.made_at, 19, l.n * 4 + l.position), o.made_at, o.made_at, 1, o.id, l.position, l.product_id, l.quantity, l.price,
    l.discount, l.amount
FROM deal_line l JOIN offer o USING (n);

CREATE TEMP TABLE sale ON COMMIT DROP AS
WITH asked_for AS (
    SELECT n, customer_id, id AS opportunity_id, closed_at AS ordered_at FROM standing WHERE status = 'won'
    UNION ALL
    SELECT deals + n, b.id, NULL,
        (first_day + floor(1091 * power(pg_temp.u(n, 100), 0.8))::int)::timestamptz + (8 + 9 * pg_temp.u(n, 101)) * interval '1 hour'
    FROM span CROSS JOIN generate_series(1, 2 * deals) n
        JOIN buyer b ON b.place = floor(power(pg_temp.u(n, 102), 2) * (SELECT count(*) FROM buyer))::bigint
), promised AS (
    SELECT a.*, h.id AS location_id, h.n AS house, ordered_at::date + 9 + pg_temp.below(6, a.n, 103)::int AS promised_on,
        (today - ordered_at::date) / 7 AS age, pg_temp.u(a.n, 104) < 0.02 AS cancelled, pg_temp.u(a.n, 105) < 0.06 AS split
    FROM span, asked_for a JOIN house h ON h.n = pg_temp.below(2, a.n, 106)
), due AS (
    SELECT *, (promised_on + CASE
        WHEN pg_temp.u(n, 107) < (CASE WHEN age BETWEEN 36 AND 60 THEN 0.36 WHEN age < 8 THEN 0.12 + 0.04 * (8 - age) ELSE 0.08 END)
        THEN 1 + pg_temp.below(8, n, 108)::int ELSE -pg_temp.below(4, n, 108)::int END)::timestamptz
        + (9 + 8 * pg_temp.u(n, 109)) * interval '1 hour' AS arrives_at
    FROM promised
)
SELECT n, pg_temp.key(ordered_at, 20, n) AS id, customer_id, opportunity_id, location_id, house, ordered_at, promised_on, cancelled,
    split, arrives_at, arrives_at - pg_temp.days(2 + 2 * pg_temp.u(n, 110)) AS leaves_at, age
FROM due;

CREATE TEMP TABLE sale_line ON COMMIT DROP AS
SELECT s.n, l.position, l.product_id, l.good, l.quantity, l.amount, round((l.price * l.share)::numeric, 2) AS unit_cost
FROM sale s JOIN deal_line l USING (n) WHERE s.opportunity_id IS NOT NULL
UNION ALL
SELECT s.n, k, g.id, g.n, quantity, round(quantity * g.price, 2), round((g.price * g.share)::numeric, 2)
FROM sale s, generate_series(1, 2) k, LATERAL (SELECT (1 + floor(12 * power(pg_temp.u(s.n * 4 + k, 111), 2)))::numeric AS quantity) drawn,
    good g
WHERE s.opportunity_id IS NULL AND k <= 1 + pg_temp.below(2, s.n, 112)
    AND g.n = 1 + (floor(power(pg_temp.u(s.n, 113), 1.6) * (SELECT count(*) FROM good))::bigint + (k - 1) * 11)
        % (SELECT count(*) FROM good);

-- What leaves: all at once, or in two halves some days apart.
CREATE TEMP TABLE parcel ON COMMIT DROP AS
SELECT s.n, part, pg_temp.key(leaves, 21, s.n * 2 + part) AS id, s.id AS order_id, s.location_id, s.house, leaves AS shipped_at,
    CASE WHEN arrives <= at THEN arrives END AS delivered_at
FROM span, sale s, generate_series(0, CASE WHEN split THEN 1 ELSE 0 END) part,
    LATERAL (SELECT CASE WHEN split AND part = 0 THEN 4 ELSE 0 END * interval '1 day' AS before) early,
    LATERAL (SELECT greatest(leaves_at - before, ordered_at + interval '2 hours') AS leaves,
        greatest(arrives_at - before, ordered_at + interval '1 day') AS arrives) timed
WHERE NOT cancelled AND leaves <= at;

CREATE TEMP TABLE parcel_line ON COMMIT DROP AS
SELECT p.n, p.part, p.id AS shipment_id, l.position, l.product_id, l.good, p.location_id, p.house, p.shipped_at, p.delivered_at, halved.quantity
FROM parcel p JOIN sale s USING (n) JOIN sale_line l USING (n),
    LATERAL (SELECT CASE WHEN NOT s.split THEN l.quantity WHEN p.part = 0 THEN ceil(l.quantity / 2) ELSE floor(l.quantity / 2) END
        AS quantity) halved
WHERE halved.quantity > 0;

CREATE TEMP TABLE carried ON COMMIT DROP AS
SELECT n, position, sum(quantity) AS shipped, coalesce(sum(quantity) FILTER (WHERE delivered_at IS NOT NULL), 0) AS delivered
FROM parcel_line GROUP BY n, position;

CREATE TEMP TABLE sold ON COMMIT DROP AS
SELECT s.*, l.total, p.shipped_at, p.delivered_at,
    CASE WHEN cancelled THEN 'cancelled' WHEN c.delivered = l.quantity AND p.delivered_at < at - interval '30 days' THEN 'closed'
        WHEN c.delivered = l.quantity THEN 'delivered' WHEN c.shipped = l.quantity THEN 'shipped' WHEN c.shipped > 0 THEN 'partially_shipped'
        WHEN ordered_at > at - interval '2 days' THEN 'confirmed' ELSE 'allocated' END AS status
FROM span, sale s
    JOIN (SELECT n, sum(amount) AS total, sum(quantity) AS quantity FROM sale_line GROUP BY n) l USING (n)
    LEFT JOIN (SELECT n, max(shipped_at) AS shipped_at, max(delivered_at) AS delivered_at FROM parcel GROUP BY n) p USING (n)
    LEFT JOIN (SELECT n, sum(shipped) AS shipped, sum(delivered) AS delivered FROM carried GROUP BY n) c USING (n);

INSERT INTO sales_order (id, created_at, updated_at, version, external_id, customer_id, quote_id, opportunity_id, owner_id, location_id, status,
    promised_on, expected_on, confirmed_at, shipped_at, delivered_at, cancelled_at, cancel_reason, ordered_at, currency, total)
SELECT s.id, s.ordered_at, coalesce(s.delivered_at, s.shipped_at, s.ordered_at), 1, 'demo-sale-' || lpad(s.n::text, 8, '0'), s.customer_id,
    o.id, s.opportunity_id, coalesce(t.owner_id, c.owner_id), s.location_id, s.status, s.promised_on, s.promised_on, s.ordered_at,
    CASE WHEN s.status IN ('shipped', 'delivered', 'closed') THEN s.shipped_at END,
    CASE WHEN s.status IN ('delivered', 'closed') THEN s.delivered_at END,
    CASE WHEN s.cancelled THEN least(at, s.ordered_at + interval '1 day') END,
    CASE WHEN s.cancelled THEN 'Ordered by mistake (demo).' END, s.ordered_at, 'USD', s.total
FROM span, sold s JOIN customer c ON c.id = s.customer_id
    LEFT JOIN standing t ON t.n = s.n AND s.opportunity_id IS NOT NULL
    LEFT JOIN offer o ON o.n = s.n AND s.opportunity_id IS NOT NULL;

INSERT INTO sales_order_line (id, created_at, updated_at, version, order_id, position, product_id, quantity, amount, unit_cost, shipped,
    delivered, returned)
SELECT pg_temp.key(s.ordered_at, 22, l.n * 4 + l.position), s.ordered_at, s.ordered_at, 1, s.id, l.position, l.product_id, l.quantity,
    l.amount, l.unit_cost, coalesce(c.shipped, 0), coalesce(c.delivered, 0), 0
FROM sale_line l JOIN sale s USING (n) LEFT JOIN carried c USING (n, position);

INSERT INTO shipment (id, created_at, updated_at, version, order_id, location_id, carrier, tracking_number, shipped_at, delivered_at)
SELECT id, shipped_at, coalesce(delivered_at, shipped_at), 1, order_id, location_id,
    pg_temp.pick(ARRAY['Blue Van (demo)', 'Parcel Line (demo)', 'Night Freight (demo)'], n, 114), 'DEMO' || n || '-' || part + 1,
    shipped_at, delivered_at
FROM parcel;

INSERT INTO shipment_line (id, created_at, updated_at, version, shipment_id, order_line_id, quantity)
SELECT pg_temp.key(p.shipped_at, 23, p.n * 8 + p.part * 4 + p.position), p.shipped_at, p.shipped_at, 1, p.shipment_id,
    pg_temp.key(s.ordered_at, 22, p.n * 4 + p.position), p.quantity
FROM parcel_line p JOIN sale s USING (n);
