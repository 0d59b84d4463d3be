//! An invented Alliance of some size: documents written in bulk, grants by the real projection.

use alliance::domain::clock::{Clock, SystemClock, Timestamp};
use alliance::domain::code::Coded;
use alliance::domain::ids::{ClientId, OrganisationId, TypedId};
use alliance::domain::random::SystemRandomness;
use alliance::domain::role::{Role, Roles};
use alliance::http::authentication::{AUDIENCE, DEVELOPMENT_ISSUER, TokenClaims, sign};
use alliance::persistence::database::Database;
use alliance::persistence::ledger;
use alliance::persistence::sql::Sql;
use sea_orm::ConnectionTrait;

/// Clients.
pub const CLIENTS: usize = 2_400;
/// Teams that lead cases, of twelve organisations: eight have one, four have two.
const TEAMS: usize = 16;
/// Persons with a token each, three to a team.
pub const PERSONS: usize = 48;

/// Documents. `@now`: microseconds, `@day`: a day of them. Everything happened in the last forty days.
const DOCUMENTS: &str = r"
INSERT INTO organisation (id, name, name_key, kind, is_partner, is_category, implied_categories, status, version, created_at)
SELECT md5('organisation ' || n)::uuid, CASE n WHEN 0 THEN 'Hub Host' WHEN 1 THEN 'Sending Office' ELSE 'Partner ' || n END,
    'load ' || n, CASE n WHEN 1 THEN 'PROBATION' ELSE 'PARTNER_SUPPORT_PROVIDER' END, n <> 1, FALSE,
    CASE n WHEN 1 THEN 1 << 16 WHEN 5 THEN 1 << 14 ELSE 0 END, 'ACTIVE', 1, @now - 40 * @day
FROM generate_series(0, 13) n;

CREATE TEMPORARY TABLE lead AS
SELECT t, md5('team ' || t)::uuid AS team, md5('organisation ' || CASE WHEN t < 8 THEN 2 + t ELSE 6 + t / 2 END)::uuid AS organisation
FROM generate_series(0, @teams - 1) t;
INSERT INTO team (id, organisation_id, name, is_hub, refuses, version, created_at)
SELECT md5('hub')::uuid, md5('organisation 0')::uuid, 'Hub', TRUE, 0, 1, @now - 40 * @day
UNION ALL SELECT team, organisation, 'Team ' || t, FALSE, 0, 1, @now - 40 * @day FROM lead;

INSERT INTO person (id, name, version, created_at)
SELECT md5('person ' || p)::uuid, 'Worker ' || p || ' (invented)', 1, @now - 40 * @day FROM generate_series(-1, @persons - 1) p;
INSERT INTO identity (id, issuer, subject, person_id, created_at)
SELECT md5('identity ' || p)::uuid, '@issuer', 'worker-' || p, md5('person ' || p)::uuid, @now - 40 * @day
FROM generate_series(-1, @persons - 1) p;
INSERT INTO membership (id, person_id, organisation_id, roles, started_at, version)
SELECT md5('membership ' || p)::uuid, md5('person ' || p)::uuid, COALESCE(l.organisation, md5('organisation 1')::uuid), @roles,
    @now - 40 * @day, 1 FROM generate_series(-1, @persons - 1) p LEFT JOIN lead l ON p >= 0 AND l.t = p / 3;
INSERT INTO membership_team (membership_id, team_id)
SELECT md5('membership ' || p)::uuid, md5('team ' || p / 3)::uuid FROM generate_series(0, @persons - 1) p;

CREATE TEMPORARY TABLE story AS
SELECT i, md5('client ' || i)::uuid AS client,
    ('01990000-0000-7000-8000-' || lpad(to_hex(2 * i), 12, '0'))::uuid AS referral,
    ('01990000-0000-7000-9000-' || lpad(to_hex(i), 12, '0'))::uuid AS kase, md5('consent ' || i)::uuid AS consent,
    md5('organisation 1')::uuid AS sender, md5('person -1')::uuid AS sent_by,
    l.organisation AS lead, l.team, md5('person ' || l.t * 3 + i / @teams % 3)::uuid AS worker, o.organisation AS member, o.team AS joins,
    (ARRAY['Marlow','Isolde','Jorah','Wren','Cosmo','Linnet','Fitz','Saffron','Maren','Osric','Tamsin'])[1 + i % 11] AS given,
    (ARRAY['Quennell','Pemberly','Tindall','Abernathy','Hartnoll','Osgood','Marchmont'])[1 + i % 7] || ' ' || i AS family,
    @now - (30 - i % 20) * @day AS at
FROM generate_series(0, @clients - 1) i JOIN lead l ON l.t = i % @teams JOIN lead o ON o.t = (i + 2) % @teams;

INSERT INTO client (id, status, created_at) SELECT client, 'CONFIRMED', at FROM story;

INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, state, urgency, brought, consent_id, case_id,
    created_at, submitted_at, accepted_at, left_hub_at, version)
SELECT referral, client, sender, sent_by, FALSE, 'ACCEPTED', (ARRAY['EVICTION_WITHIN_DAYS','WITHIN_56_DAYS','UPSTREAM'])[1 + i % 3],
    @brought, NULL, kase, at, at + 1, at + @day, at + @day, 4 FROM story;
INSERT INTO referral (id, client_id, organisation_id, sent_by, private_sender, state, urgency, brought, outcome, created_at,
    submitted_at, closed_at, left_hub_at, version)
SELECT ('01980000-0000-7000-8000-' || lpad(to_hex(2 * i + 1), 12, '0'))::uuid, client, sender, sent_by, FALSE, 'CLOSED', 'UPSTREAM',
    @brought, 'DID_NOT_ENGAGE', at - 5 * @day, at - 5 * @day + 1, at - 4 * @day, at - 4 * @day, 3 FROM story WHERE i % 4 = 0;
INSERT INTO referral_narrative (id, referral_id, client_id, category, category_bit, body)
SELECT md5('narrative ' || i)::uuid, referral, client, 'HOUSING', 64, 'Behind with the rent since hours at work were cut.' FROM story;
INSERT INTO referral_offer (id, referral_id, client_id, team_id, organisation_id, refuses, criteria_seen, offered_by, offered_at,
    answer, answered_by, answered_at)
SELECT md5('offer ' || i)::uuid, referral, client, team, lead, 0, 'Adult, local.', sent_by, at + 2, 'ACCEPTED', worker, at + @day FROM story;

INSERT INTO consent (id, client_id, referral_id, all_partners, purposes, categories, given_by, given_how, evidence, given_at,
    expires_at, recorded_by, recorded_for, recorded_at, owner_id)
SELECT consent, client, referral, FALSE, 3, @consented, 'CLIENT', 'WRITTEN', 'Signed form.', at, at + 365 * @day, sent_by, sender,
    at, referral FROM story;
INSERT INTO consent_recipient (consent_id, organisation_id)
SELECT consent, lead FROM story UNION ALL SELECT consent, md5('organisation 0')::uuid FROM story
UNION ALL SELECT consent, member FROM story WHERE i % 3 = 0;

INSERT INTO client_entry (id, client_id, category, category_bit, body, search_key, reveals_location, referral_id, recorded_by,
    recorded_for, owner_id, controller_id, recorded_at, version)
SELECT md5(category || ' ' || i)::uuid, client, category, bit, body::text,
    CASE category WHEN 'NAME' THEN lower(given || ' ' || family) WHEN 'BIRTH' THEN '1990-02-03' END, category = 'CONTACT', referral,
    sent_by, sender, referral, sender, at, 1
FROM story CROSS JOIN LATERAL (VALUES
    ('NAME', 1, json_build_object('kind', 'name', 'given', given, 'family', family)),
    ('BIRTH', 2, json_build_object('kind', 'birth', 'date', '1990-02-03')),
    ('CONTACT', 4, json_build_object('kind', 'contact', 'address_lines', json_build_array(i || ' Test Row'), 'postcode', 'OX1 1BX')),
    ('LONE_WORKING', 16, json_build_object('kind', 'text', 'category', 'LONE_WORKING', 'text', 'Meet at the office.')),
    ('HOUSING', 64, json_build_object('kind', 'housing', 'tenure', 'PRIVATE_RENT', 'landlord', 'Invented Lettings',
        'arrears_pence', i * 100)),
    ('FINANCE', 128, json_build_object('kind', 'text', 'category', 'FINANCE', 'text', 'Universal Credit.')),
    ('HEALTH', 16384, json_build_object('kind', 'text', 'category', 'HEALTH', 'text', 'Takes medication.'))
) AS e (category, bit, body);
INSERT INTO client_entry (id, client_id, category, category_bit, body, reveals_location, recorded_by, recorded_for, owner_id,
    controller_id, recorded_at, version)
SELECT md5('later ' || category || ' ' || i)::uuid, client, category, bit, body::text, FALSE, worker, lead, lead, lead, at + 3 * @day, 1
FROM story CROSS JOIN LATERAL (VALUES
    ('HOUSING', 64, json_build_object('kind', 'housing', 'tenure', 'SOCIAL_RENT', 'arrears_pence', i * 90)),
    ('SUPPORT_PLAN', 1024, json_build_object('kind', 'text', 'category', 'SUPPORT_PLAN', 'text', 'A repayment plan.'))
) AS e (category, bit, body) WHERE i % 2 = 0;

