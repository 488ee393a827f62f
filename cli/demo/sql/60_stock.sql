-- Stock: a count at the start, then every four weeks what was bought, always before it is sold; the ledger is its sum.

CREATE TEMP TABLE need ON COMMIT DROP AS
SELECT good, house, location_id, (shipped_at::date - first_day) / 28 AS period, sum(quantity) AS quantity
FROM parcel_line, span GROUP BY 1, 2, 3, 4;

CREATE TEMP TABLE purchase ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY period, house, maker) AS n, period, house, maker, ghost,
    first_day + period * 28 - 26 - m.quoted_days AS sent_on, first_day + period * 28 - 20 AS promised_on,
    CASE WHEN NOT ghost THEN (first_day + period * 28 - 26)::timestamptz
        + pg_temp.days(1 + m.delay_spread * pg_temp.u(period * 64 + house * 16 + maker, 120)) END AS received_at
FROM (SELECT DISTINCT period, house, good % 12 AS maker FROM need) wanted JOIN maker m ON m.n = maker, span,
    LATERAL (VALUES (false), (true)) AS g(ghost)
WHERE NOT ghost OR pg_temp.u(period * 64 + house * 16 + maker, 121) < 0.04;

-- And what is on the way: as much as the last four weeks took.
INSERT INTO purchase
SELECT (SELECT max(n) FROM purchase) + row_number() OVER (ORDER BY house, maker), NULL, house, maker, false,
    today - 4 - m.quoted_days / 2, today + 3 + m.quoted_days / 2, NULL
FROM (SELECT DISTINCT house, good % 12 AS maker FROM need, span WHERE period = (today - first_day) / 28 - 1) wanted
    JOIN maker m ON m.n = maker, span
WHERE pg_temp.u(house * 16 + maker, 122) < 0.6;

CREATE TEMP TABLE purchase_line ON COMMIT DROP AS
SELECT p.n, row_number() OVER (PARTITION BY p.n ORDER BY d.good) AS position, d.good, d.location_id, p.sent_on, p.received_at,
    p.ghost OR p.period IS NULL AS missing, d.quantity AS ordered,
    CASE WHEN pg_temp.u(p.n * 1024 + d.good, 123) < 0.08 THEN ceil(d.quantity * 0.1) ELSE 0 END AS rejected
FROM span CROSS JOIN purchase p JOIN need d ON d.house = p.house AND d.good % 12 = p.maker
    AND d.period = coalesce(p.period, (today - first_day) / 28 - 1);

INSERT INTO purchase_order (id, created_at, updated_at, version, number, supplier_id, location_id, status, currency, total, sent_at,
    promised_on, expected_on, received_at, closed_at)
SELECT pg_temp.key(sent_on::timestamptz, 24, p.n), sent_on, coalesce(p.received_at, sent_on), 1, 'DEMO-PO-' || lpad(p.n::text, 6, '0'), m.id,
    h.id, CASE WHEN p.received_at IS NOT NULL THEN 'closed' WHEN p.ghost AND sent_on < today - 200 THEN 'cancelled' ELSE 'acknowledged' END,
    'USD', l.total, sent_on, p.promised_on, p.promised_on, p.received_at,
    CASE WHEN p.received_at IS NOT NULL THEN p.received_at WHEN p.ghost AND sent_on < today - 200
        THEN p.promised_on + interval '60 days' END
FROM purchase p JOIN maker m ON m.n = p.maker JOIN house h ON h.n = p.house
    JOIN (SELECT l.n, sum(round((ordered * round((g.price * g.share)::numeric, 2)), 2)) AS total
        FROM purchase_line l JOIN good g ON g.n = l.good GROUP BY l.n) l ON l.n = p.n, span;

INSERT INTO purchase_order_line (id, created_at, updated_at, version, purchase_order_id, position, product_id, quantity, unit_cost, amount,
    accepted, rejected)
SELECT pg_temp.key(sent_on::timestamptz, 25, l.n * 1024 + l.position), sent_on, sent_on, 1, pg_temp.key(sent_on::timestamptz, 24, l.n),
    l.position, g.id, ordered, round((g.price * g.share)::numeric, 2), round(ordered * round((g.price * g.share)::numeric, 2), 2),
    CASE WHEN missing THEN 0 ELSE ordered END, CASE WHEN missing THEN 0 ELSE rejected END
