//! Names whose values are secrets, however they are written: `clientSecret`, `client_secret`, `Client-Secret`,
//! `clientsecret`.
//!
//! A name is split into words. It is one of a secret if a word is one, such as `token`, or if some words together are,
//! such as `private key`. In doubt it is. It is not one if the last word says that this is about the secret and not the
//! secret: `token_type`, `password_changed_at`. Tokens that lead to a page open nothing, and without them lists could not
//! be played: `next_page_token`. They are known by the word right before `token`: a `page_access_token` is one of a page's
//! owner.

/// One of them makes a secret, wherever it stands. All are in the singular.
const SECRETS: &[&str] = &[
    "assertion",
    "authentication",
    "authorization",
    "bearer",
    "cookie",
    "cred",
    "credential",
    "csrf",
    "dpop",
    "jwt",
    "otp",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "sessid",
    "sessionid",
    "signature",
    "token",
    "totp",
    "xsrf",
];

/// They make a secret where no other word follows.
const SECRETS_AT_THE_END: &[&str] = &["auth", "oauth", "pass", "pin", "sas", "sig"];

/// Secrets of two words.
const PAIRS: &[(&[&str], &str)] = &[
    (
        &[
            "access",
            "account",
            "api",
            "app",
            "application",
            "auth",
            "client",
            "consumer",
            "encryption",
            "hmac",
            "license",
            "master",
            "private",
            "security",
            "session",
            "shared",
            "signing",
            "ssh",
            "subscription",
            "webhook",
        ],
        "key",
    ),
    (
        &[
            "access",
            "activation",
            "auth",
            "backup",
            "device",
            "login",
            "mfa",
            "recovery",
            "security",
            "verification",
        ],
        "code",
    ),
    (&["session"], "id"),
    // Not of an `account` or a `message`, where it is a name.
    (&["connect", "session"], "sid"),
    (&["client", "private", "secret", "signing"], "pem"),
    (&["code"], "verifier"),
];

/// After a secret, and as the last word, they say something about it.
const ABOUT: &[&str] = &[
    "after",
    "age",
    "algorithm",
    "at",
    "count",
    "date",
    "day",
    "enabled",
    "endpoint",
    "expiration",
    "expire",
    "expiry",
    "format",
    "hint",
    "hour",
    "in",
    "length",
    "lifetime",
    "limit",
    "method",
    "minute",
    "mode",
    "name",
    "option",
    "permission",
    "policy",
    "required",
    "scope",
    "second",
    "state",
    "status",
    "time",
    "timestamp",
    "ttl",
    "type",
    "version",
];

/// Right before `token` they say that it leads to a page.
const PAGES: &[&str] = &[
    "continuation",
    "cursor",
    "delta",
    "next",
    "page",
    "pagination",
    "prev",
    "previous",
    "skip",
    "sync",
];

/// A token of one of them opens something, whatever else its name says.
const OPENING: &[&str] = &[
    "access",
    "activation",
    "auth",
    "confirmation",
    "email",
    "invitation",
    "invite",
    "login",
    "mail",
    "mfa",
    "oauth",
    "recovery",
    "refresh",
    "registration",
    "reset",
    "session",
    "sso",
    "verification",
    "verify",
];

/// Whether what has this name is a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some(last) = (0..words.len()).rev().find(|at| ends_a_secret(&words, *at)) else {
        return false;
    };
    let (until, after) = words.split_at(last + 1);
    let is_about = after.last().is_some_and(|word| ABOUT.contains(word));
    !is_about && !leads_to_a_page(until)
}

/// Whether words that end a secret name the token of a page, and nothing that opens anything.
fn leads_to_a_page(words: &[&str]) -> bool {
    let [before @ .., page, "token"] = words else {
        return false;
    };
    PAGES.contains(page)
        && !before
            .iter()
            .any(|word| OPENING.contains(word) || SECRETS.contains(word))
}

fn ends_a_secret(words: &[&str], at: usize) -> bool {
    let Some(word) = words.get(at) else { return false };
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    SECRETS.contains(word)
        || (at + 1 == words.len() && SECRETS_AT_THE_END.contains(word))
        || before.is_some_and(|before| {
            PAIRS
                .iter()
                .any(|(firsts, second)| second == word && firsts.contains(before))
        })
}

/// The words of a name, in lower case and in the singular; digits are none.
fn words(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(|letter: char| !letter.is_alphabetic()) {
        for word in humps(part) {
            push_apart(&word.to_lowercase(), &mut words);
        }
    }
    words
}

/// `clientSecret` as `client`, `Secret`, and `JWTToken` as `JWT`, `Token`.
fn humps(part: &str) -> Vec<&str> {
    let letters: Vec<(usize, char)> = part.char_indices().collect();
    let mut humps = Vec::new();
    let mut start = 0;
    for (place, (at, letter)) in letters.iter().enumerate().skip(1) {
        let after_small = letters.get(place - 1).is_some_and(|(_, before)| before.is_lowercase());
        let before_small = letters.get(place + 1).is_some_and(|(_, after)| after.is_lowercase());
        if letter.is_uppercase() && (after_small || before_small) {
            humps.extend(part.get(start..*at));
            start = *at;
        }
    }
    humps.extend(part.get(start..));
    humps
}

