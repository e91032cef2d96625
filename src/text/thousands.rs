/// A whole number, its thousands apart: `2,012`.
///
/// ```
/// assert_eq!(oyer::text::thousands(1_234_567), "1,234,567");
/// ```
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 item`, `2,012 items`.
pub fn counted(number: u64, one: &str) -> String {
    format!("{} {one}{}", thousands(number), form(number, "", "s"))
}

/// `1 of 1 item`, `3 of 2,012 items`.
pub fn counted_of(number: u64, all: u64, one: &str) -> String {
    format!("{} of {}", thousands(number), counted(all, one))
}

/// The form of a word that goes with a number.
pub fn form<'a>(number: u64, of_one: &'a str, of_more: &'a str) -> &'a str {
    if number == 1 { of_one } else { of_more }
}

/// A share in percent, without what 100 times its binary fraction adds.
///
/// ```
/// assert_eq!(format!("{}%", oyer::text::in_percent(0.07)), "7%");
/// ```
pub fn in_percent(share: f64) -> f64 {
    (share * 1e11).round() / 1e9
}

/// `1 person`, `2,012 people`.
pub fn people(number: u64) -> String {
    format!("{} {}", thousands(number), form(number, "person", "people"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_in_percent_have_the_digits_they_were_written_with() {
        for (share, told) in [
            (0.95, "95"),
            (0.999, "99.9"),
            (0.07, "7"),
            (0.57, "57"),
            (0.005, "0.5"),
        ] {
            assert_eq!(in_percent(share).to_string(), told);
        }
    }

    #[test]
    fn what_is_counted_is_one_or_many_by_all_of_it_and_the_verb_by_its_part() {
        assert_eq!(counted_of(1, 1, "group"), "1 of 1 group");
        assert_eq!(counted_of(1, 2_012, "item"), "1 of 2,012 items");
        assert_eq!(counted_of(2_012, 12_000, "item"), "2,012 of 12,000 items");
        let verbs = [0, 1, 2_012].map(|number| form(number, "is", "are"));
        assert_eq!(verbs, ["are", "is", "are"]);
    }
}