FROM purchase_line l JOIN good g ON g.n = l.good;

INSERT INTO purchase_receipt (id, created_at, updated_at, version, line_id, received_at, accepted, rejected, reject_reason)
SELECT pg_temp.key(received_at, 26, n * 1024 + position), received_at, received_at, 1,
    pg_temp.key(sent_on::timestamptz, 25, n * 1024 + position), received_at, ordered, rejected,
    CASE WHEN rejected > 0 THEN 'Damaged on the way (demo); replaced at once.' END
FROM purchase_line WHERE NOT missing;

INSERT INTO stock_move (id, created_at, updated_at, version, product_id, from_location_id, to_location_id, quantity, kind, moved_at,
    origin_id, origin_prefix, note)
SELECT pg_temp.key(born, 27, g.n * 2 + h.n), born, born, 1, g.id, '00000000-0000-7000-8000-000000000003'::uuid, h.id,
    5 + ceil(coalesce(d.quantity, 0) * (0.2 + 1.3 * pg_temp.u(g.n * 2 + h.n, 124))), 'adjustment', born, NULL::uuid, NULL,
    'Counted at the start (demo).'
FROM span, house h, good g LEFT JOIN LATERAL (SELECT avg(quantity) AS quantity FROM need WHERE need.good = g.n) d ON true
UNION ALL
SELECT pg_temp.key(received_at, 28, l.n * 1024 + l.position), received_at, received_at, 1, g.id,
    '00000000-0000-7000-8000-000000000001', l.location_id, ordered, 'receipt', received_at, pg_temp.key(sent_on::timestamptz, 24, l.n),
    'pur', NULL
FROM purchase_line l JOIN good g ON g.n = l.good WHERE NOT missing
UNION ALL
SELECT pg_temp.key(shipped_at, 29, n * 8 + part * 4 + position), shipped_at, shipped_at, 1, product_id, location_id,
    '00000000-0000-7000-8000-000000000002', quantity, 'shipment', shipped_at, shipment_id, 'shp', NULL
FROM parcel_line;

-- Orders that wait to be shipped hold what they need, as far as it lies there.
CREATE TEMP TABLE lying ON COMMIT DROP AS
SELECT product_id, location_id, sum(quantity) AS on_hand FROM (
    SELECT product_id, to_location_id AS location_id, quantity FROM stock_move
    UNION ALL SELECT product_id, from_location_id, -quantity FROM stock_move
) both_ways GROUP BY product_id, location_id;

CREATE TEMP TABLE promise ON COMMIT DROP AS
SELECT *, sum(quantity) OVER (PARTITION BY product_id, location_id ORDER BY ordered_at, n, position) AS until FROM (
    SELECT s.n, s.id AS order_id, l.position, l.product_id, s.location_id, s.ordered_at, l.quantity - coalesce(c.shipped, 0) AS quantity
    FROM sold s JOIN sale_line l USING (n) LEFT JOIN carried c USING (n, position)
    WHERE s.status IN ('allocated', 'partially_shipped')
) open WHERE quantity > 0;
DELETE FROM promise p USING lying y WHERE (y.product_id, y.location_id) = (p.product_id, p.location_id) AND p.until > y.on_hand;

INSERT INTO stock_reservation (id, created_at, updated_at, version, product_id, location_id, quantity, remaining, state, origin_id,
    origin_prefix)
SELECT pg_temp.key(ordered_at, 30, n * 4 + position), ordered_at, ordered_at, 1, product_id, location_id, quantity, quantity, 'active',
    order_id, 'ord'
FROM promise;

INSERT INTO inventory_level (id, created_at, updated_at, version, product_id, location_id, is_internal, on_hand, reserved)
SELECT pg_temp.key(born, 31, row_number() OVER (ORDER BY product_id, location_id)), born, at, 1, product_id, location_id,
    location_id IN (SELECT id FROM house), on_hand, coalesce(reserved, 0)
FROM span, lying LEFT JOIN (SELECT product_id, location_id, sum(quantity) AS reserved FROM promise GROUP BY 1, 2) p
    USING (product_id, location_id);
