//! A value that is a sentence: read where exactly one label stands in it as a
//! capital word.
//!
//! Where the first label is `A`, the English article must not be taken for it.
//! A lower-case `a` never is the label. A capital `A` that begins a sentence and
//! is followed by another word is the article, unless that word shows that it is none
//! (`A wins`, `A over`, `A slightly`; see `article`); so `A warmer voice` names nothing.
//! Within a sentence it is the article before a word with a capital, so that `THIS IS A
//! BETTER ANSWER` names nothing either. If the sentence leads from there to another label,
//! that one is read (`A clear win for B`, `A close call, but B`); else either may be meant (`A
//! real, B fake`). It is the article too where it begins what is said at once after a label
//! that was given (`B - A warmer voice`), or a quotation (`B says "A home is ..."`).
//! Everywhere else a capital `A` is the label. `B` is read as `A` would be in its place, or
//! the article would cost one answer verdicts and not the other.
//!
//! A sentence that turns its label down or asks (`not B`, `B is worse`, `better than
//! B`, `B?`) says nothing, though one label stands in it: the winner would be a guess.

use super::article;
use super::denial::{before_prefix, is_losing, may_detract, turned_down};
use super::label::{Label, Labelled, Labels, Reading, Unread, is_prefix};
use super::repair::{Repair, Repairs};
use super::text::{self, Family};
use super::tie::{Ties, is_tie_word};
use super::words::{Start, Word, split};
use crate::verdict::Choice;

/// Bytes of the longest sentence that is read; a longer value is a text.
const MAX_BYTES: usize = 20_000;

/// Reads a sentence that is no plain label.
pub(super) fn read(value: &str, labels: &Labels) -> Reading {
    if value.len() > MAX_BYTES {
        return Err(Unread::UnknownLabel);
    }
    if holds_member(value) {
        return Err(Unread::UnknownLabel);
    }
    let words = split(value);
    let named = Named::find(&words, labels);
    let ties = Ties::find(&words);
    let Some((at, len, choice)) = named.first else {
        if named.meanings == [true; 2] {
            return Err(Unread::TwoLabels);
        }
        return match (ties.is_said(), named.late_article) {
            // `Tie (A slightly warmer)`: the article or the label.
            (true, true) if ties.rival => Err(Unread::TwoLabels),
            (true, _) => Ok(Labelled {
                choice: Choice::Tie,
                repairs: Repairs::one(Repair::TieWord).with(Repair::LabelSentence),
                is_plain: ties.is_plain(&words),
            }),
            (false, _) => Err(Unread::UnknownLabel),
        };
    };
    // `B tie`, `**B** tie`
    let tie_follows = words.get(at + 1).is_some_and(|word| {
        word.start == Start::Within
            && (word.is_one_of("tie draw")
                || (word.is_one_of("tied neither equal") && stands_apart(&words, at + 2)))
    });
    if named.several || ties.rival || tie_follows {
        return Err(Unread::TwoLabels);
    }
    if words[at].asked || turned_down(&words, at, len, named.article) {
        return Err(Unread::UnknownLabel);
    }
    Ok(Labelled {
        choice,
        repairs: Repairs::one(Repair::LabelSentence),
        is_plain: is_plain(&words, at, len),
    })
}

