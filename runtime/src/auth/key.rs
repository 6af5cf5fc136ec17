//! Whose token it is, as a name that tells nothing.

use crate::{Secret, TokenKey, TokenValue};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Set apart from whatever else is hashed with the same pepper.
const PURPOSE: &[u8] = b"tollgate token 1";

/// The key of a token: a hash of where it is asked for and with what. Whoever does not know all of that, or the pepper,
/// cannot make it.
pub(crate) fn key(pepper: Option<&Secret>, provider: &str, base_url: &str, url: &str, value: &TokenValue) -> TokenKey {
    let pepper = pepper.map_or(PURPOSE, |pepper| pepper.expose().as_bytes());
    // HMAC takes keys of any length.
    let Ok(mut hash) = Hmac::<Sha256>::new_from_slice(pepper) else {
        return TokenKey::from_digest(&[]);
    };
    for part in [PURPOSE, provider.as_bytes(), base_url.as_bytes(), url.as_bytes()] {
        put(&mut hash, part);
    }
    put_value(&mut hash, value);
    TokenKey::from_digest(&hash.finalize().into_bytes())
}

/// With its length before it, so that no two lists of parts read the same.
fn put(hash: &mut Hmac<Sha256>, part: &[u8]) {
    let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
    hash.update(&length.to_be_bytes());
    hash.update(part);
}

fn put_value(hash: &mut Hmac<Sha256>, value: &TokenValue) {
    put(hash, value.spec().name.as_bytes());
    for (spec, field) in value.spec().fields.iter().zip(value.fields()) {
        if let Some(secret) = field {
            put(hash, spec.name.as_bytes());
            put(hash, secret.expose().as_bytes());
        }
    }
    if let Some(source) = value.source() {
        put(hash, b"got with");
        put_value(hash, source);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FieldSpec, TokenSpec};

    const fn field(name: &'static str) -> FieldSpec {
        FieldSpec {
            name,
            env: &[],
            optional: true,
        }
    }

    static PAIR: TokenSpec = TokenSpec {
        name: "pair",
        fields: &[field("id"), field("secret")],
        ..TokenSpec::DEFAULT
    };
    static OTHER: TokenSpec = TokenSpec { name: "other", ..PAIR };

    fn of(spec: &'static TokenSpec, id: &str, secret: &str) -> TokenKey {
        let value = TokenValue::new(spec, [Some(id.into()), Some(secret.into())]);
        key(None, "toy", "https://toy.example", "/token", &value)
    }

    #[test]
    fn a_key_is_the_same_in_every_process() {
        // Or else a token that a run has saved is not found by the next.
        assert_eq!(
            of(&PAIR, "id", "secret").as_str(),
            "a41fdac62dc65b38e0b38cc383eb95a4d1181c94a5a9c9a95aad973765dda387"
        );
    }

    #[test]
    fn whatever_differs_gives_another_key() {
        let source = TokenValue::new(&PAIR, [Some("id".into()), None]);
        let plain = TokenValue::new(&PAIR, [Some("id".into()), Some("secret".into())]);
        let with = |pepper: Option<&Secret>, provider, base, url, value| key(pepper, provider, base, url, value);
        let keys = [
            of(&PAIR, "id", "secret"),
            of(&PAIR, "ids", "ecret"),
            of(&PAIR, "id", "secret2"),
            of(&OTHER, "id", "secret"),
            with(None, "toys", "https://toy.example", "/token", &plain),
            with(None, "toy", "https://toy.test", "/token", &plain),
            with(None, "toy", "https://toy.example", "/tokens", &plain),
            with(Some(&"pepper".into()), "toy", "https://toy.example", "/token", &plain),
            with(
                None,
                "toy",
                "https://toy.example",
                "/token",
                &plain.clone().got_with(&source),
            ),
            with(None, "toy", "https://toy.example", "/token", &source),
        ];
        let distinct: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn a_key_holds_no_secret() {
        let text = of(&PAIR, "fake-id", "fake-secret");
        assert!(!text.as_str().contains("fake"));
        assert_eq!(text.as_str().len(), 64);
    }
}
