//! The access ledger in SQL (C2): one fragment, tried by every statement that returns client-bound rows.
//!
//! The first seven parameters of such a statement are always the viewer's:
//!
//! | parameter | what |
//! | --- | --- |
//! | `$1` | the acting organisation |
//! | `$2` | who a grant may be narrowed to and still be the viewer's: organisation, person, teams |
//! | `$3` | now, in microseconds |
//! | `$4` | the bases the viewer's roles can use; bit [`SUPERVISES`] for who can supervise |
//! | `$5`, `$6` | the membership and its version: an ended or changed one opens nothing, at once |
//! | `$7` | the person |
//!
//! Because the ledger, the membership and the restrictions are tested inside the statement, whatever ended before a
//! statement started is not in its result, on any path and any instance (C4).

use super::database::{Database, Tx};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, ids, int};
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, LOCATING};
use crate::domain::clock::{Clock, Timestamp};
use crate::domain::code::Coded;
use crate::domain::ids::GrantId;
use crate::policy::disclosure::LiveGrant;
use crate::policy::restriction;
use crate::policy::supervision::can_supervise;
use crate::policy::viewer::Viewer;
use sea_orm::{QueryResult, Value};
use uuid::Uuid;

/// A bit of `$4` beyond all bases: the viewer acts in a role that supervises reflective logs (C10).
const SUPERVISES: i64 = 1 << 32;

/// `@usable(g)`: the grant is the viewer's, live, and usable in a role; what restrictions stand before it is not yet asked. What an
/// organisation's workers recorded is for who works there (bit 8: HOLDER), not for a coordinator of the hub that it hosts; what the
/// hub team recorded is narrowed to the team.
macro_rules! usable {
    () => {
        "g.organisation_id = $1 AND g.holder_id @in($2) AND g.ended_at IS NULL \
        AND g.starts_at <= $3 AND g.until_at > $3 AND (g.basis_bit & $4) <> 0 \
        AND (g.basis <> 'AUTHOR' OR g.team_id IS NOT NULL OR ($4 & 8) <> 0) \
        AND EXISTS (SELECT 1 FROM membership m WHERE m.id = $5 AND m.version = $6 AND m.ended_at IS NULL)"
    };
}
const USABLE: &str = usable!();

/// Two organisations are one body: the same one, or merged into one another. Who is excluded is a body, whatever names it was
/// recorded under (C6).
macro_rules! one_body {
    ($one:literal, $other:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM organisation oa JOIN organisation ob ON COALESCE(ob.merged_into_id, ob.id) = \
            COALESCE(oa.merged_into_id, oa.id) WHERE oa.id = ",
            $one,
            " AND ob.id = ",
            $other,
            ")"
        )
    };
}
pub(super) use one_body;

/// `@live(g)`: the grant is usable, and no restriction stands before it (C5, C6). The database marks the grants of clients with a
/// live restriction, so that no statement looks for one where there is none. The words in capitals are the masks of
/// [`crate::policy::restriction`].
const LIVE: &str = concat!(
    usable!(),
    " AND (NOT g.restricted OR NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = g.client_id AND x.ended_at IS NULL AND ( \
    (x.kind = 'OBJECTION' AND ((x.person_id = $7 AND (g.basis_bit & @PERSON_OBJECTED) <> 0) \
    OR ((g.basis_bit & @ORGANISATION_OBJECTED) <> 0 AND ",
    one_body!("x.organisation_id", "$1"),
    "))) OR (x.kind = 'SEALED' AND (g.basis_bit & @SEALED) <> 0 AND (g.passes & @PASSES_SEAL) = 0 AND NOT EXISTS ( \
    SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = $7)))))"
);

/// How far the bases that are beaten although somebody co-signed stand behind those that are beaten otherwise, in `@stands`.
const CO_SIGNED: i64 = 20;
const _: () = assert!(Basis::ALL.len() <= 20, "every basis has its bit below the next group");

