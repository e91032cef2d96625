//! Refusals in Malay, Chinese and Tamil: a way of not doing something, and what is not done.
//!
//! Who does not answer refuses, whoever it is. Other deeds, such as to help, are left undone by
//! those too of whom a reply speaks: they refuse where it is who speaks that leaves them undone,
//! and where they are all that is said or about what was asked.

mod tamil;

use super::super::{others, starts_word};
use super::is_with_ai;

/// Deeds of a language, and how it says that they are left undone.
struct Tongue {
    /// Ways to say that something is not done.
    not: &'static [&'static str],
    /// What may stand between these and the deed.
    between: &'static [&'static str],
    /// To answer.
    answering: &'static [&'static str],
    /// Other deeds that are left undone by who refuses.
    deeds: &'static [&'static str],
    /// What these are about, or give.
    objects: &'static [&'static str],
    /// Ways to say that one does not have something.
    lacks: &'static [&'static str],
    /// What who refuses does not have.
    possessions: &'static [&'static str],
    /// What refuses wherever it stands.
    phrases: &'static [&'static str],
    /// How a model says what it is, before one of `selves`.
    being: &'static [&'static str],
    selves: &'static [&'static str],
}

const MALAY: Tongue = Tongue {
    not: &[
        "enggan",
        "keberatan",
        "lebih rela tidak",
        "lebih suka tidak",
        "lebih suka untuk tidak",
        "memilih tidak",
        "memilih untuk tidak",
        "menolak",
        "tak akan",
        "tak berani",
        "tak bersedia",
        "tak bisa",
        "tak boleh",
        "tak dapat",
        "tak ingin",
        "tak mahu",
        "tak mampu",
        "tak nak",
        "tak selesa",
        "tidak akan",
        "tidak berani",
        "tidak bersedia",
        "tidak bisa",
        "tidak boleh",
        "tidak dapat",
        "tidak dibenarkan",
        "tidak ingin",
        "tidak mahu",
        "tidak mampu",
        "tidak sanggup",
        "tidak selesa",
    ],
    between: &["untuk", "terus", "hendak", "pernah"],
    answering: &[
        "berkomen",
        "jawab",
        "menjawab",
        "saya jawab",
        "saya menjawab",
    ],
    deeds: &[
        "bantu",
        "beri",
        "berkongsi",
        "berbincang",
        "kongsi",
        "meluahkan",
        "membantu",
        "memberi",
        "memberikan",
        "membincangkan",
        "membuat",
        "memenuhi",
        "memilih",
        "mendedahkan",
        "mengambil",
        "mengemukakan",
        "mengulas",
        "menyatakan",
        "menyokong",
        "menyuarakan",
        "pilih",
    ],
    objects: &[
        "bantuan",
        "dengan ini",
        "dengan itu",
        "isu ini",
        "jawapan",
        "kandungan",
        "komen",
        "maklumat",
        "pandangan",
        "pendapat",
        "pendirian",
        "perkara",
        "permintaan",
        "pertanyaan",
        "pilihan",
        "soalan",
        "topik",
        "ulasan",
    ],
    lacks: &[
        "tiada",
        "tak ada",
        "tak mempunyai",
        "tidak ada",
        "tidak memiliki",
        "tidak mempunyai",
    ],
    possessions: &[
        "kepercayaan peribadi",
        "keutamaan peribadi",
        "pandangan",
        "pendapat",
        "pendirian",
        "pengalaman peribadi",
        "perasaan",
    ],
    phrases: &[
        "tak ada komen",
        "tiada komen",
        "tiada ulasan",
        "tidak ada komen",
    ],
    being: &[
        "sebagai",
        "saya adalah",
        "saya cuma",
        "saya hanya",
        "saya hanyalah",
        "saya ialah",
    ],
    selves: &[
        "ai",
        "kecerdasan buatan",
        "model ai",
        "model bahasa",
        "pembantu ai",
        "sistem ai",
    ],
};

