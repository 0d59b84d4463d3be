//! Limits on text that comes from outside, in characters.

/// A name of a person, organisation, team or service.
pub const NAME: usize = 200;
/// A short line: a reason, a role, a phone number.
pub const LINE: usize = 500;
/// Free text: a narrative, a note, evidence.
pub const FREE: usize = 20_000;

/// What is wrong with a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextProblem {
    /// Nothing but white space.
    Empty,
    /// Longer than the limit.
    TooLong,
    /// Contains control characters other than line breaks and tabs.
    Control,
}

/// Trims a text and checks it against its limit.
pub fn check(text: &str, limit: usize) -> Result<String, TextProblem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextProblem::Empty);
    }
    if text.chars().nth(limit).is_some() {
        return Err(TextProblem::TooLong);
    }
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(TextProblem::Control);
    }
    Ok(text.to_owned())
}

/// The form in which names are searched: lower case, letters and digits only, single spaces.
pub fn search_key(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept: String = lower.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_bounded() {
        assert_eq!(check("  a b \n", 5), Ok("a b".into()));
        assert_eq!(check("éééééé", 5), Err(TextProblem::TooLong));
        assert_eq!(check(" \t", 5), Err(TextProblem::Empty));
        assert_eq!(check("a\u{0}b", 5), Err(TextProblem::Control));
    }

    #[test]
    fn search_keys_ignore_case_and_punctuation() {
        assert_eq!(search_key("  O'Neill-Şahin,  Maeve "), "o neill şahin maeve");
    }
}