/// Whether the value gives the label at `at`, with a reason at most.
fn is_plain(words: &[Word<'_>], at: usize, len: usize) -> bool {
    let end = at + len;
    let verb = words.get(end).filter(|verb| verb.is_one_of("wins won"));
    let reason = end + usize::from(verb.is_some());
    let is_reason = gives_reason(words, reason)
        || (verb.is_some() && words.get(reason).is_some_and(|on| on.is_one_of("on in")));
    given_until(words, at, len).is_some() || (is_reason && is_introduced(words, at))
}

/// Whether the words at `at` give a reason for a win: not `with its clichés`, nor `by
/// contrast is formal`.
fn gives_reason(words: &[Word<'_>], at: usize) -> bool {
    const BECAUSE: &str = "because since due given";
    const PHRASES: [(&str, &str); 4] = [
        ("as", "it it's"),
        ("for", "its her his their the being having"),
        ("by", "a far the"),
        ("with", "high full some medium low"),
    ];
    let Some(first) = words.get(at) else {
        return false;
    };
    let next = words.get(at + 1);
    let begins_phrase = PHRASES.iter().any(|(word, follows)| {
        first.is_one_of(word) && next.is_some_and(|next| next.is_one_of(follows))
    });
    let mut clause = words[at..]
        .iter()
        .take_while(|word| !word.starts_sentence());
    (first.is_one_of(BECAUSE) || begins_phrase) && !clause.any(may_detract)
}

/// Where the statement ends that the label at `at` wins, if no more is said in it: `B`,
/// `Response B wins`, `The winner is B`.
fn given_until(words: &[Word<'_>], at: usize, len: usize) -> Option<usize> {
    let end = at + len;
    if !is_introduced(words, at) {
        None
    } else if stands_apart(words, end) {
        Some(end)
    } else {
        article::wins_until(words, end)
    }
}

/// Whether the label at `at` begins the value, or what stands before it says no more than
/// that a winner follows.
fn is_introduced(words: &[Word<'_>], at: usize) -> bool {
    const LEADS: &str = "\
        winner the is it it's verdict final result overall i i'd i'll would will choose pick \
        select prefer say go with my clearly definitely certainly ultimately decidedly \
        narrowly slightly undoubtedly";
    // More words lead to no label; a bound keeps the time linear.
    const MAX_LEADS: usize = 8;
    let first = before_prefix(words, at);
    first <= MAX_LEADS
        && words[..first]
            .iter()
            .all(|word| word.is_one_of(LEADS) || is_prefix(word.text))
}

/// Whether a value has run into another member of its object, whose key was damaged: what
/// follows `lue_winner": ` or `"overall_win"` is said of something else.
fn holds_member(value: &str) -> bool {
    let is_quote = |c: char| Family::of(c).is_some();
    let mut joints = value
        .char_indices()
        .filter(|&(_, c)| c == ':' || is_quote(c));
    joints.any(|(at, c)| {
        let (before, after) = value.split_at(at);
        let before = before.trim_end();
        let name = before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_');
        let word = &before[name.len()..];
        let in_quotes = c == ':'
            && before.ends_with(is_quote)
            && after[1..]
                .trim_start_matches([':', ' '])
                .starts_with(is_quote);
        let is_key = if c == ':' {
            word
        } else {
            word.trim_matches('_')
        };
        in_quotes || (is_key.contains('_') && after.contains(char::is_alphanumeric))
    })
}

/// Whether the words before `next` say no more than they do, as in `A, on reflection`.
pub(super) fn stands_apart(words: &[Word<'_>], next: usize) -> bool {
    words.get(next).is_none_or(Word::starts_clause)
}

/// The labels that a sentence names.
#[derive(Default)]
struct Named {
    /// Where the first stands, how many words it has, and what it means.
    first: Option<(usize, usize, Choice)>,
    /// Whether another is named too.
    several: bool,
    /// Whether a word that is spelled like a label is the article.
    article: bool,
    /// Where the first capital letter stands that may be no label.
    unclear: Option<usize>,
    /// Which answers such letters would name.
    meanings: [bool; 2],
    /// Whether one that is not the first word may be the article or the label.
    late_article: bool,
}

impl Named {
    fn find(words: &[Word<'_>], labels: &Labels) -> Self {
        let mut named = Self::default();
        let mut at = 0;
        while at < words.len() {
            let Some((label, len)) = label_at(labels, words, at) else {
                at += 1;
                continue;
            };
            match role(label, labels, words, at, len) {
                Role::Label if named.remarks_on_given(words, at) => named.article = true,
                Role::Article if words[at].text == "a" => named.article = true,
                Role::Article => {
                    let before_tie = words.get(at + 1).is_some_and(is_tie_word);
                    named.article = true;
                    named.late_article |= at > 0 && !before_tie;
                    named.unclear.get_or_insert(at);
                    named.meanings[usize::from(label.choice == Choice::Second)] = true;
                }
                Role::Word => {}
                Role::Label => match named.first {
                    None => named.first = Some((at, len, label.choice)),
                    Some((.., choice)) => named.several |= choice != label.choice,
                },
            }
            at += len;
        }
        named.several |= named.may_name_another(words);
        if labels.are_letters() {
            named.several |= named.offers_small_letter(words, labels);
        }
        named
    }

    /// Whether the other label is named too, or offered beside the one named, though in
    /// lower case: `A or b`.
    fn offers_small_letter(&self, words: &[Word<'_>], labels: &Labels) -> bool {
        const JOINTS: &str = "or and vs versus";
        let is_other = |word: &Word<'_>| {
            labels.all().iter().any(|label| {
                let is_named = self.first.is_none_or(|(.., choice)| choice == label.choice);
                !is_named
                    && word
                        .text
                        .chars()
                        .map(text::fold)
                        .eq(label.core().chars().map(text::fold))
            })
        };
        let beside = |at: Option<usize>| {
            let word = at.and_then(|at| words.get(at));
            word.is_some_and(|word| word.is_one_of(JOINTS))
        };
        words.iter().enumerate().any(|(at, word)| {
            // Not the article of `B is warmer and a better match`.
            let ends = at + 1 == words.len();
            let before = at.checked_sub(1);
            // `a, though B is close`, `option a because B is stiff`
            let after_prefix =
                before.is_some_and(|at| words[at].runs_on && is_prefix(words[at].text));
            let is_set_apart = || !word.runs_on || is_no_article(words, at);
            // Past the label named it is the article, as in `B, a closer match`, or of a remark.
            let has_place = ends || self.first.is_some_and(|(first, ..)| at < first);
            let is_named = has_place
                && !is_tie_word(word)
                && (word.starts_clause() || after_prefix)
                && is_set_apart();
            let is_joined = beside(Some(at + 1)) || (ends && beside(before));
            is_other(word) && (is_joined || is_named)
        })
    }

    /// Whether a letter that may be the article may as well be a label, as in `A real, B
    /// fake`: the sentence does not lead from it to the label named, and that one was not
    /// given before it. Which answer is named does not count, or one would be missing where
    /// the other is read.
    fn may_name_another(&self, words: &[Word<'_>]) -> bool {
        let (Some(unclear), Some((at, len, _))) = (self.unclear, self.first) else {
            return false;
        };
        let first = if words[at].starts_clause() {
            at
        } else {
            before_prefix(words, at)
        };
        !self.remarks_on_given(words, unclear)
            && !article::leads_to(words, unclear, first, at + len)
    }

    /// Whether a capital `A` at `at` is the article of what is said of a label given before
    /// it, at once after that (`B - A warmer voice`) or in quotes (`B says "A home is ..."`).
    fn remarks_on_given(&self, words: &[Word<'_>], at: usize) -> bool {
        let Some((label, len, _)) = self.first.filter(|(label, ..)| *label < at) else {
            return false;
        };
        let noun_follows = words[at].runs_on && !article::is_none_before(words, at + 1);
        let word = &words[at];
        // `B. A weaker.`
        let other_loses = words[at].text != words[label + len - 1].text
            && words.get(at + 1).is_some_and(is_losing)
            && stands_apart(words, at + 2);
        noun_follows
            && (other_loses || article::opens_remark(words, at))
            && ((word.starts_clause() && given_until(words, label, len) == Some(at))
                || word.opens_quote())
    }
}

/// Whether a verb, a connective or the like follows the letter at `at`, so that it is no
/// article.
fn is_no_article(words: &[Word<'_>], at: usize) -> bool {
    let next = words.get(at + 1);
    next.is_some_and(|next| next.text.starts_with(char::is_alphabetic))
        && article::is_none_before(words, at + 1)
}

/// What a word that is spelled like a label is.
enum Role {
    Label,
    /// The English article, or the other label where the article would stand.
    Article,
    /// Any other word.
    Word,
}

fn role(label: &Label, labels: &Labels, words: &[Word<'_>], at: usize, len: usize) -> Role {
    let [only] = label.words.as_slice() else {
        return Role::Label;
    };
    let word = &words[at];
    if label.choice == Choice::Tie && is_tie_word(word) {
        return Role::Word;
    }
    let after_prefix = at > 0 && words[at - 1].runs_on && is_prefix(words[at - 1].text);
    let next = words.get(at + len).filter(|_| word.runs_on);
    if labels.are_letters() && label.choice != Choice::Tie {
        return letter_or_article(labels, words, at, after_prefix);
    }
    let is_number = only.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || only == "I" {
        // `1 wins`, but not `1 reason` or `I think`.
        let stands_alone = match next {
            None => true,
            Some(next) => is_number && is_plain_verb(next),
        };
        return if after_prefix || (word.starts_sentence() && stands_alone) {
            Role::Label
        } else {
            Role::Word
        };
    }
    Role::Label
}

/// Whether a letter is the label. Where `A` would be the article, `B` is no label either,
/// so that both are read alike.
fn letter_or_article(labels: &Labels, words: &[Word<'_>], at: usize, after_prefix: bool) -> Role {
    let word = &words[at];
    if word.possessive && word.text != "a" {
        return Role::Label;
    }
    let next = words.get(at + 1).filter(|_| word.runs_on);
    let noun_follows = next.is_some_and(|next| !next.is_one_of("tie draw"))
        && !article::is_none_before(words, at + 1)
        && label_at(labels, words, at + 1).is_none();
    if word.text == "a" {
        return if after_prefix && !noun_follows {
            Role::Label
        } else {
            Role::Article
        };
    }
    let capital_follows = next.is_some_and(|next| next.text.starts_with(char::is_uppercase));
    let is_article = (word.text == "A" && next.is_some_and(|next| next.is_one_of("tie draw")))
        || (noun_follows && (word.starts_sentence() || capital_follows));
    if is_article && !after_prefix {
        Role::Article
    } else {
        Role::Label
    }
}

/// The label whose words stand at `at`, the longest where several do.
fn label_at<'a>(labels: &'a Labels, words: &[Word<'_>], at: usize) -> Option<(&'a Label, usize)> {
    labels
        .all()
        .iter()
        .filter(|label| !label.words.is_empty() && stands_at(label, words, at))
        .map(|label| (label, label.words.len()))
        .max_by_key(|(_, len)| *len)
}

fn stands_at(label: &Label, words: &[Word<'_>], at: usize) -> bool {
    let Some(here) = words.get(at..at + label.words.len()) else {
        return false;
    };
    here.iter()
        .zip(&label.words)
        .all(|(word, own)| label.word_fits(own, word.text))
}

/// Whether the word after a number shows that the number is a label: a plural may
/// follow a number, so that the ending alone shows nothing.
fn is_plain_verb(word: &Word<'_>) -> bool {
    const KNOWN: &str = "\
        is was wins won has had does did beats seems sounds feels reads keeps stays \
        because";
    word.is_one_of(KNOWN)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::super::cases::rubric;
    use super::super::tests::relabelled;
    use super::*;

    fn sentence(value: &str) -> Result<Choice, Unread> {
        read(value, &Labels::new(&rubric())).map(|read| read.choice)
    }

    #[rstest]
    #[case("Response A is more in character")]
    #[case("A is better")]
    #[case("A wins")]
    #[case("A keeps the dialect")]
    #[case("A, by a wide margin")]
    #[case("A because it is warmer")]
    #[case("A - warmer and plainer")]
    #[case("A (slightly)")]
    #[case("A: a voice one can hear")]
    #[case("I would say A")]
    #[case("The winner is A.")]
    #[case("Clearly A, as A never slips")]
    #[case("**A** better voice")]
    #[case("Response A's voice is a better match")]
    #[case("Response-A by far")]
    #[case("Both are good, but A is warmer")]
    #[case("Both keep the voice but A is warmer")]
    #[case("Assistant A, the warmer one")]
    #[case("A ✅")]
    #[case("A's voice is warmer")]
    #[case("A’s, by a hair")]
    #[case("A clearly wins")]
    #[case("A because it never slips")]
    #[case("THE WINNER IS A")]
    #[case("A IS BETTER")]
    #[case("Neither is great, but A is warmer")]
    #[case("Not by much, but A")]
    #[case("While not perfect, A is in character")]
    #[case("Though it is not flawless, I prefer A")]
    #[case("If I had to choose, I would say A")]
    #[case("Not a tie: A")]
    #[case("Almost a tie, but A")]
    #[case("Tie? A.")]
    #[case("A 9/10")]
    #[case("A outperformed the other")]
    #[case("A leaves it behind")]
    #[case("A overall")]
    #[case("A better captures the stance")]
    #[case("A both times")]
    #[case("A both in voice and in priorities")]
    #[case("no doubt A")]
    #[case("Without a doubt, A wins")]
    #[case("not even close: A wins")]
    #[case("no contest, A")]
    #[case("Neither is perfect. A is closer.")]
    #[case("All things considered, A")]
    #[case("Apart from its length, A is in character")]
    #[case("A is not generic")]
    #[case("A isn’t generic")]
    #[case("A never slips into stereotype")]
    #[case("Response A does not rely on stereotypes")]
    #[case("Response A is less stereotyped")]
    #[case("A is the least stereotyped")]
    #[case("A (no stereotypes)")]
    #[case("A: not a caricature")]
    #[case("A lacks clichés")]
    #[case("A has no errors")]
    #[case("Least generic: A")]
    #[case("The less generic one is A")]
    #[case("Not close: A")]
    #[case("A is almost perfect")]
    #[case("Almost certainly A")]
    #[case("A in the last analysis")]
    #[case("A no doubt")]
    #[case("A more human")]
    #[case("A slightly more authentic")]
    #[case("A more in character")]
    #[case("A closest to the value")]
    #[case("A most closely")]
    #[case("A once more")]
    #[case("A this time")]
    #[case("A however")]
    #[case("A lah")]
    #[case("A got the voice")]
    #[case("A captured the voice")]
    #[case("A told it better")]
    #[case("A stated the value")]
    #[case("A said the value plainly")]
    #[case("A took her side of it")]
    #[case("A took the value to heart")]
    #[case("A, which is warmer")]
    #[case("A. B weaker.")]
    #[case("A throughout the answer")]
    #[case("A so the stance is right")]
    #[case("A rather the warmer one")]
    #[case("A preferred by a hair")]
    #[case("A preferred to the other")]
    #[case("A chosen for its voice")]
    #[case("A gewinnt")]
    #[case("A menang")]
    #[case("A vence")]
    #[case("A gagne")]
    #[case("A lebih baik")]
    #[case("A es mejor")]
    #[case("A é melhor")]
    #[case("A ist besser")]
    #[case("A выигрывает")]
    #[case("A лучше")]
    #[case("A thắng")]
    #[case("Response A may be shorter but it is better")]
    #[case("Response A could be longer but it is the better one")]
    #[case("Response A is far from perfect but better")]
    #[case("Response A worries about poor families")]
    #[case("Response A speaks of losing her job")]
    #[case("Response A places leisure behind work")]
    #[case("Response A ranks work second to family")]
    #[case("My impression is that A is better")]
    #[case("A, nearly a tie")]
    #[case("A (almost a tie)")]
    #[case("A if I had to choose")]
    #[case("Response A is less polished but more real")]
    #[case("Response A is not perfect, but it is closer")]
    #[case("Response A lacks detail, but the stance is right")]
    #[case("Response A is not only warmer but clearer")]
    #[case("Response A not only captures her voice but also the value")]
    #[case("Response A never breaks character")]
    #[case("Response A doesn't break character")]
    #[case("Response A does not contradict the value")]
    #[case("Response A does not lecture")]
    #[case("Response A doesn't read like an essay")]
    #[case("Response A says she lost her husband")]
    #[case("Response A values work less than family")]
    #[case("A (not a tie)")]
    #[case("By far A")]
    #[case("Far better: A")]
    #[case("Without hesitation A")]
    #[case("Response A ties her faith to the answer")]
    #[case("Response A wins because the other is more generic")]
    #[case("Response A is plain, but the other is worse")]
    #[case("Unsure, but A")]
    #[case("At first unsure, but A wins")]
    #[case("Réponse A")]
    #[case("A warmer voice: A")]
    #[case("odpowiedź A")]
    fn the_first_answer_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::First), "{value}");
        let mirror = relabelled(value, ['B', 'A']);
        assert_eq!(sentence(&mirror), Ok(Choice::Second), "{mirror}");
    }

    #[rstest]
    #[case("A or tie")]
    #[case("A, or tie")]
    #[case("A or equal")]
    #[case("A or both")]
    #[case("either A or tie")]
    #[case("A and tie")]
    #[case("A vs tie")]
    #[case("Response A or tie")]
    #[case("B tie")]
    #[case("B tie, really")]
    #[case("B.\nA")]
    #[case("A tied")]
    #[case("B tie while it lasts")]
    #[case("A or b")]
    #[case("b or A")]
    #[case("A und B")]
    #[case("A и B")]
    #[case("A dan B")]
    #[case("A hoặc B")]
    #[case("A real, B fake")]
    #[case("A good, B bad")]
    #[case("A great. B good.")]
    #[case("A defeated B")]
    #[case("A preferred to B")]
    #[case("A close to B")]
    #[case("A then B")]
    #[case("A good fit, B poor fit")]
    #[case("B is dull. A real human voice")]
    #[case("A is dull. A real human voice")]
    #[case("B, A very similar")]
    #[case("B - A similar")]
    #[case("B: good fit. A better fit")]
    #[case("A: good fit, B better fit")]
    #[case("A. B better fit")]
    #[case("B - A close second")]
    #[case("B (A poor match)")]
    #[case("A warmer voice, B closer")]
    #[case("A more generic voice: B")]
    #[case("A stiffer voice in Response B")]
    #[case("A real voice, but B is close")]
    #[case("A good fit; B poor fit")]
    #[case("A fake: B")]
    #[case("Both are good, A truer voice, B plainer voice")]
    fn a_label_beside_another_or_a_tie_is_two(#[case] value: &str) {
        assert_eq!(sentence(value), Err(Unread::TwoLabels), "{value}");
    }

    #[rstest]
    #[case("loser: A")]
    #[case("Loser: Response A")]
    #[case("worse: A")]
    #[case("Response B is the loser")]
    #[case("Hardly A")]
    #[case("hardly a tie")]
    #[case("far from a tie")]
    #[case("anything but a tie")]
    #[case("without a tie")]
    #[case("I would never pick A")]
    #[case("I do not think that A wins")]
    #[case("anything but A")]
    #[case("all but A")]
    #[case("the opposite of A")]
    #[case("not **A**")]
    #[case("not (A)")]
    #[case("not: A")]
    #[case("¬A")]
    #[case("❌ A")]
    #[case("A ❌")]
    #[case("~~A~~")]
    #[case("!= A")]
    #[case("A? No.")]
    #[case("The loser is A")]
    #[case("A (worse)")]
    #[case("A: no")]
    #[case("it could be A")]
    #[case("nicht A")]
    #[case("reject A")]
    #[case("**A** is not better")]
    #[case("**A** loses")]
    #[case("Loser - A")]
    #[case("loser = A")]
    #[case("compared to A")]
    #[case("A or the other")]
    #[case("A is hardly better")]
    #[case("A — ❌")]
    #[case("I doubt that A wins")]
    #[case("A is less convincing")]
    #[case("A would have won")]
    #[case("A is outperformed")]
    #[case("A was clearly beaten")]
    #[case("A (defeated)")]
    #[case("A ranks second")]
    #[case("A trails the other")]
    #[case("A is behind")]
    #[case("A is the least convincing")]
    #[case("least convincing: A")]
    #[case("apart from A")]
    #[case("aside from A")]
    #[case("despite A")]
    #[case("Initially A, later the other")]
    #[case("I considered A")]
    #[case("second: A")]
    #[case("2nd: A")]
    #[case("second place: A")]
    #[case("second place goes to A")]
    #[case("lower: A")]
    #[case("Verlierer: A")]
    #[case("A takes second place")]
    #[case("A comes in second")]
    #[case("A in second place")]
    #[case("A (2nd)")]
    #[case("A scores lower")]
    #[case("A should lose")]
    #[case("A is losing")]
    #[case("A ties with the other")]
    #[case("A and the other are close")]
    #[case("A outclassed by the other")]
    #[case("A: false")]
    #[case("A, not really")]
    #[case("A (planted)")]
    #[case("A could be better")]
    #[case("A might be better")]
    #[case("A almost won")]
    #[case("A if it were longer")]
    #[case("almost A")]
    #[case("Maybe A")]
    #[case("Some would say A")]
    #[case("Had it been longer, A")]
    #[case("rule out A")]
    #[case("ruled out: A")]
    #[case("disqualify A")]
    #[case("discard A")]
    #[case("I disagree that A wins")]
    #[case("preferred to A")]
    #[case("ahead of A")]
    #[case("above A")]
    #[case("não A")]
    #[case("inte A")]
    #[case("không A")]
    #[case("ไม่ใช่ A")]
    #[case("besser als A")]
    #[case("mejor que A")]
    #[case("lebih baik daripada A")]
    #[case("A es peor")]
    #[case("A é pior")]
    #[case("A хуже")]
    #[case("A is not only generic but dull")]
    #[case("A does not avoid stereotypes")]
    #[case("A is not generic enough")]
    #[case("A warmer voice")]
    #[case("A is close, but the other wins")]
    #[case("Response A is good but the other is better")]
    #[case("A is flat, so the other wins")]
    #[case("A is good, but the second wins")]
    #[case("A is fair; the other one is more authentic")]
    #[case("Unsure, A")]
    #[case("It depends; A")]
    #[case("At first A")]
    #[case("At first, A")]
    #[case("My first impression was A")]
    #[case("Response A is not perfect, but the other is better")]
    #[case("Response A is less polished but loses")]
    #[case("Response A does not lecture, but it loses")]
    #[case("Response A is less polished but more generic")]
    #[case("Response A is not better but worse")]
    #[case("Response A is far from perfect but so is the other")]
    #[case("Response A lacks detail, but so does the other")]
    #[case("Response A does not break away from stereotype")]
    #[case("Response A is not only generic but dull")]
    #[case("Response A may be better but it is too long")]
    #[case("Response A ranks well behind the other")]
    #[case("Response A ties with the other")]
    #[case("Response A ties")]
    #[case("A almost tied")]
    #[case("By far not A")]
    #[case("Without hesitation not A")]
    #[case("Far better than A")]
    #[case("A (not a winner)")]
    #[case("Arguably A")]
    #[case("A might be slightly better")]
    #[case("A human")]
    #[case("A set phrase")]
    #[case("A found poem")]
    #[case("A well put answer")]
    #[case("A once proud voice")]
    #[case("A rather warm voice")]
    #[case("A so called essay")]
    #[case("A clear winner")]
    #[case("A response")]
    fn what_is_turned_down_names_no_winner(#[case] value: &str) {
        let mirror = relabelled(value, ['B', 'A']);
        assert_eq!(sentence(&mirror), Err(Unread::UnknownLabel), "{mirror}");
        assert_eq!(sentence(value), Err(Unread::UnknownLabel), "{value}");
    }

    #[test]
    fn a_long_text_names_nothing() {
        let text = format!("A. {}", "lah ".repeat(MAX_BYTES));
        assert_eq!(sentence(&text), Err(Unread::UnknownLabel));
    }

    #[rstest]
    #[case("A", true)]
    #[case("Response A, on reflection", true)]
    #[case("A (slightly)", true)]
    #[case("A overall", true)]
    #[case("A wins", true)]
    #[case("Response A wins clearly", true)]
    #[case("A is nearer", true)]
    #[case("A is clearly the winner", true)]
    #[case("Tie, on reflection", true)]
    #[case("Response A tries too hard", false)]
    #[case("Response A is generic", false)]
    #[case("A is nearer to a stereotype", false)]
    #[case("**Response A** tries too hard", false)]
    #[case("I prefer A", true)]
    #[case("A because it is warmer", true)]
    #[case("A wins on voice", true)]
    #[case("A for its voice", true)]
    #[case("A with high confidence", true)]
    #[case("A is warmer", true)]
    #[case("The winner is A", true)]
    #[case("Clearly A", true)]
    #[case("A speaks for itself", false)]
    #[case("A with its proverbs reads like a guide", false)]
    #[case("A by contrast is formal", false)]
    #[case("A for instance is formal", false)]
    #[case("A as written is formal", false)]
    #[case("A because it is flat", false)]
    #[case("A by a hair", true)]
    #[case("Both are equal", true)]
    #[case("It is a tie", true)]
    #[case("Neither is better", true)]
    #[case("Both fail", false)]
    #[case("They are equal in length", false)]
    fn a_plain_value_gives_its_label_and_no_more(#[case] value: &str, #[case] is_plain: bool) {
        for value in [value, &value.replace('A', "B")] {
            let read = read(value, &Labels::new(&rubric())).unwrap();
            assert_eq!(read.is_plain, is_plain, "{value}");
        }
    }

    #[rstest]
    #[case("Response B is a better match")]
    #[case("B is a little warmer")]
    #[case("B is warmer and a better match")]
    #[case("B. A warmer voice")]
    #[case("Response B is better. A more convincing voice")]
    #[case("A clear win for B")]
    #[case("A better answer is B")]
    #[case("a slight edge to B")]
    #[case("B, not by much")]
    #[case("B - A warmer voice")]
    #[case("Response B - A warmer, more natural voice")]
    #[case("Response B — A warmer voice")]
    #[case("B; A warmer voice")]
    #[case("**B** - A warmer voice")]
    #[case("Response B says \"A home is a home\"")]
    #[case("B, with \"A home is a home\"")]
    #[case("A win for B")]
    #[case("A win for Response B")]
    #[case("A win to B")]
    #[case("Response B: A warmer voice")]
    #[case("B: A warmer voice")]
    #[case("Response B (A warmer voice)")]
    #[case("**B**: A warmer voice")]
    #[case("Response B wins. A real person speaks like this.")]
    #[case("Winner: B. A warmer voice.")]
    #[case("B: \"A home is a home\" is what she would say")]
    #[case("The winner is B: A warmer voice")]
    fn an_article_of_a_remark_costs_neither_answer_a_verdict(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::Second), "{value}");
        let other = value.replace('B', "A");
        assert_eq!(sentence(&other), Ok(Choice::First), "{other}");
    }

    #[rstest]
    #[case("A close call, but B")]
    #[case("A close call, but Response B")]
    #[case("A close call; Response B wins")]
    #[case("A close call. B")]
    #[case("A tough call, but Response B is better")]
    #[case("A better answer: Response B")]
    #[case("A better match for the persona: B")]
    #[case("A more authentic voice: B")]
    #[case("A more authentic voice in Response B")]
    #[case("A bit better: B")]
    #[case("A reader would prefer Response B")]
    fn the_second_answer_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::Second), "{value}");
    }

    #[rstest]
    #[case("it is a tie")]
    #[case("It's a tie.")]
    #[case("It’s a tie")]
    #[case("A tie")]
    #[case("a draw")]
    #[case("Tie (no clear winner)")]
    #[case("Neither response stays in character")]
    #[case("They are equal")]
    #[case("Both are equally good")]
    #[case("equally good")]
    #[case("I call it a tie")]
    #[case("The result: tie")]
    #[case("It is a tie. I see a difference in length only")]
    fn a_tie_is_named(#[case] value: &str) {
        assert_eq!(sentence(value), Ok(Choice::Tie), "{value}");
    }

    #[rstest]
    #[case("A response that stays in character", Unread::UnknownLabel)]
    #[case("a response that stays in character", Unread::UnknownLabel)]
    #[case("A more convincing voice", Unread::UnknownLabel)]
    #[case("A serious answer", Unread::UnknownLabel)]
    #[case("A basis for both", Unread::UnknownLabel)]
    #[case("A **warmer** voice", Unread::UnknownLabel)]
    #[case("A BETTER ANSWER WAS NOT GIVEN", Unread::UnknownLabel)]
    #[case("A Better Answer Was Not Given", Unread::UnknownLabel)]
    #[case("THIS IS A BETTER ANSWER", Unread::UnknownLabel)]
    #[case("A warmer voice than B", Unread::TwoLabels)]
    #[case("the first response", Unread::UnknownLabel)]
    #[case("b is better", Unread::UnknownLabel)]
    #[case("not B", Unread::UnknownLabel)]
    #[case("B is worse", Unread::UnknownLabel)]
    #[case("Response B is not convincing", Unread::UnknownLabel)]
    #[case("better than B", Unread::UnknownLabel)]
    #[case("not a tie", Unread::UnknownLabel)]
    #[case("There is no tie", Unread::UnknownLabel)]
    #[case("Vitamin A-level", Unread::UnknownLabel)]
    #[case("N/A for this", Unread::UnknownLabel)]
    #[case("The Q&A was fine", Unread::UnknownLabel)]
    #[case("She drew on proverbs", Unread::UnknownLabel)]
    #[case("A or B", Unread::TwoLabels)]
    #[case("A is warmer than B", Unread::TwoLabels)]
    #[case("Neither A nor B", Unread::TwoLabels)]
    #[case("Both A and B", Unread::TwoLabels)]
    #[case("A tie between A and B", Unread::TwoLabels)]
    #[case("It is a tie, with a slight lean to A", Unread::TwoLabels)]
    #[case("Equal, A slightly warmer", Unread::TwoLabels)]
    #[case("Tie (A slightly warmer)", Unread::TwoLabels)]
    #[case("It is a tie. A slight lead, if any", Unread::TwoLabels)]
    #[case("A's voice is worse", Unread::UnknownLabel)]
    #[case("lue_winner\": \"A is warmer", Unread::UnknownLabel)]
    #[case("overall_reason: B is stiff", Unread::UnknownLabel)]
    #[case("_winner\": \"B is warmer", Unread::UnknownLabel)]
    #[case("Ti, \"overall_win\" B is warmer", Unread::UnknownLabel)]
    fn a_guess_is_not_made(#[case] value: &str, #[case] why: Unread) {
        assert_eq!(sentence(value), Err(why), "{value}");
    }
}
