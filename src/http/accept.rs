//! Content negotiation of GraphQL over HTTP.

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status code tells whether the document ran.
    GraphqlResponse,
    /// `application/json`: a well-formed request is answered 200.
    Json,
}

impl MediaType {
    /// As the `content-type` of the answer.
    pub const fn header(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// The type an `Accept` header prefers; `application/json` when there is none or it names nothing we have, for old clients.
pub fn negotiate(accept: Option<&str>) -> MediaType {
    let mut best = (MediaType::Json, 0.0);
    for part in accept.unwrap_or_default().split(',') {
        let mut pieces = part.split(';').map(str::trim);
        let media = match pieces.next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => MediaType::GraphqlResponse,
            "application/json" | "application/*" | "*/*" => MediaType::Json,
            _ => continue,
        };
        let weight = pieces.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.parse::<f32>().unwrap_or(0.0));
        // Of two equally wanted the newer type wins, wherever it stands.
        if weight > best.1 || (weight > 0.0 && weight >= best.1 && media == MediaType::GraphqlResponse) {
            best = (media, weight);
        }
    }
    best.0
}

/// Whether a body is JSON in UTF-8.
pub fn is_json(content_type: Option<&str>) -> bool {
    let Some(given) = content_type else { return false };
    let mut pieces = given.split(';').map(|p| p.trim().to_ascii_lowercase());
    pieces.next().as_deref() == Some("application/json")
        && pieces.all(|p| p.strip_prefix("charset=").is_none_or(|c| matches!(c.trim_matches('"'), "utf-8" | "utf8")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_preferred_type_is_taken() {
        let new = "application/graphql-response+json";
        for (accept, expected) in [
            (None, MediaType::Json),
            (Some("*/*"), MediaType::Json),
            (Some("application/json"), MediaType::Json),
            (Some(new), MediaType::GraphqlResponse),
            (Some("application/graphql-response+json, application/json;q=0.9"), MediaType::GraphqlResponse),
            (Some("application/json, application/graphql-response+json"), MediaType::GraphqlResponse),
            (Some("application/graphql-response+json;q=0.1, application/json"), MediaType::Json),
            (Some("text/html"), MediaType::Json),
        ] {
            assert_eq!(negotiate(accept), expected, "{accept:?}");
        }
    }

    #[test]
    fn only_json_in_utf8_is_json() {
        assert!(is_json(Some("application/json")) && is_json(Some("Application/JSON; charset=UTF-8")));
        for bad in [None, Some("text/plain"), Some("application/json; charset=latin1"), Some("application/graphql")] {
            assert!(!is_json(bad), "{bad:?}");
        }
    }
}
