//! Finds the operations that a method and a path mean.

use tollgate_descriptor::model::{
    Environment, Model, Operation, ParamPlace, PathPart, Settings, Template, TemplatePart,
};

/// What a path separator is among the decoded bytes of a path; an encoded `%2F` is an ordinary byte.
const SLASH: u16 = 256;

/// A call that the server answers: an operation and where it is reached.
#[derive(Debug)]
pub(crate) struct Endpoint {
    /// `orders.list`
    pub(crate) id: String,
    resource: usize,
    operation: usize,
    pieces: Vec<Piece>,
    /// One number per segment, lower for more literal ones: of two routes that fit, the lower wins.
    rank: Vec<u8>,
}

impl Endpoint {
    pub(crate) fn operation<'m>(&self, model: &'m Model) -> &'m Operation {
        &model.resources[self.resource].operations[self.operation]
    }

    /// Whether it is the operation at this position of this resource.
    pub(crate) fn is(&self, resource: usize, operation: usize) -> bool {
        (self.resource, self.operation) == (resource, operation)
    }

    pub(crate) fn settings<'m>(&self, model: &'m Model) -> &'m Settings {
        model.setting(self.operation(model).settings)
    }
}

#[derive(Debug)]
enum Piece {
    Text(Vec<u16>),
    Hole { part: PathPart, slashes: bool },
}

/// What stood in the holes of a path, decoded.
pub(crate) type Captures = Vec<(PathPart, String)>;

/// What a router says of a request.
#[derive(Debug)]
pub(crate) enum Match {
    /// Positions of endpoints that share the best route. Never empty.
    Endpoints(Vec<(usize, Captures)>),
    /// The path is known under other methods.
    OtherMethods(Vec<&'static str>),
    /// Not a path of the descriptor.
    Nothing,
}

/// All routes of a model.
#[derive(Debug)]
pub(crate) struct Router {
    pub(crate) endpoints: Vec<Endpoint>,
    base: String,
    /// Paths that stand for the extra hosts, by their position.
    hosts: Vec<String>,
}

impl Router {
    pub(crate) fn new(model: &Model, environment: &Environment) -> Self {
        let path = |url: &Template| base_path(model, url);
        let hosts = environment
            .hosts
            .iter()
            .map(|(name, url)| format!("/@host/{name}{}", path(url)));
        Self {
            endpoints: endpoints(model),
            base: path(&environment.base_url),
            hosts: hosts.collect(),
        }
    }

    /// The path under which a host's operations are reached; the base URL's without a host.
    pub(crate) fn prefix(&self, host: Option<usize>) -> &str {
        host.and_then(|host| self.hosts.get(host)).unwrap_or(&self.base)
    }

    pub(crate) fn find(&self, model: &Model, method: &str, path: &str) -> Match {
        let fits: Vec<_> = self.fits(model, path).collect();
        let mut best: Vec<(usize, Captures)> = Vec::new();
        for (index, captures) in &fits {
            let endpoint = &self.endpoints[*index];
            if endpoint.operation(model).method.as_str() != method {
                continue;
            }
            let leader = best.first().map(|(leader, _)| &self.endpoints[*leader].rank);
            match leader.map(|leader| endpoint.rank.cmp(leader)) {
                Some(std::cmp::Ordering::Greater) => {}
                Some(std::cmp::Ordering::Less) => best = vec![(*index, captures.clone())],
                Some(std::cmp::Ordering::Equal) | None => best.push((*index, captures.clone())),
            }
        }
        if !best.is_empty() {
            return Match::Endpoints(best);
        }
        let mut methods: Vec<_> = fits
            .iter()
            .map(|(at, _)| self.endpoints[*at].operation(model).method.as_str())
            .collect();
        methods.sort_unstable();
        methods.dedup();
        if methods.is_empty() {
            Match::Nothing
        } else {
            Match::OtherMethods(methods)
        }
    }

    fn fits(&self, model: &Model, path: &str) -> impl Iterator<Item = (usize, Captures)> {
        self.endpoints.iter().enumerate().filter_map(move |(index, endpoint)| {
            let path = path.strip_prefix(self.prefix(endpoint.settings(model).host))?;
            let letters = letters(path);
            let mut ranges = Vec::new();
            fit(&endpoint.pieces, &letters, 0, &mut ranges)
                .then(|| (index, captures(&endpoint.pieces, &letters, &ranges)))
        })
    }