const CHINESE: Tongue = Tongue {
    not: &[
        "不便",
        "不打算",
        "不方便",
        "不会",
        "不會",
        "不可以",
        "不肯",
        "不能",
        "不能够",
        "不能夠",
        "不适合",
        "不適合",
        "不想",
        "不宜",
        "不予",
        "不愿",
        "不愿意",
        "不願",
        "不願意",
        "恕不",
        "拒绝",
        "拒絕",
        "没办法",
        "没有办法",
        "没法",
        "沒有辦法",
        "沒辦法",
        "沒法",
        "宁可不",
        "宁愿不",
        "寧可不",
        "寧願不",
        "未能",
        "无法",
        "無法",
        "婉拒",
        "谢绝",
        "謝絕",
        "选择不",
        "選擇不",
        "不作",
        "不做",
    ],
    between: &[
        "再",
        "去",
        "在此",
        "对",
        "對",
        "对此",
        "對此",
        "就此",
        "为你",
        "为您",
        "為你",
        "為您",
        "给您",
        "給您",
        "直接",
        "具体",
        "具體",
        "明确",
        "明確",
        "这个问题",
        "這個問題",
    ],
    answering: &["回答", "答复", "答覆", "作答"],
    deeds: &[
        "帮忙", "帮助", "幫助", "幫忙", "表达", "表達", "表态", "表態", "参与", "參與", "发表",
        "發表", "分享", "给出", "給出", "回应", "回應", "满足", "滿足", "评论", "評論", "评价",
        "評價", "代表", "给到", "給到", "讨论", "討論", "提供", "透露", "扮演", "协助", "協助",
        "选择", "選擇", "置评", "置評", "作出", "做出",
    ],
    objects: &[
        "帮助", "幫助", "答案", "服务", "服務", "该", "該", "观点", "觀點", "话题", "話題", "回答",
        "回应", "回應", "建议", "建議", "看法", "立场", "立場", "您", "评价", "評價", "评论",
        "評論", "请求", "請求", "问题", "問題", "协助", "協助", "信息", "选项", "選項", "选择",
        "選擇", "内容", "內容", "要求", "意见", "意見", "这", "這", "资讯", "資訊", "主题", "主題",
    ],
    lacks: &[
        "不持有",
        "不具备",
        "不具備",
        "并无",
        "並無",
        "没有",
        "沒有",
        "无",
        "無",
    ],
    possessions: &[
        "个人感受",
        "个人观点",
        "个人看法",
        "个人立场",
        "个人偏好",
        "个人情感",
        "个人喜好",
        "个人意见",
        "個人感受",
        "個人觀點",
        "個人看法",
        "個人立場",
        "個人偏好",
        "個人情感",
        "個人喜好",
        "個人意見",
        "观点",
        "觀點",
        "看法",
        "立场",
        "立場",
    ],
    phrases: &["恕难", "恕難", "无可奉告", "無可奉告", "不置评", "不置評"],
    being: &[
        "身为",
        "身為",
        "作为",
        "作為",
        "我是",
        "我只是",
        "我仅是",
        "我僅是",
    ],
    selves: &[
        "ai",
        "大型語言模型",
        "大型语言模型",
        "大語言模型",
        "大语言模型",
        "人工智慧",
        "人工智能",
        "語言模型",
        "语言模型",
    ],
};

/// What may stand between not having something and what it is.
const ANY: &[&str] = &["apa-apa", "sebarang", "任何", "自己的", "真正的"];

/// What may stand between being something and what one is.
const MEASURES: &[&str] = &[
    "一个", "一個", "一款", "一名", "一位", "一种", "一種", "个", "個", "sebuah", "seorang", "satu",
];

/// What may follow when a model says in Chinese that it is one: other words make of it something
/// else, such as one who works with them.
const AFTER_SELF: &[&str] = &[
    "不", "程序", "程式", "大", "的我", "机器", "機器", "聊天", "没", "沒", "模型", "人工", "我",
    "无", "無", "系统", "系統", "语言", "語言", "智能", "助", "虚拟", "虛擬",
];

/// How a speaker of those languages names himself.
const SPEAKERS: &[&str] = &["我", "我们", "我們", "本人", "aku", "kami", "saya"];

/// What may stand between a speaker, or the beginning of a clause, and what is left undone.
const BETWEEN: &[&str] = &[
    "也",
    "但",
    "但是",
    "实在",
    "實在",
    "对不起",
    "對不起",
    "并",
    "並",
    "很抱歉",
    "恐怕",
    "所以",
    "抱歉",
    "暂时",
    "暫時",
    "现在",
    "現在",
    "目前",
    "真的",
    "还是",
    "還是",
    "都",
    "因此",
    "故",
    "juga",
    "maaf",
    "maaf kerana",
    "masih",
    "memang",
    "tetap",
    "jadi",
    "oleh itu",
];

/// Whether a text in lower case refuses in one of these languages, by what `may_follow` what
/// stands before it.
pub(super) fn refuses(text: &str, may_follow: &dyn Fn(&str) -> bool) -> bool {
    MALAY.refuses(text, may_follow)
        || !text.is_ascii()
            && (CHINESE.refuses(text, may_follow) || tamil::refuses(text, may_follow))
}

