//! The documentation says what is true: whole descriptors in it are sound, and what is quoted from a file stands there.

use crate::program::run_with_input;
use std::fs;
use std::path::{Path, PathBuf};

const QUOTE: &str = "<!-- from ";

/// A fenced block of a page: its language, its text, and the comment line before it.
struct Block {
    language: String,
    text: String,
    comment: String,
}

#[test]
fn whole_descriptors_are_sound() {
    let mut seen = 0;
    for page in pages() {
        for block in blocks(&page) {
            if block.language == "yaml" && block.text.starts_with("descriptor: 1") && !block.comment.starts_with(QUOTE)
            {
                let run = run_with_input(&["check", "--deny-lints", "-"], &block.text);
                assert_eq!(run.code, Some(0), "{}:\n{run}", page.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 0, "the language page has one");
}

#[test]
fn quotations_stand_in_the_quoted_file() {
    let mut seen = 0;
    for page in pages() {
        for block in blocks(&page) {
            let Some(file) = block
                .comment
                .strip_prefix(QUOTE)
                .and_then(|rest| rest.strip_suffix(" -->"))
            else {
                continue;
            };
            let text = fs::read_to_string(root().join(file)).expect("the quoted file is there");
            assert!(
                text.contains(&block.text),
                "{} does not quote {file}:\n{}",
                page.display(),
                block.text
            );
            seen += 1;
        }
    }
    assert!(seen > 0, "the README quotes its example");
}

#[test]
fn links_between_pages_lead_somewhere() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("it is there");
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target)
        {
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            let folder = page.parent().expect("a page is in a folder");
            assert!(folder.join(file).exists(), "{} links to {target}", page.display());
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the crate is in the workspace")
}

fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = ["README.md", "ARCHITECTURE.md"]
        .iter()
        .map(|page| root().join(page))
        .collect();
    let docs = fs::read_dir(root().join("docs")).expect("the folder of the pages");
    pages.extend(docs.map(|entry| entry.expect("an entry").path()));
    pages
}

fn blocks(page: &Path) -> Vec<Block> {
    let text = fs::read_to_string(page).expect("it is there");
    let mut blocks = Vec::new();
    let mut open: Option<Block> = None;
    let mut comment = String::new();
    for line in text.lines() {
        let fence = line.strip_prefix("```");
        match (&mut open, fence) {
            (None, Some(language)) => {
                let (language, comment) = (language.to_owned(), std::mem::take(&mut comment));
                open = Some(Block {
                    language,
                    text: String::new(),
                    comment,
                });
            }
            (None, None) if !line.is_empty() => line.clone_into(&mut comment),
            (None, None) => {}
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
        }
    }
    blocks
}
