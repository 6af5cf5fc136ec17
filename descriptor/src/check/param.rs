//! Parameters.

use super::{
    Check,
    choice::Member,
    deprecated,
    hole::Filling,
    json,
    name::{Taken, type_name},
    page,
    setting::Level,
    text,
    ty::Formats,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Choice, Definition, DefinitionId, FieldName, Guard, Pager, Param, ParamAt, ParamPlace, Payload, Presence, Shape,
    Type, TypeName,
};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Location};

/// The parameters of one operation.
#[derive(Debug, Default)]
pub(super) struct Params<'d> {
    pub(super) list: Vec<Param>,
    /// The entry of each; nothing for a hole without one.
    pub(super) written: Vec<Option<(&'d Spanned<String>, &'d syntax::Param)>>,
}

impl Params<'_> {
    /// The names that the author knows them by.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let pairs = self.list.iter().zip(&self.written);
        pairs.map(|(param, written)| written.map_or(param.wire.as_str(), |(key, _)| key.value.as_str()))
    }

    /// Whether a parameter fills a hole of the path.
    pub(super) fn fills(&self, hole: &str) -> bool {
        self.list
            .iter()
            .any(|param| matches!(param.place, ParamPlace::Path { .. }) && param.wire == hole)
    }
}

/// What every parameter of an operation is checked with.
pub(super) struct Around<'a, 'd> {
    pub(super) holes: &'a [(String, Span)],
    pub(super) guard: &'a Guard,
    pub(super) level: &'a Level<'d>,
    pub(super) operation: &'a TypeName,
    pub(super) body: Option<&'a Payload>,
}

