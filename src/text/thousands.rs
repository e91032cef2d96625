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
    let end = if number == 1 { "" } else { "s" };
    format!("{} {one}{end}", thousands(number))
}

/// `1 person`, `2,012 people`.
pub fn people(number: u64) -> String {
    let what = if number == 1 { "person" } else { "people" };
    format!("{} {what}", thousands(number))
}
