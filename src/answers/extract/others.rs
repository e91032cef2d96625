//! Those of whom a reply may tell what they answer, or that they do not: `Politicians refuse to
//! answer.`, `Most people choose 1.`

use super::{starts_word, words};

/// Others, right before what they do not do.
const ENGLISH: &[&str] = &[
    "boss",
    "brother",
    "brothers",
    "buddhists",
    "catholics",
    "child",
    "children",
    "christians",
    "citizens",
    "colleagues",
    "daughter",
    "employers",
    "everyone",
    "family",
    "father",
    "friends",
    "government",
    "he",
    "hindus",
    "husband",
    "leaders",
    "majority",
    "man",
    "many",
    "men",
    "most",
    "mother",
    "muslims",
    "neighbors",
    "neighbours",
    "nobody",
    "others",
    "parents",
    "people",
    "politicians",
    "relatives",
    "she",
    "singaporeans",
    "sister",
    "sisters",
    "some",
    "son",
    "sons",
    "teachers",
    "they",
    "who",
    "wife",
    "woman",
    "women",
    "workers",
    "you",
];

/// Of those, who may be many: what the answer is for them is not said by who speaks.
const GROUPS: &[&str] = &[
    "buddhists",
    "catholics",
    "christians",
    "citizens",
    "everyone",
    "hindus",
    "many",
    "men",
    "most",
    "muslims",
    "others",
    "people",
    "singaporeans",
    "some",
    "women",
    "workers",
];

/// Whose an answer is that others give.
const THEIRS: [&str; 3] = ["her", "his", "their"];

/// Words for the persona itself, of whom a model that was shown a portrait may speak.
const PERSONA: [&str; 2] = ["he", "she"];

/// What may stand between.
const BETWEEN: &[&str] = &[
    "always", "are", "do", "does", "is", "just", "may", "might", "must", "often", "simply", "was",
    "were", "will", "would",
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
    "ramai orang",
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

/// What may stand between them and what they do.
const ADVERBS: &[&str] = &[
    "akan", "biasanya", "juga", "mungkin", "selalu", "都会", "都會", "会", "會", "都", "也",
    "可能", "通常",
];

/// Those who in Malay are somebody's where `saya` follows: `suami saya`.
const KIN: &[&str] = &[
    "abang", "adik", "anak", "ayah", "bapa", "emak", "ibu", "isteri", "jiran", "kakak", "kawan",
    "keluarga", "majikan", "rakan", "suami",
];

/// What makes of them who speaks: `sebagai seorang ibu saya`.
const AS: &[&str] = &["sebagai", "selaku", "seorang"];

/// Whether a text in Malay ends with those whom a word for who speaks makes his.
pub(super) fn are_kin_in(text: &str) -> bool {
    let mut words = words(text).rev();
    let is_kin = words.next().is_some_and(|word| KIN.contains(&word));
    let ends_with_it = text.trim_end().ends_with(char::is_alphanumeric);
    is_kin && ends_with_it && !words.next().is_some_and(|word| AS.contains(&word))
}

/// Whether it is others of whom a clause in English speaks where a text ends.
pub(super) fn are_last_in(text: &str) -> bool {
    let clause = text.rsplit(['.', ',', ';', ':', '!', '?', '\n']).next();
    let mut words = words(clause.unwrap_or(text)).rev();
    let last = words.find(|word| !BETWEEN.contains(word));
    last.is_some_and(|word| ENGLISH.contains(&word))
}

/// Whether it is others who choose, or answer, what comes next: `My husband would `,
/// `For many people the `, `My mother's `.
pub(super) fn choose_after(before: &str) -> bool {
    let clause = last_clause(before).replace('’', "'");
    let mut words = words(&clause).rev().peekable();
    let has_article = words.next_if_eq(&"the").is_some();
    let skipped = |word: &&str| BETWEEN.contains(word) || matches!(*word, "say" | "says");
    let Some(last) = words.find(|word| !skipped(word)) else {
        return false;
    };
    let owner = last.strip_suffix("'s").or_else(|| last.strip_suffix('\''));
    match owner {
        _ if has_article => GROUPS.contains(&last),
        Some(owner) => ENGLISH.contains(&owner) || GROUPS.contains(&&*format!("{owner}s")),
        None if PERSONA.contains(&last) => false,
        None => ENGLISH.contains(&last) || THEIRS.contains(&last),
    }
}

/// Bytes of a clause that may say who chooses.
const CLAUSE: usize = 120;

fn last_clause(before: &str) -> &str {
    let near = &before[before.ceil_char_boundary(before.len().saturating_sub(CLAUSE))..];
    let clause = near.rsplit(['.', ',', ';', ':', '!', '?', '\n']).next();
    clause.unwrap_or(near)
}

/// The same of what comes next in Malay or Chinese.
pub(super) fn choose_elsewhere_after(before: &str) -> bool {
    let mut clause = last_clause(before).trim_end();
    while let Some(rest) = ADVERBS
        .iter()
        .find_map(|adverb| clause.strip_suffix(adverb))
    {
        clause = rest.trim_end();
    }
    let kin = clause.strip_suffix("saya").map(str::trim_end);
    let is_of_people = clause.ends_with('人')
        && !["作为", "作為", "身为", "身為"]
            .iter()
            .any(|as_one| clause.contains(as_one));
    let is_last = |other: &&str| {
        let before = clause.strip_suffix(*other);
        before.is_some_and(|before| !other.is_ascii() || starts_word(clause, before.len()))
    };
    kin.is_some_and(are_kin_in) || is_of_people || ELSEWHERE.iter().any(is_last)
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
