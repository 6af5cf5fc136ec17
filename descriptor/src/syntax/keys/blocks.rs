//! The blocks, and the keys of each.

use super::{Block, Key};

/// The words that may stand at the top, on a resource and on an operation; the innermost wins, whole.
pub static SETTINGS: &[Key] = &[
    key!(
        "scope",
        "the scope that a call needs: one, a list for all of them, or `{ any: [...] }`"
    ),
    key!(
        "rate_limit",
        "the budgets that a call is taken from, or `{ none: \"reason\" }`"
    ),
    key!("pager", "how a list is paged, or `{ none: \"reason\" }`"),
    key!("retry", "what is tried again and how often, or `{ none: \"reason\" }`"),
    key!("errors", "where the body of a failure says what"),
    key!(
        "classify",
        "rules that say what kind of failure an answer is; the first that matches wins"
    ),
    key!(
        "unwrap",
        "the place that success bodies are wrapped in, or `{ body, when }`; `$` for none"
    ),
    key!("headers", "constant request headers; may hold `{variable}` holes"),
    key!("formats", "how lists, numbers and times are written"),
    key!("host", "the entry of `hosts` that is called instead of `base_url`"),
    key!("timeout", "how long one attempt may take"),
];

blocks! {
    /// The main file.
    DESCRIPTOR "a descriptor" at "top" with settings {
        ("descriptor", required, "the version of the language, 1")
        ("provider", required, "the name that the client gets, in snake case")
        ("title", "the provider's name for readers")
        ("docs", "the address of the provider's documentation, or a text")
        ("checked", "the day these facts were last compared with the provider's documentation")
        ("include", "other files of this descriptor; an entry stands in one file only")
        ("allow", "lints that are silenced, each with a reason")
        ("openapi", "an OpenAPI document that completes this descriptor")
        ("environments", required, "where the provider answers; the first is the default")
        ("variables", "values that differ per customer: subdomain, region, tenant")
        ("schemes", "how a secret travels")
        ("tokens", "the kinds of secret; each becomes a type")
        ("scopes", "the scope matrix: each scope with the tokens that hold it")
        ("roles", "the scopes that a token's value may be limited to")
        ("rate_limits", "budgets of requests")
        ("pagers", "ways to page through a list")
        ("health_check", "the operation that tells whether a token works")
        ("resources", required, "the operations, grouped")
        ("webhooks", "the calls that the provider makes")
        ("models", "the shapes of the data")
    }
    /// A file named under `include`.
    INCLUDED "an included file" at "included file" {
        ("allow", "lints that are silenced, each with a reason")
        ("environments", "where the provider answers")
        ("variables", "values that differ per customer: subdomain, region, tenant")
        ("schemes", "how a secret travels")
        ("tokens", "the kinds of secret; each becomes a type")
        ("scopes", "the scope matrix: each scope with the tokens that hold it")
        ("roles", "the scopes that a token's value may be limited to")
        ("rate_limits", "budgets of requests")
        ("pagers", "ways to page through a list")
        ("resources", "the operations, grouped")
        ("models", "the shapes of the data")
    }
    /// An entry of `allow`.
    ALLOW "an entry of `allow`" at "allow" {
        ("lint", required, "the number or the name of the lint")
        ("reason", required, "why it is silenced")
    }
    /// `openapi`.
    OPENAPI "`openapi`" at "openapi" {
        ("file", required, "the document, relative to this file")
        ("skip", "operations that are left out, each with the reason; a name may end in `*`")
    }
    /// An environment.
    ENVIRONMENT "an environment" at "environments" {
        ("base_url", required, "the URL that paths are put behind; may hold `{variable}` holes")
        ("hosts", "other hosts by name, for `host`")
        ("docs", "a text for readers")
    }
    /// A variable.
    VARIABLE "a variable" at "variables" {
        ("env", "the environment variable that it is read from")
        ("pattern", "a regular expression that the value must match")
        ("enum", "the values that it may have")
        ("default", "the value where none is given")
        ("docs", "a text for readers")
    }
    /// A scheme.
    SCHEME "a scheme" at "schemes" {
        ("header", "header name and template")
        ("query", "query parameter and template")
        ("cookie", "cookie name and template")
        ("body", "body parameter and template; for a signer")
        ("basic", "HTTP Basic, `{ username, password }`")
        ("signer", "what computes `{signature}`: `jwt`, `hmac`, `aws_sigv4`, or a name that the client is given code for")
        ("options", "what the signer is told")
    }
    /// HTTP Basic.
    BASIC "`basic`" at "schemes.basic" {
        ("username", required, "the template of the user")
        ("password", required, "the template of the password")
    }
    /// A token.
    TOKEN "a token" at "tokens" {
        ("scheme", required, "how it travels: one of `schemes`, `bearer`, `none`, or `{ basic: ... }`")
        ("env", "the environment variable that it is read from; may differ per environment")
        ("fields", "its parts, where there is more than `token`")
        ("format", "what its value looks like; a value that does not match warns")
        ("roles", "`any`, or the roles that a value may have")
        ("grant", "how it is got, where it is short-lived")
        ("docs", "a text for readers")
    }
    /// A part of a token.
    TOKEN_FIELD "a field of a token" at "tokens.fields" {
        ("env", "the environment variable that it is read from; may differ per environment")
        ("secret", "whether it is secret; `true` where absent")
        ("optional", "whether it may be unset; its header is then left out")
    }
    /// The look of a token.
    TOKEN_FORMAT "the format of a token" at "tokens.format" {
        ("prefix", "what it begins with; may differ per environment")
        ("pattern", "a regular expression that it matches")
    }
    /// A grant.
    GRANT "a grant" at "tokens.grant" {
        ("type", required, "`client_credentials`, `refresh_token` or `exchange`")
        ("url", "where it is asked for: absolute, or a path below `base_url`")
        ("call", "an operation of this descriptor, `resource.operation`, instead of `url`")
        ("with", "the tokens that may make the call")
        ("client_auth", "how the client proves itself: `basic`, `body`, or a scheme")
        ("body", "`form` or `json`")
        ("params", "further params of the request")
        ("response", "where the answer holds the token and its end")
        ("lifetime", "how long it lasts where the answer does not say")
        ("rate_limit", "the budgets of the token endpoint")
        ("persist", "whether it is kept across restarts")
    }
    /// The answer to a grant.
    GRANT_RESPONSE "the response of a grant" at "tokens.grant.response" {
        ("token", required, "the place of the token")
        ("expires_in", "the place of how long it lasts")
        ("expires_at", "the place of when it ends")
        ("refresh_token", "the place of a new refresh token, which replaces the stored one")
    }
    /// A scope.
    SCOPE "a scope" at "scopes" {
        ("tokens", required, "the token types that hold it")
        ("docs", "a text for readers")
        ("name", "the provider's own name of it")
        ("always", "whether it is held whatever the role")
    }
    /// `scope`, long.
    SCOPE_USE "`scope`" at "scope" {
        ("any", required, "scopes of which one is enough")
    }
    /// A role, long.
    ROLE "a role" at "roles" {
        ("all_except", required, "the scopes that it does not list")
    }
    /// `{ none: "reason" }`.
    NONE "an opt-out" at "rate_limit, pager, retry" {
        ("none", required, "why there is none")
    }
    /// A rate limit.
    RATE_LIMIT "a rate limit" at "rate_limits" {
        ("limit", required, "how many")
        ("window", "in how long; `concurrency` has none")
        ("algorithm", "`sliding`, `fixed`, `bucket` or `concurrency`")
        ("burst", "the size of a bucket")
        ("per", "what has a budget of its own: `token`, `operation`, `{ param: name }`")
        ("counts", "`calls`, or `cost` for the operation's own")
        ("for", "the tokens that it holds for, `{ tokens: [...] }`")
        ("learn", "where the answers tell the budget; it is only ever lowered")
    }
    /// `for`.
    FOR "`for`" at "rate_limits.for" {
        ("tokens", required, "the token types that it holds for")
    }
    /// `{ param: name }`.
    PER "an entry of `per`" at "rate_limits.per" {
        ("param", required, "the param whose values have a budget each")
    }
    /// `learn`.
    LEARN "`learn`" at "rate_limits.learn" {
        ("limit", "the place of the whole budget")
        ("remaining", "the place of what is left")
        ("used", "the place of what is gone")
        ("reset", "the place of when it is whole again")
    }
    /// A pager.
    PAGER "a pager" at "pagers" {
        ("type", required, "`page`, `offset`, `cursor`, `link` or `next_url`")
        ("items", "the place of the array in the answer; `$` where absent")
        ("page_size", "the parameter for how many, `{ name, default, max }`")
        ("total", "the place of the count of all items")
        ("page", "`page`: the parameter for the number of the page")
        ("first", "`page`: the number of the first page; 1 where absent")
        ("offset", "`offset`: the parameter for how many to leave out")
        ("cursor", "`cursor`: the parameter for the cursor")
        ("next", "`cursor`, `next_url`: the place of what leads to the next page")
        ("last", "`cursor`: the place of the cursor in the last item")
        ("more", "`cursor`: the place of a bool that says whether more follows")
        ("rel", "`link`: the relation; `next` where absent")
        ("stop", "`short_page`, only for providers that promise full pages before the last")
    }
    /// `page_size`.
    PAGE_SIZE "`page_size`" at "pagers.page_size" {
        ("name", required, "the parameter")
        ("default", "what is sent where nothing else is asked for")
        ("max", "the most that the provider takes")
    }
    /// A place, long.
    PLACE "a place" at "any place" {
        ("body", "a path in the body, `$.a.b`")
        ("header", "a header")
        ("format", "how the text there means a time; several are tried in order")
        ("pattern", "a regular expression whose first group is taken")
    }
    /// A retry policy.
    RETRY "`retry`" at "retry" {
        ("max_attempts", "how many tries, the first one counted")
        ("when", "what is tried again: `network`, `timeout`, and kinds of failure")
        ("wait_from", "places where the answer says how long to wait; `Retry-After` if not said")
        ("backoff", "how long to wait otherwise")
        ("max_wait", "a longer hint is an error that carries it")
    }
    /// `backoff`.
    BACKOFF "`backoff`" at "retry.backoff" {
        ("initial", "the first wait")
        ("factor", "what each wait is multiplied with")
        ("max", "the longest wait")
        ("jitter", "the share of a wait that is random, 0 to 1")
    }
    /// `errors`.
    ERRORS "`errors`" at "errors" {
        ("body", "the model of a failure's body")
        ("message", "places of a text for people; the first that holds one")
        ("code", "places of a code for programs")
        ("request_id", "places of the provider's number of the request")
    }
    /// A rule of `classify`.
    RULE "a rule of `classify`" at "classify" {
        ("when", required, "what must hold, all of it")
        ("kind", required, "the kind of failure that it then is")
        ("hint", "what to tell the caller")
        ("body", "the model of this failure's body")
    }
    /// `when`.
    WHEN "`when`" at "classify.when" {
        ("status", "a status, a class as `2xx`, or a list")
        ("code", "the code, or a list")
        ("header", "headers with their values")
        ("body", "places in the body with their values")
        ("present", "a place that holds something")
    }
    /// `unwrap` that does not always hold.
    UNWRAP "`unwrap`" at "unwrap" {
        ("body", required, "the place that success bodies are wrapped in")
        ("when", required, "places in the body with their values; where they do not hold, nothing wraps it")
    }
    /// `formats`.
    FORMATS "`formats`" at "formats" {
        ("array", "lists in queries and forms: `repeat`, `comma` or `brackets`")
        ("decimal", "decimals in JSON: `number` or `string`")
        ("int", "integers in JSON: `number` or `string`")
        ("datetime", "points in time: `rfc3339`, `unix` or `unix_ms`")
    }
    /// A resource.
    RESOURCE "a resource" at "resources" with settings {
        ("docs", "a text for readers")
        ("operations", required, "its operations")
    }
    /// An operation.
    OPERATION "an operation" at "resources.operations" with settings {
        ("get", "the path of a GET")
        ("post", "the path of a POST")
        ("put", "the path of a PUT")
        ("patch", "the path of a PATCH")
        ("delete", "the path of a DELETE")
        ("head", "the path of a HEAD")
        ("from", "the operation of the OpenAPI document: its id, or `POST /path`")
        ("params", "what it takes besides the body")
        ("body", "the type of the body")
        ("returns", "the type of the answer, by status, or a stream; without it the answer is not decoded")
        ("content", "`json`, `form`, `multipart`, `binary`, or a media type")
        ("batch", "how many elements the body may hold")
        ("max_body", "how large the body may be")
        ("idempotent", "whether it may be repeated without harm")
        ("idempotency_key", "the place of a key that makes it so")
        ("cost", "how much it takes from budgets that count cost")
        ("one_of", "lists of params of which exactly one is given")
        ("at_most_one", "lists of params of which one may be given")
        ("examples", "calls with their answers, for documentation, tests and the mock")
        ("deprecated", "`true`, a text, or `{ use, since, removed }`")
        ("docs", "a text for readers")
    }
    /// A param, long.
    PARAM "a param" at "params" {
        ("in", "`path`, `query`, `header` or `body`")
        ("name", "the wire name where the key is not, or the place in the body")
        ("type", "its type; `!` where it is required")
        ("const", "a value that is always sent and is not in the Rust type")
        ("style", "how a list is written: `repeat`, `comma` or `brackets`")
        ("enum", "the values that it may have")
        ("max_items", "the most elements that the provider takes")
        ("by_token", "token and `required`, `optional` or `absent`")
        ("slashes", "slashes in a path value: `encode` or `keep`")
        ("deprecated", "`true`, a text, or `{ use, since, removed }`")
        ("docs", "a text for readers")
    }
    /// A stream.
    STREAM "a stream" at "returns" {
        ("stream", required, "`sse` or `lines`")
        ("of", required, "the type of each piece")
        ("end", "the text that ends it")
    }
    /// `batch`.
    BATCH "`batch`" at "batch" {
        ("max_items", required, "the most elements of one call")
        ("split", "whether more are sent as several calls")
        ("items", "the place of the array in the body, where it is not the body itself")
    }
    /// An example.
    EXAMPLE "an example" at "examples" {
        ("params", "params by key")
        ("body", "the body that is sent")
        ("status", "the status of the answer")
        ("reply", "the body of the answer")
    }
    /// `deprecated`, long.
    DEPRECATED "`deprecated`" at "deprecated" {
        ("use", "what to use instead")
        ("since", "since when")
        ("removed", "when it goes away")
    }
    /// `webhooks`.
    WEBHOOKS "`webhooks`" at "webhooks" {
        ("signature", required, "how a call proves where it comes from, or `{ none: \"reason\" }`")
        ("event_name", "the place of what happened; required where events have names")
        ("events", required, "name and model, or one model for all")
    }
    /// A signature.
    SIGNATURE "a signature" at "webhooks.signature" {
        ("algorithm", required, "`hmac_sha256`")
        ("header", required, "the header that holds the signature")
        ("split", "what separates several signatures; any may match")
        ("prefix", "what a signature begins with")
        ("encoding", "`hex`, the default, or `base64`")
        ("payload", required, "the template of what is signed, over `{id}`, `{timestamp}` and `{body}`")
        ("id", "the place of the number of the delivery")
        ("timestamp", "the place of when it was sent; `unix` unless `format` says else")
        ("tolerance", "how far from now that may be; 5m unless said, where the time is signed")
        ("secret", required, "the shared secret, `{ env, prefix, encoding }`")
    }
    /// The secret of a signature.
    WEBHOOK_SECRET "the secret of a signature" at "webhooks.signature.secret" {
        ("env", required, "the environment variable that it is read from")
        ("prefix", "what it begins with and what does not belong to the key")
        ("encoding", "how the rest is written: `hex` or `base64`; the key itself unless said")
    }
    /// The keys of a model that are about the model.
    MODEL "a model" at "models" {
        ("$docs", "a text for readers")
        ("$enum", "its values: a list, or name and wire value; an unknown value is kept")
        ("$union", "one of several models, `{ tag, variants }`")
        ("$alias", "another name of a type")
        ("$open", "what is known is partial: unknown fields are kept reachable")
        ("$from", "a schema of the OpenAPI document")
        ("$one_of", "lists of fields of which exactly one is given")
        ("$at_most_one", "lists of fields of which one may be given")
    }
    /// `$union`.
    UNION "`$union`" at "models.$union" {
        ("tag", "the field that tells the variants apart")
        ("variants", "value of the tag and model, or `{ name, type }`")
        ("kinds", "instead of both: `object`, `list`, `text`, `number`, `bool` and model")
    }
    /// A variant of a union, long.
    VARIANT "a variant of a union" at "models.$union.variants" {
        ("type", required, "the model")
        ("name", "the value of the tag, where the key is the Rust name")
    }
    /// A field, long.
    FIELD "a field" at "models" {
        ("type", "its type; `!` where it is required")
        ("name", "the wire name, where the key is the Rust name")
        ("const", "a value that is always sent and is not in the Rust type")
        ("format", "how a number or a time is written")
        ("style", "how a list is written into a form: `repeat`, `comma` or `brackets`")
        ("content", "the media type of a part of a multipart body")
        ("max_items", "the most elements that the provider takes")
        ("deprecated", "`true`, a text, or `{ use, since, removed }`")
        ("docs", "a text for readers")
    }
}
