//! AWS Signature Version 4, verified as its documentation says how it is made.

use super::hash;
use crate::arrival::Arrival;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ring::hmac;

/// All but the unreserved characters is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// How far the clock of a client may be off, in seconds.
const TOLERANCE: u64 = 300;

/// The header `Authorization`, taken apart.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) key_id: String,
    pub(super) region: String,
    pub(super) service: String,
    /// `20150830T123600Z`
    date: String,
    headers: Vec<String>,
    signature: String,
}

impl Shown {
    /// What a request shows, or what is wrong with its form.
    pub(super) fn read(arrival: &Arrival) -> Result<Self, String> {
        let wrong = |what: &str| format!("the header `Authorization` is no AWS signature: {what}");
        let header = arrival.header("authorization").unwrap_or_default();
        let parts = header
            .strip_prefix("AWS4-HMAC-SHA256 ")
            .ok_or_else(|| wrong("the algorithm"))?;
        let part = |name: &str| {
            let mut parts = parts.split(',');
            parts.find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let credential: Vec<&str> = part("Credential").unwrap_or_default().split('/').collect();
        let [key_id, day, region, service, "aws4_request"] = credential.as_slice() else {
            return Err(wrong("the credential"));
        };
        let date = arrival.header("x-amz-date").unwrap_or_default();
        if date.len() != 16 || !date.starts_with(day) || !date.ends_with('Z') {
            return Err("the header `X-Amz-Date` is missing, or is of another day than the credential".to_owned());
        }
        let headers: Vec<String> = part("SignedHeaders")
            .unwrap_or_default()
            .split(';')
            .map(str::to_owned)
            .collect();
        let signature = part("Signature").unwrap_or_default().to_owned();
        let shown = Self {
            key_id: (*key_id).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            date,
            headers,
            signature,
        };
        shown.check_headers(arrival)?;
        shown.check_time()?;
        Ok(shown)
    }

    /// The host and everything of AWS's own is signed, in order, and is there.
    fn check_headers(&self, arrival: &Arrival) -> Result<(), String> {
        let wrong = |what: &str| format!("the signed headers of `Authorization`: {what}");
        if !self.headers.is_sorted() {
            return Err(wrong("they are not in order"));
        }
        let is_signed = |name: &str| self.headers.iter().any(|signed| signed == name);
        let own = arrival.headers.keys().map(hyper::header::HeaderName::as_str);
        let own = own.filter(|name| name.starts_with("x-amz-") && !matches!(*name, "x-amz-user-agent"));
        for name in own.chain(["host", "x-amz-date"]) {
            if !is_signed(name) {
                return Err(wrong(&format!("`{name}` is not among them")));
            }
        }
        match self.headers.iter().find(|name| arrival.header(name).is_none()) {
            Some(missing) => Err(wrong(&format!("there is no `{missing}`"))),
            None => Ok(()),
        }
    }

    fn check_time(&self) -> Result<(), String> {
        let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &self.date);
        let time = time.and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
        let time = time.map_err(|_| format!("`{}` of `X-Amz-Date` is no time", self.date))?;
        let off = jiff::Timestamp::now()
            .as_second()
            .abs_diff(time.timestamp().as_second());
        if off > TOLERANCE {
            return Err(format!("the request was signed {off} seconds from now"));
        }
        Ok(())
    }

    /// Whether this key has signed this request.
    pub(super) fn is_signed_by(&self, key: &[u8], arrival: &Arrival) -> bool {
        let day = self.date.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let request = hash::sha256_hex(self.canonical(arrival).as_bytes());
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{request}", self.date);
        let mut secret = [b"AWS4", key].concat();
        for part in [day, &self.region, &self.service, "aws4_request"] {
            let derived = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &secret), part.as_bytes());
            secret = derived.as_ref().to_vec();
        }
        hash::verify("sha256", &secret, text.as_bytes(), "hex", &self.signature)
    }

    fn canonical(&self, arrival: &Arrival) -> String {
        let headers = self.headers.iter().map(|name| {
            let values = arrival.header_values(name);
            let values = values.iter().map(|value| {
                let words: Vec<&str> = value.split_ascii_whitespace().collect();
                words.join(" ")
            });
            format!("{name}:{}\n", values.collect::<Vec<_>>().join(","))
        });
        let body = hash::sha256_hex(&arrival.body);
        [
            arrival.method.clone(),
            self.path(&arrival.path),
            query(&arrival.raw_query),
            headers.collect(),
            self.headers.join(";"),
            body,
        ]
        .join("\n")
    }

    /// The path in order and encoded once more. The names of objects in S3 are taken as they are.
    fn path(&self, sent: &str) -> String {
        if self.service == "s3" || self.service.starts_with("s3-") {
            return sent.to_owned();
        }
        let mut segments: Vec<&str> = Vec::new();
        for segment in sent.split('/') {
            match segment {
                "" | "." => {}
                ".." => _ = segments.pop(),
                segment => segments.push(segment),
            }
        }
        let is_folder = sent.ends_with('/') && !segments.is_empty();
        let segments = segments
            .into_iter()
            .map(|segment| utf8_percent_encode(segment, ENCODED).to_string());
        let path = format!("/{}", segments.collect::<Vec<_>>().join("/"));
        if is_folder { format!("{path}/") } else { path }
    }
}

