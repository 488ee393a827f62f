-- What buyers say of what came: a score of a survey after some deliveries, and words where it came late.

INSERT INTO survey (id, created_at, updated_at, version, name, kind, question, state, opened_at)
SELECT pg_temp.key(born, 36, n), born, born, 1, name, kind, question, 'fielding', born FROM span, (VALUES
    (1, 'After delivery (demo, generated): would you recommend us?', 'nps', 'How likely are you to recommend us to a colleague?'),
    (2, 'After delivery (demo, generated): satisfaction', 'csat', 'How satisfied are you with this delivery?')
) AS s(n, name, kind, question);

CREATE TEMP TABLE voice ON COMMIT DROP AS
SELECT s.n, s.id AS order_id, s.customer_id, s.delivered_at::date - s.promised_on AS days_late,
    s.delivered_at + pg_temp.days(0.5 + 4 * pg_temp.u(s.n, 140)) AS said_at
FROM sold s, span
WHERE s.status IN ('delivered', 'closed') AND pg_temp.u(s.n, 141) < least(0.4, 400000.0 / (3 * deals))
    AND s.delivered_at + pg_temp.days(0.5 + 4 * pg_temp.u(s.n, 140)) <= at;

INSERT INTO feedback_item (id, created_at, updated_at, version, external_id, source, text, rating, customer_id, product_id, order_id,
    received_at, language, language_given)
SELECT pg_temp.key(said_at, 37, v.n), said_at, said_at, 1, 'demo-voice-' || lpad(v.n::text, 8, '0'), 'survey',
    pg_temp.pick(o.words, v.n, 142) || replace(replace(pg_temp.pick(CASE WHEN days_late > 0 THEN l.words ELSE p.words END, v.n, 143),
        '{days}', greatest(days_late, 2)::text), '{genre}', g.category),
    CASE WHEN days_late > 0 THEN 1 + pg_temp.below(2, v.n, 144) ELSE 4 + pg_temp.below(2, v.n, 144) END,
    v.customer_id, g.id, v.order_id, said_at, 'en', true
FROM voice v JOIN sale_line sl ON sl.n = v.n AND sl.position = 1 JOIN good g ON g.n = sl.good, span, words o, words l, words p
WHERE o.list = 'openings' AND l.list = 'late' AND p.list = 'praise'
    AND pg_temp.u(v.n, 145) < (CASE WHEN days_late > 0 THEN 0.6 ELSE 0.12 END) * least(1, 40000.0 / deals);

INSERT INTO survey_response (id, created_at, updated_at, version, survey_id, customer_id, order_id, feedback_item_id, score, responded_at)
SELECT pg_temp.key(said_at, 38, v.n), said_at, said_at, 1, pg_temp.key(born, 36, CASE WHEN asks_nps THEN 1 ELSE 2 END), v.customer_id,
    v.order_id, CASE WHEN NOT asks_nps THEN f.id END,
    CASE WHEN asks_nps THEN CASE WHEN days_late > 0 THEN 1 + pg_temp.below(8, v.n, 146) ELSE 6 + pg_temp.below(5, v.n, 146) END
        ELSE CASE WHEN days_late > 0 THEN 1 + pg_temp.below(3, v.n, 144) ELSE 3 + pg_temp.below(3, v.n, 144) END END, said_at
FROM voice v LEFT JOIN feedback_item f ON f.id = pg_temp.key(said_at, 37, v.n), span,
    LATERAL (SELECT pg_temp.u(v.n, 147) < 0.6 AS asks_nps) drawn;
