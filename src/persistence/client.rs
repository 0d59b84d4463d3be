//! Clients and their dated entries, through the ledger.

use super::access::{ReadScope, live_grant, protected_grants};
use super::fault::Fault;
use super::sql::{Columns, Sql, id, int, text};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::ids::{ClientId, EntryId, OrganisationId, PersonId, ReferralId};
use crate::domain::section::Section;
use crate::policy::disclosure::{Disclosure, ItemFacts};
use uuid::Uuid;

/// A dated entry of a section.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The entry.
    pub id: EntryId,
    /// Whose record.
    pub client: ClientId,
    /// Its category.
    pub category: Category,
    /// What it says.
    pub section: Section,
    /// Whose own item it is.
    pub owner: Uuid,
    /// Who recorded it.
    pub recorded_by: PersonId,
    /// For which organisation.
    pub recorded_for: OrganisationId,
    /// That organisation's name; nothing when it was not asked for.
    pub recorded_for_name: Option<String>,
    /// The categories that the organisation's name implies (C11).
    pub recorded_for_implies: Categories,
    /// When.
    pub recorded_at: Timestamp,
    /// Whether it tells where the person can be found.
    pub reveals_location: bool,
    /// Version.
    pub version: i64,
    /// Whether it is about somebody else, and stays with who recorded it (C9).
    pub third_party: bool,
}

impl Entry {
    /// As disclosure judges it.
    pub fn facts(&self) -> ItemFacts {
        ItemFacts {
            categories: [self.category].into_iter().collect(),
            owner: self.owner,
            recorded_at: self.recorded_at,
            within: [None; 3],
        }
    }
}

/// A client as one statement brought it: the grants that open it, and the sections asked for.
#[derive(Clone, Debug)]
pub struct ClientRow {
    /// What opens.
    pub disclosure: Disclosure,
    /// The latest visible entry of each section asked for, when they came along.
    pub entries: Option<Vec<Entry>>,
}

/// What to look for. Each criterion finds only what the viewer may see of it (C14).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ClientFilter {
    /// Words of a name: every word must begin a word of a visible name (NAME).
    pub name_words: Vec<String>,
    /// A date of birth, `YYYY-MM-DD` (BIRTH).
    pub birth: Option<String>,
}

impl ClientFilter {
    /// The categories it looks at.
    pub fn categories(&self) -> Categories {
        let name = (!self.name_words.is_empty()).then_some(Category::Name);
        let birth = self.birth.is_some().then_some(Category::Birth);
        name.into_iter().chain(birth).collect()
    }
}

/// A stretch of a list: after or before a key, so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Slice {
    /// The key to start behind, not included.
    pub key: Option<Uuid>,
    /// How many at most.
    pub limit: i64,
    /// Towards the beginning of the list.
    pub backwards: bool,
}

/// One client: what opens it, and beside it each wanted section's latest visible entry, in one statement. A client without one has one
/// row without an entry. A point read costs the database as much for its plan as for its rows, so the plan is small: what stands
/// before the grants is read once, and only when they are marked; whose entries they are is looked up only when it is asked.
/// `$entry` are the columns of an entry, `$entries` finds them.
macro_rules! point {
    ($entry:literal, $entries:literal) => {
        concat!(
            "WITH usable AS MATERIALIZED (SELECT g.id, g.basis_bit, g.categories, g.scope, g.scope_id, g.opens_client, \
            g.names_until, g.until_at, g.passes, CASE WHEN g.restricted THEN (@stands) ELSE 0 END AS stands FROM access_grant g \
            WHERE g.client_id = $8 AND @usable(g)) \
            SELECT c.protected, c.grants, ",
            $entry,
            " FROM (SELECT (MAX(g.stands) & @STANDS_PROTECTION) <> 0 AND MAX(g.passes & @PASSES_PROTECTION) = 0 AS protected, \
            @grants(g) FILTER (WHERE g.opens_client AND @unbeaten(g)) AS grants FROM usable g) c LEFT JOIN ",
            $entries,
            " WHERE c.grants IS NOT NULL"
        )
    };
}
macro_rules! point_of_each {
    ($entry:literal) => {
        Sql::of_each(
            point!(
                $entry,
                "(SELECT e.*, row_number() OVER (PARTITION BY e.category_bit ORDER BY e.recorded_at DESC, e.id DESC) AS place \
                FROM client_entry e WHERE e.client_id = $8 AND (e.category_bit & $9) <> 0 \
                AND EXISTS (SELECT 1 FROM usable g WHERE g.opens_client AND @unbeaten(g) AND @opens_entry(g, e)) \
                AND NOT (e.reveals_location AND @protected(e))) e ON e.place = 1"
            ),
            point!(
                $entry,
                "LATERAL (SELECT DISTINCT ON (e.category_bit) e.* FROM client_entry e WHERE e.client_id = $8 \
                AND e.category_bit = ANY($9) \
                AND EXISTS (SELECT 1 FROM usable g WHERE g.opens_client AND @unbeaten(g) AND @opens_entry(g, e)) \
                AND NOT (e.reveals_location AND c.protected) ORDER BY e.category_bit, e.recorded_at DESC, e.id DESC) e ON TRUE"
            ),
        )
    };
}
static POINT: Sql = point_of_each!("@entry_unnamed(e)");
static POINT_NAMED: Sql = point_of_each!("@entry_by_itself(e)");

