//! Where a parameter goes, and what can be written there.

use super::{Check, header, param::Around};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ParamPlace, Path, Payload, Shape, Step, Type};
use crate::span::{Span, Spanned};
use crate::syntax::{self, Location, Slashes};

impl<'d> Check<'d> {
    pub(super) fn check_param_place(
        &mut self,
        key: &Spanned<String>,
        param: &syntax::Param,
        around: &Around<'_, 'd>,
    ) -> ParamPlace {
        let wire = param.name.as_ref().unwrap_or(key);
        let in_path = around.holes.iter().any(|(hole, _)| *hole == wire.value);
        let location = param.in_.as_ref().map(|place| place.value);
        let keep_slashes = param
            .slashes
            .as_ref()
            .is_some_and(|slashes| slashes.value == Slashes::Keep);
        let place = match location {
            Some(Location::Path) if !in_path => {
                let holes = around.holes.iter().map(|(hole, _)| hole.as_str());
                let problem = Diagnostic::new(
                    Code::ParamWithoutHole,
                    key.span,
                    format!("the path has no hole `{{{}}}`", wire.value),
                );
                self.push(problem.help_nearest(wire, holes));
                ParamPlace::Path { keep_slashes }
            }
            Some(Location::Path) => ParamPlace::Path { keep_slashes },
            None if in_path => ParamPlace::Path { keep_slashes },
            None | Some(Location::Query) => ParamPlace::Query,
            Some(Location::Header) => {
                self.check_param_header(wire);
                ParamPlace::Header
            }
            Some(Location::Body) => ParamPlace::Body(self.check_body_param(key, param, around)),
        };
        if let Some(slashes) = &param.slashes
            && !matches!(place, ParamPlace::Path { .. })
        {
            self.push(Diagnostic::new(
                Code::ConflictingKeys,
                slashes.span,
                format!("`slashes` on `{}`, which is not in the path", key.value),
            ));
        }
        place
    }

    fn check_param_header(&mut self, wire: &Spanned<String>) {
        self.check_header_name(wire);
        if header::OWN.iter().any(|own| header::same(own, wire)) {
            self.push(Diagnostic::new(
                Code::ReservedName,
                wire.span,
                format!("the header `{}` is written by the client", wire.value),
            ));
        }
    }

    fn check_body_param(&mut self, key: &Spanned<String>, param: &syntax::Param, around: &Around<'_, 'd>) -> Path {
        let Some(name) = &param.name else {
            self.push(
                Diagnostic::new(
                    Code::MissingKey,
                    key.span,
                    format!("`{}` does not say where in the body it goes", key.value),
                )
                .help(format!("add `name: $.{}`", key.value)),
            );
            return Path::default();
        };
        let Some(path) = self.check_path(name) else {
            return Path::default();
        };
        let problem = match (path.0.last(), around.body) {
            (None | Some(Step::Each), _) => Some("the place must end in a name".to_owned()),
            (_, Some(Payload::Bytes | Payload::Text)) => Some("the body is raw and has no places".to_owned()),
            (_, Some(Payload::Typed(ty))) => self.path_problem(ty, &path),
            (_, None) if path.0.contains(&Step::Each) => Some("without a `body` there are no elements".to_owned()),
            (_, None) => None,
        };
        if let Some(problem) = problem {
            self.push(
                Diagnostic::new(
                    Code::BadPlace,
                    name.span,
                    format!("`{}` is no place of this body", name.value),
                )
                .label(problem),
            );
        }
        path
    }

    /// Why a value cannot be put at a path of a body of this type.
    fn path_problem(&self, body: &Type, path: &Path) -> Option<String> {
        let mut ty = body;
        for step in &path.0 {
            match (step, self.behind(ty)) {
                (_, Type::Json) => return self.descent_problem(body, path),
                (Step::Each, Type::List(item)) | (Step::Name(_), Type::Map(item)) => ty = item,
                (Step::Each, _) => return Some("`.*` stands where the body has no list".to_owned()),
                (Step::Name(name), found) => match self.shape(found) {
                    Some(Shape::Record(record)) => match record.fields.iter().find(|field| field.wire == *name) {
                        Some(field) => ty = &field.ty,
                        // Beside the fields of the body, which is what such a parameter is for.
                        None => return self.descent_problem(body, path),
                    },
                    _ => return Some(format!("`.{name}` stands where the body has no object")),
                },
            }
        }
        Some("the model of the body has this field already".to_owned())
    }

    /// What cannot be written where the parameter goes.
    pub(super) fn check_travels(
        &mut self,
        key: &Spanned<String>,
        param: &syntax::Param,
        place: &ParamPlace,
        wire: &str,
        ty: &Type,
    ) {
        let keyed = wire.contains("{key}");
        let is_map = matches!(self.behind(ty), Type::Map(_));
        let span = param.type_.as_ref().map_or(key.span, syntax::Type::span);
        if matches!(place, ParamPlace::Body(_)) {
            return;
        }
        if keyed != is_map {
            let problem = if is_map {
                Diagnostic::new(
                    Code::BadTemplate,
                    span,
                    format!("`{}` is a map, and its name has no `{{key}}`", key.value),
                )
                .help("write where the key of each entry goes: `name: \"filter.{key}\"`")
            } else {
                Diagnostic::new(
                    Code::BadTemplate,
                    span,
                    format!("`{}` has `{{key}}` in its name and is not a map", key.value),
                )
                .help("write the type as `map<string>`")
            };
            self.push(problem);
            return;
        }
        let inner = match self.behind(ty) {
            Type::Map(item) => self.behind(item),
            other => other,
        };
        let fits = match (inner, place) {
            (Type::List(_), ParamPlace::Path { .. }) => false,
            (Type::List(item), _) => self.is_scalar(item),
            (other, _) => self.is_scalar(other),
        };
        let fits = fits && !(is_map && matches!(place, ParamPlace::Path { .. }));
        let unknown = |known: &Diagnostic| known.code == Code::DanglingName && contains(span, known.span);
        if !fits && !self.found.iter().any(unknown) {
            self.push(
                Diagnostic::new(
                    Code::WrongType,
                    span,
                    format!("`{}` cannot be written there", key.value),
                )
                .label("a text, a number, a bool, a time, or outside of the path a list of them is expected")
                .help("what has a shape travels in the body"),
            );
        }
    }
}

/// Whether a place is within another.
fn contains(whole: Span, part: Span) -> bool {
    whole.file == part.file && whole.start <= part.start && part.end <= whole.end
}
