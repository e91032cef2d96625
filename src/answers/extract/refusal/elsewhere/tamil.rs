//! Tamil says what is not done before it says that it is not.

use super::{clause, last_clause, others};

/// Ways to say that something is not done.
const NOT: &[&str] = &[
    "இயலவில்லை",
    "இயலாது",
    "மறுக்கிறேன்",
    "மாட்டேன்",
    "முடியவில்லை",
    "முடியாது",
    "விரும்பவில்லை",
    "தயாராக இல்லை",
];
/// To answer, or to say what one thinks.
const ANSWERING: &[&str] = &[
    "பதிலளிக்க",
    "பதில் அளிக்க",
    "பதில் கூற",
    "பதில் கொடுக்க",
    "பதில் சொல்ல",
    "பதில் தர",
    "பதிலை அளிக்க",
    "விடையளிக்க",
    "விடை அளிக்க",
    "கருத்து கூற",
    "கருத்துக் கூற",
    "கருத்து சொல்ல",
    "கருத்து தெரிவிக்க",
    "கருத்துத் தெரிவிக்க",
    "கருத்தை தெரிவிக்க",
    "கருத்துகளை தெரிவிக்க",
    "கருத்தைப் பகிர",
    "கருத்துகளைப் பகிர",
];
/// Other deeds of who refuses, by his own account.
const DEEDS: &[&str] = &[
    "உதவ",
    "தேர்வு செய்ய",
    "தேர்ந்தெடுக்க",
    "நிறைவேற்ற",
    "வழங்க",
    "விவாதிக்க",
];
const OBJECTS: &[&str] = &[
    "இதற்கு",
    "இதில்",
    "இதை",
    "கருத்து",
    "கேள்வி",
    "கோரிக்கை",
    "பதில்",
    "விருப்பத்தை",
];
const SPEAKERS: &[&str] = &["என்னால்", "நான்", "எங்களால்"];
/// How a model says what it is.
const SELVES: &[&str] = &[
    "மொழி மாதிரி",
    "ஒரு ai",
    "செயற்கை நுண்ணறிவாக",
    "செயற்கை நுண்ணறிவு மாதிரி",
    "செயற்கை நுண்ணறிவு உதவியாள",
];
/// What who refuses does not have, and how he says so.
const POSSESSIONS: &[&str] = &[
    "சொந்த கருத்து",
    "சொந்தக் கருத்து",
    "தனிப்பட்ட உணர்வு",
    "தனிப்பட்ட கருத்து",
    "தனிப்பட்ட நம்பிக்கை",
    "தனிப்பட்ட பார்வை",
];
const LACKS: &[&str] = &["இல்லை", "கிடையாது"];

/// Whether a text in lower case refuses in Tamil, by what `may_follow` what stands before it.
pub(super) fn refuses(text: &str, may_follow: &dyn Fn(&str) -> bool) -> bool {
    let left_undone = NOT.iter().any(|not| {
        text.match_indices(not).any(|(at, _)| {
            let before = text[..at].trim_end_matches(' ');
            let ends = |deeds: &[&str]| deeds.iter().find_map(|deed| before.strip_suffix(deed));
            if let Some(before) = ends(ANSWERING) {
                let clause = last_clause(before);
                let is_of_speaker = SPEAKERS.iter().any(|speaker| clause.contains(speaker));
                return (is_of_speaker || !others::are_in(clause))
                    && (may_follow(before) || is_own(clause));
            }
            ends(DEEDS).is_some_and(|before| is_own(last_clause(before)))
        })
    });
    let lacks = || {
        POSSESSIONS.iter().any(|owned| {
            text.match_indices(owned).any(|(at, owned)| {
                let clause = clause(&text[at + owned.len()..]);
                LACKS.iter().any(|lacks| clause.contains(lacks)) && may_follow(&text[..at])
            })
        })
    };
    let names_itself = || {
        SELVES.iter().any(|own| {
            text.match_indices(own).any(|(at, own)| {
                let are_many = text[at + own.len()..].starts_with("கள்");
                !are_many && may_follow(&text[..at])
            })
        })
    };
    left_undone || lacks() || names_itself()
}

/// Whether what stands before a deed in its clause is nothing, or who speaks and what was asked.
fn is_own(clause: &str) -> bool {
    let clause = clause.trim();
    let speaker = SPEAKERS
        .iter()
        .find_map(|speaker| Some(clause.split_once(speaker)?.1.trim()));
    let about = speaker.unwrap_or(clause);
    about.is_empty() || OBJECTS.iter().any(|object| about.contains(object))
}