/// The latest visible entries of the wanted sections of several clients.
macro_rules! latest_entries {
    ($of:literal) => {
        concat!(
            "WITH live AS (SELECT g.* FROM access_grant g WHERE g.client_id @in($8) AND g.opens_client AND @live(g)) \
            SELECT @entry(e) FROM ( \
            SELECT e.*, row_number() OVER (PARTITION BY e.client_id, e.category_bit ORDER BY e.recorded_at DESC, e.id DESC) AS place \
            FROM client_entry e WHERE e.client_id @in($8) AND (e.category_bit & $9) <> 0",
            $of,
            " AND EXISTS (SELECT 1 FROM live g WHERE g.client_id = e.client_id AND @opens_entry(g, e)) \
            AND NOT (e.reveals_location AND @protected(e))) e \
            JOIN organisation o ON o.id = e.recorded_for WHERE e.place = 1"
        )
    };
}
static ENTRIES: Sql = Sql::new(latest_entries!(""));
/// What is about the person, and not about somebody else (C9).
static OWN_ENTRIES: Sql = Sql::new(latest_entries!(" AND NOT e.third_party"));

/// Records that share a name or a date of birth with these, as far as the viewer sees either of both: what is about somebody else (C9)
/// says nothing of whose record it is. At most so many.
macro_rules! seen_identity {
    ($e:literal) => {
        concat!(
            $e,
            ".category IN ('NAME', 'BIRTH') AND ",
            $e,
            ".search_key IS NOT NULL AND ",
            $e,
            ".replaced_at IS NULL AND NOT ",
            $e,
            ".third_party AND EXISTS (SELECT 1 FROM access_grant g WHERE g.client_id = ",
            $e,
            ".client_id AND g.opens_client AND @live(g) AND @opens_entry(g, ",
            $e,
            ")) AND NOT (",
            $e,
            ".reveals_location AND @protected(",
            $e,
            "))"
        )
    };
}
static SHARING: Sql = Sql::new(concat!(
    "WITH mine AS (SELECT m.client_id, m.category, m.search_key FROM client_entry m WHERE m.client_id @in($8) AND ",
    seen_identity!("m"),
    ") SELECT DISTINCT m.client_id, e.client_id FROM mine m JOIN client_entry e ON e.category = m.category \
    AND e.search_key = m.search_key AND e.client_id <> m.client_id WHERE ",
    seen_identity!("e"),
    " ORDER BY m.client_id, e.client_id LIMIT $9"
));

/// The latest visible name and date of birth of these clients, of what is about themselves.
static IDENTITIES: Sql = Sql::new(concat!(
    "SELECT e.client_id, e.body FROM (SELECT e.*, row_number() OVER (PARTITION BY e.client_id, e.category \
    ORDER BY e.recorded_at DESC, e.id DESC) AS place FROM client_entry e WHERE e.client_id @in($8) AND ",
    seen_identity!("e"),
    ") e WHERE e.place = 1"
));

/// What a referral brought, as it was written, to whom it is open: within the referral, the case it grew into, or the client. Who
/// wrote it reads it as they wrote it, where they can be found included (C2 REFERRER): it tells them nothing they did not say
/// themselves, and not that contact was restricted since. Their colleagues are none of the named few (C7).
static AS_WRITTEN: Sql = Sql::new(
    "SELECT @entry(e) FROM client_entry e \
    JOIN organisation o ON o.id = e.recorded_for JOIN referral r ON r.id = e.referral_id \
    WHERE e.referral_id @in($8) AND EXISTS ( \
    SELECT 1 FROM access_grant g WHERE g.client_id = e.client_id AND g.scope_id IN (r.id, r.client_id, r.case_id) \
    AND (g.categories & e.category_bit) <> 0 AND @live(g)) AND NOT (e.reveals_location AND @protected(e) \
    AND NOT (e.recorded_by = $7 AND e.recorded_for = $1)) ORDER BY e.category_bit, e.recorded_at, e.id",
);

