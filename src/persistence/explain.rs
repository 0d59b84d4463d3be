//! What an explanation rests on, in one statement that tests by itself who is entitled to it (C12, C13).

use super::access::{ReadScope, basis_of_bit};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int};
use crate::domain::category::{Categories, Category};
use crate::domain::document::DocumentKind;
use crate::domain::ids::{ClientId, PersonId};
use crate::policy::explain::{
    ENTITLING_LEADS, Entitlement, ExplainFacts, GrantFacts, OrganisationFacts, PersonFacts, RestrictionFacts,
};

/// Part 0: that the viewer is entitled. Part 1: what is open to the viewer, for the hub also what a referral brought. Part 2: the live
/// grants that open the category, whoever holds them. Part 3: the restrictions that stand. Part 4: what the other organisations imply
/// for which the persons work whom they exclude (C11). Without a row of part 0 there is none of the others.
static EXPLANATION: Sql = Sql::new(
    "WITH entitled AS (SELECT g.client_id FROM access_grant g JOIN shared_case k ON k.id = g.scope_id AND k.closed_at IS NULL \
    WHERE g.client_id = $8 AND g.basis = 'HOLDER' AND $10 = 1 AND @live(g) \
    UNION SELECT g.client_id FROM access_grant g WHERE g.client_id = $8 AND (g.basis_bit & $12) <> 0 AND $11 = 1 AND @held(g)) \
    SELECT 0 AS part, e.client_id AS id, CAST(NULL AS uuid), CAST(NULL AS text), CAST(0 AS bigint), CAST(NULL AS text), \
    CAST(NULL AS uuid), CAST(NULL AS text), CAST(0 AS bigint), CAST(NULL AS text), CAST(NULL AS text), CAST(NULL AS uuid), \
    CAST(0 AS bigint) AS since, CAST(0 AS bigint), CAST(0 AS bigint) AS more, CAST(NULL AS uuid) AS body FROM entitled e \
    UNION ALL \
    SELECT 1, g.id, g.organisation_id, NULL, g.categories, NULL, NULL, NULL, g.basis_bit, g.scope, NULL, NULL, g.starts_at, \
    g.until_at, 0, NULL FROM access_grant g WHERE g.client_id = $8 AND g.opens_client \
    AND (g.scope IN ('CLIENT', 'REFERRAL', 'CASE') OR (g.basis = 'HUB' AND g.scope = 'ITEM')) AND @live(g) AND EXISTS (SELECT 1 FROM entitled) \
    UNION ALL \
    SELECT 2, g.id, g.organisation_id, o.name, o.implied_categories, t.name, g.person_id, p.name, g.basis_bit, g.scope, \
    g.source_kind, g.source_id, g.starts_at, g.until_at, g.passes, COALESCE(o.merged_into_id, o.id) FROM access_grant g JOIN organisation o ON o.id = g.organisation_id \
    LEFT JOIN team t ON t.id = g.team_id LEFT JOIN person p ON p.id = g.person_id WHERE g.client_id = $8 \
    AND g.ended_at IS NULL AND g.starts_at <= $3 AND g.until_at > $3 AND (g.categories & $9) <> 0 \
    AND EXISTS (SELECT 1 FROM entitled) \
    UNION ALL \
    SELECT 3, x.id, x.organisation_id, o.name, COALESCE(o.implied_categories, 0), NULL, x.person_id, p.name, 0, x.kind, NULL, \
    NULL, x.recorded_at, 0, (SELECT COUNT(*) FROM restriction_person y WHERE y.restriction_id = x.id AND NOT y.alike), \
    COALESCE(o.merged_into_id, o.id) FROM restriction x LEFT JOIN organisation o ON o.id = x.organisation_id LEFT JOIN person p ON p.id = x.person_id \
    WHERE x.client_id = $8 AND x.ended_at IS NULL AND EXISTS (SELECT 1 FROM entitled) \
    UNION ALL \
    SELECT 4, j.id, NULL, NULL, o.implied_categories, NULL, x.person_id, NULL, 0, NULL, NULL, NULL, 0, 0, 0, NULL FROM restriction x \
    JOIN membership j ON j.person_id = x.person_id AND j.ended_at IS NULL AND j.organisation_id <> $1 \
    JOIN organisation o ON o.id = j.organisation_id WHERE x.client_id = $8 AND x.ended_at IS NULL \
    AND EXISTS (SELECT 1 FROM entitled) \
    ORDER BY part, since, id",
);

