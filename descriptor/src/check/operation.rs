//! Operations.

use super::{Check, deprecated, example::Shapes, name::Taken, page::Chosen, param::Params, setting::Level, text};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Content, Guard, Method, Operation, Pager, PathPart, Payload, Returns, Type, TypeName};
use crate::span::Spanned;
use crate::syntax;

/// An operation and where it stands in the descriptor and in the model.
#[derive(Clone, Debug)]
pub(super) struct Seen<'d> {
    pub(super) resource: &'d Spanned<String>,
    pub(super) name: &'d Spanned<String>,
    pub(super) written: &'d syntax::Operation,
    /// Whether it is not known who may call it, as its scope is wrong.
    pub(super) unsure_guard: bool,
    /// The position of the resource in the descriptor.
    pub(super) written_at: usize,
    /// The positions of resource and operation in the model.
    pub(super) place: (usize, usize),
}

impl<'d> Check<'d> {
    /// An operation of the OpenAPI file: what can be seen of it is looked at.
    pub(super) fn check_left_out(&mut self, resource: &Level<'d>, written: &'d syntax::Operation) {
        if let Some(scope) = &written.settings.scope {
            self.check_scope_names(scope);
        }
        let level = self.check_level(resource, &written.settings);
        self.check_max_body(written);
        for ty in written
            .body
            .iter()
            .chain(written.returns.iter().filter_map(|returns| match returns {
                syntax::Returns::Type(ty) => Some(ty),
                _ => None,
            }))
        {
            self.check_payload(ty, level.formats, "a body");
        }
    }

    pub(super) fn check_operation(
        &mut self,
        resource: &'d Spanned<String>,
        name: &'d Spanned<String>,
        written: &'d syntax::Operation,
        type_name: TypeName,
        outer: &Level<'d>,
        inside: &mut Taken,
    ) -> Operation {
        if let Some(scope) = &written.settings.scope {
            self.check_scope_names(scope);
        }
        let level = self.check_level(outer, &written.settings);
        let guard = self.check_guard(level.scope, name);
        let method = method(written);
        let before = self.found.len();
        let body = written
            .body
            .as_ref()
            .and_then(|body| self.check_payload(body, level.formats, "a body"));
        self.unsure.body = self.found.len() > before;
        let content = self.check_content(written, body.as_ref());
        let returns = self.check_returns(written, method, level.formats, &type_name, name, inside);
        let mut taken = Taken::default();
        let mut params = self.check_params(name, written, &guard, &level, &type_name, body.as_ref(), &mut taken);
        let path = self.check_route_path(written, &params, &guard);
        let pager = self.check_operation_pager(name, written, &level, method, &returns);
        if let Some(pager) = &pager {
            self.check_paging_params(pager, &params);
        }
        let choices = self.check_param_choices(written, &params, &mut taken);
        let batch = self.check_batch(written, body.as_ref());
        let idempotency_key = self.check_key(written, body.as_ref(), &mut params);
        self.check_replacement(resource, written.deprecated.as_ref());
        let shapes = Shapes {
            params: &params,
            body: body.as_ref(),
            returns: &returns,
            pager: pager.as_ref(),
            unsure_pager: matches!(level.pager, Chosen::Pager(None, _)),
            settings: &level.settings,
        };
        let examples = self.check_examples(written, &shapes);
        Operation {
            name: name.value.clone(),
            rust: super::name::field_name(name).unwrap_or(crate::model::FieldName(String::new())),
            type_name,
            docs: text(written.docs.as_ref()),
            deprecated: deprecated::reason(written.deprecated.as_ref()),
            line: self.line(name.span),
            method,
            path,
            guard,
            params: params.list,
            choices,
            body,
            content,
            returns,
            pager,
            batch,
            max_body: self.check_max_body(written),
            idempotent: is_idempotent(written, method, idempotency_key.is_some()),
            idempotency_key,
            cost: written.cost.as_ref().map_or(1, |cost| self.check_count(cost, "a cost")),
            settings: self.keep_settings(level.settings),
            examples,
        }
    }

    fn check_max_body(&mut self, written: &syntax::Operation) -> Option<u64> {
        written.max_body.as_ref().and_then(|size| self.check_size(size))
    }

