-- Leads: the first two fifths of the deals began as one; of as many again and more, nothing came or has come yet.

INSERT INTO lead (id, created_at, updated_at, version, external_id, name, company, title, email, industry, city, country, source, status,
    owner_id, status_changed_at, disqualify_reason, note, converted_at, customer_id, contact_id, opportunity_id)
SELECT pg_temp.key(came_at, 16, n), came_at, opened_at, 1, 'demo-lead-' || lpad(n::text, 7, '0'),
    coalesce(k.name, pg_temp.pick(f.words, n, 70) || ' ' || pg_temp.pick(s.words, n, 71)), c.name, k.title,
    coalesce(k.email, 'lead.' || n || '@example.net'), c.industry, c.city, c.country, t.lead_source, 'converted', t.owner_id, opened_at,
    NULL, 'Demo: generated.', opened_at, t.customer_id, t.contact_id, t.id
FROM standing t JOIN customer c ON c.id = t.customer_id LEFT JOIN contact k ON k.id = t.contact_id, words f, words s,
    LATERAL (SELECT t.opened_at - pg_temp.days(0.5 + 25 * power(pg_temp.u(n, 72), 2)) AS came_at) drawn
WHERE t.lead_source IS NOT NULL AND f.list = 'first names' AND s.list = 'surnames';

INSERT INTO lead (id, created_at, updated_at, version, external_id, name, company, title, email, industry, city, country, source, status,
    owner_id, status_changed_at, disqualify_reason, note)
SELECT pg_temp.key(came_at, 16, n), came_at, changed_at, 1, 'demo-lead-' || lpad(n::text, 7, '0'),
    pg_temp.pick(f.words, n, 70) || ' ' || pg_temp.pick(s.words, n, 71),
    pg_temp.pick(s.words, n, 73) || ' ' || split_part(trade, '|', 1), pg_temp.pick(t.words, n, 74), 'lead.' || n || '@example.net',
    split_part(trade, '|', 2), split_part(town, '|', 1), split_part(town, '|', 2), pg_temp.pick(o.words, n, 75), status,
    CASE WHEN status <> 'new' THEN w.id END, changed_at,
    CASE WHEN status = 'disqualified' THEN pg_temp.pick(ARRAY['No budget', 'Wrong size', 'No answer', 'Student'], n, 76) END,
    'Demo: generated.'
FROM span CROSS JOIN generate_series(deals * 2 / 5 + 1, deals * 3 / 2) n CROSS JOIN words f CROSS JOIN words s CROSS JOIN words t
    CROSS JOIN words r CROSS JOIN words p CROSS JOIN words o
    CROSS JOIN LATERAL (SELECT pg_temp.pick(r.words, n, 77) AS trade, pg_temp.pick(p.words, n, 78) AS town,
        (first_day + floor(1091 * power(pg_temp.u(n, 79), 0.8))::int)::timestamptz + (8 + 9 * pg_temp.u(n, 80)) * interval '1 hour'
            AS came_at) drawn
    CROSS JOIN LATERAL (SELECT CASE WHEN today - came_at::date < 4 AND pg_temp.u(n, 81) < 0.7 THEN 'new'
        WHEN today - came_at::date < 40 THEN (ARRAY['working', 'working', 'qualified', 'disqualified'])[1 + pg_temp.below(4, n, 82)]
        ELSE 'disqualified' END AS status) judged
    CROSS JOIN LATERAL (SELECT CASE status WHEN 'new' THEN came_at ELSE least(at, came_at + pg_temp.days(0.2 + 12 * pg_temp.u(n, 83))) END
        AS changed_at) timed
    JOIN seller w ON w.place = pg_temp.below((SELECT count(*) FROM seller), n, 84)
WHERE f.list = 'first names' AND s.list = 'surnames' AND t.list = 'titles' AND r.list = 'trades' AND p.list = 'places'
    AND o.list = 'sources';

-- Activities: what was done in each stay, and what is planned next with open deals.

INSERT INTO activity (id, created_at, updated_at, version, kind, state, subject, outcome, due_at, duration_minutes, done_at, owner_id,
    customer_id, contact_id, opportunity_id)
SELECT pg_temp.key(y.entered_at, 17, y.n * 8 + y.sequence), y.entered_at, due_at, 1, drawn.kind,
    CASE WHEN due_at > at THEN 'planned' WHEN missed THEN 'no_show' ELSE 'done' END,
    initcap(drawn.kind) || ': ' || lower(s.name) || ' (demo)', CASE WHEN due_at <= at AND NOT missed THEN 'Went on as agreed.' END,
    due_at, 15 * (1 + pg_temp.below(6, y.n * 8 + y.sequence, 86)),
    CASE WHEN due_at <= at AND NOT missed THEN due_at END, t.owner_id, t.customer_id, t.contact_id, t.id
FROM span, stay y JOIN standing t USING (n) JOIN stage s ON s.position = y.position,
    LATERAL (SELECT (ARRAY['call', 'online', 'visit', 'email', 'task'])[1 + pg_temp.below(5, y.n * 8 + y.sequence, 87)] AS kind,
        pg_temp.u(y.n * 8 + y.sequence, 88) < 0.04 AS missed,
        CASE WHEN y.left_at IS NULL THEN greatest(y.entered_at, today - 3 + pg_temp.days(17 * pg_temp.u(y.n, 89)))
            ELSE y.entered_at + (y.left_at - y.entered_at) * pg_temp.u(y.n * 8 + y.sequence, 90) END AS due_at) drawn
WHERE s.kind = 'open';
