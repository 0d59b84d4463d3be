//! The rule table: what the rules come to, as a document that anybody can read, computed by the code that enforces them.
//!
//! The words are in [`words`]; every mark in a table is an answer of [`grants::project`], [`Role::usable_bases`],
//! [`restriction::stands`] or [`Disclosure::redactions`]. `alliance rules > docs/rules.md` writes it; a test keeps it current.

mod canonical;
mod words;

pub use words::{RULES, Rule};

use super::disclosure::{Disclosure, LiveGrant};
use super::grants::{self, NEVER_REFUSED};
use super::restriction::{Met, PASSES_PROTECTION, PASSES_SEAL, stands};
use crate::domain::basis::{Basis, Scope};
use crate::domain::category::{Categories, Category};
use crate::domain::clock::Timestamp;
use crate::domain::code::Coded;
use crate::domain::ids::{ClientId, GrantId};
use crate::domain::restriction::RestrictionKind;
use crate::domain::role::{Role, Roles};
use std::fmt::Write;
use uuid::Uuid;

/// What a basis opens of a category.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opens {
    /// Without anybody's consent.
    Always,
    /// As far as a consent covers it.
    Consent,
    /// Of what the holder wrote itself.
    Own,
    /// Never.
    Never,
    /// No document calls for a grant on this basis yet.
    NotYet,
}

impl Opens {
    const fn mark(self) -> &'static str {
        match self {
            Self::Always => "yes",
            Self::Consent => "consent",
            Self::Own => "own",
            Self::Never => "–",
            Self::NotYet => "·",
        }
    }
}

/// What a basis opens of a category, by the projection of a client with everything: once without any consent, once with consent to
/// everything.
fn opens(basis: Basis, category: Category) -> Opens {
    let of = |consented| {
        let all = grants::project(&canonical::facts(consented));
        let mine: Vec<_> = all.into_iter().filter(|g| g.basis == basis).collect();
        let open = mine.iter().fold(Categories::NONE, |all, g| all.union(g.categories));
        let own = mine.iter().all(|g| g.scope == Scope::OwnItems || !g.opens_client);
        (!mine.is_empty(), open, own)
    };
    let (given, without, _) = of(false);
    let (ever_given, with, own) = of(true);
    if !given && !ever_given {
        Opens::NotYet
    } else if own && with.has(category) {
        Opens::Own
    } else if without.has(category) {
        Opens::Always
    } else if with.has(category) {
        Opens::Consent
    } else {
        Opens::Never
    }
}

fn usable(role: Role, basis: Basis) -> bool {
    Roles::from_iter([role]).usable_bases() & basis.bit() != 0
}

/// The restrictions as somebody meets them who is not named, and how they are called.
const MEETINGS: &[(&str, Met)] = &[
    ("SEALED, not named", met(RestrictionKind::Sealed, false, false)),
    ("OBJECTION to the organisation", met(RestrictionKind::Objection, false, true)),
    ("OBJECTION to the person", met(RestrictionKind::Objection, true, false)),
    ("PROTECTED_CONTACT, not named", met(RestrictionKind::ProtectedContact, false, false)),
    ("CONTACT_PREFERENCE, not named", met(RestrictionKind::ContactPreference, false, false)),
];

const fn met(kind: RestrictionKind, excludes_person: bool, excludes_organisation: bool) -> Met {
    Met { kind, names_viewer: false, excludes_person, excludes_organisation }
}

fn stops(met: Met, basis: Basis) -> &'static str {
    let what = match met.kind {
        RestrictionKind::Sealed | RestrictionKind::Objection => "everything",
        RestrictionKind::ProtectedContact | RestrictionKind::ContactPreference => "contact, location",
    };
    if !stands(met, basis, 0) {
        "–"
    } else if stands(met, basis, PASSES_SEAL | PASSES_PROTECTION) {
        what
    } else if what == "everything" {
        "everything, unless co-signed"
    } else {
        "contact, location, unless co-signed"
    }
}

/// A table of rows and columns.
fn table(out: &mut String, head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let _ = writeln!(out, "| {} |\n|{}", head.join(" | "), " --- |".repeat(head.len()));
    for row in rows {
        let _ = writeln!(out, "| {} |", row.join(" | "));
    }
    out.push('\n');
}

/// Categories as a reader takes them in: those that are missing where they are fewer.
fn codes(set: Categories) -> String {
    let list = |set: Categories| set.iter().map(Coded::code).collect::<Vec<_>>().join(", ");
    let missing = Categories::ALL.minus(set);
    match (set.is_empty(), missing.iter().count()) {
        (true, _) => "–".to_owned(),
        (_, 0) => "everything".to_owned(),
        (_, 1..=3) => format!("everything but {}", list(missing)),
        _ => list(set),
    }
}