    /// The pager of an operation: its own always, an outer one where a GET returns a list.
    fn check_operation_pager(
        &mut self,
        name: &Spanned<String>,
        written: &'d syntax::Operation,
        level: &Level<'d>,
        method: Method,
        returns: &Returns,
    ) -> Option<Pager> {
        let item = match returns {
            Returns::One(Payload::Typed(ty)) => match self.behind(ty) {
                Type::List(item) => Some((**item).clone()),
                _ => None,
            },
            _ => None,
        };
        let own = written.settings.pager.is_some();
        match (&level.pager, item) {
            (Chosen::Pager(draft, _), Some(item)) if own || method == Method::Get => {
                draft.as_deref().cloned().map(|draft| draft.taken(item))
            }
            (Chosen::Pager(_, span), None) if own => {
                let problem = Diagnostic::new(
                    Code::WrongType,
                    *span,
                    format!("a pager on `{}`, which returns no list", name.value),
                )
                .label("what would it page?")
                .help("write what one item is: `returns: [Item]`, or `returns: [json]`");
                self.push(problem);
                None
            }
            (Chosen::Nothing, Some(_)) if method == Method::Get => {
                self.push(
                    Diagnostic::new(
                        Code::ListWithoutPager,
                        name.span,
                        format!("`{}` returns a list and has no pager", name.value),
                    )
                    .help("name a pager, or say that there is none: `pager: { none: \"why\" }`"),
                );
                None
            }
            _ => None,
        }
    }

    /// The holders of a guard as a list of names.
    pub(super) fn holder_names(&self, guard: &Guard) -> Vec<String> {
        self.model
            .holders(guard)
            .into_iter()
            .map(|token| self.model.token(token).name.clone())
            .collect()
    }

    /// The content of a request.
    fn check_content(&mut self, written: &'d syntax::Operation, body: Option<&Payload>) -> Content {
        let Some(content) = &written.content else {
            return match body {
                Some(Payload::Bytes) => Content::Binary,
                Some(Payload::Text) => Content::Media("text/plain; charset=utf-8".to_owned()),
                _ => Content::Json,
            };
        };
        let checked = match content.as_str() {
            "json" => Content::Json,
            "form" => Content::Form,
            "multipart" => Content::Multipart,
            "binary" => Content::Binary,
            media => {
                if !is_media_type(media) {
                    self.unknown_word(
                        "content",
                        content,
                        ["json", "form", "multipart", "binary", "application/…"],
                    );
                }
                Content::Media(media.to_owned())
            }
        };
        self.check_content_fits(content, &checked, body, written);
        checked
    }

    fn check_content_fits(
        &mut self,
        content: &Spanned<String>,
        checked: &Content,
        body: Option<&Payload>,
        written: &syntax::Operation,
    ) {
        let body_params = written.params.iter().any(|(_, param)| {
            param
                .in_
                .as_ref()
                .is_some_and(|place| place.value == syntax::Location::Body)
        });
        let problem = match (checked, body) {
            (_, None) if !body_params => Some("there is no body"),
            (Content::Json, Some(Payload::Bytes | Payload::Text)) => Some("the body is raw"),
            (Content::Binary, Some(Payload::Typed(_))) => Some("the body is not raw: write `body: bytes`"),
            (Content::Form | Content::Multipart, Some(body)) => match body {
                Payload::Typed(ty) if self.is_record(ty) => None,
                _ => Some("the body is not an object"),
            },
            (Content::Form | Content::Multipart | Content::Binary, _) if body_params => {
                Some("params in the body need JSON")
            }
            _ => None,
        };
        if let Some(problem) = problem
            && !self.unsure.body
        {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    content.span,
                    format!("`content: {}` does not fit the body", content.value),
                )
                .label(problem),
            );
        }
    }

    fn is_record(&self, ty: &Type) -> bool {
        matches!(self.shape(ty), Some(crate::model::Shape::Record(_)))
    }

    /// The parts of the path.
    fn check_route_path(
        &mut self,
        written: &'d syntax::Operation,
        params: &Params<'d>,
        guard: &Guard,
    ) -> Vec<PathPart> {
        match &written.route {
            Some(route) => self.check_request_path(&route.path, params, guard),
            None => Vec::new(),
        }
    }
}

fn method(written: &syntax::Operation) -> Method {
    let route = written.route.as_ref();
    route.map_or(Method::Get, |route| route.method.value.into())
}

/// Whether a repeat is safe: by declaration, by method or by key.
fn is_idempotent(written: &syntax::Operation, method: Method, has_key: bool) -> bool {
    let by_method = !matches!(method, Method::Post | Method::Patch);
    let declared = written.idempotent.as_ref().map(|idempotent| idempotent.value);
    declared.unwrap_or(by_method || has_key)
}

pub(super) fn is_media_type(text: &str) -> bool {
    let kind = text.split(';').next().unwrap_or("").trim();
    let word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "!#$&-^_.+*".contains(c))
    };
    kind.split_once('/')
        .is_some_and(|(kind, subtype)| word(kind) && word(subtype))
}