/// A single entry by id, replaced ones too, with the grants on its client.
static ENTRY_BY_ID: Sql = Sql::new(
    "SELECT @entry(e), @protected(e), @grant(g) FROM client_entry e \
    JOIN organisation o ON o.id = e.recorded_for JOIN access_grant g ON g.client_id = e.client_id AND g.opens_client \
    WHERE e.id = $8 AND e.replaced_at IS NULL AND @live(g) AND NOT (e.reveals_location AND @protected(e)) AND EXISTS ( \
    SELECT 1 FROM access_grant h WHERE h.client_id = e.client_id AND h.opens_client AND @live(h) AND @opens_entry(h, e))",
);

/// Of an entry of the viewer's own that was replaced: what opened it.
static REPLACED: Sql = Sql::new(
    "SELECT e.client_id, @protected(e), @grants(g) FROM client_entry e JOIN access_grant g ON g.client_id = e.client_id \
    AND g.scope_id = e.owner_id AND (g.categories & e.category_bit) <> 0 WHERE e.id = $8 AND e.replaced_at IS NOT NULL \
    AND @live(g) AND NOT (e.reveals_location AND @protected(e)) GROUP BY e.client_id",
);

macro_rules! page {
    ($after:literal, $order:literal) => {
        concat!(
            "WITH page AS (SELECT DISTINCT g.client_id FROM access_grant g WHERE g.opens_client AND @live(g) AND g.client_id ",
            $after,
            " $8 ORDER BY g.client_id ",
            $order,
            " LIMIT $9) SELECT g.client_id, @protected(g), @grants(g) FROM page p \
            JOIN access_grant g ON g.client_id = p.client_id WHERE g.opens_client AND @live(g) \
            GROUP BY g.client_id ORDER BY g.client_id ",
            $order
        )
    };
}
/// The same, each holder's grants read in order of client and only as far as the page needs: what SQLite cannot write.
macro_rules! page_of_holders {
    ($after:literal, $order:literal) => {
        concat!(
            "WITH page AS (SELECT DISTINCT f.client_id FROM unnest($2) AS h (id) CROSS JOIN LATERAL ( \
            SELECT DISTINCT g.client_id FROM access_grant g WHERE g.holder_id = h.id AND g.opens_client AND @live(g) \
            AND g.client_id ",
            $after,
            " $8 ORDER BY g.client_id ",
            $order,
            " LIMIT $9) f ORDER BY f.client_id ",
            $order,
            " LIMIT $9) SELECT g.client_id, @protected(g), @grants(g) FROM page p \
            JOIN access_grant g ON g.client_id = p.client_id WHERE g.opens_client AND @live(g) \
            GROUP BY g.client_id ORDER BY g.client_id ",
            $order
        )
    };
}
static PAGE: Sql = Sql::of_each(page!(">", "ASC"), page_of_holders!(">", "ASC"));
static PAGE_BACK: Sql = Sql::of_each(page!("<", "DESC"), page_of_holders!("<", "DESC"));

static BY_IDS: Sql = Sql::new(
    "SELECT g.client_id, @protected(g), @grants(g) FROM access_grant g WHERE g.client_id @in($8) AND g.opens_client \
    AND @live(g) GROUP BY g.client_id ORDER BY g.client_id",
);

