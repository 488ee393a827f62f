-- improvementCyclesAggregate
SELECT json_build_object('groups', coalesce(json_agg(json_build_object('key', json_build_object('state', upper(state)),
  'count', n) ORDER BY state), '[]'))::text
FROM (SELECT state, count(*) AS n FROM improvement_cycle GROUP BY state) x

-- improvementCycles
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('title', c.title, 'problem', c.problem,
  'state', upper(c.state), 'origin', upper(c.origin),
  'owner', CASE WHEN u.id IS NOT NULL THEN json_build_object('name', u.name) END,
  'primaryKpi', CASE WHEN k.id IS NOT NULL THEN json_build_object('name', k.name) END,
  'evidence', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('text', x.text)) FROM (
      SELECT * FROM improvement_evidence WHERE cycle_id = c.id ORDER BY created_at, id LIMIT 2) x), '[]')),
  'effects', json_build_object('nodes', coalesce((
    SELECT json_agg(json_build_object('verdict', upper(x.verdict), 'words', x.words)) FROM (
      SELECT * FROM improvement_effect WHERE cycle_id = c.id ORDER BY computed_at DESC, id DESC LIMIT 1) x), '[]')),
  'practice', (SELECT json_build_object('title', x.title, 'adoptionCount', (
      SELECT count(*) FROM practice_adoption a WHERE a.practice_id = x.id)) FROM practice x WHERE x.cycle_id = c.id)
) ORDER BY c.starts_on DESC NULLS LAST, c.id DESC), '[]'))::text
FROM (SELECT * FROM improvement_cycle ORDER BY starts_on DESC NULLS LAST, id DESC LIMIT 4) c
LEFT JOIN access_user u ON u.id = c.owner_id LEFT JOIN kpi k ON k.id = c.primary_kpi_id

-- practices
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('title', x.title, 'state', upper(x.state),
  'adoptionCount', (SELECT count(*) FROM practice_adoption a WHERE a.practice_id = x.id))), '[]'))::text
FROM (SELECT * FROM practice ORDER BY created_at DESC, id DESC LIMIT 2) x
