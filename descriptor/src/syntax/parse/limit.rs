//! Rate limits and retries.

use crate::span::Spanned;
use crate::syntax::keys;
use crate::syntax::read::Reader;
use crate::syntax::tree::{Kind, Node};
use crate::syntax::{Backoff, ErrorKind, Learn, Per, RateLimit, RateLimitUse, Retry, RetryUse, RetryWhen, Word};

impl Reader<'_> {
    pub(super) fn rate_limit(&mut self, node: &Node) -> Option<RateLimit> {
        let fields = self.block(node, &keys::RATE_LIMIT)?;
        Some(RateLimit {
            span: fields.span,
            limit: self.field(&fields, "limit", Self::integer),
            window: self.field(&fields, "window", Self::measure),
            algorithm: self.field(&fields, "algorithm", Self::word),
            burst: self.field(&fields, "burst", Self::integer),
            per: self.field(&fields, "per", Self::pers),
            counts: self.field(&fields, "counts", Self::word),
            for_tokens: self.field(&fields, "for", Self::for_tokens),
            learn: self.field(&fields, "learn", Self::learn),
        })
    }

    fn pers(&mut self, node: &Node) -> Option<Spanned<Vec<Spanned<Per>>>> {
        let list = self.list(node, "a list of `token`, `operation` and `{ param: name }`")?;
        let pers = list.iter().filter_map(|per| self.per(per)).collect();
        Some(Spanned::new(pers, node.span))
    }

    fn per(&mut self, node: &Node) -> Option<Spanned<Per>> {
        if let Kind::Map(_) = node.kind {
            let fields = self.block(node, &keys::PER)?;
            let name = self.field(&fields, "param", Self::text)?;
            return Some(Spanned::new(Per::Param(name), node.span));
        }
        let text = self.text(node)?;
        let per = match text.as_str() {
            "token" => Per::Token,
            "operation" => Per::Operation,
            _ => {
                self.unknown_word(&text, &["token", "operation", "{ param: name }"]);
                return None;
            }
        };
        Some(Spanned::new(per, node.span))
    }

    fn for_tokens(&mut self, node: &Node) -> Option<Spanned<Vec<Spanned<String>>>> {
        let fields = self.block(node, &keys::FOR)?;
        self.field(&fields, "tokens", |reader, node| reader.texts(node, "a list of tokens"))
    }

    fn learn(&mut self, node: &Node) -> Option<Learn> {
        let fields = self.block(node, &keys::LEARN)?;
        Some(Learn {
            span: fields.span,
            limit: self.field(&fields, "limit", Self::place),
            remaining: self.field(&fields, "remaining", Self::place),
            used: self.field(&fields, "used", Self::place),
            reset: self.field(&fields, "reset", Self::place),
        })
    }

    pub(super) fn rate_limit_use(&mut self, node: &Node) -> Option<RateLimitUse> {
        if node.holds("none") {
            return self.none(node).map(RateLimitUse::None);
        }
        if let Kind::Map(_) = node.kind {
            return self.wrong_type(node, "names of `rate_limits`, or `{ none: \"reason\" }`");
        }
        self.names(node).map(RateLimitUse::Names)
    }

    pub(super) fn retry_use(&mut self, node: &Node) -> Option<RetryUse> {
        if node.holds("none") {
            return self.none(node).map(RetryUse::None);
        }
        let fields = self.block(node, &keys::RETRY)?;
        Some(RetryUse::Policy(Retry {
            span: fields.span,
            max_attempts: self.field(&fields, "max_attempts", Self::integer),
            when: self.field(&fields, "when", Self::retry_whens),
            wait_from: self.field(&fields, "wait_from", |reader, node| Some(reader.places(node))),
            backoff: self.field(&fields, "backoff", Self::backoff),
            max_wait: self.field(&fields, "max_wait", Self::measure),
        }))
    }

    fn retry_whens(&mut self, node: &Node) -> Option<Spanned<Vec<Spanned<RetryWhen>>>> {
        let list = self.list(node, "a list of `network`, `timeout` and kinds of failure")?;
        let whens = list.iter().filter_map(|when| self.retry_when(when)).collect();
        Some(Spanned::new(whens, node.span))
    }

    fn retry_when(&mut self, node: &Node) -> Option<Spanned<RetryWhen>> {
        let text = self.text(node)?;
        let when = match text.as_str() {
            "network" => Some(RetryWhen::Network),
            "timeout" => Some(RetryWhen::Timeout),
            kind => ErrorKind::parse(kind).map(RetryWhen::Kind),
        };
        if when.is_none() {
            let kinds = ErrorKind::ALL.iter().map(|(word, _)| *word);
            let words: Vec<&str> = ["network", "timeout"].into_iter().chain(kinds).collect();
            self.unknown_word(&text, &words);
        }
        when.map(|when| Spanned::new(when, node.span))
    }

    fn backoff(&mut self, node: &Node) -> Option<Backoff> {
        let fields = self.block(node, &keys::BACKOFF)?;
        Some(Backoff {
            span: fields.span,
            initial: self.field(&fields, "initial", Self::measure),
            factor: self.field(&fields, "factor", Self::number),
            max: self.field(&fields, "max", Self::measure),
            jitter: self.field(&fields, "jitter", Self::number),
        })
    }
}
