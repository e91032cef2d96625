//! Values that options take, each told in a sentence where it is another.

use oyer::import::csv::Mapping;

pub(super) fn column(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((field, column)) if Mapping::is_field(field.trim()) => {
            Ok((field.trim().to_owned(), column.to_owned()))
        }
        _ => Err(format!(
            "expected FIELD=COLUMN with one of {}",
            Mapping::fields()
        )),
    }
}

pub(super) fn outcome(text: &str) -> Result<(String, String), String> {
    match text.rsplit_once('=') {
        Some((
            word,
            meaning @ ("win" | "tie" | "loss" | "missing" | "left" | "right" | "candidate_first"
            | "opponent_first"),
        )) => Ok((word.to_owned(), meaning.to_owned())),
        _ => Err(
            "expected WORD=win, tie, loss or missing, or candidate_first or opponent_first (csv); WORD=left, right, tie or missing (label-studio)"
                .to_owned(),
        ),
    }
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .ok_or_else(|| "expected a number".to_owned())
}

pub(super) fn items(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("expected a number of items, at least 1".to_owned()),
        Ok(items) => Ok(items),
    }
}

pub(super) fn calls(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| "expected a number of calls, at least 0".to_owned())
}

pub(super) fn seed(text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("expected a whole number from 0 to {}", u64::MAX))
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((here, there)) if !here.is_empty() && !there.is_empty() => {
            Ok((here.to_owned(), there.to_owned()))
        }
        _ => Err("expected a name here and its name there, as NEW=OLD".to_owned()),
    }
}

pub(super) fn dollars(text: &str) -> Result<f64, String> {
    match number(text.trim_start_matches('$'))? {
        dollars if dollars >= 0.0 => Ok(dollars),
        _ => Err("expected an amount of at least 0 dollars, such as 2.50".to_owned()),
    }
}

pub(super) fn level(text: &str) -> Result<f64, String> {
    match number(text)? {
        level if level > 0.0 && level < 1.0 => Ok(level),
        _ => Err("expected a level between 0 and 1, such as 0.95".to_owned()),
    }
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    match number(text)? {
        rate if rate > 0.0 && rate < 1.0 && (rate - 0.5).abs() > 1e-6 => Ok(rate),
        _ => Err("expected a win rate between 0 and 1 other than 0.5, such as 0.55".to_owned()),
    }
}

pub(super) fn power(text: &str) -> Result<f64, String> {
    match number(text)? {
        power if (0.01..=0.9999).contains(&power) => Ok(power),
        _ => Err("expected a chance between 0.01 and 0.9999, such as 0.8".to_owned()),
    }
}

pub(super) fn positive(text: &str) -> Result<f64, String> {
    match number(text)? {
        factor if factor > 0.0 && factor <= 1e9 => Ok(factor),
        _ => Err("expected a number above 0".to_owned()),
    }
}

pub(super) fn correlation(text: &str) -> Result<f64, String> {
    match number(text)? {
        r if r > -1.0 && r <= 1.0 => Ok(r),
        _ => Err("expected a correlation above -1 and up to 1".to_owned()),
    }
}

pub(super) fn ties(text: &str) -> Result<f64, String> {
    match number(text)? {
        ties if (0.0..1.0).contains(&ties) => Ok(ties),
        _ => Err("expected a share of at least 0 and below 1".to_owned()),
    }
}

pub(super) fn margin(text: &str) -> Result<f64, String> {
    match number(text)? {
        margin if margin > 0.0 && margin < 0.5 => Ok(margin),
        _ => Err("expected a distance between 0 and 0.5, such as 0.05".to_owned()),
    }
}

pub(super) fn share(text: &str) -> Result<f64, String> {
    match number(text)? {
        share if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a share from 0 to 1".to_owned()),
    }
}
