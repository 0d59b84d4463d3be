//! How a name is cut into words, and the small vocabulary of the sector.
//!
//! Dictionaries hold words any such register uses, never the name of one organisation beside another.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

/// One word of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Lower case, without accents and apostrophes.
    pub text: String,
    /// As written.
    pub shown: String,
    /// Written in capitals in a name that is not all capitals: likely an acronym.
    pub acronym: bool,
}

/// Words that carry no meaning of their own in a name.
const STOP_WORDS: &str = "a an and at by cic cio for from in limited llp ltd my of on or our plc the to with";

/// Words that say what sort of thing a body is, and so tell no two bodies apart.
const GENERIC_WORDS: &str = "abuse academy action adult advice advisory agency alcohol all army assist association big borough \
    branch bureau business care catholic centre charity child church city clinic clinical college community \
    company council country county court criminal crisis day debt department development disability district \
    domestic drop drug early education elder emergency employment england english enterprise family father first \
    five floating forum foundation four free general girl great green group health healthcare help high hill \
    home homeless homelessness hospital hostel house household housing hub independent infant information inn \
    integrated international intervention junior justice land law learning legal life link little living local \
    locality long low lower main man medical men mental middle ministry money mother multi network new nhs night \
    nurse nursery office old one open organisation outreach parent parish park partnership pathway people person \
    place police practice primary private programme project protection provider public queen recovery red refuge \
    region registered residential resource right river road royal rural safe safeguarding safety saint school \
    secondary sector senior service sexual sheltered short six skill social society special specialist staff \
    street substance support supported surgery sustainment team ten tenancy three time together town trust two \
    uk unit united university upper urban view village violence voluntary walk water welfare wellbeing \
    white woman women work worker working young youth";

/// Places of the county and its neighbours, and words that say how far a body reaches; more are
/// learnt from the register itself.
const PLACES: &str = "abingdon aylesbury banbury banstead barnet barton berkshire bicester birmingham blackbird botley brackley \
    bristol buckinghamshire burford carterton central charlbury cherwell chinnor chipping coventry cowley \
    deddington didcot east eynsham faringdon gloucestershire hampshire headington henley keynes kidlington leys \
    littlemore london mid milton national north northampton northamptonshire norton oxford oxfordshire reading \
    regional reigate slough south swindon thame thames vale valley wallingford wantage warwickshire watlington west \
    wheatley wiltshire witney woodstock wycombe";

/// Short forms, with what they stand for.
const ABBREVIATIONS: &[(&str, &str)] = &[
    ("advisor", "adviser"),
    ("assoc", "association"),
    ("bc", "borough council"),
    ("bucks", "buckinghamshire"),
    ("cab", "citizens advice"),
    ("cc", "county council"),
    ("center", "centre"),
    ("children", "child"),
    ("childrens", "child"),
    ("co", "county"),
    ("constabulary", "police"),
    ("cofe", "church of england"),
    ("crc", "community rehabilitation company"),
    ("ctr", "centre"),
    ("cyp", "child young people"),
    ("da", "domestic abuse"),
    ("dc", "district council"),
    ("dept", "department"),
    ("ha", "housing association"),
    ("gps", "gp"),
    ("hc", "health centre"),
    ("hmp", "prison"),
    ("hosp", "hospital"),
    ("ld", "learning disability"),
    ("mh", "mental health"),
    ("oxon", "oxfordshire"),
    ("sch", "school"),
    ("sodc", "south oxfordshire district council"),
    ("st", "saint"),
    ("svc", "service"),
    ("svcs", "service"),
    ("vowhdc", "vale white horse district council"),
    ("wodc", "west oxfordshire district council"),
];

