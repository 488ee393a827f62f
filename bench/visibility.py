"""What it costs that people see only what is theirs: pages by reach, over a million deals, against those of all."""

from dataclasses import dataclass, field
from statistics import median

import asyncpg

from bench.load import Order, fire
from bench.report import heading, ratio, table, verdict
from bench.stand import EMAIL, PASSWORD, Server, Stand, log_in

DEALS, CUSTOMERS, SELLERS, TEAM = 1_000_000, 50_000, 400, 10
"""Forty teams of ten under four regions: a seller has 2,500 deals, a team 25,000, a region 250,000."""
ROUNDS, ANSWERS = 9, 150
MOST = 1.3
PAGE = """{ opportunities(first: 50) { nodes { id name amount { amount currency } closeDate stage { name }
  customer { id name } owner { id name } } pageInfo { hasNextPage endCursor } } }"""
SORTED = PAGE.replace("first: 50", "first: 50, orderBy: [{field: CLOSE_DATE}]")
FILTERED = PAGE.replace("first: 50", 'first: 50, where: {status: {eq: OPEN}, amountValue: {gte: "500"}}')
CASES = {"the newest": PAGE, "by close date": SORTED, "filtered": FILTERED}
FILL = f"""
    INSERT INTO access_user (id, created_at, updated_at, version, email, name, password_hash, is_active)
    SELECT uuidv7(), now(), now(), 1, 'seller' || n || '@example.org', 'Seller ' || n, u.password_hash, true
    FROM generate_series(1, {SELLERS}) n, access_user u WHERE u.email = '{EMAIL}';
    INSERT INTO access_role_assignment (id, created_at, updated_at, version, user_id, role_id)
    SELECT uuidv7(), now(), now(), 1, u.id, r.id FROM access_user u, access_role r
    WHERE u.email LIKE 'seller%' AND r.name = 'sales representative';
    INSERT INTO access_team (id, created_at, updated_at, version, name)
    SELECT uuidv7(), now(), now(), 1, 'Region ' || n FROM generate_series(0, 3) n;
    INSERT INTO access_team (id, created_at, updated_at, version, name, parent_id)
    SELECT uuidv7(), now(), now(), 1, 'Team ' || n, t.id FROM generate_series(0, {SELLERS // TEAM - 1}) n
    JOIN access_team t ON t.name = 'Region ' || n % 4;
    INSERT INTO access_team_membership (id, created_at, updated_at, version, team_id, user_id, starts_at)
    SELECT uuidv7(), now(), now(), 1, t.id, u.id, now() - interval '1 day' FROM generate_series(1, {SELLERS}) n
    JOIN access_user u ON u.email = 'seller' || n || '@example.org'
    JOIN access_team t ON t.name = 'Team ' || (n - 1) / {TEAM};
    UPDATE access_team SET manager_id = (SELECT id FROM access_user WHERE email = 'seller400@example.org')
    WHERE name = 'Region 0';
    CREATE TEMP TABLE seller AS SELECT row_number() OVER (ORDER BY id) - 1 AS place, id FROM access_user
    WHERE email LIKE 'seller%';
    INSERT INTO pipeline (id, created_at, updated_at, version, name, is_default, is_active)
    VALUES ('00000000-0000-7000-8000-000000000001', now(), now(), 1, 'P', true, true);
    INSERT INTO pipeline_stage (id, created_at, updated_at, version, pipeline_id, name, position, kind,
        default_probability, forecast_category)
    VALUES ('00000000-0000-7000-8000-000000000002', now(), now(), 1, '00000000-0000-7000-8000-000000000001', 'S', 1,
        'open', 0.5, 'pipeline');
    INSERT INTO customer (id, created_at, updated_at, version, kind, name, city, owner_id)
    SELECT overlay('00000000-0000-7000-8000-00000000000a' placing lpad(to_hex(n), 8, '0') from 1 for 8)::uuid,
        now(), now(), 1, 'company', 'Customer ' || n, 'City ' || n % 97, s.id
    FROM generate_series(1, {CUSTOMERS}) n JOIN seller s ON s.place = n * 7919::bigint % {SELLERS};
    INSERT INTO opportunity (id, created_at, updated_at, version, name, customer_id, pipeline_id, stage_id, status,
        owner_id, currency, amount, amount_is_set, probability, probability_is_set, forecast_category, close_date,
        close_date_pushes, opened_at, stage_entered_at)
    SELECT overlay('00000000-0000-7000-8000-00000000000b' placing lpad(to_hex(n), 8, '0') from 1 for 8)::uuid,
        at, at, 1, 'Deal ' || n,
        overlay('00000000-0000-7000-8000-00000000000a' placing lpad(to_hex(1 + n * 31::bigint % {CUSTOMERS}), 8, '0')
            from 1 for 8)::uuid,
        '00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000002', 'open', s.id, 'USD',
        n * 7919::bigint % 1000, true, 0.5, false, 'pipeline', date '2024-01-01' + (n * 104729::bigint % 900)::int,
        0, at, at
    FROM generate_series(1, {DEALS}) n
        JOIN seller s ON s.place = (hashtextextended(n::text, 7) & 1048575) % {SELLERS},
        LATERAL (SELECT timestamptz '2021-01-01' + n * interval '97 seconds' AS at) moment;
"""