/// `@stands`: all that the live restrictions of the client `$8` do to this viewer, as one number: the bases that they beat, those
/// that they beat in spite of a co-signature, and whether contact and location are protected. The same rules as in `@live` and
/// `@protected`, for statements about a single client.
const STANDS: &str = concat!(
    "SELECT COALESCE( \
MAX(CASE WHEN x.kind = 'OBJECTION' AND x.person_id = $7 THEN CAST(@STANDS_PERSON AS bigint) ELSE 0 END) \
| MAX(CASE WHEN x.kind = 'OBJECTION' AND ",
    one_body!("x.organisation_id", "$1"),
    " THEN CAST(@STANDS_ORGANISATION AS bigint) ELSE 0 END) \
| MAX(CASE WHEN x.kind = 'SEALED' AND y.person_id IS NULL THEN CAST(@STANDS_SEAL AS bigint) ELSE 0 END) \
| MAX(CASE WHEN x.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND y.person_id IS NULL \
THEN CAST(@STANDS_PROTECTION AS bigint) ELSE 0 END), 0) \
FROM restriction x LEFT JOIN restriction_person y ON y.restriction_id = x.id AND y.person_id = $7 \
WHERE x.client_id = $8 AND x.ended_at IS NULL"
);

/// `@unbeaten(g)`: nothing of what `g.stands` says (`@stands`) beats the grant.
const UNBEATEN: &str =
    "(g.basis_bit & (g.stands >> CASE WHEN (g.passes & @PASSES_SEAL) <> 0 THEN @CO_SIGNED ELSE 0 END)) = 0";

/// `@held(g)`: the grant is the acting organisation's, whoever in it holds it, live, and no restriction stands before it for the
/// viewer. For those who are entitled by what their organisation holds: a seal lets pass whom it names, and no co-signature.
const HELD: &str = concat!(
    "g.organisation_id = $1 AND g.ended_at IS NULL AND g.starts_at <= $3 AND g.until_at > $3 \
AND EXISTS (SELECT 1 FROM membership m WHERE m.id = $5 AND m.version = $6 AND m.ended_at IS NULL) \
AND NOT EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = g.client_id AND x.ended_at IS NULL AND ( \
(x.kind = 'OBJECTION' AND ((x.person_id = $7 AND (g.basis_bit & @PERSON_OBJECTED) <> 0) \
OR ((g.basis_bit & @ORGANISATION_OBJECTED) <> 0 AND ",
    one_body!("x.organisation_id", "$1"),
    "))) OR (x.kind = 'SEALED' AND (g.basis_bit & @SEALED) <> 0 AND NOT EXISTS ( \
SELECT 1 FROM restriction_person y WHERE y.restriction_id = x.id AND y.person_id = $7))))"
);

/// `@protected(e)`: contact and location of the row's client are for the named few, and the viewer is none of them (C7), nor holds
/// a live grant that a co-signature lets pass. It is asked once a row, not once a grant: it stands before every basis alike.
const PROTECTED: &str = "EXISTS (SELECT 1 FROM restriction x WHERE x.client_id = e.client_id AND x.ended_at IS NULL \
AND x.kind IN ('PROTECTED_CONTACT', 'CONTACT_PREFERENCE') AND NOT EXISTS (SELECT 1 FROM restriction_person y \
WHERE y.restriction_id = x.id AND y.person_id = $7) AND NOT EXISTS (SELECT 1 FROM access_grant w \
WHERE w.client_id = x.client_id AND w.organisation_id = $1 AND w.holder_id @in($2) AND w.ended_at IS NULL \
AND w.starts_at <= $3 AND w.until_at > $3 AND (w.basis_bit & $4) <> 0 AND (w.passes & @PASSES_PROTECTION) <> 0))";