/// Words `$10`-`$13` and date of birth `$14`, each matched only against entries the viewer may see: what reveals a location is for the
/// named few here as well (C7, C14).
macro_rules! filter {
    () => {
        "($15 = '' OR EXISTS (SELECT 1 FROM client_entry e WHERE e.client_id = g.client_id AND e.category = 'NAME' \
        AND (' ' || e.search_key) LIKE $10 AND (' ' || e.search_key) LIKE $11 AND (' ' || e.search_key) LIKE $12 \
        AND (' ' || e.search_key) LIKE $13 AND NOT (e.reveals_location AND @protected(e)) \
        AND EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = e.client_id \
        AND h.opens_client AND @live(h) AND @opens_entry(h, e)))) \
        AND ($14 = '' OR EXISTS (SELECT 1 FROM client_entry e WHERE e.client_id = g.client_id AND e.category = 'BIRTH' \
        AND e.search_key = $14 AND NOT (e.reveals_location AND @protected(e)) \
        AND EXISTS (SELECT 1 FROM access_grant h WHERE h.client_id = e.client_id \
        AND h.opens_client AND @live(h) AND @opens_entry(h, e))))"
    };
}
macro_rules! search_page {
    ($after:literal, $order:literal) => {
        concat!(
            "WITH page AS (SELECT DISTINCT g.client_id FROM access_grant g WHERE g.opens_client AND @live(g) AND g.client_id ",
            $after,
            " $8 AND ",
            filter!(),
            " ORDER BY g.client_id ",
            $order,
            " LIMIT $9) SELECT g.client_id, @protected(g), @grants(g) FROM page p \
            JOIN access_grant g ON g.client_id = p.client_id WHERE g.opens_client AND @live(g) \
            GROUP BY g.client_id ORDER BY g.client_id ",
            $order
        )
    };
}
static SEARCH: Sql = Sql::new(search_page!(">", "ASC"));
static SEARCH_BACK: Sql = Sql::new(search_page!("<", "DESC"));
static COUNT: Sql = Sql::new(concat!(
    "SELECT COUNT(DISTINCT g.client_id) FROM access_grant g WHERE g.opens_client AND @live(g) AND g.client_id > $8 \
    AND $9 > 0 AND ",
    filter!()
));

