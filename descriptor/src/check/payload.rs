//! Bodies and answers.

use super::{Check, name::Taken, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Method, Payload, Returns, StatusPayload, Type, TypeName};
use crate::span::Spanned;
use crate::syntax::{self, Status};

impl<'d> Check<'d> {
    /// What a body or an answer is.
    pub(super) fn check_payload(&mut self, ty: &syntax::Type, formats: Formats, what: &str) -> Option<Payload> {
        match Self::bare_name(ty).map(|name| name.as_str()) {
            Some("text") => return Some(Payload::Text),
            Some("bytes") => return Some(Payload::Bytes),
            _ => {}
        }
        self.check_plain_type(ty, formats, what).map(Payload::Typed)
    }

    pub(super) fn check_returns(
        &mut self,
        written: &'d syntax::Operation,
        method: Method,
        formats: Formats,
        operation: &TypeName,
        name: &Spanned<String>,
        inside: &mut Taken,
    ) -> Returns {
        let Some(returns) = &written.returns else {
            return Returns::Nothing;
        };
        if method == Method::Head {
            let span = written.route.as_ref().map_or(name.span, |route| route.method.span);
            self.push(
                Diagnostic::new(Code::ConflictingKeys, span, "`returns` on a `head`").label("its answer has no body"),
            );
        }
        match returns {
            syntax::Returns::Type(ty) => match self.check_payload(ty, formats, "an answer") {
                Some(payload) => Returns::One(payload),
                None => Returns::One(Payload::Typed(Type::Json)),
            },
            syntax::Returns::ByStatus(by_status) => {
                let statuses = self.check_statuses(by_status, formats);
                let type_name = TypeName(format!("{operation}Reply"));
                self.take(inside, type_name.as_str(), &name.value, by_status.span, "answer");
                Returns::PerStatus { type_name, statuses }
            }
            syntax::Returns::Stream(stream) => {
                self.unsupported(stream.span, "a stream", "the answer is read whole, as text, for now");
                if let Some(of) = &stream.of {
                    self.check_payload(of, formats, "a piece");
                }
                Returns::One(Payload::Text)
            }
        }
    }

    fn check_statuses(
        &mut self,
        by_status: &Spanned<Vec<(Spanned<Status>, syntax::Type)>>,
        formats: Formats,
    ) -> Vec<StatusPayload> {
        let mut statuses: Vec<StatusPayload> = Vec::new();
        for (status, ty) in &by_status.value {
            let Status::Code(code @ 200..=299) = status.value else {
                self.push(
                    Diagnostic::new(Code::BadNumber, status.span, "not the status of a success")
                        .label("200 to 299 are expected")
                        .help("what a failure holds is said by `errors` and `classify`"),
                );
                continue;
            };
            if statuses.iter().any(|known| known.status == code) {
                self.push(Diagnostic::new(
                    Code::DuplicateKey,
                    status.span,
                    format!("the status `{code}` stands here twice"),
                ));
                continue;
            }
            let none = Self::bare_name(ty).is_some_and(|name| name.value == "none");
            statuses.push(StatusPayload {
                status: code,
                rust: status_name(code),
                payload: if none {
                    None
                } else {
                    self.check_payload(ty, formats, "an answer")
                },
            });
        }
        statuses.sort_by_key(|status| status.status);
        statuses
    }
}

fn status_name(code: u16) -> TypeName {
    TypeName(match code {
        200 => "Ok".to_owned(),
        201 => "Created".to_owned(),
        202 => "Accepted".to_owned(),
        204 => "NoContent".to_owned(),
        other => format!("Status{other}"),
    })
}
