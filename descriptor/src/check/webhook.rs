//! Webhooks: what the provider calls, and how it proves that it was the provider.

use super::{Check, name::Taken, place::Meaning, setting, text, ty::BUILT_IN, ty::Formats};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{
    Encoding, Event, Events, Place, Proof, Signature, Source, Step, Template, TemplatePart, TimeFormat, Type,
    WebhookSecret, Webhooks,
};
use crate::span::{Span, Spanned};
use crate::syntax::{self, WebhookSignature};
use std::time::Duration;

/// What a webhook's signature is made over.
const PAYLOAD_HOLES: [&str; 3] = ["id", "timestamp", "body"];

/// How far from now a signed time may be where nothing is said.
const TOLERANCE: Duration = Duration::from_mins(5);

/// The variant for events that are not listed.
const UNKNOWN: &str = "Unknown";

impl Check<'_> {
    pub(super) fn check_webhooks(&mut self) {
        let descriptor = self.descriptor;
        let Some(written) = &descriptor.webhooks else {
            return;
        };
        let proof = match &written.signature {
            Some(WebhookSignature::Signed(signature)) => Proof::Signed(Box::new(self.check_signature(signature))),
            Some(WebhookSignature::None(reason)) => Proof::Unsigned(reason.value.clone()),
            // That it is missing is reported where it was read.
            None => Proof::Unsigned(String::new()),
        };
        let event_name = written.event_name.as_ref().and_then(|place| {
            let checked = self.check_place(place, Meaning::Value)?;
            self.refuse_several(place, &checked);
            Some(checked)
        });
        let events = self.check_events(written);
        self.model.webhooks = Some(Webhooks {
            proof,
            event_name,
            events,
        });
    }

    fn check_events(&mut self, written: &syntax::Webhooks) -> Events {
        let formats = self.descriptor.settings.formats.as_ref();
        let formats = formats.map(setting::check_formats).unwrap_or_default();
        match &written.events {
            None => Events::One(Type::Json),
            Some(syntax::Events::One(ty)) => Events::One(self.check_event(ty, formats)),
            Some(syntax::Events::ByName(events)) => {
                if events.value.is_empty() {
                    self.push(
                        Diagnostic::new(Code::MissingKey, events.span, "`events` without an event")
                            .help("name the known events, or write `events: json`"),
                    );
                } else if written.event_name.is_none() {
                    self.push(
                        Diagnostic::new(Code::MissingKey, events.span, "events by name, and no `event_name`")
                            .label("where does a call say which of them it is?")
                            .help("add `event_name`: a place in the body, `$.type`, or `{ header: NAME }`"),
                    );
                }
                let mut taken = Taken::default();
                let listed = events.value.iter();
                Events::ByName(
                    listed
                        .map(|(name, ty)| self.check_named_event(&mut taken, name, ty, formats))
                        .collect(),
                )
            }
        }
    }

    fn check_named_event(
        &mut self,
        taken: &mut Taken,
        name: &Spanned<String>,
        ty: &syntax::Type,
        formats: Formats,
    ) -> Event {
        let rust = self.name_type(taken, name, "event");
        if rust.as_str() == UNKNOWN {
            self.push(
                Diagnostic::new(
                    Code::ReservedName,
                    name.span,
                    format!(
                        "`{}` is `{UNKNOWN}` in Rust, which every client has already",
                        name.value
                    ),
                )
                .label("that variant is for events that are not listed")
                .help("leave this one out: it comes as that variant"),
            );
        }
        Event {
            wire: name.value.clone(),
            rust,
            ty: self.check_event(ty, formats),
        }
    }

    fn check_event(&mut self, ty: &syntax::Type, formats: Formats) -> Type {
        // With a document, the model may be one of its schemas.
        let known =
            Self::bare_name(ty).is_none_or(|name| self.definition(name).is_some() || BUILT_IN.contains(&name.as_str()));
        if self.descriptor.openapi.is_some() && !known {
            return Type::Json;
        }
        self.check_plain_type(ty, formats, "an event").unwrap_or(Type::Json)
    }

    fn check_signature(&mut self, written: &syntax::Signature) -> Signature {
        if let Some(algorithm) = &written.algorithm
            && algorithm.value != "hmac_sha256"
        {
            self.unknown_word("algorithm", algorithm, ["hmac_sha256"]);
        }
        if let Some(header) = &written.header {
            self.check_header_name(header);
        }
        if let Some(split) = &written.split
            && split.value.is_empty()
        {
            self.push(
                Diagnostic::new(Code::WrongType, split.span, "`split` is empty")
                    .help("leave it out where the header holds one signature"),
            );
        }
        let encoding = self.check_encoding(written.encoding.as_ref());
        let payload = self.check_signed_payload(written);
        let id = written
            .id
            .as_ref()
            .and_then(|place| self.check_signed_place(place, Meaning::Value, &payload, "id"));
        let timestamp = written
            .timestamp
            .as_ref()
            .and_then(|place| self.check_signed_place(place, Meaning::UsualTime, &payload, "timestamp"))
            .map(|place| self.check_point_in_time(written, place));
        let tolerance = self.check_tolerance(written, timestamp.as_ref(), &payload);
        let secret = written.secret.as_ref().map(|secret| self.check_webhook_secret(secret));
        Signature {
            header: text(written.header.as_ref()).unwrap_or_default(),
            split: text(written.split.as_ref()),
            prefix: text(written.prefix.as_ref()).unwrap_or_default(),
            encoding: encoding.unwrap_or(Encoding::Hex),
            payload,
            id,
            timestamp,
            tolerance,
            secret: secret.unwrap_or_default(),
        }
    }

    fn check_encoding(&mut self, written: Option<&Spanned<String>>) -> Option<Encoding> {
        let written = written?;
        match written.as_str() {
            "hex" => Some(Encoding::Hex),
            "base64" => Some(Encoding::Base64),
            _ => {
                self.unknown_word("encoding", written, ["hex", "base64"]);
                None
            }
        }
    }

    /// The template of what is signed: the body is in it, and what else it names has a place.
    fn check_signed_payload(&mut self, written: &syntax::Signature) -> Template {
        let Some(payload) = &written.payload else {
            return Template::default();
        };
        let Some(parsed) = self.read_template(payload) else {
            return Template::default();
        };
        for (name, range) in &parsed.holes {
            let span = payload.part(range.clone());
            match name.as_str() {
                "id" if written.id.is_none() => self.missing_place(name, span),
                "timestamp" if written.timestamp.is_none() => self.missing_place(name, span),
                known if PAYLOAD_HOLES.contains(&known) => {}
                _ => self.unknown_hole(name, span, "part of the message", &PAYLOAD_HOLES),
            }
        }
        if !parsed.holes.iter().any(|(name, _)| name == "body") {
            self.push(
                Diagnostic::new(Code::BadTemplate, payload.span, "a payload without `{body}`")
                    .label("such a signature would hold for any body"),
            );
        }
        parsed.template
    }

    fn missing_place(&mut self, hole: &str, span: Span) {
        self.push(
            Diagnostic::new(
                Code::MissingKey,
                span,
                format!("`{{{hole}}}` is signed, and has no place"),
            )
            .help(format!("say where it stands: `{hole}: {{ header: NAME }}`")),
        );
    }

    /// The place of the id or the time. What is signed apart from the body cannot stand in it.
    fn check_signed_place(
        &mut self,
        written: &syntax::Place,
        meaning: Meaning,
        payload: &Template,
        hole: &str,
    ) -> Option<Place> {
        let place = self.check_place(written, meaning)?;
        self.refuse_several(written, &place);
        let signed = payload.to_string().contains(&format!("{{{hole}}}"));
        if signed && matches!(place.source, Source::Body(_)) {
            self.push(
                Diagnostic::new(
                    Code::BadPlace,
                    written.span,
                    format!("`{{{hole}}}` of the payload stands in the body"),
                )
                .label("a header is expected: the body is read only after the signature holds")
                .help("write it as `{ header: NAME }`, or leave it out of `payload`: the body is signed whole"),
            );
        }
        Some(place)
    }

    /// A delivery has one id, one time and one name.
    fn refuse_several(&mut self, written: &syntax::Place, place: &Place) {
        if let Source::Body(path) = &place.source
            && (path.0.is_empty() || path.0.contains(&Step::Each))
        {
            self.push(
                Diagnostic::new(
                    Code::BadPlace,
                    written.span,
                    format!("`{path}` is not one place of the body"),
                )
                .help("name the field, as in `$.type`"),
            );
        }
    }

    /// When something was sent is a point in time: seconds since 1970 unless said.
    fn check_point_in_time(&mut self, written: &syntax::Signature, mut place: Place) -> Place {
        let formats = written.timestamp.iter().flat_map(|place| &place.format);
        for format in formats {
            if ["seconds", "milliseconds", "duration"].contains(&format.as_str()) {
                self.push(
                    Diagnostic::new(
                        Code::UnknownWord,
                        format.span,
                        format!("`{}` is a span of time, and this is a point in time", format.value),
                    )
                    .help("one of `unix`, `unix_ms`, `rfc3339`, `http_date`"),
                );
            }
        }
        if place.formats.is_empty() {
            place.formats.push(TimeFormat::Unix);
        }
        place
    }

    /// Only of a time that nobody else can write.
    fn check_tolerance(
        &mut self,
        written: &syntax::Signature,
        timestamp: Option<&Place>,
        payload: &Template,
    ) -> Option<Duration> {
        let in_payload = payload.to_string().contains("{timestamp}");
        let signed = timestamp.is_some_and(|place| in_payload || matches!(place.source, Source::Body(_)));
        let Some(tolerance) = &written.tolerance else {
            return signed.then_some(TOLERANCE);
        };
        let checked = self.check_duration(tolerance);
        if written.timestamp.is_none() && in_payload {
            // Its place is missing, which is reported.
        } else if written.timestamp.is_none() {
            self.push(
                Diagnostic::new(Code::MissingKey, tolerance.span, "`tolerance` without `timestamp`")
                    .label("of what?")
                    .help("say where the time stands: `timestamp: { header: NAME }`"),
            );
        } else if timestamp.is_some() && !signed && !has_unknown_hole(payload) {
            self.push(
                Diagnostic::new(
                    Code::ConflictingKeys,
                    tolerance.span,
                    "`tolerance` of a time that is not signed",
                )
                .label("whoever sends an old delivery again can write any time there")
                .help("put `{timestamp}` into `payload` if it is signed, or leave `tolerance` out"),
            );
        }
        checked
    }

    fn check_webhook_secret(&mut self, written: &syntax::WebhookSecret) -> WebhookSecret {
        for env in written.env.iter().flat_map(syntax::PerEnvironment::texts) {
            self.check_env_name(env);
        }
        WebhookSecret {
            env: self.check_per_environment(written.env.as_ref()),
            prefix: text(written.prefix.as_ref()).unwrap_or_default(),
            encoding: self.check_encoding(written.encoding.as_ref()),
        }
    }
}

/// Whether a payload has a hole that is none of its parts, which is reported, and may have been meant to be one.
fn has_unknown_hole(payload: &Template) -> bool {
    let mut parts = payload.0.iter();
    parts.any(|part| matches!(part, TemplatePart::Hole(name) if !PAYLOAD_HOLES.contains(&name.as_str())))
}