impl Tongue {
    fn refuses(&self, text: &str, may_follow: &dyn Fn(&str) -> bool) -> bool {
        let counts = |before: &str| may_follow(before) || is_own(before);
        let left_undone = self.not.iter().any(|not| {
            each(text, not).any(|(before, rest)| {
                let mut rest = rest.trim_start_matches(' ');
                loop {
                    if begins(rest, self.answering) {
                        let clause = last_clause(before);
                        let is_of_others = others::are_in(clause) || is_of_kin(clause);
                        return is_own(before) || may_follow(before) && !is_of_others;
                    }
                    if self.is_deed_of_a_refusal(rest) {
                        return is_own(before);
                    }
                    let Some(next) = without_any(rest, self.between) else {
                        return false;
                    };
                    rest = next;
                }
            })
        });
        let lacks = || {
            self.lacks.iter().any(|lacks| {
                each(text, lacks).any(|(before, rest)| {
                    let rest = rest.trim_start_matches(' ');
                    let rest = without_any(rest, ANY).unwrap_or(rest);
                    begins(rest, self.possessions) && is_own(before)
                })
            })
        };
        let says = |phrase: &&str| each(text, phrase).any(|(before, _)| counts(before));
        left_undone || lacks() || self.phrases.iter().any(says) || self.names_itself(text, &counts)
    }

    /// Whether a text begins with a deed that is all of its clause, or about what was asked.
    fn is_deed_of_a_refusal(&self, text: &str) -> bool {
        self.deeds.iter().any(|deed| {
            text.strip_prefix(deed).is_some_and(|rest| {
                let clause = clause(rest);
                let ends = clause.trim_start_matches(|c: char| c.is_ascii_alphabetic());
                ends.trim().is_empty() || self.objects.iter().any(|object| clause.contains(object))
            })
        })
    }

    /// Whether a model says that it is one: `作为一个AI，`.
    fn names_itself(&self, text: &str, counts: &dyn Fn(&str) -> bool) -> bool {
        self.being.iter().any(|being| {
            each(text, being).any(|(before, rest)| {
                let rest = rest.trim_start_matches(' ');
                let rest = without_any(rest, MEASURES).unwrap_or(rest);
                counts(before)
                    && self.selves.iter().any(|own| {
                        let after = rest.strip_prefix(own).map(str::trim_start);
                        after.is_some_and(|after| {
                            let is_word =
                                rest[own.len()..].starts_with(|c: char| !c.is_alphabetic());
                            !is_with_ai(&rest[own.len()..])
                                && (after.is_empty() || is_word || begins(after, AFTER_SELF))
                        })
                    })
            })
        })
    }
}

/// Where a phrase stands: what is before it, and what is after it.
fn each<'t>(text: &'t str, phrase: &'t str) -> impl Iterator<Item = (&'t str, &'t str)> {
    let found = text.match_indices(phrase);
    let found = found.filter(move |(at, _)| !phrase.is_ascii() || starts_word(text, *at));
    found.map(|(at, phrase)| (&text[..at], &text[at + phrase.len()..]))
}

fn begins(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.starts_with(word))
}

/// A text without the one of some words with which it begins, the longest of them.
fn without_any<'t>(text: &'t str, words: &[&str]) -> Option<&'t str> {
    let fitting = words.iter().filter_map(|word| text.strip_prefix(word));
    let rest = fitting.min_by_key(|rest| rest.len())?;
    Some(rest.trim_start_matches(' '))
}

/// Bytes of a clause that are looked at.
const NEAR: usize = 240;

const CLAUSE_ENDS: [char; 7] = ['.', ',', ';', ':', '!', '?', '\n'];

/// A text up to the end of its first clause.
fn clause(text: &str) -> &str {
    let near = &text[..text.floor_char_boundary(NEAR)];
    near.split(CLAUSE_ENDS).next().unwrap_or(near)
}

/// The clause that a text ends with.
fn last_clause(text: &str) -> &str {
    let near = &text[text.ceil_char_boundary(text.len().saturating_sub(NEAR))..];
    near.rsplit(CLAUSE_ENDS).next().unwrap_or(near)
}

/// Whether what comes after a text is left undone by who speaks.
fn is_own(before: &str) -> bool {
    let mut before = before.trim_end_matches(' ');
    while let Some(rest) = BETWEEN.iter().find_map(|word| without_word(before, word)) {
        before = rest.trim_end_matches(' ');
    }
    !before.ends_with(char::is_alphanumeric)
        || SPEAKERS
            .iter()
            .any(|word| without_word(before, word).is_some_and(|rest| !others::are_kin_in(rest)))
}

/// Whether a text ends with those of who speaks.
fn is_of_kin(text: &str) -> bool {
    let text = text.trim_end_matches(' ');
    let mut without = SPEAKERS.iter().filter_map(|word| without_word(text, word));
    without.any(others::are_kin_in)
}

/// A text without the word that it ends with. Chinese has no blanks between words.
fn without_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    let rest = text.strip_suffix(word)?;
    (!word.is_ascii() || starts_word(text, rest.len())).then_some(rest)
}
