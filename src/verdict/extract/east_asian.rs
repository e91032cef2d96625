//! A label among Chinese, Japanese or Korean words, where no blank sets it apart.
//!
//! `答案是A` and `Aの方が良い` name a winner, `不选A` and `A不好` do not, and most of what
//! could turn a label down is not known here. So a value is read only where every word
//! up to the end of the label's clause is one of a few that name an answer or prefer
//! it, and what follows that clause denies nothing.

use super::label::{Label, Labelled, Labels, Reading, Unread, is_decoration, is_prefix};
use super::repair::{Repair, Repairs};
use super::text;

/// Words that name an answer, the winner or a choice, that prefer, and that join these.
const KNOWN: [&str; 97] = [
    // Chinese
    "回答",
    "答案",
    "答复",
    "答覆",
    "回复",
    "回覆",
    "回应",
    "回應",
    "响应",
    "響應",
    "选项",
    "選項",
    "候选",
    "候選",
    "候选人",
    "选择",
    "選擇",
    "选",
    "選",
    "我",
    "认为",
    "認為",
    "觉得",
    "覺得",
    "是",
    "为",
    "為",
    "的",
    "胜者",
    "勝者",
    "赢家",
    "贏家",
    "获胜者",
    "獲勝者",
    "胜",
    "勝",
    "赢",
    "贏",
    "胜出",
    "勝出",
    "获胜",
    "獲勝",
    "更好",
    "更优",
    "更優",
    "更佳",
    "最好",
    "最佳",
    "较好",
    "較好",
    // Japanese
    "応答",
    "解答",
    "選択肢",
    "は",
    "です",
    "だ",
    "が",
    "の方が",
    "のほうが",
    "良い",
    "よい",
    "いい",
    "優れている",
    "優れています",
    // Korean
    "응답",
    "답변",
    "답안",
    "선택지",
    "선택",
    "승자",
    "가",
    "는",
    "더",
    "좋다",
    "좋습니다",
    "낫다",
    "우수합니다",
    "更自然",
    "更真实",
    "更真實",
    "更接近",
    "更贴近",
    "更貼近",
    "更符合",
    "人物",
    "角色",
    "设定",
    "設定",
    "价值",
    "價值",
    "最终",
    "最終",
    "自然",
    "낫습니다",
    "자연스럽다",
    "자연스럽습니다",
    "승",
];

/// What turns a sentence round or leaves it open.
const DOUBTS: [&str; 24] = [
    "不",
    "没",
    "沒",
    "非",
    "无",
    "無",
    "未",
    "别",
    "別",
    "莫",
    "否",
    "但",
    "可是",
    "然而",
    "却",
    "吗",
    "嗎",
    "ない",
    "ません",
    "しかし",
    "않",
    "못",
    "아니",
    "없",
];

/// Reads a value in one of these languages; `None` where it is in another.
pub(super) fn read(value: &str, labels: &Labels) -> Option<Reading> {
    let mut latin = value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty());
    let is_own = |word: &str| is_prefix(word) || labels.all().iter().any(|it| it.core() == word);
    (value.contains(is_east_asian) && latin.all(is_own)).then(|| read_clauses(value, labels))
}

/// Whether a word of a sentence denies what is said.
pub(super) fn denies(word: &str) -> bool {
    word.contains(is_east_asian) && has_doubt(word)
}

fn has_doubt(text: &str) -> bool {
    DOUBTS.iter().any(|doubt| text.contains(doubt))
}

fn read_clauses(value: &str, labels: &Labels) -> Reading {
    let mut named = value
        .char_indices()
        .filter_map(|(at, _)| label_at(value, at, labels));
    let Some(label) = named.next() else {
        return Err(Unread::UnknownLabel);
    };
    if named.any(|other| other.choice != label.choice) {
        return Err(Unread::TwoLabels);
    }
    let mut is_said = false;
    for clause in value.split(ends_clause) {
        let is_plain = if is_said {
            !has_doubt(clause)
        } else {
            is_known(clause, labels, &mut is_said)
        };
        if !is_plain {
            return Err(Unread::UnknownLabel);
        }
    }
    if value.contains('?') {
        return Err(Unread::UnknownLabel);
    }
    Ok(Labelled {
        choice: label.choice,
        repairs: Repairs::one(Repair::LabelSentence),
        is_plain: false,
    })
}