impl ReadScope<'_> {
    /// One client with the wanted sections, in one statement; nothing when there is no live grant (C13). `named`: with the names of
    /// the organisations that they were recorded for.
    pub async fn client(
        &self,
        client: ClientId,
        wanted: Categories,
        named: bool,
    ) -> Result<Option<ClientRow>, Fault> {
        let sql = if named { &POINT_NAMED } else { &POINT };
        let rows = self.rows(sql, vec![id(client.0), self.bits(wanted)]).await?;
        let Some(first) = rows.first() else { return Ok(None) };
        let disclosure = Disclosure::new(client, protected_grants(&mut Columns::of(first))?);
        let mut entries = Vec::with_capacity(rows.len());
        for row in &rows {
            if row.try_get_by_index::<Option<Uuid>>(2)?.is_some() {
                entries.push(entry(&mut Columns::at(row, 2))?);
            }
        }
        Ok(Some(ClientRow { disclosure, entries: Some(entries) }))
    }

    /// A page of the clients the viewer sees, in order of id.
    pub async fn clients(&self, filter: &ClientFilter, slice: Slice) -> Result<Vec<Disclosure>, Fault> {
        let plain = *filter == ClientFilter::default();
        let sql = match (plain, slice.backwards) {
            (true, false) => &PAGE,
            (true, true) => &PAGE_BACK,
            (false, false) => &SEARCH,
            (false, true) => &SEARCH_BACK,
        };
        let edge = if slice.backwards { Uuid::max() } else { Uuid::nil() };
        let mut values = vec![id(slice.key.unwrap_or(edge)), int(slice.limit)];
        if !plain {
            values.extend(filter_values(filter));
        }
        self.read_clients(sql, values).await
    }

    /// Clients by id; hidden and unknown ones are not among them.
    pub async fn clients_by_id(&self, list: &[ClientId]) -> Result<Vec<Disclosure>, Fault> {
        self.read_clients(&BY_IDS, vec![self.ids(list.iter().map(|c| c.0))]).await
    }

    /// Whether an own entry was replaced since: what opened it.
    pub async fn replaced_entry(&self, entry: EntryId) -> Result<Option<Disclosure>, Fault> {
        Ok(self.read_clients(&REPLACED, vec![id(entry.0)]).await?.pop())
    }

    pub(super) async fn read_clients(
        &self,
        sql: &'static Sql,
        values: Vec<sea_orm::Value>,
    ) -> Result<Vec<Disclosure>, Fault> {
        self.rows(sql, values)
            .await?
            .iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok(Disclosure::new(c.id()?, protected_grants(&mut c)?))
            })
            .collect()
    }

    /// How many clients the viewer sees.
    pub async fn count_clients(&self, filter: &ClientFilter) -> Result<i64, Fault> {
        let mut values = vec![id(Uuid::nil()), int(1)];
        values.extend(filter_values(filter));
        let rows = self.rows(&COUNT, values).await?;
        rows.first().map_or(Ok(0), |row| Columns::of(row).take())
    }

    /// The latest visible entries of the wanted sections of these clients.
    pub async fn entries(&self, clients: &[ClientId], wanted: Categories) -> Result<Vec<Entry>, Fault> {
        let values = vec![self.ids(clients.iter().map(|c| c.0)), int(wanted.mask())];
        self.rows(&ENTRIES, values).await?.iter().map(|row| entry(&mut Columns::of(row))).collect()
    }

    /// The same of what is about the person themselves (C9).
    pub async fn own_entries(&self, clients: &[ClientId], wanted: Categories) -> Result<Vec<Entry>, Fault> {
        let values = vec![self.ids(clients.iter().map(|c| c.0)), int(wanted.mask())];
        self.rows(&OWN_ENTRIES, values).await?.iter().map(|row| entry(&mut Columns::of(row))).collect()
    }

    /// Of each of these clients, others that share a name or a date of birth with it, as far as the viewer sees both.
    pub async fn sharing_identity(&self, of: &[ClientId], most: i64) -> Result<Vec<(ClientId, ClientId)>, Fault> {
        let rows = self.rows(&SHARING, vec![self.ids(of.iter().map(|c| c.0)), int(most)]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, c.id()?))
            })
            .collect()
    }

    /// The latest name and date of birth of each of these clients that the viewer sees, of what is about themselves.
    pub async fn identities(&self, of: &[ClientId]) -> Result<Vec<(ClientId, Section)>, Fault> {
        let rows = self.rows(&IDENTITIES, vec![self.ids(of.iter().map(|c| c.0))]).await?;
        rows.iter()
            .map(|row| {
                let mut c = Columns::of(row);
                Ok((c.id()?, serde_json::from_str(&c.take::<String>()?)?))
            })
            .collect()
    }

    /// What these referrals brought, as written.
    pub async fn entries_as_written(&self, referrals: &[ReferralId]) -> Result<Vec<(ReferralId, Entry)>, Fault> {
        let rows = self.rows(&AS_WRITTEN, vec![self.ids(referrals.iter().map(|r| r.0))]).await?;
        rows.iter()
            .map(|row| {
                let entry = entry(&mut Columns::of(row))?;
                Ok((ReferralId(entry.owner), entry))
            })
            .collect()
    }

    /// One entry with what opens its client.
    pub async fn entry(&self, entry_id: EntryId) -> Result<Option<(Entry, Disclosure)>, Fault> {
        let rows = self.rows(&ENTRY_BY_ID, vec![id(entry_id.0)]).await?;
        let mut grants = Vec::new();
        let mut found = None;
        for row in &rows {
            let mut c = Columns::of(row);
            let read = entry(&mut c)?;
            let protected = c.take()?;
            grants.push(live_grant(&mut c, protected)?);
            found = Some(read);
        }
        Ok(found.map(|e| {
            let disclosure = Disclosure::new(e.client, grants);
            (e, disclosure)
        }))
    }
}

fn filter_values(filter: &ClientFilter) -> Vec<sea_orm::Value> {
    let mut values: Vec<_> = (0..4)
        .map(|i| text(filter.name_words.get(i).map_or_else(|| "%".to_owned(), |w| format!("% {w}%"))))
        .collect();
    values.push(text(filter.birth.clone().unwrap_or_default()));
    values.push(text(if filter.name_words.is_empty() { "" } else { "name" }));
    values
}

/// The category of a stored bit.
pub(super) fn category_of_bit(bit: i64) -> Result<Category, Fault> {
    let index = usize::try_from(bit.trailing_zeros()).unwrap_or(usize::MAX);
    <Category as crate::domain::code::Coded>::ALL.get(index).copied().ok_or_else(|| Fault::new("unknown category"))
}

fn entry(c: &mut Columns<'_>) -> Result<Entry, Fault> {
    Ok(Entry {
        id: c.id()?,
        client: c.id()?,
        category: category_of_bit(c.take()?)?,
        section: serde_json::from_str(&c.take::<String>()?)?,
        owner: c.take()?,
        recorded_by: c.id()?,
        recorded_for: c.id()?,
        recorded_for_name: c.take()?,
        recorded_for_implies: c.categories()?,
        recorded_at: c.time()?,
        reveals_location: c.take()?,
        version: c.take()?,
        third_party: c.take()?,
    })
}
