-- What is there before anything happens: goods with costs, places, suppliers, buyers, and a pipeline.

UPDATE product SET unit_cost = round(list_price * 0.6, 2), updated_at = span.at, version = version + 1
FROM span WHERE sku LIKE 'demo-cd-%' AND unit_cost IS NULL;

CREATE TEMP TABLE good ON COMMIT DROP AS
SELECT n, pg_temp.key(born, 1, n) AS id, k.words[1] AS category,
    round((k.words[2]::float8 * (0.6 + 1.2 * pg_temp.u(n, 1)))::numeric, 2) AS price, 0.55 + 0.2 * pg_temp.u(n, 2) AS share
FROM span, generate_series(1, least(1000, 60 + deals / 1000)) n,
    LATERAL (SELECT string_to_array(words[1 + (n - 1) % cardinality(words)], '|') AS words FROM words WHERE list = 'goods') k;

INSERT INTO product (id, created_at, updated_at, version, sku, name, category, description, list_price, unit_cost, currency,
    unit, is_active)
SELECT id, born, born, 1, 'demo-gear-' || lpad(n::text, 4, '0'), category || ' ' || substr('ABCDEFGHJKLMNPQRSTUVWXYZ',
    1 + pg_temp.below(24, n, 3)::int, 1) || (100 + n), category, 'Demo: generated.', price, round((price * share)::numeric, 2),
    'USD', 'piece', true
FROM good, span;

CREATE TEMP TABLE house ON COMMIT DROP AS
SELECT n, pg_temp.key(born, 2, n) AS id, code FROM span, (VALUES (0, 'DEMO-EAST'), (1, 'DEMO-WEST')) AS h(n, code);

INSERT INTO stock_location (id, created_at, updated_at, version, code, name, kind, is_active)
SELECT id, born, born, 1, code, 'Warehouse ' || initcap(substr(code, 6)) || ' (demo, generated)', 'internal', true
FROM house, span;

CREATE TEMP TABLE maker ON COMMIT DROP AS
SELECT n, pg_temp.key(born, 3, n) AS id, 7 + 3 * (n % 4) AS quoted_days, 2 + 20 * pg_temp.u(n, 4) AS delay_spread
FROM span, generate_series(0, 11) n;

INSERT INTO supplier (id, created_at, updated_at, version, external_id, name, status, email, country, note)
SELECT id, born, born, 1, 'demo-supplier-' || lpad(n::text, 2, '0'), pg_temp.pick(words, n, 5) || ' Audio Works ' || (n + 1),
    CASE WHEN n = 11 THEN 'probation' ELSE 'approved' END, 'orders.' || n || '@example.org', 'US', 'Demo: generated.'
FROM maker, span, words WHERE list = 'surnames';

INSERT INTO supplier_item (id, created_at, updated_at, version, supplier_id, product_id, unit_cost, currency, lead_time_days,
    minimum_quantity, lot_size, is_preferred)
SELECT pg_temp.key(born, 4, g.n), born, born, 1, m.id, g.id, round((price * share)::numeric, 2), 'USD', quoted_days, 5, 5, true
FROM good g JOIN maker m ON m.n = g.n % 12, span;

INSERT INTO replenishment_policy (id, created_at, updated_at, version, product_id, location_id, service_level, review_days,
    order_cost, holding_rate, demand_days, is_active)
SELECT pg_temp.key(born, 5, g.n * 2 + h.n), born, born, 1, g.id, h.id, 0.95, 7, 40, 0.25, 180, true
FROM good g, house h, span;

INSERT INTO customer (id, created_at, updated_at, version, external_id, kind, name, email, phone, industry, city, country, note)
SELECT pg_temp.key(born, 6, n), born, born, 1, 'demo-company-' || lpad(n::text, 6, '0'), 'company',
    pg_temp.pick(s.words, n, 6) || ' ' || split_part(trade, '|', 1) || ' ' || n, 'office.' || n || '@example.com',
    '+1 555 01' || lpad(pg_temp.below(100, n, 8)::text, 2, '0'), split_part(trade, '|', 2), split_part(place, '|', 1),
    split_part(place, '|', 2), 'Demo: generated.'