impl<'d> Check<'d> {
    #[expect(clippy::too_many_arguments, reason = "a parameter is judged by all of its operation")]
    pub(super) fn check_params(
        &mut self,
        name: &'d Spanned<String>,
        written: &'d syntax::Operation,
        guard: &Guard,
        level: &Level<'d>,
        operation: &TypeName,
        body: Option<&Payload>,
        taken: &mut Taken,
    ) -> Params<'d> {
        let holes = written
            .route
            .as_ref()
            .map(|route| self.check_holes(&route.path))
            .unwrap_or_default();
        let mut params = Params::default();
        for (hole, span) in &holes {
            let declared = written.params.iter().any(|(key, param)| is_for_hole(key, param, hole));
            if declared || self.filling(hole, *span, guard) != Filling::Param {
                continue;
            }
            let rust = self.name_field(taken, &Spanned::new(hole.clone(), *span), "value");
            params.list.push(hole_param(hole, rust, level.formats));
            params.written.push(None);
        }
        let around = Around {
            holes: &holes,
            guard,
            level,
            operation,
            body,
        };
        for (key, param) in &written.params {
            if param.removed {
                self.push(
                    Diagnostic::new(
                        Code::OverrideHitsNothing,
                        key.span,
                        format!("there is no `{}` to remove from `{}`", key.value, name.value),
                    )
                    .label("only what an OpenAPI file says can be removed"),
                );
                continue;
            }
            let rust = self.name_field(taken, key, "value");
            let checked = self.check_param(key, param, rust, &around);
            self.refuse_twin(key, &checked, &params);
            params.list.push(checked);
            params.written.push(Some((key, param)));
        }
        let members = members(&params);
        self.check_replacements(&members, "param");
        params
    }

    fn refuse_twin(&mut self, key: &Spanned<String>, param: &Param, params: &Params<'d>) {
        let same = |known: &Param| match (&known.place, &param.place) {
            (ParamPlace::Header, ParamPlace::Header) => super::header::same(&known.wire, &param.wire),
            (known_place, place) => {
                std::mem::discriminant(known_place) == std::mem::discriminant(place) && known.wire == param.wire
            }
        };
        if let Some(at) = params.list.iter().position(same) {
            let mut problem = Diagnostic::new(
                Code::CollidingNames,
                key.span,
                format!("two params are `{}` on the wire", param.wire),
            );
            if let Some(Some((other, _))) = params.written.get(at) {
                problem = problem.secondary(other.span, "the other one");
            }
            self.push(problem);
        }
    }

    fn check_param(
        &mut self,
        key: &'d Spanned<String>,
        param: &'d syntax::Param,
        rust: FieldName,
        around: &Around<'_, 'd>,
    ) -> Param {
        let place = self.check_param_place(key, param, around);
        let wire = param.name.as_ref().unwrap_or(key).value.clone();
        let (ty, required) = self.check_param_type(key, param, around);
        let presence = self.check_presence(key, param, &place, &rust, &ty, required, around);
        self.check_travels(key, param, &place, &wire, &ty);
        self.check_list_keys(
            &ty,
            param.style.as_ref().map(|style| style.span),
            param.max_items.as_ref().map(|most| most.span),
        );
        Param {
            wire,
            rust,
            place,
            presence,
            style: param
                .style
                .as_ref()
                .map_or(around.level.formats.array, |style| style.value.into()),
            max_items: param.max_items.as_ref().map(|most| self.check_count(most, "a maximum")),
            deprecated: deprecated::reason(param.deprecated.as_ref()),
            docs: text(param.docs.as_ref()),
            ty,
        }
    }

    /// The type of a parameter, and whether it has the mark `!`.
    fn check_param_type(
        &mut self,
        key: &'d Spanned<String>,
        param: &'d syntax::Param,
        around: &Around<'_, 'd>,
    ) -> (Type, bool) {
        let marked = param
            .type_
            .as_ref()
            .and_then(|ty| self.check_type(ty, around.level.formats));
        if let (Some(marked), Some(ty)) = (&marked, &param.type_)
            && marked.nullable
        {
            self.push(
                Diagnostic::new(Code::BadTypeExpression, ty.span(), "`|null` on a param")
                    .label("only a field of a body can be cleared"),
            );
        }
        let required = marked.as_ref().is_some_and(|marked| marked.required);
        if let Some(values) = &param.enum_ {
            let listed = marked.as_ref().is_some_and(|marked| matches!(marked.ty, Type::List(_)));
            let values = self.check_inline_enum(key, values, around.operation);
            return (if listed { Type::List(Box::new(values)) } else { values }, required);
        }
        let ty = match (marked, &param.const_) {
            (Some(marked), _) => marked.ty,
            (None, Some(value)) if param.type_.is_none() => json::type_of(&value.value),
            (None, _) => Type::String,
        };
        if let Some(value) = &param.const_ {
            self.check_constant(value, &ty);
        }
        (ty, required)
    }

    /// The values of one parameter are a model that only stands here.
    fn check_inline_enum(
        &mut self,
        key: &Spanned<String>,
        values: &'d Spanned<Vec<Spanned<String>>>,
        operation: &TypeName,
    ) -> Type {
        let variants = self.check_variants(values.span, values.value.iter().map(|value| (value, value)));
        let part = type_name(key).map(|name| name.to_string()).unwrap_or_default();
        let rust = TypeName(format!("{operation}{part}"));
        if let Some(known) = self.model.definitions.iter().find(|known| known.rust == rust) {
            let message = format!(
                "the values of `{}` are `{rust}` in Rust, as `{}` is already",
                key.value, known.name
            );
            self.push(
                Diagnostic::new(Code::CollidingNames, key.span, message)
                    .help("write the values as a model with `$enum` and name it"),
            );
        }
        let line = self.line(values.span);
        self.model.definitions.push(Definition {
            name: rust.to_string(),
            rust,
            docs: None,
            shape: Shape::Enum(variants),
            in_request: false,
            in_response: false,
            line,
        });
        Type::Named(DefinitionId(self.model.definitions.len() - 1))
    }

    #[expect(clippy::too_many_arguments, reason = "presence depends on every other key")]
    fn check_presence(
        &mut self,
        key: &'d Spanned<String>,
        param: &'d syntax::Param,
        place: &ParamPlace,
        rust: &FieldName,
        ty: &Type,
        required: bool,
        around: &Around<'_, 'd>,
    ) -> Presence {
        let in_path = matches!(place, ParamPlace::Path { .. });
        if let Some(value) = &param.const_ {
            if let Some(by_token) = &param.by_token {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        by_token.span,
                        format!("`by_token` on the constant `{}`", key.value),
                    )
                    .label("a constant is always sent"),
                );
            }
            return Presence::Const(json::text(&value.value));
        }
        if let Some(by_token) = &param.by_token {
            if in_path {
                self.push(
                    Diagnostic::new(
                        Code::ConflictingKeys,
                        by_token.span,
                        format!("`by_token` on `{}`, which is in the path", key.value),
                    )
                    .label("a path without its value is another path")
                    .help("write two operations with a scope each"),
                );
                return Presence::Required;
            }
            return self.check_by_token(key, by_token, rust, ty, required, around.guard);
        }
        if required || in_path {
            Presence::Required
        } else {
            Presence::Optional
        }
    }

    /// The choices of an operation.
    pub(super) fn check_param_choices(
        &mut self,
        written: &'d syntax::Operation,
        params: &Params<'d>,
        taken: &mut Taken,
    ) -> Vec<Choice> {
        let members = members(params);
        // Members count by their entries; holes without an entry stand before them.
        let before = params.written.iter().filter(|entry| entry.is_none()).count();
        let mut choices = self.check_choices(&members, &written.one_of, &written.at_most_one, taken);
        for member in choices.iter_mut().flat_map(|choice| &mut choice.members) {
            *member += before;
        }
        choices
    }

    /// What a pager writes is not declared as a parameter too.
    pub(super) fn check_paging_params(&mut self, pager: &Pager, params: &Params<'d>) {
        for at in page::written_places(pager) {
            let same = |param: &Param| match (at, &param.place) {
                (ParamAt::Query(name), ParamPlace::Query) => param.wire == *name,
                (ParamAt::Header(name), ParamPlace::Header) => super::header::same(&param.wire, name),
                (ParamAt::Body(path), ParamPlace::Body(place)) => path == place,
                _ => false,
            };
            if let Some(position) = params.list.iter().position(same)
                && let Some(Some((key, _))) = params.written.get(position)
            {
                self.push(
                    Diagnostic::new(
                        Code::CollidingNames,
                        key.span,
                        format!("`{}` is written by the pager `{}` already", key.value, pager.name),
                    )
                    .label("would be sent twice")
                    .help("leave the param out, or take the pager back with `pager: { none: \"why\" }`"),
                );
            }
        }
    }
}

fn members<'d>(params: &Params<'d>) -> Vec<Member<'d>> {
    let pairs = params.list.iter().zip(&params.written);
    pairs
        .filter_map(|(param, written)| {
            let (key, entry) = (*written)?;
            Some(Member {
                key,
                span: entry.span,
                optional: param.presence == Presence::Optional,
                deprecated: entry.deprecated.as_ref(),
            })
        })
        .collect()
}

fn is_for_hole(key: &Spanned<String>, param: &syntax::Param, hole: &str) -> bool {
    let place = param.in_.as_ref().map(|place| place.value);
    !param.removed && matches!(place, None | Some(Location::Path)) && param.name.as_ref().unwrap_or(key).value == hole
}

fn hole_param(hole: &str, rust: FieldName, formats: Formats) -> Param {
    Param {
        wire: hole.to_owned(),
        rust,
        place: ParamPlace::Path { keep_slashes: false },
        ty: Type::String,
        presence: Presence::Required,
        style: formats.array,
        max_items: None,
        deprecated: None,
        docs: None,
    }
}