/// The words for what restrictions beat and what a co-signature passes: the rule table and the statements have one source.
const MASKS: &[(&str, i64)] = &[
    ("@PERSON_OBJECTED", restriction::PERSON_OBJECTION_BEATS),
    ("@ORGANISATION_OBJECTED", restriction::ORGANISATION_OBJECTION_BEATS),
    ("@SEALED", restriction::SEAL_BEATS),
    ("@LOCATING", LOCATING.mask()),
    ("@LIFT_ASKED_FOR", restriction::LIFT_ASKED_FOR),
    ("@PASSES_SEAL", restriction::PASSES_SEAL),
    ("@PASSES_PROTECTION", restriction::PASSES_PROTECTION),
    ("@SUPERVISES", SUPERVISES),
    ("@STANDS_PERSON", restriction::PERSON_OBJECTION_BEATS | restriction::PERSON_OBJECTION_BEATS << CO_SIGNED),
    (
        "@STANDS_ORGANISATION",
        restriction::ORGANISATION_OBJECTION_BEATS | restriction::ORGANISATION_OBJECTION_BEATS << CO_SIGNED,
    ),
    ("@STANDS_SEAL", restriction::SEAL_BEATS),
    ("@STANDS_PROTECTION", 1 << (2 * CO_SIGNED)),
    ("@CO_SIGNED", CO_SIGNED),
];

/// `@opens_entry(g,e)`: the grant opens the entry: by category, as own item, as a section of the record, or as the name that
/// an author keeps as it stood. What is about somebody else stays with who works for the organisation, or for the
/// hub team, that recorded it (C9).
const OPENS_ENTRY: &str = "((g.categories & e.category_bit) <> 0 AND (NOT e.third_party \
OR (e.owner_id @in($2) AND (e.owner_id <> $1 OR ($4 & 8) <> 0))) AND ((e.replaced_at IS NULL AND (g.scope_id = e.owner_id \
OR (g.opens_client AND g.scope IN ('CLIENT', 'REFERRAL', 'CASE')))) OR (g.scope = 'OWN_ITEMS' AND e.category_bit = 1 \
AND e.recorded_at <= g.names_until AND (e.replaced_at IS NULL OR e.replaced_at > g.names_until))))";

/// `@grant(g)`: the columns of a [`LiveGrant`], in the order [`live_grant`] reads them.
const GRANT: &str = "g.id, g.basis_bit, g.categories, g.scope, g.scope_id, g.opens_client, g.names_until, g.until_at";

/// `@grants(g)`: the [`LiveGrant`]s of a group of rows in one text, as [`live_grants`] reads it: a row and what opens it come
/// together, once, however many grants open it.
const GRANTS: [&str; 2] = [
    "group_concat(hex(g.id) || ',' || g.basis_bit || ',' || g.categories || ',' || g.scope || ',' || hex(g.scope_id) || ',' \
    || g.opens_client || ',' || g.names_until || ',' || g.until_at, ';')",
    "string_agg(concat_ws(',', g.id, g.basis_bit, g.categories, g.scope, g.scope_id, CAST(g.opens_client AS int), \
    g.names_until, g.until_at), ';')",
];

/// `@entry(e)`: the columns of a client entry, in the order `client::entry` reads them, beside an `organisation o`.
const ENTRY: &str = "e.id, e.client_id, e.category_bit, e.body, e.owner_id, e.recorded_by, e.recorded_for, o.name, \
o.implied_categories, e.recorded_at, e.reveals_location, e.version, e.third_party";

/// `@entry_by_itself(e)`: the same without the organisation beside it, which is looked up for each: for one or few rows.
fn entry_by_itself() -> String {
    let of_it = |column: &str| format!("(SELECT o.{column} FROM organisation o WHERE o.id = e.recorded_for)");
    ENTRY.replace("o.name", &of_it("name")).replace("o.implied_categories", &of_it("implied_categories"))
}

/// `@entry_unnamed(e)`: the same without the organisation: of no name, and implying everything.
fn entry_unnamed() -> String {
    ENTRY.replace("o.name", "CAST(NULL AS text)").replace("o.implied_categories", "CAST(-1 AS bigint)")
}

