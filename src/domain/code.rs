//! Enums with a stable text code and a description, written once and used by SQL, GraphQL and documents alike.

/// An enum whose every variant has a stable code (as stored and as spoken in the API) and a description.
pub trait Coded: Copy + Eq + Sized + Send + Sync + 'static {
    /// The name of the type in the API.
    const NAME: &'static str;
    /// What the type is.
    const ABOUT: &'static str;
    /// All variants in order.
    const ALL: &'static [Self];
    /// The stable code.
    fn code(self) -> &'static str;
    /// What the variant means, for a front-end developer.
    fn about(self) -> &'static str;
    /// The variant of a code.
    fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|v| v.code() == code)
    }
}

/// Declares a [`Coded`] enum: `coded! { Name "what it is" { Variant "CODE" "what it means", … } }`.
#[macro_export]
macro_rules! coded {
    ($name:ident $about:literal { $($variant:ident $code:literal $doc:literal,)+ }) => {
        #[doc = $about]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name {
            $(#[doc = $doc] $variant,)+
        }

        impl $crate::domain::code::Coded for $name {
            const NAME: &'static str = stringify!($name);
            const ABOUT: &'static str = $about;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ }
            }

            fn about(self) -> &'static str {
                match self { $(Self::$variant => $doc,)+ }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Coded;
    use crate::domain::{basis::Basis, category::Category, referral::ReferralState, role::Role};
    use std::collections::HashSet;

    fn round_trip<T: Coded + std::fmt::Debug>() {
        let codes: HashSet<_> = T::ALL.iter().map(|v| v.code()).collect();
        assert_eq!(codes.len(), T::ALL.len(), "codes of {} are unique", T::NAME);
        for v in T::ALL {
            assert_eq!(T::from_code(v.code()), Some(*v));
            assert!(!v.about().is_empty());
        }
        assert_eq!(T::from_code("no such code"), None);
    }

    #[test]
    fn codes_read_back_as_what_they_were_written_from() {
        round_trip::<Category>();
        round_trip::<Basis>();
        round_trip::<Role>();
        round_trip::<ReferralState>();
    }
}
