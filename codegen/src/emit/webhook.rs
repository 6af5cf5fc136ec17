//! `webhook.rs`: what the provider calls, typed, and how it proves that it was the provider.

use super::{
    doc, leaf, marker,
    record::{Place as TypePlace, format, rust_type},
    settings::place,
};
use crate::module::Module;
use proc_macro2::TokenStream;
use quote::quote;
use tollgate_descriptor::model::{
    Encoding, Event, Events, Model, Place, Proof, Signature, Source, TemplatePart, Type, Webhooks,
};

/// All fields of a `SignatureSpec`.
const SIGNATURE_FIELDS: usize = 11;

/// The module, if the provider calls.
pub(super) fn emit(model: &Model) -> Option<Module> {
    let webhooks = model.webhooks.as_ref()?;
    let title = doc::title(&model.provider.title);
    let aliases = aliases(model, webhooks, &title);
    let event = match &webhooks.events {
        Events::One(ty) => one(model, ty),
        Events::ByName(events) => by_name(model, events),
    };
    let sender = sender(model, webhooks);
    let signature = match &webhooks.proof {
        Proof::Signed(signature) => Some(signature_static(signature)),
        Proof::Unsigned(_) => None,
    };
    let docs = docs(webhooks, &title);
    let items = quote! { #aliases #event #sender #signature };
    Some(Module::new("webhook", docs, items))
}

fn docs(webhooks: &Webhooks, title: &str) -> Vec<String> {
    let mut lines = vec![format!("What {title} calls."), String::new()];
    match &webhooks.proof {
        Proof::Signed(signature) => lines.extend(signed_docs(signature)),
        Proof::Unsigned(reason) => {
            lines.push(format!(
                "**Nothing proves who sends these**, by the descriptor: {}",
                doc::sentence(reason)
            ));
            lines.push("Take a call as a hint that something has changed, and ask the provider what.".to_owned());
        }
    }
    if let Some(Place {
        source: Source::Header(name),
        ..
    }) = &webhooks.event_name
        && matches!(webhooks.proof, Proof::Signed(_))
    {
        lines.push(String::new());
        lines.push(format!(
            "The name of the event stands in the header {}, which is not signed: what an event holds is proved, \
             what it is called is not.",
            doc::code(name)
        ));
    }
    lines
}

fn signed_docs(signature: &Signature) -> Vec<String> {
    let payload = doc::code(&signature.payload.to_string());
    let header = doc::code(&signature.header);
    let mut lines = vec![format!(
        "Signed with HMAC-SHA256 over {payload}, in the header {header}."
    )];
    let mut secrets: Vec<String> = Vec::new();
    for name in signature.secret.env.iter().flatten().map(|name| doc::code(name)) {
        if !secrets.contains(&name) {
            secrets.push(name);
        }
    }
    if !secrets.is_empty() {
        let secrets = doc::list(&secrets, "or");
        lines.push(format!(
            "[`Webhooks::from_env`] reads the shared secret from {secrets}."
        ));
    }
    let remedy = match &signature.id {
        None => "nothing numbers the deliveries: make what they cause safe to repeat.",
        Some(place) if matches!(place.source, Source::Header(_)) && !signature.signs("id") => {
            "`Delivery::id` numbers the deliveries, and is not signed: it tells a repetition, and not a forgery."
        }
        Some(_) => "remember what was done by `Delivery::id`.",
    };
    lines.push(String::new());
    lines.push(match signature.tolerance {
        Some(tolerance) => format!(
            "A delivery is taken up to {} from when it was signed. Inside of that it may come again: {remedy}",
            span(tolerance)
        ),
        None => format!("The time is not signed, so that a recorded delivery holds for ever: {remedy}"),
    });
    lines
}

fn span(duration: std::time::Duration) -> String {
    let counted = |count: u128, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let millis = duration.as_millis();
    if millis.is_multiple_of(60_000) {
        counted(millis / 60_000, "minute")
    } else if millis.is_multiple_of(1000) {
        counted(millis / 1000, "second")
    } else {
        counted(millis, "millisecond")
    }
}

fn aliases(model: &Model, webhooks: &Webhooks, title: &str) -> TokenStream {
    let marker = marker(model);
    let takes = match &webhooks.proof {
        Proof::Signed(_) => "Verifies and reads",
        Proof::Unsigned(_) => "Reads",
    };
    let docs = doc::line(&format!("{takes} what {title} calls."));
    quote! {
        #docs
        pub type Webhooks = tollgate::webhook::Webhooks<super::#marker>;

        /// One call.
        pub type Delivery = tollgate::webhook::Delivery<Event>;
    }
}

fn one(model: &Model, ty: &Type) -> TokenStream {
    let ty = rust_type(model, ty, TypePlace::Outside);
    quote! {
        /// What a call says.
        pub type Event = #ty;
    }
}

fn by_name(model: &Model, events: &[Event]) -> TokenStream {
    let variants = events.iter().map(|event| {
        let docs = doc::line(&doc::code(&event.wire));
        let name = leaf::name(event.rust.as_str());
        let ty = rust_type(model, &event.ty, TypePlace::Outside);
        quote! {
            #docs
            #name(#ty),
        }
    });
    quote! {
        /// What a call says.
        #[derive(Clone, Debug)]
        pub enum Event {
            #(#variants)*
            /// One that the descriptor does not know, unread.
            Unknown {
                /// As the provider writes it.
                name: String,
                /// What it holds.
                body: tollgate::Bytes,
            },
        }
    }
}

fn sender(model: &Model, webhooks: &Webhooks) -> TokenStream {
    let marker = marker(model);
    let (signature, proof) = match webhooks.proof {
        Proof::Signed(_) => (quote! { Some(&SIGNATURE) }, quote! { tollgate::webhook::Signed }),
        Proof::Unsigned(_) => (quote! { None }, quote! { tollgate::webhook::Unsigned }),
    };
    let event_name = leaf::option(webhooks.event_name.as_ref().map(place));
    let (name, read) = match &webhooks.events {
        Events::One(ty) => (quote! { _ }, read(model, ty)),
        Events::ByName(events) => {
            let arms = events.iter().map(|event| arm(model, event));
            let read = quote! {
                match name {
                    #(#arms)*
                    Some(name) => Ok(Event::Unknown { name: name.to_owned(), body: body.bytes().clone() }),
                    None => Err(body.nameless()),
                }
            };
            (quote! { name }, read)
        }
    };
    quote! {
        impl tollgate::webhook::Sender for super::#marker {
            type Event = Event;
            const WEBHOOKS: &'static tollgate::WebhookSpec = &tollgate::WebhookSpec {
                signature: #signature,
                event_name: #event_name,
            };

            fn read(#name: Option<&str>, body: &tollgate::webhook::Body) -> Result<Event, tollgate::DecodeError> {
                #read
            }
        }

        impl #proof for super::#marker {}
    }
}