/// Puts the fragments in for their words.
pub(super) fn expand(template: &str, sqlite: bool) -> String {
    let mut text = template.to_owned();
    let (entry_by_itself, entry_unnamed) = (entry_by_itself(), entry_unnamed());
    for (word, fragment, aliases) in [
        ("@opens_entry", OPENS_ENTRY, &["g", "e"][..]),
        ("@live", LIVE, &["g"]),
        ("@usable", USABLE, &["g"]),
        ("@unbeaten", UNBEATEN, &["g"]),
        ("@held", HELD, &["g"]),
        ("@grants", GRANTS[usize::from(!sqlite)], &["g"]),
        ("@grant", GRANT, &["g"]),
        ("@protected", PROTECTED, &["e"]),
        ("@entry_by_itself", &entry_by_itself, &["e"]),
        ("@entry_unnamed", &entry_unnamed, &["e"]),
        ("@entry", ENTRY, &["e"]),
    ] {
        while let Some(at) = text.find(word) {
            let Some(close) = text[at..].find(')') else { break };
            let arguments = &text[at + word.len() + 1..at + close];
            let mut put = fragment.to_owned();
            for (alias, argument) in aliases.iter().zip(arguments.split(',')) {
                put = put.replace(&format!("{alias}."), &format!("\u{1}{}.", argument.trim()));
            }
            text.replace_range(at..=at + close, &put.replace('\u{1}', ""));
        }
    }
    text = text.replace("@stands", STANDS);
    for (word, mask) in MASKS {
        text = text.replace(word, &mask.to_string());
    }
    text
}

/// Where a scope's statements run.
#[derive(Clone, Copy)]
enum Source<'a> {
    /// On the pool, each statement by itself: for whatever is shown (C4).
    Pool(&'a Database),
    /// In a mutation's transaction: for what it decides on.
    Tx(&'a Tx),
}

/// What a viewer reads through. Client-bound finders are its methods; there is no other way to them.
#[derive(Clone, Copy)]
pub struct ReadScope<'a> {
    source: Source<'a>,
    viewer: &'a Viewer,
    clock: &'a dyn Clock,
}

impl<'a> ReadScope<'a> {
    /// For a viewer.
    pub fn open(database: &'a Database, viewer: &'a Viewer, clock: &'a dyn Clock) -> Self {
        Self { source: Source::Pool(database), viewer, clock }
    }

    /// For a viewer, inside the transaction of a mutation.
    pub fn within(tx: &'a Tx, viewer: &'a Viewer, clock: &'a dyn Clock) -> Self {
        Self { source: Source::Tx(tx), viewer, clock }
    }

    /// Who reads.
    pub(super) const fn viewer(&self) -> &'a Viewer {
        self.viewer
    }

    fn backend(&self) -> sea_orm::DbBackend {
        match self.source {
            Source::Pool(database) => database.backend(),
            Source::Tx(tx) => tx.backend(),
        }
    }

    /// Rows of a statement whose first parameters are the viewer's.
    pub(super) async fn rows(&self, sql: &'static Sql, more: Vec<Value>) -> Result<Vec<QueryResult>, Fault> {
        let values = self.values(more);
        match self.source {
            Source::Pool(database) => database.rows(sql, values).await,
            Source::Tx(tx) => tx.rows(sql, values).await,
        }
    }

    fn values(&self, more: Vec<Value>) -> Vec<Value> {
        let v = self.viewer;
        // A mere category ("Self", "Friends & family") never holds a grant (C2): a private person holds what is theirs.
        let (bases, holders) = if v.is_category {
            (v.roles.usable_bases() & Basis::Referrer.bit(), vec![v.person.0])
        } else {
            (v.roles.usable_bases(), v.holders())
        };
        let supervises = if can_supervise(v.roles) { SUPERVISES } else { 0 };
        let mut values = Vec::with_capacity(7 + more.len());
        values.push(id(v.organisation.0));
        values.push(ids(self.backend(), holders));
        values.push(int(self.clock.now().0));
        values.push(int(bases | supervises));
        values.push(id(v.membership.0));
        values.push(int(v.membership_version));
        values.push(id(v.person.0));
        values.extend(more);
        values
    }

    /// Categories as a parameter: their bits on PostgreSQL, which finds each by index; a mask on SQLite.
    pub(super) fn bits(&self, categories: Categories) -> Value {
        if self.backend() == sea_orm::DbBackend::Sqlite {
            return int(categories.mask());
        }
        let bits = categories.iter().map(|c| int(Categories::of(&[c]).mask())).collect();
        Value::Array(sea_orm::sea_query::ArrayType::BigInt, Some(Box::new(bits)))
    }

    /// A list of identifiers as a parameter.
    pub(super) fn ids(&self, list: impl IntoIterator<Item = Uuid>) -> Value {
        ids(self.backend(), list)
    }
}

