-- Forecasts as they were frozen on the first of each of the last twelve months, and scored where their month is over.

CREATE TEMP TABLE frozen ON COMMIT DROP AS
SELECT k, pg_temp.key(start, 39, k) AS id, start::date AS period_start, (start + interval '1 month')::date AS period_end,
    start + interval '6 hours' AS taken_at
FROM span, generate_series(0, 11) k, LATERAL (SELECT date_trunc('month', at) - k * interval '1 month' AS start) month
WHERE start + interval '6 hours' <= at;

CREATE TEMP TABLE foreseen ON COMMIT DROP AS
SELECT f.k, t.owner_id,
    count(*) FILTER (WHERE s.kind = 'open') AS opportunity_count,
    coalesce(sum(t.amount) FILTER (WHERE s.category = 'commit'), 0) AS commit,
    coalesce(sum(t.amount) FILTER (WHERE s.category = 'best_case'), 0) AS best_case,
    coalesce(sum(t.amount) FILTER (WHERE s.category = 'pipeline'), 0) AS pipeline,
    coalesce(sum(round(t.amount * s.probability, 3)) FILTER (WHERE s.kind = 'open'), 0) AS weighted
FROM frozen f JOIN stay y ON y.entered_at <= f.taken_at AND (y.left_at IS NULL OR y.left_at > f.taken_at)
    JOIN stage s ON s.position = y.position AND s.kind = 'open' JOIN standing t ON t.n = y.n,
    LATERAL (SELECT y.entered_at::date + (5 - s.position) * 22 + pg_temp.below(30, t.n, 150)::int AS expected_on) then_thought
WHERE expected_on >= f.period_start AND expected_on < f.period_end
GROUP BY f.k, t.owner_id;

INSERT INTO forecast_snapshot (id, created_at, updated_at, version, grain, period_start, period_end, taken_at, taken_on, scored_at, scores)
SELECT id, taken_at, taken_at, 1, 'month', period_start, period_end, taken_at, taken_at::date, NULL, NULL FROM frozen;

INSERT INTO forecast_line (id, created_at, updated_at, version, snapshot_id, owner_id, currency, opportunity_count, closed, commit, best_case,
    pipeline, weighted, actual)
SELECT pg_temp.key(f.taken_at, 40, f.k * 1000 + w.place), f.taken_at, f.taken_at, 1, f.id, w.id, 'USD', coalesce(e.opportunity_count, 0), 0,
    coalesce(e.commit, 0), coalesce(e.best_case, 0), coalesce(e.pipeline, 0), coalesce(e.weighted, 0), NULL
FROM frozen f CROSS JOIN seller w LEFT JOIN foreseen e ON e.k = f.k AND e.owner_id = w.id;