    /// A path with everything hidden that no route names: it could be a secret.
    pub(crate) fn redact(&self, path: &str) -> String {
        let known = |segment: &str| {
            let letters = letters(segment);
            let in_route = |piece: &Piece| matches!(piece, Piece::Text(text) if text.split(|letter| *letter == SLASH).any(|text| text == letters));
            let mut prefixes = self
                .hosts
                .iter()
                .chain([&self.base])
                .flat_map(|prefix| prefix.split('/'));
            prefixes.any(|prefix| prefix == segment)
                || self
                    .endpoints
                    .iter()
                    .any(|endpoint| endpoint.pieces.iter().any(in_route))
        };
        let segments: Vec<_> = path
            .split('/')
            .map(|segment| if known(segment) { segment } else { "…" })
            .collect();
        segments.join("/")
    }
}

fn endpoints(model: &Model) -> Vec<Endpoint> {
    let resources = model.resources.iter().enumerate();
    let each = resources.flat_map(|(at, resource)| {
        let operations = resource.operations.iter().enumerate();
        operations.map(move |(index, operation)| {
            let pieces = pieces(operation);
            Endpoint {
                id: format!("{}.{}", resource.name, operation.name),
                resource: at,
                operation: index,
                rank: rank(&pieces),
                pieces,
            }
        })
    });
    each.collect()
}

fn pieces(operation: &Operation) -> Vec<Piece> {
    let keeps_slashes = |name: &str| {
        let keeps = |place: &ParamPlace| matches!(place, ParamPlace::Path { keep_slashes: true });
        operation
            .params
            .iter()
            .any(|param| param.wire == *name && keeps(&param.place))
    };
    let piece = |part: &PathPart| match part {
        PathPart::Text(text) => Piece::Text(letters(text)),
        PathPart::Param(name) => Piece::Hole {
            slashes: keeps_slashes(name),
            part: part.clone(),
        },
        PathPart::Variable(_) | PathPart::TokenField(_) => Piece::Hole {
            slashes: false,
            part: part.clone(),
        },
    };
    operation.path.iter().map(piece).collect()
}

/// The path of a base URL, variables filled with their defaults.
pub(crate) fn base_path(model: &Model, url: &Template) -> String {
    let part = |part: &TemplatePart| match part {
        TemplatePart::Text(text) => text.clone(),
        TemplatePart::Hole(name) => variable(model, name),
    };
    let url: String = url.0.iter().map(part).collect();
    let after_scheme = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let path = after_scheme.find('/').map_or("", |slash| &after_scheme[slash..]);
    path.trim_end_matches('/').to_owned()
}

fn variable(model: &Model, name: &str) -> String {
    let variable = model.variables.iter().find(|variable| variable.name == name);
    let value = variable.and_then(|variable| variable.default.clone().or_else(|| variable.allowed.first().cloned()));
    value.unwrap_or_else(|| format!("test-{name}"))
}

/// The bytes of a path, decoded, separators told apart from encoded slashes.
fn letters(path: &str) -> Vec<u16> {
    let mut letters = Vec::with_capacity(path.len());
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            letters.push(SLASH);
        }
        letters.extend(percent_encoding::percent_decode_str(segment).map(u16::from));
    }
    letters
}

fn text(letters: &[u16]) -> String {
    let bytes: Vec<u8> = letters
        .iter()
        .map(|letter| u8::try_from(*letter).unwrap_or(b'/'))
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn fit(pieces: &[Piece], letters: &[u16], at: usize, ranges: &mut Vec<(usize, usize)>) -> bool {
    match pieces.split_first() {
        None => at == letters.len(),
        Some((Piece::Text(text), rest)) => {
            letters[at..].starts_with(text) && fit(rest, letters, at + text.len(), ranges)
        }
        Some((Piece::Hole { slashes, .. }, rest)) => {
            for end in at + 1..=letters.len() {
                if letters[end - 1] == SLASH && !slashes {
                    return false;
                }
                ranges.push((at, end));
                if fit(rest, letters, end, ranges) {
                    return true;
                }
                ranges.pop();
            }
            false
        }
    }
}

fn captures(pieces: &[Piece], letters: &[u16], ranges: &[(usize, usize)]) -> Captures {
    let holes = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(_) => None,
        Piece::Hole { part, .. } => Some(part.clone()),
    });
    holes
        .zip(ranges)
        .map(|(part, (from, to))| (part, text(&letters[*from..*to])))
        .collect()
}

fn rank(pieces: &[Piece]) -> Vec<u8> {
    const LITERAL: u8 = 0;
    const MIXED: u8 = 1;
    const HOLE: u8 = 2;
    const MANY: u8 = 3;

    let mut ranks = Vec::new();
    let (mut literal, mut hole) = (false, None);
    let segment = |literal: bool, hole: Option<u8>| match hole {
        None => LITERAL,
        Some(HOLE) if literal => MIXED,
        Some(hole) => hole,
    };
    for piece in pieces {
        match piece {
            Piece::Hole { slashes, .. } => hole = hole.max(Some(if *slashes { MANY } else { HOLE })),
            Piece::Text(text) => {
                for letter in text {
                    if *letter == SLASH {
                        ranks.push(segment(literal, hole));
                        (literal, hole) = (false, None);
                    } else {
                        literal = true;
                    }
                }
            }
        }
    }
    ranks.push(segment(literal, hole));
    ranks
}