/// Reads the columns of `@grant(g)`; `protected` takes off what tells where somebody can be found.
pub(super) fn live_grant(c: &mut Columns<'_>, protected: bool) -> Result<LiveGrant, Fault> {
    let grant_id = c.id()?;
    let basis = basis_of_bit(c.take()?)?;
    let mut categories = c.categories()?;
    if protected {
        categories = categories.minus(LOCATING);
    }
    Ok(LiveGrant {
        id: grant_id,
        basis,
        categories,
        scope: c.code()?,
        scope_id: c.take()?,
        opens_client: c.take()?,
        names_until: c.time()?,
        until_at: c.time()?,
    })
}

/// The basis of a stored bit.
pub(super) fn basis_of_bit(bit: i64) -> Result<Basis, Fault> {
    let index = usize::try_from(bit.trailing_zeros()).unwrap_or(usize::MAX);
    Basis::ALL.get(index).copied().ok_or_else(|| Fault::new("unknown basis"))
}

/// Reads what `@protected` and `@grants(g)` told of a row, in this order: everything that opens it.
pub(super) fn protected_grants(c: &mut Columns<'_>) -> Result<Vec<LiveGrant>, Fault> {
    let protected: bool = c.take()?;
    live_grants(c, protected)
}

/// Reads what `@grants(g)` told of a row: everything that opens it; `protected` takes off what tells where somebody can be found.
pub(super) fn live_grants(c: &mut Columns<'_>, protected: bool) -> Result<Vec<LiveGrant>, Fault> {
    let all: String = c.take()?;
    let mut grants = Vec::with_capacity(4);
    for one in all.split(';') {
        let grant = read_grant(one, protected).ok_or_else(|| Fault::new("a grant does not read"))?;
        grants.push(grant);
    }
    Ok(grants)
}

fn read_grant(text: &str, protected: bool) -> Option<LiveGrant> {
    let mut parts = text.split(',');
    let id = GrantId(Uuid::parse_str(parts.next()?).ok()?);
    let bit: i64 = parts.next()?.parse().ok()?;
    let basis = *Basis::ALL.get(usize::try_from(bit.trailing_zeros()).ok()?)?;
    let mut categories = Categories::from_mask(parts.next()?.parse().ok()?);
    if protected {
        categories = categories.minus(LOCATING);
    }
    let grant = LiveGrant {
        id,
        basis,
        categories,
        scope: Scope::from_code(parts.next()?)?,
        scope_id: Uuid::parse_str(parts.next()?).ok()?,
        opens_client: parts.next()? == "1",
        names_until: Timestamp(parts.next()?.parse().ok()?),
        until_at: Timestamp(parts.next()?.parse().ok()?),
    };
    parts.next().is_none().then_some(grant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_take_their_aliases() {
        let text = expand("WHERE @live(a) AND @opens_entry(a, f) AND NOT @protected(f)", false);
        assert!(!text.contains('@') || text.matches('@').count() == text.matches("@in(").count());
        assert!(text.contains("a.organisation_id = $1") && text.contains("f.category_bit") && !text.contains(" g."));
        assert!(text.contains("x.client_id = f.client_id"));
    }
}