impl ReadScope<'_> {
    /// What bears on a category of a record, for those entitled to have it explained; nothing for everybody else (C13).
    pub async fn explanation(
        &self,
        client: ClientId,
        category: Category,
        by: Entitlement,
    ) -> Result<Option<ExplainFacts>, Fault> {
        // Whatever opens anything opens the person's involvement, within its scope.
        let opened_by = match category {
            Category::Involvement => Categories::ALL,
            other => Categories::of(&[other]),
        };
        let values = vec![
            id(client.0),
            int(opened_by.mask()),
            int(i64::from(by.as_manager)),
            int(i64::from(by.as_lead)),
            int(ENTITLING_LEADS),
        ];
        let mut found: Option<ExplainFacts> = None;
        for row in &self.rows(&EXPLANATION, values).await? {
            let mut c = Columns::of(row);
            let part: i32 = c.take()?;
            let facts = found.get_or_insert_default();
            match part {
                0 => {}
                1 => {
                    c.skip(3);
                    facts.open = facts.open.union(c.categories()?);
                }
                2 => facts.grants.push(grant(&mut c)?),
                3 => facts.restrictions.push(restriction(&mut c)?),
                _ => speaks(&mut c, facts)?,
            }
        }
        Ok(found)
    }
}

/// What a person's work for somebody else implies.
fn speaks(c: &mut Columns<'_>, facts: &mut ExplainFacts) -> Result<(), Fault> {
    c.skip(3);
    let implies = c.categories()?;
    c.skip(1);
    let who: Option<PersonId> = c.id_or_none()?;
    for person in facts.restrictions.iter_mut().filter_map(|r| r.person.as_mut()).filter(|p| Some(p.id) == who) {
        person.implies = person.implies.union(implies);
    }
    Ok(())
}

/// An organisation; of which body it is comes last, see [`body`].
fn organisation(c: &mut Columns<'_>) -> Result<Option<OrganisationFacts>, Fault> {
    let (id, name, implies) = (c.id_or_none()?, c.take::<Option<String>>()?, c.categories()?);
    Ok(id.zip(name).map(|(id, name)| OrganisationFacts { id, body: id, name, implies }))
}

/// Reads of which body an organisation is.
fn body(c: &mut Columns<'_>, organisation: Option<&mut OrganisationFacts>) -> Result<(), Fault> {
    if let (Some(found), Some(body)) = (organisation, c.id_or_none()?) {
        found.body = body;
    }
    Ok(())
}

fn person(c: &mut Columns<'_>) -> Result<Option<PersonFacts>, Fault> {
    let (id, name): (Option<PersonId>, Option<String>) = (c.id_or_none()?, c.take()?);
    Ok(id.zip(name).map(|(id, name)| PersonFacts { id, name, implies: Categories::NONE }))
}

fn grant(c: &mut Columns<'_>) -> Result<GrantFacts, Fault> {
    let mut read = GrantFacts {
        id: c.id()?,
        organisation: organisation(c)?.ok_or_else(|| Fault::new("a grant of no organisation"))?,
        team: c.take()?,
        person: person(c)?,
        basis: basis_of_bit(c.take()?)?,
        scope: c.code()?,
        document: DocumentKind::of(&c.take::<String>()?),
        document_id: c.take()?,
        since: c.time()?,
        until: c.time()?,
        passes: c.take()?,
    };
    body(c, Some(&mut read.organisation))?;
    Ok(read)
}

fn restriction(c: &mut Columns<'_>) -> Result<RestrictionFacts, Fault> {
    c.skip(1);
    let mut organisation = organisation(c)?;
    c.skip(1);
    let person = person(c)?;
    c.skip(1);
    let kind = c.code()?;
    c.skip(2);
    let since = c.time()?;
    c.skip(1);
    let named = c.take()?;
    body(c, organisation.as_mut())?;
    Ok(RestrictionFacts { kind, since, organisation, person, named })
}