/// Full forms of bodies the whole sector knows by one short word, with that word.
const PHRASES: &[(&str, &str)] = &[
    ("adult community mental health team", "cmht"),
    ("community mental health team", "cmht"),
    ("adult mental health team", "cmht"),
    ("amht", "cmht"),
    ("child and adolescent mental health service", "camhs"),
    ("multi agency safeguarding hub", "mash"),
    ("multiagency safeguarding hub", "mash"),
    ("department for work and pensions", "jobcentre"),
    ("dwp", "jobcentre"),
    ("jcp", "jobcentre"),
    ("jobcentre plus", "jobcentre"),
    ("job centre plus", "jobcentre"),
    ("job centre", "jobcentre"),
    ("citizens advice bureau", "citizens advice"),
    ("citizens advice bureaux", "citizens advice"),
    ("independent domestic violence adviser", "idva"),
    ("national health service", "nhs"),
];

/// What a site with a name of its own ends in. What stands before it names a place, not a brand.
const SITE_TYPES: &[&str] = &[
    "academy",
    "advice centre",
    "borough council",
    "church",
    "city council",
    "college",
    "community centre",
    "council",
    "county council",
    "court",
    "day centre",
    "district council",
    "health centre",
    "hospital",
    "jobcentre",
    "library",
    "medical centre",
    "medical practice",
    "police",
    "prison",
    "school",
    "surgery",
    "town council",
    "child centre",
    "mental health centre",
];

/// The dictionaries, with every word reduced to its stem.
pub(super) struct Vocabulary {
    pub stop: BTreeSet<String>,
    pub generic: BTreeSet<String>,
    pub places: BTreeSet<String>,
    pub abbreviations: BTreeMap<&'static str, Vec<&'static str>>,
    /// Longest first, so that the longest form wins.
    pub phrases: Vec<(Vec<String>, Vec<String>)>,
    pub sites: Vec<Vec<String>>,
}

/// The dictionaries, made once.
pub(super) static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| {
    let set = |text: &str| text.split_whitespace().map(stem).collect::<BTreeSet<_>>();
    let stop = STOP_WORDS.split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
    let stems = |text: &str| text.split_whitespace().filter(|w| !stop.contains(*w)).map(stem).collect::<Vec<_>>();
    let mut phrases = PHRASES.iter().map(|(long, short)| (stems(long), stems(short))).collect::<Vec<_>>();
    phrases.sort_by_key(|(long, _)| std::cmp::Reverse(long.len()));
    Vocabulary {
        generic: set(GENERIC_WORDS),
        places: set(PLACES),
        abbreviations: ABBREVIATIONS.iter().map(|(s, l)| (*s, l.split_whitespace().collect())).collect(),
        phrases,
        sites: SITE_TYPES.iter().map(|s| stems(s)).collect(),
        stop,
    }
});

/// Appends what remains of a character when case, accents and punctuation are put aside.
pub(super) fn push_folded(to: &mut String, c: char) {
    for l in c.to_lowercase() {
        match l {
            'à'..='å' | 'ā' | 'ă' => to.push('a'),
            'æ' => to.push_str("ae"),
            'ç' | 'ć' | 'č' => to.push('c'),
            'è'..='ë' | 'ē' | 'ę' => to.push('e'),
            'ì'..='ï' => to.push('i'),
            'ł' => to.push('l'),
            'ñ' | 'ń' => to.push('n'),
            'ò'..='ö' | 'ø' | 'ō' => to.push('o'),
            'ś' | 'š' => to.push('s'),
            'ß' => to.push_str("ss"),
            'ù'..='ü' | 'ū' => to.push('u'),
            'ŵ' => to.push('w'),
            'ý' | 'ÿ' | 'ŷ' => to.push('y'),
            'ź' | 'ż' | 'ž' => to.push('z'),
            _ if l.is_alphanumeric() => to.push(l),
            _ => {}
        }
    }
}

