//! The identity of a call.

use std::fmt;

use serde::Serialize;

/// Bytes that a thread keeps, of what it writes calls into, for the next one.
pub(crate) const MOST_KEPT: usize = 1 << 20;

/// BLAKE3 over the RFC 8785 canonical JSON of what a call is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

impl Key {
    /// The key of anything that serialises to JSON.
    pub fn of<T: Serialize>(identity: &T) -> Result<Self, serde_json::Error> {
        let canonical = serde_json_canonicalizer::to_vec(identity)?;
        Ok(Self(blake3::hash(&canonical).into()))
    }

    /// The first 12 hex digits, for people.
    pub fn short(&self) -> String {
        self.to_string()[..12].to_owned()
    }
}

impl fmt::Display for Key {
    /// 64 lower-case hex digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&blake3::Hash::from(self.0).to_hex())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.short())
    }
}

impl Serialize for Key {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_does_not_depend_on_the_order_in_which_fields_are_written() {
        let one: serde_json::Value = serde_json::from_str(r#"{"a":1,"b":[2,"x"]}"#).unwrap();
        let other: serde_json::Value = serde_json::from_str(r#"{"b":[2,"x"],"a":1.0}"#).unwrap();
        assert_eq!(Key::of(&one).unwrap(), Key::of(&other).unwrap());
    }

    #[test]
    fn a_key_is_shown_as_lower_case_hex() {
        let key = Key::of(&"x").unwrap();
        assert_eq!(key.to_string().len(), 64);
        assert!(key.to_string().starts_with(&key.short()));
    }
}