/// The pairs by name and value, each encoded anew.
fn query(sent: &str) -> String {
    let pairs = sent.split('&').filter(|pair| !pair.is_empty());
    let mut pairs: Vec<(String, String)> = pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encoded(name), encoded(value))
        })
        .collect();
    pairs.sort();
    let pairs = pairs.into_iter().map(|(name, value)| format!("{name}={value}"));
    pairs.collect::<Vec<_>>().join("&")
}

/// A part of a query as AWS encodes it, however it was sent.
fn encoded(sent: &str) -> String {
    let bytes: Vec<u8> = percent_encoding::percent_decode_str(sent).collect();
    percent_encoding::percent_encode(&bytes, ENCODED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderMap;

    fn arrival(path: &str, query: &str) -> Arrival {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "iam.amazonaws.com"),
            ("content-type", "application/x-www-form-urlencoded;  charset=utf-8"),
            ("x-amz-date", "20150830T123600Z"),
        ] {
            headers.insert(name, value.parse().unwrap());
        }
        Arrival {
            method: "GET".to_owned(),
            path: path.to_owned(),
            raw_query: query.to_owned(),
            query: Vec::new(),
            headers,
            body: bytes::Bytes::new(),
            json: Err(String::new()),
            parts: Err(String::new()),
        }
    }

    /// The example in AWS's documentation of how a request is signed.
    fn shown() -> Shown {
        Shown {
            key_id: "AKIDEXAMPLE".to_owned(),
            region: "us-east-1".to_owned(),
            service: "iam".to_owned(),
            date: "20150830T123600Z".to_owned(),
            headers: ["content-type", "host", "x-amz-date"].map(str::to_owned).to_vec(),
            signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7".to_owned(),
        }
    }

    #[test]
    fn the_documented_signature_holds_and_no_other() {
        let key = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let sent = arrival("/", "Action=ListUsers&Version=2010-05-08");
        assert!(shown().is_signed_by(key, &sent));
        // The order of the query is none of the sender's.
        assert!(shown().is_signed_by(key, &arrival("/./", "Version=2010-05-08&Action=ListUsers")));
        assert!(!shown().is_signed_by(b"another key", &sent));
        assert!(!shown().is_signed_by(key, &arrival("/", "Action=ListUsers&Version=2010-05-09")));
        assert!(!shown().is_signed_by(key, &arrival("/users", "Action=ListUsers&Version=2010-05-08")));
        let mut with_body = arrival("/", "Action=ListUsers&Version=2010-05-08");
        with_body.body = bytes::Bytes::from_static(b" ");
        assert!(!shown().is_signed_by(key, &with_body));
        let mut elsewhere = shown();
        elsewhere.region = "eu-west-1".to_owned();
        assert!(!elsewhere.is_signed_by(key, &sent));
    }

    #[test]
    fn paths_are_put_in_order_and_encoded_once_more() {
        let paths = [
            ("/a%20b/c", "/a%2520b/c"),
            ("//x/../y/", "/y/"),
            ("", "/"),
            ("/..", "/"),
        ];
        for (sent, expected) in paths {
            assert_eq!(shown().path(sent), expected, "{sent}");
        }
        let s3 = Shown {
            service: "s3".to_owned(),
            ..shown()
        };
        assert_eq!(s3.path("/a//b%20c/../d"), "/a//b%20c/../d");
        assert_eq!(query("b=2&a=%7e&a=x+y&c"), "a=x%2By&a=~&b=2&c=");
    }

    #[test]
    fn an_old_request_and_one_with_an_unsigned_header_are_refused() {
        assert!(shown().check_time().unwrap_err().contains("seconds from now"));
        let mut sent = arrival("/", "");
        assert_eq!(shown().check_headers(&sent), Ok(()));
        sent.headers.insert("x-amz-target", "Users.List".parse().unwrap());
        assert!(shown().check_headers(&sent).unwrap_err().contains("`x-amz-target`"));
    }

    #[test]
    fn clocks_may_be_off_by_five_minutes() {
        let signed_at = |seconds: i64| {
            let time = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(seconds);
            let date = time.strftime("%Y%m%dT%H%M%SZ").to_string();
            Shown { date, ..shown() }.check_time()
        };
        for near in [-240, 0, 240] {
            assert_eq!(signed_at(near), Ok(()), "{near}");
        }
        for far in [-400, 400] {
            assert!(signed_at(far).unwrap_err().contains("seconds from now"), "{far}");
        }
    }

    #[test]
    fn signed_headers_are_in_order() {
        let mut unordered = shown();
        unordered.headers.reverse();
        let error = unordered.check_headers(&arrival("/", "")).unwrap_err();
        assert!(error.contains("not in order"), "{error}");
    }
}