@dataclass
class Viewer:
    """Somebody who reads, and what each round took."""

    name: str
    token: str
    wait_ms: dict[str, list[float]] = field(default_factory=dict)
    postgres_ms: dict[str, list[float]] = field(default_factory=dict)


def run(stand: Stand) -> None:
    """This will compare pages of an administrator with those of a seller, of a team, and of a region."""
    heading(
        "Visibility",
        f"Pages of 50 of {DEALS:,} deals with stage, customer and owner; concurrency 1; in turns, {ROUNDS} rounds of "
        f"{ANSWERS} answers, medians; {SELLERS} sellers in teams of {TEAM}, within four regions.\n{stand.remark}",
    )
    url = stand.own("visibility", fill)
    with stand.api(url) as server:
        port = server.process.port
        viewers = [
            Viewer("an administrator", server.token or ""),
            Viewer("a representative, their team's", log_in(port, "seller1@example.org", PASSWORD)),
            Viewer("the head of a region, 100 sellers'", log_in(port, "seller400@example.org", PASSWORD)),
        ]
        for _ in range(ROUNDS + 1):
            for case, query in CASES.items():
                for viewer in viewers:
                    _read(stand, server, viewer, case, query)
    _tell(viewers)


async def fill(connection: asyncpg.Connection) -> None:
    """This will fill a migrated database in which the bench's user is."""
    await connection.execute(f"SET session_replication_role = replica; {FILL}", timeout=None)
    await connection.execute("VACUUM (ANALYZE)", timeout=None)


def _read(stand: Stand, server: Server, viewer: Viewer, case: str, query: str) -> None:
    began = stand.postgres_seconds()
    tally = fire(Order(server.process.port, [{"query": query}], viewer.token, answers=ANSWERS, concurrency=1))
    viewer.wait_ms.setdefault(case, []).append(tally.median_ms)
    viewer.postgres_ms.setdefault(case, []).append(1000 * (stand.postgres_seconds() - began) / ANSWERS)


def _tell(viewers: list[Viewer]) -> None:
    """The first round only warms."""
    rows = [
        (f"{case}: {viewer.name}", median(viewer.wait_ms[case][1:]), median(viewer.postgres_ms[case][1:]))
        for case in CASES
        for viewer in viewers
    ]
    table(("", "median wait ms", "PostgreSQL ms/answer"), rows)
    print()
    everybody, team, _ = viewers
    for case in CASES:
        slower = ratio(team.wait_ms[case][1:], everybody.wait_ms[case][1:])
        text = (
            f"{case}: {slower:.2f} times an administrator's for a representative with team visibility, at most {MOST}"
        )
        verdict(text, slower <= MOST)