/// The words of a name, in the parts that brackets, strokes and dashes cut it into.
pub(super) fn segments(name: &str) -> Vec<Vec<Word>> {
    let shouted = !name.chars().any(char::is_lowercase)
        && (name.split_whitespace().count() > 2 || name.split_whitespace().any(|w| w.chars().count() > 6));
    let mut segments = vec![Vec::new()];
    let mut word = String::new();
    let mut before = ' ';
    let mut rest = name.chars().peekable();
    let finish = |word: &mut String, segments: &mut Vec<Vec<Word>>, cut: bool| {
        let mut text = String::new();
        word.chars().for_each(|c| push_folded(&mut text, c));
        if !text.is_empty() {
            let acronym = !shouted
                && (2..=8).contains(&text.chars().count())
                && word.chars().all(|c| c.is_uppercase() || !c.is_alphabetic());
            if let Some(last) = segments.last_mut() {
                last.push(Word { text, shown: word.clone(), acronym });
            }
        }
        word.clear();
        if cut && segments.last().is_some_and(|s| !s.is_empty()) {
            segments.push(Vec::new());
        }
    };
    while let Some(c) = rest.next() {
        match c {
            '&' | '+' => {
                finish(&mut word, &mut segments, false);
                word.push_str("and");
                finish(&mut word, &mut segments, false);
            }
            '\'' | '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' | '\u{2032}' | '.' => {}
            '(' | ')' | '[' | ']' | '/' | '\\' | '\u{2013}' | '\u{2014}' | ',' | ';' | ':' | '|' => {
                finish(&mut word, &mut segments, true);
            }
            '-' => finish(
                &mut word,
                &mut segments,
                before.is_whitespace() || rest.peek().is_some_and(|n| n.is_whitespace()),
            ),
            _ if c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace() => word.push(c),
            _ => finish(&mut word, &mut segments, false),
        }
        before = c;
    }
    finish(&mut word, &mut segments, true);
    segments.retain(|s| !s.is_empty());
    segments
}

/// Replaces short forms by what they stand for; tells whether it did.
pub(super) fn expand(words: &[Word]) -> (Vec<Word>, bool) {
    let mut expanded = false;
    let mut out = Vec::with_capacity(words.len());
    for word in words {
        if let Some(long) = VOCABULARY.abbreviations.get(word.text.as_str()) {
            expanded |= !word.text.starts_with("child");
            out.extend(long.iter().map(|w| Word { text: (*w).to_owned(), shown: (*w).to_owned(), acronym: false }));
        } else {
            out.push(word.clone());
        }
    }
    (out, expanded)
}

/// Puts the sector's short word in place of each full form; tells whether it did.
pub(super) fn shorten(stems: Vec<String>) -> (Vec<String>, bool) {
    let mut shortened = false;
    let mut out = Vec::with_capacity(stems.len());
    let mut rest = stems.as_slice();
    while let Some((first, tail)) = rest.split_first() {
        if let Some((long, short)) = VOCABULARY.phrases.iter().find(|(long, _)| rest.starts_with(long)) {
            out.extend(short.iter().cloned());
            rest = rest.get(long.len()..).unwrap_or_default();
            shortened = true;
        } else {
            out.push(first.clone());
            rest = tail;
        }
    }
    (out, shortened)
}

/// A word without its ending, so that "Services" is "Service" and "Reducing" is "Reduce".
pub(super) fn stem(word: &str) -> String {
    let word = match word {
        "children" | "childrens" => "child",
        "womens" | "woman" | "womans" => "women",
        "midwives" => "midwife",
        _ => word,
    };
    let mut s = word.to_owned();
    // "Housing" is a trade and "house" a building.
    if !s.is_ascii() || s.len() < 4 || s == "housing" {
        return s;
    }
    if s.len() > 4 && s.ends_with("ies") {
        s.truncate(s.len() - 3);
        s.push('y');
    } else if s.len() > 4 && s.ends_with('s') && !["ss", "us", "is"].iter().any(|e| s.ends_with(e)) {
        s.pop();
    }
    if s.len() > 6 && s.ends_with("ing") {
        s.truncate(s.len() - 3);
    }
    if s.len() > 4 && s.ends_with('e') {
        s.pop();
    }
    s
}

/// The stems of words that mean something.
pub(super) fn stems(words: &[Word]) -> Vec<String> {
    words.iter().filter(|w| !VOCABULARY.stop.contains(&w.text)).map(|w| stem(&w.text)).collect()
}
