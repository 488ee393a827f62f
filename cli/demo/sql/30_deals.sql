-- Deals: opened over three years, more of them lately; each stays in a stage for a while, then goes on or is lost.

CREATE TEMP TABLE deal ON COMMIT DROP AS
SELECT n, pg_temp.key(opened_at, 12, n) AS id, opened_at, b.id AS customer_id, b.contact_id, s.id AS owner_id,
    CASE WHEN n <= deals * 2 / 5 THEN pg_temp.pick(f.words, n, 20) END AS lead_source
FROM span CROSS JOIN generate_series(1, deals) n CROSS JOIN words f
    CROSS JOIN LATERAL (SELECT (first_day + floor(1091 * power(pg_temp.u(n, 21), 0.6))::int)::timestamptz
        + (8 + 9 * pg_temp.u(n, 22)) * interval '1 hour' AS opened_at) drawn
    JOIN buyer b ON b.place = floor(power(pg_temp.u(n, 23), 2) * (SELECT count(*) FROM buyer))::bigint
    JOIN seller s ON s.place = pg_temp.below((SELECT count(*) FROM seller), n, 24)
WHERE f.list = 'sources';

CREATE TEMP TABLE stay ON COMMIT DROP AS
WITH drawn AS (
    SELECT d.n, d.opened_at, s.position, pg_temp.u(d.n, 30 + s.position) < s.passing AS passed,
        least(0.05 - ln(1 - pg_temp.u(d.n, 40 + s.position)) * s.mean_days, 5 * s.mean_days) AS days
    FROM deal d, stage s
    WHERE s.kind = 'open' AND NOT (s.position = 2 AND pg_temp.u(d.n, 25) < 0.04)
), walked AS (
    SELECT n, position, passed, opened_at + pg_temp.days(coalesce(sum(days) OVER before, 0)) AS entered_at,
        opened_at + pg_temp.days(coalesce(sum(days) OVER before, 0) + days) AS left_at,
        coalesce(bool_and(passed) OVER before, true) AS reached
    FROM drawn WINDOW before AS (PARTITION BY n ORDER BY position ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), open AS (
    SELECT n, position, passed, entered_at, CASE WHEN left_at <= at THEN left_at END AS left_at
    FROM walked, span WHERE reached AND entered_at <= at
), every AS (
    SELECT n, position, entered_at, left_at FROM open
    UNION ALL
    SELECT n, CASE WHEN passed THEN 5 ELSE 6 END, left_at, NULL
    FROM open WHERE left_at IS NOT NULL AND (NOT passed OR position = 4)
)
SELECT n, position, entered_at, left_at, row_number() OVER by_time AS sequence, lag(position) OVER by_time AS from_position
FROM every WINDOW by_time AS (PARTITION BY n ORDER BY position);

CREATE TEMP TABLE deal_line ON COMMIT DROP AS
SELECT d.n, k AS position, g.id AS product_id, g.n AS good, g.price, g.share, quantity, discount,
    round(quantity * g.price * (1 - discount), 2) AS amount
FROM deal d, generate_series(1, 3) k,
    LATERAL (SELECT (1 + floor(24 * power(pg_temp.u(d.n * 4 + k, 50), 2)))::numeric AS quantity,
        (ARRAY[0, 0, 0.05, 0.1])[1 + pg_temp.below(4, d.n * 4 + k, 51)]::numeric AS discount) drawn,
    good g
WHERE k <= 1 + pg_temp.below(3, d.n, 52)
    AND g.n = 1 + (floor(power(pg_temp.u(d.n, 53), 1.6) * (SELECT count(*) FROM good))::bigint + (k - 1) * 7)
        % (SELECT count(*) FROM good);

CREATE TEMP TABLE standing ON COMMIT DROP AS
SELECT d.n, d.id, d.customer_id, d.contact_id, d.owner_id, d.opened_at, s.kind AS status, s.id AS stage_id, s.position, s.probability,
    s.category, y.entered_at, CASE WHEN s.kind <> 'open' THEN y.entered_at END AS closed_at, l.amount, d.lead_source,
    CASE WHEN s.kind = 'open'
        THEN greatest(y.entered_at::date + (5 - s.position) * 22 + pg_temp.below(30, d.n, 55)::int,
            today - 5 + pg_temp.below(60, d.n, 56)::int)
        ELSE y.entered_at::date END AS close_date
FROM deal d JOIN stay y ON y.n = d.n AND y.left_at IS NULL JOIN stage s ON s.position = y.position
    JOIN (SELECT n, sum(amount) AS amount FROM deal_line GROUP BY n) l ON l.n = d.n, span;
CREATE UNIQUE INDEX ON standing (n);
ANALYZE standing;

INSERT INTO opportunity (id, created_at, updated_at, version, external_id, name, customer_id, contact_id, pipeline_id, stage_id,
    status, owner_id, currency, amount, amount_is_set, probability, probability_is_set, forecast_category, source, close_date,
    close_date_pushes, opened_at, stage_entered_at, closed_at, close_reason_id, close_note, next_step)
SELECT t.id, opened_at, entered_at, 1, 'demo-deal-' || lpad(n::text, 7, '0'),
    pg_temp.pick(k.words, n, 57) || ' for ' || c.name, customer_id, contact_id, pg_temp.key(born, 8, 1), stage_id, status, t.owner_id,
    'USD', amount, false, probability, false, category, coalesce(lead_source, pg_temp.pick(f.words, n, 58)), close_date,
    floor(4 * power(pg_temp.u(n, 59), 3)), opened_at, entered_at, closed_at,
    CASE status WHEN 'won' THEN pg_temp.key(born, 10, 1 + pg_temp.below(3, n, 60))
        WHEN 'lost' THEN pg_temp.key(born, 10, 4 + pg_temp.below(5, n, 60)) END,
    CASE WHEN status <> 'open' THEN 'Demo: generated.' END,
    CASE WHEN status = 'open' THEN pg_temp.pick(x.words, n, 61) END
FROM standing t JOIN customer c ON c.id = t.customer_id, span, words k, words f, words x
WHERE k.list = 'occasions' AND f.list = 'sources' AND x.list = 'next steps';

INSERT INTO opportunity_line (id, created_at, updated_at, version, opportunity_id, position, product_id, quantity, unit_price,
    discount, amount)
SELECT pg_temp.key(t.opened_at, 13, l.n * 4 + l.position), t.opened_at, t.opened_at, 1, t.id, l.position, l.product_id, l.quantity,
    l.price, l.discount, l.amount
FROM deal_line l JOIN standing t USING (n);

INSERT INTO opportunity_stage_history (id, created_at, updated_at, version, opportunity_id, sequence, from_stage_id, stage_id,
    entered_at, left_at, visit, advanced_at, amount, probability, close_date, forecast_category, moved_by_id, note)
SELECT pg_temp.key(y.entered_at, 14, y.n * 8 + y.sequence), y.entered_at, coalesce(y.left_at, y.entered_at), 1, t.id, y.sequence, f.id,
    s.id, y.entered_at, y.left_at, 1, CASE WHEN NOT (t.status = 'lost' AND s.kind = 'open'
        AND y.left_at = t.closed_at) THEN y.left_at END, t.amount, s.probability, t.close_date, s.category, t.owner_id,
    CASE WHEN s.kind = 'open' AND s.position > y.from_position + 1
        THEN 'The customer had done the discovery already (demo).' END
FROM stay y JOIN standing t USING (n) JOIN stage s ON s.position = y.position LEFT JOIN stage f ON f.position = y.from_position;

INSERT INTO opportunity_competitor (id, created_at, updated_at, version, opportunity_id, competitor_id, note)
SELECT pg_temp.key(opened_at, 15, n), opened_at, opened_at, 1, id, pg_temp.key(born, 11, pg_temp.below(4, n, 62)), 'Demo: generated.'
FROM standing, span WHERE pg_temp.u(n, 63) < 0.3;
