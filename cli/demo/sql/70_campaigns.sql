-- Campaigns: one a quarter and kind, in the past and one now; touches on the way to two thirds of the deals that leads began.

CREATE TEMP TABLE effort ON COMMIT DROP AS
SELECT n, pg_temp.key(first_day + n * 91 - interval '20 days', 32, n) AS id, first_day + n * 91 + 20 AS starts_on, first_day + n * 91 + 103 AS ends_on,
    (ARRAY['email', 'exhibition', 'social', 'advertising'])[1 + n % 4] AS kind, 1500 + pg_temp.below(6000, n, 130) AS budget
FROM span, generate_series(0, 11) n;

INSERT INTO campaign (id, created_at, updated_at, version, name, kind, state, starts_on, ends_on, currency, budget, cost, holdout_share,
    note)
SELECT id, starts_on - interval '20 days', starts_on, 1, 'Demo ' || kind || ' campaign of ' || to_char(starts_on, 'YYYY-MM'), kind,
    CASE WHEN ends_on < today THEN 'completed' WHEN starts_on <= today THEN 'active' ELSE 'planned' END, starts_on, ends_on, 'USD', budget,
    round((budget * 0.9)::numeric, 2), 0.2, 'Demo: generated.'
FROM effort, span;

INSERT INTO campaign_cost (id, created_at, updated_at, version, campaign_id, incurred_on, amount, description)
SELECT pg_temp.key(starts_on::timestamptz, 33, e.n * 2 + part), starts_on, starts_on, 1, e.id, least(starts_on + 10 * part, today),
    round((budget * (0.6 - 0.3 * part))::numeric, 2), (ARRAY['Agency (demo)', 'Media (demo)'])[1 + part]
FROM effort e, generate_series(0, 1) part, span;

-- Members: buyers, a fifth of them held out. Touches reach only those who are not.
INSERT INTO campaign_member (id, created_at, updated_at, version, campaign_id, customer_id, arm)
SELECT pg_temp.key(e.starts_on::timestamptz, 34, e.n * 10000000 + b.place), e.starts_on, e.starts_on, 1, e.id, b.id,
    CASE WHEN pg_temp.u(e.n * 10000000 + b.place, 131) < 0.2 THEN 'holdout' ELSE 'targeted' END
FROM effort e, buyer b WHERE pg_temp.u(e.n * 10000000 + b.place, 132) < 0.3;

CREATE TEMP TABLE touch ON COMMIT DROP AS
SELECT t.n, k, e.n AS effort, e.id AS campaign_id, t.customer_id, occurred_at
FROM span CROSS JOIN standing t CROSS JOIN generate_series(1, 3) k
    CROSS JOIN LATERAL (SELECT t.opened_at - pg_temp.days(1 + 40 * pg_temp.u(t.n * 4 + k, 133)) + pg_temp.days(60 * pg_temp.u(t.n * 4 + k, 134))
        AS occurred_at) drawn
    JOIN effort e ON occurred_at >= e.starts_on AND occurred_at < e.ends_on + 1
    JOIN campaign_member m ON m.campaign_id = e.id AND m.customer_id = t.customer_id AND m.arm = 'targeted'
WHERE t.lead_source IS NOT NULL AND k <= 1 + pg_temp.below(3, t.n, 135) AND occurred_at <= at;

INSERT INTO touchpoint (id, created_at, updated_at, version, campaign_id, customer_id, kind, occurred_at, external_id)
SELECT pg_temp.key(occurred_at, 35, n * 4 + k), occurred_at, occurred_at, 1, campaign_id, customer_id,
    (ARRAY['sent', 'opened', 'clicked', 'visited', 'attended', 'responded'])[1 + pg_temp.below(6, n * 4 + k, 136)], occurred_at,
    'demo-touch-' || n || '-' || k
FROM touch;
