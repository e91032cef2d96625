//! Words of a text, as far as the simulated models look at them.

/// Words that say nothing about a stance on their own.
const COMMON: &[&str] = &[
    "a", "about", "all", "am", "an", "and", "are", "as", "at", "be", "been", "but", "by", "can",
    "could", "did", "do", "does", "for", "from", "had", "has", "have", "he", "her", "his", "how",
    "i", "if", "in", "into", "is", "it", "its", "me", "more", "most", "much", "my", "no", "nor",
    "not", "of", "on", "one", "only", "or", "our", "out", "people", "she", "should", "so", "some",
    "than", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those",
    "to", "too", "up", "us", "very", "was", "we", "were", "what", "when", "where", "which", "who",
    "why", "will", "with", "would", "yes", "you", "your",
];

/// The words of a text in lower case: runs of letters and digits.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Whether a word can stand for a stance.
pub(super) fn is_telling(word: &str) -> bool {
    !COMMON.contains(&word)
}

/// A value as a stance is recognised by it.
pub(super) struct Stance {
    phrase: Vec<String>,
    telling: Vec<String>,
}

impl Stance {
    /// Of a ground-truth value.
    pub(super) fn of(value: &str) -> Self {
        let phrase = words(value);
        let telling = phrase
            .iter()
            .filter(|word| is_telling(word))
            .cloned()
            .collect();
        Self { phrase, telling }
    }

    /// Whether the value stands in these words as it is.
    pub(super) fn is_said_in(&self, words: &[String]) -> bool {
        !self.phrase.is_empty()
            && words
                .windows(self.phrase.len())
                .any(|window| window == self.phrase)
    }

    /// Whether at least half of the value's telling words stand in these words.
    pub(super) fn is_hinted_at_in(&self, words: &[String]) -> bool {
        let there = self.telling.iter().filter(|t| words.contains(t)).count();
        !self.telling.is_empty() && 2 * there >= self.telling.len()
    }

    /// Whether any of the value's telling words, or the value itself, stands in
    /// these words.
    pub(super) fn touches(&self, words: &[String]) -> bool {
        self.telling.iter().any(|word| words.contains(word)) || self.is_said_in(words)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn words_are_letters_and_digits_in_lower_case() {
        assert_eq!(words("“It's Élan—25-34!”"), ["it", "s", "élan", "25", "34"]);
        assert!(words(" ?! ").is_empty());
    }

    #[rstest]
    #[case("Very important", "I find it VERY, important.", true, true)]
    #[case("Very important", "It is important to me.", false, true)]
    #[case(
        "Most people can be trusted",
        "People can be trusted, most of them.",
        false,
        true
    )]
    #[case("Not at all", "No, not at all!", true, false)]
    #[case("Not at all", "All is not lost at home.", false, false)]
    #[case("Agree", "We disagree.", false, false)]
    #[case("", "Anything", false, false)]
    fn a_stance_is_found_by_its_words(
        #[case] value: &str,
        #[case] text: &str,
        #[case] said: bool,
        #[case] hinted: bool,
    ) {
        let stance = Stance::of(value);
        let words = words(text);
        assert_eq!(stance.is_said_in(&words), said);
        assert_eq!(stance.is_hinted_at_in(&words), hinted);
        assert_eq!(stance.touches(&words), said || hinted);
    }
}
