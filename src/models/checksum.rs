//! Checksums, of the kinds that makers of models publish. SHA-1 and MD5 tell a broken file, not a forged one.

use std::fmt;
use std::fmt::Write as _;

use sha2::Digest as _;

/// As lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Checksum {
    Sha256(String),
    Sha1(String),
    Md5(String),
}

impl Checksum {
    /// `None` when these are not 64 hexadecimal digits.
    pub(super) fn sha256(hex: &str) -> Option<Self> {
        let hex = hex.trim().to_ascii_lowercase();
        let fits = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then_some(Self::Sha256(hex))
    }

    pub(super) fn hasher(&self) -> Hasher {
        match self {
            Self::Sha256(_) => Hasher::Sha256(sha2::Sha256::new()),
            Self::Sha1(_) => Hasher::Sha1(sha1::Sha1::new()),
            Self::Md5(_) => Hasher::Md5(md5::Md5::new()),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(hex) => write!(f, "sha256:{hex}"),
            Self::Sha1(hex) => write!(f, "sha1:{hex}"),
            Self::Md5(hex) => write!(f, "md5:{hex}"),
        }
    }
}

pub(super) enum Hasher {
    Sha256(sha2::Sha256),
    Sha1(sha1::Sha1),
    Md5(md5::Md5),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hasher) => hasher.update(bytes),
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Md5(hasher) => hasher.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Checksum {
        match self {
            Self::Sha256(hasher) => Checksum::Sha256(hex(&hasher.finalize())),
            Self::Sha1(hasher) => Checksum::Sha1(hex(&hasher.finalize())),
            Self::Md5(hasher) => Checksum::Md5(hex(&hasher.finalize())),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        for (checksum, hex) in [
            (
                Checksum::Sha256(String::new()),
                "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (Checksum::Sha1(String::new()), "sha1:a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Checksum::Md5(String::new()), "md5:900150983cd24fb0d6963f7d28e17f72"),
        ] {
            let mut hasher = checksum.hasher();
            hasher.update(b"a");
            hasher.update(b"bc");
            assert_eq!(hasher.finish().to_string(), hex);
        }
    }

    #[test]
    fn a_checksum_that_is_none_is_refused() {
        assert!(Checksum::sha256(&"A".repeat(64)).is_some());
        assert!(Checksum::sha256("abc").is_none() && Checksum::sha256(&"g".repeat(64)).is_none());
    }
}
