//! Bytes written as text.

use crate::Encoding;
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Providers leave the padding out or put it in, as they like.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes; `None` where the text is not written like that.
pub(super) fn decode(encoding: Encoding, text: &str) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Hex => hex(text),
        Encoding::Base64 => BASE64.decode(text).ok(),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(decode(Encoding::Hex, "00fFa7"), Some(vec![0, 255, 167]));
        assert_eq!(decode(Encoding::Hex, ""), Some(vec![]));
        for text in ["0", "0g", "+1", " 00", "00 ", "é0"] {
            assert_eq!(decode(Encoding::Hex, text), None, "{text}");
        }
    }

    #[test]
    fn base64_may_be_padded() {
        assert_eq!(decode(Encoding::Base64, "AP8="), Some(vec![0, 255]));
        assert_eq!(decode(Encoding::Base64, "AP8"), Some(vec![0, 255]));
        for text in ["AP9", "A", "AP8==", "-_8=", "AP8=\n"] {
            assert_eq!(decode(Encoding::Base64, text), None, "{text}");
        }
    }
}