/// The whole document.
pub fn document() -> String {
    let mut out = String::from(words::BEGINNING);
    for rule in RULES {
        rule.write(&mut out);
    }
    out.push_str(words::TABLES);
    by_category(&mut out);
    by_role(&mut out);
    by_restriction(&mut out);
    redactions(&mut out);
    together(&mut out);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn by_category(out: &mut String) {
    out.push_str(words::BY_CATEGORY);
    let head: Vec<_> = std::iter::once("category").chain(Basis::ALL.iter().map(|b| b.code())).collect();
    let row = |c: &Category| {
        let marks = Basis::ALL.iter().map(|b| opens(*b, *c).mark().to_owned());
        std::iter::once(c.code().to_owned()).chain(marks).collect()
    };
    table(out, &head, Category::ALL.iter().map(row));
}

fn by_role(out: &mut String) {
    out.push_str(words::BY_ROLE);
    let head: Vec<_> = std::iter::once("role").chain(Basis::ALL.iter().map(|b| b.code())).collect();
    let row = |r: &Role| {
        let marks = Basis::ALL.iter().map(|b| if usable(*r, *b) { "yes" } else { "–" }.to_owned());
        std::iter::once(r.code().to_owned()).chain(marks).collect()
    };
    table(out, &head, Role::ALL.iter().map(row));
}

fn by_restriction(out: &mut String) {
    out.push_str(words::BY_RESTRICTION);
    let head: Vec<_> = std::iter::once("basis").chain(MEETINGS.iter().map(|(name, _)| *name)).collect();
    let row = |b: &Basis| {
        let marks = MEETINGS.iter().map(|(_, met)| stops(*met, *b).to_owned());
        std::iter::once(b.code().to_owned()).chain(marks).collect()
    };
    table(out, &head, Basis::ALL.iter().map(row));
}

/// Why categories are withheld from somebody with one grant.
fn withheld(basis: Basis, categories: Categories) -> Vec<super::disclosure::Redaction> {
    let grant = LiveGrant {
        id: GrantId(Uuid::nil()),
        basis,
        categories,
        scope: Scope::Client,
        scope_id: Uuid::nil(),
        opens_client: true,
        names_until: Timestamp::NEVER,
        until_at: Timestamp::NEVER,
    };
    Disclosure::new(ClientId(Uuid::nil()), vec![grant]).redactions()
}

fn redactions(out: &mut String) {
    out.push_str(words::REDACTIONS);
    let strict = withheld(Basis::Offer, NEVER_REFUSED);
    let lead = withheld(Basis::Holder, grants::HOLDER);
    let reason = |list: &[super::disclosure::Redaction], c: Category| {
        list.iter().find(|r| r.category == c).map_or("–", |r| r.reason.code()).to_owned()
    };
    let row = |c: &Category| vec![c.code().to_owned(), reason(&strict, *c), reason(&lead, *c)];
    let head = ["category", "offer, the strictest intake profile", "lead team, no consent"];
    table(out, &head, Category::ALL.iter().map(row));
    let mut reasons: Vec<_> = strict.iter().chain(&lead).map(|r| (r.reason.code(), r.remedy)).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let row = |(reason, remedy): (&str, &str)| vec![reason.to_owned(), remedy.to_owned()];
    table(out, &["reason", "what the viewer is told to do"], reasons.into_iter().map(row));
}

/// Role, basis, categories and restrictions at once: one row for each role and each basis it can use.
fn together(out: &mut String) {
    out.push_str(words::TOGETHER);
    let of = |b: Basis, what: Opens| codes(Category::ALL.iter().copied().filter(|c| opens(b, *c) == what).collect());
    let mut rows = Vec::new();
    for role in Role::ALL {
        let mine: Vec<_> = Basis::ALL.iter().copied().filter(|b| usable(*role, *b)).collect();
        if mine.is_empty() {
            rows.push(vec![
                role.code().to_owned(),
                "none".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
                "–".to_owned(),
            ]);
        }
        for b in mine {
            let not_yet = opens(b, Category::Name) == Opens::NotYet;
            let own = of(b, Opens::Own);
            let (always, consent) = if not_yet {
                ("no document gives it yet".to_owned(), "–".to_owned())
            } else if own == "–" {
                (of(b, Opens::Always), of(b, Opens::Consent))
            } else {
                (format!("of its own: {own}"), "–".to_owned())
            };
            let against = MEETINGS.iter().filter(|(_, met)| stands(*met, b, 0)).map(|(name, _)| *name);
            rows.push(vec![
                role.code().to_owned(),
                b.code().to_owned(),
                always,
                consent,
                against.collect::<Vec<_>>().join("; "),
            ]);
        }
    }
    table(out, &["role", "basis", "opens", "and as consent covers it", "restrictions that stand before it"], rows);
}

#[cfg(test)]
mod tests {
    /// The committed table was read by people: a rule that answers otherwise is another table.
    #[test]
    fn the_committed_table_is_what_the_rules_answer() {
        let committed = include_str!("../../docs/rules.md");
        assert!(document() == committed, "docs/rules.md has drifted: cargo run -- rules > docs/rules.md");
    }

    use super::*;

    #[test]
    fn the_marks_are_those_of_the_rules() {
        let table = [
            (Basis::Referrer, Category::Health, Opens::Own),
            (Basis::Author, Category::Equalities, Opens::Own),
            (Basis::Hub, Category::Risk, Opens::Always),
            (Basis::Hub, Category::Health, Opens::Consent),
            (Basis::Offer, Category::Housing, Opens::Always),
            (Basis::Offer, Category::Birth, Opens::Never),
            (Basis::Holder, Category::Name, Opens::Always),
            (Basis::Holder, Category::Offending, Opens::Consent),
            (Basis::Holder, Category::Equalities, Opens::Never),
            (Basis::Team, Category::Name, Opens::Consent),
            (Basis::Consent, Category::Health, Opens::Consent),
            (Basis::Consent, Category::Equalities, Opens::Never),
        ];
        for (basis, category, expected) in table {
            assert_eq!(opens(basis, category), expected, "{basis:?} {category:?}");
        }
    }

    #[test]
    fn the_document_tells_of_every_rule_role_basis_and_category() {
        let text = document();
        for n in 1..=24 {
            assert!(text.contains(&format!("### C{n} ")), "C{n}");
        }
        let all = Role::ALL.iter().map(|r| r.code()).chain(Basis::ALL.iter().map(|b| b.code()));
        for code in all.chain(Category::ALL.iter().map(|c| c.code())) {
            assert!(text.contains(&format!("| {code} |")), "{code}");
        }
        assert!(!text.contains('\t') && text.ends_with("|\n"));
    }
}
