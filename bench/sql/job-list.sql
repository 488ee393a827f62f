-- jobs
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('kind', x.kind, 'state', upper(x.state),
  'attempt', x.attempt, 'progressDone', x.progress_done, 'progressMessage', x.progress_message, 'result', x.result,
  'error', x.error) ORDER BY x.created_at DESC, x.id DESC), '[]'))::text
FROM (SELECT * FROM job ORDER BY created_at DESC, id DESC LIMIT 4) x

-- schedules
SELECT json_build_object('nodes', coalesce(json_agg(json_build_object('name', name, 'kind', kind, 'cron', cron,
  'timeZone', time_zone, 'isPaused', is_paused, 'nextDueAt', next_due_at) ORDER BY name, id), '[]'))::text FROM schedule
