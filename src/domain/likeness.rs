//! Whether two records look like one person's: by name and date of birth alone, and never with certainty (C15).

use super::text::search_key;
use crate::coded;

coded! { Likeness "How like each other two records are in one respect." {
    Same "SAME" "They say the same.",
    Similar "SIMILAR" "They differ by what is easily misheard or miswritten.",
} }

/// What a record says of who somebody is, as far as the viewer sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Given names and family name.
    pub name: Option<(String, String)>,
    /// Date of birth, `YYYY-MM-DD`.
    pub birth: Option<String>,
}

/// In what two records are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Alike {
    /// The name.
    pub name: Likeness,
    /// The date of birth, where both have one.
    pub birth: Option<Likeness>,
}

/// How like each other two words of a name must be to be similar (Jaro-Winkler).
const FAMILY: f64 = 0.9;
const GIVEN: f64 = 0.84;

/// Whether two records may be one person's: the same or a similar name with the same date of birth; the same name with a similar one, or
/// where one of them has none.
pub fn alike(a: &Identity, b: &Identity) -> Option<Alike> {
    let (one, other) = (a.name.as_ref()?, b.name.as_ref()?);
    let name = names(one, other)?;
    let birth = match (&a.birth, &b.birth) {
        (Some(a), Some(b)) => Some(births(a, b)?),
        _ => None,
    };
    let enough = name == Likeness::Same || birth == Some(Likeness::Same);
    enough.then_some(Alike { name, birth })
}

fn names((given, family): &(String, String), (other_given, other_family): &(String, String)) -> Option<Likeness> {
    let (given, family) = (search_key(given), search_key(family));
    let (other_given, other_family) = (search_key(other_given), search_key(other_family));
    if given == other_given && family == other_family {
        return Some(Likeness::Same);
    }
    let near =
        |a: &str, b: &str, at_least: f64| !a.is_empty() && !b.is_empty() && strsim::jaro_winkler(a, b) >= at_least;
    // A middle name is often left out.
    let first = |s: &str| s.split(' ').next().unwrap_or_default().to_owned();
    let in_order = near(&family, &other_family, FAMILY)
        && (near(&given, &other_given, GIVEN) || near(&first(&given), &first(&other_given), GIVEN));
    let swapped = given == other_family && family == other_given;
    (in_order || swapped).then_some(Likeness::Similar)
}

/// The same day; or one with day and month exchanged, or with one digit another.
fn births(a: &str, b: &str) -> Option<Likeness> {
    if a == b {
        return Some(Likeness::Same);
    }
    let exchanged = |d: &str| Some(format!("{}-{}-{}", d.get(..4)?, d.get(8..10)?, d.get(5..7)?));
    let digits = a.len() == b.len() && a.chars().zip(b.chars()).filter(|(x, y)| x != y).count() == 1;
    (digits || exchanged(a).as_deref() == Some(b)).then_some(Likeness::Similar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(given: &str, family: &str, birth: &str) -> Identity {
        Identity {
            name: Some((given.to_owned(), family.to_owned())),
            birth: (!birth.is_empty()).then(|| birth.to_owned()),
        }
    }

    #[test]
    fn what_is_easily_misheard_or_miswritten_is_similar_and_the_rest_is_not() {
        use Likeness::{Same, Similar};
        let marisol = who("Marisol", "Thackeray", "1990-02-03");
        let table = [
            (who("Marisol", "Thackeray", "1990-02-03"), Some((Same, Some(Same)))),
            (who("MARISOL ", "thackeray", "1990-02-03"), Some((Same, Some(Same)))),
            (who("Marysol", "Thackeray", "1990-02-03"), Some((Similar, Some(Same)))),
            (who("Marisol", "Thackerey", "1990-02-03"), Some((Similar, Some(Same)))),
            (who("Thackeray", "Marisol", "1990-02-03"), Some((Similar, Some(Same)))),
            (who("Marisol Ines", "Thackeray", "1990-02-03"), Some((Similar, Some(Same)))),
            (who("Marisol", "Thackeray", "1990-03-02"), Some((Same, Some(Similar)))),
            (who("Marisol", "Thackeray", "1990-02-08"), Some((Same, Some(Similar)))),
            (who("Marisol", "Thackeray", ""), Some((Same, None))),
            // A sister born on the day; the same name and another day; a similar name and nothing or little else.
            (who("Ottoline", "Thackeray", "1990-02-03"), None),
            (who("Marisol", "Thackeray", "1971-11-30"), None),
            (who("Marysol", "Thackeray", "1990-03-02"), None),
            (who("Marysol", "Thackeray", ""), None),
            (who("Marisol", "Penhaligon", "1990-02-03"), None),
            (Identity { name: None, ..marisol.clone() }, None),
        ];
        for (other, expected) in table {
            let expected = expected.map(|(name, birth)| Alike { name, birth });
            assert_eq!(alike(&marisol, &other), expected, "{other:?}");
            assert_eq!(alike(&other, &marisol), expected, "{other:?}, the other way round");
        }
    }
}