/// Whether a clause is made of known words and labels, and whether a label is among
/// them.
fn is_known(clause: &str, labels: &Labels, is_said: &mut bool) -> bool {
    let mut at = 0;
    while let Some(rest) = clause.get(at..).filter(|rest| !rest.is_empty()) {
        let known = KNOWN.iter().filter(|word| rest.starts_with(**word));
        if let Some(label) = label_at(clause, at, labels) {
            *is_said = true;
            at += label.core().len();
        } else if let Some(len) = known.map(|word| word.len()).max() {
            at += len;
        } else {
            let word = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
            match rest.chars().next() {
                Some(c) if is_decoration(c) || text::is_blank(c) => at += c.len_utf8(),
                _ if rest.get(..word).is_some_and(is_prefix) => at += word,
                _ => return false,
            }
        }
    }
    true
}

/// The label that stands at `at`, with no Latin letter or digit beside it if it is of
/// such.
fn label_at<'a>(text: &str, at: usize, labels: &'a Labels) -> Option<&'a Label> {
    let is_latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let (before, rest) = text.split_at_checked(at)?;
    labels
        .all()
        .iter()
        .filter(|label| !label.core().is_empty())
        .find(|label| {
            let core = label.core();
            let Some(after) = rest.strip_prefix(core) else {
                return false;
            };
            let joined = is_latin(before.chars().next_back()) && is_latin(core.chars().next());
            let goes_on = is_latin(core.chars().next_back()) && is_latin(after.chars().next());
            !joined && !goes_on
        })
}

fn ends_clause(c: char) -> bool {
    matches!(
        c,
        ',' | ';' | ':' | '.' | '!' | '。' | '、' | '(' | ')' | '-' | '—' | '–' | '\n'
    )
}

fn is_east_asian(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::{rubric, rubric_with_labels};
    use super::*;
    use crate::verdict::Choice;

    fn value(value: &str) -> Result<Choice, Unread> {
        Labels::new(&rubric())
            .read(value, true)
            .map(|read| read.choice)
    }

    #[rstest]
    #[case("回答A")]
    #[case("A更好")]
    #[case("答案：A")]
    #[case("答案是A。")]
    #[case("選A")]
    #[case("选项 A 更好")]
    #[case("我认为A更好")]
    #[case("**回答A**")]
    #[case("Response A 更好")]
    #[case("A，因为语气自然")]
    #[case("応答Aの方が良い")]
    #[case("Aです")]
    #[case("응답 A")]
    #[case("A가 더 좋습니다")]
    #[case("A更符合人物设定")]
    #[case("A更自然")]
    #[case("最终选择：A")]
    #[case("Aの方が自然")]
    #[case("A가 더 자연스럽다")]
    fn a_label_among_known_words_is_read(#[case] text: &str) {
        assert_eq!(value(text), Ok(Choice::First), "{text}");
    }

    #[rstest]
    #[case("A不好", Unread::UnknownLabel)]
    #[case("不选A", Unread::UnknownLabel)]
    #[case("我不选 A", Unread::UnknownLabel)]
    #[case("不是A", Unread::UnknownLabel)]
    #[case("A，不好", Unread::UnknownLabel)]
    #[case("比A更好", Unread::UnknownLabel)]
    #[case("A更差", Unread::UnknownLabel)]
    #[case("A更不自然", Unread::UnknownLabel)]
    #[case("A更像宣传册", Unread::UnknownLabel)]
    #[case("A更好吗", Unread::UnknownLabel)]
    #[case("A更好？", Unread::UnknownLabel)]
    #[case("Aではない", Unread::UnknownLabel)]
    #[case("A 아니다", Unread::UnknownLabel)]
    #[case("回答AI", Unread::UnknownLabel)]
    #[case("回答", Unread::UnknownLabel)]
    #[case("不选 A because it is stiff", Unread::UnknownLabel)]
    #[case("A比B更好", Unread::TwoLabels)]
    #[case("选A还是B", Unread::TwoLabels)]
    fn what_may_turn_a_label_down_names_nothing(#[case] text: &str, #[case] why: Unread) {
        assert_eq!(value(text), Err(why), "{text}");
    }

    #[test]
    fn an_english_sentence_may_quote_such_words() {
        assert_eq!(value("Response A says 阿公 as he would"), Ok(Choice::First));
    }

    #[test]
    fn a_tie_is_read_where_it_is_all_that_is_said() {
        assert_eq!(value("平局"), Ok(Choice::Tie));
        assert_eq!(value("不是平局"), Err(Unread::UnknownLabel));
    }

    #[test]
    fn labels_may_be_of_such_letters() {
        let labels = Labels::new(&rubric_with_labels(["甲", "乙", "平"]));
        let read = labels.read("甲更好", true);
        assert_eq!(read.map(|read| read.choice), Ok(Choice::First));
    }
}