fn arm(model: &Model, event: &Event) -> TokenStream {
    let wire = &event.wire;
    let name = leaf::name(event.rust.as_str());
    let read = read(model, &event.ty);
    quote! { Some(#wire) => #read.map(Event::#name), }
}

fn read(model: &Model, ty: &Type) -> TokenStream {
    match format(model, ty) {
        Some(format) => quote! { body.json_as::<#format, _>() },
        None => quote! { body.json() },
    }
}

/// `static SIGNATURE: SignatureSpec`, of which only what differs from the default is written.
fn signature_static(signature: &Signature) -> TokenStream {
    let header = &signature.header;
    let mut fields = vec![quote! { header: #header }];
    if let Some(split) = &signature.split {
        fields.push(quote! { split: Some(#split) });
    }
    if !signature.prefix.is_empty() {
        let prefix = &signature.prefix;
        fields.push(quote! { prefix: #prefix });
    }
    if signature.encoding != Encoding::Hex {
        let encoding = encoding(signature.encoding);
        fields.push(quote! { encoding: #encoding });
    }
    let payload = signature.payload.0.iter().map(signed_part);
    fields.push(quote! { payload: &[#(#payload),*] });
    if let Some(id) = signature.id.as_ref().map(place) {
        fields.push(quote! { id: Some(#id) });
    }
    if let Some(timestamp) = signature.timestamp.as_ref().map(place) {
        fields.push(quote! { timestamp: Some(#timestamp) });
    }
    if let Some(tolerance) = signature.tolerance.map(leaf::duration) {
        fields.push(quote! { tolerance: Some(#tolerance) });
    }
    fields.extend(secret_fields(signature));
    let rest = (fields.len() < SIGNATURE_FIELDS).then(|| quote! { ..tollgate::SignatureSpec::DEFAULT });
    quote! {
        static SIGNATURE: tollgate::SignatureSpec = tollgate::SignatureSpec {
            #(#fields,)*
            #rest
        };
    }
}

fn secret_fields(signature: &Signature) -> Vec<TokenStream> {
    let secret = &signature.secret;
    let mut fields = Vec::new();
    if !secret.prefix.is_empty() {
        let prefix = &secret.prefix;
        fields.push(quote! { secret_prefix: #prefix });
    }
    if let Some(written) = secret.encoding.map(encoding) {
        fields.push(quote! { secret_encoding: Some(#written) });
    }
    let env = secret.env.iter().map(|name| leaf::option(name.as_ref()));
    fields.push(quote! { secret_env: &[#(#env),*] });
    fields
}

fn encoding(encoding: Encoding) -> TokenStream {
    match encoding {
        Encoding::Hex => quote! { tollgate::Encoding::Hex },
        Encoding::Base64 => quote! { tollgate::Encoding::Base64 },
    }
}

fn signed_part(part: &TemplatePart) -> TokenStream {
    match part {
        TemplatePart::Text(text) => quote! { tollgate::SignedPart::Text(#text) },
        TemplatePart::Hole(name) => match name.as_str() {
            "id" => quote! { tollgate::SignedPart::Id },
            "timestamp" => quote! { tollgate::SignedPart::Timestamp },
            _ => quote! { tollgate::SignedPart::Body },
        },
    }
}