FROM span, generate_series(1, greatest(20, deals / 20)) n, words s, words t, words p,
    LATERAL (SELECT pg_temp.pick(t.words, n, 7) AS trade, pg_temp.pick(p.words, n, 9) AS place) drawn
WHERE s.list = 'surnames' AND t.list = 'trades' AND p.list = 'places';

INSERT INTO contact (id, created_at, updated_at, version, customer_id, name, title, email)
SELECT pg_temp.key(born, 7, n), born, born, 1, pg_temp.key(born, 6, n),
    pg_temp.pick(f.words, n, 10) || ' ' || pg_temp.pick(s.words, n, 11), pg_temp.pick(t.words, n, 12) || ' (generated)',
    'buyer.' || n || '@example.net'
FROM span, generate_series(1, greatest(20, deals / 20)) n, words f, words s, words t
WHERE f.list = 'first names' AND s.list = 'surnames' AND t.list = 'titles';

CREATE TEMP TABLE buyer ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY c.external_id) - 1 AS place, c.id, k.id AS contact_id
FROM customer c LEFT JOIN LATERAL (SELECT id FROM contact WHERE customer_id = c.id ORDER BY id LIMIT 1) k ON true
WHERE c.kind = 'company' AND c.external_id LIKE 'demo-%';
CREATE UNIQUE INDEX ON buyer (place);

INSERT INTO pipeline (id, created_at, updated_at, version, name, is_default, is_active)
SELECT pg_temp.key(born, 8, 1), born, born, 1, 'Direct sales (demo)', NOT EXISTS (SELECT 1 FROM pipeline WHERE is_default), true
FROM span;

CREATE TEMP TABLE stage ON COMMIT DROP AS
SELECT pg_temp.key(born, 9, position) AS id, s.* FROM span, (VALUES
    (1, 'Qualification', 'open', 0.10, 'pipeline', 'The need, the budget and who decides are known.', 18, 0.72),
    (2, 'Discovery', 'open', 0.25, 'pipeline', 'The customer has confirmed what the solution must do.', 24, 0.68),
    (3, 'Proposal', 'open', 0.50, 'best_case', 'A quote was sent and talked through.', 28, 0.66),
    (4, 'Negotiation', 'open', 0.75, 'commit', 'Price and terms are agreed in words.', 20, 0.70),
    (5, 'Won', 'won', 1, 'closed', NULL, NULL, NULL),
    (6, 'Lost', 'lost', 0, 'omitted', NULL, NULL, NULL)
) AS s(position, name, kind, probability, category, criteria, mean_days, passing);

INSERT INTO pipeline_stage (id, created_at, updated_at, version, pipeline_id, position, name, kind, default_probability,
    forecast_category, exit_criteria)
SELECT id, born, born, 1, pg_temp.key(born, 8, 1), position, name, kind, probability, category, criteria FROM stage, span;

INSERT INTO close_reason (id, created_at, updated_at, version, outcome, name, is_active)
SELECT pg_temp.key(born, 10, n), born, born, 1, outcome, name, true FROM span, (VALUES
    (1, 'won', 'Fits best (demo)'), (2, 'won', 'Best price (demo)'), (3, 'won', 'Trust in our people (demo)'),
    (4, 'lost', 'Price (demo)'), (5, 'lost', 'Chose a competitor (demo)'), (6, 'lost', 'No budget (demo)'),
    (7, 'lost', 'No decision (demo)'), (8, 'lost', 'Delivered late before (demo)')
) AS r(n, outcome, name);

INSERT INTO competitor (id, created_at, updated_at, version, name, website)
SELECT pg_temp.key(born, 11, n), born, born, 1, name || ' (demo)', 'https://' || lower(split_part(name, ' ', 1)) || '.example.com'
FROM span, (VALUES (0, 'Northwave Audio'), (1, 'Clearsound Trading'), (2, 'Basement Tapes'), (3, 'Hifi Union')) AS c(n, name);
