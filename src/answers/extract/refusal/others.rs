//! Those of whom a reply may tell that they do not answer: `Politicians refuse to answer.`

use super::super::{starts_word, words};

/// Others, right before what they do not do.
const ENGLISH: &[&str] = &[
    "child",
    "children",
    "citizens",
    "employers",
    "everyone",
    "father",
    "friends",
    "government",
    "he",
    "husband",
    "leaders",
    "man",
    "men",
    "mother",
    "nobody",
    "others",
    "parents",
    "people",
    "politicians",
    "she",
    "teachers",
    "they",
    "who",
    "wife",
    "woman",
    "women",
    "workers",
    "you",
];

/// What may stand between.
const BETWEEN: &[&str] = &[
    "always", "are", "do", "does", "is", "just", "must", "often", "simply", "was", "were",
];

/// Others in the same clause.
const ELSEWHERE: &[&str] = &[
    "ahli politik",
    "anak-anak",
    "dia",
    "isteri",
    "kerajaan",
    "mereka",
    "orang lain",
    "orang ramai",
    "pemimpin",
    "rakyat",
    "suami",
    "丈夫",
    "人们",
    "人們",
    "人民",
    "他们",
    "他們",
    "企业",
    "企業",
    "公司",
    "别人",
    "別人",
    "大家",
    "她们",
    "她們",
    "妻子",
    "孩子",
    "官员",
    "官員",
    "政客",
    "政府",
    "父母",
    "老人",
    "领导",
    "領導",
    "அரசாங்கம்",
    "அரசியல்வாதிகள்",
    "அரசு",
    "அவர்கள்",
    "குழந்தைகள்",
    "தலைவர்கள்",
    "பெண்கள்",
    "பெற்றோர்கள்",
    "மக்கள்",
];

/// Whether it is others of whom a clause in English speaks where a text ends.
pub(super) fn are_last_in(text: &str) -> bool {
    let clause = text.rsplit(['.', ',', ';', ':', '!', '?', '\n']).next();
    let mut words = words(clause.unwrap_or(text)).rev();
    let last = words.find(|word| !BETWEEN.contains(word));
    last.is_some_and(|word| ENGLISH.contains(&word))
}

/// Whether a clause in another language speaks of others.
pub(super) fn are_in(clause: &str) -> bool {
    ELSEWHERE.iter().any(|other| {
        let mut found = clause.match_indices(other);
        found.any(|(at, _)| {
            let rest = &clause[at + other.len()..];
            !other.is_ascii() || starts_word(clause, at) && !rest.starts_with(char::is_alphanumeric)
        })
    })
}
