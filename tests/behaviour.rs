//! What the generated clients do, from the call to the socket and back.
//!
//! Most of it runs over loopback against the mock of the same descriptor. Where exact times or bytes matter, answers come
//! from a script, on a clock that stands still.

mod behaviour {
    mod acme;
    mod flex_forward;
    mod flexport;
    mod flxpoint;
    mod secrets;
    mod support;
    mod webhooks;
}