INSERT INTO shared_case (id, client_id, referral_id, lead_organisation_id, lead_team_id, lead_worker_id, stage, opened_at, version)
SELECT kase, client, referral, lead, team, worker, (ARRAY['DOING_FOR','DOING_WITH','SUSTAINING_INDEPENDENCE'])[1 + i % 3], at + @day, 1
FROM story;
INSERT INTO case_member (id, case_id, client_id, organisation_id, team_id, member_role, agreed, joined_by, joined_at, version)
SELECT md5('member ' || i)::uuid, kase, client, member, joins, 'Advice', 64 + 128, worker, at + 2 * @day, 1 FROM story WHERE i % 3 = 0;

INSERT INTO restriction (id, client_id, kind, organisation_id, recorded_by, recorded_at)
SELECT md5('restriction ' || i)::uuid, client,
    CASE WHEN i % 40 = 0 THEN 'PROTECTED_CONTACT' WHEN i % 40 = 1 THEN 'SEALED' ELSE 'OBJECTION' END,
    CASE WHEN i % 40 = 2 THEN lead END, sent_by, at + 3 * @day FROM story WHERE i % 40 < 3;
DROP TABLE story, lead;
";

/// Writes the documents and projects every client's grants.
pub async fn seed(database: &Database) -> Result<(), String> {
    let now = SystemClock.now();
    let roles: Roles = [Role::SupportWorker].into_iter().collect();
    let mut script = DOCUMENTS.to_owned();
    for (word, value) in [
        ("@now", now.0.to_string()),
        ("@day", "86400000000".to_owned()),
        ("@teams", TEAMS.to_string()),
        ("@persons", PERSONS.to_string()),
        ("@clients", CLIENTS.to_string()),
        ("@issuer", DEVELOPMENT_ISSUER.to_owned()),
        ("@roles", roles.mask().to_string()),
        // NAME, BIRTH, CONTACT, LONE_WORKING, HOUSING, FINANCE, HEALTH.
        ("@brought", (1 + 2 + 4 + 16 + 64 + 128 + 16384).to_string()),
        // The same with CASE_NOTES.
        ("@consented", (1 + 2 + 4 + 16 + 64 + 128 + 2048 + 16384).to_string()),
    ] {
        script = script.replace(word, &value);
    }
    let told = |e: sea_orm::DbErr| e.to_string();
    let tx = database.begin().await.map_err(|f| f.for_log().to_owned())?;
    tx.connection().execute_unprepared(&script).await.map_err(told)?;
    tx.commit().await.map_err(|f| f.for_log().to_owned())?;
    let clients = clients(database).await?;
    let halves = clients.split_at(clients.len() / 2);
    tokio::try_join!(project(database, halves.0, now), project(database, halves.1, now))?;
    database.for_migrations().execute_unprepared("VACUUM ANALYZE").await.map_err(told)?;
    database.for_migrations().execute_unprepared("CHECKPOINT").await.map_err(told)?;
    Ok(())
}

async fn clients(database: &Database) -> Result<Vec<ClientId>, String> {
    static ALL: Sql = Sql::new("SELECT id FROM client ORDER BY id");
    let rows = database.rows(&ALL, Vec::new()).await.map_err(|f| f.for_log().to_owned())?;
    rows.iter().map(|row| row.try_get_by_index(0).map(ClientId).map_err(|e| e.to_string())).collect()
}

async fn project(database: &Database, clients: &[ClientId], now: Timestamp) -> Result<(), String> {
    let told = |f: alliance::persistence::fault::Fault| f.for_log().to_owned();
    for some in clients.chunks(100) {
        let tx = database.begin().await.map_err(told)?;
        for client in some {
            ledger::apply(&tx, *client, now, &SystemRandomness).await.map_err(told)?;
        }
        tx.commit().await.map_err(told)?;
    }
    Ok(())
}

/// A token of every worker.
pub async fn tokens(database: &Database, key: &[u8]) -> Result<Vec<String>, String> {
    static WORKERS: Sql = Sql::new(
        "SELECT i.subject, m.organisation_id FROM identity i JOIN membership m ON m.person_id = i.person_id \
        JOIN membership_team j ON j.membership_id = m.id ORDER BY i.id",
    );
    let now = SystemClock.now().0 / 1_000_000;
    let rows = database.rows(&WORKERS, Vec::new()).await.map_err(|f| f.for_log().to_owned())?;
    rows.iter()
        .map(|row| {
            let told = |e: sea_orm::DbErr| e.to_string();
            let claims = TokenClaims {
                iss: DEVELOPMENT_ISSUER.to_owned(),
                sub: row.try_get_by_index(0).map_err(told)?,
                aud: AUDIENCE.to_owned(),
                exp: now + 3600,
                iat: now,
                org: OrganisationId(row.try_get_by_index(1).map_err(told)?).global(),
                roles: vec![Role::SupportWorker.code().to_owned()],
            };
            sign(key, &claims)
        })
        .collect()
}
