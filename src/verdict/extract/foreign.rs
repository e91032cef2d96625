//! What is said of a label in other languages that put blanks between words.
//!
//! Few of their words are known here, and most of what could turn a label down is not. So
//! beside a word that is plainly foreign a label is read only where that word is one of a
//! few that prefer.

use super::words::{Start, Word};

/// Verbs of winning.
const WINS: &str = "\
    gewinnt gewann gana ganó gagne remporte vince vence ganha wint wygrywa vinner vinder menang \
    unggul выигрывает побеждает выиграл победил kazanır kazandı thắng";

/// What is better or best.
const BETTER: &str = "\
    besser bessere beste gewinner sieger mejor ganador ganadora meilleur meilleure gagnant \
    melhor vencedor vencedora migliore vincitore beter winnaar lepsza bättre bedre baik bagus \
    лучше победитель iyi சிறந்தது ดีกว่า बेहतर";

/// Articles, and words for `more`, that may stand before what is better.
const LEADS: &str = "el la le il o der die das de het lebih daha";

/// What may stand before a label and name it.
const NAMES: &str = "\
    réponse opción opção ответ вариант победитель побеждает выигрывает yanıt cevap odpowiedź lời \
    คำตอบ उत्तर जवाब பதில் விடை الإجابة";

/// Words that leave open what they say of a label unless what is better follows.
const COPULAS: &str = "es est ist é è jest är adalah lebih daha";

/// Whether the words at `at` say in another language that what stands before them wins.
pub(super) fn wins(words: &[Word<'_>], at: usize) -> bool {
    let within = |place: usize| words.get(place).filter(|word| word.start == Start::Within);
    let Some(word) = words.get(at) else {
        return false;
    };
    let leads = |place: usize| within(place).is_some_and(|word| word.is_one_of(LEADS));
    let better = |place: usize| within(place).is_some_and(|word| word.is_one_of(BETTER));
    word.is_one_of(WINS)
        || better(at)
        || (word.is_one_of(COPULAS) && (better(at + 1) || (leads(at + 1) && better(at + 2))))
}

/// Whether a foreign word beside the label from `first` to `end` leaves open what is said
/// of it.
pub(super) fn leaves_open(words: &[Word<'_>], first: usize, end: usize) -> bool {
    let before = first
        .checked_sub(1)
        .filter(|_| words[first].start == Start::Within);
    let after = words.get(end).filter(|word| word.start == Start::Within);
    let strange = |word: &Word<'_>| word.text.contains(is_foreign);
    before.is_some_and(|place| strange(&words[place]) && !words[place].is_one_of(NAMES))
        || (after.is_some_and(|word| strange(word) || word.is_one_of(COPULAS)) && !wins(words, end))
}

/// Whether it is a letter that few English words are written with.
fn is_foreign(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() && c < '\u{1f000}'
}