/// What is written together: `apikey` as `api`, `key`. Known words are taken off the end, as long as there is one.
fn push_apart(word: &str, words: &mut Vec<String>) {
    let mut found = Vec::new();
    let mut rest = word;
    while let Some(last) = last_word(rest) {
        rest = rest.strip_suffix(last).unwrap_or_default();
        found.push(singular(last));
    }
    if !rest.is_empty() {
        found.push(singular(rest));
    }
    words.extend(found.into_iter().rev().map(str::to_owned));
}

/// The longest known word, or its plural, at the end of a text. Short ones are at the end of many other words.
fn last_word(text: &str) -> Option<&str> {
    let pairs = PAIRS.iter().flat_map(|(firsts, second)| firsts.iter().chain([second]));
    let known = SECRETS.iter().chain(ABOUT).chain(PAGES).chain(pairs);
    let known = known.filter(|word| word.len() > 3 || matches!(**word, "api" | "key" | "jwt"));
    // As in `possession`.
    let known = known.filter(|word| **word != "session");
    let found = known.filter_map(|word| {
        let at = singular(text).strip_suffix(*word)?.len();
        text.get(at..)
    });
    found.max_by_key(|word| word.len())
}

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(one) if !one.ends_with('s') && !matches!(word, "access" | "status" | "pass" | "previous" | "sas") => one,
        _ => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_into_words_however_they_are_written() {
        for name in [
            "clientSecret",
            "client_secret",
            "Client-Secret",
            "clientsecret",
            "CLIENT_SECRETS",
            "client.secret2",
        ] {
            assert_eq!(words(name), ["client", "secret"], "{name}");
        }
        assert_eq!(words("JWTToken"), ["jwt", "token"]);
        assert_eq!(words("nextpagetoken"), ["next", "page", "token"]);
        assert_eq!(words("user[apiKey]"), ["user", "api", "key"]);
        assert_eq!(words("stripesecretkey"), ["stripe", "secret", "key"]);
        assert_eq!(words("Größe"), ["größe"]);
        assert!(words("42").is_empty());
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            "access_token",
            "accesstoken",
            "accessToken",
            "refreshToken",
            "id_token",
            "token",
            "tokens",
            "Tokens2",
            "csrfToken",
            "X-CSRF-Token",
            "sessionToken",
            "token_secret",
            "token_type_secret",
            "token_hash",
            "clientSecret",
            "ClientSecret",
            "secret",
            "SecretString",
            "secretAccessKey",
            "AWSSecretAccessKey",
            "AWSAccessKeyId",
            "webhook_secret",
            "stripesecret",
            "password",
            "Passwd",
            "userPassword",
            "user[password]",
            "new-password-confirmation",
            "passphrase",
            "pwd",
            "db_pass",
            "api_key",
            "apikey",
            "APIKey",
            "x-api-key",
            "XApiKey",
            "api_keys",
            "private_key",
            "privateKeyPem",
            "encryptionKey",
            "signing_key",
            "shared-key",
            "jwt",
            "JWT",
            "jwtBearer",
            "client_assertion",
            "credential",
            "credentials",
            "creds",
            "Authorization",
            "proxy-authorization",
            "authorization_code",
            "authorizationCode",
            "device_code",
            "verification_code",
            "code_verifier",
            "auth",
            "x-auth",
            "signature",
            "X-Amz-Signature",
            "sig",
            "Cookie",
            "set-cookie",
            "Set-Cookie2",
            "session_id",
            "sessionId",
            "PHPSESSID",
            "jsessionid",
            "otp",
            "totp_code",
            "pin",
            "userPin",
            "x-dpop",
            "page_access_token",
            "change_password_token",
            "changeEmailToken",
            "change_token",
            "previous_access_token",
            "nextRefreshToken",
            "sync_access_token",
            "refresh_next_token",
            "email-change-next-token",
            "resetpagetoken",
            "next_session_token",
            "page_token_secret",
            "passwordStatePlain",
            "token_type_value",
            "private_pem",
            "privatePem",
            "connect_sid",
            "connect.sid",
        ] {
            assert!(is_secret(name), "{name}: {:?}", words(name));
        }
    }

    #[test]
    fn what_is_no_secret_stays() {
        for name in [
            "",
            "name",
            "user",
            "id",
            "key",
            "keyboard",
            "idempotency_key",
            "public_key",
            "code",
            "error_code",
            "country_code",
            "pin_code",
            "spin",
            "compass",
            "bypass",
            "passenger",
            "session",
            "possession_id",
            "secretary",
            "secretariat",
            "tokenizer",
            "author",
            "authors",
            "authorized",
            "sign",
            "design",
            "token_type",
            "tokenType",
            "tokentype",
            "token_type_hint",
            "token_expires_in",
            "tokenExpiresAt",
            "expires_in",
            "password_changed_at",
            "passwordPolicy",
            "password_required",
            "signature_required",
            "signatureOption",
            "signature_algorithm",
            "cookie_policy",
            "api_key_name",
            "token_endpoint",
            "secret_version",
            "page_token",
            "pageToken",
            "next_page_token",
            "nextPageToken",
            "nextToken",
            "next_token",
            "continuationToken",
            "sync_token",
            "nextSyncToken",
            "newStartPageToken",
            "prevPageToken",
            "nextpagetoken",
            "deltatoken",
            "$skiptoken",
            "account_sid",
            "message_sid",
            "sid",
            "public_pem",
            "tokenExpiresInSeconds",
            "cursor",
            "next",
        ] {
            assert!(!is_secret(name), "{name}: {:?}", words(name));
        }
    }
}
