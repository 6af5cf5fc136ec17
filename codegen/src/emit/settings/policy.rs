//! Limits, retries, errors, pagers and settings as constants.

use super::{Statics, limit_name, path, place, text};
use crate::emit::leaf;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use tollgate_descriptor::model::{
    Algorithm, ClassifyRule, DefinitionId, Errors, Kind, Learn, Model, Pager, PagerKind, ParamAt, Path, Per, RateLimit,
    Retry, RetryWhen, Settings, StatusMatch,
};

/// `Settings { … }`, of which only what differs from the default is written.
pub(super) fn settings(model: &Model, statics: &mut Statics, settings: &Settings) -> TokenStream {
    let mut fields = Vec::new();
    if !settings.rate_limits.is_empty() {
        let limits = settings
            .rate_limits
            .iter()
            .map(|id| leaf::name(&limit_name(&model.rate_limit(*id).name)));
        fields.push(quote! { limits: &[#(&#limits),*] });
    }
    if let Some(declared) = &settings.retry {
        let retry = statics.add("RETRY", &quote! { tollgate::Retry }, &retry(declared));
        fields.push(quote! { retry: Some(&#retry) });
    }
    if settings.errors != Errors::default() {
        let errors = statics.add_const("ERRORS", &quote! { tollgate::Errors }, &errors(model, &settings.errors));
        fields.push(quote! { errors: #errors });
    }
    if !settings.classify.is_empty() {
        let rules = settings.classify.iter().map(|rule| classify_rule(model, rule));
        let rules = statics.add_const("CLASSIFY", &quote! { &[tollgate::Rule] }, &quote! { &[#(#rules),*] });
        fields.push(quote! { classify: #rules });
    }
    if !settings.unwrap.0.is_empty() {
        let unwrap = path(&settings.unwrap);
        fields.push(quote! { unwrap: #unwrap });
    }
    if !settings.unwrap_when.is_empty() {
        let conditions = conditions(&settings.unwrap_when);
        fields.push(quote! { unwrap_when: #conditions });
    }
    if !settings.headers.is_empty() {
        let headers = settings.headers.iter().map(|(name, value)| {
            let value = text(value);
            quote! { (#name, #value) }
        });
        fields.push(quote! { headers: &[#(#headers),*] });
    }
    if let Some(host) = settings.host {
        let host = Literal::usize_unsuffixed(host);
        fields.push(quote! { host: Some(#host) });
    }
    if let Some(timeout) = settings.timeout {
        let timeout = leaf::duration(timeout);
        fields.push(quote! { timeout: Some(#timeout) });
    }
    with_default(&quote! { tollgate::Settings }, &fields, 9)
}

/// A struct expression that leaves the rest to `DEFAULT`, unless there is no rest.
fn with_default(ty: &TokenStream, fields: &[TokenStream], all: usize) -> TokenStream {
    if fields.is_empty() {
        return quote! { #ty::DEFAULT };
    }
    let rest = (fields.len() < all).then(|| quote! { ..#ty::DEFAULT });
    quote! { #ty { #(#fields,)* #rest } }
}

/// `Limit { … }`
pub(super) fn limit(model: &Model, limit: &RateLimit) -> TokenStream {
    let name = &limit.name;
    let count = leaf::number(u64::from(limit.limit));
    let mut fields = vec![quote! { name: #name }, quote! { limit: #count }];
    if limit.algorithm != Algorithm::Concurrency {
        let window = leaf::duration(limit.window);
        fields.push(quote! { window: #window });
    }
    fields.extend(algorithm(limit));
    if !limit.per.is_empty() {
        let per = limit.per.iter().map(|per| match per {
            Per::Token => quote! { tollgate::Per::Token },
            Per::Operation => quote! { tollgate::Per::Operation },
            Per::Param(name) => quote! { tollgate::Per::Param(#name) },
        });
        fields.push(quote! { per: &[#(#per),*] });
    }
    if !limit.tokens.is_empty() {
        let tokens = limit.tokens.iter().map(|token| model.token(*token).name.as_str());
        fields.push(quote! { tokens: &[#(#tokens),*] });
    }
    if limit.counts_cost {
        fields.push(quote! { counts_cost: true });
    }
    if let Some(declared) = &limit.learn {
        let learn = learn(declared);
        fields.push(quote! { learn: Some(&#learn) });
    }
    with_default(&quote! { tollgate::Limit }, &fields, 8)
}

fn algorithm(limit: &RateLimit) -> Option<TokenStream> {
    let algorithm = match limit.algorithm {
        Algorithm::Sliding => return None,
        Algorithm::Fixed => quote! { tollgate::Algorithm::Fixed },
        Algorithm::Bucket => {
            let burst = leaf::number(u64::from(limit.burst.unwrap_or(limit.limit)));
            quote! { tollgate::Algorithm::Bucket { burst: #burst } }
        }
        Algorithm::Concurrency => quote! { tollgate::Algorithm::Concurrency },
    };
    Some(quote! { algorithm: #algorithm })
}

fn learn(learn: &Learn) -> TokenStream {
    let [limit, remaining, used, reset] =
        [&learn.limit, &learn.remaining, &learn.used, &learn.reset].map(|at| leaf::option(at.as_ref().map(place)));
    quote! { tollgate::Learn { limit: #limit, remaining: #remaining, used: #used, reset: #reset } }
}

fn retry(retry: &Retry) -> TokenStream {
    let max_attempts = leaf::number(u64::from(retry.max_attempts));
    let when = retry.when.iter().map(|when| match when {
        RetryWhen::Network => quote! { tollgate::When::Network },
        RetryWhen::Timeout => quote! { tollgate::When::Timeout },
        RetryWhen::Kind(failure) => {
            let kind = kind(*failure);
            quote! { tollgate::When::Kind(#kind) }
        }
    });
    let wait_from = retry.wait_from.iter().map(place);
    let initial = leaf::duration(retry.backoff.initial);
    let factor = leaf::float(retry.backoff.factor);
    let max = leaf::duration(retry.backoff.max);
    let jitter = leaf::float(retry.backoff.jitter);
    let max_wait = leaf::duration(retry.max_wait);
    quote! {
        tollgate::Retry {
            max_attempts: #max_attempts,
            when: &[#(#when),*],
            wait_from: &[#(#wait_from),*],
            initial: #initial,
            factor: #factor,
            max: #max,
            jitter: #jitter,
            max_wait: #max_wait,
        }
    }
}

fn kind(kind: Kind) -> TokenStream {
    let name = leaf::camel(
        Kind::ALL
            .iter()
            .find(|(_, known)| *known == kind)
            .map_or("rejected", |(name, _)| name),
    );
    quote! { tollgate::Kind::#name }
}

/// The number of an error model, as `ErrorBody::read` takes it.
fn error_model(model: &Model, definition: Option<DefinitionId>) -> Option<Literal> {
    let position = model.error_models.iter().position(|known| Some(*known) == definition)?;
    Some(Literal::usize_unsuffixed(position))
}

fn errors(model: &Model, errors: &Errors) -> TokenStream {
    let mut fields = Vec::new();
    if let Some(body) = error_model(model, errors.body) {
        fields.push(quote! { body: Some(#body) });
    }
    for (name, places) in [
        ("message", &errors.message),
        ("code", &errors.code),
        ("request_id", &errors.request_id),
    ] {
        if !places.is_empty() {
            let name = leaf::name(name);
            let places = places.iter().map(place);
            fields.push(quote! { #name: &[#(#places),*] });
        }
    }
    with_default(&quote! { tollgate::Errors }, &fields, 4)
}

fn classify_rule(model: &Model, rule: &ClassifyRule) -> TokenStream {
    let mut fields = Vec::new();
    if !rule.status.is_empty() {
        let statuses = rule.status.iter().map(|status| match status {
            StatusMatch::Exact(status) => {
                let status = Literal::u16_unsuffixed(*status);
                quote! { tollgate::StatusMatch::Exact(#status) }
            }
            StatusMatch::Class(class) => {
                let class = Literal::u8_unsuffixed(*class);
                quote! { tollgate::StatusMatch::Class(#class) }
            }
        });
        fields.push(quote! { status: &[#(#statuses),*] });
    }
    if !rule.code.is_empty() {
        let codes = &rule.code;
        fields.push(quote! { code: &[#(#codes),*] });
    }
    if !rule.headers.is_empty() {
        let headers = rule
            .headers
            .iter()
            .map(|(name, values)| quote! { (#name, &[#(#values),*]) });
        fields.push(quote! { headers: &[#(#headers),*] });
    }
    if !rule.body.is_empty() {
        let body = conditions(&rule.body);
        fields.push(quote! { body: #body });
    }
    if let Some(present) = &rule.present {
        let present = place(present);
        fields.push(quote! { present: Some(#present) });
    }
    let kind = kind(rule.kind);
    fields.push(quote! { kind: #kind });
    if let Some(hint) = &rule.hint {
        fields.push(quote! { hint: Some(#hint) });
    }
    if let Some(number) = error_model(model, rule.model) {
        fields.push(quote! { model: Some(#number) });
    }
    with_default(&quote! { tollgate::Rule }, &fields, 8)
}

/// `&[(Path(&[…]), &["\"open\""])]`
fn conditions(conditions: &[(Path, Vec<String>)]) -> TokenStream {
    let conditions = conditions.iter().map(|(at, values)| {
        let at = path(at);
        quote! { (#at, &[#(#values),*]) }
    });
    quote! { &[#(#conditions),*] }
}

/// `Pager { … }`
pub(super) fn pager(pager: &Pager) -> TokenStream {
    let kind = pager_kind(&pager.kind);
    let items = path(&pager.items);
    let page_size = leaf::option(pager.page_size.as_ref().map(|size| {
        let at = param_at(&size.at);
        let default = leaf::option(size.default.map(|size| leaf::number(u64::from(size))));
        let max = leaf::option(size.max.map(|size| leaf::number(u64::from(size))));
        quote! { tollgate::PageSize { at: #at, default: #default, max: #max } }
    }));
    let total = leaf::option(pager.total.as_ref().map(place));
    let stop_short = pager.stop_short;
    quote! {
        tollgate::Pager {
            kind: #kind,
            items: #items,
            page_size: #page_size,
            total: #total,
            stop_short: #stop_short,
        }
    }
}

fn pager_kind(kind: &PagerKind) -> TokenStream {
    match kind {
        PagerKind::Page { page, first } => {
            let page = param_at(page);
            let first = leaf::number(*first);
            quote! { tollgate::PagerKind::Page { page: #page, first: #first } }
        }
        PagerKind::Offset { offset } => {
            let offset = param_at(offset);
            quote! { tollgate::PagerKind::Offset { offset: #offset } }
        }
        PagerKind::Cursor {
            cursor,
            next,
            last,
            more,
        } => {
            let cursor = param_at(cursor);
            let next = leaf::option(next.as_ref().map(place));
            let last = leaf::option(last.as_ref().map(path));
            let more = leaf::option(more.as_ref().map(place));
            quote! {
                tollgate::PagerKind::Cursor { cursor: #cursor, next: #next, last: #last, more: #more }
            }
        }
        PagerKind::Link { rel } => quote! { tollgate::PagerKind::Link { rel: #rel } },
        PagerKind::NextUrl { next } => {
            let next = place(next);
            quote! { tollgate::PagerKind::NextUrl { next: #next } }
        }
    }
}

fn param_at(at: &ParamAt) -> TokenStream {
    match at {
        ParamAt::Query(name) => quote! { tollgate::ParamAt::Query(#name) },
        ParamAt::Header(name) => quote! { tollgate::ParamAt::Header(#name) },
        ParamAt::Body(at) => {
            let at = path(at);
            quote! { tollgate::ParamAt::Body(#at) }
        }
    }
}
