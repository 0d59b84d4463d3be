//! Identifiers, versions and words that operations are made of: visible ones, hidden ones, and made-up ones.

use super::chance::Dice;
use alliance::domain::ids::TAGS;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Global ids by tag, and the versions last read of them.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    by_tag: BTreeMap<String, Vec<String>>,
    versions: HashMap<String, i64>,
}

/// The tag of a global id, if the text is one.
pub fn tag_of(text: &str) -> Option<&str> {
    let (tag, hex) = text.split_once('_')?;
    (TAGS.contains(&tag) && hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_hexdigit())).then_some(tag)
}

impl Ids {
    /// Remembers an id.
    pub fn add(&mut self, id: &str) {
        if let Some(tag) = tag_of(id) {
            let list = self.by_tag.entry(tag.to_owned()).or_default();
            if !list.iter().any(|known| known == id) {
                list.push(id.to_owned());
            }
        }
    }

    /// Remembers every id of an answer, cursors among them, and the versions told beside them.
    pub fn harvest(&mut self, answer: &Value) {
        match answer {
            Value::String(text) => self.add(text),
            Value::Array(items) => items.iter().for_each(|item| self.harvest(item)),
            Value::Object(fields) => {
                let id =
                    ["id", "entryId", "narrativeId"].iter().find_map(|key| fields.get(*key)).and_then(Value::as_str);
                if let (Some(id), Some(version)) = (id, fields.get("version").and_then(Value::as_i64)) {
                    self.versions.insert(id.to_owned(), version);
                }
                fields.values().for_each(|value| self.harvest(value));
            }
            _ => {}
        }
    }

    /// One of a tag.
    pub fn pick(&self, tag: &str, dice: &mut Dice) -> Option<String> {
        let list = self.by_tag.get(tag)?;
        // The latest are asked for more often: what an operation has just made.
        let at =
            if list.len() > 8 && dice.chance(30) { list.len() - 1 - dice.below(8) } else { dice.below(list.len()) };
        list.get(at).cloned()
    }

    /// The version last read of one.
    pub fn version(&self, id: &str) -> Option<i64> {
        self.versions.get(id).copied()
    }

    /// Whether there is one of a tag.
    pub fn has(&self, tag: &str) -> bool {
        self.by_tag.contains_key(tag)
    }
}

/// Words for other names of a tag, where a field is not called after it.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("worker", "person"),
    ("recipients", "organisation"),
    ("recipient", "organisation"),
    ("supervisor", "person"),
    ("parent", "organisation"),
    ("into", "organisation"),
    ("OrganisationContact", "contact"),
    ("likelyDuplicate", "likeness"),
    ("sharedCase", "case"),
    ("lawfulBasis", "basis"),
    ("LawfulBasis", "basis"),
    ("legalGateway", "gateway"),
    ("legalHold", "hold"),
    ("LegalHold", "hold"),
    ("LegalGateway", "gateway"),
    ("outwardDisclosure", "disclosure"),
    ("OutwardDisclosure", "disclosure"),
    ("inboxItem", "inbox"),
    ("InboxItem", "inbox"),
    ("LikelyDuplicate", "likeness"),
    ("SharedCase", "case"),
];

/// The tag that a field, an argument or a type is named after, if any.
pub fn tag_named(name: &str) -> Option<&'static str> {
    let bare = name.strip_suffix("Ids").or_else(|| name.strip_suffix("Id")).unwrap_or(name);
    let bare = OTHER_NAMES.iter().find(|(word, _)| *word == bare).map_or(bare, |(_, tag)| tag);
    TAGS.iter().copied().find(|tag| tag.eq_ignore_ascii_case(bare))
}

/// An id that is there for somebody, for nobody, or is none at all.
pub fn some_id(tag: Option<&str>, seen: &Ids, all: &Ids, dice: &mut Dice) -> String {
    let tag = match tag {
        Some(tag) if !dice.chance(3) => tag,
        _ => dice.pick(TAGS),
    };
    let known = match dice.below(100) {
        0..62 => seen.pick(tag, dice).or_else(|| all.pick(tag, dice)),
        62..88 => all.pick(tag, dice),
        _ => None,
    };
    known.unwrap_or_else(|| match dice.below(8) {
        0 => format!("{tag}_nonsense"),
        1 => String::new(),
        2 => format!("{tag}_{:031x}", dice.next()),
        3 => "\u{0}'; --".to_owned(),
        _ => format!("{tag}_{:016x}{:016x}", dice.next(), dice.next()),
    })
}

/// Words that names and texts are made of, in either world; some are the name of somebody hidden.
pub const FAMILIES: &[&str] =
    &["Wick", "Wickersham", "Marlow", "Quennell", "Tindall", "Abernathy", "Osgood", "Kilbride"];
/// Given names.
pub const GIVEN: &[&str] = &["Maren", "Jorah", "Isolde", "Wren", "Cosmo", "Linnet"];
/// Days of birth.
pub const BIRTHS: &[&str] = &["1990-02-03", "1988-03-14", "1971-06-30", "2001-01-19"];
